/* The source of a Prometheus against a server that answers as one was recorded, and as none should:
 * what is asked of it and when, and that what is wrong with an answer is a sentence. */
#include <config.h>

#include "test/systems/http_server.h"
#include "test/systems/source_run.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>

#define NOW  INT64_C(1795867260000) /* 60 s after a step of 180 s */
#define HEAD "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
#define TAIL "]}}"
#define ONE  HEAD "{\"metric\":{},\"values\":[[1795867020,\"1.5\"],[1795867200,\"2\"]]}" TAIL

struct world {
    struct source_run source;
    struct server *server;
    pthread_mutex_t lock; /* what follows */
    int status;
    char *body; /* owned; NULL: flood; "": nothing, and the connection ends */
    char asked[8192];
};

extern const struct backend backend_prometheus;

static const char build[] = "{\"status\":\"success\",\"data\":{\"version\":\"2.42.0+ds\","
                            "\"revision\":\"2.42.0+ds-5+deb12u1\",\"goVersion\":\"go1.19.8\"}}";
static const char runtime[] =
    "{\"status\":\"success\",\"data\":{\"startTime\":\"2026-11-28T00:59:34.753277242Z\",\"CWD\":\"/\","
    "\"reloadConfigSuccess\":%s,\"lastConfigTime\":\"2026-11-28T00:59:34Z\",\"corruptionCount\":0,"
    "\"goroutineCount\":24,\"GOMAXPROCS\":2,\"GOGC\":\"\",\"GODEBUG\":\"\",\"storageRetention\":\"15d\"}}";

/* A million samples: far more than was asked for. */
static void flood(struct conn *c)
{
    struct strbuf body = STRBUF_INIT((size_t)32 << 20);
    strbuf_adds(&body, HEAD "{\"metric\":{},\"values\":[[1,\"1\"]");
    for (int i = 0; i < 1000000; i++)
        strbuf_adds(&body, ",[1795867200,\"1\"]");
    strbuf_adds(&body, "]}" TAIL);
    conn_answer(c, 200, "", strbuf_span(&body));
    strbuf_clear(&body);
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    char target[2048] = "";
    (void)sscanf(request, "%*s %2047s", target);
    (void)pthread_mutex_lock(&w->lock);
    const size_t len = strlen(w->asked);
    (void)snprintf(w->asked + len, sizeof(w->asked) - len, "%s\n", target);
    char *body = w->body ? strdup(w->body) : NULL;
    const int status = w->status;
    (void)pthread_mutex_unlock(&w->lock);
    if (!body)
        flood(c);
    else if (body[0])
        conn_answer(c, status, "Content-Type: application/json\r\n", span_from(body));
    else
        (void)conn_says(c, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"status\":\"succ");
    if (!body || !body[0])
        conn_close(c);
    free(body);
}

static void answer(struct world *w, int status, const char *body)
{
    (void)pthread_mutex_lock(&w->lock);
    w->status = status;
    free(w->body);
    w->body = body ? strdup(body) : NULL;
    w->asked[0] = '\0';
    (void)pthread_mutex_unlock(&w->lock);
}

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    char reach[128];
    assert_non_null(w);
    *state = w;
    (void)pthread_mutex_init(&w->lock, NULL);
    answer(w, 200, ONE);
    w->server = server_start(&o);
    if (!w->server)
        return -1;
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    source_start(&w->source, &backend_prometheus, (const char *const[]){reach, NULL}, NOW);
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    source_stop(&w->source);
    server_stop(w->server);
    (void)pthread_mutex_destroy(&w->lock);
    free(w->body);
    free(w);
    return 0;
}

static void was_asked(struct world *w, const char *targets)
{
    char asked[sizeof(w->asked)];
    (void)pthread_mutex_lock(&w->lock);
    memcpy(asked, w->asked, sizeof(asked));
    (void)pthread_mutex_unlock(&w->lock);
    assert_string_equal(asked, targets);
}

static struct past past_of(struct world *w, const char *queries)
{
    struct past past = {0};
    source_fetch(&w->source, DOCUMENT_PAST, queries);
    if (w->source.why.kind == ERR_NONE) {
        assert_int_equal(w->source.document.len, sizeof(past));
        memcpy(&past, strbuf_cstr(&w->source.document), sizeof(past));
    }
    return past;
}

/* The query comes whole; from and until are steps, so that the same is asked for whenever it is. */
static void a_figure_is_asked_for_once(void **state)
{
    struct world *w = *state;
    const struct past past = past_of(w, "rate(a{b=\"c&d #\\\"\"}[5m])\nup\n");
    assert_int_equal(past.count, 2);
    assert_true(past.until_ms == INT64_C(1795867200000));
    assert_true(past.of[0].samples[58] == 1.5 && past.of[0].samples[59] == 2);
    assert_true(isnan(past.of[0].samples[57]));
    assert_string_equal(past.of[0].why, "");
    was_asked(w, "/api/v1/query_range?query=rate%28a%7Bb%3D%22c%26d%20%23%5C%22%22%7D%5B5m%"
                 "5D%29&start=1795856580&end=1795867200&step=180\n"
                 "/api/v1/query_range?query=up&start=1795856580&end=1795867200&step=180\n");
    answer(w, 200, ONE);
    source_step(&w->source, 3600000);
    (void)past_of(w, ""); /* behind all that the step has brought about */
    was_asked(w, "");
}

/* What is wrong with one answer is said of it, and the next is asked for. */
static void what_is_wrong_is_said(void **state)
{
    static const struct {
        int status;
        const char *body, *why;
    } answers[] = {
        {400,
         "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:4: parse error: unexpected end of "
         "input inside braces\"}",
         "1:4: parse error: unexpected end of input inside braces"},
        {503, "{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"query timed out\"}",
         "query timed out"},
        {422, "no JSON", "422"},
        {302, "<html>sign in</html>", "302"},
        {200, "<!doctype html><html><body>sign in</body></html>", "answer"},
        {200, "{\"status\":\"success\",\"data\":{\"resultType\":\"string\",\"result\":\"x\"}}",
         "no figures, as Prometheus has them"},
        {200, "", "closed"},
        {200, NULL, "sent more than the 1 MiB allowed"},
    };
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(answers); i++) {
        answer(w, answers[i].status, answers[i].body);
        const struct past past = past_of(w, "a\nb\n");
        if (past.count != 2 || !strstr(past.of[1].why, answers[i].why))
            fail_msg("%zu: %zu figures, \"%s\" (%s)", i, past.count, past.of[1].why,
                     w->source.why.msg);
        assert_true(isnan(past.of[0].samples[59]));
    }
    answer(w, 200, ONE);
    assert_true(past_of(w, "a\n").of[0].samples[59] == 2); /* nothing of it lasts */
}

/* Nobody is there: one sentence for all, and the rest is not waited for. */
static void what_is_not_reached_is_said_once(void **state)
{
    struct world *w = *state;
    server_stop(w->server);
    w->server = NULL;
    (void)past_of(w, "a\nb\nc\n");
    assert_int_equal(w->source.why.kind, ERR_IO);
    assert_non_null(strstr(w->source.why.msg, "refused"));
}

/* Labels as long as an answer may be, and texts that are no numbers, are no figures. */
static void hostile_answers_are_harmless(void **state)
{
    struct strbuf body = STRBUF_INIT(1 << 20);
    struct world *w = *state;
    strbuf_adds(&body, HEAD "{\"metric\":{\"l\":\"");
    strbuf_fill(&body, 'x', 200000);
    strbuf_adds(&body,
                "\"},\"values\":[[1795867200,\"NaN\"],[1795867020,\"7\"],[1e400,\"1\"],[null]]}"
                ",{\"values\":\"\\u001b[2J\"}" TAIL);
    answer(w, 200, strbuf_cstr(&body));
    const struct past past = past_of(w, "a\n");
    assert_true(isnan(past.of[0].samples[59]) && past.of[0].samples[58] == 7);
    strbuf_clear(&body);
    source_fetch(&w->source, DOCUMENT_YAML, "a");
    assert_string_equal(w->source.why.msg, "there is no document of it");
}

/* Its own row is asked for while somebody looks at it. */
static void its_own_row(void **state)
{
    struct world *w = *state;
    struct source_run *s = &w->source;
    char text[1024];
    (void)snprintf(text, sizeof(text), runtime, "false");
    answer(w, 200, build);
    source_want(s, "prometheus", true);
    source_until(s, source_has(s, "prometheus", "it"));
    assert_string_equal(source_text(s, "prometheus", "it", "version"), "2.42.0+ds");
    was_asked(w, "/api/v1/status/buildinfo\n/api/v1/status/runtimeinfo\n");
    answer(w, 200, text);
    source_refresh(s);
    source_until(s, source_level(s, "prometheus", "it") == LEVEL_WARNING);
    source_judged(s, "prometheus", "it", LEVEL_WARNING, "prometheus-reload", "could not read");
    assert_string_equal(source_text(s, "prometheus", "it", "retention"), "15d");
    (void)snprintf(text, sizeof(text), runtime, "true");
    answer(w, 200, text);
    source_refresh(s);
    source_until(s, source_level(s, "prometheus", "it") == LEVEL_OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_figure_is_asked_for_once),
        CASE(what_is_wrong_is_said),
        CASE(what_is_not_reached_is_said_once),
        CASE(hostile_answers_are_harmless),
        CASE(its_own_row),
    };
    return cmocka_run_group_tests_name("prometheus", tests, NULL, NULL);
}
