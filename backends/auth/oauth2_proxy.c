/* The oauth2-proxy backend: asks each whether it is ready [oauth2-proxy docs/features/endpoints]. */
#include <config.h>

#include "backends/auth/auth.h"
#include "backends/http_source.h"
#include "base/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVERY_MS 15000
#define BODY_MAX ((size_t)4 << 20)

/* Sign-ins are few: what goes wrong with them is seen over minutes, not from one look to the next. */
#define RECENT_MS 300000

struct sample {
    int64_t at_ms; /* monotonic; 0: there is none */
    int64_t count[OAUTH2_COUNTS];
};

struct oauth2 {
    struct backend_ctx *ctx;
    struct http_source *http, *metrics; /* owned, in a run */
    struct poll_rate all, fails;
    struct sample from, next; /* what recent rates count from, and will */
};

static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"metrics", NULL, "How its figures are reached, where --metrics-address turns them on.",
     SETTING_TEXT},
    {"ping_path", "/ping", "Its --ping-path.", SETTING_TEXT},
    {"ready_path", "/ready", "Its --ready-path.", SETTING_TEXT},
    {"timeout", "5000",
     "Milliseconds that it has to answer: while its session store hangs, /ready does.",
     SETTING_NUMBER},
    {NULL, NULL, NULL, SETTING_TEXT},
};

static bool any_status(int status)
{
    (void)status;
    return true;
}

/* The status; 0: no answer came, *err says why. */
static int status_of(struct oauth2 *o, const char *path, struct strbuf *body, struct err *err)
{
    int status = 0;
    if (!http_source_text(o->http, ctx_setting(o->ctx, path), any_status, &status, body, NULL, err))
        return 0;
    return status;
}

static void ask_ready(struct oauth2 *o, struct oauth2_answer *a)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct err err;
    a->ready = status_of(o, "ready_path", &body, &err);
    struct span text = span_trim(span_sub(strbuf_span(&body), 0, sizeof(a->error) - 1));
    if (!a->ready)
        (void)snprintf(a->error, sizeof(a->error), "%s", err.msg);
    else if (a->ready != 200)
        (void)snprintf(a->error, sizeof(a->error), "%.*s", SPAN_ARG(text));
    strbuf_clear(&body);
}

/* Rates since a sample that is five to ten minutes old, or the first one. */
static void take_sample(struct oauth2 *o, struct oauth2_answer *a, int64_t now)
{
    struct sample s = {.at_ms = now};
    bool anew = !o->from.at_ms;
    memcpy(s.count, a->count, sizeof(s.count));
    for (size_t i = 0; i < OAUTH2_COUNTS; i++)
        anew = anew || s.count[i] < o->next.count[i]; /* it was started anew */
    if (anew)
        o->from = o->next = s;
    for (size_t i = 0; i < OAUTH2_COUNTS && now > o->from.at_ms; i++)
        a->recent[i] =
            (double)(s.count[i] - o->from.count[i]) * 1000 / (double)(now - o->from.at_ms);
    if (now - o->next.at_ms >= RECENT_MS) {
        o->from = o->next;
        o->next = s;
    }
}

/* That they are not there is no trouble. */
static void ask_metrics(struct oauth2 *o, struct oauth2_answer *a)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct err err;
    int64_t now = clock_mono_ms(ctx_clock(o->ctx));
    if (o->metrics && http_source_text(o->metrics, "/metrics", NULL, NULL, &body, NULL, &err))
        oauth2_read_metrics(strbuf_span(&body), a);
    strbuf_clear(&body);
    if (!a->metrics)
        return;
    if (!poll_rate(&o->all, a->count[OAUTH2_ALL], now, &a->rate))
        a->rate = -1;
    if (!poll_rate(&o->fails, a->count[OAUTH2_FAILS], now, &a->fail_rate))
        a->fail_rate = -1;
    take_sample(o, a, now);
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct oauth2 *o = self;
    struct oauth2_answer a = {.in_flight = -1, .rate = -1, .fail_rate = -1};
    for (size_t i = 0; i < OAUTH2_COUNTS; i++)
        a.recent[i] = -1;
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    a.ping = status_of(o, "ping_path", &body, err);
    strbuf_clear(&body);
    if (!a.ping)
        return false;
    ask_ready(o, &a);
    ask_metrics(o, &a);
    return oauth2_put(&a, span_from(ctx_name(o->ctx)), poll_rows(p, &kind_oauth2_proxy));
}

static bool reached(const void *self)
{
    const struct oauth2 *o = self;
    return http_source_reached(o->http);
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const asked[] = {&kind_oauth2_proxy, NULL};
    static const struct poll_part parts[] = {{asked, EVERY_MS, ask}, {NULL, 0, NULL}};
    struct oauth2 *o = self;
    const char *metrics = ctx_setting_filled(ctx, "metrics");
    const struct poll_options poll = {.ctx = ctx, .self = o, .parts = parts, .reached = reached};
    int64_t timeout = 0;
    o->ctx = ctx;
    if (!number_parse(span_from(ctx_setting(ctx, "timeout")), 1, 60000, &timeout))
        return err_set(err, ERR_CONFIG, "timeout wants milliseconds, at most 60000");
    struct http_source_options http = {.ctx = ctx, .deadline_ms = (int)timeout};
    o->http = http_source_new(&http, err);
    http.reach = metrics;
    bool ok = o->http && (!metrics || (o->metrics = http_source_new(&http, err)) != NULL) &&
              poll_run(&poll, err);
    http_source_free(o->http);
    http_source_free(o->metrics);
    o->http = o->metrics = NULL;
    return ok;
}

/* "1/1 ready, its provider is not seen". */
static void says_proxies(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("oauth2-proxy"));
    size_t all = kind < 0 ? 0 : store_count(st, (uint16_t)kind);
    size_t ready = all ? store_level_count(st, (uint16_t)kind, LEVEL_NOTICE) : 0;
    (void)now_ms;
    if (!all)
        return;
    strbuf_addf(system_part(parts), "%zu/%zu ready", ready, all);
    strbuf_adds(system_part(parts), "provider unknown");
}

static const struct kind *const kinds[] = {&kind_oauth2_proxy, NULL};
static const char *const needs[] = {"service", NULL};
static const struct system systems[] = {
    {"auth",
     "Sign-in",
     "Who asks for sign-in before public hosts, and whether that works.",
     {"oauth2-proxy"},
     says_proxies},
    {NULL, NULL, NULL, {NULL}, NULL},
};

const struct backend backend_oauth2_proxy = {
    .name = "oauth2-proxy",
    .summary = "oauth2-proxy: whether it and its session store are ready, its requests.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct oauth2),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = oauth2_discover,
    .run = run,
};
