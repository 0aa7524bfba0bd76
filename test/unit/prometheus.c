/* What a Prometheus is asked of a row, whatever the row is called, and what is read of its answers,
 * whatever comes. */
#include <config.h>

#include "backends/prometheus/prometheus.h"

#include "test/unit/joined_test.h"

#include <math.h>

#define UNTIL INT64_C(1700000100000) /* a step of 180 s */

extern const struct backend backend_prometheus;

struct asked {
    struct past_figure figures[PAST_FIGURES];
    size_t count;
    struct strbuf text;
};

/* A row of the kind, which leads to a pod unless that is NULL. */
static void about(struct asked *a, const char *kind, const char *key, const char *pod)
{
    struct joined_world w;
    struct row_writer rows;
    struct handle row;
    joined_begin(&w);
    const uint16_t number = joined_number(&w, kind);
    row_writer_init(&rows, w.kinds[number], 1 << 20);
    row_begin(&rows, span_from(key));
    if (pod)
        row_link(&rows, LINK_POD, 0, "pod", span_from(pod));
    assert_true(row_end(&rows));
    joined_tell(&w, 0, number, &rows);
    row_writer_clear(&rows);
    assert_true(store_find(w.st, 0, number, span_from(key), &row));
    *a = (struct asked){.text = STRBUF_INIT(1 << 16)};
    a->count = prometheus_past(w.st, row, a->figures, &a->text);
    joined_done(&w);
}

static void each_kind_is_asked_about_by_its_own_labels(void **state)
{
    static const struct {
        const char *kind, *key, *pod;
        size_t count;
        const char *first, *query;
    } rows[] = {
        {"pvc", "operators/datadir-0", NULL, 2, "used",
         "max(max_over_time(kubelet_volume_stats_used_bytes{namespace=\"operators\","
         "persistentvolumeclaim=\"datadir-0\"}[3m]))\n"},
        {"pod", "default/web-0", NULL, 3, "cpu",
         "1000 * sum(max by (container) (rate(container_cpu_usage_seconds_total{"
         "namespace=\"default\",pod=\"web-0\",container!=\"\",container!=\"POD\"}[5m])))\n"},
        {"node", "worker-1", NULL, 3, "cpu-used",
         "1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m]) and on (instance) "
         "node_uname_info{nodename=\"worker-1\"}) or "},
        {"mysql", "pxc-0", "operators/mysql-pxc-0", 5, "recv-queue",
         "max(max_over_time(mysql_global_status_wsrep_local_recv_queue{namespace=\"operators\","
         "pod=\"mysql-pxc-0\"}[3m]))\n"},
        {"redis", "redis-0", "tooling/redis-0", 4, "lag",
         "1000 * (max(max_over_time(redis_master_last_io_seconds_ago{namespace=\"tooling\","
         "pod=\"redis-0\"}[3m])) or "},
        {"redis", "redis-0", NULL, 0, NULL, ""}, /* nobody knows by which labels */
        {"traefik-service", "default-web-80@kubernetes", NULL, 2, "requests",
         "sum(rate(traefik_service_requests_total{service=\"default-web-80@kubernetes\"}[5m]))\n"},
        {"configmap", "default/web", NULL, 0, NULL, ""},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(rows); i++) {
        struct asked a;
        about(&a, rows[i].kind, rows[i].key, rows[i].pod);
        assert_int_equal(a.count, rows[i].count);
        if (!span_starts(strbuf_span(&a.text), rows[i].query))
            fail_msg("%s is asked about by %s", rows[i].kind, strbuf_cstr(&a.text));
        if (a.count)
            assert_string_equal(a.figures[0].name, rows[i].first);
        strbuf_clear(&a.text);
    }
}

/* A name is a string of PromQL to its last byte, and a query a line. */
static void a_name_stays_a_name(void **state)
{
    static const struct {
        const char *name, *quoted;
    } names[] = {
        {"a\"}) or vector(1) #", "\"a\\\"}) or vector(1) #\""},
        {"back\\", "\"back\\\\\""},
        {"{x=\"y\"}", "\"{x=\\\"y\\\"}\""},
        {"two\nlines\t\x1b[2J", "\"two\\x0alines\\x09\\x1b[2J\""},
        {"\xc3\xa9\xff$1%s", "\"\\xc3\\xa9\\xff$1%s\""},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        struct strbuf key = STRBUF_INIT(256), wanted = STRBUF_INIT(1024);
        struct asked a;
        strbuf_addf(&key, "ns/%s", names[i].name);
        strbuf_addf(&wanted,
                    "max(max_over_time(kubelet_volume_stats_used_bytes{namespace=\"ns\","
                    "persistentvolumeclaim=%s}[3m]))\n",
                    names[i].quoted);
        about(&a, "pvc", strbuf_cstr(&key), NULL);
        if (!span_starts(strbuf_span(&a.text), strbuf_cstr(&wanted)))
            fail_msg("asked: %s", strbuf_cstr(&a.text));
        strbuf_clear(&a.text);
        strbuf_clear(&key);
        strbuf_clear(&wanted);
    }
}

/* ---- Answers. */

#define ANSWER(result) \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":" result "}}"
#define VALUES(values) ANSWER("[{\"metric\":{},\"values\":" values "}]")

/* How many samples are known; -1: it is no such answer. */
static int known_of(const char *answer, double out[SERIES_SAMPLES])
{
    struct err err;
    int known = 0;
    struct json_doc *doc = json_doc_parse(span_from(answer), "answer", &err);
    if (!doc)
        fail_msg("%s", err.msg);
    bool ok = prometheus_samples(json_doc_root(doc), UNTIL, out, &err);
    json_doc_free(doc);
    for (size_t i = 0; i < SERIES_SAMPLES; i++)
        known += !isnan(out[i]);
    return ok ? known : -1;
}

static void samples_stand_at_their_times(void **state)
{
    double out[SERIES_SAMPLES];
    (void)state;
    assert_int_equal(
        known_of(VALUES("[[1699989480,\"1\"],[1699999920,\"2.5\"],[1700000100,\"3e3\"]]"), out), 3);
    assert_true(out[0] == 1 && out[58] == 2.5 && out[59] == 3000);
    assert_true(isnan(out[57])); /* a gap is no zero */
    /* of several series the greatest, whatever their labels */
    assert_int_equal(known_of(ANSWER("[{\"metric\":{\"a\":\"1\"},\"values\":[[1700000100,\"7\"]]},"
                                     "{\"metric\":{\"a\":\"2\"},\"values\":[[1700000100,\"4\"]]}]"),
                              out),
                     1);
    assert_true(out[59] == 7);
}

static void what_is_no_sample_is_none(void **state)
{
    static const struct {
        const char *answer;
        int known;
    } answers[] = {
        {ANSWER("[]"), 0},
        {VALUES("[]"), 0},
        {VALUES("[[1700000100,\"NaN\"],[1699999920,\"+Inf\"],[1699999740,\"-Inf\"]]"), 0},
        {VALUES(
             "[[1700000100,\"\"],[1699999920,\"x\"],[1699999740,\"1e999\"],[1699999560,\"0x10\"]]"),
         0},
        {VALUES("[[1700000100,1],[1699999920,null],[1699999740],[],7,null,\"[1,2]\",{}]"), 0},
        {VALUES(
             "[[\"1700000100\",\"1\"],[null,\"1\"],[{},\"1\"],[-1e300,\"1\"],[1e300,\"1\"],[0,\"1\"]]"),
         0},
        {VALUES("[[1700000280,\"1\"],[1699989300,\"1\"]]"), 0}, /* after and before */
        {VALUES("[[1700000100.4,\"-1.5\"]]"), 1},
        {VALUES("{\"a\":[1700000100,\"1\"]}"), 1}, /* odd, and harmless */
        {ANSWER("[null,7,\"x\",[],{\"values\":7},{\"metric\":7}]"), 0},
        {ANSWER("{}"), -1},
        {"{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":7}}", -1},
        {"{\"status\":\"success\",\"data\":null}", -1},
        {"{}", -1},
        {"[]", -1},
        {"\"ok\"", -1},
    };

    double out[SERIES_SAMPLES];
    (void)state;
    for (size_t i = 0; i < BN_COUNT(answers); i++)
        if (known_of(answers[i].answer, out) != answers[i].known)
            fail_msg("%s is read as %d", answers[i].answer, known_of(answers[i].answer, out));
    assert_false(prometheus_samples(NULL, UNTIL, out, &(struct err){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_asked_about_by_its_own_labels),
        cmocka_unit_test(a_name_stays_a_name),
        cmocka_unit_test(samples_stand_at_their_times),
        cmocka_unit_test(what_is_no_sample_is_none),
    };
    return cmocka_run_group_tests_name("prometheus", tests, NULL, NULL);
}
