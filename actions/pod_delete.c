/* delete-pod: its controller makes a new one; without a controller it is gone. */
#include <config.h>

#include "actions/kube.h"

#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the pod's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"grace", FIELD_COUNT, NULL, "", "seconds it has to end, 0: none; left out: as the pod says"},
    {NULL},
};

static const struct kube_resource pods = {"", "v1", "pods"};

static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    if (strcmp(json_node_path_text(object, "metadata.uid", ""), step->former) != 0)
        return AWAIT_DONE;
    strbuf_adds(says, json_node_path(object, "metadata.deletionTimestamp") ? "it is ending"
                                                                           : "it is still there");
    return AWAIT_MORE;
}

static void add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o)
{
    const char *grace = answers_get(in, "grace");
    const struct json_node *owner = kube_controller(o->root);
    struct step *s = plan_step(p, '-', plan_text(p, "Delete %s", kube_name(p, o)));
    s->former = plan_text(p, "%s", kube_text(o, "metadata.uid"));
    bool force = grace[0] && strtol(grace, NULL, 10) == 0;
    s->shell = plan_text(p, "%s delete pod %s%s%s%s", kubectl(p, t, o->ns), o->name,
                         grace[0] ? " --grace-period=" : "", grace, force ? " --force" : "");
    if (force)
        plan_warn(p,
                  "without grace the API server forgets it at once, though its node may still run "
                  "it: of a StatefulSet two of one name may run");
    s->deed = (struct deed){
        .method = "DELETE",
        .path = o->path,
        .media = "application/json",
        .body = plan_text(p,
                          "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",%s%s%s"
                          "\"preconditions\":{\"uid\":\"%s\"}}",
                          grace[0] ? "\"gracePeriodSeconds\":" : "", grace, grace[0] ? "," : "",
                          s->former),
        .generation = -1,
    };
    s->await_path = o->path;
    s->await = look;
    s->ends = true;
    s->await_s = 180;
    s->undo_title =
        owner ? plan_text(p, "none; %s %s makes a new one", json_node_path_text(owner, "kind", ""),
                          json_node_path_text(owner, "name", ""))
              : "none: no controller makes it anew";
    if (!owner) {
        p->risk = RISK_DESTROY;
        plan_warn(p, "it has no controller: it is gone for good");
    }
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &pods,
                            .kind = "Pod",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    if (!kube_look(t, p, &o, err))
        return false;
    /* One of the same name that came after the plan is a new one: StatefulSets name them so. */
    if (o.doc && kube_time(o.root, "metadata.creationTimestamp") < in->at_ms)
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
