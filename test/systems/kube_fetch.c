/* Documents and logs of one row, asked of a scripted API server. */
#include <config.h>

#include "test/systems/kube_api.h"

#define POD_PATH "/api/v1/namespaces/shop/pods/web-1"
#define POD                                                                      \
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-1\",\"namespace\":\"shop\"," \
    "\"managedFields\":[{\"manager\":\"x\"}]},\"spec\":{\"containers\":"         \
    "[{\"name\":\"first\"},{\"name\":\"second\"}]}}"
#define STATUS(code, reason, message)                                                \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":" \
    "\"" message "\",\"reason\":\"" reason "\",\"code\":" code "}"
#define PLAIN "Content-Type: text/plain\r\n"

#define will(w, ...) api_will(w, &(struct api_answer){__VA_ARGS__})

static int setup(void **state)
{
    if (world_setup(state) != 0)
        return -1;
    world_start(*state, "token: t", NULL);
    return 0;
}

static void expect_text(struct world *w, const char *text)
{
    until(w, w->done);
    if (w->why.kind != ERR_NONE)
        fail_msg("%s", w->why.msg);
    assert_string_equal(strbuf_cstr(&w->text), text);
}

static void expect_failure(struct world *w, enum err_kind kind, const char *words)
{
    until(w, w->done);
    assert_string_equal(strbuf_cstr(&w->text), "");
    assert_int_equal(w->why.kind, kind);
    if (!strstr(w->why.msg, words))
        fail_msg("\"%s\" does not say \"%s\"", w->why.msg, words);
}

/* ---- Documents. */

static void as_the_server_has_it(void **state)
{
    struct world *w = *state;
    will(w, .to = POD_PATH, .body = POD, .always = true);
    world_fetch(w, "pod", "shop/web-1", DOCUMENT_JSON);
    expect_text(w, POD);
    world_fetch(w, "pod", "shop/web-1", DOCUMENT_YAML);
    expect_text(w, "kind: Pod\n"
                   "metadata:\n"
                   "  name: web-1\n"
                   "  namespace: shop\n"
                   "spec:\n"
                   "  containers:\n"
                   "  - name: first\n"
                   "  - name: second\n");
}

static void each_kind_where_it_is_served(void **state)
{
    static const struct {
        const char *kind, *key, *path;
    } cases[] = {
        {"node", "n1", "/api/v1/nodes/n1"},
        {"workload", "shop/Deployment/web", "/apis/apps/v1/namespaces/shop/deployments/web"},
        {"workload", "shop/DaemonSet/agent", "/apis/apps/v1/namespaces/shop/daemonsets/agent"},
        {"ingressroute", "shop/r", "/apis/traefik.io/v1alpha1/namespaces/shop/ingressroutes/r"},
        {"pod", "shop/../../x", "/api/v1/namespaces/shop/pods/x"}, /* a key is no path */
        {"pod", "a?b/c#d", "/api/v1/namespaces/a%3Fb/pods/c%23d"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        will(w, .to = cases[i].path, .body = "{\"a\":1}");
        world_fetch(w, cases[i].kind, cases[i].key, DOCUMENT_YAML);
        expect_text(w, "a: 1\n");
    }
}

static void what_goes_wrong_is_said(void **state)
{
    static const struct {
        struct api_answer answer;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {{.status = 404, .body = STATUS("404", "NotFound", "pods web-1 not found")},
         ERR_NOTFOUND,
         "pods web-1 not found"},
        {{.status = 403, .body = STATUS("403", "Forbidden", "pods is forbidden")},
         ERR_DENIED,
         "pods is forbidden"},
        {{.headers = "Content-Type: text/html\r\n", .body = "<html>"}, ERR_PROTO, "text/html"},
        {{.body = "{\"kind\":\"Pod\",\"meta"}, ERR_PROTO, "the object"},
        {{.status = 500, .body = "boom"}, ERR_IO, "500"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct api_answer answer = cases[i].answer;
        answer.to = POD_PATH;
        answer.always = true;
        api_forget(w);
        api_will(w, &answer);
        world_fetch(w, "pod", "shop/web-1", DOCUMENT_YAML);
        expect_failure(w, cases[i].kind, cases[i].words);
    }
    unsigned asked = api_asked(w, "/", NULL);
    world_fetch(w, "workload", "shop/CronTab/x", DOCUMENT_YAML);
    expect_failure(w, ERR_NOTFOUND, "no object of its own");
    assert_int_equal(api_asked(w, "/", NULL), asked);
}

static void a_cancelled_one_is_not_answered(void **state)
{
    struct world *w = *state;
    will(w, .to = POD_PATH, .how = API_HELD, .body = POD);
    world_fetch(w, "pod", "shop/web-1", DOCUMENT_YAML);
    until(w, api_held(w) == 1);
    world_cancel(w);
    until(w, api_held(w) == 0); /* the connection was given up */
    assert_false(w->done);
    will(w, .to = POD_PATH, .body = "{\"a\":1}");
    world_fetch(w, "pod", "shop/web-1", DOCUMENT_YAML);
    expect_text(w, "a: 1\n");
}

/* ---- Logs. */

#define LOG_PATH POD_PATH "/log?"

static void a_log_of_the_container_that_kubectl_takes(void **state)
{
    static const struct {
        const char *pod, *query;
    } cases[] = {
        {POD, "container=first&tailLines=100"},
        {"{\"metadata\":{\"name\":\"web-1\",\"namespace\":\"shop\",\"annotations\":"
         "{\"kubectl.kubernetes.io/default-container\":\"second\"}},\"spec\":{\"containers\":"
         "[{\"name\":\"first\"},{\"name\":\"second\"}]}}",
         "container=second&tailLines=100"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        api_forget(w);
        will(w, .to = LOG_PATH, .headers = PLAIN, .body = "one\ntwo\n");
        will(w, .to = POD_PATH, .body = cases[i].pod);
        world_stream(w, "shop/web-1", &(struct stream_options){.tail_lines = 100});
        expect_text(w, "one\ntwo\n");
        assert_int_equal(api_asked(w, LOG_PATH, cases[i].query), 1);
    }
}

static void a_log_as_it_was_asked_for(void **state)
{
    static const struct {
        struct stream_options options;
        const char *query;
    } cases[] = {
        {{.container = "c", .tail_lines = -1}, "log?container=c HTTP"},
        {{.container = "c", .tail_lines = 0}, "log?container=c&tailLines=0 HTTP"},
        {{.container = "c", .tail_lines = 10, .previous = true, .timestamps = true},
         "log?container=c&previous=true&timestamps=true&tailLines=10 HTTP"},
        {{.container = "c", .tail_lines = -1, .since_s = 60},
         "log?container=c&sinceSeconds=60 HTTP"},
        {{.container = "c", .tail_lines = 5, .follow = true},
         "log?container=c&follow=true&tailLines=5 HTTP"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        will(w, .to = LOG_PATH, .headers = PLAIN, .body = "line\n");
        world_stream(w, "shop/web-1", &cases[i].options);
        expect_text(w, "line\n");
        assert_int_equal(api_asked(w, LOG_PATH, cases[i].query), 1);
    }
    assert_int_equal(api_asked(w, POD_PATH " ", NULL), 0); /* the container was named */
}

static const struct stream_options follow = {.container = "c", .follow = true, .tail_lines = -1};

static void a_log_that_is_followed(void **state)
{
    struct world *w = *state;
    will(w, .to = LOG_PATH, .how = API_STREAM);
    world_stream(w, "shop/web-1", &follow);
    until(w, api_streams(w, LOG_PATH) == 1);
    api_say(w, LOG_PATH, "one\ntw");
    until(w, w->text.len == 6);
    api_say(w, LOG_PATH, "o\n\x1b[31mred\xff\n");
    until(w, w->text.len == 18);
    assert_string_equal(strbuf_cstr(&w->text), "one\ntwo\n\x1b[31mred\xff\n");
    assert_false(w->done);
    api_end(w, LOG_PATH); /* the container has ended */
    until(w, w->done);
    assert_int_equal(w->why.kind, ERR_NONE);
}

static void a_log_that_breaks_off(void **state)
{
    struct world *w = *state;
    will(w, .to = LOG_PATH, .how = API_STREAM);
    world_stream(w, "shop/web-1", &follow);
    until(w, api_streams(w, LOG_PATH) == 1);
    api_say(w, LOG_PATH, "one\n");
    until(w, w->text.len == 4);
    api_cut(w, LOG_PATH);
    until(w, w->done);
    assert_int_equal(w->why.kind, ERR_IO);
    assert_string_equal(strbuf_cstr(&w->text), "one\n");
    assert_int_equal(api_asked(w, LOG_PATH, NULL), 1); /* lines are not told twice */
}

static void a_log_that_nobody_reads_any_more(void **state)
{
    struct world *w = *state;
    will(w, .to = LOG_PATH, .how = API_STREAM);
    world_stream(w, "shop/web-1", &follow);
    until(w, api_streams(w, LOG_PATH) == 1);
    world_cancel(w);
    until(w, api_streams(w, LOG_PATH) == 0);
}

static void why_there_is_no_log(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {400,
         STATUS("400", "BadRequest",
                "container c in pod web-1 is waiting to start: ContainerCreating"),
         ERR_PROTO, "is waiting to start: ContainerCreating"},
        {404, STATUS("404", "NotFound", "pods web-1 not found"), ERR_NOTFOUND, "not found"},
        {403, STATUS("403", "Forbidden", "pods/log is forbidden"), ERR_DENIED, "pods/log"},
        {204, "", ERR_NOTFOUND, "no node yet"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        will(w, .to = LOG_PATH, .status = cases[i].status, .body = cases[i].body);
        world_stream(w, "shop/web-1", &(struct stream_options){.container = "c"});
        expect_failure(w, cases[i].kind, cases[i].words);
    }
    /* The pod itself is gone before its containers are known. */
    will(w, .to = POD_PATH, .status = 404,
         .body = STATUS("404", "NotFound", "pods web-1 not found"));
    world_stream(w, "shop/web-1", &(struct stream_options){.follow = true});
    expect_failure(w, ERR_NOTFOUND, "pods web-1 not found");
}

/* Logs and documents do not wait for each other. */
static void a_document_beside_a_log(void **state)
{
    struct world *w = *state;
    will(w, .to = LOG_PATH, .how = API_STREAM);
    world_stream(w, "shop/web-1", &follow);
    until(w, api_streams(w, LOG_PATH) == 1);
    will(w, .to = POD_PATH, .body = "{\"a\":1}");
    world_fetch(w, "pod", "shop/web-1", DOCUMENT_YAML);
    expect_text(w, "a: 1\n");
    assert_int_equal(api_streams(w, LOG_PATH), 1);
}

/* A login that has run out ends the connection, and a log with it: it is told. */
static void a_log_ends_with_the_login(void **state)
{
    struct world *w = *state;
    will(w, .to = LOG_PATH, .how = API_STREAM);
    world_stream(w, "shop/web-1", &follow);
    until(w, api_streams(w, LOG_PATH) == 1);
    api_lets_in(w, "another");
    world_want(w, "pod");
    until(w, w->done);
    assert_int_not_equal(w->why.kind, ERR_NONE);
    until(w, world_is(w, NULL, SOURCE_LOGIN));
    world_fetch(w, "pod", "shop/web-1", DOCUMENT_YAML);
    expect_failure(w, ERR_AUTH, ":login"); /* at once, not when somebody has logged in */
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(as_the_server_has_it),
        CASE(each_kind_where_it_is_served),
        CASE(what_goes_wrong_is_said),
        CASE(a_cancelled_one_is_not_answered),
        CASE(a_log_of_the_container_that_kubectl_takes),
        CASE(a_log_as_it_was_asked_for),
        CASE(a_log_that_is_followed),
        CASE(a_log_that_breaks_off),
        CASE(a_log_that_nobody_reads_any_more),
        CASE(why_there_is_no_log),
        CASE(a_document_beside_a_log),
        CASE(a_log_ends_with_the_login),
    };
    return cmocka_run_group_tests_name("kube fetch", tests, NULL, NULL);
}
