/* delete-pod: its controller makes a new one; without a controller it is gone. */
#include <config.h>

#include "actions/evict.h"
#include "actions/stops.h"

#include <stdlib.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the pod's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"grace", FIELD_COUNT, NULL, "", "seconds it has to end, 0: none; left out: as the pod says"},
    {NULL},
};

static const struct kube_resource pods = {"", "v1", "pods"};

static void add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o)
{
    const char *grace = answers_get(in, "grace");
    struct step *s = plan_step(p, '-', plan_text(p, "Delete %s", kube_name(p, o)));
    bool force = grace[0] && strtol(grace, NULL, 10) == 0;
    s->shell = plan_text(p, "%s delete pod %s%s%s%s", kubectl(p, t, o->ns), o->name,
                         grace[0] ? " --grace-period=" : "", grace, force ? " --force" : "");
    if (force)
        plan_warn(p,
                  "without grace the API server forgets it at once, though its node may still run "
                  "it: of a StatefulSet two of one name may run");
    s->deed = kube_delete(p, o->path,
                          plan_text(p, "%s%s%s\"preconditions\":{\"uid\":\"%s\"}",
                                    grace[0] ? "\"gracePeriodSeconds\":" : "", grace,
                                    grace[0] ? "," : "", kube_text(o, "metadata.uid")));
    evict_follow(p, s, o->root, o->path);
    evict_warn_alone(p, o->root);
    stops_pods(t, p, &o->root, 1);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &pods,
                            .kind = "Pod",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    if (!kube_look(t, p, &o, err))
        return false;
    if (kube_is_meant(&o, in))
        add_step(t, in, p, &o);
    else if (in->again)
        (void)plan_step(p, '=', plan_text(p, "Delete %s", kube_name(p, &o)));
    else
        (void)err_set(err, ERR_NOTFOUND, "%s is not there", kube_name(p, &o));
    kube_object_clear(&o);
    return p->count > 0;
}

const struct action action_pod_delete = {
    .name = "delete-pod",
    .title = "Delete a pod",
    .help = "end a pod; its controller makes a new one",
    .risk = RISK_CHANGE,
    .kind = "pod",
    .fields = fields,
    .plan = plan,
};
