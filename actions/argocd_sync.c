/* argocd-sync, argocd-terminate: an operation is begun, or told to end. */
#include <config.h>

#include "actions/argocd.h"
#include "base/timetext.h"

#include <string.h>

static const struct field sync_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Application's name", "name"},
    {"namespace", FIELD_NAME, NULL, "argocd", "its namespace", "namespace"},
    {"resources", FIELD_TEXT, NULL, "",
     "only these, GROUP:KIND:NAME or GROUP:KIND:NAMESPACE/NAME, commas between them; left out: all",
     NULL},
    {"prune", FIELD_CHOICE, "no|yes", "no", "delete what git no longer has", NULL},
    {"rehearse", FIELD_CHOICE, "no|yes", "no", "yes: Argo CD goes through it and applies nothing",
     NULL},
    {NULL},
};

/* ---- Which resources. */

static void add_text(struct strbuf *out, const struct json_node *r)
{
    const char *ns = json_node_path_text(r, "namespace", "");
    strbuf_addf(out, "%s%s:%s:%s%s%s", out->len ? ", " : "", json_node_path_text(r, "group", ""),
                json_node_path_text(r, "kind", ""), ns, ns[0] ? "/" : "",
                json_node_path_text(r, "name", ""));
}

static bool is_meant(const struct json_node *r, struct span group, struct span kind, struct span ns,
                     struct span name)
{
    return span_is(group, json_node_path_text(r, "group", "")) &&
           span_is(kind, json_node_path_text(r, "kind", "")) &&
           span_is(name, json_node_path_text(r, "name", "")) &&
           (!ns.len || span_is(ns, json_node_path_text(r, "namespace", "")));
}

/* The one of status.resources; what is quoted in the operation is what stands there. */
static const struct json_node *find_resource(const struct json_node *all, struct span text)
{
    struct span rest = text, group = SPAN(""), kind = SPAN(""), ns = SPAN("");
    (void)span_split(&rest, ':', &group);
    (void)span_split(&rest, ':', &kind);
    size_t slash = span_find(rest, '/', 0);
    if (slash < rest.len) {
        ns = span_sub(rest, 0, slash);
        rest = span_sub(rest, slash + 1, rest.len);
    }
    const struct json_node *r = json_node_first(all);
    while (r && !is_meant(r, group, kind, ns, rest))
        r = json_node_next(r);
    return r;
}

static bool refuse_resource(const struct json_node *all, struct span text, struct err *err)
{
    struct strbuf has = STRBUF_INIT(2048);
    for (const struct json_node *r = json_node_first(all); r; r = json_node_next(r))
        add_text(&has, r);
    (void)err_set(err, ERR_CONFIG, "--resources %.*s: the application has %s",
                  (int)(text.len < 100 ? text.len : 100), text.data ? text.data : "",
                  has.len ? strbuf_cstr(&has) : "none");
    strbuf_clear(&has);
    return false;
}

/* ",\"resources\":[...]"; "" for all. NULL: one is not there, and *err. */
static const char *select_resources(struct plan *p, const struct json_node *root, const char *asked,
                                    struct err *err)
{
    const struct json_node *all = json_node_path(root, "status.resources");
    struct strbuf out = STRBUF_INIT(65536);
    struct span rest = span_from(asked), one;
    const char *made = "";
    while (asked[0] && made && span_split(&rest, ',', &one)) {
        const struct json_node *r = find_resource(all, span_trim(one));
        if (!r) {
            (void)refuse_resource(all, span_trim(one), err);
            made = NULL;
        } else {
            strbuf_addf(&out, "%s{\"group\":%s,\"kind\":%s,\"namespace\":%s,\"name\":%s}",
                        out.len ? "," : "", plan_quote(p, json_node_path_text(r, "group", "")),
                        plan_quote(p, json_node_path_text(r, "kind", "")),
                        plan_quote(p, json_node_path_text(r, "namespace", "")),
                        plan_quote(p, json_node_path_text(r, "name", "")));
        }
    }
    if (made && out.len)
        made = plan_text(p, ",\"resources\":[%s]", strbuf_cstr(&out));
    strbuf_clear(&out);
    return made;
}

/* ---- Sync. */

/* It is among those asked for; asked "": all are. */
static bool is_asked(const struct json_node *all, const struct json_node *r, const char *asked)
{
    struct span rest = span_from(asked), one;
    bool found = !asked[0];
    while (!found && asked[0] && span_split(&rest, ',', &one))
        found = find_resource(all, span_trim(one)) == r;
    return found;
}

/* What prune would delete, or leaves; what else is not as git says. */
static void note_changes(struct target *t, struct plan *p, const struct json_node *root,
                         const char *asked, bool prune)
{
    struct strbuf gone = STRBUF_INIT(4096), differ = STRBUF_INIT(4096);
    const struct json_node *all = json_node_path(root, "status.resources");
    const int64_t compared = kube_time(root, "status.reconciledAt");
    char ago[TIMETEXT_MAX];
    duration_format(compared == TIME_NONE ? 0 : target_now(t) - compared, ago);
    for (const struct json_node *r = json_node_first(all); r; r = json_node_next(r))
        if (is_asked(all, r, asked) && json_node_true(json_node_get(r, "requiresPruning")))
            add_text(&gone, r);
        else if (is_asked(all, r, asked) &&
                 strcmp(json_node_path_text(r, "status", ""), "OutOfSync") == 0)
            add_text(&differ, r);
    plan_note(p,
              plan_text(p, "Not as git says%s%s%s: %s.", compared == TIME_NONE ? "" : ", compared ",
                        compared == TIME_NONE ? "" : ago, compared == TIME_NONE ? "" : " ago",
                        differ.len ? strbuf_cstr(&differ) : "none of what is synced"));
    if (gone.len)
        plan_warn(p, plan_text(p,
                               prune ? "what git no longer has is deleted: %s"
                                     : "git no longer has %s: --prune yes would delete it",
                               strbuf_cstr(&gone)));
    strbuf_clear(&gone);
    strbuf_clear(&differ);
}

/* Why the operation before did not come to its end: this one may not either. */
static void note_before(struct plan *p, const struct json_node *root)
{
    const char *phase = json_node_path_text(root, "status.operationState.phase", "");
    if (strcmp(phase, "Failed") == 0 || strcmp(phase, "Error") == 0)
        plan_warn(p, plan_text(p, "the operation before: %s: %s", phase,
                               json_node_path_text(root, "status.operationState.message", "")));
}

/* " --resource GROUP:KIND:NAME" for each. */
static const char *resource_options(struct plan *p, const char *asked)
{
    struct strbuf out = STRBUF_INIT(65536);
    struct span rest = span_from(asked), one;
    while (asked[0] && span_split(&rest, ',', &one)) {
        strbuf_adds(&out, " --resource ");
        deed_quote(&out, span_trim(one));
    }
    const char *text = plan_text(p, "%s", strbuf_cstr(&out));
    strbuf_clear(&out);
    return text;
}

static bool add_sync(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o, struct err *err)
{
    const char *asked = answers_get(in, "resources");
    bool prune = strcmp(answers_get(in, "prune"), "yes") == 0,
         dry = strcmp(answers_get(in, "rehearse"), "yes") == 0;
    bool again = in->again && argocd_is_ours(o->root, in);
    const char *only = select_resources(p, o->root, asked, err);
    if (!only)
        return false;
    if (!again && argocd_is_busy(o->root))
        return err_set(err, ERR_CONFLICT,
                       "%s: an operation is under way (%s): argocd-terminate ends it",
                       kube_name(p, o),
                       json_node_path_text(o->root, "status.operationState.message", "no message"));
    struct step *s = plan_step(p, again ? '=' : '~',
                               plan_text(p, "%s %s%s%s%s%s", dry ? "Rehearse a sync of" : "Sync",
                                         kube_name(p, o), asked[0] ? " (" : "", asked,
                                         asked[0] ? ")" : "", prune ? ", pruning" : ""));
    s->undo_title =
        dry ? "none: nothing is applied"
            : "none here; argocd-rollback to an entry of its history is another operation";
    s->await_path = o->path;
    s->await = argocd_look;
    s->await_s = 1800;
    if (again)
        return true;
    const char *sync =
        plan_text(p, "%s%s%s", prune ? ",\"prune\":true" : "", dry ? ",\"dryRun\":true" : "", only);
    const char *members = argocd_operation(t, p, o, sync[0] ? sync + 1 : "", true, err);
    if (!members)
        return false;
    note_changes(t, p, o->root, asked, prune);
    note_before(p, o->root);
    s->deed = kube_patch(p, o, members, true);
    s->shell = plan_text(p, "argocd app sync %s%s%s%s", argocd_word(p, o), prune ? " --prune" : "",
                         dry ? " --dry-run" : "", resource_options(p, asked));
    if (prune && !dry)
        p->risk = RISK_DESTROY;
    return true;
}

static bool plan_sync(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = argocd_application(in);
    bool ok = kube_read(t, p, &o, err) && add_sync(t, in, p, &o, err);
    kube_object_clear(&o);
    return ok;
}

const struct action action_argocd_sync = {
    .name = "argocd-sync",
    .title = "Sync an Argo CD application",
    .help = "make the cluster what git says, followed to the operation's end",
    .risk = RISK_CHANGE,
    .kind = "application",
    .fields = sync_fields,
    .plan = plan_sync,
};

/* ---- Terminate [argo-cd server/application/application.go TerminateOperation]. */

static const struct field terminate_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Application's name", "name"},
    {"namespace", FIELD_NAME, NULL, "argocd", "its namespace", "namespace"},
    {NULL},
};

static enum awaiting look_ended(BN_UNUSED struct target *t, const struct step *step,
                                const struct json_node *object, struct strbuf *says)
{
    const struct json_node *state = json_node_path(object, "status.operationState");
    enum awaiting a;
    if (step_said(step, &a, says))
        return a;
    strbuf_addf(says, "%s: %s", json_node_path_text(state, "phase", ""),
                json_node_path_text(state, "message", ""));
    return argocd_is_busy(object) ? AWAIT_MORE : step_say_once(step, AWAIT_DONE, says);
}

static bool plan_terminate(struct target *t, const struct answers *in, struct plan *p,
                           struct err *err)
{
    struct kube_object o = argocd_application(in);
    if (!kube_read(t, p, &o, err))
        return false;
    const char *phase = kube_text(&o, "status.operationState.phase");
    bool busy = argocd_is_busy(o.root), asked = strcmp(phase, "Terminating") == 0;
    bool ok = busy || in->again ||
              err_set(err, ERR_CONFLICT, "%s: no operation is under way", kube_name(p, &o));
    if (ok && busy && !phase[0])
        ok = err_set(err, ERR_CONFLICT, "%s: its operation has not begun yet: nothing to terminate",
                     kube_name(p, &o));
    if (ok) {
        struct step *s = plan_step(p, asked || !busy ? '=' : '~',
                                   plan_text(p, "Terminate the operation of %s", kube_name(p, &o)));
        plan_warn(p, "what was applied stays; what was not is not: the application is between two "
                     "revisions");
        s->undo_title = "none: another sync goes on";
        s->await_path = o.path;
        s->await = look_ended;
        s->await_s = 300;
        if (s->sign == '~') {
            s->deed = kube_patch(
                p, &o, "\"status\":{\"operationState\":{\"phase\":\"Terminating\"}}", true);
            s->deed.generation = -1; /* one that has ended meanwhile must not be told to end */
            s->shell = plan_text(p, "argocd app terminate-op %s", argocd_word(p, &o));
        }
    }
    kube_object_clear(&o);
    return ok;
}

const struct action action_argocd_terminate = {
    .name = "argocd-terminate",
    .title = "Terminate an Argo CD operation",
    .help = "the sync that is under way ends where it is",
    .risk = RISK_CHANGE,
    .kind = "application",
    .fields = terminate_fields,
    .plan = plan_terminate,
};
