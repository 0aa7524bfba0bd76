/* Listings made into backups and binary logs. */
#include <config.h>

#include "backends/s3/scan.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/timetext.h"

#include <stdlib.h>

#define AGAIN_MS    ((int64_t)6 * 3600 * 1000) /* what is complete is listed again */
#define SIBLINGS    3                          /* that make a median worth saying */
#define STAMP       SPAN("-2026-11-22-01:00:12-full")
#define BINLOG      "binlog_"
#define BINLOG_TIME 10 /* digits: until the year 2286 */

void s3_scan_clear(struct s3_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++)
        free(scan->backups[i].name);
    free(scan->backups);
    free(scan->binlogs.last);
    *scan = (struct s3_scan){0};
}

bool s3_backup_name(struct span name, size_t *cluster_len, int64_t *started_ms)
{
    char text[] = "2026-11-22T01:00:12Z";
    struct span stamp = span_sub(name, name.len - STAMP.len, STAMP.len);
    if (name.len <= STAMP.len || stamp.data[0] != '-' || !span_ends(stamp, "-full") ||
        stamp.data[11] != '-')
        return false;
    memcpy(text, stamp.data + 1, 10);
    memcpy(text + 11, stamp.data + 12, 8);
    *cluster_len = name.len - STAMP.len;
    return time_parse(span_from(text), started_ms);
}

/* ---- Backups. */

/* Where a name is, or would be. */
static size_t place_of(const struct s3_scan *scan, struct span name, bool *found)
{
    size_t from = 0, to = scan->count;
    *found = false;
    while (from < to && !*found) {
        size_t at = from + (to - from) / 2;
        int order = span_compare(span_from(scan->backups[at].name), name);
        *found = order == 0;
        from = order < 0 ? at + 1 : from;
        to = order > 0 ? at : to;
        if (*found)
            return at;
    }
    return from;
}

/* NULL: it is no backup's name. */
static struct s3_backup *backup_of(struct s3_scan *scan, struct span name)
{
    struct s3_backup b = {.md5_ms = TIME_NONE, .listed_ms = TIME_NONE, .modified_ms = TIME_NONE};
    bool found;
    size_t at = place_of(scan, name, &found);
    if (found)
        return &scan->backups[at];
    if (scan->count >= S3_BACKUPS_MAX || !s3_backup_name(name, &b.cluster_len, &b.started_ms))
        return NULL;
    b.name = xalloc_bytes(name.data, name.len);
    scan->backups = xalloc_resize(scan->backups, scan->count + 1, sizeof(*scan->backups));
    memmove(scan->backups + at + 1, scan->backups + at, (scan->count - at) * sizeof(b));
    scan->backups[at] = b;
    scan->count++;
    return &scan->backups[at];
}

/* What was not seen is gone. */
static void drop_gone(struct s3_scan *scan)
{
    size_t kept = 0;
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->backups[i].here)
            scan->backups[kept++] = scan->backups[i];
        else
            free(scan->backups[i].name);
    }
    scan->count = kept;
}

/* ---- The top of the bucket. */

struct top {
    struct s3_scan *scan;
    struct s3_binlogs binlogs; /* as they will be; last: owned */
    int64_t first_ms;          /* of the first event of the first binary log; TIME_NONE: none */
    struct span prefix;        /* of every key */
};

struct object {
    struct span name; /* behind the prefix */
    int64_t bytes, modified_ms;
};

static struct object object_of(struct s3_page *page, const struct xml_node *contents, size_t prefix)
{
    struct object o = {.bytes = 0, .modified_ms = TIME_NONE};
    struct span key = s3_text(page, xml_child(contents, "Key"));
    o.name = span_sub(key, prefix, key.len);
    (void)!number_parse(xml_child_text(contents, "Size"), 0, INT64_MAX, &o.bytes);
    (void)!time_parse(xml_child_text(contents, "LastModified"), &o.modified_ms);
    return o;
}

static void see_binlog(struct top *t, const struct object *o)
{
    struct s3_binlogs *b = &t->binlogs;
    struct span last = span_from(b->last);
    int64_t seconds;
    if (span_ends(o->name, "-gtid-set") ||
        !number_parse(span_sub(o->name, strlen(BINLOG), BINLOG_TIME), 0, INT64_MAX / 1000,
                      &seconds))
        return;
    if (t->first_ms == TIME_NONE)
        t->first_ms = seconds * 1000;
    if (b->last && span_compare(o->name, last) <= 0)
        return;
    b->count++;
    b->bytes += o->bytes;
    if (b->oldest_ms == TIME_NONE)
        b->oldest_ms = seconds * 1000;
    b->newest_ms = o->modified_ms;
    free(b->last);
    b->last = xalloc_bytes(o->name.data, o->name.len);
}

static void see_beside(struct top *t, const struct object *o)
{
    bool md5 = span_ends(o->name, "-full.md5"), gap = span_ends(o->name, "-full.pitr-not-ready");
    size_t len = strlen(md5 ? ".md5" : ".pitr-not-ready");
    struct s3_backup *b =
        md5 || gap ? backup_of(t->scan, span_sub(o->name, 0, o->name.len - len)) : NULL;
    if (!b)
        return;
    b->here = true;
    b->gap = b->gap || gap;
    if (md5)
        b->md5_ms = o->modified_ms;
}

static void see_folder(struct top *t, struct span name)
{
    bool info = span_ends(name, ".sst_info/");
    size_t len = info ? strlen(".sst_info/") : 1;
    struct s3_backup *b = backup_of(t->scan, span_sub(name, 0, name.len - len));
    if (!b)
        return;
    b->here = true;
    b->data = b->data || !info;
}

/* Those that are known need not be listed again. */
static void skip_known(const struct top *t, struct span last, struct s3_page *page)
{
    if (!span_starts(last, BINLOG) || !t->binlogs.last ||
        span_compare(last, span_from(t->binlogs.last)) >= 0)
        return;
    strbuf_add(&page->skip_to, t->prefix);
    strbuf_adds(&page->skip_to, t->binlogs.last);
}

static bool on_top(void *context, struct s3_page *page)
{
    struct top *t = context;
    const struct xml_node *n = xml_child(page->result, "Contents");
    while (n) {
        struct object o = object_of(page, n, t->prefix.len);
        n = xml_next(n, "Contents");
        if (span_starts(o.name, BINLOG))
            see_binlog(t, &o);
        else
            see_beside(t, &o);
        if (!n)
            skip_known(t, o.name, page);
    }
    for (n = xml_child(page->result, "CommonPrefixes"); n; n = xml_next(n, "CommonPrefixes")) {
        struct span key = s3_text(page, xml_child(n, "Prefix"));
        see_folder(t, span_sub(key, t->prefix.len, key.len));
    }
    return true;
}

static void forget_flags(struct s3_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        struct s3_backup *b = &scan->backups[i];
        b->here = b->data = b->gap = false;
        b->md5_ms = TIME_NONE;
    }
}

/* whole: binary logs that are known too. */
static bool list_all(struct s3_scan *scan, const struct s3_asker *s, struct span prefix, bool whole,
                     int64_t now_ms, struct err *err)
{
    struct s3_binlogs *known = &scan->binlogs;
    struct top t = {.scan = scan, .first_ms = TIME_NONE, .prefix = prefix, .binlogs = *known};
    if (whole)
        t.binlogs = (struct s3_binlogs){
            .oldest_ms = TIME_NONE, .newest_ms = TIME_NONE, .listed_ms = now_ms};
    else if (known->last)
        t.binlogs.last = xalloc_text(known->last);
    forget_flags(scan);
    if (!s3_list(s, prefix, true, on_top, &t, err)) {
        free(t.binlogs.last);
        return false;
    }
    free(known->last);
    *known = t.binlogs;
    scan->begun = true;
    drop_gone(scan);
    return whole || t.first_ms == known->oldest_ms || /* else some of them were deleted */
           list_all(scan, s, prefix, true, now_ms, err);
}

static bool list_top(struct s3_scan *scan, const struct s3_asker *s, struct span prefix,
                     int64_t now_ms, struct err *err)
{
    bool whole = !scan->begun || now_ms - scan->binlogs.listed_ms >= AGAIN_MS;
    return list_all(scan, s, prefix, whole, now_ms, err);
}

/* ---- The objects of a backup. */

struct sum {
    int64_t bytes, objects, modified_ms;
};

static bool on_objects(void *context, struct s3_page *page)
{
    struct sum *sum = context;
    const struct xml_node *n;
    for (n = xml_child(page->result, "Contents"); n; n = xml_next(n, "Contents")) {
        struct object o = object_of(page, n, 0);
        sum->objects++;
        sum->bytes = o.bytes > INT64_MAX - sum->bytes ? INT64_MAX : sum->bytes + o.bytes;
        sum->modified_ms = o.modified_ms > sum->modified_ms ? o.modified_ms : sum->modified_ms;
    }
    return true;
}

/* What is there and complete as it was needs no second look for hours. */
static bool is_due(const struct s3_backup *b, int64_t now_ms)
{
    bool same = b->md5_ms != TIME_NONE && b->was_complete && b->data == (b->objects > 0);
    return !same || now_ms - b->listed_ms >= AGAIN_MS;
}

static bool list_backup(struct s3_backup *b, const struct s3_asker *s, struct span prefix,
                        int64_t now_ms, struct err *err)
{
    struct strbuf key = STRBUF_INIT(4096);
    struct sum sum = {.modified_ms = TIME_NONE};
    strbuf_add(&key, prefix);
    strbuf_addf(&key, "%s/", b->name);
    bool ok = !b->data || s3_list(s, strbuf_span(&key), false, on_objects, &sum, err);
    strbuf_clear(&key);
    if (!ok)
        return false;
    b->bytes = sum.bytes;
    b->objects = sum.objects;
    b->modified_ms = sum.modified_ms;
    b->listed_ms = now_ms;
    b->was_complete = b->md5_ms != TIME_NONE;
    return true;
}

bool s3_scan_run(struct s3_scan *scan, const struct s3_asker *s, int64_t now_ms, struct err *err)
{
    struct strbuf prefix = STRBUF_INIT(4096);
    bool ok;
    strbuf_add(&prefix, s->place->prefix);
    strbuf_adds(&prefix, prefix.len ? "/" : "");
    ok = list_top(scan, s, strbuf_span(&prefix), now_ms, err);
    for (size_t i = 0; ok && i < scan->count; i++)
        if (is_due(&scan->backups[i], now_ms))
            ok = list_backup(&scan->backups[i], s, strbuf_span(&prefix), now_ms, err);
    strbuf_clear(&prefix);
    return ok;
}

/* ---- Sizes. */

static int compare_sizes(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

int64_t s3_scan_median(const struct s3_scan *scan, const struct s3_backup *b)
{
    int64_t *sizes = xalloc_zero(scan->count + 1, sizeof(*sizes)), median = -1;
    size_t n = 0;
    struct span cluster = span_make(b->name, b->cluster_len);
    for (size_t i = 0; i < scan->count; i++) {
        const struct s3_backup *other = &scan->backups[i];
        if (other != b && other->data && other->was_complete &&
            span_eq(span_make(other->name, other->cluster_len), cluster))
            sizes[n++] = other->bytes;
    }
    if (n)
        qsort(sizes, n, sizeof(*sizes), compare_sizes);
    if (n >= SIBLINGS)
        median = n % 2 ? sizes[n / 2] : sizes[n / 2 - 1] + (sizes[n / 2] - sizes[n / 2 - 1]) / 2;
    free(sizes);
    return median;
}
