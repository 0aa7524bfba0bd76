/* A bucket of S3, or of a server that speaks like it: what backups lie in it. */
#include <config.h>

#include "backends/s3/s3.h"

#include "backends/aws_keys.h"
#include "backends/poll.h"
#include "base/alloc.h"
#include "base/timetext.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_MS   ((int64_t)5 * 60 * 1000)
#define QUIET_MS   (3 * EVERY_MS)
#define FLUSH_EACH 200

struct s3 {
    struct s3_scan scan; /* kept across runs */
    struct backend_ctx *ctx;
    struct s3_place place;
    struct access access; /* of a server that is reached through the cluster */
    char *endpoint;       /* owned; its address; NULL: `reach` is the address, or AWS's is taken */
    struct aws *aws;
    int64_t every_ms;
};

static void tell(void *context)
{
    struct s3 *s = context;
    struct http_figures f = aws_figures(s->aws);
    ctx_figures(s->ctx, f.requests, f.bytes_in);
    ctx_alive(s->ctx, KIND_NONE);
}

static bool ask(void *self, struct poll *p, struct err *err)
{
    struct s3 *s = self;
    const struct s3_asker asker = {s->aws, &s->place, tell, s};
    int64_t now_ms = clock_wall_ms(ctx_clock(s->ctx));
    if (!s3_scan_run(&s->scan, &asker, clock_mono_ms(ctx_clock(s->ctx)), err))
        return false;
    const struct s3_about about = {&s->place, aws_region(s->aws), s->every_ms,
                                   ctx_setting(s->ctx, "collector"), now_ms};
    for (size_t i = 0; i < s->scan.count; i++) {
        bool full = i % FLUSH_EACH == FLUSH_EACH - 1;
        if (!s3_backup_row(poll_rows(p, &kind_s3_backup), &about, &s->scan, &s->scan.backups[i]))
            return err_set(err, ERR_NOMEM, "%s: no memory for its backups", ctx_name(s->ctx));
        if (full && !poll_flush(p))
            return true;
    }
    return s3_bucket_row(poll_rows(p, &kind_s3_bucket), &about, &s->scan) ||
           err_set(err, ERR_NOMEM, "%s: no memory for its row", ctx_name(s->ctx));
}

/* ---- Settings. */

static bool read_every(struct s3 *s, struct err *err)
{
    const char *text = ctx_setting(s->ctx, "binlogs_every");
    s->every_ms = 0;
    return !text || duration_parse(span_from(text), &s->every_ms) ||
           err_set(err, ERR_CONFIG, "binlogs_every is \"%.40s\": it wants a time such as 60s",
                   text);
}

/* Through the cluster a server is signed for by the name that its service has there. Of what is no
 * way for S3 the place says so. */
static bool find_endpoint(struct s3 *s, struct err *err)
{
    const char *reach = ctx_setting(s->ctx, "reach");
    struct strbuf endpoint = STRBUF_INIT(1024);
    struct err none;
    struct reach *way = reach ? reach_parse(reach, &none) : NULL;
    const bool forward = way && reach_needs_cluster(way) && !reach_is_http(way);
    reach_free(way);
    if (!forward)
        return true;
    if (!access_open_to(&s->access, s->ctx, reach, err))
        return false;
    reach_origin(s->access.reach, &endpoint);
    s->endpoint = xalloc_text(strbuf_cstr(&endpoint));
    strbuf_clear(&endpoint);
    return true;
}

static void let_go(struct s3 *s)
{
    aws_free(s->aws);
    access_close(&s->access);
    free(s->endpoint);
    s->aws = NULL;
    s->endpoint = NULL;
}

static bool connect_to(struct s3 *s, struct err *err)
{
    const char *region = ctx_setting(s->ctx, "region");
    struct strbuf name = STRBUF_INIT(1024), origin = STRBUF_INIT(2048);
    struct aws_keys keys;
    s3_place_origin(&s->place, region, &origin);
    strbuf_addf(&name, "bucket %.*s", SPAN_ARG(s->place.bucket));
    if (aws_keys_read(&keys, s->ctx, err)) {
        const struct aws_options o = {
            .name = strbuf_cstr(&name),
            .service = "s3",
            .region = region,
            .origin = strbuf_cstr(&origin),
            .keys = aws_keys_get(&keys),
            .ca_file = ctx_setting(s->ctx, "ca"),
            .addresses = s->endpoint ? NULL : ctx_setting(s->ctx, "addresses"),
            .insecure = ctx_setting_true(s->ctx, "insecure"),
            .cancel_fd = ctx_stop_fd(s->ctx),
            .way = s->endpoint ? access_way(&s->access) : (struct http_way){.open = NULL}};
        s->aws = aws_new(&o, err);
        aws_keys_wipe(&keys);
    }
    strbuf_clear(&name);
    strbuf_clear(&origin);
    return s->aws != NULL;
}

static const struct kind *const all[] = {&kind_s3_bucket, &kind_s3_backup, NULL};

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    /* The bucket's row comes last: where it is, its backups are. */
    static const struct kind *const kinds[] = {&kind_s3_backup, &kind_s3_bucket, NULL};
    static const struct poll_part parts[] = {{kinds, EVERY_MS, ask}, {NULL, 0, NULL}};
    struct s3 *s = self;
    const struct poll_options o = {.ctx = ctx, .self = s, .parts = parts};
    const char *bucket = ctx_setting(ctx, "bucket");
    s->ctx = ctx;
    if (!ctx_setting_true(ctx, "ask"))
        return poll_rest(ctx);
    if (!bucket)
        return err_set(err, ERR_CONFIG, "%s: nothing says which bucket", ctx_name(ctx));
    bool ok =
        find_endpoint(s, err) &&
        s3_place_read(&s->place, bucket, s->endpoint ? s->endpoint : ctx_setting(ctx, "reach"),
                      ctx_setting(ctx, "style"), err) &&
        read_every(s, err) && connect_to(s, err) && poll_run(&o, err);
    let_go(s);
    return ok;
}

static void close_all(void *self)
{
    s3_scan_clear(&((struct s3 *)self)->scan);
}

static const struct setting settings[] = {
    {"bucket", NULL, "The bucket, or BUCKET/PREFIX.", SETTING_WHICH},
    {"reach", NULL,
     "The server: https://HOST..., or, in the cluster, service:NS/NAME:PORT or pod:NS/NAME:PORT "
     "(tls-service:, tls-pod: with TLS); without it AWS, in the region.",
     SETTING_REACH},
    {"region", "us-east-1", "Where it is; of AWS's buckets the right one is found.", SETTING_TEXT},
    {"style", "auto",
     "path or virtual: whether the bucket's name stands in the path or in the host's name; auto: "
     "by path but at AWS.",
     SETTING_TEXT},
    {"binlogs_every", NULL, "Time between uploads of binary logs; without it none are expected.",
     SETTING_TEXT},
    {"collector", NULL, "The database cluster whose collector uploads them, NAMESPACE/NAME.",
     SETTING_TEXT},
    {"ask", "true", "false: it is not asked; so it is of buckets that are found.", SETTING_TEXT},
    AWS_KEY_SETTINGS,
    {NULL, NULL, NULL, SETTING_TEXT}};

static const char *const needs[] = {"backup-storage", "service", NULL};

static const struct system systems[] = {
    {"s3", "S3", "Backups as they lie in buckets.", {"s3-backup", "s3-bucket"}, s3_says},
    {.name = NULL}};

const struct backend backend_s3 = {.name = "s3",
                                   .summary = "Buckets of S3 that hold backups",
                                   .kinds = all,
                                   .settings = settings,
                                   .systems = systems,
                                   .state_size = sizeof(struct s3),
                                   .quiet_ms = QUIET_MS,
                                   .needs = needs,
                                   .discover = s3_discover,
                                   .run = run,
                                   .close = close_all};
