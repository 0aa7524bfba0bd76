/* Documents and logs of one row. */
#include <config.h>

#include "backends/kubernetes/cluster.h"
#include "base/alloc.h"
#include "net/yaml_out.h"

#include <stdio.h>
#include <stdlib.h>

#define DOCUMENT_MS    20000
#define DOCUMENT_BYTES ((size_t)16 << 20)

static const struct kube_kind *kind_of(const struct cluster *c, uint16_t number)
{
    for (size_t i = 0; kube_kinds[i]; i++)
        if (ctx_kind(c->ctx, kube_kinds[i]->kind) == number)
            return kube_kinds[i];
    return NULL;
}

static void answer(struct fetch *f, struct span text, bool last, const struct err *err)
{
    if (f->gone)
        return;
    if (f->asked.type == REQUEST_STREAM)
        (void)ctx_lines(f->cluster->ctx, f->id, text, 0, last, err);
    else
        (void)ctx_document(f->cluster->ctx, f->id, text, err);
}

static void fetch_free(struct fetch *f)
{
    struct fetch **at = &f->cluster->fetches;
    while (*at && *at != f)
        at = &(*at)->next;
    if (*at)
        *at = f->next;
    request_done(&f->asked);
    strbuf_wipe(&f->body);
    free(f);
}

/* Where objects of the kind are: as its watch has found them, if there is one. */
static struct kube_resource resource_of(const struct cluster *c, const struct kube_kind *k,
                                        size_t which)
{
    for (size_t i = 0; i < c->nwatches; i++)
        if (c->watches[i].kind == k)
            return watch_resource(&c->watches[i], which);
    return k->resources[which];
}

/* Path of the row's object; subresource NULL or "log". False: not a row's key. */
static bool object_url(const struct fetch *f, const char *subresource, struct strbuf *out)
{
    const struct kube_kind *k = f->kind;
    struct span ns, name;
    size_t which;
    if (!k || !kube_key_parts(k, span_make(f->asked.key, f->asked.key_len), &which, &ns, &name))
        return false;
    char *ns_text = ns.len ? xalloc_bytes(ns.data, ns.len) : NULL,
         *name_text = xalloc_bytes(name.data, name.len);
    const struct kube_resource r = resource_of(f->cluster, k->from ? k->from : k, which);
    kube_path(out, &r, ns_text, name_text, subresource);
    free(ns_text);
    free(name_text);
    return true;
}

static enum http_flow on_body(void *context, struct span bytes)
{
    struct fetch *f = context;
    strbuf_add(&f->body, bytes);
    return HTTP_GO;
}

static void log_start(struct fetch *f);

/* The container that kubectl would take: the annotated one, else the first. */
static void choose_container(struct fetch *f)
{
    struct kube_object o;
    struct span name = {"", 0};
    if (object_read(&o, json_value(strbuf_span(&f->body)), f->cluster->arena)) {
        name = object_entry(&o, o.annotations, "kubectl.kubernetes.io/default-container");
        if (!name.len)
            name = object_path_text(&o, o.spec, "containers.0.name");
    }
    (void)snprintf(f->asked.stream.container, sizeof(f->asked.stream.container), "%.*s",
                   SPAN_ARG(name));
}

static bool redact(struct fetch *f, struct err *err)
{
    struct strbuf masked = STRBUF_INIT(DOCUMENT_BYTES * 2);
    bool ok = kube_redact(strbuf_span(&f->body), &masked, err);
    strbuf_wipe(&f->body);
    f->body = masked;
    return ok;
}

static void on_document(void *context, const struct http_result *result)
{
    struct fetch *f = context;
    struct err err = result->err;
    f->request = 0;
    if (result->status)
        cluster_alive(f->cluster);
    if (err.kind == ERR_NONE && f->type == FETCH_POD && !f->gone) {
        choose_container(f);
        log_start(f);
        return;
    }
    struct strbuf yaml = STRBUF_INIT(DOCUMENT_BYTES * 2);
    if (err.kind == ERR_NONE && f->kind && f->kind->secret)
        (void)redact(f, &err);
    if (err.kind == ERR_NONE && f->asked.what == DOCUMENT_YAML && f->type == FETCH_DOCUMENT &&
        !yaml_of_object(strbuf_span(&f->body), &yaml, &err))
        strbuf_clear(&yaml);
    bool failed = err.kind != ERR_NONE;
    struct span text = f->asked.what == DOCUMENT_YAML ? strbuf_span(&yaml) : strbuf_span(&f->body);
    answer(f, failed ? (struct span){"", 0} : text, true, failed ? &err : NULL);
    strbuf_wipe(&yaml);
    fetch_free(f);
}

static void document_start(struct fetch *f)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct err err;
    f->body = (struct strbuf)STRBUF_INIT(DOCUMENT_BYTES);
    if (!object_url(f, NULL, &path)) {
        (void)err_set(&err, ERR_NOTFOUND, "this row has no object of its own");
        answer(f, (struct span){"", 0}, true, &err);
        strbuf_clear(&path);
        fetch_free(f);
        return;
    }
    const struct http_request request = {.path = strbuf_cstr(&path),
                                         .headers = kube_accept(f->kind, ASK_DOCUMENT),
                                         .deadline_ms = DOCUMENT_MS,
                                         .byte_limit = DOCUMENT_BYTES,
                                         .want = "application/json",
                                         .aside = true,
                                         .on_data = on_body,
                                         .on_done = on_document,
                                         .context = f};
    f->request = http_start(f->cluster->http, &request);
    strbuf_clear(&path);
}

static enum http_flow on_log(void *context, struct span bytes)
{
    struct fetch *f = context;
    cluster_alive(f->cluster);
    answer(f, bytes, false, NULL);
    return f->gone ? HTTP_STOP : HTTP_GO;
}

static void on_log_done(void *context, const struct http_result *result)
{
    struct fetch *f = context;
    f->request = 0;
    struct err err = result->err;
    if (result->status == 204)
        (void)err_set(&err, ERR_NOTFOUND, "the pod has no node yet: there is no log");
    bool failed = err.kind != ERR_NONE && err.kind != ERR_CANCELLED;
    answer(f, (struct span){"", 0}, true, failed ? &err : NULL);
    fetch_free(f);
}

/* [transcripts/kube-streaming/notes.md, Logs] */
static void log_start(struct fetch *f)
{
    const struct stream_options *o = &f->asked.stream;
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    (void)object_url(f, "log", &path);
    if (o->container[0])
        kube_query(&path, "container", o->container);
    if (o->follow)
        kube_query(&path, "follow", "true");
    if (o->previous)
        kube_query(&path, "previous", "true");
    if (o->timestamps)
        kube_query(&path, "timestamps", "true");
    if (o->tail_lines >= 0 && !o->since_s)
        kube_query_int(&path, "tailLines", o->tail_lines);
    if (o->since_s > 0)
        kube_query_int(&path, "sinceSeconds", o->since_s);
    const struct http_request request = {
        .path = strbuf_cstr(&path), .on_data = on_log, .on_done = on_log_done, .context = f};
    f->type = FETCH_LOG;
    f->request = http_start(f->cluster->http, &request);
    strbuf_clear(&path);
}

void fetch_start(struct cluster *c, struct request *request)
{
    struct fetch *f = xalloc_zero(1, sizeof(*f));
    f->cluster = c;
    f->id = request->id;
    f->asked = *request;
    f->kind = kind_of(c, request->kind);
    request->key = NULL;
    f->next = c->fetches;
    c->fetches = f;
    f->type = request->type == REQUEST_STREAM ? FETCH_POD : FETCH_DOCUMENT;
    if (request->type == REQUEST_STREAM && request->stream.container[0])
        log_start(f);
    else
        document_start(f);
}

void fetch_cancel(struct cluster *c, uint32_t id)
{
    for (struct fetch *f = c->fetches; f; f = f->next) {
        if (f->id != id)
            continue;
        f->gone = true;
        http_cancel(c->http, f->request); /* its on_done lets it go */
        return;
    }
}

/* The client is gone: nothing answers any more. */
void fetch_clear(struct cluster *c)
{
    struct err err;
    (void)err_set(&err, ERR_IO, "the connection was lost");
    while (c->fetches) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed leaves the list */
        answer(c->fetches, (struct span){"", 0}, true, &err);
        fetch_free(c->fetches);
    }
}
