/* PodDisruptionBudgets: how many pods may be evicted, and which drains wait for that. Facts: kubernetes
 * pkg/apis/policy/types.go, pkg/controller/disruption/disruption.go. */
#include <config.h>

#include "backends/kubernetes/pdb.h"

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/selector.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    MIN,
    MAX,
    ALLOWED,
    HEALTHY,
    NEEDED,
    PODS,
    AGE,
    SELECTOR,
    REASON,
    MESSAGE,
    SEEN,
    CREATED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [MIN] = {"min-available", "MIN", "How many of its pods must stay, a number or a share.",
             VALUE_TEXT, 5, 20, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [MAX] = {"max-unavailable", "MAX-GONE",
             "How many of its pods may be away, a number or a share.", VALUE_TEXT, 8, 20,
             COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [ALLOWED] = {"allowed", "ALLOWED", "Pods that may be evicted now.", VALUE_COUNT, 7, 0,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [HEALTHY] = {"healthy", "HEALTHY", "Its pods that are ready.", VALUE_COUNT, 7, 10, COLUMN_RIGHT,
                 NULL, NULL},
    [NEEDED] = {"needed", "NEEDED", "Pods that must be ready at all times.", VALUE_COUNT, 6, 15,
                COLUMN_RIGHT, NULL, NULL},
    [PODS] = {"pods", "PODS", "Pods that it counts.", VALUE_COUNT, 4, 25, COLUMN_RIGHT, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [SELECTOR] = {"selector", "SELECTOR",
                  "Labels that choose its pods; <all>: all of its namespace.", VALUE_TEXT, 20, 60,
                  COLUMN_WIDE, NULL, NULL},
    [REASON] = {"reason", "REASON", "Why evictions are allowed or not, as its status says.",
                VALUE_TEXT, 16, 50, COLUMN_WIDE, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What its status says besides.", VALUE_TEXT, 30, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [SEEN] = {"seen", "SEEN", "Its status is of what it asks for now.", VALUE_BOOL, 5, 90,
              COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* A number or "50%"; as kubectl prints it, what is not said is N/A. */
static struct span bound_of(struct kube_object *o, const char *field)
{
    struct json_value v = json_get(o->spec, field);
    if (v.type == JSON_NUMBER)
        return object_format(o, "%lld", (long long)object_path_int(o->spec, field, 0));
    struct span text = object_text(o, v);
    return text.len ? text : SPAN("N/A");
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_value selector = json_get(o->spec, "selector");
    struct span chooses = object_selector(o, selector);
    struct condition allowed;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    row_text(w, MIN, bound_of(o, "minAvailable"));
    row_text(w, MAX, bound_of(o, "maxUnavailable"));
    row_num(w, ALLOWED, object_path_count(o->status, "disruptionsAllowed"));
    row_num(w, HEALTHY, object_path_count(o->status, "currentHealthy"));
    row_num(w, NEEDED, object_path_count(o->status, "desiredHealthy"));
    row_num(w, PODS, object_path_count(o->status, "expectedPods"));
    if (chooses.len || selector.type == JSON_OBJECT)
        row_text(w, SELECTOR, chooses.len ? chooses : SPAN("<all>"));
    if (object_condition(o, "DisruptionAllowed", &allowed)) {
        put_text(w, REASON, allowed.reason);
        put_text(w, MESSAGE, allowed.message);
    }
    row_num(w, SEEN, object_path_int(o->status, "observedGeneration", 0) >= o->generation);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

bool pdb_chooses(const struct store *st, struct handle budget, struct handle pod)
{
    const struct kind *k = store_kind(st, pod.kind);
    int ns = kind_column(k, SPAN("namespace")), labels = kind_column(k, SPAN("labels"));
    struct span selector = store_text(st, budget, SELECTOR);
    if (ns < 0 || labels < 0 || !selector.len ||
        !span_eq(store_text(st, pod, (size_t)ns), store_text(st, budget, NAMESPACE)))
        return false;
    return span_is(selector, "<all>") ||
           selector_matches(selector, store_text(st, pod, (size_t)labels));
}

/* One of its pods that stands on a cordoned node: who drains that waits. There are few such nodes. */
static bool find_waiting(const struct store *st, struct handle row, struct handle *node,
                         struct handle *pod)
{
    int nodes = store_kind_find(st, SPAN("node")), pods = store_kind_find(st, SPAN("pod"));
    uint32_t at = 0, back;
    enum link_type type;
    if (nodes < 0 || pods < 0)
        return false;
    const struct kind *k = store_kind(st, (uint16_t)pods);
    int cordoned = kind_column(store_kind(st, (uint16_t)nodes), SPAN("cordoned")),
        phase = kind_column(k, SPAN("phase"));
    while (store_next(st, (uint16_t)nodes, &at, node)) {
        if (!store_num(st, *node, (size_t)cordoned, 0))
            continue;
        for (back = 0; store_used_by_next(st, *node, &back, pod, &type);) {
            if (type != LINK_NODE || pod->kind != (uint16_t)pods || !pdb_chooses(st, row, *pod))
                continue;
            struct span word = store_text(st, *pod, (size_t)phase);
            if (!span_is(word, "Succeeded") && !span_is(word, "Failed"))
                return true;
        }
    }
    return false;
}

#define LOOK_MS 15000 /* no link leads to nodes that are cordoned later */

enum { RULE_UNKNOWN, RULE_DRAIN, RULE_BLOCKS, RULE_SHORT };

static const struct rule rules[] = {
    [RULE_UNKNOWN] = {"pdb-sync-failed",
                      "How many of its pods may be evicted cannot be told, so none may: warning."},
    [RULE_DRAIN] = {"pdb-blocks-drain", "None of its pods may be evicted, and one stands on a node "
                                        "that is cordoned: warning."},
    [RULE_BLOCKS] = {"pdb-blocks",
                     "None of its pods may be evicted though all are ready: a drain will wait: "
                     "notice."},
    [RULE_SHORT] = {"pdb-short",
                    "None of its pods may be evicted, since some are not ready: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct handle node, pod;
    if (store_num(st, row, ALLOWED, 0))
        return verdict_ok();
    if (span_is(store_text(st, row, REASON), "SyncFailed"))
        return verdict_at(LEVEL_WARNING, RULE_UNKNOWN);
    if (!store_num(st, row, PODS, 0) || !store_num(st, row, SEEN, 0))
        return verdict_at(LEVEL_OFF, 0);
    if (find_waiting(st, row, &node, &pod))
        return verdict_until(LEVEL_WARNING, RULE_DRAIN, now_ms + LOOK_MS);
    bool all = store_num(st, row, HEALTHY, 0) >= store_num(st, row, PODS, 0);
    return verdict_until(LEVEL_NOTICE, all ? RULE_BLOCKS : RULE_SHORT, now_ms + LOOK_MS);
}

/* "minAvailable 2"; of two bounds only one is given. */
static void add_bound(struct strbuf *out, const struct store *st, struct handle row)
{
    struct span least = store_text(st, row, MIN);
    bool is_min = !span_is(least, "N/A");
    strbuf_addf(out, "%s %.*s", is_min ? "minAvailable" : "maxUnavailable",
                SPAN_ARG(is_min ? least : store_text(st, row, MAX)));
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span reason = store_text(st, row, REASON);
    struct handle node, pod;
    (void)now_ms;
    if (v->rule == RULE_UNKNOWN) {
        strbuf_addf(out, "no pod may be evicted: %.*s", SPAN_ARG(reason));
        sentence_cause(out, store_text(st, row, MESSAGE));
        return;
    }
    strbuf_addf(out, "no pod may be evicted, %lld of %lld healthy and ",
                (long long)store_num(st, row, HEALTHY, 0), (long long)store_num(st, row, PODS, 0));
    add_bound(out, st, row);
    if (reason.len)
        strbuf_addf(out, " (%.*s)", SPAN_ARG(reason));
    if (v->rule == RULE_DRAIN && find_waiting(st, row, &node, &pod))
        strbuf_addf(out, "; node %.*s is cordoned and has %.*s", SPAN_ARG(store_key(st, node)),
                    SPAN_ARG(store_text(
                        st, pod, (size_t)kind_column(store_kind(st, pod.kind), SPAN("name")))));
}

const struct kind kind_pdb = {
    .name = "pdb",
    .plural = "pdbs",
    .aliases = "poddisruptionbudget poddisruptionbudgets",
    .title = "Disruption budgets",
    .help = "PodDisruptionBudgets: how many pods may be evicted at once.",
    .namespaced = true,
    .guarded = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "node pod",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_pdb = {
    .kind = &kind_pdb,
    .resources = {{"policy", "v1", "poddisruptionbudgets"}},
    .types = {"PodDisruptionBudget"},
    .parse = parse,
};
