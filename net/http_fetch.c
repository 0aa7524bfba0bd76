/* One request to its end: for what is asked once and waited for. */
#include <config.h>

#include "net/http.h"

#include <string.h>

struct fetch {
    struct strbuf *body;
    struct http_result *result;
    struct err err;
    bool full;
    bool done;
    bool as_it_is;
};

static enum http_flow on_data(void *context, struct span bytes)
{
    struct fetch *f = context;

    strbuf_add(f->body, bytes);
    f->full = f->body->failed;
    return f->full ? HTTP_STOP : HTTP_GO;
}

static void on_done(void *context, const struct http_result *result)
{
    struct fetch *f = context;

    f->done = true;
    f->err = result->err;
    if (f->as_it_is)
        strbuf_add(f->body, result->error_body);
    if (f->result) {
        *f->result = *result;
        f->result->content_type = f->result->warning = f->result->error_body = span_make(NULL, 0);
    }
}

bool http_fetch(struct http *http, const struct http_request *request, int cancel_fd,
                struct strbuf *body, struct http_result *result, struct err *err)
{
    struct fetch f = {.body = body, .result = result, .as_it_is = request->as_it_is};
    struct http_request asked = *request;
    struct pollfd cancel = {cancel_fd, POLLIN, 0};
    uint32_t id;

    asked.on_head = NULL;
    asked.on_data = on_data;
    asked.on_done = on_done;
    asked.context = &f;
    id = http_start(http, &asked);
    while (!f.done) {
        http_turn(http, -1, &cancel, cancel_fd >= 0 ? 1 : 0);
        if (cancel.revents && !f.done)
            http_cancel(http, id);
    }
    if (f.full)
        (void)err_set(&f.err, ERR_PROTO, "%s: GET %.100s: the answer is larger than %zu KiB",
                      http_origin(http), request->path, body->limit >> 10);
    if (f.err.kind == ERR_NONE)
        return true;
    if (err)
        *err = f.err;
    return false;
}

struct span http_authority(struct span url)
{
    const size_t scheme = span_search(url, SPAN("://"), false);
    const struct span rest = span_sub(url, scheme < url.len ? scheme + 3 : 0, url.len);
    return span_sub(rest, 0, span_find(rest, '/', 0));
}

struct span http_host(struct span url)
{
    const struct span authority = http_authority(url);
    return span_sub(authority, 0, span_find(authority, ':', 0));
}

struct span http_header(struct span head, const char *name)
{
    struct span line;

    while (span_split(&head, '\n', &line)) {
        const size_t colon = span_find(line, ':', 0);
        if (span_eq_nocase(span_sub(line, 0, colon), span_from(name)))
            return span_trim(span_sub(line, colon + 1, line.len));
    }
    return span_make(NULL, 0);
}

bool http_get(struct http *http, const char *path, int deadline_ms, int cancel_fd,
              struct strbuf *body, struct err *err)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    const struct http_request request = {.path = path,
                                         .headers = headers,
                                         .deadline_ms = deadline_ms,
                                         .byte_limit = body->limit,
                                         .want = "application/json"};

    return http_fetch(http, &request, cancel_fd, body, NULL, err);
}
