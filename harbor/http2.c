/* HTTP/2, by nghttp2: its frames, our streams. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/server.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS_MAX  16
#define STREAMS_MAX  250 /* at once; what kube-apiserver says */
#define STREAM_BYTES (1 << 20)

struct http2 {
    nghttp2_session *session;
    struct conn *conn;
    bool going; /* GOAWAY was sent */
};

static struct stream *stream_of(struct conn *c, int32_t id)
{
    for (struct stream *s = c->streams; s; s = s->next)
        if (s->id == id)
            return s;
    return NULL;
}

/* ---- What is sent. */

static nghttp2_nv pair(struct span name, struct span value)
{
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name.data,
                        .namelen = name.len,
                        .value = (uint8_t *)(uintptr_t)value.data,
                        .valuelen = value.len};
}

/* More of a body; what is cut ends with RST_STREAM. */
static ssize_t give(nghttp2_session *session, int32_t id, uint8_t *buf, size_t length,
                    uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct stream *s = source->ptr;
    size_t left = s->out.len - s->taken, n = left < length ? left : length;
    (void)session, (void)id, (void)user;
    if (n > s->cut)
        n = s->cut;
    if (!n && s->cut == 0)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (!n && !s->ended)
        return NGHTTP2_ERR_DEFERRED;
    if (n)
        memcpy(buf, s->out.data + s->taken, n);
    s->taken += n;
    if (s->cut != SIZE_MAX)
        s->cut -= n;
    if (s->taken == s->out.len) {
        strbuf_truncate(&s->out, 0);
        s->taken = 0;
    }
    if (s->ended && !s->out.len)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

/* "Name: value\r\n" each, names in small letters as HTTP/2 wants them. */
static void head(struct stream *s, int status, struct span headers, int64_t length)
{
    struct http2 *h = s->conn->framed;
    nghttp2_nv list[HEADERS_MAX];
    nghttp2_data_provider body = {.source.ptr = s, .read_callback = give};
    char code[16], bytes[24], names[2048];
    size_t n = 0, used = 0;
    struct span line;
    (void)snprintf(code, sizeof(code), "%d", status);
    (void)snprintf(bytes, sizeof(bytes), "%lld", (long long)length);
    list[n++] = pair(SPAN(":status"), span_from(code));
    while (span_split(&headers, '\n', &line) && n < HEADERS_MAX - 1) {
        size_t colon = span_find(line, ':', 0);
        if (colon == line.len || used + colon >= sizeof(names))
            continue;
        char *name = names + used;
        for (size_t i = 0; i < colon; i++)
            names[used++] =
                (char)(line.data[i] | (line.data[i] >= 'A' && line.data[i] <= 'Z' ? 0x20 : 0));
        list[n++] = pair(span_make(name, colon), span_trim(span_sub(line, colon + 1, line.len)));
    }
    if (length >= 0)
        list[n++] = pair(SPAN("content-length"), span_from(bytes));
    if (nghttp2_submit_response(h->session, s->id, list, n, s->head_only ? NULL : &body) != 0)
        s->conn->dead = true;
}

static void body(struct stream *s)
{
    struct http2 *h = s->conn->framed;
    (void)nghttp2_session_resume_data(h->session, s->id);
}

static const struct framing http2 = {head, body};

/* ---- What comes. */

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct http2 *h = user;
    (void)session;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct stream *s = stream_new(h->conn, &http2);
    s->id = frame->hd.stream_id;
    s->next = h->conn->streams;
    h->conn->streams = s;
    return 0;
}

static void set_text(char **to, struct span value)
{
    free(*to);
    *to = xalloc_bytes(value.data, value.len);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *user)
{
    struct http2 *h = user;
    struct stream *s = stream_of(h->conn, frame->hd.stream_id);
    struct span key = span_make((const char *)name, name_len);
    struct span text = span_make((const char *)value, value_len);
    (void)session, (void)flags;
    if (!s)
        return 0;
    stream_add_header(s, key, text);
    if (span_is(key, ":method"))
        set_text(&s->method, text);
    else if (span_is(key, ":path"))
        set_text(&s->target, text);
    else if (span_is(key, "authorization"))
        set_text(&s->authorization, text);
    else if (span_is(key, "accept"))
        set_text(&s->accept, text);
    else if (span_is(key, "content-type"))
        set_text(&s->content_type, text);
    else if (span_is(key, "impersonate-user"))
        set_text(&s->impersonate, text);
    else if (span_is(key, "accept-encoding"))
        s->takes_gzip = span_search(text, SPAN("gzip"), true) < text.len;
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t len, void *user)
{
    struct http2 *h = user;
    struct stream *s = stream_of(h->conn, id);
    (void)session, (void)flags;
    if (s)
        strbuf_add(&s->in, span_make((const char *)data, len));
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct http2 *h = user;
    struct stream *s = stream_of(h->conn, frame->hd.stream_id);
    bool request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    (void)session;
    if (!s || !request || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    if (!s->method || !s->target) {
        h->conn->dead = true;
        return 0;
    }
    s->head_only = strcmp(s->method, "HEAD") == 0;
    handle(h->conn->server, s);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *user)
{
    struct http2 *h = user;
    (void)session, (void)code;
    for (struct stream **at = &h->conn->streams; *at; at = &(*at)->next) {
        struct stream *s = *at;
        if (s->id != id)
            continue;
        *at = s->next;
        stream_free(s);
        return 0;
    }
    return 0;
}

/* ---- The connection. */

/* A closing connection says so, lets its answers end, and ends. */
static void say_goodbye(struct http2 *h)
{
    if (!h->conn->closing || h->going)
        return;
    h->going = true;
    (void)nghttp2_submit_goaway(h->session, NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(h->session),
                                NGHTTP2_NO_ERROR, NULL, 0);
}

static void collect(struct http2 *h)
{
    const uint8_t *data;
    ssize_t n;
    while ((n = nghttp2_session_mem_send(h->session, &data)) > 0)
        strbuf_add(&h->conn->out, span_make((const char *)data, (size_t)n));
    if (n < 0)
        h->conn->dead = true;
}

static void take(struct conn *c)
{
    struct http2 *h = c->framed;
    ssize_t n = nghttp2_session_mem_recv(h->session, (const uint8_t *)c->in.data, c->in.len);
    if (n < 0) {
        c->dead = true;
        return;
    }
    strbuf_consume(&c->in, (size_t)n);
    say_goodbye(h);
    collect(h);
}

static void done(struct conn *c)
{
    struct http2 *h = c->framed;
    nghttp2_session_del(h->session);
    free(h);
}

void http2_open(struct conn *c)
{
    struct http2 *h = xalloc_zero(1, sizeof(*h));
    nghttp2_session_callbacks *callbacks;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_BYTES},
    };
    h->conn = c;
    c->framed = h;
    c->take = take;
    c->done = done;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) {
        c->dead = true;
        return;
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    if (nghttp2_session_server_new(&h->session, callbacks, h) != 0 ||
        nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, settings, BN_COUNT(settings)) != 0)
        c->dead = true;
    nghttp2_session_callbacks_del(callbacks);
}
