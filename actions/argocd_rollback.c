/* argocd-rollback: a sync to what an entry of the Application's history says; as argocd-server, not
 * while it is synced automatically [argo-cd server/application/application.go Rollback]. */
#include <config.h>

#include "actions/argocd.h"
#include "base/number.h"
#include "base/timetext.h"
#include "net/json.h"

#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Application's name", "name"},
    {"namespace", FIELD_NAME, NULL, "argocd", "its namespace", "namespace"},
    {"id", FIELD_COUNT, NULL, "", "of an entry of its history; left out: the one before the last",
     NULL},
    {"prune", FIELD_CHOICE, "no|yes", "no", "delete what that revision has not", NULL},
    {NULL},
};

/* spec.syncPolicy.automated, unless its `enabled` is false. */
static bool is_automated(const struct json_node *root)
{
    const struct json_node *a = json_node_path(root, "spec.syncPolicy.automated");
    return a && json_node_type(json_node_get(a, "enabled")) != JSON_FALSE;
}

static int64_t id_of(const struct json_node *entry)
{
    int64_t id = -1;
    (void)!json_node_int(json_node_get(entry, "id"), &id);
    return id;
}

static const struct json_node *entry_of(const struct json_node *history, const char *asked)
{
    const struct json_node *before = NULL, *last = NULL;
    for (const struct json_node *h = json_node_first(history); h; h = json_node_next(h)) {
        if (asked[0] && id_of(h) == strtoll(asked, NULL, 10))
            return h;
        before = last;
        last = h;
    }
    return asked[0] ? NULL : before;
}

static void note_history(struct plan *p, const struct json_node *history)
{
    plan_note(p, "Its history:");
    for (const struct json_node *h = json_node_first(history); h; h = json_node_next(h))
        plan_note(p, plan_text(p, "  %lld  %.16s  %.12s  %s%s", (long long)id_of(h),
                               json_node_path_text(h, "deployedAt", ""),
                               json_node_path_text(h, "revision", "several sources"),
                               json_node_path_text(h, "initiatedBy.username", "automated"),
                               json_node_next(h) ? "" : "  (the last)"));
}

/* The members of an entry that an operation takes over, as they stand there. */
static const char *copy_entry(struct target *t, struct plan *p, const struct kube_object *o,
                              int64_t id, struct err *err)
{
    static const char *const members[] = {"revision", "source", "revisions", "sources"};
    struct strbuf text = STRBUF_INIT((size_t)4 << 20), out = STRBUF_INIT((size_t)256 << 10);
    struct json_iter it;
    struct json_value one;
    bool ok = target_text(t, o->path, &text, err);
    struct json_value status = json_member(json_value(strbuf_span(&text)), SPAN("status"));
    for (json_iter_init(&it, json_member(status, SPAN("history")));
         ok && json_next(&it, NULL, &one);) {
        int64_t n;
        /* The iterator's value may go on behind its bracket: the whole is cut out first. */
        struct json_value entry = json_value(json_iter_whole(&it, one));
        if (!number_parse(json_whole(json_member(entry, SPAN("id"))), 0, INT64_MAX, &n) || n != id)
            continue;
        for (size_t i = 0; i < BN_COUNT(members); i++) {
            struct span whole = json_whole(json_member(entry, span_from(members[i])));
            if (whole.len)
                strbuf_addf(&out, ",\"%s\":%.*s", members[i], SPAN_ARG(whole));
        }
    }
    const char *made = ok ? plan_text(p, "%s", strbuf_cstr(&out)) : NULL;
    strbuf_clear(&text);
    strbuf_clear(&out);
    return made;
}

static bool check(struct plan *p, const struct kube_object *o, const struct json_node *entry,
                  const char *asked, struct err *err)
{
    if (is_automated(o->root))
        return err_set(err, ERR_CONFLICT,
                       "%s is synced automatically: Argo CD would put it forward again at once; "
                       "take spec.syncPolicy.automated off first, or revert in git",
                       kube_name(p, o));
    if (!entry)
        return err_set(err, ERR_NOTFOUND, "%s has no entry %s%sin its history", kube_name(p, o),
                       asked, asked[0] ? " " : "before the last ");
    if (!json_node_get(entry, "source") && !json_node_get(entry, "sources"))
        return err_set(err, ERR_CONFIG, "entry %lld says no source: sync to its revision instead",
                       (long long)id_of(entry));
    return true;
}

static bool add_rollback(struct target *t, const struct answers *in, struct plan *p,
                         const struct kube_object *o, const struct json_node *entry,
                         struct err *err)
{
    bool prune = strcmp(answers_get(in, "prune"), "yes") == 0;
    const char *copied = copy_entry(t, p, o, id_of(entry), err);
    if (!copied)
        return false;
    const char *sync = plan_text(p, "\"prune\":%s,\"syncStrategy\":{\"apply\":{}}%s",
                                 prune ? "true" : "false", copied);
    const char *members = argocd_operation(t, p, o, sync, false, err);
    if (!members)
        return false;
    struct step *s = &p->steps[p->count - 1];
    s->deed = kube_patch(p, o, members, true);
    s->shell = plan_text(p, "argocd app rollback %s %lld%s", argocd_word(p, o),
                         (long long)id_of(entry), prune ? " --prune" : "");
    plan_warn(p,
              "git goes on saying otherwise: it is OutOfSync until it does not, and the next sync "
              "puts it forward again");
    if (prune)
        p->risk = RISK_DESTROY;
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = argocd_application(in);
    if (!kube_read(t, p, &o, err))
        return false;
    const char *asked = answers_get(in, "id");
    const struct json_node *history = json_node_path(o.root, "status.history");
    const struct json_node *entry = entry_of(history, asked);
    bool again = in->again && argocd_is_ours(o.root, in);
    bool ok = again || check(p, &o, entry, asked, err);
    if (ok && !again && argocd_is_busy(o.root))
        ok = err_set(err, ERR_CONFLICT, "%s: an operation is under way: argocd-terminate ends it",
                     kube_name(p, &o));
    if (ok) {
        struct step *s = plan_step(p, again ? '=' : '~',
                                   plan_text(p, "Roll %s back%s%s", kube_name(p, &o),
                                             asked[0] ? " to entry " : "", asked));
        note_history(p, history);
        s->undo_title = "none here; a rollback to the last entry is another operation";
        s->await_path = o.path;
        s->await = argocd_look;
        s->await_s = 1800;
        ok = again || add_rollback(t, in, p, &o, entry, err);
    }
    kube_object_clear(&o);
    return ok;
}

const struct action action_argocd_rollback = {
    .name = "argocd-rollback",
    .title = "Roll an Argo CD application back",
    .help = "to an entry of its history, followed to the operation's end",
    .risk = RISK_CHANGE,
    .kind = "application",
    .fields = fields,
    .plan = plan,
};
