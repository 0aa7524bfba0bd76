/* The MinIO source against a server that answers as one was recorded, well and with its drives gone
 * one after the other; metrics that may not be read, of the other version, and a token for them. */
#include <config.h>

#include "backends/minio/minio.h"

#include "backends/discovery.h"
#include "base/file.h"
#include "net/kube.h"
#include "test/systems/harbor_child.h"
#include "test/systems/http_server.h"
#include "test/systems/source_run.h"
#include "test/unit/kube_test.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define NOW    INT64_C(1795445900000)
#define TOKEN  "eyJhbGciOiJIUzUxMiJ9.eyJpc3MiOiJwcm9tZXRoZXVzIn0.c2lnbmF0dXJl"
#define ROUTES 16

#define HEALTH  "/minio/health/cluster"
#define READ    "/minio/health/cluster/read"
#define CLUSTER "/minio/v2/metrics/cluster"
#define BUCKET  "/minio/v2/metrics/bucket"

struct route {
    const char *path;
    const char *file; /* below test/data/minio; NULL: the rest */
    int status;
    const char *headers, *body;
};

struct world {
    struct source_run source;
    struct server *server;
    char token_file[64];
    pthread_mutex_t lock; /* what follows */
    struct route routes[ROUTES];
    size_t count;
    bool had_token; /* the last request for metrics came with it */
};

extern const struct backend backend_minio;

/* ---- The server. */

static void set_route(struct world *w, struct route r)
{
    size_t i = 0;
    (void)pthread_mutex_lock(&w->lock);
    while (i < w->count && strcmp(w->routes[i].path, r.path) != 0)
        i++;
    w->count += i == w->count;
    assert_true(i < ROUTES);
    w->routes[i] = r;
    (void)pthread_mutex_unlock(&w->lock);
}

static void answer_with(struct world *w, const char *path, const char *file)
{
    set_route(w, (struct route){.path = path, .file = file});
}

static void answer(struct world *w, const char *path, int status, const char *headers,
                   const char *body)
{
    set_route(w, (struct route){path, NULL, status, headers, body});
}

static void answer_recorded(struct conn *c, const char *name)
{
    struct strbuf path = STRBUF_INIT(4096), file = STRBUF_INIT(1 << 20), head = STRBUF_INIT(65536);
    struct span all, lines, line;
    strbuf_addf(&path, "%s/test/data/minio/%s.http", getenv("top_srcdir"), name);
    bool ok = file_read(strbuf_cstr(&path), &file, NULL);
    bn_assert(ok);
    all = strbuf_span(&file);
    all = span_sub(all, span_search(all, SPAN("\n--------\n"), false) + 10, all.len);
    const int status = (int)strtol(all.data + strlen("HTTP/1.1 "), NULL, 10);
    size_t end = span_search(all, SPAN("\r\n\r\n"), false), gap = 4;
    if (end == all.len) {
        end = span_search(all, SPAN("\n\n"), false);
        gap = 2;
    }
    lines = span_sub(all, 0, end);
    while (span_split(&lines, '\n', &line)) {
        line = span_trim(line);
        if (span_starts(line, "X-Minio-") || span_starts(line, "Server:") ||
            span_starts(line, "Content-Type:"))
            strbuf_addf(&head, "%.*s\r\n", SPAN_ARG(line));
    }
    conn_answer(c, status, strbuf_cstr(&head), span_trim(span_sub(all, end + gap, all.len)));
    strbuf_clear(&path);
    strbuf_clear(&file);
    strbuf_clear(&head);
}

/* What the server's thread has written. */
static bool was(struct world *w, const bool *flag)
{
    (void)pthread_mutex_lock(&w->lock);
    bool is = *flag;
    (void)pthread_mutex_unlock(&w->lock);
    return is;
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    struct route r = {.status = 404, .headers = "Server: MinIO\r\n", .body = "404 page not found"};
    char path[256] = "";
    (void)sscanf(request, "%*s %255s", path);
    (void)pthread_mutex_lock(&w->lock);
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->routes[i].path, path) == 0)
            r = w->routes[i];
    if (strstr(path, "/metrics/"))
        w->had_token = strstr(request, "Authorization: Bearer " TOKEN "\r\n") != NULL;
    (void)pthread_mutex_unlock(&w->lock);
    if (r.file)
        answer_recorded(c, r.file);
    else
        conn_answer(c, r.status, r.headers, span_from(r.body));
}

static void be_well(struct world *w)
{
    answer_with(w, HEALTH, "health-cluster");
    answer_with(w, READ, "health-cluster-read");
    answer_with(w, CLUSTER, "metrics-v2-metrics-cluster");
    answer_with(w, BUCKET, "metrics-v2-metrics-bucket");
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    *state = w;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)snprintf(w->token_file, sizeof(w->token_file), "/tmp/binnacle-test-XXXXXX");
    int fd = mkstemp(w->token_file);
    if (fd < 0 || write(fd, TOKEN "\n", strlen(TOKEN) + 1) < 0 || close(fd) != 0)
        return -1;
    w->server = server_start(&o);
    be_well(w);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    assert_false(source_leaks(&w->source, TOKEN));
    source_stop(&w->source);
    server_stop(w->server);
    (void)unlink(w->token_file);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

static void start(struct world *w, bool with_token)
{
    char reach[128], token[128];
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    (void)snprintf(token, sizeof(token), "token=file:%s", w->token_file);
    const char *const settings[] = {reach, with_token ? token : NULL, NULL};
    source_start(&w->source, &backend_minio, settings, NOW);
    source_want(&w->source, "minio-cluster", true);
    source_want(&w->source, "minio-bucket", true);
}

static bool is(struct world *w, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, "minio-cluster", "it", column), text) == 0;
}

static void judged(struct world *w, enum level level, const char *rule, const char *words)
{
    source_refresh(&w->source);
    source_until(&w->source,
                 source_has(&w->source, "minio-cluster", "it") &&
                     strcmp(source_rule(&w->source, "minio-cluster", "it"), rule) == 0 &&
                     strstr(source_says(&w->source, "minio-cluster", "it"), words));
    source_judged(&w->source, "minio-cluster", "it", level, rule, words);
}

/* ---- */

static void what_one_that_is_well_says(void **state)
{
    static const char *const cells[][2] = {
        {"state", "ok"},       {"drives", "4/4"},       {"nodes", "1/1"},
        {"write-quorum", "3"}, {"read-quorum", "2"},    {"healing", "0"},
        {"use", "38%"},        {"metrics", "readable"}, {"capacity", "182Gi"}};
    struct world *w = *state;
    start(w, false);
    source_until(&w->source, is(w, "state", "ok") && source_synced(&w->source, "minio-bucket"));
    for (size_t i = 0; i < BN_COUNT(cells); i++)
        if (!is(w, cells[i][0], cells[i][1]))
            fail_msg("%s is %s", cells[i][0],
                     source_text(&w->source, "minio-cluster", "it", cells[i][0]));
    source_judged(&w->source, "minio-cluster", "it", LEVEL_OK, "", "");
    /* Nothing has been counted yet in what was recorded. */
    assert_false(source_has(&w->source, "minio-bucket", "it/reyem-db-backup"));
}

/* The counters of drives still say 4 of 4 then: health is what is believed. */
static void drives_go_and_come_back(void **state)
{
    struct world *w = *state;
    start(w, false);
    judged(w, LEVEL_OK, "", "");
    answer_with(w, HEALTH, "1-drive-off-health-cluster");
    answer_with(w, CLUSTER, "1-drive-off-metrics-v2-cluster");
    judged(w, LEVEL_WARNING, "minio-drive-lost", "3/4 drives online");
    answer_with(w, HEALTH, "2-drives-off-health-cluster");
    answer_with(w, READ, "2-drives-off-health-cluster-read");
    answer_with(w, CLUSTER, "2-drives-off-metrics-v2-cluster");
    judged(w, LEVEL_CRITICAL, "minio-no-writes",
           "nothing can be written: 2/4 drives online, it takes 3");
    answer_with(w, HEALTH, "3-drives-off-health-cluster");
    answer_with(w, READ, "3-drives-off-health-cluster-read");
    answer_with(w, CLUSTER, "3-drives-off-metrics-v2-cluster");
    judged(w, LEVEL_CRITICAL, "minio-no-reads",
           "nothing can be read or written: 1/4 drives online, it takes 2");
    be_well(w);
    answer(w, HEALTH, 200, "X-Minio-Write-Quorum: 3\r\nX-Minio-Healing-Drives: 3\r\n", "");
    judged(w, LEVEL_PROGRESS, "minio-healing", "4/4 drives online, 3 healing");
    be_well(w);
    judged(w, LEVEL_OK, "", "");
}

static void what_else_goes_wrong(void **state)
{
    struct world *w = *state;
    start(w, false);
    judged(w, LEVEL_OK, "", "");
    answer(w, HEALTH, 503, "X-Minio-Server-Status: iam-offline\r\n", "");
    judged(w, LEVEL_CRITICAL, "minio-offline", "it says of itself: iam-offline");
    be_well(w);
    judged(w, LEVEL_OK, "", "");
    answer(w, CLUSTER, 200, "",
           "minio_cluster_drive_total 4\n"
           "minio_cluster_health_erasure_set_online_drives{set=\"0\"} 4\n"
           "minio_cluster_capacity_usable_total_bytes 1e9\n"
           "minio_cluster_capacity_usable_free_bytes 4e7\n");
    judged(w, LEVEL_CRITICAL, "minio-full", "96% of its capacity is used, 916Mi of 954Mi");
    answer(w, CLUSTER, 200, "",
           "minio_cluster_drive_total 16\nminio_cluster_nodes_online_total 3\n"
           "minio_cluster_nodes_offline_total 1\n"
           "minio_cluster_health_erasure_set_online_drives{set=\"0\"} 6\n"
           "minio_cluster_health_erasure_set_online_drives{set=\"1\"} 6\n");
    judged(w, LEVEL_WARNING, "minio-node-lost", "3/4 servers online, 12/16 drives online");
    answer(w, CLUSTER, 200, "", /* one is gone while another is filled again */
           "minio_cluster_drive_total 4\n"
           "minio_cluster_health_erasure_set_online_drives{set=\"0\"} 3\n"
           "minio_cluster_health_erasure_set_healing_drives{set=\"0\"} 1\n");
    judged(w, LEVEL_WARNING, "minio-drive-lost", "3/4 drives online, 1 healing");
    be_well(w);
    judged(w, LEVEL_OK, "", "");
    answer(w, CLUSTER, 200, "",
           "minio_cluster_drive_total 4\n"
           "minio_cluster_health_erasure_set_online_drives{set=\"0\"} 4\n"
           "minio_heal_objects_errors_total{type=\"object\"} 3\n");
    judged(w, LEVEL_WARNING, "minio-unhealed", "3 objects could not be healed");
    be_well(w);
    judged(w, LEVEL_OK, "", "");
    /* What is no MinIO is not taken for one, whatever it answers. */
    answer(w, HEALTH, 200, "Content-Type: text/html\r\n", "<html>welcome</html>");
    judged(w, LEVEL_CRITICAL, "minio-no-answer", "what answers 200 there is no MinIO");
    answer(w, HEALTH, 503, "", "");
    judged(w, LEVEL_CRITICAL, "minio-no-answer", "what answers 503 there is no MinIO");
    be_well(w);
    judged(w, LEVEL_OK, "", "");
}

/* Of a bucket of 1000 bytes, which are used. */
#define QUOTA_OF_B                                                     \
    "minio_bucket_quota_total_bytes{bucket=\"b\",server=\"s\"} 1000\n" \
    "minio_bucket_usage_total_bytes{bucket=\"b\",server=\"s\"} "

static void buckets_and_their_quotas(void **state)
{
    struct world *w = *state;
    answer(w, BUCKET, 200, "",
           "# HELP minio_bucket_usage_total_bytes Total bucket size in bytes\n"
           "minio_bucket_usage_object_total{bucket=\"a\",server=\"s\"} 12\n"
           "minio_bucket_usage_object_total{bucket=\"b\",server=\"s\"} 7\n"
           "minio_bucket_quota_total_bytes{bucket=\"b\",server=\"s\"} 1000\n"
           "minio_bucket_usage_total_bytes{bucket=\"a\",server=\"s\"} 2048\n"
           "minio_bucket_usage_total_bytes{bucket=\"b\",server=\"s\"} 950\n"
           "minio_bucket_usage_total_bytes{bucket=\"c\",server=\"s\"} NaN\n"
           "minio_bucket_usage_total_bytes{bucket=\"d\"} -1\nminio_bucket_usage_total_bytes{buck");
    start(w, false);
    source_until(&w->source, source_has(&w->source, "minio-bucket", "it/b"));
    assert_string_equal(source_text(&w->source, "minio-bucket", "it/a", "size"), "2Ki");
    assert_string_equal(source_text(&w->source, "minio-bucket", "it/a", "objects"), "12");
    assert_string_equal(source_text(&w->source, "minio-bucket", "it/a", "full"), "-");
    assert_false(source_has(&w->source, "minio-bucket", "it/c"));
    assert_false(source_has(&w->source, "minio-bucket", "it/d"));
    source_judged(&w->source, "minio-bucket", "it/a", LEVEL_OK, "", "");
    source_judged(&w->source, "minio-bucket", "it/b", LEVEL_WARNING, "minio-bucket-filling",
                  "95% of its quota is used, 950 of 1000");
    answer(w, BUCKET, 200, "", QUOTA_OF_B "1000\n");
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "minio-bucket", "it/b") == LEVEL_CRITICAL);
    source_judged(&w->source, "minio-bucket", "it/b", LEVEL_CRITICAL, "minio-bucket-full",
                  "100% of its quota is used, 1000 of 1000: it takes no more");
    answer(w, BUCKET, 200, "", QUOTA_OF_B "10\n");
    source_refresh(&w->source);
    source_until(&w->source, source_level(&w->source, "minio-bucket", "it/b") == LEVEL_OK);
}

/* By default metrics want a token: health is known all the same, and what is missing is said. */
static void metrics_that_may_not_be_read(void **state)
{
    struct world *w = *state;
    answer_with(w, CLUSTER, "metrics-jwt-required");
    answer_with(w, BUCKET, "metrics-jwt-required");
    start(w, false);
    source_until(&w->source,
                 is(w, "metrics", "refused") &&
                     source_kind_report(&w->source, "minio-bucket")->state == SOURCE_DENIED);
    assert_non_null(strstr(source_kind_report(&w->source, "minio-bucket")->why.msg,
                           "set MINIO_PROMETHEUS_AUTH_TYPE=public for it, or name a token"));
    assert_true(is(w, "drives", "-"));
    assert_true(is(w, "write-quorum", "3"));
    source_judged(&w->source, "minio-cluster", "it", LEVEL_OK, "", "");
    answer_with(w, HEALTH, "2-drives-off-health-cluster");
    judged(w, LEVEL_CRITICAL, "minio-no-writes", "nothing can be written: it takes 3 drives");
}

static void a_token_for_its_metrics(void **state)
{
    struct world *w = *state;
    start(w, true);
    source_until(&w->source, is(w, "metrics", "readable"));
    assert_true(was(w, &w->had_token));
}

/* Through the API server's proxy it would be taken for a login there: it goes by port-forward. */
static void a_token_goes_past_the_proxy(void **state)
{
    struct world *w = *state;
    struct harbor harbor;
    char kubeconfig[256], token[128];
    harbor_prepare(&harbor);
    harbor_start(&harbor, NULL);
    (void)harbor_told(&harbor, "upstream pods operators minio-reyemtech-pool-0-0 9000 %d",
                      server_port(w->server));
    const struct kubeconfig_env env = {.path = harbor.kubeconfig};
    struct kubeconfig *config = kubeconfig_load(&env, NULL);
    struct credential *admin =
        kube_credential(config, kubeconfig_context(config, NULL, NULL), NULL, NULL);
    kubeconfig_free(config);
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "kubeconfig=%s", harbor.kubeconfig);
    (void)snprintf(token, sizeof(token), "token=file:%s", w->token_file);
    const char *const settings[] = {"reach=proxy:operators/minio:443", token,
                                    "tenant=operators/minio-reyemtech", kubeconfig, NULL};
    source_start_with(&w->source, &backend_minio, settings, NOW, admin);
    source_want(&w->source, "minio-cluster", true);
    source_until(&w->source, is(w, "state", "ok") && is(w, "metrics", "readable"));
    assert_true(was(w, &w->had_token));
    assert_int_equal(server_connections(w->server), 1); /* for all that it asks */
    credential_unref(admin);
    harbor_done(&harbor);
}

static void metrics_of_version_3(void **state)
{
    struct world *w = *state;
    answer(w, CLUSTER, 404, "", "404 page not found");
    answer(w, BUCKET, 404, "", "404 page not found");
    answer_with(w, "/minio/metrics/v3/cluster/health", "metrics-metrics-v3-cluster-health");
    answer_with(w, "/minio/metrics/v3/cluster/erasure-set",
                "metrics-metrics-v3-cluster-erasure-set");
    answer(w, "/minio/metrics/v3/cluster/usage/buckets", 200, "",
           "minio_cluster_usage_buckets_total_bytes{bucket=\"v3\"} 5\n");
    start(w, false);
    source_until(&w->source, is(w, "drives", "4/4") && is(w, "use", "38%") &&
                                 source_has(&w->source, "minio-bucket", "it/v3"));
    assert_true(is(w, "nodes", "1/1"));
    assert_true(is(w, "write-quorum", "3"));
}

/* ---- Discovery. */

#define SERVICE(ns, name, labels, ports)                                 \
    "{metadata: {namespace: " ns ", name: " name ", creationTimestamp: " \
    "'2026-01-01T00:00:00Z', labels: {" labels "}}, spec: {ports: [" ports "]}}"
#define TENANT "v1.min.io/tenant: store"

static void which_are_found(void **state)
{
    static const char *const services[] = {
        SERVICE("operators", "minio", TENANT, "{name: https-minio, port: 443}"),
        SERVICE("operators", "store-hl", TENANT, "{name: https-minio, port: 9000}"),
        SERVICE("operators", "store-console", TENANT, "{name: https-console, port: 9443}"),
        SERVICE("other", "minio", TENANT, "{name: sftp, port: 22}, {name: http-minio, port: 80}"),
        SERVICE("default", "files", "app.kubernetes.io/name: minio", "{name: api, port: 9000}"),
        SERVICE("default", "web", "app: web", "{port: 9000}"),
    };
    struct store *st = kube_store();
    struct discovery d = {0};
    struct strbuf found = STRBUF_INIT(8192);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(services); i++)
        (void)kube_put(st, "service", 0, services[i], 0);
    minio_discover(st, &d);
    for (size_t i = 0; i < d.count; i++) {
        assert_null(d.findings[i].missing);
        strbuf_addf(&found, "%s:", d.findings[i].name);
        for (char **s = d.findings[i].settings; *s; s++)
            strbuf_addf(&found, " %s", *s);
        strbuf_adds(&found, "\n");
    }
    assert_string_equal(strbuf_cstr(&found),
                        "minio: reach=proxy-https:operators/minio:443 tenant=operators/store\n"
                        "other/minio: reach=proxy:other/minio:80 tenant=other/store\n"
                        "files: reach=proxy:default/files:9000\n");
    discovery_done(&d);
    store_free(st);
    strbuf_clear(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_one_that_is_well_says, setup, teardown),
        cmocka_unit_test_setup_teardown(drives_go_and_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_else_goes_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(buckets_and_their_quotas, setup, teardown),
        cmocka_unit_test_setup_teardown(metrics_that_may_not_be_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_for_its_metrics, setup, teardown),
        cmocka_unit_test_setup_teardown(a_token_goes_past_the_proxy, setup, teardown),
        cmocka_unit_test_setup_teardown(metrics_of_version_3, setup, teardown),
        cmocka_unit_test(which_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
