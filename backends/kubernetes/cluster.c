/* The Kubernetes backend: one cluster, all its kinds over one client. */
#include <config.h>

#include "backends/kubernetes/cluster.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/timetext.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEAT_MS           15000 /* silence after which a heartbeat is sent */
#define BEAT_WAIT_MS      5000
#define HTTP_UNAUTHORIZED 401
#define ARENA_BYTES       ((size_t)16 << 20)

static const struct setting settings[] = {
    {"kubeconfig", NULL,
     "The kubeconfig file; else KUBECONFIG, ~/.kube/config, or the pod it runs in.", SETTING_TEXT},
    {"context", NULL, "The context; else the current one.", SETTING_TEXT},
    {"relist", "1800000", "Milliseconds after which everything is listed again and compared.",
     SETTING_TEXT},
    {"scope", NULL, "The one namespace that is asked for; else all.", SETTING_TEXT},
    {"scope_kind", NULL, "The kind that `scope` speaks of; others too, unless it leads elsewhere.",
     SETTING_TEXT},
    {"namespaces", "",
     "Namespaces, separated by commas, to ask where all may not be listed; else those there are.",
     SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};

static void say_well(const struct cluster *c)
{
    ctx_state(c->ctx, KIND_NONE, c->scope[0] ? SOURCE_PARTIAL : SOURCE_FRESH, NULL, c->scope);
}

void cluster_alive(struct cluster *c)
{
    struct http_figures figures = http_figures(c->http);
    c->byte_ms = clock_mono_ms(ctx_clock(c->ctx));
    c->missed = 0;
    c->unreached = false;
    ctx_figures(c->ctx, figures.requests, figures.bytes_in);
    if (c->troubled) {
        c->troubled = false;
        log_write(LOG_INFO, ctx_name(c->ctx), "the cluster answers again");
        say_well(c);
    }
    ctx_alive(c->ctx, KIND_NONE);
}

/* By the kind that may be read in most namespaces: where that is not all, it is rights that end at a
 * namespace, and no matter of one kind. */
void cluster_scope(struct cluster *c)
{
    const struct watch *most = NULL;
    for (size_t i = 0; i < c->nwatches; i++) {
        const struct watch *w = &c->watches[i];
        if (w->wanted && w->told && !w->off && w->kind->kind->namespaced &&
            (!most || w->hidden < most->hidden))
            most = w;
    }
    if (c->troubled || !most || strcmp(most->scope, c->scope) == 0)
        return;
    (void)snprintf(c->scope, sizeof(c->scope), "%s", most->scope);
    say_well(c);
}

void cluster_failed(struct cluster *c, const struct err *err)
{
    if (!c->troubled)
        log_write(LOG_WARNING, ctx_name(c->ctx), "%s", err->msg);
    c->troubled = true;
    ctx_state(c->ctx, KIND_NONE, SOURCE_FAILING, err, NULL);
}

void cluster_advise(const struct cluster *c, struct err *err)
{
    const struct err why = *err;
    if (c->other_user && (why.kind == ERR_AUTH || why.kind == ERR_CONFIG))
        (void)err_code(err, why.kind, why.code, "%s; context %s logs in as another user", why.msg,
                       c->other_user);
}

struct ask *ask_new(struct part *p, struct page *page)
{
    struct ask *a = xalloc_zero(1, sizeof(*a));
    a->cluster = p->watch->cluster;
    a->part = p;
    a->page = page;
    a->next = a->cluster->asks;
    a->cluster->asks = a;
    return a;
}

void ask_free(struct ask *a)
{
    struct ask **at = &a->cluster->asks;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    free(a);
}

/* ---- Heartbeats: a server that has stalled is noticed by nothing else. */

static void on_beat(void *context, const struct http_result *result)
{
    struct cluster *c = context;
    c->beating = false;
    if (result->status) {
        cluster_alive(c);
        return;
    }
    if (result->err.kind == ERR_CANCELLED)
        return;
    c->missed++;
    if (c->missed < 2)
        return;
    c->troubled = true;
    ctx_state(c->ctx, KIND_NONE, SOURCE_STALE, &result->err, NULL);
    http_reconnect(c->http);
}

static int64_t beat(struct cluster *c, int64_t mono_ms)
{
    int64_t last = c->byte_ms > c->beat_ms ? c->byte_ms : c->beat_ms;
    if (ctx_once(c->ctx))
        return TIME_FOREVER;
    if (c->beating)
        return mono_ms + BEAT_WAIT_MS;
    if (mono_ms < last + BEAT_MS)
        return last + BEAT_MS;
    const struct http_request request = {.path = "/readyz",
                                         .deadline_ms = BEAT_WAIT_MS,
                                         .byte_limit = 65536,
                                         .on_done = on_beat,
                                         .context = c};
    c->beat_ms = mono_ms;
    c->beating = true;
    (void)http_start(c->http, &request);
    return mono_ms + BEAT_WAIT_MS;
}

/* ---- Life. */

static bool open_client(struct cluster *c, struct err *err)
{
    const char *path = ctx_setting(c->ctx, "kubeconfig");
    const struct kubeconfig_env env = kubeconfig_env_read(path && path[0] ? path : NULL);
    kubeconfig_free(c->config);
    c->config = kubeconfig_load(&env, err);
    const struct kube_context *context =
        c->config ? kubeconfig_context(c->config, ctx_setting(c->ctx, "context"), err) : NULL;
    if (!context)
        return false;
    const struct kube_context *other = kubeconfig_other_user(c->config, context);
    c->other_user = other ? other->name : NULL;
    free(c->context_namespace);
    c->context_namespace = xalloc_text(context->namespace_name);
    if (!c->credential)
        c->credential = ctx_credential(c->ctx);
    if (!c->credential)
        c->credential = kube_credential(c->config, context, ctx_clock(c->ctx), err);
    if (c->credential)
        c->http = kube_client(c->config, context, c->credential, ctx_stop_fd(c->ctx), err);
    return c->http != NULL;
}

/* Whether one of its kinds is wanted: what holds now, not when it was asked. */
static void want_watch(struct watch *w)
{
    struct backend_ctx *ctx = w->cluster->ctx;
    bool wanted = false;
    for (size_t i = 0; i < w->nwatched; i++) {
        uint16_t number = ctx_kind(ctx, w->watched[i].kind->kind);
        wanted = wanted || (number != KIND_NONE && ctx_wanted(ctx, number));
    }
    if (wanted && !w->wanted)
        watch_start(w);
    else if (!wanted && w->wanted)
        watch_stop(w);
}

static void make_watches(struct cluster *c)
{
    size_t n = 0;
    while (kube_kinds[n])
        n++;
    if (!c->watches) {
        c->watches = xalloc_zero(n, sizeof(*c->watches));
        c->arena = arena_new(ARENA_BYTES);
        for (size_t i = 0; i < n; i++)
            if (!kube_kinds[i]->from)
                watch_init(&c->watches[c->nwatches++], c, kube_kinds[i]);
    }
    for (size_t i = 0; i < c->nwatches; i++)
        want_watch(&c->watches[i]);
}

static void close_client(struct cluster *c)
{
    for (size_t i = 0; i < c->nwatches; i++)
        watch_stop(&c->watches[i]);
    http_free(c->http);
    c->http = NULL;
    while (c->asks)
        ask_free(c->asks); /* NOLINT(clang-analyzer-unix.Malloc): it leaves the list */
    fetch_clear(c);
    c->beating = false;
}

static void refresh(struct cluster *c)
{
    http_reconnect(c->http);
    for (size_t i = 0; i < c->nwatches; i++)
        if (c->watches[i].wanted)
            watch_again(&c->watches[i]);
}

static void take_requests(struct cluster *c)
{
    struct request r;
    while (ctx_next_request(c->ctx, &r)) {
        switch (r.type) {
        case REQUEST_WANT:
        case REQUEST_UNWANT:
            for (size_t i = 0; i < c->nwatches; i++)
                want_watch(&c->watches[i]);
            break;
        case REQUEST_REFRESH:
            refresh(c);
            break;
        case REQUEST_FETCH:
        case REQUEST_STREAM:
            fetch_start(c, &r);
            break;
        case REQUEST_CANCEL:
            fetch_cancel(c, r.id);
            break;
        }
        request_done(&r);
    }
}

static void turn(struct cluster *c)
{
    int64_t now = clock_mono_ms(ctx_clock(c->ctx)), next = beat(c, now);
    for (size_t i = 0; i < c->nwatches; i++) {
        int64_t due = watch_work(&c->watches[i], now);
        next = due < next ? due : next;
    }
    int64_t wait = next == TIME_FOREVER ? 60000 : next - now;
    struct pollfd fds[] = {{.fd = ctx_wake_fd(c->ctx), .events = POLLIN}};
    http_turn(c->http, wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait, fds, 1);
    for (size_t i = 0; i < c->nwatches; i++) /* what has come in one turn goes up together */
        (void)watch_flush(&c->watches[i]);
}

/* Whether the server answers at all, asked without a login. */
static bool is_reachable(struct cluster *c)
{
    struct strbuf body = STRBUF_INIT(65536);
    struct http_result result = {.status = 0};
    struct err err;
    const struct http_request request = {.path = "/readyz",
                                         .deadline_ms = BEAT_WAIT_MS,
                                         .byte_limit = body.limit,
                                         .no_credential = true};
    (void)!http_fetch(c->http, &request, ctx_stop_fd(c->ctx), &body, &result, &err);
    strbuf_clear(&body);
    return result.status != 0;
}

/* A login plug-in that fails while nothing can be reached fails for that: its
 * credential ended while the network was away. It is asked again until the server
 * answers, and once more, since it may have failed before that; else a person is
 * waited for. */
static void end_auth(struct cluster *c, struct err *err)
{
    bool before = c->unreached;
    *err = c->auth;
    c->unreached = c->auth.code != HTTP_UNAUTHORIZED && !ctx_stopping(c->ctx) && !is_reachable(c);
    if (c->unreached || (before && c->auth.code != HTTP_UNAUTHORIZED))
        err->kind = ERR_IO;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct cluster *c = self;
    int64_t every;
    c->ctx = ctx;
    if (!open_client(c, err))
        return false;
    c->relist_every_ms = duration_parse(span_from(ctx_setting(ctx, "relist")), &every)
                             ? every
                             : strtoll(ctx_setting(ctx, "relist"), NULL, 10);
    c->byte_ms = c->beat_ms = clock_mono_ms(ctx_clock(ctx));
    c->missed = 0;
    err_clear(&c->auth);
    make_watches(c);
    while (!ctx_stopping(ctx) && c->auth.kind == ERR_NONE) {
        take_requests(c);
        turn(c);
    }
    if (c->auth.kind != ERR_NONE)
        end_auth(c, err);
    close_client(c);
    if (c->auth.kind == ERR_NONE)
        return true;
    credential_unref(c->credential); /* the next run reads it anew */
    c->credential = NULL;
    return false;
}

static void close_cluster(void *self)
{
    struct cluster *c = self;
    for (size_t i = 0; i < c->nwatches; i++)
        watch_clear(&c->watches[i]);
    free(c->watches);
    free(c->context_namespace);
    arena_free(c->arena);
    credential_unref(c->credential);
    kubeconfig_free(c->config);
}

const struct backend backend_kubernetes = {
    .name = "kubernetes",
    .summary =
        "A Kubernetes cluster: nodes, namespaces, workloads, pods, services, routes, storage, events.",
    .kinds = kube_kind_schemas,
    .settings = settings,
    .systems = kube_systems,
    .state_size = sizeof(struct cluster),
    .run = run,
    .close = close_cluster,
};
