/* Database clusters of the Percona XtraDB Cluster operator, as their objects and pods tell. */
#include <config.h>

#include "backends/kubernetes/pxc.h"

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/sentence.h"
#include "backends/s3/s3.h"

#include <string.h>

enum {
    NAMESPACE,
    NAME,
    STATUS,
    PXC,
    HAPROXY,
    PROXYSQL,
    FOR,
    BACKUP,
    AGE,
    RELEASE,
    ENDPOINT,
    MESSAGE,
    PAUSED,
    RESIZING,
    SIZE,
    READY,
    PODS_READY,
    PROXY_SIZE,
    PROXY_READY,
    BEFORE,
    SINCE,
    BACKUP_AT,
    GENERATION,
    OBSERVED,
    WORST,
    CR_VERSION,
    CREATED,
    LABELS,
    UID,
};

static const struct fold last_backup = {FOLD_MAX, LINK_BACKUP, "backup", "completed-at",
                                        "status=Succeeded"};
/* Only the StatefulSet of its database is called so [pxco pkg/pxc/statefulset.go]. */
static const struct fold pods_ready = {FOLD_SUM, LINK_OWNER, "workload", "ready-count",
                                       "type=StatefulSet name=*-pxc"};
static const struct fold worst = {FOLD_WORST, LINK_OWNER, "workload", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS",
                "What its operator says: initializing, paused, stopping, ready, error.", VALUE_TEXT,
                12, 0, COLUMN_NOTABLE, NULL, NULL},
    [PXC] = {"pxc", "PXC", "Database nodes that are ready, of those wanted.", VALUE_TEXT, 5, 0,
             COLUMN_NOTABLE, NULL, NULL},
    [HAPROXY] = {"haproxy", "HAPROXY", "HAProxy pods that are ready, of those wanted.", VALUE_TEXT,
                 7, 20, COLUMN_NOTABLE, NULL, NULL},
    [PROXYSQL] = {"proxysql", "PROXYSQL", "ProxySQL pods that are ready, of those wanted.",
                  VALUE_TEXT, 8, 60, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [FOR] = {"for", "FOR", "Since it came to this status.", VALUE_DURATION, 5, 30, COLUMN_RIGHT,
             "since", NULL},
    [BACKUP] = {"last-backup", "LAST BACKUP", "Since its last good backup ended.", VALUE_DURATION,
                11, 15, COLUMN_RIGHT, "backup-at", NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 40, COLUMN_RIGHT, "created", NULL},
    [RELEASE] = {"version", "VERSION", "The version of its database.", VALUE_TEXT, 10, 25,
                 COLUMN_NOTABLE, NULL, NULL},
    [ENDPOINT] = {"endpoint", "ENDPOINT", "Where it is reached.", VALUE_TEXT, 24, 35, 0, NULL,
                  NULL},
    [MESSAGE] = {"message", "MESSAGE", "What its operator adds.", VALUE_TEXT, 40, 70, COLUMN_WIDE,
                 NULL, NULL},
    [PAUSED] = {"paused", "PAUSED", "It is meant to be paused.", VALUE_BOOL, 5, 80,
                COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [RESIZING] = {"resizing", "RESIZING", "Its volumes are being made bigger.", VALUE_BOOL, 5, 80,
                  COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [SIZE] = {"pxc-size", "PXC-SIZE", "Database nodes wanted.", VALUE_COUNT, 5, 80,
              COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [READY] = {"pxc-ready", "PXC-READY", "Database nodes that are ready.", VALUE_COUNT, 5, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [PODS_READY] = {"pods-ready", "PODS-READY",
                    "Pods of its database that Kubernetes calls ready; after a crash of all nodes "
                    "they are, and no database runs.",
                    VALUE_COUNT, 5, 80, COLUMN_HIDDEN, NULL, &pods_ready},
    [PROXY_SIZE] = {"proxy-size", "PROXY-SIZE", "Proxies wanted, of either sort.", VALUE_COUNT, 5,
                    80, COLUMN_HIDDEN, NULL, NULL},
    [PROXY_READY] = {"proxy-ready", "PROXY-READY", "Proxies that are ready.", VALUE_COUNT, 5, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [BEFORE] = {"before", "BEFORE", "Its status before this one.", VALUE_TEXT, 12, 80,
                COLUMN_HIDDEN, NULL, NULL},
    [SINCE] = {"since", "SINCE", "When it came to this status.", VALUE_INSTANT, 5, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [BACKUP_AT] = {"backup-at", "BACKUP-AT", "When its last good backup ended.", VALUE_INSTANT, 5,
                   80, COLUMN_HIDDEN, NULL, &last_backup},
    [GENERATION] = {"generation", "GENERATION", "Version of its specification.", VALUE_COUNT, 5, 80,
                    COLUMN_HIDDEN, NULL, NULL},
    [OBSERVED] = {"observed", "OBSERVED", "Version that its operator has seen.", VALUE_COUNT, 5, 80,
                  COLUMN_HIDDEN, NULL, NULL},
    [WORST] = {"worst-workload", "WORST-WORKLOAD", "Level of the worst of its StatefulSets.",
               VALUE_LEVEL, 8, 80, COLUMN_HIDDEN, NULL, &worst},
    [CR_VERSION] = {"cr-version", "CR-VERSION", "Version of the operator it is written for.",
                    VALUE_TEXT, 8, 80, COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* The conditions are a log of its states with another sort, `tls`, in between: the last
 * state is the present one [pxco pxc_types.go AddCondition]. */
struct history {
    struct span now, before, message;
    int64_t since_ms;
};

static struct history read_history(struct kube_object *o)
{
    struct history h = {{"", 0}, {"", 0}, {"", 0}, TIME_NONE};
    struct json_iter it;
    struct json_value c;
    for (json_iter_init(&it, json_get(o->status, "conditions")); json_next(&it, NULL, &c);) {
        struct span type = object_path_text(o, c, "type");
        if (span_is(type, "tls"))
            continue;
        h.before = h.now;
        h.now = type;
        h.message = object_path_text(o, c, "message");
        h.since_ms = object_path_time(o, c, "lastTransitionTime");
    }
    return h;
}

/* What stands in status.message, and why a reconciliation has failed; mostly the same. */
static struct span message_of(struct kube_object *o, const struct history *h)
{
    struct json_iter it;
    struct json_value line;
    struct span all = h->message;
    for (json_iter_init(&it, json_get(o->status, "message")); json_next(&it, NULL, &line);) {
        struct span one = span_trim(object_text(o, line));
        if (span_search(one, all, false) < one.len)
            all = one;
        else if (one.len && span_search(all, one, false) == all.len)
            all = object_format(o, "%.*s; %.*s", SPAN_ARG(all), SPAN_ARG(one));
    }
    return all;
}

/* "2/3" of a component that is not disabled; adds to the sums. */
static void put_component(struct kube_object *o, struct row_writer *w, size_t column,
                          const char *name, int64_t *ready, int64_t *size)
{
    struct json_value spec = json_get(o->spec, name), status = json_get(o->status, name);
    int64_t there = object_path_count(status, "ready");
    int64_t wanted = json_get(spec, "size").type == JSON_NUMBER ? object_path_count(spec, "size")
                                                                : object_path_count(status, "size");
    bool off = column != PXC && !object_path_true(spec, "enabled");
    if (off || (!wanted && status.type != JSON_OBJECT))
        return;
    *ready += there;
    *size += wanted;
    row_text(w, column, object_format(o, "%lld/%lld", (long long)there, (long long)wanted));
}

static void put_counts(struct kube_object *o, struct row_writer *w)
{
    int64_t ready = 0, size = 0, proxies = 0, proxy_size = 0;
    put_component(o, w, PXC, "pxc", &ready, &size);
    put_component(o, w, HAPROXY, "haproxy", &proxies, &proxy_size);
    put_component(o, w, PROXYSQL, "proxysql", &proxies, &proxy_size);
    row_num(w, SIZE, size);
    row_num(w, READY, ready);
    row_num(w, PROXY_SIZE, proxy_size);
    row_num(w, PROXY_READY, proxies);
}

static void link_secrets(struct kube_object *o, struct row_writer *w)
{
    static const char *const names[] = {"secretsName", "sslSecretName", "sslInternalSecretName"};
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        struct span name = object_path_text(o, o->spec, names[i]);
        if (name.len)
            row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, name));
    }
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct history h = read_history(o);
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, STATUS, object_path_text(o, o->status, "state"));
    put_counts(o, w);
    put_text(w, RELEASE, object_path_text(o, o->status, "pxc.version"));
    put_text(w, ENDPOINT, object_path_text(o, o->status, "host"));
    put_text(w, MESSAGE, message_of(o, &h));
    row_num(w, PAUSED, object_path_true(o->spec, "pause"));
    row_num(w, RESIZING,
            object_entry(o, o->annotations, "percona.com/pvc-resize-in-progress").len != 0);
    put_text(w, BEFORE, h.before);
    put_time(w, SINCE, h.since_ms);
    row_num(w, GENERATION, o->generation);
    row_num(w, OBSERVED, object_path_int(o->status, "observedGeneration", o->generation));
    put_text(w, CR_VERSION, object_path_text(o, o->spec, "crVersion"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    link_secrets(o, w);
}

#define MINUTE_MS  ((int64_t)60 * 1000)
#define SILENT_MS  (2 * MINUTE_MS) /* an operator that has not said anything yet */
#define ERROR_MS   (2 * MINUTE_MS)
#define CRASH_MS   (2 * MINUTE_MS)  /* its operator counts pods some seconds later than they are */
#define STARTUP_MS (15 * MINUTE_MS) /* nodes start one after the other */
#define AGAIN_MS   10000            /* when to look again at pods that are replaced */

enum {
    RULE_ERROR,
    RULE_CRASH,
    RULE_DOWN,
    RULE_MAJORITY,
    RULE_PROXY_DOWN,
    RULE_DEGRADED,
    RULE_PROXY,
    RULE_SLOW,
    RULE_UNSAID,
    RULE_STARTING,
    RULE_ROLLING,
    RULE_PAUSED,
    RULE_UNSEEN,
    RULE_UNKEPT,
};

static const struct rule rules[] = {
    [RULE_ERROR] = {"pxc-error",
                    "Its operator cannot do what it should: warning, and after 2 "
                    "minutes critical.",
                    .since = SINCE},
    [RULE_CRASH] = {"pxc-full-crash",
                    "All its pods have been ready for 2 minutes and none of its "
                    "nodes is: the whole cluster has crashed: critical.",
                    .cause = true},
    [RULE_DOWN] = {"pxc-down", "No node is ready, and it was before: critical; when it starts, for "
                               "15 minutes: progress."},
    [RULE_MAJORITY] = {"pxc-no-majority", "Half of its nodes, or fewer, are ready: critical."},
    [RULE_PROXY_DOWN] = {"pxc-proxy-down", "None of its proxies is ready: critical."},
    [RULE_DEGRADED] = {"pxc-degraded", "A node is not ready: warning."},
    [RULE_PROXY] = {"pxc-proxy-degraded", "A proxy is not ready: warning."},
    [RULE_SLOW] = {"pxc-slow", "It has been initializing or stopping for 15 minutes: warning.",
                   .since = SINCE},
    [RULE_UNSAID] = {"pxc-unsaid", "Its operator has not said how it is, for 2 minutes: unknown."},
    [RULE_STARTING] = {"pxc-starting", "It is starting or stopping: progress.", .since = SINCE},
    [RULE_ROLLING] = {"pxc-rolling", "Its pods are replaced by newer ones, its volumes made "
                                     "bigger, or its newest version is not seen yet: progress."},
    [RULE_PAUSED] = {"pxc-paused", "It is paused: notice."},
    [RULE_UNSEEN] = {"pxc-unseen",
                     "It was changed, and its operator does not run to see that: warning."},
    [RULE_UNKEPT] = KEEPER_RULE("pxc-unkept"),
};

/* One of its StatefulSets is given a newer template. */
static bool is_rolling(const struct store *st, struct handle row)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &from, &type)) {
        if (type != LINK_OWNER || !store_alive(st, from))
            continue;
        struct verdict v = store_verdict(st, from);
        if (v.level == LEVEL_PROGRESS &&
            strcmp(store_kind(st, from.kind)->rules[v.rule].id, "workload-rolling") == 0)
            return true;
    }
    return store_num(st, row, RESIZING, 0) != 0;
}

/* Nodes that are not ready. */
static struct verdict judge_nodes(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t size = store_num(st, row, SIZE, 0), ready = store_num(st, row, READY, 0);
    int64_t since = store_num(st, row, SINCE, TIME_NONE);
    struct span before = store_text(st, row, BEFORE);
    bool starts = !span_is(before, "ready") && !span_is(before, "error") && since != TIME_NONE;
    bool idle = !ready && store_num(st, row, PODS_READY, 0) >= size;
    if (idle && (since == TIME_NONE || now_ms - since > CRASH_MS))
        return verdict_at(LEVEL_CRITICAL, RULE_CRASH);
    int64_t until = idle ? since + CRASH_MS + 1 : TIME_FOREVER;
    if (starts && now_ms - since <= STARTUP_MS)
        return verdict_until(LEVEL_PROGRESS, RULE_STARTING, idle ? until : since + STARTUP_MS + 1);
    if (!ready)
        return verdict_until(LEVEL_CRITICAL, RULE_DOWN, until);
    if (ready * 2 <= size)
        return verdict_at(LEVEL_CRITICAL, RULE_MAJORITY);
    return is_rolling(st, row) ? verdict_until(LEVEL_PROGRESS, RULE_ROLLING, now_ms + AGAIN_MS)
                               : verdict_at(LEVEL_WARNING, RULE_DEGRADED);
}

static struct verdict judge_paused(const struct store *st, struct handle row, int64_t now_ms)
{
    if (span_is(store_text(st, row, STATUS), "paused"))
        return verdict_at(LEVEL_NOTICE, RULE_PAUSED);
    return verdict_within(store_num(st, row, SINCE, TIME_NONE), STARTUP_MS, RULE_STARTING,
                          verdict_at(LEVEL_WARNING, RULE_SLOW), now_ms);
}

/* Most errors are over with the next reconciliation. */
static struct verdict judge_error(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t since = store_num(st, row, SINCE, TIME_NONE);
    if (since != TIME_NONE && now_ms - since <= ERROR_MS)
        return verdict_until(LEVEL_WARNING, RULE_ERROR, since + ERROR_MS + 1);
    return verdict_at(LEVEL_CRITICAL, RULE_ERROR);
}

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    int64_t proxies = store_num(st, row, PROXY_READY, 0),
            wanted = store_num(st, row, PROXY_SIZE, 0);
    if (!status.len)
        return verdict_within(store_num(st, row, CREATED, TIME_NONE), SILENT_MS, RULE_STARTING,
                              verdict_at(LEVEL_UNKNOWN, RULE_UNSAID), now_ms);
    if (span_is(status, "error"))
        return judge_error(st, row, now_ms);
    if (store_num(st, row, PAUSED, 0) || span_is(status, "paused") || span_is(status, "stopping"))
        return judge_paused(st, row, now_ms);
    struct verdict nodes = verdict_ok();
    if (store_num(st, row, READY, 0) < store_num(st, row, SIZE, 0))
        nodes = judge_nodes(st, row, now_ms);
    if (nodes.level == LEVEL_CRITICAL ||
        (nodes.level == LEVEL_PROGRESS && nodes.rule == RULE_STARTING))
        return nodes;
    if (!proxies && wanted)
        return verdict_at(LEVEL_CRITICAL, RULE_PROXY_DOWN);
    if (nodes.level != LEVEL_OK)
        return nodes;
    if (proxies < wanted)
        return verdict_at(LEVEL_WARNING, RULE_PROXY);
    if (store_num(st, row, OBSERVED, 0) < store_num(st, row, GENERATION, 0))
        return verdict_at(LEVEL_PROGRESS, RULE_ROLLING);
    if (!span_is(status, "ready"))
        return verdict_within(store_num(st, row, SINCE, TIME_NONE), STARTUP_MS,
                              is_rolling(st, row) ? RULE_ROLLING : RULE_STARTING,
                              verdict_at(LEVEL_WARNING, RULE_SLOW), now_ms);
    return verdict_ok();
}

/* Without its operator nothing of it is done, and nothing is said of it any more. */
static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct handle controller;
    struct verdict v = judge_said(st, row, now_ms);
    bool unseen = store_num(st, row, OBSERVED, 0) < store_num(st, row, GENERATION, 0);
    if (unseen && v.level < LEVEL_WARNING && keeper_gone(st, row, now_ms, &v.until_ms, &controller))
        return verdict_until(LEVEL_WARNING, RULE_UNSEEN, v.until_ms);
    return keeper_judge(st, row, v, RULE_UNKEPT, now_ms);
}

/* The worst pod of its worst StatefulSet. */
static void say_pod(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle from, bad = row;
    enum link_type type;
    enum level level = LEVEL_NOTICE;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &from, &type)) {
        struct owned pods;
        if (type != LINK_OWNER || !store_alive(st, from))
            continue;
        owned_pods(st, from, &pods);
        if (!pods.count || pods.level <= level)
            continue;
        level = pods.level;
        bad = pods.worst;
    }
    if (level > LEVEL_NOTICE)
        sentence_row(out, st, bad, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span status = store_text(st, row, STATUS);
    long long proxies = (long long)store_num(st, row, PROXY_READY, 0),
              wanted = (long long)store_num(st, row, PROXY_SIZE, 0);
    bool pods = v->rule != RULE_CRASH && v->rule != RULE_PAUSED;
    if (v->rule == RULE_UNSEEN || v->rule == RULE_UNKEPT) {
        keeper_says(st, row,
                    v->rule == RULE_UNSEEN ? "its newest version is not seen" : "may be old",
                    now_ms, out);
        return;
    }
    if (v->rule == RULE_UNSAID || !status.len) {
        strbuf_adds(out, "its operator has not said how it is");
        keeper_says_why(st, row, now_ms, out);
        return;
    }
    if (v->rule == RULE_PROXY_DOWN || v->rule == RULE_PROXY)
        strbuf_addf(out, "%lld/%lld proxies ready", proxies, wanted);
    else if (v->rule == RULE_CRASH)
        strbuf_addf(out, "full cluster crash: %lld pods are ready and no database runs",
                    (long long)store_num(st, row, PODS_READY, 0));
    else if (v->rule == RULE_ERROR || v->rule == RULE_SLOW || v->rule == RULE_PAUSED)
        strbuf_add(out, status);
    else
        strbuf_addf(out, "%.*s, %.*s nodes ready", SPAN_ARG(status),
                    SPAN_ARG(store_text(st, row, PXC)));
    sentence_for(out, store_num(st, row, SINCE, TIME_NONE), now_ms);
    sentence_cause(out, store_text(st, row, MESSAGE));
    if (pods)
        say_pod(st, row, now_ms, out);
}

bool pxc_of(const struct store *st, struct handle row, struct handle *cluster)
{
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (span_is(l.kind, "pxc"))
            return store_follow(st, row, &l, cluster) == LINK_FOUND;
    return false;
}

bool pxc_backed_up(const struct store *st, struct handle row, int64_t since_ms)
{
    struct handle cluster;
    return pxc_of(st, row, &cluster) && store_num(st, cluster, BACKUP_AT, TIME_NONE) > since_ms;
}

struct value pxc_stored(const struct store *st, struct handle row, const char *kind,
                        const char *column)
{
    int endpoint = kind_column(store_kind(st, row.kind), SPAN("s3-endpoint"));
    struct handle stored;
    struct link l;
    size_t at = 0;
    bn_assert(endpoint >= 0);
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_STORED || !span_is(l.kind, kind) ||
            !s3_stored(st, kind, l.key, store_text(st, row, (size_t)endpoint), &stored))
            continue;
        int i = kind_column(store_kind(st, stored.kind), span_from(column));
        bn_assert(i >= 0);
        return store_cell(st, stored, (size_t)i, 0);
    }
    return (struct value){.type = VALUE_ABSENT};
}

const struct kind kind_pxc = {
    .name = "pxc",
    .plural = "pxcs",
    .aliases = "perconaxtradbcluster perconaxtradbclusters",
    .title = "PXC clusters",
    .help = "Database clusters of the Percona XtraDB Cluster operator.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .draws = pitr_draws,
    .drawn = "can be restored",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_pxc = {
    .kind = &kind_pxc,
    .resources = {{"pxc.percona.com", "v1", "perconaxtradbclusters"}},
    .types = {"PerconaXtraDBCluster"},
    .parse = parse,
    .kept_by = "percona-operator",
};
