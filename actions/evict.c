/* evict: a pod goes where its disruption budgets let it [recorded/172, 173]. */
#include <config.h>

#include "actions/evict.h"

#include "actions/stops.h"
#include "base/json_out.h"

#include <string.h>

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the pod's name", "name"},
    {"namespace", FIELD_NAME, NULL, NULL, "its namespace", "namespace"},
    {"grace", FIELD_COUNT, NULL, "", "seconds it has to end; left out: as the pod says"},
    {NULL},
};

static const struct kube_resource pods = {"", "v1", "pods"};

bool evict_is_mirror(const struct json_node *pod)
{
    return kube_annotation(pod, "kubernetes.io/config.mirror")[0];
}

bool evict_has_ended(const struct json_node *pod)
{
    const char *phase = json_node_path_text(pod, "status.phase", "");
    return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

/* step->former: its uid. */
static bool is_another(const struct step *step, const struct json_node *object)
{
    return strcmp(json_node_path_text(object, "metadata.uid", ""), step->former) != 0;
}

static enum awaiting look(BN_UNUSED struct target *t, const struct step *step,
                          const struct json_node *object, struct strbuf *says)
{
    if (is_another(step, object))
        return AWAIT_DONE;
    strbuf_adds(says, json_node_path(object, "metadata.deletionTimestamp") ? "it is ending"
                                                                           : "it is still there");
    return AWAIT_MORE;
}

enum awaiting evict_await(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says)
{
    struct deed again = step->deed;
    struct err err;
    again.waits = false;
    if (is_another(step, object) || json_node_path(object, "metadata.deletionTimestamp"))
        return AWAIT_DONE;
    if (!target_do(t, &again, false, NULL, &err))
        strbuf_adds(says, err.msg);
    return AWAIT_MORE;
}

/* [api reference: Eviction of policy/v1] */
static const char *body_of(struct plan *p, const struct json_node *pod, const char *grace)
{
    struct strbuf text = STRBUF_INIT(8192);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key(&j, "apiVersion");
    json_cstr(&j, "policy/v1");
    json_key(&j, "kind");
    json_cstr(&j, "Eviction");
    json_key(&j, "metadata");
    json_object(&j);
    json_key(&j, "name");
    json_cstr(&j, json_node_path_text(pod, "metadata.name", ""));
    json_key(&j, "namespace");
    json_cstr(&j, json_node_path_text(pod, "metadata.namespace", ""));
    json_object_end(&j);
    json_key(&j, "deleteOptions");
    json_object(&j);
    if (grace[0]) {
        json_key(&j, "gracePeriodSeconds");
        json_raw(&j, span_from(grace));
    }
    json_key(&j, "preconditions");
    json_object(&j);
    json_key(&j, "uid");
    json_cstr(&j, json_node_path_text(pod, "metadata.uid", ""));
    json_object_end(&j);
    json_object_end(&j);
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

void evict_follow(struct plan *p, struct step *s, const struct json_node *pod, const char *path)
{
    const struct json_node *owner = kube_controller(pod);
    s->former = plan_text(p, "%s", json_node_path_text(pod, "metadata.uid", ""));
    s->await_path = path;
    s->await = look;
    s->ends = true;
    s->await_s = 180;
    s->undo_title = evict_has_ended(pod) ? "none: it has ended, and its log is lost"
                    : owner              ? plan_text(p, "none; %s %s makes a new one",
                                                     json_node_path_text(owner, "kind", ""),
                                                     json_node_path_text(owner, "name", ""))
                                         : "none: no controller makes it anew";
}

void evict_warn_alone(struct plan *p, const struct json_node *pod)
{
    if (kube_controller(pod))
        return;
    p->risk = RISK_DESTROY;
    plan_warn(p, "it has no controller: it is gone for good");
}

struct step *evict_step(struct plan *p, const struct json_node *pod, const char *grace)
{
    const char *ns = json_node_path_text(pod, "metadata.namespace", "");
    const char *name = json_node_path_text(pod, "metadata.name", "");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), whole = STRBUF_INIT(KUBE_PATH_MAX);
    struct step *s = plan_step(p, '-', plan_text(p, "Evict Pod %s/%s", ns, name));
    kube_path(&path, &pods, ns, name, "eviction");
    kube_path(&whole, &pods, ns, name, NULL);
    s->deed = (struct deed){.method = "POST",
                            .path = plan_text(p, "%s", strbuf_cstr(&path)),
                            .media = "application/json",
                            .body = body_of(p, pod, grace),
                            .generation = -1};
    evict_follow(p, s, pod, plan_text(p, "%s", strbuf_cstr(&whole)));
    strbuf_clear(&path);
    strbuf_clear(&whole);
    return s;
}

static bool add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct kube_object *o, struct err *err)
{
    if (evict_is_mirror(o->root))
        return err_set(err, ERR_CONFIG,
                       "%s is a static pod: its node's kubelet has it from a file, and it cannot "
                       "be evicted",
                       kube_name(p, o));
    (void)evict_step(p, o->root, answers_get(in, "grace"));
    evict_warn_alone(p, o->root);
    stops_pods(t, p, &o->root, 1);
    return true;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {.resource = &pods,
                            .kind = "Pod",
                            .ns = answers_get(in, "namespace"),
                            .name = answers_get(in, "name")};
    if (!kube_look(t, p, &o, err))
        return false;
    bool ok = true;
    if (kube_is_meant(&o, in))
        ok = add_step(t, in, p, &o, err);
    else if (in->again)
        (void)plan_step(p, '=', plan_text(p, "Evict %s", kube_name(p, &o)));
    else
        ok = err_set(err, ERR_NOTFOUND, "%s is not there", kube_name(p, &o));
    kube_object_clear(&o);
    return ok;
}

const struct action action_evict = {
    .name = "evict",
    .title = "Evict a pod",
    .help = "end a pod where its disruption budgets let it; its controller makes a new one",
    .risk = RISK_CHANGE,
    .kind = "pod",
    .fields = fields,
    .plan = plan,
};
