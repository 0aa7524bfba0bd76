/* The HAProxy backend: asks each of a set of HAProxies over HTTP. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/haproxy/haproxy.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 5000
#define EVERY_MS    10000 /* so often it checks the servers itself */
#define BODY_MAX    ((size_t)8 << 20)
#define TEXT_BYTES  2048
#define PODS_MAX    32

struct haproxy {
    struct backend_ctx *ctx;
    struct access_kept *kept; /* owned */
};

static const struct kind *const kinds[] = {&kind_haproxy_server, NULL};
static const char *const needs[] = {"workload", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"nodes", NULL, "Names of several, separated by commas; each stands for the * in `reach`.",
     SETTING_TEXT},
    {"path", "/metrics", "Where its figures are: /metrics, or statistics as CSV (\"/;csv\").",
     SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* One of them, and what it has answered. */
struct asked {
    struct span name;           /* borrowed */
    struct strbuf body;         /* what its answer borrows from */
    struct haproxy_answer *own; /* owned */
};

static bool ask_one(struct haproxy *h, struct asked *one, struct err *err)
{
    one->body = (struct strbuf)STRBUF_INIT(BODY_MAX);
    one->own = xalloc_zero(1, sizeof(*one->own));
    bool ok = access_get(h->ctx, &h->kept, ctx_setting(h->ctx, "reach"), one->name,
                         ctx_setting(h->ctx, "path"), DEADLINE_MS, &one->body, err);
    ctx_asked(h->ctx, 1, one->body.len);
    return ok && haproxy_read(strbuf_span(&one->body), one->own, err);
}

static void forget(struct asked *one)
{
    strbuf_clear(&one->body);
    free(one->own);
}

static bool put_all(struct haproxy *h, struct poll *p, const struct asked *all, size_t count)
{
    struct haproxy_view views[PODS_MAX];
    const int64_t now_ms = clock_wall_ms(ctx_clock(h->ctx));
    for (size_t i = 0; i < count; i++)
        views[i] = (struct haproxy_view){all[i].name, all[i].own};
    for (size_t i = 0; i < count; i++)
        if (!haproxy_put(views, count, i, now_ms, poll_rows(p, &kind_haproxy_server)))
            return false;
    return true;
}

/* All are asked before any row is written: they are compared. */
static bool ask(void *self, struct poll *p, struct err *err)
{
    struct haproxy *h = self;
    const char *nodes = ctx_setting(h->ctx, "nodes");
    struct span rest = span_from(nodes ? nodes : ctx_name(h->ctx)), name;
    struct asked answers[PODS_MAX];
    size_t answered = 0, all = 0;
    for (; all < PODS_MAX && span_split(&rest, nodes ? ',' : '\n', &name); all++) {
        answers[answered].name = span_trim(name);
        if (ask_one(h, &answers[answered], err))
            answered++;
        else
            forget(&answers[answered]);
    }
    bool ok = put_all(h, p, answers, answered);
    for (size_t i = 0; i < answered; i++)
        forget(&answers[i]);
    if (!ok)
        return err_set(err, ERR_NOMEM, "%s: no memory for its servers", ctx_name(h->ctx));
    if (answered && answered < all)
        poll_note(p, &kind_haproxy_server, "%zu of %zu: %s", all - answered, all, err->msg);
    return answered > 0;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const servers[] = {&kind_haproxy_server, NULL};
    static const struct poll_part parts[] = {{servers, EVERY_MS, ask}, {NULL, 0, NULL}};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    struct haproxy *h = self;
    h->ctx = ctx;
    if (!ctx_setting(ctx, "reach"))
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(ctx));
    bool ok = poll_run(&poll, err);
    access_forget(&h->kept);
    return ok;
}

/* ---- Those of the Percona operator: a StatefulSet beside the database's, statistics at 8404. */

void haproxy_discover(const struct store *st, struct discovery *d)
{
    struct discovery_set set;
    char name[TEXT_BYTES], reach[TEXT_BYTES], nodes[TEXT_BYTES];
    uint32_t at = 0;
    while (discovery_next_set(st, &at, &set)) {
        if (!span_is(discovery_label(set.labels, "app.kubernetes.io/name"),
                     "percona-xtradb-cluster") ||
            !span_is(discovery_label(set.labels, "app.kubernetes.io/component"), "haproxy"))
            continue;
        (void)snprintf(name, sizeof(name), "%.*s/%.*s", SPAN_ARG(set.ns), SPAN_ARG(set.name));
        (void)snprintf(reach, sizeof(reach), "reach=proxy-pod:%.*s/*:8404", SPAN_ARG(set.ns));
        discovery_set_pods(&set, "nodes=", nodes, sizeof(nodes));
        const char *const found[] = {reach, nodes, NULL};
        discovery_add(d, &(struct found){.name = name, .settings = found});
    }
}

const struct backend backend_haproxy = {
    .name = "haproxy",
    .summary = "HAProxy before databases: its verdict on each server, from its metrics.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct haproxy),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = haproxy_discover,
    .run = run,
};
