/* The Traefik backend: its life, its errors, its two ways to ask. */
#include <config.h>

#include "backends/traefik/traefik.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 8000
#define FRESH_MS    2000 /* what all parts of a look share */
#define BODY_MAX    ((size_t)16 << 20)
#define PODS_MOST   16

static const struct kind *const kinds[] = {&kind_traefik,
                                           &kind_traefik_router,
                                           &kind_traefik_service,
                                           &kind_traefik_middleware,
                                           &kind_traefik_entrypoint,
                                           &kind_traefik_certificate,
                                           &kind_traefik_resolver,
                                           NULL};
static const char *const needs[] = {"service", "endpointslice", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"metrics", NULL,
     "How its figures are reached, as `reach`; * stands for each of its pods. Empty: they are not "
     "asked for.",
     SETTING_TEXT},
    {"metrics_path", "/metrics", "Where its figures are.", SETTING_TEXT},
    {"pods", NULL, "Its pods for `metrics`, separated by commas, where they are not found.",
     SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"routes",
     "Routes",
     "Ways in: routes, services, what is behind them.",
     {"traefik", "traefik-router", "traefik-service", "traefik-middleware", "traefik-entrypoint"},
     traefik_says},
    {"certs",
     "Certificates",
     "Certificates that Traefik holds.",
     {"traefik-certificate", "traefik-resolver"},
     traefik_says_certs},
    {NULL, NULL, NULL, {NULL}, NULL},
};

/* ---- Errors. */

/* {"message":"router not found: x"} [pkg/api/handler.go writeError], or what stands in front of
 * the API: 404 without it is Traefik itself that knows no router for the path. */
static bool explain(int status, struct span body, struct err *err)
{
    struct err ignored;
    struct json_doc *doc = json_doc_parse(body, "Traefik", &ignored);
    const char *message = json_node_text(json_node_get(json_doc_root(doc), "message"));
    if (message)
        (void)err_set(err, status == 404 ? ERR_NOTFOUND : ERR_PROTO, "%s", message);
    else if (status == 404)
        (void)err_set(err, ERR_DENIED,
                      "no API is served there (404): Traefik needs api.insecure, or a router to "
                      "api@internal on this entry point");
    else if (status == 401 || status == 403)
        (void)err_set(err, ERR_DENIED, "a login stands before the API (%d): name another way to it",
                      status);
    json_doc_free(doc);
    return message || status == 404 || status == 401 || status == 403;
}

static bool is_off(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND;
}

/* ---- Asking. */

/* It may have what logs somebody in: users of a basicAuth, headers. */
static void forget_raw(struct traefik *t)
{
    json_doc_free_wiped(t->raw);
    t->raw = NULL;
}

/* fresh: as it is now; else as the last part of this look has got it, which is the look's end. */
static const struct json_node *ask_raw(struct traefik *t, bool fresh, struct err *err)
{
    int64_t now = clock_mono_ms(ctx_clock(t->ctx));
    if (fresh || !t->raw || now - t->raw_ms >= FRESH_MS) {
        forget_raw(t);
        t->raw = http_source_get(t->http, "/api/rawdata", NULL, NULL, err);
        t->raw_ms = now;
    }
    return json_doc_root(t->raw);
}

/* Reads a pod's figures; where there are several pods, one that does not answer is not the end. */
static bool take_pod(struct traefik *t, const char *reach, struct span pod, struct err *err)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    bool ok =
        access_get(t->ctx, &t->kept, reach, pod, ctx_setting(t->ctx, "metrics_path"), DEADLINE_MS,
                   &body, err) &&
        (figures_take(t->figures, pod, strbuf_span(&body), clock_mono_ms(ctx_clock(t->ctx))) ||
         err_set(err, ERR_PROTO, "they are no figures of a Traefik"));
    strbuf_clear(&body);
    return ok;
}

/* What is found goes before what is said; neither: `metrics` is a way without *. */
static void take_pods(struct traefik *t)
{
    char *found = ctx_take_targets(t->ctx);
    const char *said = ctx_setting_filled(t->ctx, "pods");
    if (!found && (t->pods || !said))
        return;
    free(t->pods);
    t->pods = found ? found : xalloc_text(said);
    for (char *c = t->pods; *c; c++)
        *c = *c == ',' ? '\n' : *c;
}

static void read_figures(struct traefik *t)
{
    const char *reach = ctx_setting_filled(t->ctx, "metrics");
    struct err err = {0};
    size_t answered = 0, all = 0;
    take_pods(t);
    err_clear(&t->figures_err);
    figures_begin(t->figures);
    struct span rest = span_from(t->pods ? t->pods : ""), pod;
    if (reach && !strchr(reach, '*'))
        answered += take_pod(t, reach, SPAN(""), &t->figures_err);
    else
        while (reach && all < PODS_MOST && rest.len && span_split(&rest, '\n', &pod) &&
               !ctx_stopping(t->ctx)) {
            bool ok = take_pod(t, reach, span_trim(pod), &err);
            answered += ok;
            all++;
            if (!ok)
                t->figures_err = err;
        }
    if (reach && strchr(reach, '*') && !all)
        (void)err_set(&t->figures_err, ERR_NOTFOUND, "no pod of it is known");
    figures_end(t->figures);
    t->figures_known = answered > 0;
}

/* Once for all parts of a look: what was a moment ago makes no rate. */
static void look_at_figures(struct traefik *t)
{
    int64_t now = clock_mono_ms(ctx_clock(t->ctx));
    if (t->looked && now - t->looked_ms < FRESH_MS)
        return;
    t->looked = true;
    t->looked_ms = now;
    read_figures(t);
    if (!t->figures_known || !poll_once_more(t->ctx))
        return;
    t->looked_ms = clock_mono_ms(ctx_clock(t->ctx));
    read_figures(t);
}

/* ---- Parts. */

static bool no_room(struct err *err)
{
    return err_set(err, ERR_NOMEM, "there is no memory for what Traefik says");
}

/* Which half is missing, NULL: none. Of the source as a whole it is a remark: an API that is off is
 * how many run it, and no trouble that every screen must name. */
static void say_half(struct traefik *t, struct poll *p, const char *what, const char *why)
{
    char note[ERR_MESSAGE_MAX + 32] = "";
    if (why)
        (void)snprintf(note, sizeof(note), "%s%s", what, why);
    if (why)
        poll_note(p, &kind_traefik, "%s", note);
    ctx_state(t->ctx, KIND_NONE, SOURCE_FRESH, NULL, note);
}

/* What is known with either. */
static bool ask_all(void *self, struct poll *p, struct err *err)
{
    struct traefik *t = self;
    struct json_doc *version = NULL, *entries = NULL;
    const struct json_node *raw = ask_raw(t, true, err);
    look_at_figures(t);
    if (raw) {
        version = http_source_get(t->http, "/api/version", NULL, NULL, err);
        entries = version
                      ? http_source_get(t->http, "/api/entrypoints?per_page=1000", NULL, NULL, err)
                      : NULL;
    }
    bool ok = raw ? entries != NULL : is_off(err) && http_source_reached(t->http);
    if (ok && !raw)
        ok = t->figures_known;
    if (ok && !raw)
        say_half(t, p, "", err->msg);
    else if (ok)
        say_half(t, p, "figures: ", t->figures_err.kind != ERR_NONE ? t->figures_err.msg : NULL);
    const struct json_node *list = json_doc_root(entries), *what = json_doc_root(version);
    if (ok)
        ok = (traefik_put_self(t, raw, what, poll_rows(p, &kind_traefik)) &&
              traefik_put_services(t, raw, poll_rows(p, &kind_traefik_service)) &&
              traefik_put_entrypoints(t, list, poll_rows(p, &kind_traefik_entrypoint)) &&
              traefik_put_certificates(t, raw, poll_rows(p, &kind_traefik_certificate))) ||
             no_room(err);
    json_doc_free(version);
    json_doc_free(entries);
    return ok;
}

/* What only the API says. */
static bool ask_routers(void *self, struct poll *p, struct err *err)
{
    struct traefik *t = self;
    const struct json_node *raw = ask_raw(t, false, err);
    if (raw)
        look_at_figures(t);
    bool ok = raw && ((traefik_put_routers(t, raw, poll_rows(p, &kind_traefik_router)) &&
                       traefik_put_middlewares(raw, poll_rows(p, &kind_traefik_middleware)) &&
                       traefik_put_resolvers(t, raw, poll_rows(p, &kind_traefik_resolver))) ||
                      no_room(err));
    forget_raw(t);
    return ok;
}

/* ---- Life. */

static bool reached(const void *self)
{
    return http_source_reached(((const struct traefik *)self)->http);
}

static void end(struct traefik *t)
{
    http_source_free(t->http);
    access_forget(&t->kept);
    figures_free(t->figures);
    forget_raw(t);
    t->http = NULL;
    t->figures = NULL;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const all[] = {&kind_traefik, &kind_traefik_service,
                                             &kind_traefik_entrypoint, &kind_traefik_certificate,
                                             NULL},
                                    *const routers[] = {&kind_traefik_router,
                                                        &kind_traefik_middleware,
                                                        &kind_traefik_resolver, NULL};
    static const struct poll_part parts[] = {{all, TRAEFIK_EVERY_MS, ask_all, true},
                                             {routers, TRAEFIK_EVERY_MS, ask_routers, false},
                                             {NULL, 0, NULL, false}};
    struct traefik *t = self;
    const struct http_source_options o = {
        .ctx = ctx, .explain = explain, .deadline_ms = DEADLINE_MS};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts, .reached = reached};
    t->ctx = ctx;
    t->figures = figures_new();
    t->looked = false;
    t->http = http_source_new(&o, err);
    bool ok = t->http && poll_run(&poll, err);
    end(t);
    return ok;
}

static void close_it(void *self)
{
    struct traefik *t = self;
    free(t->pods);
    t->pods = NULL;
}

const struct backend backend_traefik = {
    .name = "traefik",
    .summary = "Traefik: routers, services, middlewares, entry points, rates, certificates.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct traefik),
    .quiet_ms = 3 * TRAEFIK_EVERY_MS,
    .needs = needs,
    .discover = traefik_discover,
    .run = run,
    .close = close_it,
};
