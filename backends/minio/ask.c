/* What a MinIO answers. */
#include <config.h>

#include "backends/minio/minio.h"
#include "base/alloc.h"
#include "base/number.h"
#include "net/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METRICS_MAX ((size_t)16 << 20)
#define HEAD_BYTES  ((size_t)64 << 10)

bool minio_explain(int status, struct span body, struct err *err)
{
    struct json_doc *doc = json_doc_parse(body, "MinIO", err);
    const char *code = json_node_path_text(json_doc_root(doc), "Code", NULL);
    char words[64];
    if (code)
        (void)err_code(err, status == 403 ? ERR_DENIED : ERR_PROTO, status, "%d %s", status,
                       plain_text(span_from(code), words, sizeof(words)));
    json_doc_free(doc);
    return code != NULL;
}

static bool any(int status)
{
    (void)status;
    return true;
}

static void set(char *out, size_t size, const char *text)
{
    (void)plain_text(span_from(text), out, size);
}

static double header(struct span head, const char *name)
{
    int64_t n = -1;
    return number_parse(http_header(head, name), 0, 1000000, &n) ? (double)n : -1;
}

/* ---- Health: for anybody. */

/* True: it is a MinIO that has answered. Others answer 200 to anything, or 503 for it. */
static bool is_minio(struct span head)
{
    return span_is(http_header(head, "server"), "MinIO") ||
           http_header(head, "x-minio-write-quorum").len ||
           http_header(head, "x-minio-read-quorum").len ||
           http_header(head, "x-minio-server-status").len;
}

static bool ask_health(struct minio *m, const char *path, int *status, struct strbuf *head,
                       struct err *err)
{
    struct strbuf body = STRBUF_INIT(HEAD_BYTES);
    const bool ok = http_source_text(m->http, path, any, status, &body, head, err);
    strbuf_clear(&body);
    return ok;
}

/* The API server has said that nothing answers there. */
static bool is_silent(const struct minio *m, struct minio_answer *a, const struct err *err)
{
    const int status = http_source_refusal(m->http);
    if (status != 400 && status != 404 && status < 500)
        return false;
    set(a->state, sizeof(a->state), "no answer");
    set(a->why, sizeof(a->why), err->msg);
    return true;
}

static void read_cluster(int status, struct span head, struct minio_answer *a)
{
    const struct span server = http_header(head, "x-minio-server-status");
    char text[sizeof(a->state)];
    a->write_quorum = header(head, "x-minio-write-quorum");
    a->healing = header(head, "x-minio-healing-drives"); /* only where there are some */
    if (!is_minio(head)) {
        set(a->state, sizeof(a->state), "no answer");
        (void)snprintf(a->why, sizeof(a->why), "what answers %d there is no MinIO", status);
    } else if (server.len) {
        set(a->state, sizeof(a->state), plain_text(server, text, sizeof(text)));
    } else if (status == 200) {
        set(a->state, sizeof(a->state), "ok");
    } else {
        set(a->state, sizeof(a->state), "no writes");
        (void)snprintf(a->why, sizeof(a->why), "/minio/health/cluster answers %d", status);
    }
}

/* 503 below the quorum that it takes to read: then nothing can be written either. */
static bool ask_reads(struct minio *m, struct minio_answer *a, struct err *err)
{
    struct strbuf head = STRBUF_INIT(HEAD_BYTES);
    int status = 0;
    const bool ok = ask_health(m, "/minio/health/cluster/read", &status, &head, err);
    if (ok && is_minio(strbuf_span(&head))) {
        a->read_quorum = header(strbuf_span(&head), "x-minio-read-quorum");
        if (status == 503 && strcmp(a->state, "no writes") == 0)
            set(a->state, sizeof(a->state), "no reads");
    }
    strbuf_clear(&head);
    return ok;
}

/* ---- Metrics: for those who may. */

static bool missing(int status)
{
    return status == 404;
}

/* One of version 2, or two of version 3 where there are none. */
static bool fetch(struct minio *m, const char *v2, const char *const *v3, struct strbuf *text,
                  int *status, struct err *err)
{
    struct strbuf more = STRBUF_INIT(text->limit);
    bool ok = true;
    if (!m->v3) {
        ok = http_source_text(m->http, v2, missing, status, text, NULL, err);
        m->v3 = ok && *status == 404;
    }
    if (m->v3)
        strbuf_truncate(text, 0);
    for (; ok && m->v3 && *v3; v3++) {
        ok = http_source_text(m->http, *v3, NULL, status, &more, NULL, err);
        strbuf_add(text, strbuf_span(&more));
        strbuf_addc(text, '\n');
    }
    strbuf_clear(&more);
    return ok;
}

static void ask_metrics(struct minio *m, struct minio_answer *a, struct err *err)
{
    static const char *const v3[] = {"/minio/metrics/v3/cluster/health",
                                     "/minio/metrics/v3/cluster/erasure-set", NULL};
    struct strbuf text = STRBUF_INIT(METRICS_MAX);
    const double healing = a->healing;
    int status = 0;
    a->healing = -1;
    if (fetch(m, "/minio/v2/metrics/cluster", v3, &text, &status, err)) {
        minio_read_metrics(strbuf_span(&text), a);
        set(a->metrics, sizeof(a->metrics), a->drives >= 0 ? "readable" : "odd");
    } else if (status == 401 || status == 403) {
        set(a->metrics, sizeof(a->metrics), "refused");
    }
    if (healing >= 0) /* health is newer than metrics */
        a->healing = healing;
    strbuf_clear(&text);
}

static bool ask(struct minio *m, struct minio_answer *a, struct err *err)
{
    struct strbuf head = STRBUF_INIT(HEAD_BYTES);
    int status = 0;
    bool ok = ask_health(m, "/minio/health/cluster", &status, &head, err);
    if (ok)
        read_cluster(status, strbuf_span(&head), a);
    strbuf_clear(&head);
    if (!ok)
        return is_silent(m, a, err);
    if (strcmp(a->state, "no answer") == 0)
        return true;
    if (!ask_reads(m, a, err))
        return is_silent(m, a, err);
    ask_metrics(m, a, err);
    return true;
}

bool minio_ask_cluster(void *self, struct poll *p, struct err *err)
{
    struct minio *m = self;
    struct minio_answer a = {.write_quorum = -1,
                             .read_quorum = -1,
                             .healing = -1,
                             .drives = -1,
                             .online = -1,
                             .nodes_online = -1,
                             .nodes_offline = -1,
                             .capacity = -1,
                             .available = -1,
                             .raw_capacity = -1,
                             .raw_available = -1,
                             .used = -1,
                             .objects = -1,
                             .heal_errors = -1};
    if (!ask(m, &a, err))
        return false;
    return minio_put_cluster(m, &a, poll_rows(p, &kind_minio_cluster)) ||
           err_set(err, ERR_NOMEM, "there is no memory for the row");
}

/* What keeps its metrics from being read, and what to do. */
static bool say_refused(const struct minio *m, struct err *err)
{
    return err_set(err, ERR_DENIED,
                   "the metrics of %s may not be read%s: set MINIO_PROMETHEUS_AUTH_TYPE=public for "
                   "it, or name a token of `mc admin prometheus generate` in the configuration "
                   "(sources: name %s, token)",
                   ctx_name(m->ctx),
                   http_source_has_secret(m->http) ? " with the token that is named" : "",
                   ctx_name(m->ctx));
}

bool minio_ask_buckets(void *self, struct poll *p, struct err *err)
{
    static const char *const v3[] = {"/minio/metrics/v3/cluster/usage/buckets", NULL};
    struct minio *m = self;
    struct strbuf text = STRBUF_INIT(METRICS_MAX);
    struct minio_bucket *buckets = NULL;
    int status = 0;
    bool ok = fetch(m, "/minio/v2/metrics/bucket", v3, &text, &status, err);
    if (ok) {
        buckets = xalloc_zero(MINIO_BUCKETS_MAX, sizeof(*buckets));
        const size_t count = minio_read_buckets(strbuf_span(&text), buckets);
        for (size_t i = 0; i < count && ok; i++)
            ok = minio_put_bucket(m, &buckets[i], poll_rows(p, &kind_minio_bucket)) ||
                 err_set(err, ERR_NOMEM, "there is no memory for the rows");
        if (count == MINIO_BUCKETS_MAX)
            poll_note(p, &kind_minio_bucket, "only the first %d buckets", MINIO_BUCKETS_MAX);
    } else if (status == 401 || status == 403) {
        (void)say_refused(m, err);
    } else if (http_source_refusal(m->http) >= 500) {
        err->kind = ERR_BUSY; /* nothing answers there: its cluster's row says so */
        err->code = 0;        /* and for how long nobody knows */
    }
    free(buckets);
    strbuf_clear(&text);
    return ok;
}
