/* HTTP/1.1: one request after the other. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "harbor/server.h"

#include <stdlib.h>
#include <string.h>

#define HEAD_MAX ((size_t)1 << 20)

static const char *reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 301:
        return "Moved Permanently";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 422:
        return "Unprocessable Entity";
    case 429:
        return "Too Many Requests";
    case 503:
        return "Service Unavailable";
    default:
        return "Internal Server Error";
    }
}

static void head(struct stream *s, int status, struct span headers, int64_t length)
{
    struct strbuf *out = &s->conn->out;
    strbuf_addf(out, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
    strbuf_add(out, headers);
    if (length >= 0)
        strbuf_addf(out, "Content-Length: %lld\r\n\r\n", (long long)length);
    else
        strbuf_adds(out, "Transfer-Encoding: chunked\r\n\r\n");
}

/* A cut ends the connection in the middle of the body. */
static struct span within_cut(struct stream *s, struct span bytes)
{
    if (bytes.len < s->cut) {
        s->cut -= s->cut == SIZE_MAX ? 0 : bytes.len;
        return bytes;
    }
    bytes.len = s->cut;
    s->conn->closing = true;
    return bytes;
}

static void body(struct stream *s)
{
    struct strbuf *out = &s->conn->out;
    struct span bytes = within_cut(s, strbuf_span(&s->out));
    if (bytes.len && s->length < 0)
        strbuf_addf(out, "%zx\r\n", bytes.len);
    strbuf_add(out, bytes);
    if (bytes.len && s->length < 0)
        strbuf_adds(out, "\r\n");
    strbuf_truncate(&s->out, 0);
    if (s->ended && s->length < 0 && !s->conn->closing)
        strbuf_adds(out, "0\r\n\r\n");
}

static const struct framing http1 = {head, body};

static char *copy(struct span s)
{
    return xalloc_bytes(s.data, s.len);
}

static bool read_line(struct stream *s, struct span line)
{
    size_t first = span_find(line, ' ', 0), last = span_find_last(line, ' ');
    if (first == line.len || last <= first)
        return false;
    s->method = copy(span_sub(line, 0, first));
    s->target = copy(span_sub(line, first + 1, last - first - 1));
    s->head_only = strcmp(s->method, "HEAD") == 0;
    return true;
}

static void read_header(struct stream *s, struct span line, size_t *length)
{
    size_t colon = span_find(line, ':', 0);
    struct span name = span_sub(line, 0, colon),
                value = span_trim(span_sub(line, colon + 1, line.len));
    int64_t n;
    stream_add_header(s, name, value);
    if (span_eq_nocase(name, SPAN("authorization")))
        s->authorization = copy(value);
    else if (span_eq_nocase(name, SPAN("accept")))
        s->accept = copy(value);
    else if (span_eq_nocase(name, SPAN("content-type")))
        s->content_type = copy(value);
    else if (span_eq_nocase(name, SPAN("impersonate-user")))
        s->impersonate = copy(value);
    else if (span_eq_nocase(name, SPAN("accept-encoding")))
        s->takes_gzip = span_search(value, SPAN("gzip"), true) < value.len;
    else if (span_eq_nocase(name, SPAN("content-length")) &&
             number_parse(value, 0, (int64_t)HEAD_MAX * 4, &n))
        *length = (size_t)n;
}

/* A whole request from the front of c->in; NULL: not there yet. */
static struct stream *take_request(struct conn *c)
{
    struct span all = strbuf_span(&c->in), line;
    size_t end = span_search(all, SPAN("\r\n\r\n"), false), length = 0;
    if (end == all.len) {
        c->dead = all.len > HEAD_MAX;
        return NULL;
    }
    struct stream *s = stream_new(c, &http1);
    struct span head_text = span_sub(all, 0, end);
    bool first = true, ok = true;
    while (ok && span_split(&head_text, '\n', &line)) {
        line = span_trim(line);
        if (first)
            ok = read_line(s, line);
        else
            read_header(s, line, &length);
        first = false;
    }
    if (!ok || all.len < end + 4 + length) {
        c->dead = !ok;
        stream_free(s);
        return NULL;
    }
    strbuf_add(&s->in, span_sub(all, end + 4, length));
    strbuf_consume(&c->in, end + 4 + length);
    return s;
}

/* The next request waits until the answer before it is whole. */
static void take(struct conn *c)
{
    for (;;) {
        if (c->streams && (!c->streams->ended || c->streams->out.len))
            return;
        if (c->streams) {
            stream_free(c->streams);
            c->streams = NULL;
        }
        if (c->take != take) /* it is WebSocket now */
            return;
        struct stream *s = c->closing || c->dead ? NULL : take_request(c);
        if (!s)
            return;
        c->streams = s;
        handle(c->server, s);
    }
}

void http1_open(struct conn *c)
{
    c->take = take;
}
