/* Port-forward over WebSocket against an API server that says what it should, what it
 * should not, and nothing [kube-streaming recordings of a real one]. */
#include <config.h>

#include "net/credential.h"
#include "net/forward.h"
#include "net/kube.h"
#include "test/systems/http_client.h"

#include <openssl/evp.h>
#include <unistd.h>

#define SHORT_MS 100
#define PORT     6379
#define PORTS    "\x82\x03\x00\xeb\x18\x82\x03\x01\xeb\x18" /* the first messages of both channels */

/* What the server does. */
struct script {
    const char *answer; /* instead of the upgrade; NULL: none */
    const char *proof;  /* instead of the right one */
    const char *taken;  /* subprotocol; NULL: as asked */
    const char *frames; /* sent behind it */
    size_t len;
    bool hang;          /* then nothing, instead of the end */
    bool refuse_first;  /* the first connection is answered 401 */
    char request[4096]; /* as it came */
};

static void upgrade(struct conn *c, const char *request, const struct script *s)
{
    const char *key = strstr(request, "Sec-WebSocket-Key: ") + 19;
    unsigned char digest[EVP_MAX_MD_SIZE], proof[64];
    char text[100], answer[400];
    unsigned len;

    (void)snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    assert_int_equal(EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL), 1);
    (void)EVP_EncodeBlock(proof, digest, (int)len);
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                   "Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
                   s->proof ? s->proof : (const char *)proof,
                   s->taken ? s->taken : "v4.channel.k8s.io");
    (void)conn_says(c, answer);
    (void)conn_send(c, span_make(s->frames, s->len));
}

static void serve(struct conn *c, const char *request, void *context)
{
    struct script *s = context;

    (void)snprintf(s->request, sizeof s->request, "%s", request);
    if (s->refuse_first && conn_number(c) == 1)
        (void)conn_says(c, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    else if (s->answer)
        (void)conn_says(c, s->answer);
    else
        upgrade(c, request, s);
    if (s->hang)
        conn_wait_gone(c);
    conn_close(c);
}

struct forwarding {
    struct server *server;
    struct http *http;
    struct stream *stream; /* NULL: *err */
    struct err err;
};

static void begin(struct forwarding *f, struct script *s, struct credential *credential)
{
    const struct server_options options = {.serve = serve, .context = s};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);

    f->server = server_start(&options);
    const struct http_options client = {.name = "cluster test",
                                        .origin = server_origin(f->server),
                                        .credential = credential,
                                        .explain = kube_explain};
    f->http = http_new(&client, &f->err);
    assert_non_null(f->http);
    f->stream = forward_open(f->http, "operators", "redis-master-0", PORT, &wait, &f->err);
}

static void end(struct forwarding *f)
{
    stream_close(f->stream);
    http_free(f->http);
    server_stop(f->server);
}

#define FRAMES(text) .frames = (text), .len = sizeof(text) - 1

static void data_comes_and_the_end_is_clean(void **state)
{
    struct script s = {FRAMES(PORTS
                              "\x82\x06\x00hello\x89\x02hi\x82\x00\x82\x01\x00\x82\x07\x00 world"
                              "\x88\x02\x03\xe8")};
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct credential *token = credential_new_token("user test", SPAN("invented"));
    struct strbuf out = STRBUF_INIT(1000);
    struct forwarding f;
    char bytes[4];
    size_t got = 1;

    (void)state;
    begin(&f, &s, token);
    if (!f.stream)
        fail_msg("%s", f.err.msg);
    while (got > 0) {
        assert_true(stream_read(f.stream, bytes, sizeof bytes, &got, &wait, &f.err));
        strbuf_add(&out, span_make(bytes, got));
    }
    assert_string_equal(strbuf_cstr(&out), "hello world");
    assert_non_null(strstr(s.request, "GET /api/v1/namespaces/operators/pods/redis-master-0/"
                                      "portforward?ports=6379 HTTP/1.1\r\n"));
    assert_non_null(strstr(s.request, "Upgrade: websocket\r\n"));
    assert_non_null(strstr(s.request, "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n"));
    assert_non_null(strstr(s.request, "Authorization: Bearer invented\r\n"));
    end(&f);
    credential_unref(token);
    strbuf_clear(&out);
}

static void answers_that_are_no_upgrade_are_sentences(void **state)
{
    static const char big[] = "HTTP/1.1 101 Switching Protocols\r\nX: ";
    static char endless[200000];

    const struct {
        struct script script;
        enum err_kind kind;
        const char *words;
    } cases[] = {
        {{.answer = "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: "
                    "184\r\n\r\n{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
                    "\"status\":\"Failure\",\"message\":\"pods \\\"nosuch-0\\\" not "
                    "found\",\"reason\":\"NotFound\",\"details\":{\"name\":\"nosuch-0\",\"kind\":"
                    "\"pods\"},\"code\":404}\n"},
         ERR_NOTFOUND,
         "port-forward to pod operators/redis-master-0:6379: 404: pods \"nosuch-0\" not found"},
        {{.answer = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 55\r\nContent-Type: "
                    "text/plain; charset=utf-8\r\n\r\npod not found "
                    "(\"create-database-kimai-9hfrp_operators\")"},
         ERR_IO,
         "500: pod not found (\"create-database-kimai-9hfrp_operators\")"},
        {{.answer = "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n"},
         ERR_DENIED,
         "does not know the subprotocol"},
        {{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"},
         ERR_PROTO,
         "does something stand in between?"},
        {{.answer = "-ERR unknown command\r\n\r\n"}, ERR_PROTO, "what came is not HTTP"},
        {{.answer = ""}, ERR_IO, "without an answer"},
        {{.answer = endless}, ERR_PROTO, "larger than 128 KiB"},
        {{.proof = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="}, ERR_PROTO, "does not belong to the question"},
        {{.taken = "v5.channel.k8s.io"}, ERR_PROTO, "did not take the subprotocol"},
        {{.taken = ""}, ERR_PROTO, "did not take the subprotocol"},
    };

    (void)state;
    memset(endless, 'x', sizeof endless - 1);
    memcpy(endless, big, sizeof big - 1);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct script s = cases[i].script;
        struct forwarding f;

        s.frames = "";
        begin(&f, &s, NULL);
        assert_null(f.stream);
        assert_says(&f.err, cases[i].words);
        assert_int_equal(f.err.kind, cases[i].kind);
        end(&f);
    }
}

#define RUNTIME                                                                            \
    "error forwarding port 6380 to pod operators/redis-master-0, uid : failed to execute " \
    "portforward in network namespace \"/n\": "

static void what_goes_wrong_later_is_a_sentence(void **state)
{
    static const struct {
        struct script script;
        const char *words;
    } cases[] = {
        {{FRAMES(PORTS "\x82\x7e\x00\xb2\x01" RUNTIME
                       "dial tcp4 127.0.0.1:6380: connect: connection refused "
                       "\x88\x02\x03\xe8")},
         "redis-master-0:6379: connection refused: nothing listens at that port in the pod"},
        {{FRAMES(PORTS "\x82\x7e\x00\xa2\x01" RUNTIME "read: use of closed network connection"
                       "\x88\x02\x03\xe8")},
         "6379: failed to execute portforward in network namespace \"/n\": read: use of closed "
         "network connection"},
        {{FRAMES(PORTS)}, "it ended without a word"},
        {{FRAMES(PORTS "\x82\x7e\x01")}, "it ended without a word"},
        {{FRAMES("\x82\x03\x00\xec\x18")}, "the server speaks of another port"},
        {{FRAMES("\x82\x06\x00hello")}, "the server speaks of another port"},
        {{FRAMES(PORTS "HTTP/1.1 502 Bad Gateway\r\n\r\n")}, "what came is not WebSocket"},
        {{FRAMES(PORTS "\xf2\x06\x00hello")}, "what came is not WebSocket"},
        {{FRAMES(PORTS "\x82\x7f\x00\x00\x00\x00\x00\x20\x00\x00\x00")}, "more than 1024 KiB"},
        {{FRAMES(PORTS "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff\x00")}, "not WebSocket"},
        {{FRAMES(PORTS "\x88\x02\x03\xf3")}, "the server ended it (code 1011)"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
        struct script s = cases[i].script;
        struct forwarding f;
        char bytes[100];
        size_t got;

        begin(&f, &s, NULL);
        if (!f.stream)
            fail_msg("%s", f.err.msg);
        assert_false(stream_read(f.stream, bytes, sizeof bytes, &got, &wait, &f.err));
        assert_says(&f.err, cases[i].words);
        assert_false(stream_write(f.stream, SPAN("x"), &wait, &f.err) &&
                     stream_read(f.stream, bytes, sizeof bytes, &got, &wait, &f.err));
        end(&f);
    }
}

static void a_message_may_be_as_large_as_the_server_makes_them(void **state)
{
    static char frames[10 + 4 + 32769] = PORTS "\x82\x7e\x80\x01";
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    struct script s = {.frames = frames, .len = sizeof frames, .hang = true};
    struct forwarding f;
    char bytes[1000];
    size_t got, all = 0;

    (void)state;
    begin(&f, &s, NULL);
    assert_non_null(f.stream);
    while (all < 32768) {
        assert_true(stream_read(f.stream, bytes, sizeof bytes, &got, &wait, &f.err));
        assert_true(got > 0);
        all += got;
    }
    assert_int_equal(all, 32768);
    end(&f);
}

static void a_wait_that_ended_goes_on(void **state)
{
    const struct stream_wait little = stream_wait_for(SHORT_MS, -1);
    struct script s = {FRAMES(PORTS "\x82\x06\x00hello"), .hang = true};
    struct forwarding f;
    char bytes[100];
    size_t got;

    (void)state;
    begin(&f, &s, NULL);
    assert_non_null(f.stream);
    const struct stream_wait wait = stream_wait_for(LONG_MS, -1);
    assert_true(stream_read(f.stream, bytes, sizeof bytes, &got, &wait, &f.err));
    assert_int_equal(got, 5);
    assert_false(stream_read(f.stream, bytes, sizeof bytes, &got, &little, &f.err));
    assert_int_equal(f.err.kind, ERR_TIMEOUT);
    assert_true(stream_write(f.stream, SPAN("PING\r\n"), &wait, &f.err));
    end(&f);
}

static void a_refused_credential_is_read_again_once(void **state)
{
    struct script s = {FRAMES(PORTS), .refuse_first = true, .hang = true};
    struct script never = {.answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"};
    char path[] = "/tmp/binnacle-token-XXXXXX";
    const int file = mkstemp(path);
    const struct kube_user user = {.name = "test", .token_file = path};
    const struct credential_options options = {.name = "user test", .user = &user};
    struct forwarding f;

    (void)state;
    assert_int_equal(write(file, "invented", 8), 8);
    struct credential *credential = credential_new(&options, NULL);
    assert_non_null(credential);
    begin(&f, &s, credential);
    if (!f.stream)
        fail_msg("%s", f.err.msg);
    assert_int_equal(server_connections(f.server), 2);
    end(&f);
    begin(&f, &never, credential);
    assert_null(f.stream);
    assert_int_equal(f.err.kind, ERR_AUTH);
    assert_int_equal(server_connections(f.server), 2);
    end(&f);
    credential_unref(credential);
    (void)close(file);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_comes_and_the_end_is_clean),
        cmocka_unit_test(answers_that_are_no_upgrade_are_sentences),
        cmocka_unit_test(what_goes_wrong_later_is_a_sentence),
        cmocka_unit_test(a_message_may_be_as_large_as_the_server_makes_them),
        cmocka_unit_test(a_wait_that_ended_goes_on),
        cmocka_unit_test(a_refused_credential_is_read_again_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
