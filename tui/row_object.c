/* Rows and the objects that they are of. */
#include <config.h>

#include "tui/row_object.h"

#include "backends/kubernetes/kube_kind.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 512

static const struct kube_kind *kube_kind_of(const struct kind *kind)
{
    for (const struct kube_kind *const *k = kube_kinds; *k; k++)
        if ((*k)->kind == kind)
            return *k;
    return NULL;
}

bool row_is_object(const struct kind *kind)
{
    return kube_kind_of(kind) != NULL;
}

static bool has_word(const char *words, const char *word)
{
    struct span rest = span_from(words), one;
    while (span_split(&rest, ' ', &one))
        if (span_is(one, word))
            return true;
    return false;
}

bool row_takes(const struct kind *kind, const struct action *action)
{
    if (strcmp(action->kind, KIND_ANY) == 0)
        return kube_kind_of(kind) != NULL;
    return has_word(action->kind, kind->name);
}

/* ---- What a row stands for. */

/* A pod is restarted by its workload, what issues a certificate by that. */
static const struct {
    const char *kind;
    enum link_type type;
    bool back;           /* the rows that link here */
    const char *actions; /* of what it stands for, these alone; NULL: all */
} stands[] = {
    {"pod", LINK_OWNER, false, NULL},
    {"replicaset", LINK_OWNER, false, NULL},
    {"image", LINK_IMAGE, true, NULL},
    {"event", LINK_ABOUT, false, NULL},
    {"secret", LINK_OWNER, false, NULL},
    {"certificaterequest", LINK_OWNER, false, NULL},
    {"order", LINK_OWNER, false, NULL},
    {"challenge", LINK_OWNER, false, NULL},
    {"backup", LINK_BACKUP, false, "backup restore-to"},
    {"backup-schedule", LINK_OWNER, false, "backup"},
    {"backup-storage", LINK_OWNER, false, "backup"},
    {"pitr", LINK_OWNER, false, "backup restore-to"},
    {"app", LINK_PART, false, NULL},
    {"public-host", LINK_PART, false, NULL},
    {"dns-name", LINK_ROUTE, false, NULL},
    {"haproxy-server", LINK_OWNER, false, NULL},
};

static bool add_meant(struct row_meant *m, struct handle row, const char *actions)
{
    for (size_t i = 0; i < m->count; i++)
        if (handle_equal(m->row[i], row))
            return true;
    if (m->count == ROW_MEANT_MAX)
        return false;
    m->actions[m->count] = actions;
    m->row[m->count++] = row;
    return true;
}

static bool follow_links(const struct store *st, struct handle row, enum link_type type,
                         const char *actions, struct row_meant *m)
{
    struct handle to;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (l.type == type && store_follow(st, row, &l, &to) == LINK_FOUND &&
            !add_meant(m, to, actions))
            return false;
    return true;
}

static bool follow_back(const struct store *st, struct handle row, enum link_type type,
                        const char *actions, struct row_meant *m)
{
    struct handle from;
    enum link_type of;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &from, &of))
        if (of == type && store_alive(st, from) && !add_meant(m, from, actions))
            return false;
    return true;
}

void row_means(const struct store *st, struct handle row, struct row_meant *m)
{
    bool all = true;
    m->count = 0;
    (void)add_meant(m, row, NULL);
    for (size_t at = 0; all && at < m->count; at++) {
        const char *name = store_kind(st, m->row[at].kind)->name;
        for (size_t i = 0; all && i < BN_COUNT(stands); i++) {
            const char *actions = m->actions[at] ? m->actions[at] : stands[i].actions;
            if (strcmp(stands[i].kind, name) != 0)
                continue;
            all = (stands[i].back ? follow_back : follow_links)(st, m->row[at], stands[i].type,
                                                                actions, m);
        }
    }
    if (!all) /* which of so many is meant nobody knows */
        m->count = 1;
}

bool row_of_action(const struct store *st, const struct row_meant *m, const struct action *action,
                   struct handle *out)
{
    size_t found = 0;
    if (row_takes(store_kind(st, m->row[0].kind), action)) {
        *out = m->row[0];
        return true;
    }
    for (size_t i = 1; i < m->count && strcmp(action->kind, KIND_ANY) != 0; i++)
        if ((!m->actions[i] || has_word(m->actions[i], action->name)) &&
            row_takes(store_kind(st, m->row[i].kind), action)) {
            *out = m->row[i];
            found++;
        }
    return found == 1;
}

/* ---- Its object. */

static bool set(struct answers *a, const char *field, struct span value, struct err *err)
{
    char text[WORD_MAX];
    (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(value));
    return !value.len || answers_set(a, field, text, err);
}

bool row_object(const struct store *st, struct handle row, struct answers *a, struct err *err)
{
    const struct kube_kind *k = kube_kind_of(store_kind(st, row.kind));
    char resource[WORD_MAX];
    struct span ns, name;
    size_t which;
    if (!k || !kube_key_parts(k, store_key(st, row), &which, &ns, &name))
        return err_set(err, ERR_CONFIG, "the row is of no object of the API server");
    const struct kube_resource *r = (k->from ? k->from : k)->resources + which;
    (void)snprintf(resource, sizeof(resource), "%s%s%s", r->plural, r->group[0] ? "." : "",
                   r->group);
    return set(a, "resource", span_from(resource), err) && set(a, "name", name, err) &&
           set(a, "namespace", ns, err);
}
