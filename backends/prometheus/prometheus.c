/* The backend of Prometheus: its life. It is asked when somebody opens details of a row that it may
 * have figures of, and when somebody looks at its own row; never otherwise. */
#include <config.h>

#include "backends/prometheus/prometheus.h"

#include "backends/alerts/alerts.h"
#include "net/kube.h"

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 8000
#define EVERY_MS    60000
#define ANSWER_MAX  ((size_t)1 << 20) /* of one query: 60 samples take 2 KB */
#define PATH_BYTES  ((size_t)16 << 10)

struct prometheus {
    struct backend_ctx *ctx;  /* during run() */
    struct http_source *http; /* during run() */
};

static const struct kind *const kinds[] = {&kind_prometheus, NULL};
static const char *const needs[] = {"service", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"token", NULL, "Where a bearer token for it is, if it wants one: " RECIPE_FORMS ".",
     SETTING_SECRET},
    {NULL, NULL, NULL, SETTING_TEXT},
};

/* Home is not to ask it. */
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

static bool reached(const void *self)
{
    return http_source_reached(((const struct prometheus *)self)->http);
}

/* What answers as a Prometheus does, and is none, may know no runtimeinfo. */
static bool ask(void *self, struct poll *p, struct err *err)
{
    const struct prometheus *m = self;
    struct err why;
    struct json_doc *build = http_source_get(m->http, "/api/v1/status/buildinfo", NULL, NULL, err);
    if (!build)
        return false;
    struct json_doc *runtime =
        http_source_get(m->http, "/api/v1/status/runtimeinfo", NULL, NULL, &why);
    bool ok = prometheus_put(ctx_name(m->ctx), json_doc_root(build), json_doc_root(runtime),
                             poll_rows(p, &kind_prometheus)) ||
              err_set(err, ERR_NOMEM, "there is no memory for a row");
    json_doc_free(runtime);
    json_doc_free(build);
    return ok;
}

/* ---- The past of a row's figures. */

static bool ask_one(const struct prometheus *m, struct span query, int64_t until_ms,
                    double out[SERIES_SAMPLES], struct err *err)
{
    struct strbuf path = STRBUF_INIT(PATH_BYTES), body = STRBUF_INIT(ANSWER_MAX);
    struct json_doc *doc = NULL;
    strbuf_adds(&path, "/api/v1/query_range?query=");
    kube_escape(&path, query);
    kube_query_int(&path, "start", (until_ms - (SERIES_SAMPLES - 1) * PAST_STEP_MS) / 1000);
    kube_query_int(&path, "end", until_ms / 1000);
    kube_query_int(&path, "step", PAST_STEP_MS / 1000);
    bool ok = path.failed
                  ? err_set(err, ERR_CONFIG, "its name is too long to ask for it")
                  : http_source_text(m->http, strbuf_cstr(&path), NULL, NULL, &body, NULL, err) &&
                        (doc = json_doc_parse(strbuf_span(&body), "its answer", err)) &&
                        prometheus_samples(json_doc_root(doc), until_ms, out, err);
    json_doc_free(doc);
    strbuf_clear(&body);
    strbuf_clear(&path);
    return ok;
}

/* A query that it refuses says so in the figure's place; where it is not reached, nothing more is
 * asked. Steps are at times that are the same whenever they are asked for. */
static bool document(void *self, const struct request *r, struct strbuf *out, struct err *err)
{
    const struct prometheus *m = self;
    struct span queries = span_make(r->key, r->key_len), query;
    struct past past = {.until_ms = clock_wall_ms(ctx_clock(m->ctx)) / PAST_STEP_MS * PAST_STEP_MS};
    if (r->what != DOCUMENT_PAST)
        return err_set(err, ERR_NOTFOUND, "there is no document of it");
    while (past.count < PAST_FIGURES && span_split(&queries, '\n', &query) && query.len) {
        past_unknown(past.of[past.count].samples);
        if (!ask_one(m, query, past.until_ms, past.of[past.count].samples, err)) {
            if (!http_source_reached(m->http))
                return false;
            (void)snprintf(past.of[past.count].why, PAST_WHY_MAX, "%.*s", PAST_WHY_MAX - 1,
                           err->msg);
        }
        past.count++;
    }
    strbuf_add(out, span_make((const char *)&past, sizeof(past)));
    return !out->failed || err_set(err, ERR_NOMEM, "there is no memory for the figures");
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    struct prometheus *m = self;
    const struct http_source_options o = {.ctx = ctx,
                                          .explain = alerts_explain,
                                          .secret_setting = "token",
                                          .secret_header = "Authorization: Bearer ",
                                          .deadline_ms = DEADLINE_MS};
    const struct poll_options poll = {
        .ctx = ctx, .self = self, .parts = parts, .reached = reached, .document = document};
    m->ctx = ctx;
    return http_source_poll(&o, &poll, &m->http, err);
}

const struct backend backend_prometheus = {
    .name = "prometheus",
    .summary = "Prometheus: the past of the figures that details show.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct prometheus),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = prometheus_discover,
    .past = prometheus_past,
    .run = run,
};
