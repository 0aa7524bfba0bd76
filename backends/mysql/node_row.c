/* A node as a row. */
#include <config.h>

#include "backends/cells.h"
#include "backends/mysql/node_kind.h"
#include "base/number.h"
#include "base/timetext.h"
#include "net/plain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define FOR_EVER_S  1e9
#define SAMPLES_MIN 10
#define HIDDEN      90, COLUMN_HIDDEN, NULL, NULL

static const struct column columns[NODE_COLUMNS] = {
    [NODE_NAME] = {"name", "NAME", "The node, as its source names it.", VALUE_TEXT, 20, 0,
                   COLUMN_IDENT, NULL, NULL},
    [NODE_STATE] = {"state", "STATE",
                    "What it says of itself: Synced, Donor/Desynced, Joined, Joining, Initialized; "
                    "running outside a cluster; unreachable when it does not answer.",
                    VALUE_TEXT, 14, 0, COLUMN_NOTABLE, NULL, NULL},
    [NODE_STATUS] = {"status", "STATUS",
                     "wsrep_cluster_status: Primary where it has a majority with it.", VALUE_TEXT,
                     11, 30, COLUMN_NOTABLE, NULL, NULL},
    [NODE_SIZE] = {"size", "SIZE", "Members of its cluster as it sees it.", VALUE_COUNT, 4, 32,
                   COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [NODE_BEHIND] = {"behind", "BEHIND",
                     "Write-sets that another member has applied and this one has not.",
                     VALUE_COUNT, 6, 20, COLUMN_RIGHT, NULL, NULL},
    [NODE_RECV] = {"recv-queue", "RECV", "Write-sets that it has received and not applied.",
                   VALUE_COUNT, 5, 18, COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [NODE_SEND] = {"send-queue", "SEND", "Write-sets that it has not sent yet.", VALUE_COUNT, 4, 42,
                   COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [NODE_PAUSED] = {"paused", "PAUSED",
                     "Share of the time since it was asked last in which flow control stopped it.",
                     VALUE_RATIO, 6, 22, COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [NODE_FC_SENT] =
        {"fc-sent", "FC/s",
         "Times in a second that it asked the others to stop: who does is the slow one.",
         VALUE_RATE, 5, 24, COLUMN_RIGHT, NULL, NULL},
    [NODE_RUNNING] = {"threads-running", "RUN", "Connections that are at work.", VALUE_COUNT, 4, 26,
                      COLUMN_RIGHT, NULL, NULL},
    [NODE_CONNECTED] = {"threads-connected", "CONN", "Connections that are open.", VALUE_COUNT, 5,
                        27, COLUMN_RIGHT, NULL, NULL},
    [NODE_CONNECTIONS] = {"connections", "CONN%", "Share of max_connections that is open.",
                          VALUE_RATIO, 5, 28, COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [NODE_QUERIES] = {"queries", "QUERY/s", "Statements in a second.", VALUE_RATE, 7, 25,
                      COLUMN_RIGHT | COLUMN_SERIES, NULL, NULL},
    [NODE_SLOW] = {"slow", "SLOW/s", "Slow ones in a second.", VALUE_RATE, 6, 46, COLUMN_RIGHT,
                   NULL, NULL},
    [NODE_TRX_AGE] = {"longest-trx", "TRX", "Age of the transaction that is open longest.",
                      VALUE_DURATION, 5, 34, COLUMN_RIGHT, NULL, NULL},
    [NODE_HIT] = {"buffer-hit", "HIT",
                  "Share of reads since it was asked last that the buffer pool could serve.",
                  VALUE_RATIO, 5, 48, COLUMN_RIGHT, NULL, NULL},
    [NODE_HISTORY] = {"history", "HIST", "Length of InnoDB's history list.", VALUE_COUNT, 6, 50,
                      COLUMN_RIGHT, NULL, NULL},
    [NODE_GCACHE] = {"gcache-window", "GCACHE",
                     "How long another may be away and still be given only what it missed.",
                     VALUE_DURATION, 6, 36, COLUMN_RIGHT, NULL, NULL},
    [NODE_READ_ONLY] = {"read-only", "RO", "read_only or super_read_only is on.", VALUE_BOOL, 3, 52,
                        COLUMN_NOTABLE, NULL, NULL},
    [NODE_UPTIME] = {"uptime", "UPTIME", "Since the server was started.", VALUE_DURATION, 6, 40,
                     COLUMN_RIGHT, "started", NULL},
    [NODE_VERSION] = {"version", "VERSION", "The server's version.", VALUE_TEXT, 14, 54,
                      COLUMN_NOTABLE, NULL, NULL},
    [NODE_CONF] = {"conf-id", "CONF", "Number of the cluster's present composition.", VALUE_COUNT,
                   5, 60, COLUMN_WIDE | COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [NODE_COMMITTED] = {"last-committed", "COMMITTED", "Number of its last write-set.", VALUE_COUNT,
                        10, 60, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_CHECK] = {"check", "CHECK",
                    "What the proxy's check comes to: up, or the first of its five inputs that is "
                    "not as it should be.",
                    VALUE_TEXT, 16, 61, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [NODE_CERT_FAILURES] = {"cert-failures", "CERT/s",
                            "Transactions in a second that failed certification.", VALUE_RATE, 6,
                            62, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_BF_ABORTS] = {"bf-aborts", "ABORT/s",
                        "Transactions in a second aborted for one of another node.", VALUE_RATE, 7,
                        62, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_LATENCY] = {"repl-latency", "LATENCY", "Mean latency of replication.", VALUE_DURATION, 7,
                      63, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_LOCK_WAITS] = {"lock-waits", "LOCKS/s", "Waits for row locks begun in a second.",
                         VALUE_RATE, 7, 64, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_REPLICA_LAG] = {"replica-lag", "LAG", "How far it is behind its replication source.",
                          VALUE_DURATION, 5, 65, COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [NODE_FOR] = {"for", "FOR", "Since it came to this state.", VALUE_DURATION, 5, 56, COLUMN_RIGHT,
                  "since", NULL},
    [NODE_INPUTS] =
        {"check-inputs", "CHECK-INPUTS",
         "The five inputs of the proxy's check, and what each should be where it is not.",
         VALUE_LIST, 40, HIDDEN},
    [NODE_UUID] = {"state-uuid", "STATE-UUID", "The history that its cluster says it has.",
                   VALUE_TEXT, 36, HIDDEN},
    [NODE_READY] = {"ready", "READY", "wsrep_ready: it takes statements.", VALUE_BOOL, 5, HIDDEN},
    [NODE_GROUP] =
        {"group", "GROUP",
         "What else it says of its part in the group: how far it is in being given what it missed "
         "(wsrep_ist_receive_status), its longest receive queue, requests to stop that it was sent, "
         "write-sets that could be applied at once (wsrep_cert_deps_distance), applier threads.",
         VALUE_LIST, 40, HIDDEN},
    [NODE_RECV_STEADY] = {"recv-steady", "RECV-STEADY",
                          "The lesser of the receive queue's last two lengths.", VALUE_COUNT, 5,
                          HIDDEN},
    [NODE_SEND_STEADY] = {"send-steady", "SEND-STEADY",
                          "The lesser of the send queue's last two lengths.", VALUE_COUNT, 5,
                          HIDDEN},
    [NODE_RECV_AVG] = {"recv-avg", "RECV-AVG",
                       "Mean length of the receive queue since the last FLUSH STATUS.",
                       VALUE_QUANTITY, 5, HIDDEN},
    [NODE_SEND_AVG] = {"send-avg", "SEND-AVG",
                       "Mean length of the send queue since the last FLUSH STATUS.", VALUE_QUANTITY,
                       5, HIDDEN},
    [NODE_RECV_LIMIT] = {"recv-limit", "RECV-LIMIT",
                         "Length of the receive queue at which it asks the others to stop.",
                         VALUE_COUNT, 5, HIDDEN},
    [NODE_BRAKES] = {"brakes", "BRAKES", "It asks the others to stop, more than any other.",
                     VALUE_BOOL, 5, 90, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_COMMITS] = {"commits", "COMMITS", "Write-sets in a second.", VALUE_RATE, 5, HIDDEN},
    [NODE_GCACHE_SETS] = {"gcache-sets", "GCACHE-SETS",
                          "Write-sets that it keeps for those that were away.", VALUE_COUNT, 5,
                          HIDDEN},
    [NODE_GCACHE_SIZE] = {"gcache-size", "GCACHE-SIZE", "gcache.size.", VALUE_TEXT, 5, HIDDEN},
    [NODE_MAINTENANCE] = {"maint-mode", "MAINT-MODE", "pxc_maint_mode.", VALUE_TEXT, 10, 90,
                          COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_REJECTS] = {"reject-queries", "REJECT-QUERIES", "wsrep_reject_queries.", VALUE_TEXT, 8,
                      90, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_CLUSTER] = {"cluster-name", "CLUSTER-NAME", "The cluster's name, or the source's.",
                      VALUE_TEXT, 16, HIDDEN},
    [NODE_MAX_CONNECTIONS] = {"max-connections", "MAX-CONNECTIONS", "max_connections.", VALUE_COUNT,
                              5, 90, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_POOL] = {"buffer-pool", "BUFFER-POOL", "innodb_buffer_pool_size.", VALUE_BYTES, 6,
                   HIDDEN},
    [NODE_TRX_QUERY] = {"trx-query", "TRX-QUERY", "What the longest transaction asks.", VALUE_TEXT,
                        40, HIDDEN},
    [NODE_REPLICA_IO] = {"replica-io", "REPLICA-IO", "Whether it receives from its source.",
                         VALUE_TEXT, 10, 90, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_REPLICA_SQL] = {"replica-sql", "REPLICA-SQL", "Whether it applies what it received.",
                          VALUE_TEXT, 10, 90, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [NODE_REPLICA_ERROR] = {"replica-error", "REPLICA-ERROR", "Why its replication does not run.",
                            VALUE_TEXT, 40, HIDDEN},
    [NODE_EXPECTED] = {"nodes", "NODES", "Nodes that its cluster should have.", VALUE_COUNT, 5,
                       HIDDEN},
    [NODE_ANSWERING] = {"answering", "ANSWERING", "Nodes of its cluster that answer.", VALUE_COUNT,
                        5, HIDDEN},
    [NODE_DONOR] = {"donor", "DONOR", "A node of its cluster that is a donor just now.", VALUE_TEXT,
                    20, HIDDEN},
    [NODE_DIFFERS] = {"differs", "DIFFERS",
                      "In what it differs from others of its cluster: history, or composition.",
                      VALUE_TEXT, 11, HIDDEN},
    [NODE_CERT_ENDS] = {"cert-expires", "CERT-EXPIRES",
                        "When the certificate ends that it serves just now.", VALUE_INSTANT, 5,
                        HIDDEN},
    [NODE_ERROR] = {"error", "ERROR", "Why it does not answer.", VALUE_TEXT, 40, HIDDEN},
    [NODE_ERROR_KIND] = {"error-kind", "ERROR-KIND", "The sort of that error.", VALUE_TEXT, 8,
                         HIDDEN},
    [NODE_STARTED] = {"started", "STARTED", "When the server was started.", VALUE_INSTANT, 5,
                      HIDDEN},
    [NODE_SINCE] = {"since", "SINCE", "When it came to this state, where that was seen.",
                    VALUE_INSTANT, 5, HIDDEN},
    [NODE_CONF_SINCE] = {"conf-since", "CONF-SINCE",
                         "When its cluster was composed anew, where that was seen.", VALUE_INSTANT,
                         5, HIDDEN},
};

/* ---- Cells. */

static void put_num(struct row_writer *w, size_t column, const struct mysql_node *n,
                    enum mysql_value which)
{
    int64_t num;
    if (mysql_value_int(&n->values, which, &num))
        row_num(w, column, num);
}

/* As the server writes it. */
static void put_mean(struct row_writer *w, size_t column, const struct mysql_node *n,
                     enum mysql_value which)
{
    double real;
    if (mysql_value_real(&n->values, which, &real) && real >= 0 && real < 1e12)
        row_quantity(w, column, (int64_t)(real * 1000), mysql_value(&n->values, which));
}

static void put_bool(struct row_writer *w, size_t column, const struct mysql_node *n,
                     enum mysql_value which)
{
    if (mysql_value(&n->values, which).len)
        row_num(w, column, mysql_value_on(&n->values, which));
}

static void put_rate(struct row_writer *w, size_t column, const struct mysql_node *n,
                     enum mysql_rate which)
{
    if (n->rates.known[which])
        row_real(w, column, n->rates.now[which]);
}

static void put_known(struct row_writer *w, size_t column, int64_t num)
{
    if (num >= 0)
        row_num(w, column, num);
}

static void put_steady(struct row_writer *w, size_t column, const struct mysql_node *n,
                       enum mysql_value which, int64_t before)
{
    int64_t now;
    if (mysql_value_int(&n->values, which, &now))
        row_num(w, column, before >= 0 && before < now ? before : before < 0 ? 0 : now);
}

/* ---- Groups of cells. */

/* "[ 173, 173 ]" */
static void put_limit(struct row_writer *w, const struct mysql_node *n)
{
    struct span text = mysql_value(&n->values, V_wsrep_flow_control_interval);
    size_t comma = span_find(text, ',', 0), end = span_find(text, ']', 0);
    int64_t limit;
    if (comma < end &&
        number_parse(span_trim(span_sub(text, comma + 1, end - comma - 1)), 0, INT64_MAX, &limit))
        row_num(w, NODE_RECV_LIMIT, limit);
}

/* "0.00018/0.0004/0.0012/0.0001/25": least, mean, most, deviation, samples; seconds. A mean of few is
 * none: a single one of half a second was seen when a member had gone. */
static void put_latency(struct row_writer *w, const struct mysql_node *n)
{
    struct span rest = mysql_value(&n->values, V_wsrep_evs_repl_latency), part[5];
    size_t parts = 0;
    double mean;
    int64_t samples;
    while (rest.data && parts < BN_COUNT(part) && span_split(&rest, '/', &part[parts]))
        parts++;
    if (parts == BN_COUNT(part) && number_parse_real(part[1], &mean) && mean >= 0 && mean < 1e6 &&
        number_parse(part[4], SAMPLES_MIN, INT64_MAX, &samples))
        row_num(w, NODE_LATENCY, (int64_t)ceil(mean * 1000));
}

/* How many write-sets it keeps, and how long they last at the rate of the last minutes. Not kept any
 * is said as 0 or -1 [galera replicator_smm_stats.cpp]. */
static void put_gcache(struct row_writer *w, const struct mysql_node *n)
{
    int64_t down, last;
    put_text(w, NODE_GCACHE_SIZE, mysql_provider_option(&n->values, "gcache.size"));
    if (!mysql_value_int(&n->values, V_wsrep_local_cached_downto, &down) ||
        !mysql_value_int(&n->values, V_wsrep_last_committed, &last))
        return;
    int64_t sets = down > 0 && last >= down ? last - down + 1 : 0;
    double seconds = n->rates.commits > 0 ? (double)sets / n->rates.commits : FOR_EVER_S;
    row_num(w, NODE_GCACHE_SETS, sets);
    if (seconds < FOR_EVER_S)
        row_num(w, NODE_GCACHE, (int64_t)(seconds * 1000));
}

/* What lets traffic flow, in the order of the proxy's own check [pxco build/haproxy_check_pxc.sh].
 * MariaDB does not have all of them. */
static const struct {
    enum mysql_value which;
    const char *name, *fine;
} check_inputs[] = {
    {V_wsrep_cluster_status, "wsrep_cluster_status", "Primary"},
    {V_wsrep_local_state, "wsrep_local_state", "4"},
    {V_pxc_maint_mode, "pxc_maint_mode", "DISABLED"},
    {V_wsrep_reject_queries, "wsrep_reject_queries", "NONE"},
    {V_wsrep_sst_donor_rejects_queries, "wsrep_sst_donor_rejects_queries", "OFF"},
};

/* only: no other node answers, and a donor may serve. */
static void put_check(struct row_writer *w, const struct mysql_node *n, bool only)
{
    struct strbuf first = STRBUF_INIT(256), all = STRBUF_INIT(1024);
    for (size_t i = 0; i < BN_COUNT(check_inputs); i++) {
        struct span value = mysql_value(&n->values, check_inputs[i].which);
        bool donor = check_inputs[i].which == V_wsrep_local_state && only && span_is(value, "2");
        bool fine = span_is(value, check_inputs[i].fine) || donor;
        if (!value.data)
            continue;
        strbuf_addf(&all, "%s%s=%.*s", all.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                    check_inputs[i].name, SPAN_ARG(value));
        if (!fine)
            strbuf_addf(&all, " (wants %s)", check_inputs[i].fine);
        if (!fine && !first.len)
            strbuf_addf(&first, "%s=%.*s", check_inputs[i].name, SPAN_ARG(value));
    }
    if (mysql_value(&n->values, V_wsrep_local_state).data) {
        row_text(w, NODE_CHECK, first.len ? strbuf_span(&first) : SPAN("up"));
        row_text(w, NODE_INPUTS, strbuf_span(&all));
    }
    strbuf_clear(&first);
    strbuf_clear(&all);
}

static const struct {
    enum mysql_value which;
    const char *name;
} group_values[] = {
    {V_wsrep_connected, "wsrep_connected"},
    {V_wsrep_ist_receive_status, "wsrep_ist_receive_status"},
    {V_wsrep_local_recv_queue_max, "wsrep_local_recv_queue_max"},
    {V_wsrep_flow_control_recv, "wsrep_flow_control_recv"},
    {V_wsrep_cert_deps_distance, "wsrep_cert_deps_distance"},
    {V_wsrep_applier_threads, "wsrep_applier_threads"}, /* by its name in newer servers */
    {V_wsrep_slave_threads, "wsrep_slave_threads"},
    {V_wsrep_desync_count, "wsrep_desync_count"},
    {V_wsrep_gmcast_segment, "wsrep_gmcast_segment"},
};

static void put_group(struct row_writer *w, const struct mysql_node *n)
{
    struct strbuf all = STRBUF_INIT(1024);
    for (size_t i = 0; i < BN_COUNT(group_values); i++) {
        char text[128];
        (void)plain_text(mysql_value(&n->values, group_values[i].which), text, sizeof(text));
        if (text[0])
            strbuf_addf(&all, "%s%s=%s", all.len ? (const char[]){LIST_SEPARATOR, 0} : "",
                        group_values[i].name, text);
    }
    if (all.len)
        row_text(w, NODE_GROUP, strbuf_span(&all));
    strbuf_clear(&all);
}

static void put_galera(struct row_writer *w, const struct mysql_node *n)
{
    const struct mysql_values *v = &n->values;
    put_text(w, NODE_STATUS, mysql_value(v, V_wsrep_cluster_status));
    put_num(w, NODE_SIZE, n, V_wsrep_cluster_size);
    put_known(w, NODE_BEHIND, n->behind);
    put_num(w, NODE_RECV, n, V_wsrep_local_recv_queue);
    put_num(w, NODE_SEND, n, V_wsrep_local_send_queue);
    put_steady(w, NODE_RECV_STEADY, n, V_wsrep_local_recv_queue, n->last_recv);
    put_steady(w, NODE_SEND_STEADY, n, V_wsrep_local_send_queue, n->last_send);
    put_mean(w, NODE_RECV_AVG, n, V_wsrep_local_recv_queue_avg);
    put_mean(w, NODE_SEND_AVG, n, V_wsrep_local_send_queue_avg);
    put_limit(w, n);
    if (n->rates.known[RATE_FC_PAUSED])
        row_real(w, NODE_PAUSED, fmin(n->rates.now[RATE_FC_PAUSED] / 1e9, 1)); /* two clocks */
    put_rate(w, NODE_FC_SENT, n, RATE_FC_SENT);
    put_rate(w, NODE_CERT_FAILURES, n, RATE_CERT);
    put_rate(w, NODE_BF_ABORTS, n, RATE_ABORTS);
    put_num(w, NODE_CONF, n, V_wsrep_cluster_conf_id);
    put_num(w, NODE_COMMITTED, n, V_wsrep_last_committed);
    put_rate(w, NODE_COMMITS, n, RATE_COMMITS);
    put_latency(w, n);
    put_gcache(w, n);
    put_text(w, NODE_UUID, mysql_value(v, V_wsrep_cluster_state_uuid));
    put_bool(w, NODE_READY, n, V_wsrep_ready);
    put_group(w, n);
    put_text(w, NODE_MAINTENANCE, mysql_value(v, V_pxc_maint_mode));
    put_text(w, NODE_REJECTS, mysql_value(v, V_wsrep_reject_queries));
    row_num(w, NODE_BRAKES, n->brakes);
    if (n->other_uuid || n->other_conf)
        row_text(w, NODE_DIFFERS, n->other_uuid ? SPAN("history") : SPAN("composition"));
    put_time(w, NODE_CONF_SINCE, n->conf_ms);
}

static void put_hits(struct row_writer *w, const struct mysql_node *n)
{
    const struct mysql_rates *r = &n->rates;
    if (r->known[RATE_READS] && r->known[RATE_READ_REQUESTS] && r->now[RATE_READ_REQUESTS] > 0)
        row_real(w, NODE_HIT, 1 - r->now[RATE_READS] / r->now[RATE_READ_REQUESTS]);
}

/* "Nov 20 14:30:41 2036 GMT", as OpenSSL writes it; "" without TLS. */
static void put_certificate(struct row_writer *w, const struct mysql_node *n)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const struct span text = mysql_value(&n->values, V_Ssl_server_not_after);
    const size_t at = span_search(span_from(months), span_sub(text, 0, 3), false);
    char iso[64];
    int64_t ends;
    if (text.len < 20 || at % 3 != 0)
        return;
    const char *day = text.data + 4, *time = text.data + 7, *year = text.data + 16;
    (void)snprintf(iso, sizeof(iso), "%.4s-%02zu-%c%cT%.8sZ", year, at / 3 + 1,
                   day[0] == ' ' ? '0' : day[0], day[1], time);
    if (time_parse(span_from(iso), &ends))
        row_num(w, NODE_CERT_ENDS, ends);
}

static void put_server(struct row_writer *w, const struct mysql_node *n)
{
    const struct mysql_values *v = &n->values;
    int64_t connected, most;
    put_num(w, NODE_RUNNING, n, V_Threads_running);
    put_num(w, NODE_CONNECTED, n, V_Threads_connected);
    put_num(w, NODE_MAX_CONNECTIONS, n, V_max_connections);
    if (mysql_value_int(v, V_Threads_connected, &connected) &&
        mysql_value_int(v, V_max_connections, &most) && most > 0)
        row_real(w, NODE_CONNECTIONS, (double)connected / (double)most);
    put_rate(w, NODE_QUERIES, n, RATE_QUERIES);
    put_rate(w, NODE_SLOW, n, RATE_SLOW);
    put_rate(w, NODE_LOCK_WAITS, n, RATE_LOCK_WAITS);
    put_hits(w, n);
    put_known(w, NODE_HISTORY, n->history);
    put_num(w, NODE_POOL, n, V_innodb_buffer_pool_size);
    row_num(w, NODE_READ_ONLY,
            mysql_value_on(v, V_read_only) || mysql_value_on(v, V_super_read_only));
    put_text(w, NODE_VERSION, mysql_value(v, V_version));
    put_time(w, NODE_STARTED, n->started_ms);
    put_certificate(w, n);
}

static void put_work(struct row_writer *w, const struct mysql_node *n)
{
    const struct mysql_replica *r = &n->replica;
    if (n->trx.known) {
        row_num(w, NODE_TRX_AGE, n->trx.count ? n->trx.age_s * 1000 : 0);
        put_text(w, NODE_TRX_QUERY, span_from(n->trx.query));
    }
    if (!r->there)
        return;
    put_text(w, NODE_REPLICA_IO, span_from(r->io));
    put_text(w, NODE_REPLICA_SQL, span_from(r->sql));
    put_text(w, NODE_REPLICA_ERROR, span_from(r->error));
    if (r->lag_s >= 0)
        row_num(w, NODE_REPLICA_LAG, r->lag_s * 1000);
}

/* ---- The row. */

struct around {
    int64_t answering;
    const char *donor; /* NULL: none */
};

static struct around look_around(const struct mysql *m)
{
    struct around a = {0};
    for (size_t i = 0; i < m->count; i++) {
        const struct mysql_node *n = &m->nodes[i];
        int64_t state = 0;
        if (n->err.kind != ERR_NONE)
            continue;
        a.answering++;
        if (mysql_value_int(&n->values, V_wsrep_local_state, &state) && state == 2)
            a.donor = n->name;
    }
    return a;
}

/* "pod:NS/NAME:3306", "tls-pod:NS/NAME:3306" */
static void link_pod(const struct mysql_node *n, struct row_writer *w)
{
    struct span reach = span_from(reach_text(n->way.reach));
    size_t from = span_find(reach, ':', 0) + 1, to = span_find_last(reach, ':');
    if ((span_starts(reach, "pod:") || span_starts(reach, "tls-pod:")) && from < to)
        row_link(w, LINK_POD, 0, "pod", span_sub(reach, from, to - from));
}

/* Its cluster, and the Certificates that the operator makes for it where there is a cert-manager
 * [pxco: Secrets, Certificates of those names]. */
static void link_owner(const char *owner, struct row_writer *w)
{
    static const char *const certificates[] = {"-ssl", "-ssl-internal"};
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    row_link(w, LINK_OWNER, 0, "pxc", span_from(owner));
    for (size_t i = 0; i < BN_COUNT(certificates); i++) {
        strbuf_truncate(&key, 0);
        strbuf_addf(&key, "%s%s", owner, certificates[i]);
        row_link(w, LINK_STORED, LINK_AFFECTS, "certificate", strbuf_span(&key));
    }
    strbuf_clear(&key);
}

static void put_answer(const struct mysql *m, const struct mysql_node *n, struct row_writer *w,
                       const struct around *a)
{
    struct span state = mysql_value(&n->values, V_wsrep_local_state_comment);
    int64_t up = 0;
    for (size_t i = 0; i < m->count; i++)
        up += &m->nodes[i] != n && m->nodes[i].err.kind == ERR_NONE;
    row_text(w, NODE_STATE, state.len ? state : SPAN("running"));
    put_time(w, NODE_SINCE, n->state_ms);
    if (state.len)
        put_galera(w, n);
    else if (n->alone)
        row_text(w, NODE_DIFFERS, SPAN("cluster"));
    put_check(w, n, up == 0 && a->answering == 1);
    put_server(w, n);
    put_work(w, n);
}

bool mysql_put_node(const struct mysql *m, const struct mysql_node *n, struct row_writer *w)
{
    const char *owner = ctx_setting(m->ctx, "owner");
    struct span cluster = mysql_value(&n->values, V_wsrep_cluster_name);
    struct around a = look_around(m);
    row_begin(w, span_from(n->name));
    row_text(w, NODE_NAME, span_from(n->name));
    row_text(w, NODE_CLUSTER, cluster.len ? cluster : span_from(ctx_name(m->ctx)));
    row_num(w, NODE_EXPECTED, (int64_t)m->count);
    row_num(w, NODE_ANSWERING, a.answering);
    if (a.donor)
        row_text(w, NODE_DONOR, span_from(a.donor));
    if (n->err.kind == ERR_NONE) {
        put_answer(m, n, w, &a);
    } else {
        row_text(w, NODE_STATE, SPAN("unreachable"));
        put_time(w, NODE_SINCE, n->down_ms);
        row_text(w, NODE_ERROR, span_from(n->err.msg));
        row_text(w, NODE_ERROR_KIND, span_from(err_kind_name(n->err.kind)));
    }
    link_pod(n, w);
    if (owner)
        link_owner(owner, w);
    return row_end(w);
}

static size_t ask_all(struct mysql *m)
{
    size_t up = 0;
    for (size_t i = 0; i < m->count && !ctx_stopping(m->ctx); i++) {
        struct mysql_node *n = &m->nodes[i];
        bool was_there = n->sql != NULL;
        bool ok = mysql_ask_node(m, n);
        if (!ok && was_there && n->err.kind == ERR_IO) /* cut: whether it is gone, and why */
            ok = mysql_ask_node(m, n);
        up += ok;
    }
    return up;
}

/* All rows are sent before it is said that no node answers. When each has refused by itself, that is
 * what there is to be known. */
bool mysql_ask_nodes(void *self, struct poll *p, struct err *err)
{
    struct mysql *m = self;
    struct row_writer *w = poll_rows(p, &kind_mysql);
    size_t up = ask_all(m);
    if (up && poll_once_more(m->ctx))
        up = ask_all(m);
    mysql_compare(m);
    for (size_t i = 0; i < m->count; i++)
        if (!mysql_put_node(m, &m->nodes[i], w))
            return err_set(err, ERR_NOMEM, "%s: no memory for a row", ctx_name(m->ctx));
    if (!up && mysql_all_refused(m))
        poll_note(p, &kind_mysql, "no node answers: %s", m->nodes[0].err.msg);
    if (up || mysql_all_refused(m))
        return true;
    *err = m->nodes[0].err;
    (void)poll_flush(p);
    return false;
}

const struct kind kind_mysql = {
    .name = "mysql",
    .plural = "mysqls",
    .aliases = "mysql-node mysql-nodes galera",
    .title = "MySQL nodes",
    .help = "MySQL servers, each asked by itself and compared with the others of its cluster.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = mysql_node_rules,
    .nrules = NODE_RULES,
    .judge = mysql_judge,
    .says = mysql_says,
    .sort = "name",
    .unheard = "error",
};
