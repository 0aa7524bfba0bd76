/* The binlogs backend: what collects a PXC cluster's binary logs, by its figures. It has a service before
 * it since the operator's version 1.15. */
#include <config.h>

#include "backends/access.h"
#include "backends/binlogs/binlogs.h"
#include "backends/discovery.h"
#include "backends/poll.h"
#include "base/timetext.h"

#include <stdio.h>

#define DEADLINE_MS 5000
#define EVERY_MS    30000
#define USUAL_MS    60000 /* timeBetweenUploads where nothing is said [pxco pxc_types.go] */
#define BODY_MAX    ((size_t)4 << 20)
#define TEXT_BYTES  1024
#define PORT        "8080"

struct binlogs {
    struct backend_ctx *ctx;
    struct binlogs_figures last; /* kept across runs */
    bool seen;
    int64_t failed_ms, gap_ms;
    struct access_kept *kept; /* owned */
};

static const struct kind *const kinds[] = {&kind_binlog_collector, NULL};
static const char *const needs[] = {"pitr", "service", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"cluster", NULL, "Its database cluster, NAMESPACE/NAME.", SETTING_TEXT},
    {"every", NULL, "Time between uploads (timeBetweenUploads).", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* ---- Asking. */

static bool get(struct binlogs *b, struct strbuf *body, struct err *err)
{
    bool ok = access_get(b->ctx, &b->kept, ctx_setting(b->ctx, "reach"), SPAN(""), "/metrics",
                         DEADLINE_MS, body, err);
    ctx_asked(b->ctx, 1, body->len);
    return ok;
}

/* Counts that are less than they were began anew, with its process. */
static void take(struct binlogs *b, const struct binlogs_figures *f)
{
    int64_t now_ms = clock_wall_ms(ctx_clock(b->ctx));
    if (!b->seen)
        b->failed_ms = b->gap_ms = TIME_NONE;
    else if (f->successes > b->last.successes || f->started_ms != b->last.started_ms)
        b->failed_ms = TIME_NONE;
    else if (f->failures > b->last.failures)
        b->failed_ms = now_ms;
    if (b->seen && f->started_ms == b->last.started_ms && f->gaps > b->last.gaps)
        b->gap_ms = now_ms;
    b->seen = true;
    b->last = *f;
}

static struct binlogs_told told_of(const struct binlogs *b)
{
    const char *every = ctx_setting(b->ctx, "every"), *cluster = ctx_setting(b->ctx, "cluster");
    struct binlogs_told t = {
        .name = cluster ? cluster : ctx_name(b->ctx),
        .read_ms = clock_wall_ms(ctx_clock(b->ctx)),
        .failed_ms = b->failed_ms,
        .gap_ms = b->gap_ms,
    };
    if (!every || !duration_parse(span_from(every), &t.every_ms))
        t.every_ms = USUAL_MS;
    return t;
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct binlogs *b = self;
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct binlogs_figures f;
    bool ok = get(b, &body, err) && binlogs_read(strbuf_span(&body), &f, err);
    strbuf_clear(&body);
    if (!ok)
        return false;
    take(b, &f);
    const struct binlogs_told told = told_of(b);
    return binlogs_put(&told, &f, poll_rows(p, &kind_binlog_collector)) ||
           err_set(err, ERR_NOMEM, "%s: no memory for its row", ctx_name(b->ctx));
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    struct binlogs *b = self;
    b->ctx = ctx;
    if (!ctx_setting(ctx, "reach"))
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(ctx));
    bool ok = poll_run(&poll, err);
    access_forget(&b->kept);
    return ok;
}

/* ---- Finding: the service that the operator puts before it. */

static bool has_service(const struct store *st, struct span ns, const char *name)
{
    struct discovery_service s;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &s))
        if (span_eq(s.ns, ns) && span_is(s.name, name) && discovery_has_port(&s, PORT))
            return true;
    return false;
}

static void discover(const struct store *st, struct discovery *d)
{
    int kind = store_kind_find(st, SPAN("pitr"));
    char name[TEXT_BYTES], service[TEXT_BYTES], reach[TEXT_BYTES], every[64], cluster[TEXT_BYTES];
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct span ns = discovery_text(st, row, "namespace");
        (void)snprintf(service, sizeof(service), "%.*s-pitr",
                       SPAN_ARG(discovery_text(st, row, "name")));
        if (!discovery_num(st, row, "enabled", 0) || !has_service(st, ns, service))
            continue;
        (void)snprintf(name, sizeof(name), "%.*s/%.300s", SPAN_ARG(ns), service);
        (void)snprintf(reach, sizeof(reach), "reach=proxy:%.*s/%.300s:" PORT, SPAN_ARG(ns),
                       service);
        (void)snprintf(cluster, sizeof(cluster), "cluster=%.*s", SPAN_ARG(store_key(st, row)));
        (void)snprintf(every, sizeof(every), "every=%llds",
                       (long long)(discovery_num(st, row, "interval", 0) / 1000));
        const char *const found[] = {reach, cluster, every, NULL};
        discovery_add(d, &(struct found){.name = name, .settings = found});
    }
}

const struct backend backend_binlogs = {
    .name = "binlogs",
    .summary = "Collectors of binary logs (Percona): what they have uploaded, what fails.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct binlogs),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = discover,
    .run = run,
};
