/* drain: a node takes no new pods, and those that run there go, as far as their disruption budgets let
 * them [kubectl pkg/drain/drain.go, filters.go]. */
#include <config.h>

#include "actions/evict.h"
#include "actions/stops.h"

#include <stdlib.h>
#include <string.h>

#define PODS_MAX  (PLAN_STEPS_MAX - 2)
#define NAMED_MAX 8 /* of pods in a sentence */

static const struct field fields[] = {
    {"name", FIELD_NAME, NULL, NULL, "the node's name", "name"},
    {"delete-emptydir-data", FIELD_CHOICE, "no|yes", "no",
     "also pods with emptyDir volumes, whose data is lost"},
    {"force", FIELD_CHOICE, "no|yes", "no",
     "also pods without a controller: they are gone for good"},
    {"grace", FIELD_COUNT, NULL, "", "seconds that pods have to end; left out: as each says"},
    {"wait", FIELD_COUNT, NULL, "600", "seconds that a pod is waited for whose budget blocks"},
    {NULL},
};

static const struct kube_resource nodes = {"", "v1", "nodes"};
static const struct kube_resource pods = {"", "v1", "pods"};
static const struct kube_resource budgets = {"policy", "v1", "poddisruptionbudgets"};

/* ---- Which pods go. */

enum fate { GOES, STAYS, HAS_DATA, IS_ALONE };

static bool has_empty_dir(const struct json_node *pod)
{
    const struct json_node *v = json_node_first(json_node_path(pod, "spec.volumes"));
    while (v && !json_node_get(v, "emptyDir"))
        v = json_node_next(v);
    return v != NULL;
}

static enum fate fate_of(const struct json_node *pod)
{
    const struct json_node *owner = kube_controller(pod);
    bool daemon = strcmp(json_node_path_text(owner, "kind", ""), "DaemonSet") == 0;
    if (evict_is_mirror(pod) || (daemon && !evict_has_ended(pod)))
        return STAYS;
    if (evict_has_ended(pod))
        return GOES;
    return !owner ? IS_ALONE : has_empty_dir(pod) ? HAS_DATA : GOES;
}

/* Texts are the plan's. */
struct names {
    struct plan *plan;
    const char *text;
    size_t count;
};

static void add_name(struct names *n, const struct json_node *object)
{
    if (n->count++ < NAMED_MAX)
        n->text = plan_text(n->plan, "%s%s%s/%s", n->text, n->text[0] ? ", " : "",
                            json_node_path_text(object, "metadata.namespace", ""),
                            json_node_path_text(object, "metadata.name", ""));
}

static const char *more(const struct names *n)
{
    return n->count > NAMED_MAX ? plan_text(n->plan, " and %zu more", n->count - NAMED_MAX) : "";
}

struct drain {
    struct target *target;
    struct plan *plan;
    const struct answers *in;
    const struct kube_object *node;
    const struct json_node *budgets; /* NULL: they may not be listed */
    const struct json_node *pods;
    struct names data, alone, stay, go, blocked;
    const char *uids; /* of those that go, a space before and behind each */
    struct deed undo; /* uncordons; method NULL: it was cordoned before */
};

/* The budget that lets no pod of these go now; NULL: none. */
static const struct json_node *blocking(const struct drain *d, const struct json_node *pod)
{
    const char *ns = json_node_path_text(pod, "metadata.namespace", "");
    const struct json_node *b = json_node_first(d->budgets);
    int64_t allowed;
    for (; b; b = json_node_next(b))
        if (strcmp(json_node_path_text(b, "metadata.namespace", ""), ns) == 0 &&
            kube_selects(json_node_path(b, "spec.selector"), pod) &&
            json_node_int(json_node_path(b, "status.disruptionsAllowed"), &allowed) && allowed < 1)
            return b;
    return NULL;
}

static bool said(const struct drain *d, const char *field)
{
    return strcmp(answers_get(d->in, field), "yes") == 0;
}

/* What kubectl refuses without --delete-emptydir-data and --force. */
static bool sort_pods(struct drain *d, struct err *err)
{
    for (const struct json_node *pod = json_node_first(d->pods); pod; pod = json_node_next(pod)) {
        enum fate fate = fate_of(pod);
        add_name(fate == HAS_DATA   ? &d->data
                 : fate == IS_ALONE ? &d->alone
                 : fate == STAYS    ? &d->stay
                                    : &d->go,
                 pod);
        if (fate == IS_ALONE && has_empty_dir(pod))
            add_name(&d->data, pod);
    }
    if (d->data.count && !said(d, "delete-emptydir-data"))
        return err_set(err, ERR_CONFIG,
                       "pods have emptyDir volumes, whose data is lost: %s%s; "
                       "--delete-emptydir-data yes takes them too",
                       d->data.text, more(&d->data));
    if (d->alone.count && !said(d, "force"))
        return err_set(err, ERR_CONFIG,
                       "pods have no controller that makes them anew: %s%s; --force yes takes them "
                       "too",
                       d->alone.text, more(&d->alone));
    return d->data.count + d->alone.count + d->go.count <= PODS_MAX ||
           err_set(err, ERR_CONFIG, "there are more than %d pods to evict", PODS_MAX);
}

/* ---- The steps. */

static enum awaiting look_cordoned(BN_UNUSED struct target *t, const struct step *step,
                                   const struct json_node *object, struct strbuf *says)
{
    (void)step;
    if (json_node_true(json_node_path(object, "spec.unschedulable")))
        return AWAIT_DONE;
    strbuf_adds(says, "it takes pods again: somebody has uncordoned it");
    return AWAIT_FAILED;
}

static void add_cordon(struct drain *d)
{
    struct plan *p = d->plan;
    const struct kube_object *o = d->node;
    bool is = json_node_true(json_node_path(o->root, "spec.unschedulable"));
    struct step *s = plan_step(p, is ? '=' : '~', plan_text(p, "Cordon %s", kube_name(p, o)));
    if (is)
        return;
    d->undo = kube_patch(p, o, "\"spec\":{\"unschedulable\":null}", false);
    s->deed = kube_patch(p, o, "\"spec\":{\"unschedulable\":true}", false);
    s->undo = d->undo;
    s->undo_title = "uncordon it";
    s->shell = plan_text(p, "%s cordon %s", kubectl(p, d->target, ""), o->name);
    s->await_path = o->path;
    s->await = look_cordoned;
}

static void add_eviction(struct drain *d, const struct json_node *pod)
{
    struct plan *p = d->plan;
    const struct json_node *budget = blocking(d, pod);
    const char *grace = answers_get(d->in, "grace"), *none;
    d->uids = plan_text(p, "%s%s ", d->uids, json_node_path_text(pod, "metadata.uid", ""));
    if (json_node_path(pod, "metadata.deletionTimestamp"))
        return; /* it is ending already: it is only waited for */
    struct step *s = evict_step(p, pod, grace);
    none = s->undo_title;
    s->deed.waits = true;
    s->await = evict_await;
    s->await_s = (int)strtol(answers_get(d->in, "wait"), NULL, 10);
    s->undo = d->undo;
    s->undo_title = d->undo.method ? plan_text(p, "uncordon the node; of the pod %s", none) : none;
    if (budget && d->blocked.count++ < NAMED_MAX)
        d->blocked.text =
            plan_text(p, "%s%s%s/%s (%s)", d->blocked.text, d->blocked.text[0] ? ", " : "",
                      json_node_path_text(pod, "metadata.namespace", ""),
                      json_node_path_text(pod, "metadata.name", ""),
                      json_node_path_text(budget, "metadata.name", ""));
}

/* step->former: uids of those that are to be gone from the list of the node's pods. */
static enum awaiting look_gone(BN_UNUSED struct target *t, const struct step *step,
                               const struct json_node *object, struct strbuf *says)
{
    const struct json_node *pod = json_node_first(json_node_get(object, "items"));
    size_t left = 0;
    for (; pod; pod = json_node_next(pod)) {
        const char *uid = json_node_path_text(pod, "metadata.uid", "");
        if (!uid[0] || !strstr(step->former, uid))
            continue;
        if (left++ < NAMED_MAX)
            strbuf_addf(says, "%s%s/%s", left > 1 ? ", " : "still there: ",
                        json_node_path_text(pod, "metadata.namespace", ""),
                        json_node_path_text(pod, "metadata.name", ""));
    }
    return left ? AWAIT_MORE : AWAIT_DONE;
}

/* Those that nothing blocks go first: one that is waited for holds up nobody else. */
static void add_evictions(struct drain *d, const char *path)
{
    struct plan *p = d->plan;
    for (int blocked = 0; blocked < 2; blocked++)
        for (const struct json_node *pod = json_node_first(d->pods); pod; pod = json_node_next(pod))
            if (fate_of(pod) != STAYS && (blocking(d, pod) != NULL) == blocked)
                add_eviction(d, pod);
    if (!d->uids[1])
        return;
    struct step *s = plan_step(p, '=', "Wait until they are gone");
    s->await_path = path;
    s->await = look_gone;
    s->former = d->uids;
    s->await_s = 600;
}

static bool takes_pods(const struct json_node *node)
{
    const char *ready = json_node_path_text(kube_condition(node, "Ready"), "status", "");
    return strcmp(ready, "True") == 0 &&
           !json_node_true(json_node_path(node, "spec.unschedulable"));
}

/* Whether there is another node where they could go. */
static void warn_room(const struct drain *d)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    kube_path(&path, &nodes, NULL, NULL, NULL);
    bool known = target_get(d->target, strbuf_cstr(&path), &doc, NULL) && doc, other = false;
    strbuf_clear(&path);
    if (!known)
        return;
    const struct json_node *n = json_node_first(json_node_get(json_doc_root(doc), "items"));
    for (; n && !other; n = json_node_next(n))
        other = strcmp(json_node_path_text(n, "metadata.name", ""), d->node->name) != 0 &&
                takes_pods(n);
    if (!other)
        plan_warn(d->plan, "no other node is ready and takes pods: what is evicted stays Pending");
    json_doc_free(doc);
}

static void warn(const struct drain *d)
{
    struct plan *p = d->plan;
    if (d->stay.count)
        plan_warn(p, plan_text(p, "of DaemonSets, or static, and left: %s%s", d->stay.text,
                               more(&d->stay)));
    if (d->data.count)
        plan_warn(p, plan_text(p, "data in emptyDir volumes is lost: %s%s", d->data.text,
                               more(&d->data)));
    if (d->alone.count)
        plan_warn(p, plan_text(p, "without a controller, gone for good: %s%s", d->alone.text,
                               more(&d->alone)));
    if (d->blocked.count)
        plan_warn(p, plan_text(p,
                               "their PodDisruptionBudget lets no pod go now, they are waited for: "
                               "%s%s",
                               d->blocked.text, more(&d->blocked)));
    if (!d->budgets)
        plan_warn(p, "PodDisruptionBudgets may not be listed: what blocks is said when it does");
}

/* What runs nowhere else meanwhile. */
static void warn_stops(const struct drain *d)
{
    const struct json_node **list =
        arena_calloc(d->plan->arena, PODS_MAX, sizeof(struct json_node *));
    const struct json_node *pod = json_node_first(d->pods);
    size_t n = 0;
    for (; list && pod && n < PODS_MAX; pod = json_node_next(pod))
        if (fate_of(pod) != STAYS)
            list[n++] = pod;
    if (list)
        stops_pods(d->target, d->plan, list, n);
}

static const char *shell_of(const struct drain *d)
{
    struct plan *p = d->plan;
    const char *grace = answers_get(d->in, "grace");
    return plan_text(p, "%s drain %s --ignore-daemonsets%s%s%s%s", kubectl(p, d->target, ""),
                     d->node->name,
                     said(d, "delete-emptydir-data") ? " --delete-emptydir-data" : "",
                     said(d, "force") ? " --force" : "", grace[0] ? " --grace-period=" : "", grace);
}

static bool add_steps(struct drain *d, const char *path, struct err *err)
{
    if (!sort_pods(d, err))
        return false;
    add_cordon(d);
    add_evictions(d, path);
    warn(d);
    warn_stops(d);
    warn_room(d);
    plan_warn(d->plan, plan_text(d->plan, "as one command: %s", shell_of(d)));
    return true;
}

/* ---- */

static struct json_doc *read_list(struct target *t, const char *path, struct err *err)
{
    struct json_doc *doc;
    return target_get(t, path, &doc, err) ? doc : NULL;
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct kube_object o = {
        .resource = &nodes, .kind = "Node", .ns = "", .name = answers_get(in, "name")};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), all = STRBUF_INIT(KUBE_PATH_MAX);
    const struct names none = {p, "", 0};
    struct err why;
    if (!kube_read(t, p, &o, err))
        return false;
    kube_path(&path, &pods, NULL, NULL, NULL);
    kube_query(&path, "fieldSelector", plan_text(p, "spec.nodeName=%s", o.name));
    kube_path(&all, &budgets, NULL, NULL, NULL);
    const char *list = plan_text(p, "%s", strbuf_cstr(&path));
    struct json_doc *run = read_list(t, list, err);
    struct json_doc *held = run ? read_list(t, strbuf_cstr(&all), &why) : NULL;
    struct drain d = {.target = t,
                      .plan = p,
                      .in = in,
                      .node = &o,
                      .budgets = json_node_get(json_doc_root(held), "items"),
                      .pods = json_node_get(json_doc_root(run), "items"),
                      .data = none,
                      .alone = none,
                      .stay = none,
                      .go = none,
                      .blocked = none,
                      .uids = " ",
                      .undo = {.generation = -1}};
    bool ok = run && add_steps(&d, list, err);
    strbuf_clear(&path);
    strbuf_clear(&all);
    json_doc_free(run);
    json_doc_free(held);
    kube_object_clear(&o);
    return ok;
}

const struct action action_drain = {
    .name = "drain",
    .title = "Drain a node",
    .help = "cordon a node and evict its pods, as far as their disruption budgets let them",
    .risk = RISK_DESTROY,
    .kind = "node",
    .fields = fields,
    .plan = plan,
};
