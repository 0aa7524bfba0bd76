/* scale: how many pods a workload has. */
#include <config.h>

#include "actions/kube.h"

#include <stdlib.h>
#include <string.h>

static const struct field fields[] = {
    {"kind", FIELD_CHOICE, "deployment|statefulset", "deployment", "what it is", "type"},
    {"name", FIELD_NAME, NULL, NULL, "its name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"replicas", FIELD_COUNT, NULL, NULL, "how many pods it is to have"},
    {NULL},
};

/* A HorizontalPodAutoscaler would set the number again. */
static bool warn_autoscaler(struct target *t, struct plan *p, const struct kube_object *o,
                            struct err *err)
{
    static const struct kube_resource scalers = {"autoscaling", "v2", "horizontalpodautoscalers"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    kube_path(&path, &scalers, o->ns, NULL, NULL);
    bool ok = target_get(t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok && err->kind == ERR_DENIED) {
        plan_warn(p, "whether a HorizontalPodAutoscaler sets the number again is unknown: they may "
                     "not be listed");
        return true;
    }
    const struct json_node *h =
        ok ? json_node_first(json_node_get(json_doc_root(doc), "items")) : NULL;
    for (; h; h = json_node_next(h))
        if (strcmp(json_node_path_text(h, "spec.scaleTargetRef.kind", ""), o->kind) == 0 &&
            strcmp(json_node_path_text(h, "spec.scaleTargetRef.name", ""), o->name) == 0)
            plan_warn(p, plan_text(p, "HorizontalPodAutoscaler %s sets the number again",
                                   json_node_path_text(h, "metadata.name", "")));
    if (ok)
        json_doc_free(doc);
    return ok;
}

static void add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o)
{
    const char *wanted = answers_get(in, "replicas");
    int64_t now;
    if (!json_node_int(json_node_path(o->root, "spec.replicas"), &now))
        now = 1; /* [api reference: defaults to 1] */
    bool same = now == strtoll(wanted, NULL, 10);
    struct step *s =
        plan_step(p, same ? '=' : '~', plan_text(p, "Scale %s to %s", kube_name(p, o), wanted));
    s->await_path = o->path;
    s->await = rollout_await;
    s->await_s = 300;
    if (same)
        return;
    s->shell = plan_text(p, "%s scale %s/%s --replicas=%s", kubectl(p, t, o->ns),
                         answers_get(in, "kind"), o->name, wanted);
    s->deed = kube_patch(p, o, plan_text(p, "\"spec\":{\"replicas\":%s}", wanted), true);
    s->undo = kube_patch(p, o, plan_text(p, "\"spec\":{\"replicas\":%lld}", (long long)now), false);
    s->undo_title = plan_text(p, "scale back to %lld", (long long)now);
    kube_warn_argocd(t, p, o, "the number of replicas");
    if (strcmp(wanted, "0") == 0)
        plan_warn(p, "no pod will be left: what it serves stops");
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.ns = answers_get(in, "namespace"), .name = answers_get(in, "name")};
    o.resource = kube_workload_of(answers_get(in, "kind"), &o.kind);
    bool ok = kube_read(t, p, &o, err) && warn_autoscaler(t, p, &o, err);
    if (ok)
        add_step(t, in, p, &o);
    kube_object_clear(&o);
    return ok;
}

const struct action action_scale = {
    .name = "scale",
    .title = "Scale a workload",
    .help = "how many pods a Deployment or StatefulSet has, followed until it has them",
    .risk = RISK_CHANGE,
    .kind = "workload",
    .fields = fields,
    .plan = plan,
};
