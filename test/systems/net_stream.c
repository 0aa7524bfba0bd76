/* Streams of bytes: TCP, TLS, and a stream as a descriptor, against servers that
 * answer, hang, end in the middle and are not there. */
#include <config.h>

#include "net/bridge.h"
#include "net/stream.h"
#include "test/systems/http_client.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SHORT_MS 100
#define ASK      "GET /x HTTP/1.1\r\n\r\n"
#define BIG      ((size_t)4 << 20)

static struct stream_wait soon(int ms)
{
    return stream_wait_for(ms, -1);
}

/* "/x": a word, then the end. "/big": many bytes. "/hang": nothing. "/deaf": not even read. */
static void serve(struct conn *c, const char *request, void *context)
{
    static const char bytes[65536];

    (void)context;
    if (strstr(request, "/hang")) {
        conn_wait_gone(c);
    } else if (strstr(request, "/deaf")) {
        conn_pause(c, LONG_MS);
    } else if (strstr(request, "/big")) {
        for (size_t sent = 0; sent < BIG; sent += sizeof bytes)
            (void)conn_send(c, span_make(bytes, sizeof bytes));
        conn_close(c);
    } else {
        (void)conn_says(c, "word");
        conn_close(c);
    }
}

static struct server *server_with(const struct cert *cert, bool hang)
{
    const struct server_options options = {.serve = serve, .cert = cert, .hang = hang};

    return server_start(&options);
}

static struct stream *open_to(const struct server *s, struct span ca, struct err *err)
{
    const struct stream_wait wait = soon(LONG_MS);
    const struct http_options options = {
        .name = "redis at home", .origin = server_origin(s), .ca_pem = ca};

    err_clear(err);
    return stream_open(&options, &wait, err);
}

static void say(struct stream *s, const char *text)
{
    const struct stream_wait wait = soon(LONG_MS);
    struct err err;

    if (!stream_write(s, span_from(text), &wait, &err))
        fail_msg("%s", err.msg);
}

/* Everything up to the end. */
static void read_all(struct stream *s, struct strbuf *out)
{
    const struct stream_wait wait = soon(LONG_MS);
    char bytes[1000];
    size_t got = 1;
    struct err err;

    while (got > 0) {
        if (!stream_read(s, bytes, sizeof bytes, &got, &wait, &err))
            fail_msg("%s", err.msg);
        strbuf_add(out, span_make(bytes, got));
    }
}

static void bytes_go_both_ways_and_the_end_is_seen(void **state)
{
    struct server *server = server_with(NULL, false);
    struct strbuf out = STRBUF_INIT(BIG + 1000);
    struct err err;
    struct stream *s = open_to(server, SPAN(""), &err);

    (void)state;
    assert_non_null(s);
    say(s, ASK);
    read_all(s, &out);
    assert_string_equal(strbuf_cstr(&out), "word");
    stream_close(s);
    s = open_to(server, SPAN(""), &err);
    strbuf_truncate(&out, 0);
    say(s, "GET /big HTTP/1.1\r\n\r\n");
    read_all(s, &out);
    assert_true(out.len >= BIG);
    stream_close(s);
    strbuf_clear(&out);
    server_stop(server);
}

static void a_proxy_of_the_environment_is_for_http_alone(void **state)
{
    struct server *server = server_with(NULL, false);
    struct strbuf out = STRBUF_INIT(1000);
    struct err err;

    (void)state;
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    struct stream *s = open_to(server, SPAN(""), &err);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_non_null(s);
    say(s, ASK);
    read_all(s, &out);
    assert_string_equal(strbuf_cstr(&out), "word");
    stream_close(s);
    strbuf_clear(&out);
    server_stop(server);
}

static void nobody_there_is_a_sentence(void **state)
{
    struct server *server = server_with(NULL, false);
    const int port = server_port(server);
    char origin[64];
    const struct stream_wait wait = soon(LONG_MS);
    const struct http_options options = {.name = "redis at home", .origin = origin};
    struct err err;

    (void)state;
    (void)snprintf(origin, sizeof origin, "http://127.0.0.1:%d", port);
    server_stop(server);
    assert_null(stream_open(&options, &wait, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_says(&err, "redis at home: connection refused");
}

static void waits_end_in_time_and_when_asked(void **state)
{
    struct server *server = server_with(NULL, false);
    const int stop = eventfd(1, EFD_CLOEXEC);
    const struct stream_wait little = soon(SHORT_MS), asked = {INT64_MAX, stop};
    struct err err;
    struct stream *s = open_to(server, SPAN(""), &err);
    char bytes[10];
    size_t got;

    (void)state;
    say(s, "GET /hang HTTP/1.1\r\n\r\n");
    assert_false(stream_read(s, bytes, sizeof bytes, &got, &little, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_says(&err, "redis at home");
    assert_false(stream_read(s, bytes, sizeof bytes, &got, &asked, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    stream_close(s);
    (void)close(stop);
    server_stop(server);
}

/* ---- TLS. */

struct trust {
    struct cert ca, other, good, other_name;
    struct strbuf ca_pem;
};

static struct trust trust;

static int make_trust(void **state)
{
    const struct cert_options ca = {.name = "Test CA", .is_ca = true};
    const struct cert_options other = {.name = "Other CA", .is_ca = true};
    struct cert_options leaf = {.name = "server", .alternatives = "DNS:localhost,IP:127.0.0.1"};

    (void)state;
    trust.ca = cert_make(&ca);
    leaf.issuer = &trust.ca;
    trust.good = cert_make(&leaf);
    leaf.alternatives = "DNS:redis.operators.svc";
    trust.other_name = cert_make(&leaf);
    leaf.alternatives = "DNS:localhost";
    trust.other = cert_make(&other);
    trust.ca_pem = (struct strbuf)STRBUF_INIT(65536);
    cert_pem(&trust.ca, &trust.ca_pem);
    return 0;
}

static int drop_trust(void **state)
{
    (void)state;
    cert_free(&trust.ca);
    cert_free(&trust.other);
    cert_free(&trust.good);
    cert_free(&trust.other_name);
    strbuf_clear(&trust.ca_pem);
    return 0;
}

static void tls_is_verified(void **state)
{
    struct server *good = server_with(&trust.good, false);
    struct server *other = server_with(&trust.other_name, false);
    struct strbuf out = STRBUF_INIT(1000), other_ca = STRBUF_INIT(65536);
    struct err err;
    struct stream *s = open_to(good, strbuf_span(&trust.ca_pem), &err);

    (void)state;
    if (!s)
        fail_msg("%s", err.msg);
    say(s, ASK);
    read_all(s, &out);
    assert_string_equal(strbuf_cstr(&out), "word");
    stream_close(s);
    assert_null(open_to(other, strbuf_span(&trust.ca_pem), &err));
    assert_says(&err, "redis at home: its certificate is for another name");
    cert_pem(&trust.other, &other_ca);
    assert_null(open_to(good, strbuf_span(&other_ca), &err));
    assert_says(&err, "issued by a CA that is not trusted");
    strbuf_clear(&out);
    strbuf_clear(&other_ca);
    server_stop(good);
    server_stop(other);
}

static void a_tls_handshake_that_hangs_ends_in_time_and_when_asked(void **state)
{
    struct server *server = server_with(&trust.good, true);
    const int stop = eventfd(1, EFD_CLOEXEC);
    const struct stream_wait little = soon(SHORT_MS), asked = {INT64_MAX, stop};
    const struct http_options options = {.name = "redis at home", .origin = server_origin(server)};
    struct err err;

    (void)state;
    assert_null(stream_open(&options, &little, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_says(&err, "in the TLS handshake");
    assert_null(stream_open(&options, &asked, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    (void)close(stop);
    server_stop(server);
}

/* ---- A stream as a descriptor. */

static struct bridge *bridge_to(const struct server *server, int idle_ms)
{
    struct err err;
    struct stream *s = open_to(server, SPAN(""), &err);
    struct bridge *b = s ? bridge_open(s, idle_ms, &err) : NULL;

    if (!b)
        fail_msg("%s", err.msg);
    return b;
}

/* Until its end. */
static void read_fd(int fd, struct strbuf *out)
{
    char bytes[1000];
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        strbuf_add(out, span_make(bytes, (size_t)n));
    assert_int_equal(n, 0);
}

static void a_bridge_copies_both_ways_to_the_end(void **state)
{
    struct server *server = server_with(NULL, false);
    struct strbuf out = STRBUF_INIT(BIG + 1000);
    struct bridge *b = bridge_to(server, 0);
    struct err err;

    (void)state;
    assert_int_equal(write(bridge_fd(b), ASK, sizeof ASK - 1), sizeof ASK - 1);
    read_fd(bridge_fd(b), &out);
    assert_string_equal(strbuf_cstr(&out), "word");
    (void)close(bridge_fd(b));
    assert_true(bridge_close(b, &err));
    b = bridge_to(server, 0);
    strbuf_truncate(&out, 0);
    assert_int_equal(write(bridge_fd(b), "GET /big HTTP/1.1\r\n\r\n", 21), 21);
    read_fd(bridge_fd(b), &out);
    assert_true(out.len >= BIG);
    (void)close(bridge_fd(b));
    assert_true(bridge_close(b, &err));
    strbuf_clear(&out);
    server_stop(server);
}

static void a_bridge_ends_whatever_hangs(void **state)
{
    struct server *server = server_with(NULL, false);
    struct bridge *reading = bridge_to(server, 0), *full = bridge_to(server, 0);
    const int hanging = bridge_fd(reading);
    struct pollfd room = {.fd = bridge_fd(full), .events = POLLOUT};
    char bytes[65536] = {'x'};

    (void)state;
    assert_int_equal(write(hanging, "GET /hang HTTP/1.1\r\n\r\n", 22), 22);
    assert_true(bridge_close(reading, NULL));
    (void)close(hanging);
    assert_int_equal(write(room.fd, "GET /deaf HTTP/1.1\r\n\r\n", 22), 22);
    while (poll(&room, 1, SHORT_MS) == 1) /* until nothing takes any more */
        (void)!send(room.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    assert_true(bridge_close(full, NULL));
    (void)close(room.fd);
    server_stop(server);
}

static void an_idle_bridge_ends_and_says_so(void **state)
{
    struct server *server = server_with(NULL, false);
    struct bridge *b = bridge_to(server, SHORT_MS);
    struct strbuf out = STRBUF_INIT(1000);
    const int fd = bridge_fd(b);
    struct err err;

    (void)state;
    read_fd(fd, &out);
    assert_int_equal(out.len, 0);
    assert_false(bridge_close(b, &err));
    assert_int_equal(err.kind, ERR_TIMEOUT);
    (void)close(fd);
    strbuf_clear(&out);
    server_stop(server);
}

/* ---- TLS inside another stream. */

static struct stream *tls_inside(const struct server *server, const char *name, const char *ca,
                                 struct err *err)
{
    const struct stream_tls tls = {.name = "redis at home", .server_name = name, .ca_file = ca};
    const struct stream_wait wait = soon(LONG_MS);
    char origin[64];
    const struct http_options options = {.name = "redis at home", .origin = origin};
    struct stream *plain;

    (void)snprintf(origin, sizeof origin, "http://127.0.0.1:%d", server_port(server));
    plain = stream_open(&options, &wait, err);
    return plain ? stream_open_tls(plain, &tls, &wait, err) : NULL;
}

static void tls_goes_inside_another_stream(void **state)
{
    const struct server_options plain = {.serve = serve,
                                         .greeting = "-ERR max number of clients\r\n"};
    struct server *server = server_with(&trust.good, false), *none = server_start(&plain);
    struct strbuf out = STRBUF_INIT(BIG + 1000);
    char ca[] = "/tmp/binnacle-ca-XXXXXX";
    struct stream *s;
    struct err err;

    (void)state;
    (void)close(mkstemp(ca));
    assert_true(file_replace(ca, strbuf_span(&trust.ca_pem), NULL));
    s = tls_inside(server, "localhost", ca, &err);
    if (!s)
        fail_msg("%s", err.msg);
    say(s, "GET /big HTTP/1.1\r\n\r\n");
    read_all(s, &out);
    assert_true(out.len >= BIG);
    stream_close(s);
    assert_null(tls_inside(server, "redis.operators.svc", ca, &err));
    assert_says(&err, "redis at home: its certificate is not accepted: hostname mismatch");
    assert_null(tls_inside(server, "localhost", NULL, &err));
    assert_says(&err, "its certificate is not accepted: unable to get local issuer certificate");
    assert_null(tls_inside(server, "localhost", "/nowhere/ca.pem", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    assert_null(tls_inside(none, "localhost", ca, &err));
    assert_says(&err, "redis at home: no TLS connection");
    (void)unlink(ca);
    strbuf_clear(&out);
    server_stop(server);
    server_stop(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways_and_the_end_is_seen),
        cmocka_unit_test(a_proxy_of_the_environment_is_for_http_alone),
        cmocka_unit_test(nobody_there_is_a_sentence),
        cmocka_unit_test(waits_end_in_time_and_when_asked),
        cmocka_unit_test(tls_is_verified),
        cmocka_unit_test(a_tls_handshake_that_hangs_ends_in_time_and_when_asked),
        cmocka_unit_test(a_bridge_copies_both_ways_to_the_end),
        cmocka_unit_test(a_bridge_ends_whatever_hangs),
        cmocka_unit_test(an_idle_bridge_ends_and_says_so),
        cmocka_unit_test(tls_goes_inside_another_stream),
    };

    return cmocka_run_group_tests(tests, make_trust, drop_trust);
}
