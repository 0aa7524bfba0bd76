/* Answers: whole, long, and errors as the API server words them. */
#include <config.h>

#include "base/alloc.h"
#include "base/json_out.h"
#include "harbor/head.h"
#include "harbor/relay.h"
#include "harbor/server.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_FROM ((size_t)128 << 10) /* [apiserver responsewriters/writers.go] */
#define BODY_MAX  ((size_t)512 << 20)
#define LINES_MAX ((size_t)1 << 20)

struct stream *stream_new(struct conn *conn, const struct framing *framing)
{
    struct stream *s = xalloc_zero(1, sizeof(*s));
    s->conn = conn;
    s->framing = framing;
    s->in = (struct strbuf)STRBUF_INIT((size_t)4 << 20);
    s->out = (struct strbuf)STRBUF_INIT(BODY_MAX);
    s->asked = (struct strbuf)STRBUF_INIT(LINES_MAX);
    s->cut = SIZE_MAX;
    return s;
}

void stream_free(struct stream *s)
{
    free(s->method);
    free(s->target);
    free(s->authorization);
    free(s->accept);
    free(s->content_type);
    free(s->impersonate);
    free(s->ns);
    free(s->name);
    free(s->labels);
    free(s->fields);
    strbuf_clear(&s->in);
    strbuf_clear(&s->out);
    strbuf_clear(&s->asked);
    relay_drop(s->relay);
    free(s);
}

void stream_add_header(struct stream *s, struct span name, struct span value)
{
    if (!span_eq_nocase(name, SPAN("authorization")) && !span_starts(name, ":"))
        strbuf_addf(&s->asked, "%.*s: %.*s\n", SPAN_ARG(name), SPAN_ARG(value));
}

struct span stream_header(const struct stream *s, const char *name)
{
    return head_value(strbuf_span(&s->asked), name);
}

static void send_head(struct stream *s, int status, const char *type, bool gzip, int64_t length)
{
    struct strbuf headers = STRBUF_INIT(4096);
    strbuf_addf(&headers, "Audit-Id: harbor\r\nCache-Control: no-cache, private\r\n");
    if (gzip)
        strbuf_adds(&headers, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    if (type)
        strbuf_addf(&headers, "Content-Type: %s\r\n", type);
    if (status == 429 && !s->no_retry_after)
        strbuf_adds(&headers, "Retry-After: 1\r\n");
    if (s->more)
        strbuf_adds(&headers, s->more);
    s->head_sent = true;
    s->length = length;
    s->framing->head(s, status, strbuf_span(&headers), length);
    strbuf_clear(&headers);
}

static bool deflate_body(struct span body, struct strbuf *out)
{
    z_stream z = {0};
    if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t bound = deflateBound(&z, body.len);
    char *to = strbuf_reserve(out, bound);
    z.next_in = (Bytef *)(uintptr_t)body.data;
    z.avail_in = (uInt)body.len;
    z.next_out = (Bytef *)to;
    z.avail_out = (uInt)bound;
    bool ok = to && deflate(&z, Z_FINISH) == Z_STREAM_END;
    if (ok)
        strbuf_commit(out, z.total_out);
    (void)deflateEnd(&z);
    return ok;
}

static void answer_bytes(struct stream *s, int status, const char *type, bool gzip,
                         struct span bytes, size_t unpacked)
{
    s->conn->server->counts.packed += gzip;
    s->conn->server->counts.bytes_body += unpacked;
    send_head(s, status, type, gzip, (int64_t)bytes.len);
    if (!s->head_only)
        strbuf_add(&s->out, bytes);
    s->ended = true;
    s->framing->body(s);
}

void stream_answer(struct stream *s, int status, const char *type, struct span body)
{
    struct strbuf packed = STRBUF_INIT(BODY_MAX);
    bool gzip = s->takes_gzip && body.len >= GZIP_FROM && deflate_body(body, &packed);
    answer_bytes(s, status, type, gzip, gzip ? strbuf_span(&packed) : body, body.len);
    strbuf_clear(&packed);
}

void stream_answer_packed(struct stream *s, int status, const char *type, struct span body,
                          size_t unpacked)
{
    answer_bytes(s, status, type, true, body, unpacked);
}

void stream_begin(struct stream *s, int status, const char *type)
{
    send_head(s, status, type, false, -1);
}

void stream_write(struct stream *s, struct span bytes)
{
    strbuf_add(&s->out, bytes);
    s->framing->body(s);
}

void stream_end(struct stream *s)
{
    s->ended = true;
    s->framing->body(s);
}

void stream_status(struct stream *s, int code, const char *reason, const char *details,
                   const char *fmt, ...)
{
    struct strbuf message = STRBUF_INIT(65536), body = STRBUF_INIT(131072);
    struct json_out j;
    va_list args;
    va_start(args, fmt);
    strbuf_vaddf(&message, fmt, args);
    va_end(args);
    json_out_init(&j, &body, 0);
    json_object(&j);
    json_key(&j, "kind");
    json_cstr(&j, "Status");
    json_key(&j, "apiVersion");
    json_cstr(&j, "v1");
    json_key(&j, "metadata");
    json_raw(&j, SPAN("{}"));
    json_key(&j, "status");
    json_cstr(&j, "Failure");
    json_key(&j, "message");
    json_text(&j, strbuf_span(&message));
    if (reason) {
        json_key(&j, "reason");
        json_cstr(&j, reason);
    }
    if (details) {
        json_key(&j, "details");
        json_raw(&j, span_from(details));
    }
    json_key(&j, "code");
    json_int(&j, code);
    json_object_end(&j);
    strbuf_addc(&body, '\n');
    stream_answer(s, code, "application/json", strbuf_span(&body));
    strbuf_clear(&message);
    strbuf_clear(&body);
}
