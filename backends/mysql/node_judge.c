/* How a node is, by the rules of the operator's own checks and of Galera's documentation. */
#include <config.h>

#include "backends/mysql/node_kind.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "base/timetext.h"
#include "model/store.h"

#define MINUTE_MS        ((int64_t)60 * 1000)
#define SPLIT_MS         20000 /* a new composition is seen by all within some seconds */
#define JOINING_MS       (15 * MINUTE_MS)
#define DONOR_MS         (120 * MINUTE_MS)
#define TRX_MS           (10 * MINUTE_MS)
#define GCACHE_MS        (60 * MINUTE_MS)
#define REPLICA_MS       MINUTE_MS
#define LATENCY_MS       50
#define BEHIND           100
#define BEHIND_S         10.0 /* they are not asked in the very same moment */
#define QUEUE            5
#define SEND_QUEUE       1
#define CONNECTIONS      0.8
#define CONNECTIONS_FULL 0.95
#define PAUSED           0.02
#define PAUSED_MUCH      0.1
#define CONFLICTS        1.0
#define AGAIN_MS         10000

const struct rule mysql_node_rules[NODE_RULES] = {
    [RULE_ALL_DOWN] = {"mysql-all-down", "None of the nodes of its cluster answers: critical."},
    [RULE_DOWN] = {"mysql-down", "It does not answer: critical, of a cluster whose other nodes do: "
                                 "warning."},
    [RULE_UNKNOWN] = {"mysql-unknown",
                      "It may not be asked, for want of a password or a right: unknown."},
    [RULE_NON_PRIMARY] = {"mysql-non-primary",
                          "wsrep_cluster_status is not Primary: it has lost the majority and takes "
                          "no statements: critical.",
                          .since = NODE_SINCE},
    [RULE_UUID] = {"mysql-state-uuid",
                   "Nodes of one cluster say different histories (wsrep_cluster_state_uuid): their "
                   "data go apart: critical."},
    [RULE_ALONE] =
        {"mysql-alone",
         "It runs without wsrep and has no part in the cluster that it is a node of: what "
         "is written to it stays there: critical."},
    [RULE_SPLIT] = {"mysql-split", "Nodes of one cluster have been in different compositions "
                                   "(wsrep_cluster_conf_id) for 20 seconds, each with a majority "
                                   "of its own: critical."},
    [RULE_NOT_READY] = {"mysql-not-ready", "wsrep_ready is OFF: it takes no statements: critical."},
    [RULE_REJECTS] = {"mysql-rejects", "wsrep_reject_queries is not NONE: critical."},
    [RULE_FULL] = {"mysql-connections-full", "95% of max_connections are open: critical."},
    [RULE_PAUSED] = {"mysql-flow-control", "Flow control stopped it for 2% of the time since it "
                                           "was asked last: warning; for 10%: critical."},
    [RULE_QUEUE] = {"mysql-recv-queue", "More than 5 received write-sets wait, twice in a row: "
                                        "warning; as many as make it stop the others: critical."},
    [RULE_CONNECTIONS] = {"mysql-connections", "80% of max_connections are open: warning."},
    [RULE_BRAKE] = {"mysql-brake",
                    "It asks the others to stop (wsrep_flow_control_sent grows), "
                    "more than any other: it is the slow one: warning; with as many received "
                    "write-sets as make it do so, or a tenth of the time stopped: critical."},
    [RULE_PARTIAL] = {"mysql-partial", "Its cluster has fewer members than it should: warning; "
                                       "half of them or fewer: critical."},
    [RULE_JOINING_LONG] = {"mysql-joining-long", "It has been joining for 15 minutes: warning.",
                           .since = NODE_SINCE},
    [RULE_DONOR_LONG] = {"mysql-donor-long",
                         "It has been a donor, or taken out of flow control, "
                         "for 2 hours: warning.",
                         .since = NODE_SINCE},
    [RULE_REPLICA] = {"mysql-replica", "Its replication from another server does not run: "
                                       "critical; is a minute behind: warning."},
    [RULE_SEND_QUEUE] = {"mysql-send-queue", "More than 1 write-set waits to be sent, twice in a "
                                             "row; the network is slow: warning."},
    [RULE_BEHIND] = {"mysql-behind", "It lacks more than 100 write-sets that another member has, "
                                     "and more than 10 seconds' worth: warning."},
    [RULE_TRX] = {"mysql-long-transaction", "A transaction has been open for 10 minutes: warning."},
    [RULE_CONFLICTS] = {"mysql-conflicts", "More than one transaction in a second fails because "
                                           "another node wrote the same: warning."},
    [RULE_LATENCY] = {"mysql-latency", "Replication takes over 50 ms at a mean: warning."},
    [RULE_CERT_ENDS] = {"mysql-cert-expires",
                        "The certificate that it serves expires within 30 days: notice, within "
                        "14: warning, within 7: critical. One that was renewed is served only "
                        "after a restart."},
    [RULE_CERT_OLD] = {"mysql-cert-differs",
                       "Its cluster's certificate was renewed, and it still serves one that ends "
                       "sooner: progress; an hour after: warning."},
    [RULE_DONOR] = {"mysql-donor",
                    "It is a donor or taken out of flow control, as in a backup: "
                    "progress.",
                    .since = NODE_SINCE},
    [RULE_JOINING] = {"mysql-joining",
                      "It joins, or cannot be asked while another node is a "
                      "donor: progress.",
                      .since = NODE_SINCE},
    [RULE_MAINTENANCE] = {"mysql-maintenance",
                          "pxc_maint_mode is not DISABLED: it is kept out of traffic: notice."},
    [RULE_GCACHE] = {"mysql-gcache", "It keeps less than an hour of write-sets: a node that is "
                                     "away for longer needs a full state transfer: notice."},
    [RULE_READ_ONLY] = {"mysql-read-only", "read_only is on, and it is nobody's replica: notice."},
};

static double real_of(const struct store *st, struct handle row, size_t column)
{
    struct value v = store_cell(st, row, column, 0);
    return v.type == VALUE_ABSENT ? -1 : v.real;
}

static bool is(const struct store *st, struct handle row, size_t column, const char *text)
{
    return span_is(store_text(st, row, column), text);
}

/* ---- Judging. */

static struct verdict judge_down(const struct store *st, struct handle row)
{
    if (is(st, row, NODE_ERROR_KIND, "auth") || is(st, row, NODE_ERROR_KIND, "denied") ||
        is(st, row, NODE_ERROR_KIND, "config") || is(st, row, NODE_ERROR_KIND, "notfound"))
        return verdict_at(LEVEL_UNKNOWN, RULE_UNKNOWN);
    if (store_text(st, row, NODE_DONOR).len)
        return verdict_at(LEVEL_PROGRESS, RULE_JOINING);
    if (store_num(st, row, NODE_ANSWERING, 0) > 0)
        return verdict_at(LEVEL_WARNING, RULE_DOWN);
    return verdict_at(LEVEL_CRITICAL,
                      store_num(st, row, NODE_EXPECTED, 1) > 1 ? RULE_ALL_DOWN : RULE_DOWN);
}

/* True when the row has been in its state for that long; *until: when it will have. */
static bool has_been(const struct store *st, struct handle row, size_t since, int64_t ms,
                     int64_t now_ms, int64_t *until)
{
    int64_t at = store_num(st, row, since, TIME_NONE);
    *until = at == TIME_NONE ? TIME_FOREVER : at + ms;
    return at != TIME_NONE && now_ms - at >= ms;
}

/* Whether it is a member of its cluster, and of the same as the others. OK: it is. */
static struct verdict judge_membership(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t until = TIME_FOREVER, size = store_num(st, row, NODE_SIZE, 0),
            wanted = store_num(st, row, NODE_EXPECTED, 0);
    struct span state = store_text(st, row, NODE_STATE);
    bool joins = span_starts(state, "Join");
    if (!is(st, row, NODE_STATUS, "Primary"))
        return verdict_at(LEVEL_CRITICAL, RULE_NON_PRIMARY);
    if (is(st, row, NODE_DIFFERS, "history"))
        return verdict_at(LEVEL_CRITICAL, RULE_UUID);
    if (is(st, row, NODE_DIFFERS, "composition")) {
        bool since = store_num(st, row, NODE_CONF_SINCE, TIME_NONE) != TIME_NONE;
        if (!since || has_been(st, row, NODE_CONF_SINCE, SPLIT_MS, now_ms, &until))
            return verdict_at(LEVEL_CRITICAL, RULE_SPLIT);
    }
    if (joins && has_been(st, row, NODE_SINCE, JOINING_MS, now_ms, &until))
        return verdict_at(LEVEL_WARNING, RULE_JOINING_LONG);
    if (joins)
        return verdict_until(LEVEL_PROGRESS, RULE_JOINING, until);
    if (!store_num(st, row, NODE_READY, 1))
        return verdict_at(LEVEL_CRITICAL, RULE_NOT_READY);
    if (size > 0 && size * 2 <= wanted)
        return verdict_at(LEVEL_CRITICAL, RULE_PARTIAL);
    return verdict_ok();
}

static struct verdict judge_flow(const struct store *st, struct handle row)
{
    double paused = real_of(st, row, NODE_PAUSED);
    int64_t queue = store_num(st, row, NODE_RECV_STEADY, 0),
            limit = store_num(st, row, NODE_RECV_LIMIT, INT64_MAX);
    bool synced = is(st, row, NODE_STATE, "Synced"); /* else it may lag as long as it likes */
    bool full = synced && queue > QUEUE && queue >= limit, much = paused > PAUSED_MUCH;
    if (store_num(st, row, NODE_BRAKES, 0)) /* it is paused with all others, and it is the cause */
        return verdict_at(full || much ? LEVEL_CRITICAL : LEVEL_WARNING, RULE_BRAKE);
    if (much)
        return verdict_at(LEVEL_CRITICAL, RULE_PAUSED);
    if (full)
        return verdict_at(LEVEL_CRITICAL, RULE_QUEUE);
    if (paused > PAUSED)
        return verdict_at(LEVEL_WARNING, RULE_PAUSED);
    if (synced && queue > QUEUE)
        return verdict_at(LEVEL_WARNING, RULE_QUEUE);
    return verdict_ok();
}

static struct verdict judge_replica(const struct store *st, struct handle row)
{
    struct span io = store_text(st, row, NODE_REPLICA_IO);
    if (!io.len)
        return verdict_ok();
    if (!span_is(io, "Yes") || !is(st, row, NODE_REPLICA_SQL, "Yes"))
        return verdict_at(LEVEL_CRITICAL, RULE_REPLICA);
    if (store_num(st, row, NODE_REPLICA_LAG, 0) > REPLICA_MS)
        return verdict_at(LEVEL_WARNING, RULE_REPLICA);
    return verdict_ok();
}

static bool is_behind(const struct store *st, struct handle row)
{
    int64_t behind = store_num(st, row, NODE_BEHIND, 0);
    double commits = real_of(st, row, NODE_COMMITS);
    return is(st, row, NODE_STATE, "Synced") && behind > BEHIND &&
           (double)behind > BEHIND_S * commits;
}

static struct verdict judge_warnings(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t until = TIME_FOREVER;
    bool donor = span_starts(store_text(st, row, NODE_STATE), "Donor");
    if (store_num(st, row, NODE_SIZE, INT64_MAX) < store_num(st, row, NODE_EXPECTED, 0))
        return verdict_at(LEVEL_WARNING, RULE_PARTIAL);
    if (real_of(st, row, NODE_CONNECTIONS) > CONNECTIONS)
        return verdict_at(LEVEL_WARNING, RULE_CONNECTIONS);
    if (donor && has_been(st, row, NODE_SINCE, DONOR_MS, now_ms, &until))
        return verdict_at(LEVEL_WARNING, RULE_DONOR_LONG);
    if (store_num(st, row, NODE_SEND_STEADY, 0) > SEND_QUEUE)
        return verdict_at(LEVEL_WARNING, RULE_SEND_QUEUE);
    if (is_behind(st, row))
        return verdict_at(LEVEL_WARNING, RULE_BEHIND);
    if (store_num(st, row, NODE_TRX_AGE, 0) > TRX_MS)
        return verdict_at(LEVEL_WARNING, RULE_TRX);
    if (real_of(st, row, NODE_CERT_FAILURES) > CONFLICTS ||
        real_of(st, row, NODE_BF_ABORTS) > CONFLICTS)
        return verdict_at(LEVEL_WARNING, RULE_CONFLICTS);
    if (store_num(st, row, NODE_LATENCY, 0) > LATENCY_MS)
        return verdict_at(LEVEL_WARNING, RULE_LATENCY);
    if (donor)
        return verdict_until(LEVEL_PROGRESS, RULE_DONOR, until);
    return verdict_ok();
}

static struct verdict judge_notices(const struct store *st, struct handle row)
{
    struct span maintenance = store_text(st, row, NODE_MAINTENANCE);
    if (maintenance.len && !span_is(maintenance, "DISABLED"))
        return verdict_at(LEVEL_NOTICE, RULE_MAINTENANCE);
    if (store_num(st, row, NODE_EXPECTED, 0) > 1 &&
        store_num(st, row, NODE_GCACHE, INT64_MAX) < GCACHE_MS)
        return verdict_at(LEVEL_NOTICE, RULE_GCACHE);
    if (store_num(st, row, NODE_READ_ONLY, 0) && !store_text(st, row, NODE_REPLICA_IO).len)
        return verdict_at(LEVEL_NOTICE, RULE_READ_ONLY);
    return verdict_ok();
}

struct verdict mysql_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span rejects = store_text(st, row, NODE_REJECTS);
    struct verdict v = verdict_ok();
    if (is(st, row, NODE_STATE, "unreachable"))
        return judge_down(st, row);
    if (store_text(st, row, NODE_STATUS).len && !is(st, row, NODE_STATE, "running"))
        v = judge_membership(st, row, now_ms);
    else if (is(st, row, NODE_DIFFERS, "cluster"))
        v = verdict_at(LEVEL_CRITICAL, RULE_ALONE);
    if (v.level != LEVEL_OK)
        return v;
    if (rejects.len && !span_is(rejects, "NONE"))
        return verdict_at(LEVEL_CRITICAL, RULE_REJECTS);
    if (real_of(st, row, NODE_CONNECTIONS) > CONNECTIONS_FULL)
        return verdict_at(LEVEL_CRITICAL, RULE_FULL);
    v = judge_flow(st, row);
    if (v.level == LEVEL_OK)
        v = judge_replica(st, row);
    if (v.level == LEVEL_OK)
        v = judge_warnings(st, row, now_ms);
    struct verdict ends = mysql_judge_certificate(st, row, now_ms);
    if (ends.level > v.level)
        return ends;
    return v.level == LEVEL_OK ? judge_notices(st, row) : v;
}

/* ---- Saying. */

static void add_for(struct strbuf *out, const struct store *st, struct handle row, size_t since,
                    int64_t now_ms)
{
    char text[TIMETEXT_MAX];
    int64_t at = store_num(st, row, since, TIME_NONE);
    if (at == TIME_NONE || now_ms < at)
        return;
    duration_format_short(now_ms - at, text);
    strbuf_addf(out, " for %s", text);
}

static void add_duration(struct strbuf *out, const char *before, int64_t ms)
{
    char text[TIMETEXT_MAX];
    duration_format_short(ms, text);
    strbuf_addf(out, "%s%s", before, text);
}

static void add_percent(struct strbuf *out, const char *before, double ratio)
{
    strbuf_addf(out, "%s%.1f %%", before, ratio * 100);
}

/* "; mysql-pxc-2 brakes" of the node of the same source that does. */
static void add_brake(struct strbuf *out, const struct store *st, struct handle row)
{
    struct handle other;
    uint32_t at = 0;
    while (store_next(st, row.kind, &at, &other))
        if (store_row_source(st, other) == store_row_source(st, row) &&
            store_num(st, other, NODE_BRAKES, 0)) {
            strbuf_addf(out, "; %.*s brakes", SPAN_ARG(store_text(st, other, NODE_NAME)));
            return;
        }
}

static void say_down(const struct store *st, struct handle row, enum node_rule rule, int64_t now_ms,
                     struct strbuf *out)
{
    struct span error = store_text(st, row, NODE_ERROR), donor = store_text(st, row, NODE_DONOR);
    if (rule == RULE_UNKNOWN)
        strbuf_adds(out, "cannot be asked");
    else if (rule == RULE_ALL_DOWN)
        strbuf_addf(out, "none of the %lld nodes answers",
                    (long long)store_num(st, row, NODE_EXPECTED, 0));
    else
        strbuf_adds(out, "does not answer");
    add_for(out, st, row, NODE_SINCE, now_ms);
    if (rule == RULE_JOINING)
        strbuf_addf(out, " while %.*s is a donor", SPAN_ARG(donor));
    strbuf_addf(out, ": %.*s", SPAN_ARG(error));
}

/* "75% complete, received seqno 98 of 3-130": how far a joiner is. */
static void add_progress(struct strbuf *out, const struct store *st, struct handle row)
{
    static const char name[] = "wsrep_ist_receive_status=";
    struct span group = store_text(st, row, NODE_GROUP);
    size_t at = span_search(group, span_from(name), false);
    if (at == group.len)
        return;
    struct span rest = span_sub(group, at + sizeof(name) - 1, group.len);
    strbuf_addf(out, ", %.*s", SPAN_ARG(span_sub(rest, 0, span_find(rest, LIST_SEPARATOR, 0))));
}

static void say_membership(const struct store *st, struct handle row, enum node_rule rule,
                           int64_t now_ms, struct strbuf *out)
{
    struct span state = store_text(st, row, NODE_STATE);
    strbuf_addf(out, "%.*s", SPAN_ARG(state));
    add_for(out, st, row, NODE_SINCE, now_ms);
    if (rule == RULE_NON_PRIMARY)
        strbuf_addf(out, ", wsrep_cluster_status %.*s: it has lost the majority of its cluster",
                    SPAN_ARG(store_text(st, row, NODE_STATUS)));
    else if (rule == RULE_UUID)
        strbuf_addf(out, ", of another history than its cluster: wsrep_cluster_state_uuid %.*s",
                    SPAN_ARG(store_text(st, row, NODE_UUID)));
    else if (rule == RULE_ALONE)
        strbuf_adds(out, " without wsrep, outside its cluster: what is written to it stays there");
    else if (rule == RULE_SPLIT)
        strbuf_addf(out,
                    ", in another composition than its cluster: wsrep_cluster_conf_id %lld, "
                    "wsrep_cluster_size %lld",
                    (long long)store_num(st, row, NODE_CONF, 0),
                    (long long)store_num(st, row, NODE_SIZE, 0));
    else if (rule == RULE_JOINING || rule == RULE_JOINING_LONG)
        add_progress(out, st, row);
    else if (rule == RULE_NOT_READY)
        strbuf_adds(out, ", wsrep_ready OFF");
    else if (rule == RULE_PARTIAL)
        strbuf_addf(out, ", %lld of %lld members", (long long)store_num(st, row, NODE_SIZE, 0),
                    (long long)store_num(st, row, NODE_EXPECTED, 0));
}

static void say_flow(const struct store *st, struct handle row, enum node_rule rule, int64_t now_ms,
                     struct strbuf *out)
{
    long long queue = (long long)store_num(st, row, NODE_RECV, 0);
    (void)now_ms;
    if (rule == RULE_PAUSED) {
        add_percent(out, "stopped by flow control ", real_of(st, row, NODE_PAUSED));
        strbuf_adds(out, " of the time");
        add_brake(out, st, row);
    } else if (rule == RULE_BRAKE) {
        strbuf_addf(out,
                    "brakes its cluster: asks it to stop %.1f times a second, %lld write-sets "
                    "wait to be applied",
                    real_of(st, row, NODE_FC_SENT), queue);
    } else if (rule == RULE_QUEUE) {
        strbuf_addf(out, "%lld write-sets wait to be applied", queue);
        if (store_num(st, row, NODE_RECV_LIMIT, 0))
            strbuf_addf(out, ", it stops the others at %lld",
                        (long long)store_num(st, row, NODE_RECV_LIMIT, 0));
    } else if (rule == RULE_SEND_QUEUE) {
        strbuf_addf(out, "%lld write-sets wait to be sent: the network is slow",
                    (long long)store_num(st, row, NODE_SEND, 0));
    } else if (rule == RULE_BEHIND) {
        strbuf_addf(out, "%lld write-sets behind", (long long)store_num(st, row, NODE_BEHIND, 0));
    } else if (rule == RULE_CONFLICTS) {
        strbuf_addf(out,
                    "%.1f certification failures and %.1f aborts a second: several nodes "
                    "write the same",
                    real_of(st, row, NODE_CERT_FAILURES), real_of(st, row, NODE_BF_ABORTS));
    } else if (rule == RULE_LATENCY) {
        strbuf_addf(out, "replication takes %lld ms",
                    (long long)store_num(st, row, NODE_LATENCY, 0));
    }
}

static void say_replica(const struct store *st, struct handle row, enum node_rule rule,
                        int64_t now_ms, struct strbuf *out)
{
    struct span error = store_text(st, row, NODE_REPLICA_ERROR);
    (void)rule, (void)now_ms;
    if (is(st, row, NODE_REPLICA_IO, "Yes") && is(st, row, NODE_REPLICA_SQL, "Yes")) {
        add_duration(out, "replication is behind by ", store_num(st, row, NODE_REPLICA_LAG, 0));
        return;
    }
    strbuf_addf(out, "replication does not run: IO %.*s, SQL %.*s",
                SPAN_ARG(store_text(st, row, NODE_REPLICA_IO)),
                SPAN_ARG(store_text(st, row, NODE_REPLICA_SQL)));
    if (error.len)
        strbuf_addf(out, ": %.*s", SPAN_ARG(error));
}

static void say_transaction(const struct store *st, struct handle row, enum node_rule rule,
                            int64_t now_ms, struct strbuf *out)
{
    struct span query = store_text(st, row, NODE_TRX_QUERY);
    (void)rule, (void)now_ms;
    add_duration(out, "a transaction is open for ", store_num(st, row, NODE_TRX_AGE, 0));
    if (query.len)
        strbuf_addf(out, ": %.*s", SPAN_ARG(span_sub(query, 0, 120)));
}

static void say_traffic(const struct store *st, struct handle row, enum node_rule rule,
                        int64_t now_ms, struct strbuf *out)
{
    (void)now_ms;
    if (rule == RULE_REJECTS)
        strbuf_addf(out, "takes no statements: wsrep_reject_queries %.*s",
                    SPAN_ARG(store_text(st, row, NODE_REJECTS)));
    else if (rule == RULE_MAINTENANCE)
        strbuf_addf(out, "kept out of traffic: pxc_maint_mode %.*s",
                    SPAN_ARG(store_text(st, row, NODE_MAINTENANCE)));
    else if (rule == RULE_READ_ONLY)
        strbuf_adds(out, "read-only");
    else
        strbuf_addf(out, "%lld of %lld connections are open",
                    (long long)store_num(st, row, NODE_CONNECTED, 0),
                    (long long)store_num(st, row, NODE_MAX_CONNECTIONS, 0));
}

static void say_gcache(const struct store *st, struct handle row, enum node_rule rule,
                       int64_t now_ms, struct strbuf *out)
{
    (void)rule, (void)now_ms;
    add_duration(out, "keeps ", store_num(st, row, NODE_GCACHE, 0));
    strbuf_adds(out, " of write-sets: who is away for longer needs a full state transfer");
}

typedef void say_fn(const struct store *st, struct handle row, enum node_rule rule, int64_t now_ms,
                    struct strbuf *out);

static say_fn *const sentences[NODE_RULES] = {
    [RULE_ALL_DOWN] = say_down,
    [RULE_DOWN] = say_down,
    [RULE_UNKNOWN] = say_down,
    [RULE_NON_PRIMARY] = say_membership,
    [RULE_UUID] = say_membership,
    [RULE_ALONE] = say_membership,
    [RULE_SPLIT] = say_membership,
    [RULE_NOT_READY] = say_membership,
    [RULE_REJECTS] = say_traffic,
    [RULE_FULL] = say_traffic,
    [RULE_PAUSED] = say_flow,
    [RULE_QUEUE] = say_flow,
    [RULE_CONNECTIONS] = say_traffic,
    [RULE_BRAKE] = say_flow,
    [RULE_PARTIAL] = say_membership,
    [RULE_JOINING_LONG] = say_membership,
    [RULE_DONOR_LONG] = say_membership,
    [RULE_REPLICA] = say_replica,
    [RULE_SEND_QUEUE] = say_flow,
    [RULE_BEHIND] = say_flow,
    [RULE_TRX] = say_transaction,
    [RULE_CONFLICTS] = say_flow,
    [RULE_LATENCY] = say_flow,
    [RULE_CERT_ENDS] = mysql_say_certificate,
    [RULE_CERT_OLD] = mysql_say_certificate,
    [RULE_DONOR] = say_membership,
    [RULE_JOINING] = say_membership,
    [RULE_MAINTENANCE] = say_traffic,
    [RULE_GCACHE] = say_gcache,
    [RULE_READ_ONLY] = say_traffic,
};

void mysql_says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                struct strbuf *out)
{
    bool down = is(st, row, NODE_STATE, "unreachable");
    (down ? say_down : sentences[v->rule])(st, row, (enum node_rule)v->rule, now_ms, out);
}
