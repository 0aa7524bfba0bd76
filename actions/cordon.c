/* cordon, uncordon: whether a node takes new pods. */
#include <config.h>

#include "actions/kube.h"

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the node's name", "name"},
    {NULL},
};

static const struct kube_resource nodes = {"", "v1", "nodes"};

static enum awaiting look(const struct step *step, const struct json_node *object,
                          struct strbuf *says)
{
    bool cordoned = json_node_true(json_node_path(object, "spec.unschedulable"));
    bool as_wanted = cordoned == (step->former[0] != '\0');
    if (!as_wanted)
        strbuf_adds(says, cordoned ? "still cordoned" : "not cordoned yet");
    return as_wanted ? AWAIT_DONE : AWAIT_MORE;
}

static bool plan_either(struct target *t, const struct answers *in, struct plan *p, bool on,
                        struct err *err)
{
    struct kube_object o = {
        .resource = &nodes, .kind = "Node", .ns = "", .name = answers_get(in, "name")};
    if (!kube_read(t, p, &o, err))
        return false;
    bool is = json_node_true(json_node_path(o.root, "spec.unschedulable"));
    struct step *s = plan_step(p, is == on ? '=' : '~',
                               plan_text(p, "%s %s", on ? "Cordon" : "Uncordon", kube_name(p, &o)));
    if (is != on) {
        s->shell = plan_text(p, "%s %s %s", kubectl(p, t, ""), on ? "cordon" : "uncordon", o.name);
        s->deed = kube_patch(
            p, &o, on ? "\"spec\":{\"unschedulable\":true}" : "\"spec\":{\"unschedulable\":null}",
            false);
        s->undo = kube_patch(
            p, &o, on ? "\"spec\":{\"unschedulable\":null}" : "\"spec\":{\"unschedulable\":true}",
            false);
        s->undo_title = on ? "uncordon it" : "cordon it again";
        s->former = on ? "cordoned" : "";
        s->await_path = o.path;
        s->await = look;
    }
    kube_object_clear(&o);
    return true;
}

static bool plan_cordon(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    return plan_either(t, in, p, true, err);
}

static bool plan_uncordon(struct target *t, const struct answers *in, struct plan *p,
                          struct err *err)
{
    return plan_either(t, in, p, false, err);
}

const struct action action_cordon = {
    .name = "cordon",
    .title = "Cordon a node",
    .help = "no new pods on a node; those that run there stay",
    .risk = RISK_CHANGE,
    .kind = "node",
    .fields = fields,
    .plan = plan_cordon,
};

const struct action action_uncordon = {
    .name = "uncordon",
    .title = "Uncordon a node",
    .help = "a node takes new pods again",
    .risk = RISK_CHANGE,
    .kind = "node",
    .fields = fields,
    .plan = plan_uncordon,
};
