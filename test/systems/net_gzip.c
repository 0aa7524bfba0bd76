/* Answers that come as gzip: in any pieces, through pauses, broken in every way. */
#include <config.h>

#include "net/gunzip.h"
#include "test/systems/http_client.h"

#include <zlib.h>

#define TEXT_MAX ((size_t)8 << 20)

/* Lines that do not repeat, larger than a piece and than zlib's window. */
static void make_text(struct strbuf *out, size_t lines)
{
    uint32_t n = 2463534242u;
    for (size_t i = 0; i < lines; i++) {
        n ^= n << 13;
        n ^= n >> 17;
        n ^= n << 5;
        strbuf_addf(out, "{\"line\":%zu,\"number\":%u}\n", i, n);
    }
}

static void pack(struct span text, struct strbuf *out)
{
    z_stream z = {.next_in = NULL};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&z, text.len);
    char *to = strbuf_reserve(out, bound);
    assert_non_null(to);
    z.next_in = (Bytef *)(uintptr_t)text.data;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    strbuf_commit(out, z.total_out);
    (void)deflateEnd(&z);
}

static void same(const struct strbuf *a, const struct strbuf *b)
{
    assert_false(a->failed || b->failed);
    assert_int_equal(a->len, b->len);
    assert_memory_equal(strbuf_cstr(a), strbuf_cstr(b), a->len);
}

/* Fed in steps; false: broken. */
static bool unpack(struct span packed, size_t step, bool checked, struct strbuf *out, bool *whole)
{
    struct gunzip *g = gunzip_new(checked);
    enum gunzip_state state = GUNZIP_HUNGRY;
    struct span piece;
    assert_non_null(g);
    for (size_t at = 0; at < packed.len && state != GUNZIP_BROKEN; at += step) {
        gunzip_feed(g, span_sub(packed, at, step));
        while ((state = gunzip_next(g, &piece)) == GUNZIP_GIVES)
            strbuf_add(out, piece);
        if (state == GUNZIP_HUNGRY)
            assert_int_equal(gunzip_left(g), 0);
    }
    *whole = gunzip_whole(g);
    gunzip_free(g);
    return state != GUNZIP_BROKEN;
}

static void any_pieces_are_the_whole(void **state)
{
    static const size_t steps[] = {1, 7, 1000, 16384, SIZE_MAX / 2};
    struct strbuf text = STRBUF_INIT(TEXT_MAX), packed = STRBUF_INIT(TEXT_MAX);
    (void)state;
    make_text(&text, 20000);
    pack(span_sub(strbuf_span(&text), 0, 300000), &packed);
    pack(span_sub(strbuf_span(&text), 300000, text.len), &packed); /* two members are one text */
    for (size_t i = 0; i < BN_COUNT(steps); i++) {
        struct strbuf out = STRBUF_INIT(TEXT_MAX);
        bool whole;
        assert_true(unpack(strbuf_span(&packed), steps[i], i % 2, &out, &whole));
        assert_true(whole);
        same(&out, &text);
        strbuf_clear(&out);
    }
    strbuf_clear(&text);
    strbuf_clear(&packed);
}

/* Cut anywhere it is not whole; changed anywhere it is broken, where the checksum counts. */
static void what_is_broken_is_not_whole(void **state)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), packed = STRBUF_INIT(TEXT_MAX);
    (void)state;
    make_text(&text, 20);
    pack(strbuf_span(&text), &packed);
    for (size_t i = 0; i < packed.len; i++) {
        struct strbuf out = STRBUF_INIT(TEXT_MAX);
        bool whole;
        if (unpack(span_sub(strbuf_span(&packed), 0, i), 100, false, &out, &whole))
            assert_false(whole);
        strbuf_truncate(&out, 0);
        packed.data[i] = (char)(packed.data[i] ^ 0x10);
        if (unpack(strbuf_span(&packed), 100, true, &out, &whole) && whole)
            same(&out, &text); /* a bit that means nothing: times, systems, padding */
        packed.data[i] = (char)(packed.data[i] ^ 0x10);
        strbuf_clear(&out);
    }
    strbuf_clear(&text);
    strbuf_clear(&packed);
}

/* ---- By the client. */

struct answer {
    struct span bytes;
    const char *headers;
};

static void serve(struct conn *c, const char *request, void *context)
{
    const struct answer *a = context;
    (void)request;
    conn_answer(c, 200, a->headers, a->bytes);
}

struct taker {
    struct strbuf body;
    unsigned calls, pauses;
    bool done;
    struct err err;
};

static enum http_flow take_every_third(void *context, struct span bytes)
{
    struct taker *t = context;
    if (++t->calls % 3) {
        t->pauses++;
        return HTTP_PAUSE;
    }
    strbuf_add(&t->body, bytes);
    return HTTP_GO;
}

static void on_done(void *context, const struct http_result *result)
{
    struct taker *t = context;
    t->err = result->err;
    t->done = true;
}

static void pauses_lose_nothing(void **state)
{
    struct strbuf text = STRBUF_INIT(TEXT_MAX), packed = STRBUF_INIT(TEXT_MAX);
    (void)state;
    make_text(&text, 40000);
    pack(strbuf_span(&text), &packed);
    struct answer a = {strbuf_span(&packed), JSON_HEADER "Content-Encoding: gzip\r\n"};
    const struct server_options options = {.serve = serve, .context = &a};
    struct server *s = server_start(&options);
    struct http *http = client_for(server_origin(s));
    struct taker t = {.body = STRBUF_INIT(TEXT_MAX)};
    const struct http_request request = {.path = "/lines",
                                         .deadline_ms = LONG_MS,
                                         .on_data = take_every_third,
                                         .on_done = on_done,
                                         .context = &t};
    uint32_t id = http_start(http, &request);
    while (!t.done) {
        http_turn(http, 20, NULL, 0);
        http_resume(http, id);
    }
    assert_int_equal(t.err.kind, ERR_NONE);
    assert_true(t.pauses > 10);
    same(&t.body, &text);
    strbuf_clear(&t.body);
    http_free(http);
    server_stop(s);
    strbuf_clear(&text);
    strbuf_clear(&packed);
}

static void expect(struct span bytes, const char *headers, enum err_kind kind, const char *words)
{
    struct answer a = {bytes, headers};
    const struct server_options options = {.serve = serve, .context = &a};
    struct server *s = server_start(&options);
    struct http *http = client_for(server_origin(s));
    expect_get_fails(http, "/x", kind, words);
    http_free(http);
    server_stop(s);
}

static void broken_answers_are_said(void **state)
{
    static const char gzip[] = JSON_HEADER "Content-Encoding: gzip\r\n";
    struct strbuf text = STRBUF_INIT(TEXT_MAX), packed = STRBUF_INIT(TEXT_MAX);
    (void)state;
    make_text(&text, 1000);
    pack(strbuf_span(&text), &packed);
    struct span all = strbuf_span(&packed);
    expect(span_sub(all, 0, all.len - 5), gzip, ERR_IO, "compressed answer was cut short");
    expect(span_sub(all, 0, 5), gzip, ERR_IO, "compressed answer was cut short");
    expect(strbuf_span(&text), gzip, ERR_PROTO, "compressed answer is broken");
    strbuf_adds(&packed, "and more");
    expect(strbuf_span(&packed), gzip, ERR_PROTO, "compressed answer is broken");
    expect(all, JSON_HEADER "Content-Encoding: br\r\n", ERR_PROTO, "encoding that was not asked");
    strbuf_clear(&text);
    strbuf_clear(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_pieces_are_the_whole),
        cmocka_unit_test(what_is_broken_is_not_whole),
        cmocka_unit_test(pauses_lose_nothing),
        cmocka_unit_test(broken_answers_are_said),
    };
    return cmocka_run_group_tests_name("net_gzip", tests, NULL, NULL);
}
