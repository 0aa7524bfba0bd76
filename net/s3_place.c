/* Addresses of buckets. [Amazon S3 user guide: virtual hosting of buckets; bucket naming rules] */
#include <config.h>

#include "net/s3_place.h"

static bool is_label(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           (c >= 'A' && c <= 'Z') || c == '_'; /* of old buckets, and of other servers */
}

static bool is_bucket(struct span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_label(name.data[i]))
            return false;
    return name.len >= 3 && name.len <= 255;
}

static bool is_aws(const char *endpoint)
{
    struct span host = span_from(endpoint);
    host = span_sub(host, span_find(host, '/', 0) + 2, host.len);
    host.len = span_find(host, '/', 0);
    host.len = span_find(host, ':', 0);
    return span_ends(host, ".amazonaws.com") || span_ends(host, ".amazonaws.com.cn");
}

bool s3_place_read(struct s3_place *p, const char *where, const char *endpoint, const char *style,
                   struct err *err)
{
    struct span text = span_from(where);
    size_t slash = span_find(text, '/', 0);
    bool dots, automatic = strcmp(style, "auto") == 0;
    *p = (struct s3_place){.bucket = span_sub(text, 0, slash),
                           .prefix = span_sub(text, slash + 1, text.len),
                           .endpoint = endpoint};
    if (!is_bucket(p->bucket))
        return err_set(err, ERR_CONFIG, "\"%.100s\" is no bucket: it wants NAME or NAME/PREFIX",
                       where);
    while (span_ends(p->prefix, "/"))
        p->prefix.len--;
    if (endpoint && !span_starts(span_from(endpoint), "https://") &&
        !span_starts(span_from(endpoint), "http://"))
        return err_set(err, ERR_CONFIG,
                       "%.100s: S3 is asked at an http(s):// address, or by port-forward "
                       "(service:NS/NAME:PORT); the API server's proxy would take the signature "
                       "for a login of its own",
                       endpoint);
    if (!automatic && strcmp(style, "path") != 0 && strcmp(style, "virtual") != 0)
        return err_set(err, ERR_CONFIG, "style is \"%.40s\": it wants auto, path or virtual",
                       style);
    if (endpoint && is_aws(endpoint))
        p->endpoint = NULL;
    dots = span_find(p->bucket, '.', 0) < p->bucket.len; /* no certificate would fit */
    p->by_path = automatic ? p->endpoint || dots : strcmp(style, "path") == 0;
    return true;
}

void s3_place_origin(const struct s3_place *p, const char *region, struct strbuf *origin)
{
    struct span scheme = span_from("https://"), host = span_make(NULL, 0);
    strbuf_truncate(origin, 0);
    if (p->endpoint) {
        struct span all = span_from(p->endpoint);
        scheme = span_sub(all, 0, span_starts(all, "https://") ? 8 : 7);
        host = span_sub(all, scheme.len, all.len);
    }
    strbuf_add(origin, scheme);
    if (!p->by_path)
        strbuf_addf(origin, "%.*s.", SPAN_ARG(p->bucket));
    if (host.len)
        strbuf_add(origin, host);
    else
        strbuf_addf(origin, "s3.%s.amazonaws.com%s", region,
                    span_starts(span_from(region), "cn-") ? ".cn" : "");
}

void s3_place_path(const struct s3_place *p, struct strbuf *path)
{
    strbuf_truncate(path, 0);
    strbuf_addc(path, '/');
    if (p->by_path)
        strbuf_add(path, p->bucket);
}

void s3_place_url(const struct s3_place *p, struct strbuf *url)
{
    strbuf_truncate(url, 0);
    strbuf_addf(url, "s3://%.*s/", SPAN_ARG(p->bucket));
    if (p->prefix.len)
        strbuf_addf(url, "%.*s/", SPAN_ARG(p->prefix));
}

bool s3_place_service(struct span endpoint, struct s3_service *out)
{
    const bool tls = span_starts(endpoint, "https://");
    if (!tls && !span_starts(endpoint, "http://"))
        return false;
    struct span host = span_sub(endpoint, tls ? 8 : 7, endpoint.len), port;
    host.len = span_find(host, '/', 0);
    const size_t colon = span_find(host, ':', 0), dot = span_find(host, '.', 0);
    port = span_sub(host, colon + 1, host.len);
    host.len = colon;
    struct span name = span_sub(host, 0, dot), ns = span_sub(host, dot + 1, host.len);
    const size_t end = span_find(ns, '.', 0);
    const struct span rest = span_sub(ns, end, ns.len);
    ns.len = end;
    *out = (struct s3_service){ns, name, port.len ? port : tls ? SPAN("443") : SPAN("80"), tls};
    return name.len && ns.len && (!rest.len || span_is(rest, ".svc") || span_starts(rest, ".svc."));
}

void s3_place_reach(const struct s3_service *s, struct strbuf *out)
{
    strbuf_addf(out, "%s:%.*s/%.*s:%.*s", s->tls ? "tls-service" : "service", SPAN_ARG(s->ns),
                SPAN_ARG(s->name), SPAN_ARG(s->port));
}
