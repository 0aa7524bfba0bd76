/* The HTTP client against servers that behave, misbehave and stall. */
#include <config.h>

#include "base/clock.h"
#include "net/credential.h"
#include "net/kube.h"
#include "test/systems/http_client.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

static struct server *plain_server(serve_fn serve, void *context)
{
    const struct server_options options = {.serve = serve, .context = context};
    return server_start(&options);
}

/* ---- Behaving servers. */

static void serve_echo(struct conn *c, const char *request, void *context)
{
    struct strbuf *seen = context;

    strbuf_adds(seen, request);
    conn_answer(c, 200, JSON_HEADER, SPAN("{\"ok\":true}"));
}

static void asks_as_itself_and_reads_json(void **state)
{
    struct strbuf seen = STRBUF_INIT(65536);
    struct server *s = plain_server(serve_echo, &seen);
    struct http *http = client_for(server_origin(s));

    (void)state;
    expect_get_works(http, "/api/v1/pods?limit=1", "{\"ok\":true}");
    expect_get_works(http, "/again", "{\"ok\":true}");
    assert_int_equal(http_figures(http).requests, 2);
    assert_int_equal(http_figures(http).connections, 1);
    assert_int_equal(http_figures(http).bytes_in, 22);
    http_free(http);
    server_stop(s);
    assert_non_null(strstr(strbuf_cstr(&seen), "GET /api/v1/pods?limit=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "User-Agent: binnacle/" PACKAGE_VERSION "\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "Accept-Encoding: gzip\r\n"));
    assert_null(strstr(strbuf_cstr(&seen), "Authorization"));
    strbuf_clear(&seen);
}

static void keeps_the_path_of_its_origin_and_posts(void **state)
{
    struct strbuf seen = STRBUF_INIT(65536), origin = STRBUF_INIT(200), body = STRBUF_INIT(200);
    struct server *s = plain_server(serve_echo, &seen);
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    const struct http_request request = {
        .path = "/x", .body = SPAN("{\"a\":1}"), .headers = headers, .deadline_ms = LONG_MS};
    struct http_result result;
    struct http *http;

    (void)state;
    strbuf_addf(&origin, "%s/k8s/clusters/c-1/", server_origin(s));
    http = client_for(strbuf_cstr(&origin));
    assert_true(http_fetch(http, &request, -1, &body, &result, NULL));
    assert_int_equal(result.status, 200);
    assert_int_equal(result.http_version, 11);
    assert_int_equal(result.body_bytes, 11);
    http_free(http);
    server_stop(s);
    assert_non_null(strstr(strbuf_cstr(&seen), "POST /k8s/clusters/c-1/x HTTP/1.1\r\n"));
    assert_non_null(strstr(strbuf_cstr(&seen), "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(strbuf_cstr(&seen), "Expect"));
    strbuf_clear(&seen);
    strbuf_clear(&origin);
    strbuf_clear(&body);
}

static void refuses_addresses_that_are_none(void **state)
{
    static const char *const origins[] = {
        "ftp://h",     "file:///etc/passwd", "https://user:pw@h", "https://h?x",
        "https://h#x", "https://",           "gopher://h",        ""};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(origins); i++) {
        const struct http_options options = {.name = "it", .origin = origins[i]};
        struct err err;

        assert_null(http_new(&options, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_says(&err, "is not like https://host:port");
    }
}

/* ---- Redirects. */

struct redirect {
    char target[200];
};

static void serve_redirect(struct conn *c, const char *request, void *context)
{
    struct redirect *r = context;
    char headers[400];

    if (strncmp(request, "GET /here", 9) == 0) {
        conn_answer(c, 200, JSON_HEADER, SPAN("{}"));
        return;
    }
    if (strncmp(request, "GET /loop", 9) == 0)
        (void)snprintf(headers, sizeof headers, "Location: /loop\r\n");
    else
        (void)snprintf(headers, sizeof headers, "Location: %s\r\n", r->target);
    conn_answer(c, 302, headers, SPAN(""));
}

static void follows_redirects_on_its_origin_only(void **state)
{
    struct strbuf seen = STRBUF_INIT(65536);
    struct redirect r = {"/here"};
    struct server *s = plain_server(serve_redirect, &r), *other = plain_server(serve_echo, &seen);
    struct http *http = client_for(server_origin(s));

    (void)state;
    expect_get_works(http, "/away", "{}");
    (void)snprintf(r.target, sizeof r.target, "%s/here", server_origin(s));
    expect_get_works(http, "/away", "{}");
    expect_get_fails(http, "/loop", ERR_PROTO, "circles");
    assert_int_equal(server_requests(s), 4 + HTTP_REDIRECTS_MAX + 1);
    (void)snprintf(r.target, sizeof r.target, "%s/here", server_origin(other));
    expect_get_fails(http, "/away", ERR_PROTO, "not followed");
    (void)snprintf(r.target, sizeof r.target, "https://localhost:%d/here", server_port(s));
    expect_get_fails(http, "/away", ERR_PROTO, "not followed");
    (void)snprintf(r.target, sizeof r.target, "file:///etc/passwd");
    expect_get_fails(http, "/away", ERR_PROTO, "not followed");
    http_free(http);
    server_stop(s);
    server_stop(other);
    assert_int_equal(seen.len, 0); /* no header of ours went there */
}

static void a_change_is_not_sent_elsewhere(void **state)
{
    struct redirect r = {"/here"};
    struct server *s = plain_server(serve_redirect, &r);
    struct http *http = client_for(server_origin(s));
    const struct http_request request = {.path = "/x", .method = "POST", .deadline_ms = LONG_MS};
    struct strbuf body = STRBUF_INIT(100);
    struct err err;

    (void)state;
    assert_false(http_fetch(http, &request, -1, &body, NULL, &err));
    assert_says(&err, "sends a change elsewhere");
    assert_int_equal(server_requests(s), 1);
    http_free(http);
    server_stop(s);
}

/* Whoever signs its requests must see for itself where it is sent. */
static void an_answer_as_it_is(void **state)
{
    struct redirect r = {"/here"};
    struct server *s = plain_server(serve_redirect, &r);
    struct http *http = client_for(server_origin(s));
    struct strbuf body = STRBUF_INIT(100), head = STRBUF_INIT(4096);
    struct http_request request = {
        .path = "/away", .deadline_ms = LONG_MS, .as_it_is = true, .head = &head};
    struct http_result result;
    struct err err;

    (void)state;
    assert_false(http_fetch(http, &request, -1, &body, &result, &err));
    assert_int_equal(result.status, 302);
    assert_true(span_is(http_header(strbuf_span(&head), "location"), "/here"));
    assert_int_equal(http_header(strbuf_span(&head), "loc").len, 0);
    assert_int_equal(server_requests(s), 1);
    request.path = "/here";
    assert_true(http_fetch(http, &request, -1, &body, &result, &err));
    assert_string_equal(strbuf_cstr(&body), "{}");
    assert_int_equal(http_header(strbuf_span(&head), "Location").len, 0);
    http_free(http);
    server_stop(s);
    strbuf_clear(&body);
    strbuf_clear(&head);
}

/* ---- Statuses. */

struct canned {
    int status;
    const char *headers, *body;
};

static void serve_canned(struct conn *c, const char *request, void *context)
{
    const struct canned *a = context;

    (void)request;
    conn_answer(c, a->status, a->headers, span_from(a->body));
}

static void each_status_has_its_sentence(void **state)
{
    static const struct {
        struct canned answer;
        enum err_kind kind;
        int code;
        const char *words;
    } cases[] = {
        {{401, "", ""}, ERR_AUTH, 401, "wants a credential"},
        {{403, "", "no"}, ERR_DENIED, 403, "no"},
        {{404, "", ""}, ERR_NOTFOUND, 404, "no such thing"},
        {{409, "", ""}, ERR_CONFLICT, 409, "409"},
        {{410, "", ""}, ERR_GONE, 410, "too old"},
        {{429, "Retry-After: 7\r\n", ""}, ERR_BUSY, 7, "again in 7 s"},
        {{429, "", ""}, ERR_BUSY, 0, "asks for time"},
        {{503, "Content-Type: text/html\r\n", "<html>x"}, ERR_IO, 503, "web page"},
        {{500, "", "\x1b[2Jboom\nbang"}, ERR_IO, 500, "[2Jboom bang"},
        {{200, "Content-Type: text/html; charset=x\r\n", "<html>"}, ERR_PROTO, 200, "login portal"},
        {{200, "Content-Type: text/plain\r\n", "hi"}, ERR_PROTO, 200, "text/plain"},
        {{200, "", "hi"}, ERR_PROTO, 200, "no content type"},
        {{403, JSON_HEADER,
          "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"pods is forbidden: User \\\"x\\\" "
          "cannot list resource \\\"pods\\\"\",\"reason\":\"Forbidden\",\"code\":403}"},
         ERR_DENIED,
         403,
         "User \"x\" cannot list resource \"pods\""},
        {{429, JSON_HEADER "Retry-After: 1\r\n",
          "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"too many\",\"code\":429,"
          "\"details\":{\"retryAfterSeconds\":3}}"},
         ERR_BUSY,
         3,
         "too many"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct canned answer = cases[i].answer;
        struct server *s = plain_server(serve_canned, &answer);
        const struct http_options options = {
            .name = "cluster test", .origin = server_origin(s), .explain = kube_explain};
        struct http *http = http_new(&options, NULL);
        struct strbuf body = STRBUF_INIT(4096);
        struct err err;

        assert_false(http_get(http, "/p", LONG_MS, -1, &body, &err));
        assert_says(&err, cases[i].words);
        assert_int_equal(err.kind, cases[i].kind);
        assert_int_equal(err.code, cases[i].code);
        assert_null(strchr(err.msg, '\x1b'));
        http_free(http);
        server_stop(s);
    }
}

/* ---- No connection. */

static void a_refused_connection_is_said(void **state)
{
    struct server *s = plain_server(serve_echo, NULL);
    char origin[64];
    struct http *http;

    (void)state;
    (void)snprintf(origin, sizeof origin, "http://127.0.0.1:%d", server_port(s));
    server_stop(s); /* now nobody listens there */
    http = client_for(origin);
    expect_get_fails(http, "/", ERR_IO, "connection refused");
    expect_get_fails(http, "/", ERR_IO, origin);
    http_free(http);
}

static void an_unknown_host_is_said(void **state)
{
    struct http *http = client_for("https://no-such-host.invalid:6443");

    (void)state;
    expect_get_fails(http, "/", ERR_IO, "not known (DNS)");
    http_free(http);
}

static void serve_ok(struct conn *c, const char *request, void *context)
{
    (void)request;
    (void)context;
    conn_answer(c, 200, JSON_HEADER, SPAN("{\"ok\":true}"));
}

static void at_address(const struct server *s, const char *host)
{
    struct strbuf origin = STRBUF_INIT(200);
    struct http *http;

    strbuf_addf(&origin, "http://%s:%d", host, server_port(s));
    http = client_for(strbuf_cstr(&origin));
    expect_get_works(http, "/", "{\"ok\":true}");
    http_free(http);
    strbuf_clear(&origin);
}

static bool has_ipv6(void)
{
    const struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

/* "localhost" is both: what does not answer at one is asked at the other. */
static void either_address_of_a_name_will_do(void **state)
{
    const struct server_options six = {.serve = serve_ok, .ipv6 = true};
    struct server *s = plain_server(serve_ok, NULL);

    (void)state;
    at_address(s, "127.0.0.1");
    at_address(s, "localhost");
    server_stop(s);
    if (!has_ipv6()) {
        print_message("# this machine has no IPv6\n");
        return;
    }
    s = server_start(&six);
    at_address(s, "[::1]");
    at_address(s, "localhost");
    server_stop(s);
}

/* ---- Stalls. Small times: the server does nothing, so nothing races. */

static bool fetch_timed(struct http *http, int deadline_ms, int idle_ms, struct err *err)
{
    const struct http_request request = {
        .path = "/slow", .deadline_ms = deadline_ms, .idle_ms = idle_ms};
    struct strbuf body = STRBUF_INIT((size_t)1 << 20);
    const bool ok = http_fetch(http, &request, -1, &body, NULL, err);

    strbuf_clear(&body);
    return ok;
}

static void serve_silence(struct conn *c, const char *request, void *context)
{
    const char *first = context;

    (void)request;
    (void)conn_says(c, first);
    conn_wait_gone(c);
}

/* What a server says before it stalls has come within 700 ms, however busy the machine is. */
static void a_stalled_server_is_noticed_and_where(void **state)
{
    static const struct {
        const char *first, *words;
    } cases[] = {
        {"", "waiting for the answer"},
        {"HTTP/1.1 200 OK\r\nContent-", "in the headers"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "in the middle of the answer"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", "in the middle"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct server *s = plain_server(serve_silence, (void *)(uintptr_t)cases[i].first);
        struct http *http = client_for(server_origin(s));
        struct err err;

        assert_false(fetch_timed(http, 0, 700, &err));
        assert_int_equal(err.kind, ERR_TIMEOUT);
        assert_says(&err, cases[i].words);
        assert_says(&err, "no byte came for 700 ms");
        assert_false(fetch_timed(http, 150, 0, &err));
        assert_int_equal(err.kind, ERR_TIMEOUT);
        assert_says(&err, "not done within 150 ms");
        http_free(http);
        server_stop(s);
    }
}

/* A byte now and then: never idle, never done. */
static void serve_drip(struct conn *c, const char *request, void *context)
{
    const bool in_header = context != NULL;

    (void)request;
    (void)conn_says(c, in_header ? "HTTP/1.1 200 OK\r\nX: "
                                 : "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (conn_says(c, "x"))
        conn_pause(c, 10);
}

static void a_slow_loris_is_ended(void **state)
{
    struct server *body = plain_server(serve_drip, NULL);
    struct server *header = plain_server(serve_drip, (void *)(uintptr_t) "yes");
    struct http *http = client_for(server_origin(body));
    struct err err;

    (void)state;
    assert_false(fetch_timed(http, 300, 5000, &err)); /* its body: by the deadline */
    assert_says(&err, "not done within 300 ms, in the middle");
    http_free(http);
    http = client_for(server_origin(header));
    assert_false(fetch_timed(http, 0, 300, &err)); /* a header line that never ends: by idleness */
    assert_says(&err, "no byte came for 300 ms, in the headers");
    http_free(http);
    server_stop(body);
    server_stop(header);
}

/* ---- Sizes. */

static void gzip(struct strbuf *out, size_t zeros)
{
    static unsigned char in[65536];
    z_stream z = {.next_in = NULL};
    int end = Z_OK;

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    while (end != Z_STREAM_END) {
        char *to = strbuf_reserve(out, 65536);

        if (z.avail_in == 0 && zeros > 0) {
            z.next_in = in;
            z.avail_in = zeros < sizeof in ? (unsigned)zeros : (unsigned)sizeof in;
            zeros -= z.avail_in;
        }
        z.next_out = (unsigned char *)to;
        z.avail_out = 65536;
        end = deflate(&z, zeros == 0 ? Z_FINISH : Z_NO_FLUSH);
        strbuf_commit(out, 65536 - z.avail_out);
    }
    (void)deflateEnd(&z);
}

static void serve_gzip(struct conn *c, const char *request, void *context)
{
    (void)request;
    conn_answer(c, 200, "Content-Encoding: gzip\r\n", strbuf_span(context));
}

static void gzip_is_decoded_within_the_limit(void **state)
{
    struct strbuf packed = STRBUF_INIT((size_t)8 << 20), body = STRBUF_INIT((size_t)1 << 20);
    struct http_request request = {
        .path = "/bomb", .deadline_ms = LONG_MS, .byte_limit = (size_t)1 << 20};
    struct http_result result;
    struct server *s;
    struct http *http;
    struct err err;

    (void)state;
    gzip(&packed, 500000);
    s = plain_server(serve_gzip, &packed);
    http = client_for(server_origin(s));
    assert_true(http_fetch(http, &request, -1, &body, &result, &err));
    assert_int_equal(body.len, 500000);
    assert_true(result.wire_bytes < 5000);
    strbuf_truncate(&packed, 0);
    gzip(&packed, (size_t)200 << 20); /* 200 MB in 200 kB */
    strbuf_truncate(&body, 0);
    assert_false(http_fetch(http, &request, -1, &body, &result, &err));
    assert_int_equal(err.kind, ERR_PROTO);
    assert_says(&err, "more than the 1 MiB allowed");
    assert_true(result.body_bytes <= (size_t)1 << 20);
    http_free(http);
    server_stop(s);
    strbuf_clear(&packed);
    strbuf_clear(&body);
}

static void serve_endless_headers(struct conn *c, const char *request, void *context)
{
    (void)request;
    if (strncmp(context, "HTTP/", 5) != 0)
        (void)conn_says(c, "HTTP/1.1 200 OK\r\n");
    while (conn_says(c, context))
        continue;
}

static void headers_have_an_end(void **state)
{
    static const char *const lines[] = {"X: y\r\n", "HTTP/1.1 100 Continue\r\n\r\n"};
    struct strbuf longer = STRBUF_INIT(1 << 20);

    (void)state;
    strbuf_adds(&longer, "X-Long: ");
    strbuf_fill(&longer, 'x', 60000);
    strbuf_adds(&longer, "\r\n");
    for (size_t i = 0; i < 3; i++) {
        struct server *s = plain_server(
            serve_endless_headers, (void *)(uintptr_t)(i < 2 ? lines[i] : strbuf_cstr(&longer)));
        struct http *http = client_for(server_origin(s));

        expect_get_fails(http, "/", ERR_PROTO, "headers and was cut off");
        http_free(http);
        server_stop(s);
    }
    strbuf_clear(&longer);
}

/* ---- Broken answers. */

static void serve_text(struct conn *c, const char *request, void *context)
{
    (void)request;
    (void)conn_says(c, context);
    conn_close(c);
}

static void broken_answers_are_said(void **state)
{
    static const struct {
        const char *bytes;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n" JSON_HEADER "Content-Length: 100\r\n\r\n{\"a\":", ERR_IO,
         "cut short after 5 bytes"},
        {"HTTP/1.1 200 OK\r\n" JSON_HEADER "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a", ERR_IO,
         "cut short after 3 bytes"},
        {"SSH-2.0-OpenSSH_9.2\r\n", ERR_PROTO, "not HTTP"},
        {"HTTP/1.1 200 OK\r\n" JSON_HEADER "Content-Encoding: gzip\r\n\r\nnot gzip at all",
         ERR_PROTO, "compressed answer is broken"},
        {"", ERR_IO, "closed without an answer"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct server *s = plain_server(serve_text, (void *)(uintptr_t)cases[i].bytes);
        struct http *http = client_for(server_origin(s));

        expect_get_fails(http, "/x", cases[i].kind, cases[i].words);
        http_free(http);
        server_stop(s);
    }
}

/* Closes the first connection without an answer. */
static void serve_second_time(struct conn *c, const char *request, void *context)
{
    (void)request;
    (void)context;
    if (conn_number(c) == 1)
        conn_close(c);
    else
        conn_answer(c, 200, JSON_HEADER, SPAN("{}"));
}

static void a_get_is_repeated_once_and_a_change_never(void **state)
{
    struct server *s = plain_server(serve_second_time, NULL);
    struct http *http = client_for(server_origin(s));
    const struct http_request post = {.path = "/", .method = "POST", .deadline_ms = LONG_MS};
    struct strbuf body = STRBUF_INIT(100);
    struct err err;

    (void)state;
    expect_get_works(http, "/x", "{}");
    assert_int_equal(server_requests(s), 2);
    http_free(http);
    server_stop(s);
    s = plain_server(serve_second_time, NULL);
    http = client_for(server_origin(s));
    assert_false(http_fetch(http, &post, -1, &body, NULL, &err));
    assert_says(&err, "closed without an answer");
    assert_int_equal(server_requests(s), 1);
    http_free(http);
    server_stop(s);
}

/* The connection is there from an answer before, and ends as a request comes. */
static void serve_reads_alone(struct conn *c, const char *request, void *context)
{
    (void)context;
    if (strncmp(request, "GET ", 4) == 0)
        conn_answer(c, 200, JSON_HEADER, SPAN("{}"));
    else
        conn_close(c);
}

static void a_change_is_sent_once_after_other_requests_too(void **state)
{
    struct server *s = plain_server(serve_reads_alone, NULL);
    struct http *http = client_for(server_origin(s));
    const struct http_request post = {
        .path = "/", .method = "POST", .body = SPAN("{}"), .deadline_ms = LONG_MS, .once = true};
    struct strbuf body = STRBUF_INIT(100);
    struct err err;

    (void)state;
    expect_get_works(http, "/x", "{}");
    assert_false(http_fetch(http, &post, -1, &body, NULL, &err));
    assert_int_equal(server_requests(s), 2);
    http_free(http);
    server_stop(s);
}

/* ---- Credentials. */

struct token_server {
    char path[200]; /* of the token file */
    bool rotates;
};

static void write_text(const char *path, const char *text)
{
    assert_true(file_replace(path, span_from(text), NULL));
}

/* Accepts "new" only; makes it the token when it has refused the old one. */
static void serve_token(struct conn *c, const char *request, void *context)
{
    struct token_server *t = context;

    if (strstr(request, "Authorization: Bearer new\r\n")) {
        conn_answer(c, 200, JSON_HEADER, SPAN("{}"));
        return;
    }
    if (t->rotates)
        write_text(t->path, "new\n");
    conn_answer(c, 401, "", SPAN(""));
}

static void a_refused_token_is_read_again_once(void **state)
{
    char folder[] = "/tmp/binnacle-test-XXXXXX";
    struct token_server t = {.rotates = true};
    struct kube_user user = {.name = "x", .token_file = t.path};
    const struct credential_options options = {.name = "user x", .user = &user};
    struct strbuf body = STRBUF_INIT(100);
    struct credential *credential;
    struct http_options http_options = {.name = "cluster test"};
    struct server *s;
    struct http *http;
    struct err err;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(t.path, sizeof t.path, "%s/token", folder);
    write_text(t.path, "old\n");
    s = plain_server(serve_token, &t);
    credential = credential_new(&options, NULL);
    http_options.origin = server_origin(s);
    http_options.credential = credential;
    http = http_new(&http_options, NULL);
    expect_get_works(http, "/x", "{}");
    assert_int_equal(server_requests(s), 2);
    t.rotates = false;
    write_text(t.path, "bad\n");
    assert_false(get(http, "/x", &body, &err));
    assert_int_equal(err.kind, ERR_AUTH);
    assert_says(&err, "refused");
    assert_null(strstr(err.msg, "bad"));
    assert_int_equal(server_requests(s), 3); /* the same token is not tried twice */
    http_free(http);
    credential_unref(credential);
    server_stop(s);
    (void)unlink(t.path);
    (void)rmdir(folder);
}

/* ---- Proxies. */

static void serve_as_proxy(struct conn *c, const char *request, void *context)
{
    const int status = *(const int *)context;

    if (status == 200 && strncmp(request, "GET http://", 11) == 0)
        conn_answer(c, 200, JSON_HEADER, SPAN("{\"by\":\"proxy\"}"));
    else
        conn_answer(c, status, "", SPAN(""));
}

static void proxies_are_used_and_bypassed(void **state)
{
    struct strbuf seen = STRBUF_INIT(65536);
    int ok = 200, login = 407;
    struct server *s = plain_server(serve_echo, &seen);
    struct server *proxy = plain_server(serve_as_proxy, &ok);
    struct server *closed = plain_server(serve_as_proxy, &login);
    struct http_options options = {.name = "cluster test", .origin = server_origin(s)};
    struct http *http;

    (void)state;
    options.proxy_url = server_origin(proxy);
    http = http_new(&options, NULL);
    expect_get_works(http, "/x", "{\"by\":\"proxy\"}");
    http_free(http);
    setenv("http_proxy", server_origin(proxy), 1);
    options.proxy_url = NULL;
    http = http_new(&options, NULL);
    expect_get_works(http, "/x", "{\"by\":\"proxy\"}");
    http_free(http);
    setenv("NO_PROXY", "example.com,localhost", 1);
    http = http_new(&options, NULL);
    expect_get_works(http, "/x", "{\"ok\":true}");
    http_free(http);
    unsetenv("http_proxy");
    unsetenv("NO_PROXY");
    options.proxy_url = server_origin(closed);
    options.origin = "https://localhost:1";
    http = http_new(&options, NULL);
    expect_get_fails(http, "/x", ERR_AUTH, "proxy wants a login (407)");
    http_free(http);
    server_stop(s);
    server_stop(proxy);
    server_stop(closed);
    strbuf_clear(&seen);
}

/* ---- Several at once, pausing, cancelling, leaving. */

struct stream {
    struct http_result result;
    size_t bytes;
    bool heads, done, hold;
    unsigned pauses;
};

static void on_head(void *context, const struct http_result *head)
{
    struct stream *st = context;

    assert_int_equal(head->status, 200);
    st->heads = true;
}

static enum http_flow on_data(void *context, struct span bytes)
{
    struct stream *st = context;

    if (st->hold) {
        st->pauses++;
        return HTTP_PAUSE;
    }
    st->bytes += bytes.len;
    return HTTP_GO;
}

static void on_done(void *context, const struct http_result *result)
{
    struct stream *st = context;

    assert_false(st->done);
    st->result = *result;
    st->done = true;
}

static uint32_t start_stream(struct http *http, struct stream *st)
{
    const struct http_request request = {.path = "/stream",
                                         .on_head = on_head,
                                         .on_data = on_data,
                                         .on_done = on_done,
                                         .context = st};
    return http_start(http, &request);
}

static void serve_open_stream(struct conn *c, const char *request, void *context)
{
    (void)request;
    (void)context;
    (void)conn_says(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n");
    conn_wait_gone(c);
}

static void many_watches_work_without_http2(void **state)
{
    static struct stream streams[30];
    struct server *s = plain_server(serve_open_stream, NULL);
    struct http *http = client_for(server_origin(s));
    size_t alive = 0;

    (void)state;
    memset(streams, 0, sizeof streams);
    for (size_t i = 0; i < BN_COUNT(streams); i++)
        (void)start_stream(http, &streams[i]);
    while (alive < BN_COUNT(streams)) {
        http_turn(http, LONG_MS, NULL, 0);
        alive = 0;
        for (size_t i = 0; i < BN_COUNT(streams); i++)
            alive += streams[i].bytes == 3;
    }
    assert_int_equal(http_figures(http).active, BN_COUNT(streams));
    http_free(http);
    server_stop(s);
}

struct flood {
    atomic_size_t taken;
};

static void serve_flood(struct conn *c, const char *request, void *context)
{
    struct flood *f = context;

    (void)request;
    (void)conn_says(c, "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
    atomic_store(&f->taken, conn_flood(c, 67108864, 300));
    while (atomic_load(&f->taken) < 67108864 && conn_send(c, span_make("x", 1)))
        atomic_fetch_add(&f->taken, 1 + conn_flood(c, 67108864 - atomic_load(&f->taken) - 1, 300));
}

static void a_paused_stream_pushes_back_and_goes_on(void **state)
{
    struct flood f = {0};
    struct server *s = plain_server(serve_flood, &f);
    struct http *http = client_for(server_origin(s));
    struct stream st = {.hold = true};
    const uint32_t id = start_stream(http, &st);

    (void)state;
    while (atomic_load(&f.taken) == 0) /* until the server has found that no more goes in */
        http_turn(http, 50, NULL, 0);
    assert_true(st.pauses > 0);
    assert_true(atomic_load(&f.taken) < 32 << 20);
    assert_int_equal(st.bytes, 0);
    st.hold = false;
    http_resume(http, id);
    while (!st.done)
        http_turn(http, LONG_MS, NULL, 0);
    assert_int_equal(st.result.err.kind, ERR_NONE);
    assert_int_equal(st.bytes, 67108864);
    http_free(http);
    server_stop(s);
}

static void cancelling_ends_one_and_leaves_the_others(void **state)
{
    struct server *s = plain_server(serve_open_stream, NULL);
    struct http *http = client_for(server_origin(s));
    struct stream a = {0}, b = {0};
    const uint32_t id = start_stream(http, &a);

    (void)state;
    (void)start_stream(http, &b);
    while (a.bytes == 0 || b.bytes == 0)
        http_turn(http, LONG_MS, NULL, 0);
    http_cancel(http, id);
    http_cancel(http, 12345);
    assert_false(a.done);
    http_turn(http, 0, NULL, 0);
    assert_true(a.done);
    assert_int_equal(a.result.err.kind, ERR_CANCELLED);
    assert_false(b.done);
    http_reconnect(http);
    http_turn(http, 0, NULL, 0);
    assert_true(b.done);
    assert_int_equal(b.result.err.kind, ERR_IO);
    http_free(http);
    server_stop(s);
}

static void other_descriptors_end_a_turn_and_a_fetch(void **state)
{
    struct server *s = plain_server(serve_silence, (void *)(uintptr_t) "");
    struct http *http = client_for(server_origin(s));
    const int event = eventfd(1, EFD_CLOEXEC);
    struct pollfd extra = {event, POLLIN, 0};
    const struct http_request request = {.path = "/"};
    struct strbuf body = STRBUF_INIT(100);
    struct err err;

    (void)state;
    http_turn(http, -1, &extra, 1);
    assert_int_equal(extra.revents, POLLIN);
    assert_false(http_fetch(http, &request, event, &body, NULL, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    http_wake(http);
    http_turn(http, -1, NULL, 0); /* returns */
    close(event);
    http_free(http);
    server_stop(s);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void leaving_is_quick_whatever_hangs(void **state)
{
    const struct server_options options = {.hang = true};
    struct server *silent = server_start(&options);
    char origin[64];
    struct http *http;
    struct stream a = {0}, b = {0}, c = {0};
    int64_t began;

    (void)state;
    (void)snprintf(origin, sizeof origin, "https://localhost:%d", server_port(silent));
    http = client_for(origin);
    (void)start_stream(http, &a);
    while (server_connections(silent) == 0)
        http_turn(http, 10, NULL, 0);
    (void)start_stream(http, &b);
    http_turn(http, 10, NULL, 0);
    began = now_ms();
    http_free(http);
    http =
        client_for("https://binnacle-test.invalid:1"); /* the resolver may be at work, or through */
    (void)start_stream(http, &c);
    http_turn(http, 0, NULL, 0);
    http_free(http);
    assert_true(now_ms() - began < 2000); /* 50 on an idle machine; a time-out is 10,000 */
    assert_false(a.done || b.done);
    server_stop(silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_as_itself_and_reads_json),
        cmocka_unit_test(keeps_the_path_of_its_origin_and_posts),
        cmocka_unit_test(refuses_addresses_that_are_none),
        cmocka_unit_test(follows_redirects_on_its_origin_only),
        cmocka_unit_test(a_change_is_not_sent_elsewhere),
        cmocka_unit_test(an_answer_as_it_is),
        cmocka_unit_test(each_status_has_its_sentence),
        cmocka_unit_test(a_refused_connection_is_said),
        cmocka_unit_test(an_unknown_host_is_said),
        cmocka_unit_test(either_address_of_a_name_will_do),
        cmocka_unit_test(a_stalled_server_is_noticed_and_where),
        cmocka_unit_test(a_slow_loris_is_ended),
        cmocka_unit_test(gzip_is_decoded_within_the_limit),
        cmocka_unit_test(headers_have_an_end),
        cmocka_unit_test(broken_answers_are_said),
        cmocka_unit_test(a_get_is_repeated_once_and_a_change_never),
        cmocka_unit_test(a_change_is_sent_once_after_other_requests_too),
        cmocka_unit_test(a_refused_token_is_read_again_once),
        cmocka_unit_test(proxies_are_used_and_bypassed),
        cmocka_unit_test(many_watches_work_without_http2),
        cmocka_unit_test(a_paused_stream_pushes_back_and_goes_on),
        cmocka_unit_test(cancelling_ends_one_and_leaves_the_others),
        cmocka_unit_test(other_descriptors_end_a_turn_and_a_fetch),
        cmocka_unit_test(leaving_is_quick_whatever_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
