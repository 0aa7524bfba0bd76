/* External Secrets, certificates and Argo CD in a sentence. */
#include <config.h>

#include "backends/kubernetes/systems.h"
#include "base/timetext.h"

bool says_not_installed(const struct store *st, const char *kind, struct system_parts *parts)
{
    int k = store_kind_find(st, span_from(kind));
    bool off = false;
    for (size_t i = 0; k >= 0 && i < store_sources(st); i++) {
        const struct source_kind *s = store_source_kind(st, (uint16_t)i, (uint16_t)k);
        if (!s->wanted && !s->synced) /* it has other kinds */
            continue;
        if (!s->synced || s->report.state != SOURCE_OFF)
            return false;
        off = true;
    }
    if (!off)
        return false;
    strbuf_adds(system_part(parts), "not installed");
    return true;
}

static bool says(const struct reading *r, const char *column, const char *text)
{
    return span_is(store_text(r->st, r->row, column_of(r, column)), text);
}

void says_eso(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    size_t all = kube_count(st, "externalsecret"), synced = 0;
    size_t stores = kube_count(st, "clustersecretstore") + kube_count(st, "secretstore");
    int64_t oldest = TIME_NONE;
    char age[TIMETEXT_MAX];
    if (says_not_installed(st, "externalsecret", parts) || !read_begin(st, "externalsecret", &r))
        return;
    while (read_next(&r)) {
        int64_t when = number(&r, "refresh-time", TIME_NONE);
        if (!says(&r, "ready", "True"))
            continue;
        synced++;
        if (when != TIME_NONE && number(&r, "every", 0) && (oldest == TIME_NONE || when < oldest))
            oldest = when;
    }
    strbuf_addf(system_part(parts), "%zu/%zu synced", synced, all);
    if (oldest != TIME_NONE) {
        duration_format_short(now_ms - oldest, age);
        strbuf_addf(system_part(parts), "oldest %s", age);
    }
    strbuf_addf(system_part(parts), "%zu store%s", stores, stores == 1 ? "" : "s");
}

/* The first to expire is named as soon as that is within this. */
#define NEAR_MS ((int64_t)30 * 24 * 60 * 60 * 1000)

void says_certs(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    size_t all = kube_count(st, "certificate"), ready = 0;
    int64_t first = TIME_FOREVER;
    struct span name = {"", 0};
    char left[TIMETEXT_MAX];
    if (says_not_installed(st, "certificate", parts) || !read_begin(st, "certificate", &r))
        return;
    while (read_next(&r)) {
        int64_t end = number(&r, "not-after", TIME_FOREVER);
        ready += says(&r, "ready", "True");
        if (end >= first)
            continue;
        first = end;
        name = store_text(st, r.row, column_of(&r, "name"));
    }
    strbuf_addf(system_part(parts), "%zu/%zu ready", ready, all);
    if (first == TIME_FOREVER || first <= now_ms || first - now_ms > NEAR_MS)
        return;
    duration_format_short(first - now_ms, left);
    strbuf_addf(system_part(parts), "first to expire %.*s in %s", SPAN_ARG(name), left);
}

void says_argo(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    size_t all = kube_count(st, "application"), synced = 0, healthy = 0, heals = 0;
    (void)now_ms;
    if (says_not_installed(st, "application", parts) || !read_begin(st, "application", &r))
        return;
    while (read_next(&r)) {
        synced += says(&r, "sync", "Synced");
        healthy += says(&r, "health", "Healthy");
        heals += number(&r, "self-heal", 0) != 0;
    }
    strbuf_addf(system_part(parts), "%zu/%zu synced", synced, all);
    strbuf_addf(system_part(parts), "%zu healthy", healthy);
    strbuf_addf(system_part(parts), "self-heal on %zu", heals);
}
