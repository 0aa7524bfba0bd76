/* What the control socket and stories can ask of harbor, as a client meets it: faults
 * of answers and of bytes, a history that is forgotten, a server that goes. Time is
 * stepped, never waited for. */
#include <config.h>

#include "base/file.h"
#include "test/systems/harbor_run.h"

#include <sys/stat.h>

#define PODS      "/api/v1/pods?limit=500"
#define NODES     "/api/v1/nodes"
#define FAULT(fn) cmocka_unit_test_setup_teardown(fn, harbor_setup, harbor_teardown)

static const enum protocol protocols[] = {HTTP1, HTTP2};

static struct call *begin(struct harbor *h, enum protocol protocol, const char *target)
{
    const struct request r = {.target = target, .token = ADMIN, .protocol = protocol};
    return harbor_call(h, &r);
}

static struct call *ask(struct harbor *h, enum protocol protocol, const char *target)
{
    struct call *c = begin(h, protocol, target);
    harbor_await(h, c);
    return c;
}

/* The answer is whole and right again. */
static void is_well(struct harbor *h, enum protocol protocol)
{
    harbor_forget(harbor_get(h, protocol, PODS));
}

/* harbor has taken what was sent, as a request of its own shows. */
static void let_it_arrive(struct harbor *h, int64_t requests)
{
    int64_t end = now_ms() + 30000;
    while (harbor_count(h, "requests") < requests && now_ms() < end)
        harbor_turn(h);
    assert_true(harbor_count(h, "requests") >= requests);
}

static void status_as_often_as_asked(void **state)
{
    struct harbor *h = *state;
    for (size_t i = 0; i < 2; i++) {
        harbor_told(h, "fault /api/v1/pods status=503 count=2");
        harbor_forget(harbor_get(h, protocols[i], NODES)); /* others are well */
        for (int n = 0; n < 2; n++) {
            struct call *c = ask(h, protocols[i], PODS);
            assert_int_equal(c->code, CURLE_OK);
            assert_int_equal(c->status, 503);
            assert_non_null(strstr(strbuf_cstr(&c->body), "\"kind\":\"Status\""));
            harbor_forget(c);
        }
        is_well(h, protocols[i]);
    }
}

static void too_many_requests_say_when(void **state)
{
    struct harbor *h = *state;
    harbor_told(h, "fault /api status=429 count=1");
    struct call *c = ask(h, HTTP2, PODS);
    assert_int_equal(c->status, 429);
    assert_true(span_is(call_header(c, "Retry-After"), "1"));
    harbor_forget(c);
}

static void delay_holds_up_the_one_answer(void **state)
{
    struct harbor *h = *state;
    for (size_t i = 0; i < 2; i++) {
        int64_t requests = harbor_count(h, "requests");
        harbor_told(h, "fault /api/v1/pods delay=3600000 count=1");
        struct call *late = begin(h, protocols[i], PODS);
        let_it_arrive(h, requests + 1);
        harbor_forget(harbor_get(h, protocols[i], NODES));
        assert_false(late->done);
        harbor_told(h, "step 3600000");
        harbor_await(h, late);
        assert_int_equal(late->status, 200);
        harbor_forget(late);
    }
}

static void stall_answers_nothing(void **state)
{
    struct harbor *h = *state;
    int64_t requests = harbor_count(h, "requests");
    harbor_told(h, "fault /api/v1/pods stall count=1");
    struct call *never = begin(h, HTTP2, PODS);
    let_it_arrive(h, requests + 1);
    harbor_told(h, "step 86400000");
    harbor_forget(harbor_get(h, HTTP2, NODES)); /* the same connection goes on */
    assert_false(never->done);
    assert_int_equal(never->status, 0);
    harbor_forget(never);
}

static void reset_ends_the_connection(void **state)
{
    struct harbor *h = *state;
    for (size_t i = 0; i < 2; i++) {
        harbor_told(h, "fault /api/v1/pods reset count=1");
        struct call *c = ask(h, protocols[i], PODS);
        assert_int_not_equal(c->code, CURLE_OK);
        harbor_forget(c);
        is_well(h, protocols[i]);
    }
}

static void cut_ends_in_the_middle(void **state)
{
    struct harbor *h = *state;
    for (size_t i = 0; i < 2; i++) {
        harbor_told(h, "fault /api/v1/pods cut=5000 count=1");
        struct call *c = ask(h, protocols[i], PODS);
        assert_int_not_equal(c->code, CURLE_OK);
        assert_in_range(c->body.len, 0, 5000);
        if (protocols[i] == HTTP1) /* curl keeps nothing of a stream that is reset at once */
            assert_int_equal(c->body.len, 5000);
        harbor_forget(c);
        is_well(h, protocols[i]);
    }
}

static void slow_sends_so_many_bytes_a_second(void **state)
{
    struct harbor *h = *state;
    harbor_told(h, "fault /api/v1/pods slow=1000 count=1");
    const struct request r = {.target = PODS, .token = ADMIN, .protocol = HTTP1, .fresh = true};
    struct call *c = harbor_call(h, &r);
    harbor_await_text(h, c, "{");
    assert_false(c->done);
    assert_in_range(c->body.len, 1, 100000);
    harbor_told(h, "step 86400000");
    harbor_await(h, c);
    assert_int_equal(c->code, CURLE_OK);
    assert_in_range(c->body.len, 300000, 2000000);
    harbor_forget(c);
}

static void silence_is_of_the_connection(void **state)
{
    struct harbor *h = *state;
    int64_t requests = harbor_count(h, "requests");
    harbor_told(h, "fault /api/v1/pods silence count=1");
    struct call *none = begin(h, HTTP2, PODS);
    let_it_arrive(h, requests + 1);
    struct call *beside = begin(h, HTTP2, NODES); /* it has the same connection */
    is_well(h, HTTP1);
    assert_false(none->done);
    assert_false(beside->done);
    harbor_told(h, "drop"); /* curl may ask once more */
    harbor_await(h, none);
    harbor_await(h, beside);
    harbor_forget(none);
    harbor_forget(beside);
    is_well(h, HTTP2);
}

static void html_and_garbage(void **state)
{
    struct harbor *h = *state;
    for (size_t i = 0; i < 2; i++) {
        harbor_told(h, "fault /api/v1/pods html count=1");
        struct call *c = ask(h, protocols[i], PODS);
        assert_int_equal(c->status, 200);
        assert_true(span_is(call_header(c, "Content-Type"), "text/html"));
        assert_non_null(strstr(strbuf_cstr(&c->body), "<html>"));
        harbor_forget(c);
        harbor_told(h, "fault /api/v1/pods garbage count=1");
        c = ask(h, protocols[i], PODS);
        assert_true(span_is(call_header(c, "Content-Type"), "application/json"));
        assert_non_null(strstr(strbuf_cstr(&c->body), "garbage"));
        harbor_forget(c);
    }
}

/* What runs ends well, what comes after needs another connection. */
static void goaway_lets_what_runs_end(void **state)
{
    struct harbor *h = *state;
    is_well(h, HTTP2);
    int64_t connections = harbor_count(h, "connections");
    harbor_told(h, "fault /api/v1/pods goaway count=1");
    is_well(h, HTTP2);
    is_well(h, HTTP2);
    assert_int_equal(harbor_count(h, "connections"), connections + 1);
}

static void clear_ends_all_faults(void **state)
{
    struct harbor *h = *state;
    harbor_told(h, "fault /api status=500");
    harbor_told(h, "fault /api/v1/nodes stall");
    harbor_told(h, "clear");
    is_well(h, HTTP2);
}

static void what_is_not_understood_is_refused(void **state)
{
    static const char *const lines[][2] = {
        {"nosuch", "no command is called `nosuch`"},
        {"fault /api", "a fault is PREFIX and what happens"},
        {"fault /api nosuch", "no fault is called `nosuch`"},
        {"fault /api status", "status wants a number"},
        {"fault /api stall=3", "stall takes no number"},
        {"put nosuch {}", "no resource is called `nosuch`"},
        {"put pods []", "a JSON object is expected"},
        {"put pods {}", "the object has no metadata.name"},
        {"patch pods default nosuch {}", "there is no pod default/nosuch"},
        {"delete pods default nosuch", "there is no pod default/nosuch"},
        {"step soon", "step wants milliseconds"},
        {"swallow", "swallow wants a number"},
    };
    struct harbor *h = *state;
    for (size_t i = 0; i < BN_COUNT(lines); i++) {
        const char *answer = harbor_tell(h, "%s", lines[i][0]);
        assert_memory_equal(answer, "error ", 6);
        if (!strstr(answer, lines[i][1]))
            fail_msg("`%s` is answered with \"%s\"", lines[i][0], answer);
    }
    is_well(h, HTTP1);
}

static void a_watch_of_a_forgotten_history(void **state)
{
    struct harbor *h = *state;
    struct call *page = harbor_get(h, HTTP1, "/api/v1/pods?limit=1");
    const char *at = strstr(strbuf_cstr(&page->body), "\"continue\":\"");
    assert_non_null(at);
    struct strbuf target = STRBUF_INIT(8192);
    at += 12;
    strbuf_addf(&target, "/api/v1/pods?limit=1&continue=%.*s", (int)strcspn(at, "\""), at);
    harbor_told(h, "compact");
    for (size_t i = 0; i < 2; i++) {
        struct call *c = harbor_get(h, protocols[i], "/api/v1/pods?watch=1&resourceVersion=1001");
        assert_non_null(strstr(strbuf_cstr(&c->body), "\"type\":\"ERROR\""));
        assert_non_null(strstr(strbuf_cstr(&c->body), "\"code\":410"));
        harbor_forget(c);
        c = ask(h, protocols[i], strbuf_cstr(&target));
        assert_int_equal(c->status, 410);
        harbor_forget(c);
    }
    strbuf_clear(&target);
    harbor_forget(page);
}

/* A deletion that is swallowed is in no watch, and in no list any more. */
static void a_deletion_that_nobody_tells(void **state)
{
    struct harbor *h = *state;
    struct call *watch = begin(h, HTTP2,
                               "/api/v1/pods?watch=1&sendInitialEvents=true&"
                               "resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1");
    harbor_await_text(h, watch, "initial-events-end");
    size_t before = watch->body.len;
    harbor_told(h, "swallow 1");
    harbor_told(h, "delete pods vault vault-0");
    harbor_told(h, "delete pods tooling typesense-0");
    harbor_await_text(h, watch, "\"type\":\"DELETED\"");
    assert_non_null(strstr(strbuf_cstr(&watch->body) + before, "typesense-0"));
    assert_null(strstr(strbuf_cstr(&watch->body) + before, "vault-0"));
    struct call *c = ask(h, HTTP1, "/api/v1/namespaces/vault/pods/vault-0");
    assert_int_equal(c->status, 404);
    harbor_forget(c);
    harbor_forget(watch);
}

static void it_goes_and_comes_at_the_same_port(void **state)
{
    struct harbor *h = *state;
    is_well(h, HTTP2);
    struct call *watch = begin(h, HTTP2, "/api/v1/pods?watch=1");
    harbor_await_text(h, watch, "ADDED");
    harbor_told(h, "down");
    harbor_await(h, watch);
    assert_int_not_equal(watch->code, CURLE_OK);
    harbor_forget(watch);
    struct call *c = ask(h, HTTP1, PODS);
    assert_int_equal(c->code, CURLE_COULDNT_CONNECT);
    harbor_forget(c);
    harbor_told(h, "up");
    is_well(h, HTTP1);
    is_well(h, HTTP2);
}

/* ---- Logs. */

#define LOG "/api/v1/namespaces/operators/pods/mysql-pxc-0/log"

static size_t count_lines(const struct call *c)
{
    struct span rest = strbuf_span(&c->body), line;
    size_t n = 0;
    while (span_split(&rest, '\n', &line))
        n += line.len > 0;
    return n;
}

static void a_log_has_an_end_and_goes_on(void **state)
{
    struct harbor *h = *state;
    for (size_t i = 0; i < 2; i++) {
        struct call *c = harbor_get(h, protocols[i], LOG "?container=pxc&tailLines=3");
        assert_int_equal(count_lines(c), 3);
        assert_non_null(strstr(strbuf_cstr(&c->body), "Galera"));
        harbor_forget(c);
        int64_t requests = harbor_count(h, "requests");
        c = begin(h, protocols[i], LOG "?container=pxc&tailLines=1&follow=true&timestamps=true");
        let_it_arrive(h, requests + 1);
        harbor_await_text(h, c, "2026-02-13T");
        for (size_t lines = count_lines(c); lines < 5; lines = count_lines(c)) {
            harbor_told(h, "step 1000");
            while (count_lines(c) == lines && !c->done)
                harbor_turn(h);
        }
        assert_false(c->done);
        harbor_forget(c);
    }
}

static void a_log_that_is_not_there(void **state)
{
    static const char *const lines[][2] = {
        {LOG, "a container name must be specified for pod mysql-pxc-0"},
        {LOG "?container=nosuch", "container nosuch is not valid for pod mysql-pxc-0"},
        {LOG "?container=pxc&previous=true",
         "previous terminated container \\\"pxc\\\" in pod \\\"mysql-pxc-0\\\" not found"},
    };
    struct harbor *h = *state;
    for (size_t i = 0; i < BN_COUNT(lines); i++) {
        struct call *c = ask(h, HTTP2, lines[i][0]);
        assert_int_equal(c->status, 400);
        if (!strstr(strbuf_cstr(&c->body), lines[i][1]))
            fail_msg("%s: %s", lines[i][0], strbuf_cstr(&c->body));
        harbor_forget(c);
    }
    struct call *c = harbor_get(h, HTTP1,
                                "/api/v1/namespaces/openclaw/pods/"
                                "openclaw-gateway-dclps9h7w-ncl8k/log?previous=true");
    assert_non_null(strstr(strbuf_cstr(&c->body), "is not set"));
    harbor_forget(c);
}

/* ---- What follows from a pod. */

static void has(struct harbor *h, const char *target, const char *text)
{
    struct call *c = harbor_get(h, HTTP2, target);
    if (!strstr(strbuf_cstr(&c->body), text))
        fail_msg("%s has no %s: %s", target, text, strbuf_cstr(&c->body));
    harbor_forget(c);
}

#define TYPESENSE "/apis/apps/v1/namespaces/tooling/statefulsets/typesense"
#define SLICE     "/apis/discovery.k8s.io/v1/namespaces/tooling/endpointslices/typesense-t78t7"

static void controllers_follow_a_pod(void **state)
{
    struct harbor *h = *state;
    has(h, TYPESENSE, "\"readyReplicas\":1");
    has(h, SLICE, "\"ready\":true");
    harbor_told(h, "patch pods tooling typesense-0 {\"status\":{\"containerStatuses\":"
                   "[{\"name\":\"typesense\",\"ready\":false}]}}");
    has(h, "/api/v1/namespaces/tooling/pods/typesense-0",
        "containers with unready status: [typesense]");
    has(h, SLICE, "\"ready\":false");
    struct call *c = harbor_get(h, HTTP1, TYPESENSE);
    assert_null(strstr(strbuf_cstr(&c->body), "readyReplicas")); /* left out, being 0 */
    harbor_forget(c);
    harbor_told(h, "delete pods tooling typesense-0");
    has(h, TYPESENSE, "\"replicas\":0");
    has(h, SLICE, "\"endpoints\":[]");
}

static void a_deployment_counts_its_sets(void **state)
{
    static const char deployment[] = "/apis/apps/v1/namespaces/default/deployments/booklet";
    struct harbor *h = *state;
    harbor_told(h, "copy pods default booklet-q56xdsmqd-n9hwk booklet-q56xdsmqd-third {}");
    has(h, deployment, "\"replicas\":3");
    has(h, deployment, "\"readyReplicas\":3");
    has(h, "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/booklet-rrvgw",
        "booklet-q56xdsmqd-third");
    harbor_told(h, "delete pods * node=prod-instance-1759301204225");
    has(h, deployment, "\"readyReplicas\":1");
    has(h, deployment, "MinimumReplicasUnavailable");
}

static void events_are_counted(void **state)
{
    struct harbor *h = *state;
    for (int i = 0; i < 3; i++)
        harbor_told(h, "event pods vault vault-0 Warning Unhealthy Sealed, since @now@");
    struct call *c = harbor_get(h, HTTP1, "/api/v1/namespaces/vault/events");
    assert_non_null(strstr(strbuf_cstr(&c->body), "\"count\":3"));
    assert_non_null(strstr(strbuf_cstr(&c->body), "Sealed, since 2026-02-13T"));
    harbor_forget(c);
}

/* ---- Stories. */

static void write_story(const struct harbor *h, char path[256], const char *text)
{
    (void)snprintf(path, 256, "%s/story.yaml", h->folder);
    assert_true(file_replace(path, span_from(text), NULL));
}

static void a_story_is_told_in_time(void **state)
{
    struct harbor *h = *state;
    char path[256];
    harbor_stop(h);
    write_story(h, path,
                "about: x\nrepeat: 1h\nsteps:\n"
                "- at: 10m\n  patch: pods vault vault-0\n  with: {metadata: {labels: {a: \"1\"}}}\n"
                "- at: 20m\n  do: compact\n");
    const char *const words[] = {"--scenario", path, NULL};
    harbor_start(h, words);
    has(h, "/api/v1/namespaces/vault/pods/vault-0", "\"name\":\"vault-0\"");
    harbor_told(h, "step 601000");
    has(h, "/api/v1/namespaces/vault/pods/vault-0", "\"a\":\"1\"");
    harbor_told(h, "patch pods vault vault-0 {\"metadata\":{\"labels\":{\"a\":\"2\"}}}");
    harbor_told(h, "step 3600000"); /* it begins again */
    has(h, "/api/v1/namespaces/vault/pods/vault-0", "\"a\":\"1\"");
}

static void refused(struct harbor *h, const char *text, const char *sentence)
{
    char path[256];
    struct strbuf said;
    write_story(h, path, text);
    const char *const words[] = {"--scenario", path, NULL};
    assert_int_equal(harbor_run(h, words, &said), 2);
    if (!strstr(strbuf_cstr(&said), sentence))
        fail_msg("harbor says \"%s\"", strbuf_cstr(&said));
    strbuf_clear(&said);
}

static void a_story_that_is_none(void **state)
{
    struct harbor *h = *state;
    harbor_stop(h);
    refused(h, "about: x\n", "there is no list `steps`");
    refused(h, "steps:\n- do: drop\n", "story.yaml:2: a step has `at`, a duration");
    refused(h, "steps:\n- at: 1s\n", "story.yaml:2: a step has a command and its words");
    refused(h, "steps:\n- at: 1s\n  do: up\n  put: pods\n", "story.yaml:4: a step has one command");
    refused(h, "steps:\n- at: 0s\n  do: nosuch\n", "story.yaml:2: no command is called `nosuch`");
    refused(h, "repeat: often\nsteps: []\n", "`repeat` is no duration");
}

/* With --temporary nothing is left; without, what one asked to be written is. */
static void the_kubeconfig_stays_or_goes(void **state)
{
    struct harbor *h = *state;
    char folder[128], file[160];
    struct stat st;
    harbor_stop(h);
    assert_int_equal(stat(h->kubeconfig, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600); /* it holds a token */
    (void)snprintf(folder, sizeof(folder), "%s/own", h->folder);
    (void)snprintf(file, sizeof(file), "%s/kubeconfig", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    const char *const words[] = {"--temporary", "--kubeconfig-out", file, NULL};
    harbor_start(h, words);
    assert_int_equal(stat(file, &st), 0);
    harbor_stop(h);
    assert_int_equal(stat(folder, &st), -1);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        FAULT(status_as_often_as_asked),
        FAULT(too_many_requests_say_when),
        FAULT(delay_holds_up_the_one_answer),
        FAULT(stall_answers_nothing),
        FAULT(reset_ends_the_connection),
        FAULT(cut_ends_in_the_middle),
        FAULT(slow_sends_so_many_bytes_a_second),
        FAULT(silence_is_of_the_connection),
        FAULT(html_and_garbage),
        FAULT(goaway_lets_what_runs_end),
        FAULT(clear_ends_all_faults),
        FAULT(what_is_not_understood_is_refused),
        FAULT(a_watch_of_a_forgotten_history),
        FAULT(a_deletion_that_nobody_tells),
        FAULT(it_goes_and_comes_at_the_same_port),
        FAULT(a_log_has_an_end_and_goes_on),
        FAULT(a_log_that_is_not_there),
        FAULT(controllers_follow_a_pod),
        FAULT(a_deployment_counts_its_sets),
        FAULT(events_are_counted),
        FAULT(a_story_is_told_in_time),
        FAULT(a_story_that_is_none),
        FAULT(the_kubeconfig_stays_or_goes),
    };
    return cmocka_run_group_tests_name("harbor_faults", tests, NULL, NULL);
}
