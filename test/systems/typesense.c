/* The Typesense source against a server that answers as Typesense 28's source has it: each state
 * and each failure, its verdict in words, its end; the key is sent, and kept nowhere. */
#include <config.h>

#include "backends/typesense/typesense.h"

#include "backends/discovery.h"
#include "base/file.h"
#include "base/timetext.h"
#include "test/systems/http_server.h"
#include "test/systems/routes.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_test.h"

#include <stdio.h>
#include <unistd.h>

#define KEY "c29tZS1hcGkta2V5LW9mLXR5cGVzZW5zZQ"

#define METRICS(memory, disk)                                                           \
    "{\"system_cpu_active_percentage\":\"11.50\",\"system_disk_total_bytes\":\"1000\"," \
    "\"system_disk_used_bytes\":\"" disk                                                \
    "\",\"system_memory_total_bytes\":\"16769765376\",\"system_memory_used_bytes\":"    \
    "\"9126805504\",\"typesense_memory_active_bytes\":\"" memory                        \
    "\",\"typesense_memory_fragmentation_ratio\":\"0.07\"}"
#define STATS(batches, overloaded)                                                          \
    "{\"pending_write_batches\":" batches ",\"overloaded_requests_per_second\":" overloaded \
    ",\"search_latency_ms\":4.2,\"search_requests_per_second\":11.4,\"latency_ms\":{},"     \
    "\"write_latency_ms\":0,\"write_requests_per_second\":0,"                               \
    "\"total_requests_per_second\":12.3}"
#define STATUS(index) "{\"state\":\"LEADER\",\"committed_index\":" index ",\"queued_writes\":0}"
#define LAGGING       "{\"message\":\"Not Ready or Lagging\"}"
#define FORBIDDEN \
    "{\"message\": \"Forbidden - a valid `x-typesense-api-key` header must be sent.\"}"

struct world {
    struct source_run source;
    struct server *server;
    char key_file[64];
    struct routes routes;
    /* Under its lock: a request came without the key where one is needed, or with it in its path. */
    bool odd_key;
};

extern const struct backend backend_typesense;

/* ---- The server: nodes "a" and "b", by the first part of the path. */

static void answer(struct world *w, const char *path, int status, const char *body)
{
    routes_answer(&w->routes, path, status, body);
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct strbuf body = STRBUF_INIT(65536);
    char path[256] = "";
    (void)sscanf(request, "%*s %255[^? ]", path);
    (void)pthread_mutex_lock(&w->routes.lock);
    int status = routes_find(&w->routes, path, &body);
    const bool key = strstr(request, "X-TYPESENSE-API-KEY: " KEY "\r\n") != NULL;
    w->odd_key = w->odd_key || (!key && !strstr(path, "/health")) || strstr(path, KEY);
    (void)pthread_mutex_unlock(&w->routes.lock);
    if (!status)
        strbuf_adds(&body, "{\"message\": \"Not Found\"}");
    conn_answer(c, status ? status : 404, "Content-Type: application/json\r\n", strbuf_span(&body));
    strbuf_clear(&body);
}

static void be_well(struct world *w, const char *node)
{
    static const char *const answers[][2] = {
        {"health", "{\"ok\":true}"},
        {"debug", "{\"state\":1,\"version\":\"28.0\"}"},
        {"status", STATUS("4812")},
        {"stats.json", STATS("0", "0")},
        {"metrics.json", METRICS("655929344", "300")},
        {"collections",
         "[{\"name\":\"products\",\"num_documents\":48211,\"created_at\":1762333204,"
         "\"default_sorting_field\":\"popularity\"},"
         "{\"name\":\"articles\",\"num_documents\":1840,\"created_at\":1762333260}]"},
    };
    char path[64];
    for (size_t i = 0; i < BN_COUNT(answers); i++) {
        (void)snprintf(path, sizeof(path), "/%s/%s", node, answers[i][0]);
        answer(w, path, 200, answers[i][1]);
    }
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    *state = w;
    routes_init(&w->routes);
    (void)snprintf(w->key_file, sizeof(w->key_file), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(w->key_file);
    if (fd < 0 || write(fd, KEY "\n", strlen(KEY) + 1) < 0 || close(fd) != 0)
        return -1;
    w->server = server_start(&o);
    be_well(w, "a");
    be_well(w, "b");
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    assert_false(routes_flag(&w->routes, &w->odd_key));
    assert_false(source_leaks(&w->source, KEY));
    source_stop(&w->source);
    server_stop(w->server);
    (void)unlink(w->key_file);
    routes_clear(&w->routes);
    free(w);
    return 0;
}

static void start(struct world *w, const char *nodes, bool with_key)
{
    char reach[128], key[128];
    int64_t now;
    assert_true(time_parse(SPAN("2026-02-13T09:00:00Z"), &now));
    (void)snprintf(reach, sizeof(reach), "reach=%s/*", server_origin(w->server));
    (void)snprintf(key, sizeof(key), "api_key=file:%s", w->key_file);
    const char *const settings[] = {reach, nodes, with_key ? key : NULL, NULL};
    source_start(&w->source, &backend_typesense, settings, now);
    source_want(&w->source, "typesense", true);
    source_want(&w->source, "typesense-collection", true);
}

static bool is(struct world *w, const char *node, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, "typesense", node, column), text) == 0;
}

/* It is looked at again, until it is judged so, and says these words. */
static void judged(struct world *w, const char *node, enum level level, const char *rule,
                   const char *words)
{
    source_refresh(&w->source);
    source_until(&w->source, source_has(&w->source, "typesense", node) &&
                                 strcmp(source_rule(&w->source, "typesense", node), rule) == 0 &&
                                 strstr(source_says(&w->source, "typesense", node), words));
    source_judged(&w->source, "typesense", node, level, rule, words);
}

/* ---- */

static void what_a_node_that_is_well_says(void **state)
{
    struct world *w = *state;
    start(w, "nodes=a", true);
    source_until(&w->source,
                 is(w, "a", "state", "ok") && source_synced(&w->source, "typesense-collection"));
    static const char *const cells[][2] = {
        {"role", "leader"},     {"version", "28.0"}, {"memory", "626Mi"},  {"disk", "30%"},
        {"waiting", "0"},       {"lag", "0"},        {"index", "4812"},    {"search-ms", "4"},
        {"searches", "11.4/s"}, {"write-ms", "-"},   {"collections", "2"}, {"documents", "50051"},
        {"api-key", "valid"}};
    for (size_t i = 0; i < BN_COUNT(cells); i++)
        if (!is(w, "a", cells[i][0], cells[i][1]))
            fail_msg("%s is %s", cells[i][0],
                     source_text(&w->source, "typesense", "a", cells[i][0]));
    assert_string_equal(source_text(&w->source, "typesense-collection", "it/products", "documents"),
                        "48211");
    assert_string_equal(source_text(&w->source, "typesense-collection", "it/products", "age"),
                        "99d");
    source_judged(&w->source, "typesense", "a", LEVEL_OK, "", "");
}

static void each_failure_and_its_end(void **state)
{
    static const struct {
        const char *path;
        int status;
        const char *body;
        enum level level;
        const char *rule, *words;
    } cases[] = {
        {"/a/health", 200, "{\"ok\":true,\"resource_error\":\"OUT_OF_DISK\"}", LEVEL_CRITICAL,
         "typesense-writes-refused", "all writes are refused: OUT_OF_DISK, 30% of its volume"},
        {"/a/health", 200, "{\"ok\":true,\"resource_error\":\"OUT_OF_MEMORY\"}", LEVEL_CRITICAL,
         "typesense-writes-refused", "OUT_OF_MEMORY, 54% of its machine's memory, 8.5Gi of 15.6Gi"},
        {"/a/health", 503, "{\"ok\":false}", LEVEL_CRITICAL, "typesense-not-ready",
         ": /health answers 503"},
        {"/a/debug", 200, "{\"state\":5,\"version\":\"28.0\"}", LEVEL_CRITICAL,
         "typesense-raft-error", "its state in the cluster is \"error\""},
        {"/a/collections", 503, LAGGING, LEVEL_CRITICAL, "typesense-reads-refused",
         "/health is ok, and reads are refused: Not Ready or Lagging"},
        {"/a/stats.json", 200, STATS("501", "0"), LEVEL_CRITICAL, "typesense-backlog",
         "501 batches of writes wait, over 500: writes are refused"},
        {"/a/stats.json", 200, STATS("251", "0"), LEVEL_WARNING, "typesense-writes-wait",
         "251 batches of writes wait, from 500 on"},
        {"/a/stats.json", 200, STATS("0", "2.5"), LEVEL_WARNING, "typesense-overloaded",
         "2.5 requests a second are turned away"},
        {"/a/metrics.json", 200, METRICS("1", "951"), LEVEL_CRITICAL, "typesense-disk-full",
         "it uses 95% of its volume"},
        {"/a/metrics.json", 200, METRICS("1", "860"), LEVEL_WARNING, "typesense-disk",
         "it uses 86% of its volume"},
        {"/a/debug", 401, FORBIDDEN, LEVEL_WARNING, "typesense-key-refused",
         "its API key is refused: Forbidden - a valid `x-typesense-api-key` header must be sent."},
    };
    struct world *w = *state;
    start(w, "nodes=a", true);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        answer(w, cases[i].path, cases[i].status, cases[i].body);
        judged(w, "a", cases[i].level, cases[i].rule, cases[i].words);
        be_well(w, "a");
        judged(w, "a", LEVEL_OK, "", "");
    }
}

static void an_index_that_is_loaded(void **state)
{
    struct world *w = *state;
    start(w, "nodes=a", true);
    source_until(&w->source, is(w, "a", "state", "ok"));
    answer(w, "/a/health", 503, "{\"ok\":false}");
    answer(w, "/a/debug", 200, "{\"state\":0,\"version\":\"28.0\"}");
    answer(w, "/a/collections", 503, LAGGING);
    judged(w, "a", LEVEL_PROGRESS, "typesense-loading", "it loads its index from disk");
    source_step(&w->source, (int64_t)15 * 60000);
    judged(w, "a", LEVEL_WARNING, "typesense-loading-long", "it loads its index from disk for 15m");
    be_well(w, "a");
    judged(w, "a", LEVEL_OK, "", "");
}

/* That it answers 503 is no wish to be left alone for 503 seconds. */
static void one_that_is_not_ready_is_asked_as_often_as_ever(void **state)
{
    struct world *w = *state;
    start(w, "nodes=a", true);
    source_until(&w->source, is(w, "a", "state", "ok"));
    answer(w, "/a/health", 503, "{\"ok\":false}");
    answer(w, "/a/collections", 503, LAGGING);
    judged(w, "a", LEVEL_CRITICAL, "typesense-not-ready", "not ready");
    be_well(w, "a");
    source_step(&w->source, 10000);
    source_until(&w->source, source_level(&w->source, "typesense", "a") == LEVEL_OK);
}

/* Nodes are compared with each other; one that waits for a leader says so. */
static void several_nodes(void **state)
{
    struct world *w = *state;
    start(w, "nodes=a,b", true);
    source_until(&w->source, is(w, "a", "state", "ok") && is(w, "b", "state", "ok"));
    answer(w, "/b/status", 200, STATUS("4000"));
    answer(w, "/b/debug", 200, "{\"state\":4,\"version\":\"28.0\"}");
    judged(w, "b", LEVEL_WARNING, "typesense-behind", "812 entries behind the newest");
    source_judged(&w->source, "typesense", "a", LEVEL_OK, "", "");
    answer(w, "/b/health", 503, "{\"ok\":false}");
    answer(w, "/b/collections", 503, LAGGING);
    judged(w, "b", LEVEL_CRITICAL, "typesense-not-ready",
           "not ready, 812 entries behind its leader a"); /* which says that it leads */
    answer(w, "/a/debug", 200, "{\"state\":4,\"version\":\"28.0\"}");
    judged(w, "b", LEVEL_CRITICAL, "typesense-no-leader",
           "not ready, follower without a leader for");
    be_well(w, "a");
    be_well(w, "b");
    judged(w, "b", LEVEL_OK, "", "");
}

static void without_a_key_its_health_is_known(void **state)
{
    struct world *w = *state;
    start(w, "nodes=a", false);
    source_until(&w->source,
                 is(w, "a", "state", "ok") &&
                     strstr(source_kind_report(&w->source, "typesense-collection")->note,
                            "without an API key only its health is known"));
    assert_true(is(w, "a", "api-key", "none"));
    assert_true(is(w, "a", "memory", "-"));
    answer(w, "/a/health", 503, "{\"ok\":false}");
    judged(w, "a", LEVEL_CRITICAL, "typesense-not-ready", "not ready");
}

/* What is no answer of a Typesense is never taken for one that is well; the rest goes on. */
static void answers_that_make_no_sense(void **state)
{
    static const char *const odd[] = {"",
                                      "null",
                                      "[]",
                                      "{",
                                      "{\"ok\":\"true\"}",
                                      "<html>no</html>",
                                      "{\"ok\":true,\"resource_error\":{\"a\":1},\"ok\":1}",
                                      "{\"resource_error\":\"\\u001b[31mX\\u0000\"}"};
    struct world *w = *state;
    start(w, "nodes=a", true);
    for (size_t i = 0; i < BN_COUNT(odd); i++) {
        answer(w, "/a/health", 200, odd[i]);
        source_refresh(&w->source);
        source_until(&w->source, is(w, "a", "state", "not ready"));
        assert_int_equal(source_level(&w->source, "typesense", "a"), LEVEL_CRITICAL);
        be_well(w, "a");
        judged(w, "a", LEVEL_OK, "", "");
    }
    answer(w, "/a/stats.json", 200, "{\"pending_write_batches\":-7,\"search_latency_ms\":1e999}");
    answer(w, "/a/metrics.json", 200, METRICS("99999999999999999999", "x"));
    answer(w, "/a/collections", 200,
           "[{\"num_documents\":5},7,null,{\"name\":\"\"},{\"name\":\"o\"}]");
    source_refresh(&w->source);
    source_until(&w->source, source_has(&w->source, "typesense-collection", "it/o") &&
                                 !source_has(&w->source, "typesense-collection", "it/products") &&
                                 is(w, "a", "waiting", "-"));
    assert_true(is(w, "a", "memory", "-"));
    assert_true(is(w, "a", "disk", "-"));
    source_judged(&w->source, "typesense", "a", LEVEL_OK, "", "");
}

/* ---- Discovery. */

#define WORKLOAD(name, image, env)                                                     \
    "{metadata: {namespace: tooling, name: " name ", creationTimestamp: "              \
    "'2026-01-01T00:00:00Z'}, spec: {replicas: 2, selector: {matchLabels: {app: " name \
    "}}, template: {spec: {containers: [{name: c, image: '" image "', env: [" env "]}]}}}}"
#define SECRET_ENV \
    "{name: TYPESENSE_API_KEY, valueFrom: {secretKeyRef: {name: search, key: api-key}}}"

static void find(const char *object, size_t which, struct strbuf *out)
{
    struct store *st = kube_store();
    struct discovery d = {0};
    (void)kube_put(st, "workload", which, object, 0);
    (void)kube_put(st, "service", 0,
                   "{metadata: {namespace: tooling, name: front, creationTimestamp: "
                   "'2026-01-01T00:00:00Z'}, spec: {selector: {app: search}, ports: [{port: "
                   "8108}]}}",
                   0);
    typesense_discover(st, &d);
    strbuf_truncate(out, 0);
    for (size_t i = 0; i < d.count; i++) {
        strbuf_addf(out, "%s%s:", d.findings[i].name, d.findings[i].missing ? " (incomplete)" : "");
        for (char **s = d.findings[i].settings; *s; s++)
            strbuf_addf(out, " %s", *s);
    }
    discovery_done(&d);
    store_free(st);
}

static void they_are_found_by_their_image(void **state)
{
    enum { DEPLOYMENT, STATEFUL_SET };

    static const struct {
        const char *object;
        size_t which;
        const char *found;
    } cases[] = {
        {WORKLOAD("search", "docker.io/typesense/typesense:28.0", SECRET_ENV), STATEFUL_SET,
         "search: reach=proxy-pod:tooling/*:8108 nodes=search-0,search-1 "
         "api_key=secret:tooling/search/api-key"},
        {WORKLOAD("search", "mirror.local:5000/typesense@sha256:00", ""), STATEFUL_SET,
         "search (incomplete): reach=proxy-pod:tooling/*:8108 nodes=search-0,search-1"},
        {WORKLOAD("search", "typesense/typesense", SECRET_ENV), DEPLOYMENT,
         "search: reach=proxy:tooling/front:8108 api_key=secret:tooling/search/api-key"},
        {WORKLOAD("other", "typesense/typesense", SECRET_ENV), DEPLOYMENT, ""}, /* no service */
        {WORKLOAD("search", "akyriako78/typesense-operator:0.3", SECRET_ENV), STATEFUL_SET, ""},
    };
    struct strbuf found = STRBUF_INIT(8192);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        find(cases[i].object, cases[i].which, &found);
        assert_string_equal(strbuf_cstr(&found), cases[i].found);
    }
    strbuf_clear(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_node_that_is_well_says, setup, teardown),
        cmocka_unit_test_setup_teardown(each_failure_and_its_end, setup, teardown),
        cmocka_unit_test_setup_teardown(an_index_that_is_loaded, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_ready_is_asked_as_often_as_ever, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(several_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_key_its_health_is_known, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_that_make_no_sense, setup, teardown),
        cmocka_unit_test(they_are_found_by_their_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
