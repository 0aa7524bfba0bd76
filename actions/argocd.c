/* argocd-refresh, argocd-sync: by the Application itself, so that it works while argocd-server is
 * down [argo-cd util/argo/argo.go SetAppOperation; controller/appcontroller.go]. */
#include <config.h>

#include "actions/kube.h"
#include "net/json.h"

#include <string.h>

#define REFRESH "argocd.argoproj.io/refresh" /* [recorded/164] */

static const struct kube_resource applications = {"argoproj.io", "v1alpha1", "applications"};

static struct kube_object application(const struct answers *in)
{
    return (struct kube_object){.resource = &applications,
                                .kind = "Application",
                                .ns = answers_get(in, "namespace"),
                                .name = answers_get(in, "name")};
}

/* ---- Refresh. */

static const struct field refresh_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Application's name", "name"},
    {"namespace", FIELD_NAME, NULL, "argocd", "its namespace", "namespace"},
    {"mode", FIELD_CHOICE, "normal|hard", "normal", "hard: the manifests are rendered anew too"},
    {NULL},
};

/* The controller takes the annotation off when it has compared. */
static enum awaiting look_compared(BN_UNUSED struct target *t, const struct step *step,
                                   const struct json_node *object, struct strbuf *says)
{
    (void)step;
    if (kube_annotation(object, REFRESH)[0]) {
        strbuf_adds(says, "the application controller has not compared yet");
        return AWAIT_MORE;
    }
    return AWAIT_DONE;
}

static bool plan_refresh(struct target *t, const struct answers *in, struct plan *p,
                         struct err *err)
{
    const char *mode = answers_get(in, "mode");
    struct kube_object o = application(in);
    if (!kube_read(t, p, &o, err))
        return false;
    bool asked = strcmp(kube_annotation(o.root, REFRESH), mode) == 0;
    int64_t compared = kube_time(o.root, "status.reconciledAt");
    bool done = !asked && in->again && compared >= in->at_ms;
    struct step *s =
        plan_step(p, asked || done ? '=' : '~', plan_text(p, "Refresh %s", kube_name(p, &o)));
    s->undo_title = "none: it is compared, nothing is changed";
    s->await_path = o.path;
    s->await = look_compared;
    s->await_s = 120;
    if (!asked && !done) {
        s->deed = kube_annotate(p, &o, REFRESH, mode);
        s->shell = plan_text(p, "%s annotate application %s " REFRESH "=%s --overwrite",
                             kubectl(p, t, o.ns), o.name, mode);
    }
    kube_object_clear(&o);
    return true;
}

const struct action action_argocd_refresh = {
    .name = "argocd-refresh",
    .title = "Refresh an Argo CD application",
    .help = "compare an Application with what git has, now",
    .risk = RISK_CHANGE,
    .kind = "application",
    .fields = refresh_fields,
    .plan = plan_refresh,
};

/* ---- Sync. */

static const struct field sync_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Application's name", "name"},
    {"namespace", FIELD_NAME, NULL, "argocd", "its namespace", "namespace"},
    {"prune", FIELD_CHOICE, "no|yes", "no", "delete what git no longer has"},
    {NULL},
};

static enum awaiting look_synced(BN_UNUSED struct target *t, const struct step *step,
                                 const struct json_node *object, struct strbuf *says)
{
    const struct json_node *state = json_node_path(object, "status.operationState");
    const char *phase = json_node_path_text(state, "phase", "");
    (void)step;
    if (json_node_get(object, "operation") || !phase[0]) {
        strbuf_addf(says, "%s%s%s", phase[0] ? phase : "not begun yet", phase[0] ? ": " : "",
                    phase[0] ? json_node_path_text(state, "message", "") : "");
        return AWAIT_MORE;
    }
    if (strcmp(phase, "Succeeded") == 0)
        return AWAIT_DONE;
    strbuf_addf(says, "%s: %s", phase, json_node_path_text(state, "message", ""));
    return strcmp(phase, "Failed") == 0 || strcmp(phase, "Error") == 0 ? AWAIT_FAILED : AWAIT_MORE;
}

/* "\"syncOptions\":[...]," where the Application's policy has some: argocd-server copies them into
 * an operation, the controller does not. */
static const char *policy_part(struct plan *p, struct json_value policy, const char *key)
{
    struct span whole = json_whole(json_member(policy, span_from(key)));
    return whole.len ? plan_text(p, "\"%s\":%.*s", key, SPAN_ARG(whole)) : "";
}

static const char *operation(struct target *t, struct plan *p, const char *path, bool prune,
                             struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)4 << 20);
    const char *made = NULL;
    if (target_text(t, path, &text, err)) {
        struct json_value spec = json_member(json_value(strbuf_span(&text)), SPAN("spec"));
        struct json_value policy = json_member(spec, SPAN("syncPolicy"));
        const char *options = policy_part(p, policy, "syncOptions");
        const char *retry = policy_part(p, policy, "retry");
        made = plan_text(p,
                         "\"operation\":{\"initiatedBy\":{\"username\":\"binnacle\"},"
                         "\"sync\":{%s%s%s}%s%s},\"status\":{\"operationState\":null}",
                         options, options[0] && prune ? "," : "", prune ? "\"prune\":true" : "",
                         retry[0] ? "," : "", retry);
    }
    strbuf_clear(&text);
    return made;
}

/* What this run began is what it waits for. */
static bool is_ours(const struct json_node *root, const struct answers *in)
{
    const struct json_node *now = json_node_path(root, "operation.initiatedBy.username");
    const struct json_node *was =
        json_node_path(root, "status.operationState.operation.initiatedBy.username");
    const char *who = json_node_text(now ? now : was);
    return who && strcmp(who, "binnacle") == 0 &&
           (now || kube_time(root, "status.operationState.startedAt") >= in->at_ms);
}

static bool add_sync(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o, struct err *err)
{
    bool prune = strcmp(answers_get(in, "prune"), "yes") == 0;
    bool again = in->again && is_ours(o->root, in);
    if (!again && json_node_get(o->root, "operation"))
        return err_set(err, ERR_CONFLICT, "%s: an operation is under way (%s)", kube_name(p, o),
                       json_node_path_text(o->root, "status.operationState.message", "no message"));
    struct step *s = plan_step(
        p, again ? '=' : '~', plan_text(p, "Sync %s%s", kube_name(p, o), prune ? ", pruning" : ""));
    s->undo_title = "none here; a rollback to an earlier revision is another operation";
    s->await_path = o->path;
    s->await = look_synced;
    s->await_s = 600;
    if (again)
        return true;
    const char *members = operation(t, p, o->path, prune, err);
    if (!members)
        return false;
    s->deed = kube_patch(p, o, members, true);
    s->shell = plan_text(p, "argocd app sync %s%s", o->name, prune ? " --prune" : "");
    if (prune)
        p->risk = RISK_DESTROY;
    return true;
}

static bool plan_sync(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = application(in);
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
