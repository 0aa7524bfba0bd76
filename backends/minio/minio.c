/* The MinIO backend: its life. */
#include <config.h>

#include "backends/minio/minio.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 8000
#define CLUSTER_MS  15000 /* it caches its metrics for 10 s */
#define BUCKETS_MS  60000 /* its scanner counts them anew every few minutes */

static const struct kind *const kinds[] = {&kind_minio_cluster, &kind_minio_bucket, NULL};
static const char *const needs[] = {"service", NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"token", NULL,
     "Where a token for its metrics is, as `mc admin prometheus generate` gives it: " RECIPE_FORMS
     ". It goes by port-forward, since the API server would take it for a login of its own.",
     SETTING_SECRET},
    {"tenant", NULL, "NAMESPACE/NAME of the operator's tenant that it is.", SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {{NULL, NULL, NULL, {NULL}, NULL}};

/* With a token what would go through the API server's proxy goes by port-forward. */
static char *way(const struct backend_ctx *ctx)
{
    static const struct {
        const char *proxy, *forward;
    } ways[] = {{"proxy:", "service:"}, {"proxy-https:", "tls-service:"}, {"proxy-pod:", "pod:"}};

    const char *reach = ctx_setting(ctx, "reach");
    struct strbuf text = STRBUF_INIT(2048);
    for (size_t i = 0; ctx_setting(ctx, "token") && i < BN_COUNT(ways); i++)
        if (span_starts(span_from(reach), ways[i].proxy))
            strbuf_addf(&text, "%s%s", ways[i].forward, reach + strlen(ways[i].proxy));
    if (!text.len)
        strbuf_adds(&text, reach);
    return strbuf_take(&text);
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const clusters[] = {&kind_minio_cluster, NULL},
                                    *const buckets[] = {&kind_minio_bucket, NULL};
    static const struct poll_part parts[] = {{clusters, CLUSTER_MS, minio_ask_cluster},
                                             {buckets, BUCKETS_MS, minio_ask_buckets},
                                             {NULL, 0, NULL}};
    struct minio *m = self;
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts};
    struct http_source_options o = {.ctx = ctx,
                                    .explain = minio_explain,
                                    .secret_setting = "token",
                                    .secret_header = "Authorization: Bearer ",
                                    .deadline_ms = DEADLINE_MS};
    m->ctx = ctx;
    if (!ctx_setting(ctx, "reach"))
        return err_set(err, ERR_CONFIG, "%s: nothing says how it is reached", ctx_name(ctx));
    char *reach = way(ctx);
    o.reach = reach;
    bool ok = reach && http_source_poll(&o, &poll, &m->http, err);
    free(reach);
    return ok;
}

const struct backend backend_minio = {
    .name = "minio",
    .summary = "MinIO: quorum for reads and writes, drives, capacity, buckets.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct minio),
    .quiet_ms = 4 * CLUSTER_MS,
    .needs = needs,
    .discover = minio_discover,
    .run = run,
};
