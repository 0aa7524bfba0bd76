/* restart: new pods for a workload, one after the other, as `kubectl rollout restart` does. */
#include <config.h>

#include "actions/stops.h"
#include "base/timetext.h"

#include <string.h>

#define STAMP "kubectl.kubernetes.io/restartedAt" /* [recorded/166] */

static const struct field fields[] = {
    {"kind", FIELD_CHOICE, "deployment|statefulset|daemonset", "deployment", "what it is", "type"},
    {"name", FIELD_NAME, NULL, NULL, "its name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

bool restart_step(struct target *t, const struct answers *in, struct plan *p, const char *word,
                  const struct kube_object *o, struct err *err)
{
    char stamp[TIMETEXT_MAX];
    time_format(in->at_ms, stamp);
    if (json_node_true(json_node_path(o->root, "spec.paused")))
        return err_set(err, ERR_CONFLICT, "%s is paused: nothing is rolled out until it is resumed",
                       kube_name(p, o));
    if (strcmp(kube_text(o, "spec.updateStrategy.type"), "OnDelete") == 0)
        return err_set(err, ERR_CONFLICT,
                       "%s replaces no pods by itself (updateStrategy OnDelete): a pod that is "
                       "deleted is made anew",
                       kube_name(p, o));
    const struct json_node *notes = json_node_path(o->root, "spec.template.metadata.annotations");
    const char *now = json_node_text(json_node_get(notes, STAMP));
    bool done = now && strcmp(now, stamp) == 0;
    struct step *s = plan_step(p, done ? '=' : '~', plan_text(p, "Restart %s", kube_name(p, o)));
    s->undo_title = "none: the pods are new ones";
    s->shell = plan_text(p, "%s rollout restart %s/%s", kubectl(p, t, o->ns), word, o->name);
    s->await_path = o->path;
    s->await = rollout_await;
    s->await_s = 600;
    if (done)
        return true;
    stops_rollout(t, p, o);
    s->deed = kube_patch(p, o,
                         plan_text(p,
                                   "\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"" STAMP
                                   "\":\"%s\"}}}}",
                                   stamp),
                         true);
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.ns = answers_get(in, "namespace"), .name = answers_get(in, "name")};
    o.resource = kube_workload_of(answers_get(in, "kind"), &o.kind);
    bool ok = kube_read(t, p, &o, err) && restart_step(t, in, p, answers_get(in, "kind"), &o, err);
    kube_object_clear(&o);
    return ok;
}

const struct action action_restart = {
    .name = "restart",
    .title = "Restart a workload",
    .help = "new pods for a Deployment, StatefulSet or DaemonSet, followed until all are available",
    .risk = RISK_CHANGE,
    .kind = "workload",
    .fields = fields,
    .plan = plan,
};
