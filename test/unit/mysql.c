/* MySQL nodes as servers were recorded: what becomes of their answers, and every verdict. */
#include <config.h>

#include "backends/ctx.h"
#include "backends/mysql/node_kind.h"
#include "base/file.h"
#include "base/timetext.h"
#include "model/change.h"
#include "model/store.h"
#include "net/mysql_text.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define NODES   3
#define WALL_MS INT64_C(1772000000000)

extern const struct backend backend_mysql;

extern const struct kind kind_certificate;

static const struct kind *const kinds[] = {&kind_mysql, &kind_certificate};
static const struct kind_list list = {kinds, BN_COUNT(kinds)};
static char seen[8192]; /* every rule that a case has come to, "id\n" */

struct world {
    struct mysql m;
    struct backend_ctx ctx;
    struct store *store;
    int64_t mono_ms;
    char text[4096];
};

static char *names[NODES] = {(char[]){"db-0"}, (char[]){"db-1"}, (char[]){"db-2"}};

/* A table of names and values, as the servers' own client writes it. */
static void hear(struct world *w, size_t node, const char *file)
{
    struct strbuf path = STRBUF_INIT(4096), text = STRBUF_INIT((size_t)1 << 20);
    struct span rest, line;
    strbuf_addf(&path, "%s/test/data/mysql/%s", getenv("top_srcdir"), file);
    assert_true(file_read(strbuf_cstr(&path), &text, NULL));
    for (rest = strbuf_span(&text); span_split(&rest, '\n', &line);) {
        size_t tab = span_find(line, '\t', 0);
        mysql_values_put(&w->m.nodes[node].values, span_sub(line, 0, tab),
                         span_sub(line, tab + 1, line.len));
    }
    strbuf_clear(&path);
    strbuf_clear(&text);
}

static void set(struct world *w, size_t node, const char *name, const char *value)
{
    mysql_values_put(&w->m.nodes[node].values, span_from(name), span_from(value));
}

static void set_all(struct world *w, const char *name, const char *value)
{
    for (size_t i = 0; i < w->m.count; i++)
        set(w, i, name, value);
}

/* All nodes have answered: the rows are those that would be sent. */
static void look(struct world *w)
{
    struct row_writer rows;
    struct message *m;
    struct err err;
    w->mono_ms += 1000;
    clock_step((struct clock *)(uintptr_t)w->ctx.clock, 1000);
    for (size_t i = 0; i < w->m.count; i++)
        if (w->m.nodes[i].err.kind == ERR_NONE)
            mysql_heard(&w->m, &w->m.nodes[i], w->mono_ms);
    mysql_compare(&w->m);
    row_writer_init(&rows, &kind_mysql, 1 << 20);
    for (size_t i = 0; i < w->m.count; i++)
        assert_true(mysql_put_node(&w->m, &w->m.nodes[i], &rows));
    m = row_writer_take(&rows, 0, 0);
    assert_non_null(m);
    assert_true(store_apply(w->store, m, WALL_MS, &err));
    message_free(m);
    row_writer_clear(&rows);
    while (store_turn(w->store, clock_wall_ms(w->ctx.clock), 1000000))
        ;
}

static int setup(void **state)
{
    static char name[] = "db", owner[] = "owner=ops/db", *settings[] = {owner, NULL};
    struct world *w = calloc(1, sizeof(*w));
    struct clock *clock = clock_new();
    struct err err;
    clock_stop(clock);
    clock_set_wall(clock, WALL_MS);
    w->ctx = (struct backend_ctx){
        .backend = &backend_mysql, .name = name, .settings = settings, .clock = clock};
    w->m.ctx = &w->ctx;
    w->m.count = NODES;
    w->m.nodes = calloc(NODES, sizeof(*w->m.nodes));
    for (size_t i = 0; i < NODES; i++) {
        struct mysql_node *n = &w->m.nodes[i];
        n->name = names[i];
        n->way.reach = reach_parse("tcp:127.0.0.1:3306", &err);
        n->down_ms = n->state_ms = n->conf_ms = n->started_ms = TIME_NONE;
        n->last_recv = n->last_send = n->history = -1;
        n->replica.lag_s = -1;
        mysql_values_init(&n->values);
    }
    w->store = store_new(&list);
    (void)store_add_source(w->store, "db", "mysql", "c", SOURCE_NONE);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < NODES; i++) {
        mysql_values_free(&w->m.nodes[i].values);
        reach_free(w->m.nodes[i].way.reach);
    }
    free(w->m.nodes);
    store_free(w->store);
    clock_free((struct clock *)(uintptr_t)w->ctx.clock);
    free(w);
    return 0;
}

/* ---- What is seen. */

static struct handle row_of(const struct world *w, size_t node)
{
    struct handle row;
    assert_true(store_find(w->store, 0, 0, span_from(names[node]), &row));
    return row;
}

static void is(struct world *w, size_t node, const char *column, const char *text)
{
    struct strbuf shown = STRBUF_INIT(4096);
    int i = kind_column(&kind_mysql, span_from(column));
    assert_true(i >= 0);
    struct value v = store_cell(w->store, row_of(w, node), (size_t)i, clock_wall_ms(w->ctx.clock));
    value_format(&v, &shown);
    if (strcmp(strbuf_cstr(&shown), text) != 0)
        fail_msg("%s of %s is %s, expected %s", column, names[node], strbuf_cstr(&shown), text);
    strbuf_clear(&shown);
}

/* rule NULL: it is well. says: the whole sentence. */
static void judged(struct world *w, size_t node, enum level level, const char *rule,
                   const char *says)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct handle row = row_of(w, node);
    struct verdict v = store_verdict(w->store, row);
    store_says(w->store, row, clock_wall_ms(w->ctx.clock), &text);
    if (v.level != level)
        fail_msg("%s is %s: %s", names[node], level_name(v.level), strbuf_cstr(&text));
    if (rule && strcmp(kind_mysql.rules[v.rule].id, rule) != 0)
        fail_msg("%s is judged by %s: %s", names[node], kind_mysql.rules[v.rule].id,
                 strbuf_cstr(&text));
    if (rule)
        (void)snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s\n", rule);
    if (says && strcmp(strbuf_cstr(&text), says) != 0)
        fail_msg("%s says `%s`, expected `%s`", names[node], strbuf_cstr(&text), says);
    strbuf_clear(&text);
}

static void be_healthy(struct world *w)
{
    for (size_t i = 0; i < NODES; i++) {
        char file[64];
        (void)snprintf(file, sizeof(file), "healthy-%zu-status.tsv", i);
        hear(w, i, file);
        hear(w, i, "healthy-0-variables.tsv");
    }
}

static void be_down(struct world *w, size_t node, enum err_kind kind, const char *why)
{
    w->m.nodes[node].down_ms = WALL_MS;
    (void)err_set(&w->m.nodes[node].err, kind, "%s", why);
}

/* ---- Recorded. */

static void three_that_are_synced(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    look(w);
    look(w);
    for (size_t i = 0; i < NODES; i++) {
        is(w, i, "state", "Synced");
        is(w, i, "status", "Primary");
        is(w, i, "size", "3");
        is(w, i, "conf-id", "7");
        is(w, i, "behind", "0");
        is(w, i, "check", "up");
        is(w, i, "queries", "0/s");
        is(w, i, "gcache-size", "32M");
        judged(w, i, LEVEL_OK, NULL, "");
    }
    is(w, 0, "gcache-sets", "20");
    is(w, 0, "version", "10.11.19-MariaDB-0+deb12u1-log");
    is(w, 0, "connections", "10%");
}

static void one_that_stands_alone(void **state)
{
    struct world *w = *state;
    w->m.count = 1;
    hear(w, 0, "mysql-status.tsv");
    hear(w, 0, "mysql-variables.tsv");
    w->m.nodes[0].history = 7;
    look(w);
    is(w, 0, "state", "running");
    is(w, 0, "status", "-");
    is(w, 0, "check", "-");
    is(w, 0, "version", "9.7.4-2");
    is(w, 0, "history", "7");
    is(w, 0, "threads-running", "5");
    judged(w, 0, LEVEL_OK, NULL, "");
    set(w, 0, "read_only", "ON");
    look(w);
    judged(w, 0, LEVEL_NOTICE, "mysql-read-only", "read-only");
}

static void a_desynced_one(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    look(w);
    hear(w, 1, "desynced-1-status.tsv");
    set(w, 1, "wsrep_cluster_conf_id", "7"); /* it was recorded later than the others */
    look(w);
    judged(w, 1, LEVEL_PROGRESS, "mysql-donor", "Donor/Desynced for 0s");
    is(w, 1, "check", "wsrep_local_state=2");
    clock_step((struct clock *)(uintptr_t)w->ctx.clock, 2 * 3600000);
    look(w);
    judged(w, 1, LEVEL_WARNING, "mysql-donor-long", "Donor/Desynced for 2h");
}

/* A second lies between them, in which the writer was stopped for 8 us, and sent nothing. */
static void flow_control_as_it_was(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    hear(w, 0, "flow-0-first.tsv");
    hear(w, 2, "flow-2.tsv");
    set(w, 1, "wsrep_cluster_conf_id", "9");
    look(w);
    is(w, 0, "paused", "-"); /* one look is no rate */
    hear(w, 0, "flow-0-second.tsv");
    set(w, 2, "wsrep_flow_control_sent", "34");
    set(w, 2, "wsrep_local_recv_queue", "214");
    look(w);
    is(w, 0, "commits", "59/s");
    is(w, 2, "brakes", "true");
    judged(w, 2, LEVEL_WARNING, "mysql-brake",
           "brakes its cluster: asks it to stop 11.0 times a second, 214 write-sets wait to be "
           "applied");
    set(w, 0, "wsrep_flow_control_paused_ns", "3620000000");
    set(w, 2, "wsrep_flow_control_paused_ns", "1000000000");
    look(w);
    judged(w, 0, LEVEL_WARNING, "mysql-flow-control", "stopped by flow control 4.1 % of the time");
    set(w, 0, "wsrep_flow_control_paused_ns", "3820000000");
    set(w, 2, "wsrep_flow_control_sent", "40");
    set(w, 2, "wsrep_flow_control_paused_ns", "1200000000"); /* it waits for itself */
    look(w);
    judged(w, 2, LEVEL_CRITICAL, "mysql-brake",
           "brakes its cluster: asks it to stop 6.0 times a second, 214 write-sets wait to be "
           "applied");
    judged(w, 0, LEVEL_CRITICAL, "mysql-flow-control",
           "stopped by flow control 20.0 % of the time; db-2 brakes");
    set(w, 0, "wsrep_flow_control_paused_ns", "12"); /* it was started anew */
    look(w);
    is(w, 0, "paused", "-");
}

static void a_transfer(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    hear(w, 0, "transfer-0.tsv");
    hear(w, 1, "transfer-1.tsv");
    be_down(w, 2, ERR_IO, "db-2: the pod listens at no such port");
    look(w);
    judged(w, 0, LEVEL_PROGRESS, "mysql-donor", NULL);
    judged(w, 2, LEVEL_PROGRESS, "mysql-joining",
           "does not answer for 1s while db-0 is a donor: db-2: the pod listens at no such port");
    is(w, 2, "state", "unreachable");
    mysql_values_clear(&w->m.nodes[1].values);
    set(w, 1, "wsrep_local_state_comment", "Joining");
    set(w, 1, "wsrep_connected", "ON");
    set(w, 1, "wsrep_ist_receive_status", "75% complete, received seqno 98 of 3-130");
    set(w, 1, "wsrep_local_recv_queue_max", "31");
    look(w);
    is(w, 1, "group",
       "wsrep_connected=ON,wsrep_ist_receive_status=75% complete, received seqno 98 of 3-130,"
       "wsrep_local_recv_queue_max=31");
    hear(w, 1, "transfer-1.tsv");
    set(w, 1, "wsrep_local_state_comment", "Joining");
    look(w);
    judged(w, 1, LEVEL_PROGRESS, "mysql-joining",
           "Joining for 1s, 75% complete, received seqno 98 of 3-130");
}

static void one_that_has_lost_the_majority(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    hear(w, 0, "non-primary-0-status.tsv");
    be_down(w, 1, ERR_IO, "refused");
    be_down(w, 2, ERR_IO, "refused");
    look(w);
    judged(w, 0, LEVEL_CRITICAL, "mysql-non-primary",
           "Initialized, wsrep_cluster_status non-Primary: it has lost the majority of its "
           "cluster");
    is(w, 0, "check", "wsrep_cluster_status=non-Primary");
    is(w, 0, "check-inputs",
       "wsrep_cluster_status=non-Primary (wants Primary),wsrep_local_state=0 (wants 4),"
       "wsrep_reject_queries=NONE,wsrep_sst_donor_rejects_queries=OFF");
    judged(w, 1, LEVEL_WARNING, "mysql-down", "does not answer for 1s: refused");
}

/* ---- Worked out. */

static void histories_and_compositions_that_differ(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    look(w);
    set(w, 2, "wsrep_cluster_conf_id", "8");
    look(w);
    judged(w, 2, LEVEL_OK, NULL, ""); /* it may be the first to know */
    judged(w, 0, LEVEL_OK, NULL, "");
    set(w, 0, "wsrep_cluster_conf_id", "7");
    be_down(w, 1, ERR_IO, "refused");
    look(w);
    judged(w, 2, LEVEL_OK, NULL, NULL);
    clock_step((struct clock *)(uintptr_t)w->ctx.clock, 30000);
    set(w, 2, "wsrep_last_committed", "21");
    look(w);
    judged(w, 2, LEVEL_CRITICAL, "mysql-split",
           "Synced, in another composition than its cluster: wsrep_cluster_conf_id 8, "
           "wsrep_cluster_size 3");
    set(w, 2, "wsrep_cluster_conf_id", "7");
    set(w, 2, "wsrep_cluster_state_uuid", "0c1d-other");
    look(w);
    judged(w, 2, LEVEL_CRITICAL, "mysql-state-uuid",
           "Synced, of another history than its cluster: wsrep_cluster_state_uuid 0c1d-other");
    is(w, 2, "behind", "0"); /* of another history nothing can be said */
}

static void members_that_are_away(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    set_all(w, "wsrep_cluster_size", "2");
    look(w);
    judged(w, 0, LEVEL_WARNING, "mysql-partial", "Synced, 2 of 3 members");
    set_all(w, "wsrep_cluster_size", "1");
    look(w);
    judged(w, 0, LEVEL_CRITICAL, "mysql-partial", "Synced, 1 of 3 members");
    for (size_t i = 0; i < NODES; i++)
        be_down(w, i, ERR_IO, "refused");
    look(w);
    judged(w, 0, LEVEL_CRITICAL, "mysql-all-down", "none of the 3 nodes answers for 3s: refused");
    be_down(w, 0, ERR_AUTH, "Access denied for user 'monitor'@'10.0.0.1'");
    look(w);
    judged(w, 0, LEVEL_UNKNOWN, "mysql-unknown",
           "cannot be asked for 4s: Access denied for user 'monitor'@'10.0.0.1'");
}

/* That nothing more is known of a row is one change: it does not answer. */
static void what_is_told_when_one_goes_and_comes(void **state)
{
    struct world *w = *state;
    struct message *m = message_new(MESSAGE_SYNC_END, 0, 0);
    struct change change;
    struct err err;
    be_healthy(w);
    look(w);
    m->complete = true;
    assert_true(store_apply(w->store, m, WALL_MS, &err));
    message_free(m);
    look(w);
    assert_int_equal(change_last(w->store), 0);
    be_down(w, 1, ERR_IO, "refused");
    look(w);
    err_clear(&w->m.nodes[1].err);
    look(w);
    assert_true(change_last(w->store) >= 4);
    for (uint64_t seq = 1; seq <= change_last(w->store); seq++) {
        assert_true(change_get(w->store, seq, &change));
        if (change.what == CHANGE_CELL)
            assert_string_equal(kind_mysql.columns[change.column].name, "state");
        else
            assert_int_equal(change.what, CHANGE_LEVEL);
    }
}

static void joiners(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    look(w);
    set(w, 1, "wsrep_local_state_comment", "Joined");
    set(w, 1, "wsrep_local_state", "3");
    set(w, 1, "wsrep_ready", "OFF");
    look(w);
    judged(w, 1, LEVEL_PROGRESS, "mysql-joining", "Joined for 0s");
    clock_step((struct clock *)(uintptr_t)w->ctx.clock, 15 * 60000);
    while (store_turn(w->store, clock_wall_ms(w->ctx.clock), 1000000))
        ;
    judged(w, 1, LEVEL_WARNING, "mysql-joining-long", "Joined for 15m"); /* time alone tells */
    set(w, 1, "wsrep_local_state_comment", "Synced");
    look(w);
    judged(w, 1, LEVEL_CRITICAL, "mysql-not-ready", "Synced for 0s, wsrep_ready OFF");
}

/* What is set of the first node, and what comes of it. */
static const struct single {
    const char *name, *value, *rule;
    enum level level;
    const char *says;
} singles[] = {
    {"wsrep_reject_queries", "ALL", "mysql-rejects", LEVEL_CRITICAL,
     "takes no statements: wsrep_reject_queries ALL"},
    {"pxc_maint_mode", "MAINTENANCE", "mysql-maintenance", LEVEL_NOTICE,
     "kept out of traffic: pxc_maint_mode MAINTENANCE"},
    {"Threads_connected", "50", "mysql-connections", LEVEL_WARNING,
     "50 of 60 connections are open"},
    {"Threads_connected", "58", "mysql-connections-full", LEVEL_CRITICAL,
     "58 of 60 connections are open"},
    {"wsrep_local_recv_queue", "9", "mysql-recv-queue", LEVEL_WARNING,
     "9 write-sets wait to be applied"},
    {"wsrep_local_send_queue", "4", "mysql-send-queue", LEVEL_WARNING,
     "4 write-sets wait to be sent: the network is slow"},
    {"Ssl_server_not_after", "Mar  2 12:13:20 2026 GMT", "mysql-cert-expires", LEVEL_CRITICAL,
     "the certificate that it serves expires in 5d"},
    {"Ssl_server_not_after", "Mar 10 06:13:20 2026 GMT", "mysql-cert-expires", LEVEL_WARNING, NULL},
    {"Ssl_server_not_after", "Feb 20 06:13:20 2026 GMT", "mysql-cert-expires", LEVEL_CRITICAL,
     "the certificate that it serves has expired 5d ago"},
    {"wsrep_evs_repl_latency", "0.001/0.0712/0.2/0.01/40", "mysql-latency", LEVEL_WARNING,
     "replication takes 72 ms"},
};

static void one_thing_at_a_time(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(singles); i++) {
        const struct single *c = &singles[i];
        mysql_values_clear(&w->m.nodes[0].values);
        be_healthy(w);
        look(w);
        set(w, 0, c->name, c->value);
        w->m.nodes[0].last_recv = w->m.nodes[0].last_send = 100;
        look(w);
        judged(w, 0, c->level, c->rule, c->says);
        w->m.nodes[0].last_recv = w->m.nodes[0].last_send = 0;
    }
    set(w, 0, "wsrep_evs_repl_latency", "0/0/0/0/0");
    set(w, 0, "wsrep_flow_control_interval", "[ 100, 173 ]"); /* Percona's */
    set(w, 0, "wsrep_local_recv_queue", "180");
    w->m.nodes[0].last_recv = 178;
    look(w);
    is(w, 0, "recv-limit", "173");
    judged(w, 0, LEVEL_CRITICAL, "mysql-recv-queue",
           "180 write-sets wait to be applied, it stops the others at 173");
    w->m.nodes[0].last_recv = 0; /* a peak that is over */
    look(w);
    judged(w, 0, LEVEL_OK, NULL, "");
}

/* As cert-manager says of it. */
static void put_certificate(struct world *w, const char *key, const char *from, const char *until)
{
    const char *const columns[] = {"not-before", "not-after"}, *const times[] = {from, until};
    struct row_writer rows;
    struct err err;
    row_writer_init(&rows, &kind_certificate, 1 << 16);
    row_begin(&rows, span_from(key));
    for (size_t i = 0; i < BN_COUNT(columns); i++) {
        const int column = kind_column(&kind_certificate, span_from(columns[i]));
        int64_t ms = 0;
        assert_true(column >= 0 && time_parse(span_from(times[i]), &ms));
        row_num(&rows, (size_t)column, ms);
    }
    assert_true(row_end(&rows));
    struct message *m = row_writer_take(&rows, 0, 1);
    assert_true(store_apply(w->store, m, WALL_MS, &err));
    message_free(m);
    row_writer_clear(&rows);
}

/* Renewed, and the node still serves the one of before: which of the two it serves is the operator's. */
static void a_certificate_that_was_renewed(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    set(w, 0, "Ssl_server_not_after", "Apr 25 06:13:20 2026 GMT");
    put_certificate(w, "ops/db-ssl", "2026-01-25T06:13:20Z", "2026-04-25T06:13:20Z");
    put_certificate(w, "ops/db-ssl-internal", "2026-01-26T06:13:20Z", "2026-04-26T06:13:20Z");
    put_certificate(w, "ops/other-ssl", "2026-02-01T00:00:00Z", "2026-12-26T06:13:20Z");
    look(w);
    judged(w, 0, LEVEL_OK, NULL, "");
    judged(w, 1, LEVEL_OK, NULL,
           ""); /* it has one that is not cert-manager's, and holds for longer */
    put_certificate(w, "ops/db-ssl", "2026-02-25T06:00:00Z", "2026-05-26T06:00:00Z");
    look(w);
    judged(w, 0, LEVEL_PROGRESS, "mysql-cert-differs",
           "the certificate that it serves expires in 58d; that of Certificate ops/db-ssl, which "
           "holds for 89d, is served after a restart");
    clock_step((struct clock *)(uintptr_t)w->ctx.clock, 3600000);
    look(w);
    judged(w, 0, LEVEL_WARNING, "mysql-cert-differs", NULL);
    set(w, 0, "Ssl_server_not_after", "May 26 06:00:00 2026 GMT"); /* it was restarted */
    look(w);
    judged(w, 0, LEVEL_OK, NULL, "");
}

static void write_sets_that_lack(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    look(w);
    set(w, 1, "wsrep_last_committed", "1020");
    look(w);
    is(w, 0, "behind", "1000");
    judged(w, 0, LEVEL_WARNING, "mysql-behind", "1000 write-sets behind");
    is(w, 1, "behind", "0");
    /* at 1,000 a second that is one second's worth */
    set(w, 0, "wsrep_last_committed", "1020");
    set(w, 1, "wsrep_last_committed", "2020");
    look(w);
    judged(w, 0, LEVEL_NOTICE, "mysql-gcache",
           "keeps 1s of write-sets: who is away for longer needs a full state transfer");
    is(w, 0, "gcache-sets", "1020");
}

static void conflicts_and_transactions(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    look(w);
    set(w, 0, "wsrep_local_cert_failures", "3");
    set(w, 0, "wsrep_local_bf_aborts", "5");
    look(w);
    judged(w, 0, LEVEL_WARNING, "mysql-conflicts",
           "3.0 certification failures and 5.0 aborts a second: several nodes write the same");
    w->m.nodes[0].trx = (struct mysql_trx){.known = true, .age_s = 1260, .count = 1};
    (void)snprintf(w->m.nodes[0].trx.query, sizeof(w->m.nodes[0].trx.query), "update u set v=1");
    look(w);
    judged(w, 0, LEVEL_WARNING, "mysql-long-transaction",
           "a transaction is open for 21m: update u set v=1");
}

static void replication_from_elsewhere(void **state)
{
    struct world *w = *state;
    struct mysql_replica *r = &w->m.nodes[0].replica;
    w->m.count = 1;
    hear(w, 0, "mysql-status.tsv");
    hear(w, 0, "mysql-variables.tsv");
    *r = (struct mysql_replica){
        .there = true, .io = "Connecting", .sql = "Yes", .lag_s = 0, .error = "Access denied"};
    look(w);
    judged(w, 0, LEVEL_CRITICAL, "mysql-replica",
           "replication does not run: IO Connecting, SQL Yes: Access denied");
    *r = (struct mysql_replica){.there = true, .io = "Yes", .sql = "Yes", .lag_s = 90};
    look(w);
    judged(w, 0, LEVEL_WARNING, "mysql-replica", "replication is behind by 1m");
    r->lag_s = 3;
    look(w);
    judged(w, 0, LEVEL_OK, NULL, "");
    is(w, 0, "replica-lag", "3s");
}

/* Between sites there may be several channels: one that is broken is not hidden by one that runs. */
static void of_several_channels_the_worst(void **state)
{
    static const char *const names_of[] = {"Replica_IO_Running", "Replica_SQL_Running",
                                           "Seconds_Behind_Source", "Last_IO_Error",
                                           "Channel_Name"};
    const struct span fine[] = {SPAN("Yes"), SPAN("Yes"), SPAN("3"), SPAN(""), SPAN("north")},
                      late[] = {SPAN("Yes"), SPAN("Yes"), SPAN("70"), SPAN(""), SPAN("east")},
                      broken[] = {
                          SPAN("No"), SPAN("Yes"), {NULL, 0}, SPAN("Access denied"), SPAN("south")};
    const struct sql_row rows[] = {
        {fine, names_of, 5}, {late, names_of, 5}, {broken, names_of, 5}, {fine, names_of, 5}};
    struct world *w = *state;
    struct mysql_replica *r = &w->m.nodes[0].replica;
    w->m.count = 1;
    hear(w, 0, "mysql-status.tsv");
    hear(w, 0, "mysql-variables.tsv");
    for (size_t i = 0; i < BN_COUNT(rows); i++)
        assert_true(mysql_take_replica(r, &rows[i]));
    look(w);
    judged(w, 0, LEVEL_CRITICAL, "mysql-replica",
           "replication does not run: IO No, SQL Yes: channel south: Access denied");
    *r = (struct mysql_replica){.lag_s = -1};
    (void)mysql_take_replica(r, &rows[1]);
    (void)mysql_take_replica(r, &rows[0]);
    look(w);
    is(w, 0, "replica-lag", "70s");
}

/* A server that was started without its provider takes statements, and nobody else has them. */
static void one_without_its_cluster(void **state)
{
    static const char says[] =
        "running without wsrep, outside its cluster: what is written to it stays there";
    struct world *w = *state;
    be_healthy(w);
    mysql_values_clear(&w->m.nodes[2].values);
    hear(w, 2, "mysql-status.tsv");
    hear(w, 2, "mysql-variables.tsv");
    set(w, 2, "wsrep_cluster_status", "Disconnected");
    look(w);
    judged(w, 2, LEVEL_CRITICAL, "mysql-alone", says);
    be_down(w, 0, ERR_IO, "connection refused");
    be_down(w, 1, ERR_IO, "connection refused");
    look(w);
    judged(w, 2, LEVEL_CRITICAL, "mysql-alone", says);
    mysql_values_clear(&w->m.nodes[2].values);
    hear(w, 2, "healthy-2-status.tsv");
    hear(w, 2, "healthy-0-variables.tsv");
    look(w);
    judged(w, 2, LEVEL_OK, NULL, "");
}

/* An hour between two looks, and a start within it: what was counted since is no difference. */
static void a_start_between_two_looks(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    set(w, 0, "Queries", "1000");
    look(w);
    set(w, 0, "Queries", "1200");
    look(w);
    is(w, 0, "queries", "200/s");
    w->mono_ms += 3600000;
    set(w, 0, "Uptime", "60");
    set(w, 0, "Queries", "900000");
    look(w);
    is(w, 0, "queries", "-");
    set(w, 0, "Uptime", "61");
    set(w, 0, "Queries", "900100");
    look(w);
    is(w, 0, "queries", "100/s");
}

/* The server's clock and ours are two. */
static void no_more_than_all_of_the_time(void **state)
{
    struct world *w = *state;
    be_healthy(w);
    set(w, 0, "wsrep_flow_control_paused_ns", "0");
    look(w);
    set(w, 0, "wsrep_flow_control_paused_ns", "1030000000");
    look(w);
    is(w, 0, "paused", "100%");
}

static void statements_with_passwords(void **state)
{
    (void)state;
    assert_true(sql_may_show(SPAN("SELECT * FROM identity")));
    assert_false(sql_may_show(SPAN("CREATE USER a IDENTIFIED BY 'x'")));
    assert_false(sql_may_show(SPAN("alter user a identified with p by 'x'")));
    assert_false(sql_may_show(SPAN("SET PASSWORD FOR a = 'x'")));
}

static void every_rule_was_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < kind_mysql.nrules; i++) {
        char line[128];
        (void)snprintf(line, sizeof(line), "%s\n", kind_mysql.rules[i].id);
        if (!strstr(seen, line))
            fail_msg("no case comes to %s", kind_mysql.rules[i].id);
    }
}

/* As MySQL's own LIKE [mysql refman, string comparison functions]. */
static void patterns_of_rights(void **state)
{
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {{"shop", "shop", true},
                 {"shop", "shops", false},
                 {"sh%", "shop", true},
                 {"%", "", true},
                 {"%op", "shop", true},
                 {"%o%", "shop", true},
                 {"%x%", "shop", false},
                 {"s_op", "shop", true},
                 {"s_op", "sop", false},
                 {"gta\\_x", "gta_x", true},
                 {"gta\\_x", "gta-x", false},
                 {"a\\%", "a%", true},
                 {"a\\%", "ab", false},
                 {"%a%b", "xaxxb", true},
                 {"%a%b", "xbxxa", false},
                 {"", "", true},
                 {"", "a", false},
                 {"a%", "b", false}};

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        if (sql_like(cases[i].pattern, cases[i].text) != cases[i].fits)
            fail_msg("%s and %s", cases[i].pattern, cases[i].text);
}

/* ---- Rules of what nodes are asked besides. */

struct cell {
    const char *column, *text; /* text NULL: the number */
    int64_t number;
};

/* A row of these cells, NULL ends, is judged so; rule NULL: it is well, or says nothing. */
static void row_is(const struct kind *kind, const struct cell *cells, enum level level,
                   const char *rule, const char *words)
{
    const struct kind *const all[] = {kind};
    const struct kind_list one = {all, 1};
    struct store *st = store_new(&one);
    struct strbuf text = STRBUF_INIT(4096);
    struct row_writer w;
    struct handle row;
    struct err err;
    (void)store_add_source(st, "db", "mysql", "c", SOURCE_NONE);
    row_writer_init(&w, kind, 65536);
    row_begin(&w, SPAN("it"));
    for (; cells->column; cells++) {
        int i = kind_column(kind, span_from(cells->column));
        assert_true(i >= 0);
        if (cells->text)
            row_text(&w, (size_t)i, span_from(cells->text));
        else
            row_num(&w, (size_t)i, cells->number);
    }
    assert_true(row_end(&w));
    struct message *m = row_writer_take(&w, 0, 0);
    assert_true(store_apply(st, m, 0, &err));
    message_free(m);
    row_writer_clear(&w);
    while (store_turn(st, 0, 1000000))
        ;
    assert_true(store_find(st, 0, 0, SPAN("it"), &row));
    struct verdict v = store_verdict(st, row);
    store_says(st, row, 0, &text);
    assert_int_equal(v.level, level);
    if (rule)
        assert_string_equal(kind->rules[v.rule].id, rule);
    assert_string_equal(strbuf_cstr(&text), words);
    strbuf_clear(&text);
    store_free(st);
}

static void processes_databases_and_users(void **state)
{
    struct cell process[] = {{"command", "Query", 0},
                             {"time", NULL, 59999},
                             {"state", "Waiting for table metadata lock", 0},
                             {NULL, NULL, 0}},
                db[] = {{"other-engine", NULL, 2}, {NULL, NULL, 0}},
                user[] = {{"expired", NULL, 1}, {NULL, NULL, 0}};
    (void)state;
    row_is(&kind_mysql_process, process, LEVEL_OK, NULL, "");
    process[1].number = 60000;
    row_is(&kind_mysql_process, process, LEVEL_WARNING, "mysql-process-lock",
           "waits for a lock for 1m: Waiting for table metadata lock");
    process[2].text = "Sending data";
    row_is(&kind_mysql_process, process, LEVEL_NOTICE, "mysql-process-long",
           "runs for 1m: Sending data");
    process[0].text = "Sleep";
    row_is(&kind_mysql_process, process, LEVEL_OFF, NULL, "");
    row_is(&kind_mysql_db, db, LEVEL_NOTICE, "mysql-db-engine", "2 tables are not InnoDB");
    db[0].number = 0;
    row_is(&kind_mysql_db, db, LEVEL_OK, NULL, "");
    row_is(&kind_mysql_user, user, LEVEL_WARNING, "mysql-user-expired", "the password has expired");
    user[0].number = 0;
    row_is(&kind_mysql_user, user, LEVEL_OK, NULL, "");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(three_that_are_synced),
        CASE(one_that_stands_alone),
        CASE(a_desynced_one),
        CASE(flow_control_as_it_was),
        CASE(a_transfer),
        CASE(one_that_has_lost_the_majority),
        CASE(histories_and_compositions_that_differ),
        CASE(members_that_are_away),
        CASE(what_is_told_when_one_goes_and_comes),
        CASE(joiners),
        CASE(one_thing_at_a_time),
        CASE(a_certificate_that_was_renewed),
        CASE(write_sets_that_lack),
        CASE(conflicts_and_transactions),
        CASE(of_several_channels_the_worst),
        CASE(one_without_its_cluster),
        CASE(a_start_between_two_looks),
        CASE(no_more_than_all_of_the_time),
        CASE(replication_from_elsewhere),
        cmocka_unit_test(statements_with_passwords),
        cmocka_unit_test(patterns_of_rights),
        cmocka_unit_test(processes_databases_and_users),
        cmocka_unit_test(every_rule_was_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
