/* What a change stops meanwhile, and for how long. */
#include <config.h>

#include "actions/stops.h"

#include "base/number.h"
#include "base/timetext.h"

#include <stdint.h>
#include <string.h>

#define LOOKED_AT 50 /* pods whose times are taken */
#define STARTED_MS \
    ((int64_t)15 * 60 * 1000) /* later than that it was no start: it was not ready, and came back */
#define NAMED_MAX 8

static const struct kube_resource pods = {"", "v1", "pods"};

/* ---- How long a pod takes. */

static bool is_ready(const struct json_node *pod)
{
    return strcmp(json_node_path_text(kube_condition(pod, "Ready"), "status", ""), "True") == 0 &&
           !json_node_path(pod, "metadata.deletionTimestamp");
}

static bool was_restarted(const struct json_node *pod)
{
    const struct json_node *c = json_node_first(json_node_path(pod, "status.containerStatuses"));
    int64_t n = 0;
    for (; c && n == 0; c = json_node_next(c))
        if (!json_node_int(json_node_get(c, "restartCount"), &n))
            n = 0;
    return n > 0;
}

/* From when it was made; 0: not known. */
static int64_t ready_after(const struct json_node *pod)
{
    const int64_t made = kube_time(pod, "metadata.creationTimestamp");
    const int64_t ready = kube_time(kube_condition(pod, "Ready"), "lastTransitionTime");
    if (!is_ready(pod) || was_restarted(pod) || made == TIME_NONE || ready == TIME_NONE)
        return 0;
    return ready > made && ready - made <= STARTED_MS ? ready - made : 0;
}

/* "k=v,k=v" of its matchLabels. */
static void add_selector(const struct json_node *labels, struct strbuf *out)
{
    const struct json_node *l = json_node_first(labels);
    for (const char *between = ""; l; l = json_node_next(l), between = ",")
        strbuf_addf(out, "%s%s=%s", between, json_node_key(l),
                    json_node_text(l) ? json_node_text(l) : "");
}

/* "; such a pod took up to 12s"; "": not known. */
static const char *says_ready(struct target *t, struct plan *p, const struct kube_object *o)
{
    const struct json_node *selector = json_node_path(o->root, "spec.selector");
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), labels = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    char text[TIMETEXT_MAX];
    int64_t most = 0;
    struct err none;
    add_selector(json_node_get(selector, "matchLabels"), &labels);
    kube_path(&path, &pods, o->ns, NULL, NULL);
    kube_query(&path, "labelSelector", strbuf_cstr(&labels));
    kube_query(&path, "limit", plan_text(p, "%d", LOOKED_AT));
    if (labels.len && !target_get(t, strbuf_cstr(&path), &doc, &none))
        doc = NULL;
    const struct json_node *pod = json_node_first(json_node_get(json_doc_root(doc), "items"));
    for (; pod; pod = json_node_next(pod)) {
        const int64_t ms = kube_selects(selector, pod) ? ready_after(pod) : 0;
        most = ms > most ? ms : most;
    }
    json_doc_free(doc);
    strbuf_clear(&path);
    strbuf_clear(&labels);
    if (!most)
        return "";
    duration_format(most, text);
    return plan_text(p, "; such a pod took up to %s", text);
}

/* ---- Rollouts. */

/* Of a plan that is about more than this one, what is said begins with its name. */
static void say(struct plan *p, const struct kube_object *o, bool warns, const char *text)
{
    if (p->count > 1)
        text = plan_text(p, "%s: %s", kube_name(p, o), text);
    (warns ? plan_warn : plan_note)(p, text);
}

/* The API has 32 bits for each; what came may be anything. */
static int64_t within(int64_t n)
{
    return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : n;
}

/* A number, or a percentage of `of` that is rounded up or down. */
static int64_t share(const struct json_node *node, int64_t of, bool up, int64_t fallback)
{
    const char *text = json_node_text(node);
    struct span number = span_from(text ? text : "");
    int64_t n;
    if (json_node_int(node, &n))
        return within(n);
    if (!span_ends(number, "%") ||
        !number_parse(span_sub(number, 0, number.len - 1), 0, 1000000, &n))
        return fallback;
    return (n * of + (up ? 99 : 0)) / 100;
}

static int64_t count(const struct kube_object *o, const char *path, int64_t fallback)
{
    int64_t n;
    return json_node_int(json_node_path(o->root, path), &n) ? within(n) : fallback;
}

static const char *pods_of(struct plan *p, int64_t n)
{
    return n == 1 ? "its only pod" : plan_text(p, "its %lld pods", (long long)n);
}

/* [api reference: DeploymentStrategy; both 25% unless said, and not both 0] */
static void deployment(struct plan *p, const struct kube_object *o, const char *ready)
{
    const int64_t all = count(o, "spec.replicas", 1);
    const struct json_node *rolling = json_node_path(o->root, "spec.strategy.rollingUpdate");
    const struct json_node *progressing = kube_condition(o->root, "Progressing");
    const int64_t more =
        share(json_node_get(rolling, "maxSurge"), all, true, (25 * all + 99) / 100);
    const bool recreates = strcmp(kube_text(o, "spec.strategy.type"), "Recreate") == 0;
    int64_t missing = share(json_node_get(rolling, "maxUnavailable"), all, false, 25 * all / 100);
    missing = missing == 0 && more == 0 ? 1 : missing;
    if (strcmp(json_node_path_text(progressing, "reason", ""), "ProgressDeadlineExceeded") == 0)
        say(p, o, true,
            plan_text(p, "its rollout before has not come to its end: %s",
                      json_node_path_text(progressing, "message", "")));
    if (all == 0)
        say(p, o, false, "It has no pods: none is replaced.");
    else if (recreates || missing >= all)
        say(p, o, true,
            plan_text(p,
                      "%s may be gone before new ones are ready (%s): what it serves "
                      "stops until then%s",
                      pods_of(p, all), recreates ? "Recreate" : "maxUnavailable", ready));
    else if (missing == 0)
        say(p, o, false,
            plan_text(p, "New pods come first, %lld at a time; none of %lld is missing%s.",
                      (long long)more, (long long)all, ready));
    else
        say(p, o, false,
            plan_text(p, "Of %s up to %lld may be missing at a time%s.", pods_of(p, all),
                      (long long)missing, ready));
}

static void statefulset(struct plan *p, const struct kube_object *o, const char *ready)
{
    const int64_t all = count(o, "spec.replicas", 1);
    const int64_t from = count(o, "spec.updateStrategy.rollingUpdate.partition", 0);
    if (from > 0)
        say(p, o, true,
            plan_text(p, "its partition is %lld: pods of lower numbers stay as they are",
                      (long long)from));
    if (all <= from)
        say(p, o, false, "None of its pods is replaced.");
    else if (all == 1)
        say(p, o, true,
            plan_text(p,
                      "its only pod ends before the new one starts: what it serves stops "
                      "until that is ready%s",
                      ready));
    else
        say(p, o, false,
            plan_text(p,
                      "One of its %lld pods after the other is missing until the new "
                      "one is ready%s.",
                      (long long)all, ready));
}

static void daemonset(struct plan *p, const struct kube_object *o, const char *ready)
{
    const int64_t all = count(o, "status.desiredNumberScheduled", 0);
    const struct json_node *rolling = json_node_path(o->root, "spec.updateStrategy.rollingUpdate");
    const int64_t more = share(json_node_get(rolling, "maxSurge"), all, true, 0);
    const int64_t missing = share(json_node_get(rolling, "maxUnavailable"), all, true, 1);
    if (more > 0)
        say(p, o, false,
            plan_text(p, "On each of %lld nodes the new pod comes first%s.", (long long)all,
                      ready));
    else
        say(p, o, false,
            plan_text(p,
                      "Of %lld nodes %lld at a time is without its pod until the new "
                      "one is ready%s.",
                      (long long)all, (long long)missing, ready));
}

void stops_rollout(struct target *t, struct plan *p, const struct kube_object *o)
{
    const char *ready = says_ready(t, p, o);
    if (strcmp(o->kind, "StatefulSet") == 0)
        statefulset(p, o, ready);
    else if (strcmp(o->kind, "DaemonSet") == 0)
        daemonset(p, o, ready);
    else
        deployment(p, o, ready);
}

/* ---- Pods. */

static const char *uid_of(const struct json_node *pod)
{
    return json_node_path_text(kube_controller(pod), "uid", "");
}

/* The ReplicaSet or StatefulSet of a pod; NULL: it has none, or it cannot be read. */
static struct json_doc *read_owner(struct target *t, const struct json_node *pod)
{
    static const struct kube_resource kinds[] = {{"apps", "v1", "replicasets"},
                                                 {"apps", "v1", "statefulsets"}};
    const struct json_node *owner = kube_controller(pod);
    const char *kind = json_node_path_text(owner, "kind", "");
    const struct kube_resource *r = strcmp(kind, "ReplicaSet") == 0    ? &kinds[0]
                                    : strcmp(kind, "StatefulSet") == 0 ? &kinds[1]
                                                                       : NULL;
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc = NULL;
    struct err none;
    if (!r)
        return NULL;
    kube_path(&path, r, json_node_path_text(pod, "metadata.namespace", ""),
              json_node_path_text(owner, "name", ""), NULL);
    const bool ok = target_get(t, strbuf_cstr(&path), &doc, &none);
    strbuf_clear(&path);
    return ok ? doc : NULL;
}

/* The first of those of its owner, of which none is ready that stays; then what is stopped. */
static const char *stopped_by(struct target *t, struct plan *p, const struct json_node *const *list,
                              size_t n, size_t at)
{
    const char *uid = uid_of(list[at]), *stopped = NULL;
    int64_t ready, here = 0, took = 0;
    char text[TIMETEXT_MAX];
    for (size_t i = 0; i < n; i++) {
        if (strcmp(uid_of(list[i]), uid) != 0)
            continue;
        if (i < at)
            return NULL;
        here += is_ready(list[i]);
        took = ready_after(list[i]) > took ? ready_after(list[i]) : took;
    }
    struct json_doc *doc = uid[0] && here ? read_owner(t, list[at]) : NULL;
    const struct json_node *root = json_doc_root(doc), *top = kube_controller(root);
    if (doc && json_node_int(json_node_path(root, "status.readyReplicas"), &ready) &&
        ready <= here) {
        duration_format(took, text);
        stopped = plan_text(p, "%s %s/%s%s%s%s",
                            top ? json_node_path_text(top, "kind", "")
                                : json_node_path_text(root, "kind", ""),
                            json_node_path_text(root, "metadata.namespace", ""),
                            top ? json_node_path_text(top, "name", "")
                                : json_node_path_text(root, "metadata.name", ""),
                            took ? " (took " : "", took ? text : "", took ? ")" : "");
    }
    json_doc_free(doc);
    return stopped;
}

void stops_pods(struct target *t, struct plan *p, const struct json_node *const *ended, size_t n)
{
    const char *all = "";
    size_t named = 0;
    for (size_t i = 0; i < n; i++) {
        const char *one = stopped_by(t, p, ended, n, i);
        if (one && named++ < NAMED_MAX)
            all = plan_text(p, "%s%s%s", all, all[0] ? ", " : "", one);
    }
    if (named)
        plan_warn(p, plan_text(p, "stops until a new pod is ready, as no other one is: %s%s", all,
                               named > NAMED_MAX ? plan_text(p, " and %zu more", named - NAMED_MAX)
                                                 : ""));
}
