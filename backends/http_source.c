/* GETs of a source, one at a time. */
#include <config.h>

#include "backends/http_source.h"

#include "backends/poll.h"
#include "base/alloc.h"
#include "net/kube.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_MAX_BYTES ((size_t)64 << 10)

struct http_source {
    struct http_source_options o;
    struct access access;
    struct http *http;
    struct strbuf prefix;
    struct strbuf secret; /* the whole header line; empty: none. Wiped */
    bool through_proxy;
    bool reached; /* by the last request */
    int refusal;  /* of the cluster, at the last request */
};

static bool read_secret(struct http_source *h, struct err *err)
{
    struct strbuf value = STRBUF_INIT(RECIPE_VALUE_MAX);
    bool ok = !h->o.secret_setting ||
              access_secret(&h->access, h->o.secret_setting, h->o.deadline_ms, &value, err);
    struct span text = span_trim(strbuf_span(&value));
    if (ok && text.len) {
        strbuf_adds(&h->secret, h->o.secret_header);
        strbuf_add(&h->secret, text);
    }
    strbuf_wipe(&value);
    return ok;
}

struct http_source *http_source_new(const struct http_source_options *o, struct err *err)
{
    struct http_source *h = xalloc_zero(1, sizeof(*h));
    h->o = *o;
    h->prefix = (struct strbuf)STRBUF_INIT(PATH_MAX_BYTES);
    h->secret = (struct strbuf)STRBUF_INIT(RECIPE_VALUE_MAX + 64);
    bool ok = o->reach ? access_open_to(&h->access, o->ctx, o->reach, err)
                       : access_open(&h->access, o->ctx, err);
    if (ok && read_secret(h, err))
        h->http = access_http(&h->access, &h->prefix, err);
    if (h->http) {
        h->through_proxy = reach_needs_cluster(h->access.reach) && reach_is_http(h->access.reach);
        return h;
    }
    http_source_free(h);
    return NULL;
}

void http_source_free(struct http_source *h)
{
    if (!h)
        return;
    http_free(h->http);
    access_close(&h->access);
    strbuf_clear(&h->prefix);
    strbuf_wipe(&h->secret);
    free(h);
}

bool http_source_poll(const struct http_source_options *o, const struct poll_options *poll,
                      struct http_source **h, struct err *err)
{
    *h = http_source_new(o, err);
    bool ok = *h && poll_run(poll, err);
    http_source_free(*h);
    *h = NULL;
    return ok;
}

bool http_source_take_secret(struct http_source *h, const char *setting, struct err *err)
{
    h->o.secret_setting = setting;
    return read_secret(h, err);
}

bool http_source_has_secret(const struct http_source *h)
{
    return h->secret.len > 0;
}

bool http_source_reached(const struct http_source *h)
{
    return h->reached;
}

int http_source_refusal(const struct http_source *h)
{
    return h->refusal;
}

/* ---- One request. */

struct get {
    struct strbuf *body; /* of whatever status */
    struct strbuf *head; /* NULL: of no interest */
    struct err err;
    int status;
    bool done;
};

static enum http_flow on_data(void *context, struct span bytes)
{
    struct get *g = context;
    strbuf_add(g->body, bytes);
    return HTTP_GO;
}

static void on_done(void *context, const struct http_result *result)
{
    struct get *g = context;
    g->done = true;
    g->err = result->err;
    g->status = result->status;
    if (result->err.kind != ERR_NONE) {
        strbuf_truncate(g->body, 0);
        strbuf_add(g->body, result->error_body);
    }
}

/* question: JSON; empty: a GET. Its id. */
static uint32_t start(struct http_source *h, const char *path, struct span question, struct get *g)
{
    char accept[128];
    const char *headers[5] = {accept};
    size_t n = 1;
    if (h->secret.len)
        headers[n++] = strbuf_cstr(&h->secret);
    if (h->o.header && (!h->o.header_of || h->o.header_of(path)))
        headers[n++] = h->o.header;
    if (question.len)
        headers[n++] = "Content-Type: application/json";
    struct strbuf whole = STRBUF_INIT(2 * PATH_MAX_BYTES);
    (void)snprintf(accept, sizeof(accept), "Accept: %s",
                   h->o.accept ? h->o.accept : "application/json");
    strbuf_add(&whole, strbuf_span(&h->prefix));
    strbuf_adds(&whole, path);
    const struct http_request request = {.path = strbuf_cstr(&whole),
                                         .headers = headers,
                                         .body = question,
                                         .deadline_ms = h->o.deadline_ms,
                                         .byte_limit = g->body->limit,
                                         .head = g->head,
                                         .on_data = on_data,
                                         .on_done = on_done,
                                         .context = g};
    uint32_t id = http_start(h->http, &request);
    strbuf_clear(&whole);
    return id;
}

/* True: the source is to stop. */
static bool turn(struct http_source *h)
{
    struct pollfd stop = {.fd = ctx_stop_fd(h->o.ctx), .events = POLLIN};
    http_turn(h->http, -1, &stop, 1);
    return stop.revents != 0;
}

static void tell_figures(struct http_source *h)
{
    struct http_figures figures = http_figures(h->http);
    ctx_figures(h->o.ctx, figures.requests, figures.bytes_in);
}

/* The API server's own error is not the answer of what stands behind it. */
static bool is_of_cluster(const struct http_source *h, const struct get *g)
{
    struct err err;
    return h->through_proxy && g->err.kind != ERR_NONE &&
           kube_explain(g->status, strbuf_span(g->body), &err);
}

/* What came of one that has ended. */
static bool conclude(struct http_source *h, const struct get *g, bool (*fine)(int status),
                     struct err *err)
{
    const bool of_cluster = is_of_cluster(h, g);
    h->reached = g->status != 0 && !of_cluster;
    h->refusal = of_cluster ? g->status : 0;
    if (g->err.kind == ERR_NONE || (h->reached && fine && fine(g->status)))
        return true;
    if (!h->reached || !h->o.explain || !h->o.explain(g->status, strbuf_span(g->body), err))
        *err = g->err;
    return false;
}

static bool ask_text(struct http_source *h, const char *path, struct span question,
                     bool (*fine)(int status), int *status, struct strbuf *body,
                     struct strbuf *head, struct err *err)
{
    struct get g = {.body = body, .head = head};
    strbuf_truncate(body, 0);
    uint32_t id = start(h, path, question, &g);
    while (!g.done)
        if (turn(h) && !g.done)
            http_cancel(h->http, id);
    tell_figures(h);
    bool ok = conclude(h, &g, fine, err);
    if (status)
        *status = h->reached ? g.status : 0;
    return ok;
}

bool http_source_text(struct http_source *h, const char *path, bool (*fine)(int status),
                      int *status, struct strbuf *body, struct strbuf *head, struct err *err)
{
    return ask_text(h, path, SPAN(""), fine, status, body, head, err);
}

static struct json_doc *answer(struct http_source *h, const char *path, struct span question,
                               bool (*fine)(int status), int *status, struct err *err)
{
    struct strbuf body = STRBUF_INIT(JSON_DOC_MAX);
    struct json_doc *doc = NULL;
    if (ask_text(h, path, question, fine, status, &body, NULL, err))
        doc = json_doc_parse(strbuf_span(&body), ctx_name(h->o.ctx), err);
    strbuf_wipe(&body);
    return doc;
}

struct json_doc *http_source_get(struct http_source *h, const char *path, bool (*fine)(int status),
                                 int *status, struct err *err)
{
    return answer(h, path, SPAN(""), fine, status, err);
}

struct json_doc *http_source_ask(struct http_source *h, const char *path, struct span question,
                                 struct err *err)
{
    return answer(h, path, question, NULL, NULL, err);
}

/* ---- Several at a time. */

/* One that is under way. */
struct slot {
    struct get get;
    struct strbuf body;
    struct http_source_one *one; /* NULL: none is */
    uint32_t id;
};

struct many {
    struct http_source *h;
    struct slot slots[HTTP_SOURCE_AT_ONCE];
    size_t busy;
    bool reached;   /* so far */
    struct err why; /* the others are given up; ERR_NONE: they are not */
};

static void take(struct many *m, struct slot *s, struct http_source_one *one)
{
    *s = (struct slot){.one = one, .body = STRBUF_INIT(JSON_DOC_MAX)};
    s->get.body = &s->body;
    s->id = start(m->h, one->path, SPAN(""), &s->get);
    m->busy++;
}

static void give_up(struct many *m, const struct err *why)
{
    if (m->why.kind != ERR_NONE)
        return;
    m->why = *why;
    for (size_t i = 0; i < HTTP_SOURCE_AT_ONCE; i++)
        if (m->slots[i].one && !m->slots[i].get.done)
            http_cancel(m->h->http, m->slots[i].id);
}

static void take_answer(struct many *m, struct slot *s)
{
    struct http_source_one *one = s->one;
    const bool ok = conclude(m->h, &s->get, NULL, &one->err);
    if (ok)
        one->doc = json_doc_parse(strbuf_span(&s->body), ctx_name(m->h->o.ctx), &one->err);
    m->reached = m->reached && m->h->reached;
    if (!ok && !s->get.status)
        give_up(m, &one->err);
    if (!ok && !s->get.status)
        one->err = m->why;
    strbuf_wipe(&s->body);
    s->one = NULL;
    m->busy--;
}

/* Hands out what is left while a hand is free. */
static void take_more(struct many *m, struct http_source_one *all, size_t count, size_t *next)
{
    size_t i = 0;
    for (; *next < count; ++*next) {
        while (i < HTTP_SOURCE_AT_ONCE && m->slots[i].one)
            i++;
        if (m->why.kind != ERR_NONE)
            all[*next].err = m->why;
        else if (all[*next].path && i == HTTP_SOURCE_AT_ONCE)
            return;
        else if (all[*next].path)
            take(m, &m->slots[i], &all[*next]);
    }
}

void http_source_gets(struct http_source *h, struct http_source_one *all, size_t count)
{
    struct many m = {.h = h, .reached = true};
    size_t next = 0;
    take_more(&m, all, count, &next);
    while (m.busy) {
        if (m.busy && turn(h)) {
            struct err stopped;
            (void)err_set(&stopped, ERR_CANCELLED, "stopped");
            give_up(&m, &stopped);
        }
        for (size_t i = 0; i < HTTP_SOURCE_AT_ONCE; i++)
            if (m.slots[i].one && m.slots[i].get.done)
                take_answer(&m, &m.slots[i]);
        take_more(&m, all, count, &next);
    }
    h->reached = m.reached;
    tell_figures(h);
}
