/* What is one member of an object's spec: a node that takes no pods, a rollout that is paused, a
 * CronJob that is suspended; each on and off. */
#include <config.h>

#include "actions/kube.h"

#include <string.h>

static const struct toggle {
    const char *name; /* of the action */
    bool on;
    const char *verb, *back; /* "Cordon", "uncordon it" */
    const char *shell;       /* what kubectl is told before the object's name */
    const char *kind, *member;
    struct kube_resource resource;
} toggles[] = {
    {"cordon",
     true,
     "Cordon",
     "uncordon it",
     "cordon",
     "Node",
     "unschedulable",
     {"", "v1", "nodes"}},
    {"uncordon",
     false,
     "Uncordon",
     "cordon it again",
     "uncordon",
     "Node",
     "unschedulable",
     {"", "v1", "nodes"}},
    {"pause",
     true,
     "Pause the rollouts of",
     "resume them",
     "rollout pause deployment",
     "Deployment",
     "paused",
     {"apps", "v1", "deployments"}},
    {"resume",
     false,
     "Resume the rollouts of",
     "pause them again",
     "rollout resume deployment",
     "Deployment",
     "paused",
     {"apps", "v1", "deployments"}},
    {"suspend-cronjob",
     true,
     "Suspend",
     "let it run again",
     "patch -p '{\"spec\":{\"suspend\":true}}' cronjob",
     "CronJob",
     "suspend",
     {"batch", "v1", "cronjobs"}},
    {"resume-cronjob",
     false,
     "Let run again",
     "suspend it again",
     "patch -p '{\"spec\":{\"suspend\":false}}' cronjob",
     "CronJob",
     "suspend",
     {"batch", "v1", "cronjobs"}},
};

static const struct toggle *toggle_of(const struct action *action)
{
    size_t i = 0;
    while (strcmp(toggles[i].name, action->name) != 0) {
        i++;
        bn_assert(i < BN_COUNT(toggles));
    }
    return &toggles[i];
}

static bool is_on(const struct json_node *object, const char *member)
{
    return json_node_true(json_node_get(json_node_get(object, "spec"), member));
}

/* step->former: "+unschedulable" where it is to be true, "-..." where not. */
static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    if (is_on(object, step->former + 1) == (step->former[0] == '+'))
        return AWAIT_DONE;
    strbuf_adds(says, "it is as it was");
    return AWAIT_MORE;
}

static struct deed set_member(struct plan *p, const struct kube_object *o, const char *member,
                              bool on)
{
    return kube_patch(p, o, plan_text(p, "\"spec\":{\"%s\":%s}", member, on ? "true" : "null"),
                      false);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const struct toggle *g = toggle_of(in->action);
    struct kube_object o = {.resource = &g->resource,
                            .kind = g->kind,
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    if (!kube_read(t, p, &o, err))
        return false;
    bool same = is_on(o.root, g->member) == g->on;
    struct step *s =
        plan_step(p, same ? '=' : '~', plan_text(p, "%s %s", g->verb, kube_name(p, &o)));
    if (!same) {
        s->shell = plan_text(p, "%s %s %s", kubectl(p, t, o.ns), g->shell, o.name);
        s->deed = set_member(p, &o, g->member, g->on);
        s->undo = set_member(p, &o, g->member, !g->on);
        s->undo_title = g->back;
        s->former = plan_text(p, "%c%s", g->on ? '+' : '-', g->member);
        s->await_path = o.path;
        s->await = look;
        kube_warn_argocd(t, p, &o, "it");
    }
    kube_object_clear(&o);
    return true;
}

static const struct field node_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the node's name", "name"},
    {NULL},
};

static const struct field deployment_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the Deployment's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

static const struct field cronjob_fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the CronJob's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {NULL},
};

const struct action action_cordon = {
    .name = "cordon",
    .title = "Cordon a node",
    .help = "no new pods on a node; those that run there stay",
    .risk = RISK_CHANGE,
    .kind = "node",
    .fields = node_fields,
    .plan = plan,
};

const struct action action_uncordon = {
    .name = "uncordon",
    .title = "Uncordon a node",
    .help = "a node takes new pods again",
    .risk = RISK_CHANGE,
    .kind = "node",
    .fields = node_fields,
    .plan = plan,
};

const struct action action_pause = {
    .name = "pause",
    .title = "Pause a Deployment",
    .help = "what is changed of a Deployment is not rolled out until it is resumed",
    .risk = RISK_CHANGE,
    .kind = "workload",
    .fields = deployment_fields,
    .plan = plan,
};

const struct action action_resume = {
    .name = "resume",
    .title = "Resume a Deployment",
    .help = "what was changed of a paused Deployment is rolled out",
    .risk = RISK_CHANGE,
    .kind = "workload",
    .fields = deployment_fields,
    .plan = plan,
};

const struct action action_cronjob_suspend = {
    .name = "suspend-cronjob",
    .title = "Suspend a CronJob",
    .help = "a CronJob makes no Jobs until it is resumed; those that run go on",
    .risk = RISK_CHANGE,
    .kind = "cronjob",
    .fields = cronjob_fields,
    .plan = plan,
};

const struct action action_cronjob_resume = {
    .name = "resume-cronjob",
    .title = "Resume a CronJob",
    .help = "a CronJob makes Jobs again",
    .risk = RISK_CHANGE,
    .kind = "cronjob",
    .fields = cronjob_fields,
    .plan = plan,
};
