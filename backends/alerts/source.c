/* The backend of alerts: its life. */
#include <config.h>

#include "backends/alerts/alerts.h"

#include <string.h>

#define DEADLINE_MS 8000
#define EVERY_MS    15000 /* rules are looked at once a minute, or more often */

enum asked { ASKED_NOTHING, ASKED_ALERTMANAGER, ASKED_PROMETHEUS };

struct alerts {
    struct backend_ctx *ctx;  /* during run() */
    struct http_source *http; /* during run() */
    enum asked is;            /* what has answered */
    const char *watchdog;     /* the alert that has fired all the time; NULL: there was none */
};

static const struct kind *const kinds[] = {&kind_alert, NULL};
static const char *const needs[] = {"service", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"token", NULL, "Where a bearer token for it is, if it wants one: " RECIPE_FORMS ".",
     SETTING_SECRET},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"alerts", "Alerts", "Alerts of Prometheus and Alertmanager.", {"alert"}, alerts_says},
    {NULL, NULL, NULL, {NULL}, NULL},
};

bool alerts_explain(int status, struct span body, struct err *err)
{
    struct json_doc *doc = json_doc_parse(body, "it", err);
    const struct json_node *root = json_doc_root(doc);
    const char *text =
        json_node_text(root) ? json_node_text(root) : json_node_path_text(root, "error", NULL);
    text = text ? text : json_node_path_text(root, "message", NULL);
    if (text)
        (void)err_set(err,
                      status == 401 || status == 403   ? ERR_DENIED
                      : status == 404                  ? ERR_NOTFOUND
                      : status == 429 || status == 503 ? ERR_BUSY
                                                       : ERR_PROTO,
                      "%s", text);
    json_doc_free(doc);
    return text != NULL;
}

static bool reached(const void *self)
{
    return http_source_reached(((const struct alerts *)self)->http);
}

/* What was there and is not any more is told, as long as it is away. */
static bool watch(struct alerts *a, const struct json_node *answer, struct row_writer *w,
                  struct err *err)
{
    const char *watchdog = alerts_watchdog(answer);
    a->watchdog = watchdog ? watchdog : a->watchdog;
    return watchdog || !a->watchdog || alert_put_gone(w, a->watchdog) ||
           err_set(err, ERR_NOMEM, "there is no memory for the alerts");
}

static bool ask_alertmanager(struct alerts *a, struct row_writer *w, size_t *more, struct err *err)
{
    struct err why;
    struct json_doc *silences = NULL,
                    *doc = http_source_get(a->http, "/api/v2/alerts", NULL, NULL, err);
    if (doc && alerts_silenced(json_doc_root(doc)))
        silences = http_source_get(a->http, "/api/v2/silences", NULL, NULL, &why);
    bool ok = doc &&
              alerts_of_alertmanager(json_doc_root(doc), json_doc_root(silences), w, more, err) &&
              watch(a, json_doc_root(doc), w, err);
    json_doc_free(silences);
    json_doc_free(doc);
    return ok;
}

static bool ask_prometheus(struct alerts *a, struct row_writer *w, size_t *more, struct err *err)
{
    struct json_doc *doc = http_source_get(a->http, "/api/v1/alerts", NULL, NULL, err);
    bool ok = doc && alerts_of_prometheus(json_doc_root(doc), w, more, err) &&
              watch(a, json_doc_root(doc), w, err);
    json_doc_free(doc);
    return ok;
}

/* What it is shows in what it answers: a Prometheus knows no /api/v2. */
static bool ask(void *self, struct poll *p, struct err *err)
{
    struct alerts *a = self;
    struct row_writer *w = poll_rows(p, &kind_alert);
    size_t more = 0;
    bool ok = a->is != ASKED_PROMETHEUS && ask_alertmanager(a, w, &more, err);
    if (ok)
        a->is = ASKED_ALERTMANAGER;
    else if (a->is == ASKED_PROMETHEUS || (a->is == ASKED_NOTHING && err->kind == ERR_NOTFOUND)) {
        ok = ask_prometheus(a, w, &more, err);
        a->is = ok ? ASKED_PROMETHEUS : a->is;
    }
    if (ok && more)
        poll_note(p, &kind_alert, "the first %d, and %zu more", ALERTS_MOST, more);
    return ok;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    struct alerts *a = self;
    const struct http_source_options o = {.ctx = ctx,
                                          .explain = alerts_explain,
                                          .secret_setting = "token",
                                          .secret_header = "Authorization: Bearer ",
                                          .deadline_ms = DEADLINE_MS};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts, .reached = reached};
    a->ctx = ctx;
    a->is = ASKED_NOTHING;
    return http_source_poll(&o, &poll, &a->http, err);
}

const struct backend backend_alerts = {
    .name = "alerts",
    .summary = "Prometheus and Alertmanager: alerts that fire, and what they are about.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct alerts),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = alerts_discover,
    .run = run,
};
