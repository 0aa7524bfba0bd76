/* vault-delete, vault-undelete, vault-destroy, vault-rollback: what becomes of versions of a secret
 * [developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2]. */
#include <config.h>

#include "actions/vault.h"
#include "base/number.h"

#include <stdlib.h>
#include <string.h>

#define VERSIONS_MAX 64

static const struct field newest_fields[] = {
    VAULT_PATH_FIELDS,
    {"versions", FIELD_TEXT, NULL, "", "numbers, ',' between them; \"\": the newest", NULL},
    VAULT_REFRESH_FIELD,
    {NULL},
};
static const struct field destroy_fields[] = {
    VAULT_PATH_FIELDS,
    {"versions", FIELD_TEXT, NULL, NULL, "which versions, ',' between them", NULL},
    {NULL},
};
static const struct field rollback_fields[] = {
    VAULT_PATH_FIELDS,
    {"version", FIELD_COUNT, NULL, NULL, "the former version that is to be the newest", NULL},
    VAULT_REFRESH_FIELD,
    {NULL},
};

/* Of all that were named, those that are not yet as they should be. */
struct versions {
    int64_t all[VERSIONS_MAX];
    size_t count;
    const char *text, *left; /* "3, 4": all, and those that are left; the plan's */
    size_t nleft;
};

static bool read_versions(struct plan *p, const struct answers *in, const struct vault_secret *s,
                          struct versions *v, struct err *err)
{
    struct span rest = span_from(answers_get(in, "versions")), word;
    *v = (struct versions){.text = "", .left = ""};
    if (!s->metadata)
        return err_set(err, ERR_NOTFOUND,
                       "%s: there is no such secret, or its metadata may not be read", s->name);
    if (!rest.len)
        v->all[v->count++] = s->version;
    while (rest.len && span_split(&rest, ',', &word))
        if (v->count == VERSIONS_MAX ||
            !number_parse(span_trim(word), 1, INT64_C(1) << 40, &v->all[v->count++]))
            return err_set(err, ERR_CONFIG, "--versions: numbers with `,` between them, at most %d",
                           VERSIONS_MAX);
    for (size_t i = 0; i < v->count; i++)
        v->text = plan_text(p, "%s%s%lld", v->text, i ? ", " : "", (long long)v->all[i]);
    return true;
}

/* Fills what is left of them to be brought into a state. */
static bool leave_out(struct target *t, struct plan *p, const struct vault_secret *s,
                      struct versions *v, enum vault_state wanted, struct err *err)
{
    for (size_t i = 0; i < v->count; i++) {
        const enum vault_state is = vault_version_state(t, json_doc_root(s->metadata), v->all[i]);
        const long long n = v->all[i];
        if (is == VAULT_ABSENT)
            return err_set(err, ERR_NOTFOUND, "%s has no version %lld; the newest is %lld", s->name,
                           n, (long long)s->version);
        if (is == VAULT_DESTROYED && wanted == VAULT_LIVE)
            return err_set(err, ERR_GONE, "version %lld of %s is destroyed: it does not come back",
                           n, s->name);
        if (is == wanted || is == VAULT_DESTROYED)
            continue;
        v->left = plan_text(p, "%s%s%lld", v->left, v->nleft++ ? "," : "", n);
    }
    return true;
}

/* ---- Seen afterwards: each of `former` is as it should be. */

static enum awaiting look_for(struct target *t, const struct step *step,
                              const struct json_node *object, struct strbuf *says,
                              enum vault_state wanted)
{
    struct span rest = span_from(step->former), word;
    while (rest.len && span_split(&rest, ',', &word)) {
        int64_t n = 0;
        const enum vault_state is =
            number_parse(word, 1, INT64_MAX, &n) ? vault_version_state(t, object, n) : VAULT_ABSENT;
        if (is == wanted || (wanted == VAULT_DELETED && is == VAULT_DESTROYED))
            continue;
        strbuf_addf(says, "version %.*s is not so yet", SPAN_ARG(word));
        return AWAIT_MORE;
    }
    return AWAIT_DONE;
}

static enum awaiting look_deleted(struct target *t, const struct step *step,
                                  const struct json_node *object, struct strbuf *says)
{
    return look_for(t, step, object, says, VAULT_DELETED);
}

static enum awaiting look_live(struct target *t, const struct step *step,
                               const struct json_node *object, struct strbuf *says)
{
    return look_for(t, step, object, says, VAULT_LIVE);
}

static enum awaiting look_destroyed(struct target *t, const struct step *step,
                                    const struct json_node *object, struct strbuf *says)
{
    return look_for(t, step, object, says, VAULT_DESTROYED);
}

/* ---- Plans. */

struct change {
    enum vault_state wanted;
    const char *words, *what; /* "Delete", and the API's: "delete" */
    const char *back, *undo;  /* what takes it back; NULL: nothing does */
    char sign;
    enum awaiting (*look)(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says);
};

static bool add_change(struct target *t, const struct answers *in, struct plan *p,
                       const struct vault_secret *s, const struct change *c, struct err *err)
{
    struct versions v;
    if (!read_versions(p, in, s, &v, err) || !leave_out(t, p, s, &v, c->wanted, err))
        return false;
    plan_note(p, plan_text(p, "%s is at version %lld%s", s->name, (long long)s->version,
                           s->live ? "" : ", which has no values any more"));
    struct step *step = plan_step(p, v.nleft ? c->sign : '=',
                                  plan_text(p, "%s version %s of %s", c->words, v.text, s->name));
    step->undo_title = c->undo ? c->undo : "none: what is destroyed does not come back";
    if (!v.nleft)
        return true;
    const char *body = plan_text(p, "{\"versions\":[%s]}", v.left);
    step->deed = vault_deed(p, s, "POST", c->what, body);
    if (c->back)
        step->undo = vault_deed(p, s, "POST", c->back, body);
    step->look = vault_deed(p, s, "GET", "metadata", "");
    step->await = c->look;
    step->await_s = 20;
    step->former = v.left;
    return true;
}

static bool takes_newest(const struct answers *in, const struct vault_secret *s)
{
    struct span rest = span_from(answers_get(in, "versions")), word;
    int64_t n = 0;
    bool takes = !rest.len;
    while (rest.len && span_split(&rest, ',', &word))
        takes |= number_parse(span_trim(word), 1, INT64_MAX, &n) && n == s->version;
    return takes;
}

static bool plan_change(struct target *t, const struct answers *in, struct plan *p,
                        const struct change *c, struct err *err)
{
    struct vault_secret s;
    bool ok = vault_secret_read(t, p, in, false, &s, err) && add_change(t, in, p, &s, c, err) &&
              vault_note_readers(t, p, in, &s, strcmp(answers_get(in, "refresh"), "yes") == 0, err);
    if (ok && c->wanted != VAULT_LIVE && s.live && takes_newest(in, &s))
        plan_warn(p,
                  "who reads it finds no value any more: refreshes fail, and a deletionPolicy of "
                  "Delete takes the Secret along");
    vault_secret_clear(&s);
    return ok;
}

static bool plan_delete(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    static const struct change c = {VAULT_DELETED, "Delete", "delete",    "undelete",
                                    "undelete it", '-',      look_deleted};
    return plan_change(t, in, p, &c, err);
}

static bool plan_undelete(struct target *t, const struct answers *in, struct plan *p,
                          struct err *err)
{
    static const struct change c = {VAULT_LIVE,        "Undelete", "undelete", "delete",
                                    "delete it again", '+',        look_live};
    return plan_change(t, in, p, &c, err);
}

static bool plan_destroy(struct target *t, const struct answers *in, struct plan *p,
                         struct err *err)
{
    static const struct change c = {VAULT_DESTROYED, "Destroy", "destroy", NULL, NULL, '-',
                                    look_destroyed};
    return plan_change(t, in, p, &c, err);
}

/* ---- */

static bool add_rollback(struct target *t, const struct answers *in, struct plan *p,
                         const struct vault_secret *s, struct err *err)
{
    const long long version = strtoll(answers_get(in, "version"), NULL, 10);
    struct json_doc *former = NULL;
    const char *url = plan_text(p, "%s?version=%lld", vault_url(p, s, "data"), version);
    if (version < 1)
        return err_set(err, ERR_CONFIG, "--version: versions begin at 1");
    if (s->unread)
        return err_set(err, ERR_DENIED, "%s: its values may not be read: %s", s->name, s->unread);
    if (!vault_ask(t, s->at, url, &former, err))
        return err_wrap(err, "version %lld of %s", version, s->name);
    if (!former)
        return err_set(err, ERR_GONE, "version %lld of %s is not there, deleted or destroyed",
                       version, s->name);
    plan_note(p, plan_text(p, "%s is at version %lld%s", s->name, (long long)s->version,
                           s->live ? "" : ", which has no values any more"));
    const bool changes = vault_diff(p, json_node_path(json_doc_root(s->values), "data.data"),
                                    json_node_path(json_doc_root(former), "data.data"), 0);
    json_doc_free_wiped(former);
    struct step *step = plan_step(p, changes ? '~' : '=',
                                  plan_text(p, "Roll %s back to version %lld", s->name, version));
    if (!changes)
        return true;
    step->deed = vault_deed(p, s, VAULT_ROLLBACK, "data",
                            plan_text(p, "{\"version\":%lld,\"options\":{\"cas\":%lld}}", version,
                                      (long long)s->version));
    vault_undo_write(p, s, step);
    vault_await_version(p, s, step);
    return true;
}

static bool plan_rollback(struct target *t, const struct answers *in, struct plan *p,
                          struct err *err)
{
    struct vault_secret s;
    bool ok = vault_secret_read(t, p, in, true, &s, err) && add_rollback(t, in, p, &s, err) &&
              vault_note_readers(t, p, in, &s, strcmp(answers_get(in, "refresh"), "yes") == 0, err);
    vault_secret_clear(&s);
    return ok;
}

const struct action action_vault_delete = {
    .name = "vault-delete",
    .title = "Delete versions of a secret of Vault",
    .help = "delete the newest version of a secret of Vault, or others; they can come back",
    .risk = RISK_CHANGE,
    .kind = "vault-path",
    .fields = newest_fields,
    .plan = plan_delete,
};

const struct action action_vault_undelete = {
    .name = "vault-undelete",
    .title = "Bring deleted versions of a secret of Vault back",
    .help = "bring a deleted version of a secret of Vault back",
    .risk = RISK_CHANGE,
    .kind = "vault-path",
    .fields = newest_fields,
    .plan = plan_undelete,
};

const struct action action_vault_destroy = {
    .name = "vault-destroy",
    .title = "Destroy versions of a secret of Vault",
    .help = "destroy versions of a secret of Vault for good",
    .risk = RISK_DESTROY,
    .kind = "vault-path",
    .fields = destroy_fields,
    .plan = plan_destroy,
};

const struct action action_vault_rollback = {
    .name = "vault-rollback",
    .title = "Roll a secret of Vault back",
    .help = "make the values of a former version of a secret of Vault the newest",
    .risk = RISK_CHANGE,
    .kind = "vault-path",
    .fields = rollback_fields,
    .plan = plan_rollback,
};
