/* What a node says of itself, and how it changes. */
#include <config.h>

#include "backends/mysql/mysql.h"
#include "base/number.h"
#include "net/mysql_text.h"
#include "net/plain.h"

#include <stdio.h>
#include <string.h>

#define STATUS_ROWS   4000 /* MySQL has some 500 names of either sort, MariaDB 1,000 */
#define SMOOTH_MS     300000.0
#define SHOW_STATUS   "SHOW GLOBAL STATUS"
#define SHOW_SETTINGS "SHOW GLOBAL VARIABLES"
#define LONGEST_TRX                                                                            \
    "SELECT TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS age, trx_mysql_thread_id AS thread, " \
    "trx_query AS query FROM information_schema.innodb_trx ORDER BY trx_started"
#define TRX_ROWS 10000
#define CHANNELS 256 /* MySQL has no more [refman, replication channels] */
#define HISTORY                                                                \
    "SELECT `COUNT` AS n FROM information_schema.innodb_metrics WHERE NAME = " \
    "'trx_rseg_history_len'"

static bool take_value(void *context, const struct sql_row *row)
{
    if (row->count >= 2)
        mysql_values_put(context, row->cells[0], row->cells[1]);
    return true;
}

static int64_t number_of(struct span text, int64_t fallback)
{
    int64_t n = fallback;
    return number_parse(text, INT64_MIN, INT64_MAX, &n) ? n : fallback;
}

static bool take_trx(void *context, const struct sql_row *row)
{
    struct mysql_trx *t = context;
    if (t->count++ > 0)
        return true;
    t->age_s = number_of(sql_cell(row, "age"), 0);
    t->thread = number_of(sql_cell(row, "thread"), 0);
    if (sql_may_show(sql_cell(row, "query")))
        (void)plain_text(sql_cell(row, "query"), t->query, sizeof(t->query));
    return true;
}

static bool take_number(void *context, const struct sql_row *row)
{
    *(int64_t *)context = number_of(sql_cell(row, "n"), -1);
    return true;
}

/* MySQL 8.4 has the newer words alone, MariaDB the older. */
static struct span either(const struct sql_row *row, const char *newer, const char *older)
{
    struct span text = sql_cell(row, newer);
    return text.data ? text : sql_cell(row, older);
}

static bool runs(const struct mysql_replica *r)
{
    return strcmp(r->io, "Yes") == 0 && strcmp(r->sql, "Yes") == 0;
}

/* One that does not run, else the one that is farthest behind. */
static bool is_worse(const struct mysql_replica *a, const struct mysql_replica *b)
{
    return runs(a) != runs(b) ? runs(b) : a->lag_s > b->lag_s;
}

bool mysql_take_replica(void *context, const struct sql_row *row)
{
    struct mysql_replica *worst = context, r = {.there = true};
    struct span io = sql_cell(row, "Last_IO_Error"), sql = sql_cell(row, "Last_SQL_Error");
    char channel[65], error[MYSQL_TEXT_MAX];
    (void)plain_text(either(row, "Replica_IO_Running", "Slave_IO_Running"), r.io, sizeof(r.io));
    (void)plain_text(either(row, "Replica_SQL_Running", "Slave_SQL_Running"), r.sql, sizeof(r.sql));
    r.lag_s = number_of(either(row, "Seconds_Behind_Source", "Seconds_Behind_Master"), -1);
    (void)plain_text(sql_cell(row, "Channel_Name"), channel, sizeof(channel));
    (void)plain_text(io.len ? io : sql, error, sizeof(error));
    (void)snprintf(r.error, sizeof(r.error), "%s%s%s%s", channel[0] ? "channel " : "", channel,
                   channel[0] && error[0] ? ": " : "", error);
    if (!worst->there || is_worse(&r, worst))
        *worst = r;
    return true;
}

/* What may be denied, or be unknown to this server, leaves its cells empty. False: the node does not
 * answer. */
static bool ask_if_allowed(struct mysql *m, struct mysql_node *n, const char *statement,
                           size_t rows, sql_row_fn *on_row, void *context, bool *answered)
{
    struct err err;
    bool ok = mysql_ask(m, n, statement, rows, on_row, context, &err);
    if (answered)
        *answered = ok;
    return ok || n->sql;
}

bool mysql_sees_others(struct mysql *m, struct mysql_node *n)
{
    struct mysql_trx trx = {0};
    struct err err;
    return mysql_ask(m, n, LONGEST_TRX, TRX_ROWS, take_trx, &trx, &err) || err.kind != ERR_DENIED;
}

/* ---- Rates. */

static const enum mysql_value counters[RATE_COUNT] = {
    [RATE_QUERIES] = V_Queries,
    [RATE_SLOW] = V_Slow_queries,
    [RATE_FC_SENT] = V_wsrep_flow_control_sent,
    [RATE_FC_PAUSED] = V_wsrep_flow_control_paused_ns,
    [RATE_CERT] = V_wsrep_local_cert_failures,
    [RATE_ABORTS] = V_wsrep_local_bf_aborts,
    [RATE_COMMITS] = V_wsrep_last_committed,
    [RATE_READS] = V_Innodb_buffer_pool_reads,
    [RATE_READ_REQUESTS] = V_Innodb_buffer_pool_read_requests,
    [RATE_LOCK_WAITS] = V_Innodb_row_lock_waits,
};

/* It was started anew since it was asked last: counters that have outgrown what they were show no
 * other sign of it. The number of the last write-set is the cluster's, and goes on. */
static void see_restart(struct mysql_node *n, int64_t mono_ms)
{
    struct mysql_rates *r = &n->rates;
    int64_t uptime;
    if (!mysql_value_int(&n->values, V_Uptime, &uptime) || uptime < 0 ||
        uptime >= (mono_ms - r->of[RATE_QUERIES].mono_ms) / 1000)
        return;
    for (size_t i = 0; i < RATE_COUNT; i++)
        r->of[i].known = r->of[i].known && i == RATE_COMMITS;
}

static void count_rates(struct mysql_node *n, int64_t mono_ms)
{
    struct mysql_rates *r = &n->rates;
    int64_t before_ms = r->of[RATE_COMMITS].mono_ms, counter;
    if (r->of[RATE_QUERIES].known)
        see_restart(n, mono_ms);
    for (size_t i = 0; i < RATE_COUNT; i++)
        r->known[i] = mysql_value_int(&n->values, counters[i], &counter) &&
                      poll_rate(&r->of[i], counter, mono_ms, &r->now[i]);
    if (!r->known[RATE_COMMITS])
        return;
    double share = (double)(mono_ms - before_ms) / SMOOTH_MS;
    bool first = r->commits <= 0;
    share = first || share > 1 ? 1 : share;
    r->commits += (r->now[RATE_COMMITS] - r->commits) * share;
}

/* ---- What changes now and then, and since when. */

static void see_change(char *before, size_t size, struct span now, int64_t *since_ms,
                       int64_t wall_ms)
{
    char text[64];
    (void)plain_text(now, text, sizeof(text));
    if (before[0] && strcmp(before, text) != 0)
        *since_ms = wall_ms;
    (void)snprintf(before, size, "%s", text);
}

/* It says whole seconds at any moment of one: what differs by less than two is the same start. */
static void see_start(struct mysql_node *n, int64_t wall_ms)
{
    int64_t uptime;
    if (!mysql_value_int(&n->values, V_Uptime, &uptime) || uptime < 0 || uptime > wall_ms / 1000)
        return;
    int64_t started = wall_ms - uptime * 1000;
    int64_t off = n->started_ms == TIME_NONE ? INT64_MAX : started - n->started_ms;
    if (off > 2000 || off < -2000)
        n->started_ms = started;
}

static void see_changes(const struct mysql *m, struct mysql_node *n)
{
    int64_t wall = clock_wall_ms(ctx_clock(m->ctx));
    struct span state = mysql_value(&n->values, V_wsrep_local_state_comment);
    see_change(n->state, sizeof(n->state), state.len ? state : SPAN("running"), &n->state_ms, wall);
    see_start(n, wall);
    see_change(n->last_conf, sizeof(n->last_conf), mysql_value(&n->values, V_wsrep_cluster_conf_id),
               &n->conf_ms, wall);
}

void mysql_heard(const struct mysql *m, struct mysql_node *n, int64_t asked_ms)
{
    count_rates(n, asked_ms);
    see_changes(m, n);
    n->down_ms = TIME_NONE;
    err_clear(&n->err);
}

bool mysql_ask_node(struct mysql *m, struct mysql_node *n)
{
    struct mysql_replica replica = {.lag_s = -1};
    struct mysql_trx trx = {0};
    int64_t recv = -1, send = -1, asked;
    (void)mysql_value_int(&n->values, V_wsrep_local_recv_queue, &recv);
    (void)mysql_value_int(&n->values, V_wsrep_local_send_queue, &send);
    mysql_values_clear(&n->values);
    n->history = -1;
    if (!mysql_connect(m, n))
        return false;
    asked = clock_mono_ms(ctx_clock(m->ctx));
    if (!mysql_ask(m, n, SHOW_STATUS, STATUS_ROWS, take_value, &n->values, &n->err) ||
        !mysql_ask(m, n, SHOW_SETTINGS, STATUS_ROWS, take_value, &n->values, &n->err) ||
        !ask_if_allowed(m, n, LONGEST_TRX, TRX_ROWS, take_trx, &trx, &trx.known) ||
        !ask_if_allowed(m, n, "SHOW REPLICA STATUS", CHANNELS, mysql_take_replica, &replica, NULL))
        return false;
    if (!mysql_value_int(&n->values, V_Innodb_history_list_length, &n->history) &&
        !ask_if_allowed(m, n, HISTORY, 1, take_number, &n->history, NULL))
        return false;
    n->trx = trx;
    n->replica = replica;
    n->last_recv = recv;
    n->last_send = send;
    mysql_heard(m, n, asked);
    return true;
}
