/* HAProxy's figures as it was recorded, metrics and CSV; what comes of them. */
#include <config.h>

#include "backends/haproxy/haproxy.h"

#include "base/file.h"
#include "model/store.h"
#include "net/metrics.h"

/* clang-format off */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define WALL_MS INT64_C(1772000000000)

static struct haproxy_answer answer;
static struct strbuf body = STRBUF_INIT(1 << 20);

static void read_recorded(const char *file)
{
    struct strbuf path = STRBUF_INIT(4096);
    struct err err;
    strbuf_truncate(&body, 0);
    strbuf_addf(&path, "%s/test/data/mysql/%s", getenv("top_srcdir"), file);
    assert_true(file_read(strbuf_cstr(&path), &body, NULL));
    strbuf_clear(&path);
    if (!haproxy_read(strbuf_span(&body), &answer, &err))
        fail_msg("%s: %s", file, err.msg);
}

static const struct haproxy_server *server(const char *proxy, const char *name)
{
    for (size_t i = 0; i < answer.count; i++)
        if (span_is(answer.servers[i].proxy, proxy) && span_is(answer.servers[i].name, name))
            return &answer.servers[i];
    fail_msg("there is no %s of %s", name, proxy);
    return NULL;
}

static void is(const char *proxy, const char *name, const char *status, const char *check,
               const char *role)
{
    const struct haproxy_server *s = server(proxy, name);
    if (!span_is(s->status, status) || !span_is(s->check, check) || !span_is(s->role, role))
        fail_msg("%s of %s is %.*s, %.*s, %.*s", name, proxy, SPAN_ARG(s->status),
                 SPAN_ARG(s->check), SPAN_ARG(s->role));
}

static void metrics_and_csv_say_the_same(void **state)
{
    (void)state;
    read_recorded("haproxy.prom");
    assert_int_equal(answer.count, 9);
    is("galera-nodes", "db-pxc-db-pxc-0", "UP", "PROCOK", "");
    assert_int_equal(server("galera-nodes", "db-pxc-db-pxc-0")->sessions, 0);
    read_recorded("haproxy-csv-all-up.csv");
    assert_int_equal(answer.count, 9);
    is("galera-nodes", "db-pxc-db-pxc-0", "UP", "PROCOK", "active");
    is("galera-nodes", "db-pxc-db-pxc-2", "UP", "PROCOK", "backup");
    is("galera-replica-nodes", "db-pxc-db-pxc-2", "UP", "PROCOK", "active");
}

static void servers_that_are_not_up(void **state)
{
    (void)state;
    read_recorded("haproxy-csv-node1-desynced.csv");
    is("galera-nodes", "db-pxc-db-pxc-1", "DOWN", "PROCERR", "backup");
    is("galera-admin-nodes", "db-pxc-db-pxc-2", "UP", "PROCOK", "backup"); /* "* PROCOK" */
    assert_int_equal(server("galera-nodes", "db-pxc-db-pxc-1")->changed_s, 1);
    assert_int_equal(server("galera-nodes", "db-pxc-db-pxc-1")->failures, 3);
    read_recorded("haproxy-admin-states.prom");
    is("galera-nodes", "db-pxc-db-pxc-1", "MAINT", "", ""); /* and is not checked */
}

static void what_is_no_haproxy(void **state)
{
    static const char *const bodies[] = {"", "<html></html>", "haproxy_server_status{", "# pxname"};
    struct err err;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(bodies); i++) {
        assert_false(haproxy_read(span_from(bodies[i]), &answer, &err));
        assert_int_equal(err.kind, ERR_PROTO);
    }
}

/* ---- Verdicts. */

/* other: of a second HAProxy; NULL: there is none. */
static struct store *stored_beside(const struct haproxy_answer *other)
{
    static const struct kind *const kinds[] = {&kind_haproxy_server};
    static const struct kind_list list = {kinds, 1};
    struct store *st = store_new(&list);
    struct row_writer w;
    struct err err;
    (void)store_add_source(st, "haproxy", "haproxy", "c", SOURCE_NONE);
    row_writer_init(&w, &kind_haproxy_server, 1 << 20);
    const struct haproxy_view all[] = {{SPAN("proxy-0"), &answer}, {SPAN("proxy-1"), other}};
    for (size_t i = 0; i < (other ? 2 : 1); i++)
        assert_true(haproxy_put(all, other ? 2 : 1, i, WALL_MS, &w));
    struct message *m = row_writer_take(&w, 0, 0);
    assert_true(store_apply(st, m, WALL_MS, &err));
    message_free(m);
    row_writer_clear(&w);
    while (store_turn(st, WALL_MS, 1000000))
        ;
    return st;
}

static struct store *stored(void)
{
    return stored_beside(NULL);
}

static void by_rule(const struct store *st, const char *key, const char *rule)
{
    struct handle row;
    assert_true(store_find(st, 0, 0, span_from(key), &row));
    assert_string_equal(kind_haproxy_server.rules[store_verdict(st, row).rule].id, rule);
}

static void judged(const struct store *st, const char *key, enum level level, const char *says)
{
    struct strbuf text = STRBUF_INIT(4096);
    struct handle row;
    assert_true(store_find(st, 0, 0, span_from(key), &row));
    store_says(st, row, WALL_MS, &text);
    assert_string_equal(strbuf_cstr(&text), says);
    assert_int_equal(store_verdict(st, row).level, level);
    strbuf_clear(&text);
}

static void verdicts(void **state)
{
    (void)state;
    read_recorded("haproxy-csv-node2-down.csv");
    struct store *st = stored();
    judged(st, "proxy-0/galera-nodes/db-pxc-db-pxc-0", LEVEL_OK, "");
    judged(st, "proxy-0/galera-nodes/db-pxc-db-pxc-2", LEVEL_WARNING,
           "DOWN for 10s in galera-nodes: check PROCERR");
    store_free(st);
    read_recorded("haproxy-csv-no-node-up.csv");
    st = stored();
    judged(st, "proxy-0/galera-nodes/db-pxc-db-pxc-0", LEVEL_CRITICAL,
           "no server of galera-nodes is up: DOWN for 20s in galera-nodes: check PROCERR");
    by_rule(st, "proxy-0/galera-nodes/db-pxc-db-pxc-0", "haproxy-no-server");
    store_free(st);
    read_recorded("haproxy-csv-admin-states.csv");
    st = stored();
    judged(st, "proxy-0/galera-nodes/db-pxc-db-pxc-1", LEVEL_NOTICE,
           "MAINT for 10s in galera-nodes");
    by_rule(st, "proxy-0/galera-nodes/db-pxc-db-pxc-1", "haproxy-server-out");
    store_free(st);
    for (size_t i = 0; i < answer.count; i++)
        answer.servers[i].status = SPAN("MAINT");
    st = stored();
    judged(st, "proxy-0/galera-nodes/db-pxc-db-pxc-1", LEVEL_CRITICAL,
           "no server of galera-nodes is up: MAINT for 10s in galera-nodes");
    store_free(st);
    answer.servers[0].status = SPAN("no check"); /* which is served by */
    st = stored();
    struct strbuf key = STRBUF_INIT(1024);
    strbuf_addf(&key, "proxy-0/%.*s/%.*s", SPAN_ARG(answer.servers[0].proxy),
                SPAN_ARG(answer.servers[0].name));
    judged(st, strbuf_cstr(&key), LEVEL_OK, "");
    by_rule(st, "proxy-0/galera-nodes/db-pxc-db-pxc-1",
            span_is(answer.servers[0].proxy, "galera-nodes") ? "haproxy-server-out"
                                                             : "haproxy-no-server");
    strbuf_clear(&key);
    store_free(st);
}

/* Each has checks of its own. */
static void one_that_sees_it_otherwise(void **state)
{
    static struct haproxy_answer well;
    static struct strbuf kept = STRBUF_INIT(1 << 20);
    struct err err;
    (void)state;
    read_recorded("haproxy-csv-all-up.csv");
    strbuf_add(&kept, strbuf_span(&body));
    assert_true(haproxy_read(strbuf_span(&kept), &well, &err));
    read_recorded("haproxy-csv-node2-down.csv");
    struct store *st = stored_beside(&well);
    judged(st, "proxy-0/galera-nodes/db-pxc-db-pxc-2", LEVEL_WARNING,
           "DOWN for 10s in galera-nodes: check PROCERR; UP at proxy-1");
    judged(st, "proxy-1/galera-nodes/db-pxc-db-pxc-2", LEVEL_NOTICE,
           "UP for 1m in galera-nodes; DOWN at proxy-0");
    by_rule(st, "proxy-1/galera-nodes/db-pxc-db-pxc-2", "haproxy-disagree");
    judged(st, "proxy-1/galera-nodes/db-pxc-db-pxc-0", LEVEL_OK, "");
    store_free(st);
    read_recorded("haproxy-csv-all-up.csv");
    st = stored_beside(&well);
    judged(st, "proxy-1/galera-nodes/db-pxc-db-pxc-2", LEVEL_OK, "");
    store_free(st);
    strbuf_clear(&kept);
}

/* ---- The format. */

static void samples(void **state)
{
    struct span rest = SPAN("# HELP a b\n"
                            "a 1\n"
                            "b{x=\"1\"} 2.5 1395066363000\n"
                            "c{x=\"a\\\"}b\",y=\"z\"} NaN\n"
                            "nonsense\n"
                            "d{x=\"1\" 3\n"
                            "e{} +Inf\n"
                            "f{x=\"1\"}");
    struct metric m;
    (void)state;
    assert_true(metric_next(&rest, &m));
    assert_true(span_is(m.name, "a") && m.value == 1 && !m.labels.len);
    assert_true(metric_next(&rest, &m));
    assert_true(span_is(m.name, "b") && m.value == 2.5 && span_is(metric_label(&m, "x"), "1"));
    assert_int_equal(metric_label(&m, "y").len, 0);
    assert_true(metric_next(&rest, &m));
    assert_true(span_is(m.name, "c") && isnan(m.value) && span_is(metric_label(&m, "y"), "z"));
    assert_true(span_is(metric_label(&m, "x"), "a\\\"}b"));
    assert_true(metric_next(&rest, &m));
    assert_true(span_is(m.name, "e") && isinf(m.value));
    assert_false(metric_next(&rest, &m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_and_csv_say_the_same), cmocka_unit_test(servers_that_are_not_up),
        cmocka_unit_test(what_is_no_haproxy),           cmocka_unit_test(verdicts),
        cmocka_unit_test(one_that_sees_it_otherwise),   cmocka_unit_test(samples),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    strbuf_clear(&body);
    return failed;
}
