/* The oauth2-proxy source against a server that answers as one was recorded: ready, its session store
 * down, hung, gone; its figures; and what it says when it comes back. */
#include <config.h>

#include "test/systems/http_server.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <stdio.h>

/* GET /ready with the Redis of its sessions stopped. */
#define REFUSED "error: dial tcp 127.0.0.1:16379: connect: connection refused"
#define TEXT    "Content-Type: text/plain; charset=utf-8\r\n"
#define KIND    "oauth2-proxy"

struct world {
    struct source_run source;
    struct server *server;
    pthread_mutex_t lock; /* what follows */
    int ping, ready;      /* statuses; 0: no answer comes */
    char metrics[512];    /* "" : they are off, as on the main port: a page for signing in */
};

extern const struct backend backend_oauth2_proxy;

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    char metrics[512];
    (void)pthread_mutex_lock(&w->lock);
    int ping = w->ping, ready = w->ready;
    (void)snprintf(metrics, sizeof(metrics), "%s", w->metrics);
    (void)pthread_mutex_unlock(&w->lock);
    int status = strncmp(request, "GET /ping ", 10) == 0 ? ping : ready;
    if (strncmp(request, "GET /metrics ", 13) == 0 && metrics[0])
        conn_answer(c, 200, TEXT, span_from(metrics));
    else if (strncmp(request, "GET /metrics ", 13) == 0)
        conn_answer(c, 403, "Content-Type: text/html\r\n", SPAN("<!DOCTYPE html>"));
    else if (!status)
        conn_wait_gone(c);
    else
        conn_answer(c, status, TEXT, status == 200 ? SPAN("OK") : SPAN(REFUSED));
}

static void answer(struct world *w, int ping, int ready, const char *metrics)
{
    (void)pthread_mutex_lock(&w->lock);
    w->ping = ping;
    w->ready = ready;
    (void)snprintf(w->metrics, sizeof(w->metrics), "%s", metrics);
    (void)pthread_mutex_unlock(&w->lock);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    (void)pthread_mutex_init(&w->lock, NULL);
    *state = w;
    answer(w, 200, 200, "");
    w->server = server_start(&o);
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

static void start(struct world *w, const char *timeout)
{
    char reach[128], metrics[128], wait[64];
    (void)snprintf(reach, sizeof(reach), "reach=http://127.0.0.1:%d", server_port(w->server));
    (void)snprintf(metrics, sizeof(metrics), "metrics=http://127.0.0.1:%d", server_port(w->server));
    (void)snprintf(wait, sizeof(wait), "timeout=%s", timeout);
    const char *const settings[] = {reach, metrics, wait, NULL};
    source_start(&w->source, &backend_oauth2_proxy, settings, INT64_C(1772000000000));
    source_want(&w->source, KIND, true);
}

static bool judged(struct world *w, const char *rule)
{
    return strcmp(source_rule(&w->source, KIND, "it"), rule) == 0;
}

static bool is(struct world *w, const char *column, const char *text)
{
    return strcmp(source_text(&w->source, KIND, "it", column), text) == 0;
}

static void one_that_is_ready_is_not_more_than_that(void **state)
{
    struct world *w = *state;
    start(w, "20000");
    source_until(&w->source, judged(w, "oauth2-proxy-provider"));
    source_judged(&w->source, KIND, "it", LEVEL_NOTICE, "oauth2-proxy-provider",
                  "whether its provider lets people sign in is not seen");
    assert_string_equal(source_text(&w->source, KIND, "it", "ready"), "200");
    assert_string_equal(source_text(&w->source, KIND, "it", "provider"), "unknown");
    assert_string_equal(source_text(&w->source, KIND, "it", "in-flight"), "-"); /* no metrics */
}

static void its_session_store_is_down_and_comes_back(void **state)
{
    struct world *w = *state;
    answer(w, 200, 500, "");
    start(w, "20000");
    source_until(&w->source, judged(w, "oauth2-proxy-not-ready"));
    source_judged(&w->source, KIND, "it", LEVEL_CRITICAL, "oauth2-proxy-not-ready",
                  "not ready (500): " REFUSED);
    assert_string_equal(source_text(&w->source, KIND, "it", "ping"), "200"); /* it is alive */
    answer(w, 200, 200, "");
    source_refresh(&w->source);
    source_until(&w->source, judged(w, "oauth2-proxy-provider") && is(w, "error", "-"));
}

/* With a store that hangs /ready says nothing at all, and /ping goes on. */
static void its_session_store_hangs(void **state)
{
    struct world *w = *state;
    answer(w, 200, 0, "");
    start(w, "500");
    source_until(&w->source, judged(w, "oauth2-proxy-hung"));
    source_judged(&w->source, KIND, "it", LEVEL_CRITICAL, "oauth2-proxy-hung",
                  "alive, and /ready does not answer: its session store hangs");
    assert_string_equal(source_text(&w->source, KIND, "it", "ready"), "-");
}

static void its_figures(void **state)
{
    struct world *w = *state;
    answer(w, 200, 200,
           "oauth2_proxy_requests_in_flight 3\n"
           "oauth2_proxy_requests_total{code=\"202\"} 100\n"
           "oauth2_proxy_requests_total{code=\"500\"} 1\n"
           "oauth2_proxy_requests_total{code=\"401\"} NaN\n"
           "promhttp_metric_handler_requests_total{code=\"500\"} 7\n");
    start(w, "20000");
    source_until(&w->source, is(w, "in-flight", "3"));
    assert_string_equal(source_text(&w->source, KIND, "it", "requests"), "-"); /* of one look */
    answer(w, 200, 200,
           "oauth2_proxy_requests_in_flight 0\n"
           "oauth2_proxy_requests_total{code=\"202\"} 280\n"
           "oauth2_proxy_requests_total{code=\"500\"} 121\n");
    source_step(&w->source, 30000);
    source_until(&w->source, judged(w, "oauth2-proxy-failures"));
    source_judged(&w->source, KIND, "it", LEVEL_WARNING, "oauth2-proxy-failures",
                  "4.00 of 10.00 requests a second end in 500 or more");
}

/* So many have ended in each so far. */
static void counts(struct world *w, int let_in, int redirects, int refused, int failed)
{
    char text[400];
    (void)snprintf(text, sizeof(text),
                   "oauth2_proxy_requests_in_flight 0\n"
                   "oauth2_proxy_requests_total{code=\"202\"} %d\n"
                   "oauth2_proxy_requests_total{code=\"302\"} %d\n"
                   "oauth2_proxy_requests_total{code=\"401\"} %d\n"
                   "oauth2_proxy_requests_total{code=\"500\"} %d\n",
                   let_in, redirects, refused, failed);
    answer(w, 200, 200, text);
}

/* /ready is 200 all the while: the provider takes the client's secret no more. */
static void who_comes_back_from_the_provider_fails(void **state)
{
    struct world *w = *state;
    counts(w, 1000, 20, 30, 0);
    start(w, "20000");
    source_until(&w->source, judged(w, "oauth2-proxy-provider") && is(w, "in-flight", "0"));
    counts(w, 1500, 26, 38, 6); /* those who are signed in work on */
    source_step(&w->source, 60000);
    source_until(&w->source, judged(w, "oauth2-proxy-callbacks"));
    source_judged(
        &w->source, KIND, "it", LEVEL_WARNING, "oauth2-proxy-callbacks",
        "0.10 requests a second end in 500 or more, and 0.10 redirect: who comes back from "
        "the provider fails, is the client's secret still good there?");
    source_step(&w->source, 60000); /* nobody tries: that is no sign of health */
    source_until(&w->source, is(w, "failures", "0/s"));
    assert_true(judged(w, "oauth2-proxy-callbacks"));
    counts(w, 9500, 226, 98, 6);
    source_step(&w->source, 300000);
    source_until(&w->source, judged(w, "oauth2-proxy-provider"));
}

/* Sessions that are lost as soon as they are made: 401, the provider, back, 401. */
static void people_go_in_a_circle(void **state)
{
    struct world *w = *state;
    counts(w, 1000, 20, 30, 0);
    start(w, "20000");
    source_until(&w->source, judged(w, "oauth2-proxy-provider") && is(w, "in-flight", "0"));
    counts(w, 1003, 80, 62, 0);
    source_step(&w->source, 60000);
    source_until(&w->source, judged(w, "oauth2-proxy-login-loop"));
    source_judged(
        &w->source, KIND, "it", LEVEL_WARNING, "oauth2-proxy-login-loop",
        "0.50 sign-ins a second, and 0.05 requests are let in: sessions are lost as soon as "
        "they are made, people go in a circle");
    counts(w, 2000, 80, 62, 0);
    source_step(&w->source, 60000);
    source_until(&w->source, judged(w, "oauth2-proxy-provider"));
}

static void one_that_is_gone(void **state)
{
    struct world *w = *state;
    start(w, "500");
    source_until(&w->source, judged(w, "oauth2-proxy-provider") &&
                                 source_report(&w->source)->state == SOURCE_FRESH);
    answer(w, 0, 0, "");
    source_refresh(&w->source);
    source_until(&w->source, source_report(&w->source)->state == SOURCE_FAILING);
    answer(w, 503, 503, "");
    source_refresh(&w->source);
    source_until(&w->source, judged(w, "oauth2-proxy-ping"));
    source_judged(&w->source, KIND, "it", LEVEL_CRITICAL, "oauth2-proxy-ping", "/ping answers 503");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(one_that_is_ready_is_not_more_than_that),
        CASE(its_session_store_is_down_and_comes_back),
        CASE(its_session_store_hangs),
        CASE(its_figures),
        CASE(who_comes_back_from_the_provider_fails),
        CASE(people_go_in_a_circle),
        CASE(one_that_is_gone),
    };
    return cmocka_run_group_tests_name("oauth2_proxy", tests, NULL, NULL);
}
