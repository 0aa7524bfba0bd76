/* What readers of a Kubernetes API need: paths, errors, clients, discovery
 * against recorded answers. */
#include <config.h>

#include "net/kube.h"
#include "test/systems/http_client.h"

#include <unistd.h>

static void paths_are_built_and_escaped(void **state)
{
    static const struct {
        struct kube_resource resource;
        const char *ns, *name, *subresource, *path;
    } cases[] = {
        {{"", "v1", "pods"}, NULL, NULL, NULL, "/api/v1/pods"},
        {{"", "v1", "pods"}, "shop", "api-1", "log", "/api/v1/namespaces/shop/pods/api-1/log"},
        {{"apps", "v1", "deployments"}, "", NULL, NULL, "/apis/apps/v1/deployments"},
        {{"", "v1", "nodes"}, NULL, "n/1", NULL, "/api/v1/nodes/n%2F1"},
        {{"", "v1", "pods"}, "..", ".", NULL, "/api/v1/namespaces/%2E%2E/pods/%2E"},
        {{"", "v1", "pods"},
         "a b",
         "x?y#\xC3\xA9%",
         NULL,
         "/api/v1/namespaces/a%20b/pods/x%3Fy%23%C3%A9%25"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);

        kube_path(&path, &cases[i].resource, cases[i].ns, cases[i].name, cases[i].subresource);
        assert_string_equal(strbuf_cstr(&path), cases[i].path);
        strbuf_clear(&path);
    }
}

static void queries_are_joined_and_escaped(void **state)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);

    (void)state;
    strbuf_adds(&path, "/api/v1/pods");
    kube_query_int(&path, "limit", 500);
    kube_query(&path, "continue", "a+b/c==&d");
    assert_string_equal(strbuf_cstr(&path), "/api/v1/pods?limit=500&continue=a%2Bb%2Fc%3D%3D%26d");
    strbuf_clear(&path);
}

static void recorded_errors_become_sentences(void **state)
{
    static const struct {
        const char *file;
        enum err_kind kind;
        int code;
        const char *words;
    } cases[] = {
        {"139-401-bad-token.http", ERR_AUTH, 401, ":login"},
        {"142-403-list-pods.http", ERR_DENIED, 403, "cannot list resource \"pods\""},
        {"125-pods-continue-bad.http", ERR_PROTO, 400, "continue"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf file = STRBUF_INIT(BODY_MAX);
        struct err err;

        read_recorded(cases[i].file, &file);
        assert_true(kube_explain(0, recorded_body(strbuf_span(&file)), &err));
        assert_says(&err, cases[i].words);
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(err.code, cases[i].code);
        strbuf_clear(&file);
    }
}

static void made_errors_become_sentences(void **state)
{
    static const struct {
        const char *body;
        enum err_kind kind;
        int code;
        const char *words;
    } cases[] = {
        {"{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":410,\"reason\":\"Expired\",\"message\":"
         "\"too old\"}",
         ERR_GONE, 410, "410: too old"},
        {"{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":429,\"details\":{\"retryAfterSeconds\":5}}",
         ERR_BUSY, 5, "the server says no more"},
        {"{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Expired\"}", ERR_GONE, 500,
         "Expired"},
        {"{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":409,\"message\":\"a\\u001b[31m\\nb\"}",
         ERR_CONFLICT, 409, "a [31m b"},
        {"{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":99999}", ERR_IO, 500, "500"},
        {"{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":404,\"message\":\"cut he",
         ERR_NOTFOUND, 404, "404"},
    };

    static const char *const none[] = {"", "{}", "[]",
                                       "{\"kind\":\"Status\",\"status\":\"Success\"}",
                                       "{\"kind\":\"Pod\",\"status\":\"Failure\"}"};
    struct strbuf scratch = STRBUF_INIT(4096);

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct err err;

        assert_true(kube_status(json_value(span_from(cases[i].body)), &err));
        assert_says(&err, cases[i].words);
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(err.code, cases[i].code);
    }
    for (size_t i = 0; i < BN_COUNT(none); i++)
        assert_false(kube_status(json_value(span_from(none[i])), NULL));
    assert_true(span_is(
        kube_status_continue(json_value(SPAN("{\"metadata\":{\"continue\":\"abc\"}}")), &scratch),
        "abc"));
    strbuf_clear(&scratch);
}

/* ---- Discovery. */

struct api {
    bool aggregated;
};

/* Answers with a recorded body. */
static void answer_recorded(struct conn *c, const char *name, const char *headers)
{
    struct strbuf file = STRBUF_INIT(BODY_MAX);

    read_recorded(name, &file);
    conn_answer(c, 200, headers, recorded_body(strbuf_span(&file)));
    strbuf_clear(&file);
}

static void serve_api(struct conn *c, const char *request, void *context)
{
    const struct api *api = context;
    const bool asks = strstr(request, "as=APIGroupDiscoveryList") != NULL;

    if (strncmp(request, "GET /api ", 9) == 0 && api->aggregated && asks)
        answer_recorded(c, "006-api-aggregated.http",
                        "Content-Type: application/json;g=apidiscovery.k8s.io;v=v2;as="
                        "APIGroupDiscoveryList\r\n");
    else if (strncmp(request, "GET /apis ", 10) == 0 && api->aggregated && asks)
        answer_recorded(c, "007-apis-aggregated.http", JSON_HEADER);
    else if (strncmp(request, "GET /api ", 9) == 0)
        answer_recorded(c, "004-api.http", JSON_HEADER);
    else if (strncmp(request, "GET /apis ", 10) == 0)
        answer_recorded(c, "005-apis.http", JSON_HEADER);
    else if (strncmp(request, "GET /api/v1 ", 12) == 0)
        answer_recorded(c, "008-api-v1.http", JSON_HEADER);
    else
        conn_answer(c, 503, "", SPAN("no aggregated server"));
}

static void check_pods(const struct kube_discovery *d)
{
    const struct kube_served *pods = kube_discovery_find(d, "", NULL, "pods");

    assert_non_null(pods);
    assert_string_equal(pods->version, "v1");
    assert_string_equal(pods->kind, "Pod");
    assert_string_equal(pods->singular, "pod");
    assert_string_equal(pods->short_names, "po");
    assert_true(pods->namespaced);
    assert_int_equal(pods->verbs,
                     KUBE_LIST | KUBE_WATCH | KUBE_GET | KUBE_CREATE | KUBE_PATCH | KUBE_DELETE);
    assert_false(kube_discovery_find(d, "", NULL, "nodes")->namespaced);
    assert_null(kube_discovery_find(d, "", NULL, "pods/log"));
    assert_null(kube_discovery_find(d, "", "v2", "pods"));
}

static void discovery_reads_the_aggregated_form(void **state)
{
    struct api api = {true};
    const struct server_options options = {.serve = serve_api, .context = &api};
    struct server *s = server_start(&options);
    struct http *http = client_for(server_origin(s));
    struct err err;
    struct kube_discovery *d = kube_discover(http, LONG_MS, -1, &err);

    (void)state;
    if (!d)
        fail_msg("%s", err.msg);
    assert_int_equal(server_requests(s), 2);
    check_pods(d);
    assert_string_equal(kube_discovery_find(d, "apps", NULL, "deployments")->version, "v1");
    assert_non_null(kube_discovery_find(d, "traefik.io", NULL, "ingressroutes"));
    assert_string_equal(kube_discovery_missing(d), "");
    kube_discovery_free(d);
    http_free(http);
    server_stop(s);
}

static void discovery_falls_back_and_survives_dead_groups(void **state)
{
    struct api api = {false};
    const struct server_options options = {.serve = serve_api, .context = &api};
    struct server *s = server_start(&options);
    struct http *http = client_for(server_origin(s));
    struct err err;
    struct kube_discovery *d = kube_discover(http, LONG_MS, -1, &err);

    (void)state;
    if (!d)
        fail_msg("%s", err.msg);
    check_pods(d);
    assert_null(kube_discovery_find(d, "apps", NULL, "deployments"));
    assert_non_null(strstr(kube_discovery_missing(d), "apps/v1"));
    kube_discovery_free(d);
    http_free(http);
    server_stop(s);
}

static void something_else_is_no_kubernetes(void **state)
{
    struct server *s;
    struct http *http;
    struct err err;
    const struct server_options options = {.serve = serve_api, .context = &(struct api){false}};

    (void)state;
    s = server_start(&options);
    char origin[100];
    (void)snprintf(origin, sizeof origin, "%s/prefix", server_origin(s));
    http = client_for(origin);
    assert_null(kube_discover(http, LONG_MS, -1, &err));
    assert_says(&err, "503");
    assert_says(&err, "no aggregated server");
    http_free(http);
    server_stop(s);
}

/* ---- From a kubeconfig to an answer. */

static void serve_headers(struct conn *c, const char *request, void *context)
{
    strbuf_truncate(context, 0);
    strbuf_adds(context, request);
    conn_answer(c, 200, JSON_HEADER, SPAN("{}"));
}

static void a_context_becomes_a_client(void **state)
{
    char path[] = "/tmp/binnacle-test-XXXXXX";
    const int fd = mkstemp(path);
    struct strbuf seen = STRBUF_INIT(65536), text = STRBUF_INIT(4096), body = STRBUF_INIT(100);
    const struct server_options options = {.serve = serve_headers, .context = &seen};
    const struct kubeconfig_env env = {.path = path};
    struct server *s = server_start(&options);
    const struct kube_context *context;
    struct credential *credential;
    struct kubeconfig *config;
    struct http *http;
    struct err err;

    (void)state;
    /* Without a scheme and with nothing to verify by: plain, as for client-go. */
    strbuf_addf(&text,
                "current-context: x\nclusters: [{name: c, cluster: {server: 'localhost:%d'}}]\n"
                "users: [{name: u, user: {token: tok, as: bob, as-groups: [g1, g2], as-uid: '7',\n"
                "  as-user-extra: {'acme.io/a b': [x, y]}}}]\n"
                "contexts: [{name: x, context: {cluster: c, user: u}}]\n",
                server_port(s));
    assert_true(file_replace(path, strbuf_span(&text), NULL));
    config = kubeconfig_load(&env, &err);
    assert_non_null(config);
    context = kubeconfig_context(config, NULL, NULL);
    credential = kube_credential(config, context, NULL, &err);
    assert_non_null(credential);
    http = kube_client(config, context, credential, -1, &err);
    assert_non_null(http);
    credential_unref(credential); /* the client has its own reference */
    kubeconfig_free(config);
    assert_true(http_get(http, "/api", LONG_MS, -1, &body, &err));
    http_free(http);
    server_stop(s);
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nAuthorization: Bearer tok\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nImpersonate-User: bob\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nImpersonate-Group: g1\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nImpersonate-Group: g2\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nImpersonate-Uid: 7\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nImpersonate-Extra-acme.io%2Fa%20b: x\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\nImpersonate-Extra-acme.io%2Fa%20b: y\r\n"));
    close(fd);
    (void)unlink(path);
    strbuf_clear(&seen);
    strbuf_clear(&text);
    strbuf_clear(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_built_and_escaped),
        cmocka_unit_test(queries_are_joined_and_escaped),
        cmocka_unit_test(recorded_errors_become_sentences),
        cmocka_unit_test(made_errors_become_sentences),
        cmocka_unit_test(discovery_reads_the_aggregated_form),
        cmocka_unit_test(discovery_falls_back_and_survives_dead_groups),
        cmocka_unit_test(something_else_is_no_kubernetes),
        cmocka_unit_test(a_context_becomes_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
