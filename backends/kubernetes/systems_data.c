/* What home and `status` say of databases, their backups and object storage. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"
#include "backends/kubernetes/systems.h"
#include "base/timetext.h"

static void add_since(struct strbuf *out, const char *before, int64_t when, int64_t now_ms,
                      const char *after)
{
    char age[TIMETEXT_MAX];
    duration_format_short(now_ms > when ? now_ms - when : when - now_ms, age);
    strbuf_addf(out, "%s%s%s", before, age, after);
}

void says_pxc(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    int64_t ready = 0, size = 0, proxies = 0, wanted = 0;
    (void)now_ms;
    for (read_begin(st, "pxc", &r); read_next(&r);) {
        ready += number(&r, "pxc-ready", TIME_NONE);
        size += number(&r, "pxc-size", TIME_NONE);
        proxies += number(&r, "proxy-ready", TIME_NONE);
        wanted += number(&r, "proxy-size", TIME_NONE);
    }
    size_t servers = kube_count(st, "mysql"), bad = kube_count_bad(st, "mysql");
    if (kube_count(st, "pxc")) {
        strbuf_addf(system_part(parts), "%lld/%lld nodes", (long long)ready, (long long)size);
        strbuf_addf(system_part(parts), "%lld/%lld proxies ready", (long long)proxies,
                    (long long)wanted);
    } else if (!servers)
        (void)says_not_installed(st, "pxc", parts);
    if (servers)
        strbuf_addf(system_part(parts), "%zu/%zu servers well", servers - bad, servers);
}

/* The schedule whose last good backup is the oldest speaks for all. */
void says_backups(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    int64_t good = TIME_FOREVER, next = TIME_FOREVER, kept = 0;
    for (read_begin(st, "backup-schedule", &r); read_next(&r);) {
        int64_t its_good = number(&r, "success-at", TIME_NONE),
                its_next = number(&r, "next", TIME_NONE);
        good = its_good < good ? its_good : good;
        next = its_next != TIME_NONE && its_next < next ? its_next : next;
    }
    for (read_begin(st, "backup", &r); read_next(&r);)
        kept += number(&r, "completed-at", TIME_NONE) != TIME_NONE;
    if (says_not_installed(st, "backup", parts))
        return;
    struct strbuf *out = system_part(parts);
    if (good == TIME_FOREVER)
        strbuf_adds(out, "no schedule");
    else if (good == TIME_NONE)
        strbuf_adds(out, "none of a schedule yet");
    else
        add_since(out, "last good ", good, now_ms, " ago");
    strbuf_addf(system_part(parts), "%lld kept", (long long)kept);
    if (next != TIME_FOREVER)
        add_since(system_part(parts), "next in ", next, now_ms, "");
}

/* The cluster that lags most speaks for all. */
void says_pitr(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct reading r;
    int64_t to = TIME_FOREVER, from = TIME_NONE, logs = TIME_NONE, gaps = 0, enabled = 0;
    for (read_begin(st, "pitr", &r); read_next(&r);) {
        if (number(&r, "enabled", TIME_NONE) != 1)
            continue;
        enabled++;
        gaps += number(&r, "gaps", TIME_NONE);
        if (number(&r, "kept-to", TIME_NONE) >= to)
            continue;
        to = number(&r, "kept-to", TIME_NONE);
        from = number(&r, "from", TIME_NONE);
        logs = number(&r, "binlogs-from", TIME_NONE);
    }
    if (says_not_installed(st, "pitr", parts))
        return;
    if (!enabled) {
        strbuf_adds(system_part(parts), "not enabled");
        return;
    }
    if (to == TIME_NONE || to == TIME_FOREVER) {
        strbuf_adds(system_part(parts), "nothing to restore yet");
        return;
    }
    add_since(system_part(parts), "lag ", to, now_ms, "");
    if (from != TIME_NONE)
        add_since(system_part(parts), "back to ", from, now_ms, " ago");
    else if (logs == TIME_NONE)
        strbuf_adds(system_part(parts), "from when is not known");
    if (gaps)
        strbuf_addf(system_part(parts), "%lld gap%s%s", (long long)gaps, gaps == 1 ? "" : "s",
                    from == TIME_NONE ? "" : " before");
}

/* What stores say together: drives and bytes. One that heals is among those that are online, for the
 * operator as for MinIO itself [minio cmd/erasure-server-pool.go Health]. */
struct drives {
    int64_t online, all, healing;
    double used, capacity;
    size_t rows;
};

static struct drives drives_of(const struct store *st, const char *kind)
{
    struct drives d = {0};
    struct reading r;
    for (read_begin(st, kind, &r); read_next(&r); d.rows++) {
        const int64_t online = number(&r, "drives-online", 0);
        d.online += online;
        d.healing += number(&r, "healing", 0);
        d.all += online + number(&r, "drives-offline", 0);
        d.used += (double)number(&r, "used", 0);
        d.capacity += (double)number(&r, "capacity", 0);
    }
    return d;
}

/* As they say now, where their metrics may be read; else as the operator saw it last. */
void says_minio(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    const struct drives live = drives_of(st, "minio-cluster"), seen = drives_of(st, "tenant");
    const struct drives *d = live.all ? &live : &seen;
    const size_t buckets = kube_count(st, "minio-bucket");
    (void)now_ms;
    if (!live.rows && says_not_installed(st, "tenant", parts))
        return;
    if (d->all)
        strbuf_addf(system_part(parts), "%lld/%lld drives", (long long)d->online,
                    (long long)d->all);
    else
        strbuf_addf(system_part(parts), "%zu server%s", live.rows, live.rows == 1 ? "" : "s");
    if (d->healing)
        strbuf_addf(system_part(parts), "%lld healing", (long long)d->healing);
    if (d->capacity > 0)
        strbuf_addf(system_part(parts), "%.0f%% used", d->used / d->capacity * 100);
    if (buckets)
        strbuf_addf(system_part(parts), "%zu bucket%s", buckets, buckets == 1 ? "" : "s");
}
