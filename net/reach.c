/* Ways to a server: a table of words, and what each opens. */
#include <config.h>

#include "net/reach.h"

#include "base/alloc.h"
#include "base/number.h"
#include "net/forward.h"
#include "net/kube.h"

#include <stdlib.h>
#include <string.h>

enum way { DIRECT, POD, SERVICE, URL, PROXY };

static const struct form {
    const char *word;
    enum way way;
    bool tls;
    const char *says;
    const char *resource; /* of a proxy */
} forms[] = {
    {"tcp:", DIRECT, false, "TCP to", NULL},
    {"tls:", DIRECT, true, "TLS to", NULL},
    {"pod:", POD, false, "port-forward to pod", NULL},
    {"tls-pod:", POD, true, "TLS by port-forward to pod", NULL},
    {"service:", SERVICE, false, "port-forward to service", NULL},
    {"tls-service:", SERVICE, true, "TLS by port-forward to service", NULL},
    {"http://", URL, false, "HTTP to", NULL},
    {"https://", URL, true, "HTTPS to", NULL},
    {"proxy:", PROXY, false, "service proxy to", "services"},
    {"proxy-https:", PROXY, true, "service proxy (HTTPS) to", "services"},
    {"proxy-pod:", PROXY, false, "pod proxy to", "pods"},
    {"proxy-https-pod:", PROXY, true, "pod proxy (HTTPS) to", "pods"},
};

struct reach {
    const struct form *form;
    char *text;             /* owned; whole */
    const char *rest;       /* behind the word; in text */
    char *ns, *name, *port; /* owned; ns: "" when direct; NULL for URLs */
    int number;             /* of the port; 0: a name */
};

/* "NS/NAME:PORT" or "HOST:PORT", "[::1]:PORT" */
static bool read_place(struct reach *r)
{
    struct span rest = span_from(r->rest);
    const size_t colon = span_find_last(rest, ':');
    const size_t slash = r->form->way == DIRECT ? 0 : span_find(rest, '/', 0);
    const size_t from = r->form->way == DIRECT ? 0 : slash + 1;
    int64_t number = 0;

    if (colon >= rest.len || from >= colon || (from > 0 && slash == 0) || colon + 1 == rest.len ||
        span_find(rest, '/', from) < rest.len || span_find(rest, ' ', 0) < rest.len)
        return false;
    r->ns = xalloc_bytes(rest.data, slash);
    r->name = xalloc_bytes(rest.data + from, colon - from);
    r->port = xalloc_bytes(rest.data + colon + 1, rest.len - colon - 1);
    if (number_parse(span_from(r->port), 1, 65535, &number))
        r->number = (int)number;
    return r->number > 0 || r->form->way == PROXY;
}

struct reach *reach_parse(const char *text, struct err *err)
{
    struct reach *r = xalloc_zero(1, sizeof *r);
    struct strbuf shown = STRBUF_INIT(256);

    r->text = xalloc_text(text);
    for (size_t i = 0; i < BN_COUNT(forms) && !r->form; i++)
        if (span_starts(span_from(text), forms[i].word))
            r->form = &forms[i];
    if (r->form) {
        r->rest = r->text + strlen(r->form->word);
        if (r->form->way == URL ? r->rest[0] != '\0' : read_place(r))
            return r;
    }
    strbuf_add_address(&shown, span_sub(span_from(text), 0, 255));
    (void)err_set(err, ERR_CONFIG, "\"%.100s\" is no way to a server: one of %s",
                  strbuf_cstr(&shown), REACH_FORMS);
    strbuf_clear(&shown);
    reach_free(r);
    return NULL;
}

void reach_free(struct reach *r)
{
    if (!r)
        return;
    free(r->text);
    free(r->ns);
    free(r->name);
    free(r->port);
    free(r);
}

const char *reach_text(const struct reach *r)
{
    return r->text;
}

bool reach_is_http(const struct reach *r)
{
    return r->form->way == URL || r->form->way == PROXY;
}

bool reach_needs_cluster(const struct reach *r)
{
    return r->form->way != DIRECT && r->form->way != URL;
}

void reach_describe(const struct reach *r, struct strbuf *out)
{
    strbuf_addf(out, "%s %s", r->form->says, r->rest);
}

/* A client of the cluster, for this alone. */
static struct http *cluster_client(const struct reach *r, const struct reach_options *o,
                                   int cancel_fd, struct err *err)
{
    const struct reach_cluster *c = o->cluster;

    if (c)
        return kube_client(c->config, c->context, c->credential, cancel_fd, err);
    (void)err_set(err, ERR_CONFIG, "%s: %s is reached through a cluster, and there is none",
                  o->name, r->text);
    return NULL;
}

/* ---- Streams. */

static struct http_options direct_options(const struct reach_options *o, const char *name,
                                          const struct strbuf *origin)
{
    return (struct http_options){.name = name,
                                 .origin = strbuf_cstr(origin),
                                 .ca_file = o->ca_file,
                                 .tls_server_name = o->tls_server_name,
                                 .insecure = o->insecure,
                                 .credential = o->credential,
                                 .headers = o->headers};
}

static struct stream *open_direct(const struct reach *r, const struct reach_options *o,
                                  const struct stream_wait *wait, struct err *err)
{
    struct strbuf origin = STRBUF_INIT(1024), name = STRBUF_INIT(1024);
    struct http_options options;
    struct stream *stream;

    strbuf_addf(&origin, "%s://%s", r->form->tls ? "https" : "http", r->rest);
    strbuf_addf(&name, "%s at %s", o->name, r->rest);
    options = direct_options(o, strbuf_cstr(&name), &origin);
    options.credential = NULL;
    options.headers = NULL;
    stream = stream_open(&options, wait, err);
    strbuf_clear(&origin);
    strbuf_clear(&name);
    return stream;
}

/* A stream whose client is closed with it. */
struct forwarded {
    struct stream stream;
    struct stream *inner; /* owned */
    struct http *http;    /* owned */
};

static bool forwarded_read(struct stream *stream, char *to, size_t size, size_t *got,
                           const struct stream_wait *wait, struct err *err)
{
    return stream_read(((struct forwarded *)stream)->inner, to, size, got, wait, err);
}

static bool forwarded_write(struct stream *stream, struct span bytes,
                            const struct stream_wait *wait, struct err *err)
{
    return stream_write(((struct forwarded *)stream)->inner, bytes, wait, err);
}

static void forwarded_close(struct stream *stream)
{
    struct forwarded *f = (struct forwarded *)stream;

    stream_close(f->inner);
    http_free(f->http);
    free(f);
}

static const struct stream_type forwarded_type = {forwarded_read, forwarded_write, forwarded_close};

/* By which a server in the cluster is called, by its certificate too. */
static void add_server_name(const struct reach *r, struct strbuf *out)
{
    strbuf_addf(out, "%s.%s.svc", r->name, r->ns);
}

/* TLS to the server itself, inside the port-forward. */
static bool add_tls(const struct reach *r, const struct reach_options *o, struct forwarded *f,
                    const struct stream_wait *wait, struct err *err)
{
    struct strbuf name = STRBUF_INIT(512);
    const struct stream_tls options = {.name = o->name,
                                       .server_name = o->tls_server_name ? o->tls_server_name
                                                                         : strbuf_cstr(&name),
                                       .ca_file = o->ca_file,
                                       .insecure = o->insecure};

    add_server_name(r, &name);
    f->inner = stream_open_tls(f->inner, &options, wait, err);
    strbuf_clear(&name);
    return f->inner != NULL;
}

static struct stream *open_forward(const struct reach *r, const struct reach_options *o, bool tls,
                                   const struct stream_wait *wait, struct strbuf *how,
                                   struct err *err)
{
    struct forwarded *f = xalloc_zero(1, sizeof *f);
    int port = r->number;
    char *pod = NULL;
    bool ok;

    f->stream.type = &forwarded_type;
    f->http = cluster_client(r, o, wait->cancel_fd, err);
    ok = f->http != NULL;
    if (ok && r->form->way == SERVICE)
        ok = forward_resolve(f->http, r->ns, r->name, r->number, wait, &pod, &port, err);
    if (ok) {
        const char *name = pod ? pod : r->name;
        if (how)
            strbuf_addf(how, "port-forward to pod %s/%s:%d", r->ns, name, port);
        f->inner = forward_open(f->http, r->ns, name, port, wait, err);
        ok = f->inner && (!tls || add_tls(r, o, f, wait, err));
    }
    free(pod);
    if (ok)
        return &f->stream;
    forwarded_close(&f->stream);
    return NULL;
}

struct stream *reach_stream(const struct reach *r, const struct reach_options *o,
                            const struct stream_wait *wait, struct strbuf *how, struct err *err)
{
    if (how)
        strbuf_truncate(how, 0);
    if (reach_is_http(r)) {
        (void)err_set(err, ERR_CONFIG, "%s: %s is HTTP, and no stream", o->name, r->text);
        return NULL;
    }
    if (r->form->way != DIRECT)
        return open_forward(r, o, r->form->tls, wait, how, err);
    if (how)
        reach_describe(r, how);
    return open_direct(r, o, wait, err);
}

/* ---- HTTP. */

static struct http *open_url(const struct reach *r, const struct reach_options *o, int cancel_fd,
                             struct err *err)
{
    struct strbuf origin = STRBUF_INIT(8192);
    struct http_options options;
    struct http *http;

    strbuf_adds(&origin, r->text);
    options = direct_options(o, o->name, &origin);
    options.cancel_fd = cancel_fd;
    options.addresses = o->addresses;
    http = http_new(&options, err);
    strbuf_clear(&origin);
    return http;
}

/* ---- HTTP over a port-forward: the client speaks TLS itself. */

struct forward_way {
    const struct reach *reach; /* borrowed */
    struct reach_options options;
};

static struct stream *open_way(void *context, const struct stream_wait *wait, struct err *err)
{
    const struct forward_way *w = context;

    return open_forward(w->reach, &w->options, false, wait, NULL, err);
}

static bool reach_is_forward(const struct reach *r)
{
    return r->form->way == POD || r->form->way == SERVICE;
}

void reach_origin(const struct reach *r, struct strbuf *out)
{
    if (!reach_is_forward(r)) {
        strbuf_adds(out, r->form->way == URL ? r->text : "");
        return;
    }
    strbuf_adds(out, r->form->tls ? "https://" : "http://");
    add_server_name(r, out);
    strbuf_addf(out, ":%s", r->port);
}

struct http_way reach_way(const struct reach *r, const struct reach_options *o)
{
    struct forward_way *w;

    if (!reach_is_forward(r))
        return (struct http_way){.open = NULL};
    w = xalloc_zero(1, sizeof *w);
    w->reach = r;
    w->options = *o;
    return (struct http_way){.open = open_way, .done = free, .context = w};
}

static struct http *open_over_forward(const struct reach *r, const struct reach_options *o,
                                      int cancel_fd, struct err *err)
{
    struct strbuf origin = STRBUF_INIT(1024);
    struct http_options options;
    struct http *http;

    reach_origin(r, &origin);
    options = direct_options(o, o->name, &origin);
    options.cancel_fd = cancel_fd;
    options.way = reach_way(r, o);
    http = http_new(&options, err);
    strbuf_clear(&origin);
    return http;
}

/* "/api/v1/namespaces/NS/services/https:NAME:PORT/proxy" */
static void add_proxy_path(const struct reach *r, struct strbuf *out)
{
    const struct kube_resource resource = {"", "v1", r->form->resource};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);

    kube_path(&path, &resource, r->ns, NULL, NULL);
    strbuf_add(out, strbuf_span(&path));
    strbuf_adds(out, r->form->tls ? "/https:" : "/");
    kube_escape(out, span_from(r->name));
    strbuf_addc(out, ':');
    kube_escape(out, span_from(r->port));
    strbuf_adds(out, "/proxy");
    strbuf_clear(&path);
}

struct http *reach_http(const struct reach *r, const struct reach_options *o, int cancel_fd,
                        struct strbuf *prefix, struct err *err)
{
    strbuf_truncate(prefix, 0);
    if (r->form->way == DIRECT) {
        (void)err_set(err, ERR_CONFIG, "%s: %s is a stream, and no HTTP", o->name, r->text);
        return NULL;
    }
    if (r->form->way == URL)
        return open_url(r, o, cancel_fd, err);
    if (reach_is_forward(r))
        return open_over_forward(r, o, cancel_fd, err);
    add_proxy_path(r, prefix);
    return cluster_client(r, o, cancel_fd, err);
}
