/* Which buckets a cluster's databases are backed up to. Most lie outside the cluster: an address that
 * stands in its rows is not asked until the configuration says so. Where the address is that of a
 * service of the cluster (a MinIO), it is asked by port-forward, which leads nowhere else. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/s3/s3.h"
#include "base/timetext.h"

#include <stdio.h>

#define TEXT_BYTES 1024

struct storage {
    struct span ns, cluster, type, bucket, region, endpoint, secret;
    int64_t every_ms; /* 0: no binary logs */
    bool verified;
};

static size_t column_of(const struct store *st, struct handle row, const char *name)
{
    int i = kind_column(store_kind(st, row.kind), span_from(name));
    bn_assert(i >= 0);
    return (size_t)i;
}

static bool next_storage(const struct store *st, uint32_t *at, struct storage *s)
{
    int kind = store_kind_find(st, SPAN("backup-storage"));
    struct handle row;
    if (kind < 0 || !store_next(st, (uint16_t)kind, at, &row))
        return false;
    *s = (struct storage){
        .ns = store_text(st, row, column_of(st, row, "namespace")),
        .cluster = store_text(st, row, column_of(st, row, "pxc")),
        .type = store_text(st, row, column_of(st, row, "type")),
        .bucket = store_text(st, row, column_of(st, row, "bucket")),
        .region = store_text(st, row, column_of(st, row, "region")),
        .endpoint = store_text(st, row, column_of(st, row, "endpoint")),
        .secret = store_text(st, row, column_of(st, row, "secret")),
        .every_ms = store_num(st, row, column_of(st, row, "every"), 0),
        .verified = store_num(st, row, column_of(st, row, "verified"), 1) != 0,
    };
    return true;
}

/* Several storages may be one bucket: that with binary logs speaks for all. */
static bool speaks(const struct store *st, const struct storage *s, uint32_t own)
{
    struct storage other;
    for (uint32_t at = 0, before = 0; next_storage(st, &at, &other); before = at) {
        bool same = span_eq(other.bucket, s->bucket) && span_eq(other.endpoint, s->endpoint) &&
                    span_is(other.type, "s3") && before != own;
        if (same &&
            (other.every_ms > s->every_ms || (other.every_ms == s->every_ms && before < own)))
            return false;
    }
    return true;
}

static void set(char out[TEXT_BYTES], const char *name, struct span value)
{
    (void)snprintf(out, TEXT_BYTES, "%s=%.*s", name, SPAN_ARG(value));
}

static bool has_service(const struct store *st, struct span ns, struct span name)
{
    const int kind = store_kind_find(st, SPAN("service"));
    char key[TEXT_BYTES];
    struct handle row;
    (void)snprintf(key, sizeof(key), "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    return kind >= 0 && store_find(st, 0, (uint16_t)kind, span_from(key), &row);
}

/* How net/reach.h gets to the endpoint, where it is a service of this cluster. */
static bool find_service(const struct store *st, struct span endpoint, struct strbuf *out)
{
    struct s3_service service;
    if (!s3_place_service(endpoint, &service) || !has_service(st, service.ns, service.name))
        return false;
    s3_place_reach(&service, out);
    return true;
}

static void add(const struct store *st, struct discovery *d, const struct storage *s)
{
    char texts[8][TEXT_BYTES], name[TEXT_BYTES], missing[2 * TEXT_BYTES];
    struct strbuf service = STRBUF_INIT(TEXT_BYTES);
    const bool inside = find_service(st, s->endpoint, &service);
    const char *settings[10];
    size_t n = 0;
    const struct span server = s3_server_of(s->endpoint);
    if (server.len && s3_is_of_several(st, s->bucket)) /* AWS's keeps the name alone */
        (void)snprintf(name, sizeof(name), "s3/%.*s@%.*s", SPAN_ARG(s->bucket), SPAN_ARG(server));
    else
        (void)snprintf(name, sizeof(name), "s3/%.*s", SPAN_ARG(s->bucket));
    (void)snprintf(missing, sizeof(missing),
                   "a word that it may be asked, since it lies outside the cluster: set `ask: "
                   "true` in the configuration (sources: name %s)",
                   name);
    set(texts[n], "bucket", s->bucket);
    n++;
    if (s->region.len)
        set(texts[n++], "region", s->region);
    if (s->endpoint.len)
        set(texts[n++], "reach", inside ? strbuf_span(&service) : s->endpoint);
    if (s->every_ms) {
        (void)snprintf(texts[n++], TEXT_BYTES, "binlogs_every=%llds",
                       (long long)(s->every_ms / 1000));
        (void)snprintf(texts[n++], TEXT_BYTES, "collector=%.*s/%.*s", SPAN_ARG(s->ns),
                       SPAN_ARG(s->cluster));
    }
    if (s->secret.len) {
        (void)snprintf(texts[n++], TEXT_BYTES, "access_key=secret:%.*s/%.*s/AWS_ACCESS_KEY_ID",
                       SPAN_ARG(s->ns), SPAN_ARG(s->secret));
        (void)snprintf(texts[n++], TEXT_BYTES, "secret_key=secret:%.*s/%.*s/AWS_SECRET_ACCESS_KEY",
                       SPAN_ARG(s->ns), SPAN_ARG(s->secret));
    }
    for (size_t i = 0; i < n; i++)
        settings[i] = texts[i];
    if (!s->verified)
        settings[n++] = "insecure=true";
    if (!inside)
        settings[n++] = "ask=false";
    settings[n] = NULL;
    const struct found f = {
        .name = name, .missing = inside ? NULL : missing, .unless = "ask", .settings = settings};
    discovery_add(d, &f);
    strbuf_clear(&service);
}

void s3_discover(const struct store *st, struct discovery *d)
{
    struct storage s;
    for (uint32_t at = 0, before = 0; next_storage(st, &at, &s); before = at)
        if (span_is(s.type, "s3") && s.bucket.len && speaks(st, &s, before))
            add(st, d, &s);
}
