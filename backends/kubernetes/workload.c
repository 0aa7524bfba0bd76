/* Deployments, StatefulSets and DaemonSets as one kind: what should run, and
 * how much of it does. */
#include <config.h>

#include "backends/kubernetes/dns_arguments.h"
#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    TYPE,
    READY,
    UPDATED,
    AVAILABLE,
    AGE,
    CURRENT,
    CONTAINERS,
    IMAGES,
    SELECTOR,
    NODE_SELECTOR,
    POD_LABELS,
    DESIRED,
    READY_COUNT,
    UPDATED_COUNT,
    TO_UPDATE,
    UNAVAILABLE,
    GENERATION,
    OBSERVED,
    PAUSED,
    STUCK,
    MESSAGE,
    DOWN_SINCE,
    STUCK_SINCE,
    WORST_POD,
    REVISIONS,
    ENV_SECRETS,
    ARGUMENTS,
    CREATED,
    LABELS,
    UID,
};

/* What is folded judges it again: pods and ReplicaSets come when they come. */
static const struct fold worst_pod = {FOLD_WORST, LINK_OWNER, "pod", NULL, NULL};
static const struct fold count_sets = {FOLD_COUNT, LINK_OWNER, "replicaset", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "Deployment, StatefulSet or DaemonSet.", VALUE_TEXT, 11, 20,
              COLUMN_IDENT, NULL, NULL},
    [READY] = {"ready", "READY", "Pods that are ready, of those wanted.", VALUE_TEXT, 5, 0,
               COLUMN_NOTABLE, NULL, NULL},
    [UPDATED] = {"up-to-date", "UP-TO-DATE", "Pods of the newest template.", VALUE_COUNT, 5, 40,
                 COLUMN_RIGHT, NULL, NULL},
    [AVAILABLE] = {"available", "AVAILABLE", "Pods that have been ready long enough.", VALUE_COUNT,
                   5, 45, COLUMN_RIGHT, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CURRENT] = {"current", "CURRENT", "Pods there.", VALUE_COUNT, 5, 62,
                 COLUMN_RIGHT | COLUMN_WIDE, NULL, NULL},
    [CONTAINERS] = {"containers", "CONTAINERS", "Containers of its template.", VALUE_LIST, 16, 61,
                    COLUMN_WIDE, NULL, NULL},
    [IMAGES] = {"images", "IMAGES", "Images of its template.", VALUE_LIST, 30, 60,
                COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [SELECTOR] = {"selector", "SELECTOR", "Labels that choose its pods.", VALUE_TEXT, 20, 70,
                  COLUMN_WIDE, NULL, NULL},
    [NODE_SELECTOR] = {"node-selector", "NODE SELECTOR", "Labels of the nodes its pods may run on.",
                       VALUE_TEXT, 16, 71, COLUMN_WIDE, NULL, NULL},
    [POD_LABELS] = {"pod-labels", "POD-LABELS", "Labels of its pods' template.", VALUE_TEXT, 20, 80,
                    COLUMN_HIDDEN, NULL, NULL},
    [DESIRED] = {"desired", "DESIRED", "Pods wanted.", VALUE_COUNT, 5, 80,
                 COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [READY_COUNT] = {"ready-count", "READY-COUNT", "Pods that are ready.", VALUE_COUNT, 5, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [UPDATED_COUNT] = {"updated-count", "UPDATED-COUNT", "Pods of the newest template.",
                       VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [TO_UPDATE] = {"to-update", "TO-UPDATE",
                   "Pods that its controller gives the newest template by itself.", VALUE_COUNT, 5,
                   80, COLUMN_HIDDEN, NULL, NULL},
    [UNAVAILABLE] = {"unavailable", "UNAVAILABLE", "Pods wanted that are not available.",
                     VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [GENERATION] = {"generation", "GENERATION", "Version of its specification.", VALUE_COUNT, 5, 80,
                    COLUMN_HIDDEN, NULL, NULL},
    [OBSERVED] = {"observed", "OBSERVED", "Version that its controller has seen.", VALUE_COUNT, 5,
                  80, COLUMN_HIDDEN, NULL, NULL},
    [PAUSED] = {"paused", "PAUSED", "Its rollout is paused.", VALUE_BOOL, 5, 80,
                COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [STUCK] = {"stuck", "STUCK", "Its rollout has passed its deadline.", VALUE_BOOL, 5, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What its controller says.", VALUE_TEXT, 30, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [DOWN_SINCE] = {"down-since", "DOWN-SINCE", "When it ceased to be available.", VALUE_INSTANT, 5,
                    80, COLUMN_HIDDEN, NULL, NULL},
    [STUCK_SINCE] = {"stuck-since", "STUCK-SINCE", "When its rollout had passed its deadline.",
                     VALUE_INSTANT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [WORST_POD] = {"worst-pod", "WORST-POD",
                   "Level of the worst pod of its own; a Deployment's belong to its ReplicaSets.",
                   VALUE_LEVEL, 8, 80, COLUMN_HIDDEN, NULL, &worst_pod},
    [REVISIONS] = {"replicasets", "REPLICASETS", "Its ReplicaSets.", VALUE_COUNT, 5, 80,
                   COLUMN_HIDDEN, NULL, &count_sets},
    [ENV_SECRETS] = {"env-secrets", "ENV-SECRETS",
                     "Variables that its containers take from Secrets: NAME=SECRET/KEY.",
                     VALUE_LIST, 30, 81, COLUMN_HIDDEN, NULL, NULL},
    [ARGUMENTS] = {DNS_ARGUMENTS, VALUE_LIST, 30, 85, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

enum { DEPLOYMENT, STATEFUL_SET, DAEMON_SET };

struct counts {
    int64_t desired, current, ready, updated, available;
};

static struct counts counts_of(struct kube_object *o, size_t which)
{
    struct counts c;
    if (which == DAEMON_SET) {
        c.desired = object_path_int(o->status, "desiredNumberScheduled", 0);
        c.current = object_path_int(o->status, "currentNumberScheduled", 0);
        c.ready = object_path_int(o->status, "numberReady", 0);
        c.updated = object_path_int(o->status, "updatedNumberScheduled", 0);
        c.available = object_path_int(o->status, "numberAvailable", 0);
    } else {
        c.desired = object_path_int(o->spec, "replicas", 1);
        c.current = object_path_int(o->status, "replicas", 0);
        c.ready = object_path_int(o->status, "readyReplicas", 0);
        c.updated = object_path_int(o->status, "updatedReplicas", 0);
        c.available =
            object_path_int(o->status, "availableReplicas", which == STATEFUL_SET ? c.ready : 0);
    }
    return c;
}

/* A rollout may be meant to stop half-way [apps/v1 StatefulSetUpdateStrategy]. */
static int64_t to_update(struct kube_object *o, int64_t desired)
{
    int64_t partition = object_path_int(o->spec, "updateStrategy.rollingUpdate.partition", 0);
    if (json_is(json_path(o->spec, "updateStrategy.type"), "OnDelete"))
        return 0;
    return partition > desired ? 0 : desired - partition;
}

static void put_progress(struct kube_object *o, struct row_writer *w)
{
    struct condition progressing, available, failure;
    bool stuck = object_condition(o, "Progressing", &progressing) &&
                 span_is(progressing.reason, "ProgressDeadlineExceeded");
    struct span message = stuck ? progressing.message : (struct span){"", 0};
    if (object_condition(o, "ReplicaFailure", &failure) && span_is(failure.status, "True"))
        message = failure.message;
    else if (!message.len && object_condition(o, "Available", &available) &&
             span_is(available.status, "False"))
        message = available.message;
    if (object_condition(o, "Available", &available) && span_is(available.status, "False"))
        put_time(w, DOWN_SINCE, available.since_ms);
    if (stuck)
        put_time(w, STUCK_SINCE, progressing.since_ms);
    row_num(w, STUCK, stuck);
    put_text(w, MESSAGE, message);
}

#define ENV_MAX 64 /* what more there is is left out */

/* "TYPESENSE_API_KEY=typesense/api-key" of each variable that is one key of a Secret: where a
 * program's own password is had from, never the password. */
static struct span env_secrets(struct kube_object *o, struct json_value containers)
{
    struct json_iter it, vars;
    struct json_value container, var;
    struct span all = {"", 0};
    size_t n = 0;
    for (json_iter_init(&it, containers); json_next(&it, NULL, &container);)
        for (json_iter_init(&vars, json_get(container, "env"));
             n < ENV_MAX && json_next(&vars, NULL, &var);) {
            const struct span name = object_path_text(o, var, "valueFrom.secretKeyRef.name");
            if (!name.len)
                continue;
            all = object_list_add(
                o, all,
                object_format(o, "%.*s=%.*s/%.*s", SPAN_ARG(object_path_text(o, var, "name")),
                              SPAN_ARG(name),
                              SPAN_ARG(object_path_text(o, var, "valueFrom.secretKeyRef.key"))));
            n++;
        }
    return all;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    static const char *const types[] = {"Deployment", "StatefulSet", "DaemonSet"};
    struct json_value template = json_path(o->spec, "template.spec");
    struct json_value containers = json_get(template, "containers");
    struct counts c = counts_of(o, which);
    struct span key;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    row_text(w, TYPE, span_from(types[which]));
    row_text(w, READY, object_format(o, "%lld/%lld", (long long)c.ready, (long long)c.desired));
    row_num(w, UPDATED, c.updated);
    row_num(w, AVAILABLE, c.available);
    row_num(w, CURRENT, c.current);
    put_text(w, CONTAINERS, object_containers(o, containers, "name"));
    put_text(w, IMAGES, object_containers(o, containers, "image"));
    put_text(w, ENV_SECRETS, env_secrets(o, containers));
    put_text(w, SELECTOR, object_selector(o, json_get(o->spec, "selector")));
    put_text(w, NODE_SELECTOR, object_pairs(o, json_get(template, "nodeSelector")));
    put_text(w, POD_LABELS, object_pairs(o, json_path(o->spec, "template.metadata.labels")));
    row_num(w, DESIRED, c.desired);
    row_num(w, READY_COUNT, c.ready);
    row_num(w, UPDATED_COUNT, c.updated);
    row_num(w, TO_UPDATE, to_update(o, c.desired));
    row_num(w, UNAVAILABLE, c.desired > c.available ? c.desired - c.available : 0);
    row_num(w, GENERATION, o->generation);
    row_num(w, OBSERVED, object_path_int(o->status, "observedGeneration", o->generation));
    row_num(w, PAUSED, object_path_true(o->spec, "paused"));
    put_progress(o, w);
    put_text(w, ARGUMENTS, dns_arguments(o, containers));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    const char *owner = kube_owner(o, &key); /* a database cluster, a MinIO tenant */
    if (owner)
        row_link(w, LINK_OWNER, 0, owner, key);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

enum { RULE_STUCK, RULE_NONE, RULE_SOME, RULE_ROLLING, RULE_PAUSED, RULE_STARTING };

static const struct rule rules[] = {
    [RULE_STUCK] = {"workload-rollout-stuck",
                    "The rollout has passed its progress deadline: critical.",
                    .since = STUCK_SINCE},
    [RULE_NONE] = {"workload-down",
                   "Pods are wanted and none is ready: critical, unless it was "
                   "made within the last 2 minutes.",
                   .since = DOWN_SINCE},
    [RULE_SOME] = {"workload-degraded", "Fewer pods are available than wanted, and one of them is "
                                        "bad or not there at all: warning."},
    [RULE_ROLLING] = {"workload-rolling", "A rollout is going on: progress."},
    [RULE_PAUSED] = {"workload-paused", "The rollout is paused: notice."},
    [RULE_STARTING] = {"workload-starting", "Pods that are wanted are starting: progress."},
};

#define FRESH_MS (2 * 60 * 1000)
#define AGAIN_MS 10000 /* when to look again at pods that are on their way */

/* Fewer pods than wanted. Which level that is, its pods say; each of them turns
 * bad by its own clock when it takes too long. */
static struct verdict judge_some(const struct store *st, struct handle row, bool rolling,
                                 int64_t now_ms)
{
    struct owned pods;
    owned_pods(st, row, &pods);
    if (!pods.known)
        return rolling ? verdict_at(LEVEL_PROGRESS, RULE_ROLLING)
                       : verdict_at(LEVEL_WARNING, RULE_SOME);
    bool bad = pods.level >= LEVEL_UNKNOWN;
    bool enough = (int64_t)pods.count >= store_num(st, row, DESIRED, 0);
    if (bad || (!rolling && !enough))
        return verdict_until(LEVEL_WARNING, RULE_SOME, now_ms + AGAIN_MS);
    return verdict_until(LEVEL_PROGRESS, rolling ? RULE_ROLLING : RULE_STARTING, now_ms + AGAIN_MS);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t desired = store_num(st, row, DESIRED, 0), ready = store_num(st, row, READY_COUNT, 0);
    int64_t fresh = store_num(st, row, CREATED, TIME_NONE);
    bool behind = store_num(st, row, UPDATED_COUNT, 0) < store_num(st, row, TO_UPDATE, 0);
    bool unseen = store_num(st, row, OBSERVED, 0) < store_num(st, row, GENERATION, 0);
    bool rolling = unseen || (behind && !store_num(st, row, PAUSED, 0));
    if (store_num(st, row, STUCK, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_STUCK);
    if (!desired)
        return verdict_off();
    if (!ready && fresh != TIME_NONE && now_ms - fresh <= FRESH_MS)
        return verdict_until(LEVEL_PROGRESS, RULE_STARTING, fresh + FRESH_MS + 1);
    if (!ready)
        return verdict_at(LEVEL_CRITICAL, RULE_NONE);
    if (store_num(st, row, UNAVAILABLE, 0))
        return judge_some(st, row, rolling, now_ms);
    if (store_num(st, row, PAUSED, 0))
        return verdict_at(LEVEL_NOTICE, RULE_PAUSED);
    return rolling ? verdict_at(LEVEL_PROGRESS, RULE_ROLLING) : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    static const char *const begins[] = {
        [RULE_STUCK] = "rollout stuck, ",
        [RULE_NONE] = "",
        [RULE_SOME] = "",
        [RULE_ROLLING] = "rollout under way, ",
        [RULE_PAUSED] = "rollout paused",
        [RULE_STARTING] = "starting, ",
    };

    strbuf_adds(out, begins[v->rule]);
    if (v->rule != RULE_PAUSED)
        strbuf_addf(out, "%.*s ready", SPAN_ARG(store_text(st, row, READY)));
    if (v->rule == RULE_NONE)
        sentence_for(out, store_num(st, row, DOWN_SINCE, TIME_NONE), now_ms);
    if (!sentence_pod(out, st, row, now_ms)) /* which knows more than its controller */
        sentence_cause(out, store_text(st, row, MESSAGE));
}

/* As kubectl and k9s call them. */
static const struct kind_part parts[] = {
    {"deploy deployment deployments dp", "type=Deployment"},
    {"sts statefulset statefulsets", "type=StatefulSet"},
    {"ds daemonset daemonsets", "type=DaemonSet"},
    {NULL, NULL},
};

const struct kind kind_workload = {
    .name = "workload",
    .plural = "workloads",
    .aliases = "wk deploy deployment deployments dp sts statefulset "
               "statefulsets ds daemonset daemonsets",
    .parts = parts,
    .title = "Workloads",
    .help = "Deployments, StatefulSets and DaemonSets.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_workload = {
    .kind = &kind_workload,
    .resources = {{"apps", "v1", "deployments"},
                  {"apps", "v1", "statefulsets"},
                  {"apps", "v1", "daemonsets"}},
    .types = {"Deployment", "StatefulSet", "DaemonSet"},
    .parse = parse,
};
