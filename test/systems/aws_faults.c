/* What S3 says when something is wrong: regions, clocks, throttling, answers that are none. */
#include <config.h>

#include "base/timetext.h"
#include "test/systems/http_server.h"
#include "test/systems/source_run.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define BUCKET "reyem-db-backup"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define TOKEN  "FwoGZXIvYXdzEXAMPLETOKEN=="
#define EMPTY                                                         \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult "    \
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>" BUCKET \
    "</Name><Prefix/><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"

extern const struct backend backend_s3;

struct world;

struct world {
    struct source_run source;
    bool running;
    struct server *server;
    void (*answer)(struct world *w, struct conn *c, const char *request);
    pthread_mutex_t lock; /* what follows */
    unsigned asked, heads;
    char region[64], date[32], token[64]; /* of the last request */
    bool well, taken;                     /* the fault is over; its clock was right */
};

/* ---- The server. */

static void copy_until(const char *request, const char *before, const char *ends, char *out,
                       size_t size)
{
    const char *at = strstr(request, before);
    out[0] = '\0';
    if (at)
        (void)snprintf(out, size, "%.*s", (int)strcspn(at + strlen(before), ends),
                       at + strlen(before));
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct world *w = context;
    char scope[128];
    (void)pthread_mutex_lock(&w->lock);
    w->asked++;
    w->heads += strncmp(request, "HEAD ", 5) == 0;
    copy_until(request, "Credential=", ",", scope, sizeof(scope)); /* id/day/region/s3/... */
    copy_until(strchr(scope, '/') ? strchr(scope, '/') + 1 : "", "/", "/", w->region,
               sizeof(w->region));
    copy_until(request, "x-amz-date: ", "\r", w->date, sizeof(w->date));
    copy_until(request, "x-amz-security-token: ", "\r", w->token, sizeof(w->token));
    w->answer(w, c, request);
    (void)pthread_mutex_unlock(&w->lock);
}

static void answer_xml(struct conn *c, int status, const char *headers, const char *body)
{
    char all[512];
    (void)snprintf(all, sizeof(all), "Content-Type: application/xml\r\n%s", headers);
    conn_answer(c, status, all, span_from(body));
}

static void start(struct world *w, const char *more)
{
    char reach[128];
    (void)snprintf(reach, sizeof(reach), "reach=%s", server_origin(w->server));
    const char *const settings[] = {reach,
                                    "bucket=" BUCKET,
                                    "access_key=env:BN_TEST_ID",
                                    "secret_key=env:BN_TEST_SECRET",
                                    "token=env:BN_TEST_TOKEN",
                                    more,
                                    NULL};
    source_start(&w->source, &backend_s3, settings, INT64_C(1795000000000));
    w->running = true;
    source_want(&w->source, "s3-bucket", true);
}

static bool is_listed(const struct world *w)
{
    return store_synced(w->source.store, source_kind_number(&w->source, "s3-bucket"));
}

static const struct err *trouble(const struct world *w)
{
    const struct source_report *r = source_report(&w->source);
    const struct source_report *k = source_kind_report(&w->source, "s3-bucket");
    return r->why.kind != ERR_NONE ? &r->why : &k->why;
}

static void expect_trouble(struct world *w, enum err_kind kind, const char *words)
{
    source_until(&w->source, trouble(w)->kind != ERR_NONE);
    if (!strstr(trouble(w)->msg, words))
        fail_msg("\"%s\" does not say \"%s\"", trouble(w)->msg, words);
    assert_int_equal(trouble(w)->kind, kind);
    assert_false(source_leaks(&w->source, SECRET));
    assert_false(source_leaks(&w->source, TOKEN));
}

static unsigned asked(struct world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    unsigned n = w->asked;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

/* The next look finds it well. */
static void expect_recovery(struct world *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->well = true;
    (void)pthread_mutex_unlock(&w->lock);
    source_refresh(&w->source);
    source_until(&w->source, is_listed(w) && trouble(w)->kind == ERR_NONE);
}

/* ---- Regions. */

static bool is_right(const struct world *w)
{
    return strcmp(w->region, "eu-central-1") == 0;
}

static void redirect(struct world *w, struct conn *c, const char *request)
{
    (void)request;
    if (is_right(w))
        answer_xml(c, 200, "", EMPTY);
    else
        answer_xml(c, 301, "x-amz-bucket-region: eu-central-1\r\nLocation: http://127.0.0.1:1/\r\n",
                   "<Error><Code>PermanentRedirect</Code><Message>The bucket you are attempting to "
                   "access must be addressed using the specified endpoint.</Message></Error>");
}

static void redirect_silently(struct world *w, struct conn *c, const char *request)
{
    if (is_right(w))
        answer_xml(c, 200, "", EMPTY);
    else if (strncmp(request, "HEAD ", 5) == 0)
        conn_says(c, "HTTP/1.1 400 Bad Request\r\nx-amz-bucket-region: eu-central-1\r\n"
                     "Content-Length: 0\r\n\r\n");
    else
        answer_xml(c, 307, "", "<Error><Code>TemporaryRedirect</Code></Error>");
}

static void malformed(struct world *w, struct conn *c, const char *request)
{
    (void)request;
    if (is_right(w))
        answer_xml(c, 200, "", EMPTY);
    else
        answer_xml(c, 400, "",
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
                   "AuthorizationHeaderMalformed</Code><Message>The authorization header is "
                   "malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'</Message>"
                   "<Region>eu-central-1</Region></Error>");
}

static void the_region_is_found(void **state)
{
    static const struct {
        void (*answer)(struct world *w, struct conn *c, const char *request);
        unsigned asked;
    } ways[] = {{redirect, 2}, {redirect_silently, 3}, {malformed, 2}};
    struct world *w = *state;
    for (size_t i = 0; i < BN_COUNT(ways); i++) {
        w->answer = ways[i].answer;
        w->asked = 0;
        start(w, NULL);
        source_until(&w->source, is_listed(w));
        assert_int_equal(asked(w), ways[i].asked);
        assert_string_equal(source_text(&w->source, "s3-bucket", BUCKET, "region"), "eu-central-1");
        source_refresh(&w->source); /* and it is known then */
        source_until(&w->source, asked(w) > ways[i].asked);
        (void)pthread_mutex_lock(&w->lock);
        assert_true(is_right(w));
        (void)pthread_mutex_unlock(&w->lock);
        source_stop(&w->source);
        w->running = false;
    }
}

static void redirect_to_evil(struct world *w, struct conn *c, const char *request)
{
    (void)w;
    (void)request;
    answer_xml(c, 301, "x-amz-bucket-region: evil.example/\r\n",
               "<Error><Code>PermanentRedirect</Code></Error>");
}

static void a_region_that_is_none(void **state)
{
    struct world *w = *state;
    w->answer = redirect_to_evil;
    start(w, NULL);
    expect_trouble(w, ERR_CONFIG, "the bucket lies elsewhere (PermanentRedirect)");
    assert_int_equal(asked(w), 1);
}

/* ---- Clocks. */

static void ahead(struct world *w, struct conn *c, const char *request)
{
    time_t now = time(NULL) + 3600;
    char expected[32], headers[128], date[64];
    struct tm tm;
    (void)request;
    (void)gmtime_r(&now, &tm);
    (void)strftime(expected, sizeof(expected), "%Y%m%dT%H", &tm);
    (void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    (void)snprintf(headers, sizeof(headers), "Date: %s\r\n", date);
    w->taken = strncmp(w->date, expected, strlen(expected)) == 0;
    if (w->taken)
        answer_xml(c, 200, headers, EMPTY);
    else
        answer_xml(c, 403, headers,
                   "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the "
                   "request time and the current time is too large.</Message></Error>");
}

static void a_clock_that_is_wrong(void **state)
{
    struct world *w = *state;
    w->answer = ahead;
    start(w, NULL);
    source_until(&w->source, is_listed(w));
    assert_int_equal(asked(w), 2);
    source_refresh(&w->source); /* from then on by the server's clock */
    source_until(&w->source, asked(w) > 2);
    (void)pthread_mutex_lock(&w->lock);
    assert_true(w->taken);
    (void)pthread_mutex_unlock(&w->lock);
}

static void skewed_for_ever(struct world *w, struct conn *c, const char *request)
{
    (void)request;
    if (w->well)
        answer_xml(c, 200, "", EMPTY);
    else
        answer_xml(c, 403, "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n",
                   "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the "
                   "request time and the current time is too large.</Message></Error>");
}

static void a_clock_that_no_time_is_good_for(void **state)
{
    struct world *w = *state;
    w->answer = skewed_for_ever;
    start(w, NULL);
    expect_trouble(w, ERR_IO, "the clocks differ by more than is allowed (RequestTimeTooSkewed)");
    assert_int_equal(asked(w), 2);
    assert_non_null(strstr(trouble(w)->msg, "this machine's clock is"));
    expect_recovery(w);
}

/* ---- Refusals. */

static struct {
    int status;
    const char *type, *body;
} said;

static void say(struct world *w, struct conn *c, const char *request)
{
    char headers[128];
    (void)request;
    (void)snprintf(headers, sizeof(headers), "Content-Type: %s\r\n", said.type);
    if (w->well)
        answer_xml(c, 200, "", EMPTY);
    else
        conn_answer(c, said.status, headers, span_from(said.body));
}

static void refusals_and_what_is_no_answer(void **state)
{
    static const char xml[] = "application/xml";

    static const struct {
        int status;
        const char *type, *body;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {503, xml, "<Error><Code>SlowDown</Code><Message>Please reduce your rate</Message></Error>",
         ERR_BUSY, "too many requests (SlowDown): Please reduce your rate"},
        {400, xml,
         "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message>"
         "<Token-0>" TOKEN "</Token-0></Error>",
         ERR_AUTH, "the session token has expired (ExpiredToken)"},
        {400, xml, "<Error><Code>InvalidArgument</Code><Message>no \x1b[31m</Message></Error>",
         ERR_PROTO, "400"},
        {200, xml, "<ListBucketResult><Contents><Key>cut sho", ERR_PROTO, "is no XML"},
        {200, xml, "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><ListBucketResult/>",
         ERR_PROTO, "document type"},
        {200, "text/html", "<html><body>Log in</body></html>", ERR_PROTO,
         "answered with <html> where <ListBucketResult> was expected"},
        {500, "text/html", "<html><br>oops</html>", ERR_IO, "500"},
        {200, xml, "", ERR_PROTO, "is no XML"},
        {200, xml, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
         ERR_PROTO, "without end"},
        {200, xml,
         "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a"
         "</NextContinuationToken></ListBucketResult>",
         ERR_PROTO, "without end"},
    };
    struct world *w = *state;
    w->answer = say;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        (void)pthread_mutex_lock(&w->lock);
        said.status = cases[i].status;
        said.type = cases[i].type;
        said.body = cases[i].body;
        w->well = false;
        (void)pthread_mutex_unlock(&w->lock);
        start(w, NULL);
        expect_trouble(w, cases[i].kind, cases[i].words);
        expect_recovery(w);
        source_stop(&w->source);
        w->running = false;
    }
}

static void fine(struct world *w, struct conn *c, const char *request)
{
    (void)w;
    (void)request;
    answer_xml(c, 200, "", EMPTY);
}

static void a_session_token_goes_along(void **state)
{
    struct world *w = *state;
    w->answer = fine;
    start(w, NULL);
    source_until(&w->source, is_listed(w));
    assert_string_equal(w->token, TOKEN);
    assert_false(source_leaks(&w->source, TOKEN));
}

/* A bucket that was found is not asked until somebody says so. */
static void what_may_not_be_asked_is_not(void **state)
{
    struct world *w = *state;
    w->answer = fine;
    start(w, "ask=false");
    source_until(&w->source, is_listed(w) && /* nobody need wait for it */
                                 source_report(&w->source)->state == SOURCE_OFF);
    assert_false(source_has(&w->source, "s3-bucket", BUCKET));
    source_refresh(&w->source);
    source_stop(&w->source);
    w->running = false;
    assert_int_equal(asked(w), 0);
}

static void settings_that_are_wrong(void **state)
{
    static const struct {
        const char *setting, *words;
    } cases[] = {
        {"style=host", "it wants auto, path or virtual"},
        {"binlogs_every=often", "it wants a time such as 60s"},
        {"bucket=a b", "is no bucket"},
    };
    struct world *w = *state;
    w->answer = fine;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const char *const settings[] = {cases[i].setting, "bucket=" BUCKET, NULL};
        source_start(&w->source, &backend_s3, settings, INT64_C(1795000000000));
        w->running = true;
        source_want(&w->source, "s3-bucket", true);
        expect_trouble(w, ERR_CONFIG, cases[i].words);
        source_stop(&w->source);
        w->running = false;
    }
}

/* ---- */

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    const struct server_options o = {.serve = serve, .context = w};
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)setenv("BN_TEST_ID", "AKIAIOSFODNN7EXAMPLE", 1);
    (void)setenv("BN_TEST_SECRET", SECRET, 1);
    (void)setenv("BN_TEST_TOKEN", TOKEN, 1);
    w->server = server_start(&o);
    *state = w;
    return w->server ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (w->running)
        source_stop(&w->source);
    server_stop(w->server);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_region_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(a_region_that_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clock_that_no_time_is_good_for, setup, teardown),
        cmocka_unit_test_setup_teardown(refusals_and_what_is_no_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(a_session_token_goes_along, setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_not_be_asked_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(settings_that_are_wrong, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
