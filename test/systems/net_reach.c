/* Ways through a cluster: port-forward to a real Redis, HTTP over port-forwards, the service
 * proxy, Secrets, with harbor as the API server. */
#include <config.h>

#include "base/file.h"
#include "net/kube.h"
#include "net/recipe.h"
#include "test/systems/harbor_child.h"
#include "test/systems/http_server.h"
#include "test/systems/redis_run.h"

#include <signal.h>
#include <unistd.h>

#define LONG_MS  20000
#define PASSWORD "REDACTED34fb46c8" /* of the platform's Secret */

struct place {
    struct harbor harbor;
    struct redis_server redis;
    struct kubeconfig *config;
    struct credential *admin;
    struct reach_cluster cluster;
};

static struct place place;

static void use_context(struct reach_cluster *c, const char *context)
{
    c->config = place.config;
    c->context = kubeconfig_context(place.config, context, NULL);
    assert_non_null(c->context);
    c->credential = kube_credential(place.config, c->context, NULL, NULL);
    assert_non_null(c->credential);
}

static int set_up(void **state)
{
    static const char *const words[] = {"--requirepass", PASSWORD, NULL};
    struct kubeconfig_env env = {.path = NULL};

    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    harbor_prepare(&place.harbor);
    harbor_start(&place.harbor, NULL);
    redis_start(&place.redis, words);
    env.path = place.harbor.kubeconfig;
    place.config = kubeconfig_load(&env, NULL);
    assert_non_null(place.config);
    use_context(&place.cluster, "demo");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    credential_unref(place.cluster.credential);
    kubeconfig_free(place.config);
    redis_done(&place.redis);
    harbor_done(&place.harbor);
    curl_global_cleanup();
    return 0;
}

static struct stream *open_way(const char *text, struct strbuf *how, struct err *err)
{
    const struct reach_options options = {.name = "redis", .cluster = &place.cluster};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct reach *reach = reach_parse(text, err);
    struct stream *s;

    assert_non_null(reach);
    s = reach_stream(reach, &options, &wait, how, err);
    reach_free(reach);
    return s;
}

/* Says a line; what comes back first. */
static const char *converse(struct stream *s, const char *line)
{
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    static char answer[1000];
    struct err err;
    size_t got = 0;

    if (!stream_write(s, span_from(line), &wait, &err) ||
        !stream_read(s, answer, sizeof answer - 1, &got, &wait, &err))
        fail_msg("%s", err.msg);
    answer[got] = '\0';
    return answer;
}

static void forward_pod(const char *pod, int loopback)
{
    (void)harbor_told(&place.harbor, "upstream pods operators %s 6379 %d", pod, loopback);
}

static void a_service_is_reached_by_its_ready_pod(void **state)
{
    struct strbuf how = STRBUF_INIT(1000);
    struct err err;

    (void)state;
    forward_pod("redis-master-0", place.redis.port);
    struct stream *s = open_way("service:operators/redis-master:6379", &how, &err);
    if (!s)
        fail_msg("%s", err.msg);
    assert_string_equal(strbuf_cstr(&how), "port-forward to pod operators/redis-master-0:6379");
    assert_string_equal(converse(s, "AUTH " PASSWORD "\r\n"), "+OK\r\n");
    assert_string_equal(converse(s, "PING\r\n"), "+PONG\r\n");
    stream_close(s);
    strbuf_clear(&how);
}

static void the_next_connection_goes_to_the_pod_that_is_ready_then(void **state)
{
    struct strbuf how = STRBUF_INIT(1000);
    struct err err;

    (void)state;
    (void)harbor_told(&place.harbor, "patch pods operators redis-replicas-0 "
                                     "{\"status\":{\"conditions\":[{\"type\":\"Ready\","
                                     "\"status\":\"False\"}]}}");
    forward_pod("redis-replicas-1", place.redis.port);
    struct stream *s = open_way("service:operators/redis-replicas:6379", &how, &err);
    if (!s)
        fail_msg("%s", err.msg);
    assert_string_equal(strbuf_cstr(&how), "port-forward to pod operators/redis-replicas-1:6379");
    stream_close(s);
    (void)harbor_told(&place.harbor, "delete pods operators redis-replicas-1");
    assert_null(open_way("service:operators/redis-replicas:6379", &how, &err));
    assert_non_null(strstr(err.msg, "redis-replicas has no ready pod for its port 6379"));
    strbuf_clear(&how);
}

static void what_cannot_be_reached_is_a_sentence(void **state)
{
    static const struct {
        const char *way, *words;
    } cases[] = {
        {"service:operators/nosuch:6379", "services \"nosuch\" not found"},
        {"service:operators/redis-master:1234", "has no port 1234: it has 6379"},
        {"pod:operators/nosuch-0:6379", "pods \"nosuch-0\" not found"},
        {"pod:prefect/prefect-worker-8c6qgncjb-lvbdz:80", "does not have a host assigned"},
        {"pod:operators/create-database-kimai-9hfrp:80", "500: pod not found (\"create-database"},
    };
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    char bytes[10];
    struct err err;
    size_t got;

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        assert_null(open_way(cases[i].way, NULL, &err));
        if (!strstr(err.msg, cases[i].words))
            fail_msg("%s", err.msg);
    }
    struct stream *s = open_way("pod:operators/redis-master-0:6380", NULL, &err);
    assert_non_null(s);
    assert_false(stream_read(s, bytes, sizeof bytes, &got, &wait, &err));
    assert_string_equal(err.msg, "port-forward to pod operators/redis-master-0:6380: connection "
                                 "refused: nothing listens at that port in the pod");
    stream_close(s);
}

/* How a connection ends: with the server's process, and in the middle of an answer. */
static void ends_are_told_apart(void **state)
{
    static const char *const words[] = {"--requirepass", PASSWORD, NULL};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct err err;
    char bytes[100];
    size_t got;

    (void)state;
    forward_pod("redis-master-0", place.redis.port);
    struct stream *s = open_way("pod:operators/redis-master-0:6379", NULL, &err);
    assert_non_null(s);
    assert_string_equal(converse(s, "AUTH " PASSWORD "\r\n"), "+OK\r\n");
    redis_stop(&place.redis);
    (void)harbor_told(&place.harbor, "step 1000"); /* the container runtime waits so long */
    assert_true(stream_read(s, bytes, sizeof bytes, &got, &wait, &err));
    assert_int_equal(got, 0);
    stream_close(s);
    redis_start_again(&place.redis, words);

    (void)harbor_told(&place.harbor,
                      "fault /api/v1/namespaces/operators/pods/redis-master-0 cut=3 count=1");
    s = open_way("pod:operators/redis-master-0:6379", NULL, &err);
    assert_non_null(s);
    assert_string_equal(converse(s, "AUTH " PASSWORD "\r\n"), "+OK");
    assert_false(stream_read(s, bytes, sizeof bytes, &got, &wait, &err));
    assert_non_null(strstr(err.msg, "redis-master-0:6379"));
    stream_close(s);

    (void)harbor_told(&place.harbor, "fault /api/v1/namespaces/operators/pods/redis-master-0 "
                                     "silence count=1");
    const struct reach_options options = {.name = "redis", .cluster = &place.cluster};
    const struct stream_wait little = stream_wait_for(200, -1);
    struct reach *reach = reach_parse("pod:operators/redis-master-0:6379", NULL);
    assert_null(reach_stream(reach, &options, &little, NULL, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    reach_free(reach);
    (void)harbor_told(&place.harbor, "clear");
}

static void who_may_not_is_told_which_right_is_missing(void **state)
{
    struct reach_cluster viewer;
    const struct reach_options options = {.name = "redis", .cluster = &viewer};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct reach *reach = reach_parse("pod:operators/redis-master-0:6379", NULL);
    struct err err;

    (void)state;
    use_context(&viewer, "viewer");
    assert_null(reach_stream(reach, &options, &wait, NULL, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.msg, "cannot get resource \"pods/portforward\""));
    reach_free(reach);
    credential_unref(viewer.credential);
}

/* ---- HTTP. */

static bool ask(const char *way, const char *path, struct strbuf *body, struct err *err)
{
    const struct reach_options options = {.name = "vault", .cluster = &place.cluster};
    struct strbuf full = STRBUF_INIT(4096);
    struct reach *reach = reach_parse(way, err);
    struct http *http;
    bool ok;

    assert_non_null(reach);
    http = reach_http(reach, &options, -1, &full, err);
    assert_non_null(http);
    strbuf_adds(&full, path);
    strbuf_truncate(body, 0);
    ok = http_get(http, strbuf_cstr(&full), LONG_MS, -1, body, err);
    http_free(http);
    reach_free(reach);
    strbuf_clear(&full);
    return ok;
}

static void services_are_asked_through_the_api_server(void **state)
{
    static const struct {
        const char *way, *path, *words;
    } wrong[] = {
        {"proxy:vault/nosuch:8200", "/v1/sys/health", "services \"nosuch\" not found"},
        {"proxy:vault/vault:9999", "/v1/sys/health", "no service port 9999 found for service"},
        {"proxy:vault/vault:8200", "/v1/nowhere", "404"},
        {"proxy:operators/redis-master:6379", "/", "connection refused"},
    };
    struct strbuf body = STRBUF_INIT(65536);
    struct err err;

    (void)state;
    (void)harbor_told(&place.harbor, "upstream pods operators redis-master-0 6379 0");
    if (!ask("proxy:vault/vault:8200", "/v1/sys/health", &body, &err) ||
        !ask("proxy-https:vault/vault:http", "/v1/sys/health?standbyok=true", &body, &err))
        fail_msg("%s", err.msg);
    assert_non_null(strstr(strbuf_cstr(&body), "\"sealed\":false"));
    for (size_t i = 0; i < BN_COUNT(wrong); i++) {
        assert_false(ask(wrong[i].way, wrong[i].path, &body, &err));
        if (!strstr(err.msg, wrong[i].words))
            fail_msg("%s", err.msg);
    }
    (void)harbor_told(&place.harbor, "answer vault vault /v1/sys/health 503 {\"sealed\":true}");
    assert_false(ask("proxy:vault/vault:8200", "/v1/sys/health", &body, &err));
    assert_int_equal(err.code, 503);
    strbuf_clear(&body);
}

static void a_server_behind_a_service_answers_through_it(void **state)
{
    struct strbuf body = STRBUF_INIT(65536);
    struct err err;

    (void)state;
    (void)harbor_told(&place.harbor, "upstream services vault vault 8200 %d", place.redis.port);
    assert_false(ask("proxy:vault/vault:8200", "/v1/sys/health", &body, &err));
    assert_non_null(strstr(err.msg, "503")); /* Redis does not speak HTTP, and was reached */
    (void)harbor_told(&place.harbor, "upstream services vault vault 8200 0");
    strbuf_clear(&body);
}

/* ---- HTTP over a port-forward. */

#define LOGIN "Authorization: Bearer of-the-service-itself"

/* What was asked is what is answered. */
static void echo(struct conn *c, const char *request, void *context)
{
    (void)context;
    conn_answer(c, 200, "Content-Type: application/json\r\n", span_from(request));
}

static bool ask_with_login(const struct reach_options *o, const char *way, int times,
                           struct strbuf *body, struct err *err)
{
    static const char *const headers[] = {LOGIN, NULL};
    const struct http_request request = {
        .path = "/x?y=z", .headers = headers, .deadline_ms = LONG_MS, .byte_limit = body->limit};
    struct strbuf prefix = STRBUF_INIT(4096);
    struct reach *reach = reach_parse(way, err);
    bool ok = true;

    assert_non_null(reach);
    struct http *http = reach_http(reach, o, -1, &prefix, err);
    assert_non_null(http);
    assert_int_equal(prefix.len, 0);
    for (int i = 0; i < times && ok; i++) {
        strbuf_truncate(body, 0);
        ok = http_fetch(http, &request, -1, body, NULL, err);
    }
    http_free(http);
    reach_free(reach);
    strbuf_clear(&prefix);
    return ok;
}

/* The service's own login reaches it, under its own name, on one connection. */
static void http_goes_over_a_port_forward(void **state)
{
    const struct server_options plain = {.serve = echo};
    const struct reach_options o = {.name = "vault", .cluster = &place.cluster};
    struct server *server = server_start(&plain);
    struct strbuf body = STRBUF_INIT(65536);
    struct err err;

    (void)state;
    (void)harbor_told(&place.harbor, "upstream pods vault vault-0 8200 %d", server_port(server));
    if (!ask_with_login(&o, "service:vault/vault:8200", 3, &body, &err))
        fail_msg("%s", err.msg);
    assert_non_null(
        strstr(strbuf_cstr(&body), "GET /x?y=z HTTP/1.1\r\nHost: vault.vault.svc:8200"));
    assert_non_null(strstr(strbuf_cstr(&body), LOGIN "\r\n"));
    assert_int_equal(server_connections(server), 1);
    assert_true(ask_with_login(&o, "pod:vault/vault-0:8200", 1, &body, &err));
    assert_int_equal(server_connections(server), 2);
    server_stop(server);

    (void)harbor_told(&place.harbor, "upstream pods vault vault-0 8200 0");
    assert_false(ask_with_login(&o, "pod:vault/vault-0:1234", 1, &body, &err));
    assert_non_null(strstr(err.msg, "nothing listens at that port in the pod"));
    assert_false(ask_with_login(&o, "service:vault/nosuch:8200", 1, &body, &err));
    assert_non_null(strstr(err.msg, "services \"nosuch\" not found"));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    strbuf_clear(&body);
}

/* TLS is the service's, and its certificate is looked at: by the name that services have. */
static void https_goes_over_a_port_forward(void **state)
{
    const struct cert_options ca_options = {.name = "ca", .is_ca = true};
    struct cert ca = cert_make(&ca_options);
    const struct cert_options options = {
        .name = "vault", .alternatives = "DNS:vault.vault.svc,DNS:other", .issuer = &ca};
    struct cert cert = cert_make(&options);
    const struct server_options tls = {.serve = echo, .cert = &cert};
    struct reach_options o = {.name = "vault", .cluster = &place.cluster};
    struct server *server = server_start(&tls);
    struct strbuf body = STRBUF_INIT(65536), pem = STRBUF_INIT(65536), path = STRBUF_INIT(4096);
    struct err err;

    (void)state;
    (void)harbor_told(&place.harbor, "upstream pods vault vault-0 8200 %d", server_port(server));
    assert_false(ask_with_login(&o, "tls-service:vault/vault:8200", 1, &body, &err));
    assert_non_null(strstr(err.msg, "a CA that is not trusted"));
    cert_pem(&ca, &pem);
    strbuf_addf(&path, "%s/vault-ca.pem", place.harbor.folder);
    assert_true(file_replace(strbuf_cstr(&path), strbuf_span(&pem), NULL));
    o.ca_file = strbuf_cstr(&path);
    if (!ask_with_login(&o, "tls-service:vault/vault:8200", 2, &body, &err))
        fail_msg("%s", err.msg);
    assert_non_null(strstr(strbuf_cstr(&body), LOGIN "\r\n"));
    o.tls_server_name = "other";
    assert_true(ask_with_login(&o, "tls-service:vault/vault:8200", 1, &body, &err));
    o.tls_server_name = "another";
    assert_false(ask_with_login(&o, "tls-service:vault/vault:8200", 1, &body, &err));
    assert_non_null(strstr(err.msg, "its certificate is for another name"));
    server_stop(server);
    (void)harbor_told(&place.harbor, "upstream pods vault vault-0 8200 0");
    cert_free(&cert);
    cert_free(&ca);
    strbuf_clear(&body);
    strbuf_clear(&pem);
    strbuf_clear(&path);
}

/* ---- Texts. */

static void ways_are_read_and_described(void **state)
{
    static const struct {
        const char *text, *says;
    } good[] = {
        {"tcp:10.0.0.1:6379", "TCP to 10.0.0.1:6379"},
        {"tls:[::1]:6379", "TLS to [::1]:6379"},
        {"pod:operators/redis-master-0:6379", "port-forward to pod operators/redis-master-0:6379"},
        {"tls-service:operators/db:3306", "TLS by port-forward to service operators/db:3306"},
        {"https://vault.example.org/x", "HTTPS to vault.example.org/x"},
        {"proxy:vault/vault:http", "service proxy to vault/vault:http"},
    };

    static const char *const bad[] = {"",
                                      "redis:6379",
                                      "tcp:",
                                      "tcp:host",
                                      "tcp:host:0",
                                      "tcp:h:70000",
                                      "pod:redis-master-0:6379",
                                      "pod:/x:6379",
                                      "service:a/b:http",
                                      "tcp:a b:1",
                                      "service:a/b/c:1",
                                      "http://",
                                      "proxy:a/b:"};
    struct strbuf says = STRBUF_INIT(1000);
    struct err err;

    (void)state;
    for (size_t i = 0; i < BN_COUNT(good); i++) {
        struct reach *r = reach_parse(good[i].text, &err);
        if (!r)
            fail_msg("%s", err.msg);
        strbuf_truncate(&says, 0);
        reach_describe(r, &says);
        assert_string_equal(strbuf_cstr(&says), good[i].says);
        assert_string_equal(reach_text(r), good[i].text);
        reach_free(r);
    }
    for (size_t i = 0; i < BN_COUNT(bad); i++) {
        if (reach_parse(bad[i], &err))
            fail_msg("\"%s\" is taken", bad[i]);
        assert_int_equal(err.kind, ERR_CONFIG);
    }
    strbuf_clear(&says);
}

static bool take(const char *text, struct strbuf *out, struct err *err)
{
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct recipe *r = recipe_parse(text, err);
    bool ok;

    if (!r)
        return false;
    strbuf_truncate(out, 0);
    ok = recipe_read(r, &place.cluster, &wait, out, err);
    recipe_free(r);
    return ok;
}

static void credentials_are_read_where_the_recipe_says(void **state)
{
    struct strbuf out = STRBUF_INIT(RECIPE_VALUE_MAX), text = STRBUF_INIT(1000);
    struct err err;

    (void)state;
    assert_true(take("secret:operators/redis/redis-password", &out, &err));
    assert_string_equal(strbuf_cstr(&out), PASSWORD);
    assert_int_equal(setenv("BINNACLE_TEST_WORD", "from-env", 1), 0);
    assert_true(take("env:BINNACLE_TEST_WORD", &out, &err));
    assert_string_equal(strbuf_cstr(&out), "from-env");
    strbuf_addf(&text, "file:%s/word", place.harbor.folder);
    assert_true(file_replace(strbuf_cstr(&text) + 5, SPAN("from-file\n"), NULL));
    assert_true(take(strbuf_cstr(&text), &out, &err));
    assert_string_equal(strbuf_cstr(&out), "from-file");

    assert_false(take("secret:operators/redis/nosuch", &out, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_non_null(strstr(err.msg, "secret:operators/redis/nosuch: the Secret has no such key"));
    assert_false(take("secret:operators/nosuch/x", &out, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_false(take("env:BINNACLE_TEST_UNSET", &out, &err));
    assert_false(take("file:/nowhere/at/all", &out, &err));
    assert_false(take("hunter2", &out, &err)); /* a password where its place should be */
    assert_null(strstr(err.msg, "hunter2"));
    assert_false(take("secret:a/b", &out, &err));
    strbuf_wipe(&out);
    strbuf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_reached_by_its_ready_pod),
        cmocka_unit_test(the_next_connection_goes_to_the_pod_that_is_ready_then),
        cmocka_unit_test(what_cannot_be_reached_is_a_sentence),
        cmocka_unit_test(ends_are_told_apart),
        cmocka_unit_test(who_may_not_is_told_which_right_is_missing),
        cmocka_unit_test(services_are_asked_through_the_api_server),
        cmocka_unit_test(a_server_behind_a_service_answers_through_it),
        cmocka_unit_test(http_goes_over_a_port_forward),
        cmocka_unit_test(https_goes_over_a_port_forward),
        cmocka_unit_test(ways_are_read_and_described),
        cmocka_unit_test(credentials_are_read_where_the_recipe_says),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
