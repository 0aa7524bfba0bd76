/* Backups as they lie in a bucket: there, whole, of a likely size. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/kubernetes/sentence.h"
#include "backends/s3/s3.h"
#include "backends/verdict.h"
#include "base/number.h"
#include "net/http.h"

enum {
    BUCKET,
    NAME,
    CLUSTER,
    SIZE,
    SHARE,
    OBJECTS,
    COMPLETE,
    AGE,
    GAP,
    WRITTEN,
    MEDIAN,
    STARTED,
    WRITTEN_AT,
};

static const struct column columns[] = {
    [BUCKET] = {"bucket", "BUCKET", "The bucket, and the prefix in it.", VALUE_TEXT, 16, 30,
                COLUMN_IDENT, NULL, NULL},
    [NAME] = {"name", "NAME", "What its objects' names begin with.", VALUE_TEXT, 36, 0,
              COLUMN_IDENT, NULL, NULL},
    [CLUSTER] = {"pxc", "PXC", "The database cluster.", VALUE_TEXT, 10, 20, 0, NULL, NULL},
    [SIZE] = {"size", "SIZE", "Of all its objects.", VALUE_BYTES, 8, 5, COLUMN_RIGHT, NULL, NULL},
    [SHARE] = {"vs-median", "VS-MEDIAN",
               "Its size against the middle of the cluster's other finished backups.", VALUE_RATIO,
               9, 10, COLUMN_RIGHT, NULL, NULL},
    [OBJECTS] = {"objects", "OBJECTS", "How many they are.", VALUE_COUNT, 7, 25, COLUMN_RIGHT, NULL,
                 NULL},
    [COMPLETE] = {"complete", "COMPLETE", "Its .md5 is there, which is written last.", VALUE_BOOL,
                  8, 8, COLUMN_NOTABLE, NULL, NULL},
    [AGE] = {"age", "AGE", "Since it began.", VALUE_DURATION, 5, 6, COLUMN_RIGHT, "started", NULL},
    [GAP] = {"gap", "GAP", "Binary logs behind it are missing (.pitr-not-ready).", VALUE_BOOL, 5,
             35, COLUMN_NOTABLE, NULL, NULL},
    [WRITTEN] = {"written", "WRITTEN", "Since its last object was written.", VALUE_DURATION, 7, 40,
                 COLUMN_RIGHT, "written-at", NULL},
    [MEDIAN] = {"median", "MEDIAN", "The middle of the others' sizes.", VALUE_BYTES, 8, 60,
                COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [STARTED] = {"started", "STARTED", "When it began, as its name says.", VALUE_INSTANT, 20, 70,
                 COLUMN_WIDE, NULL, NULL},
    [WRITTEN_AT] = {"written-at", "WRITTEN-AT", "When its last object was written.", VALUE_INSTANT,
                    20, 90, COLUMN_HIDDEN, NULL, NULL},
};

/* The key is the destination that the backup's object has. */
bool s3_backup_row(struct row_writer *w, const struct s3_about *about, const struct s3_scan *scan,
                   const struct s3_backup *b)
{
    struct strbuf key = STRBUF_INIT(8192);
    int64_t median = s3_scan_median(scan, b);
    s3_place_url(about->place, &key);
    struct span bucket = span_sub(strbuf_span(&key), strlen("s3://"), key.len);
    bucket.len--; /* the slash */
    size_t len = bucket.len;
    strbuf_adds(&key, b->name);
    row_begin(w, strbuf_span(&key));
    row_text(w, BUCKET, span_sub(strbuf_span(&key), strlen("s3://"), len));
    row_text(w, NAME, span_from(b->name));
    row_text(w, CLUSTER, span_make(b->name, b->cluster_len));
    row_num(w, SIZE, b->bytes);
    row_num(w, OBJECTS, b->objects);
    row_num(w, COMPLETE, b->was_complete);
    row_num(w, GAP, b->gap);
    row_num(w, STARTED, b->started_ms);
    if (b->modified_ms != TIME_NONE)
        row_num(w, WRITTEN_AT, b->modified_ms);
    if (median > 0) {
        row_num(w, MEDIAN, median);
        row_real(w, SHARE, (double)b->bytes / (double)median);
    }
    strbuf_clear(&key);
    return row_end(w);
}

/* ---- Verdicts. */

#define STALLED_MS ((int64_t)30 * 60 * 1000)

enum { RULE_GONE, RULE_UNFINISHED, RULE_SMALL, RULE_RUNNING, RULE_GAP };

static const struct rule rules[] = {
    [RULE_GONE] = {"s3-backup-gone",
                   "Nothing of its data is there any more, what was written beside it is: "
                   "critical."},
    [RULE_UNFINISHED] = {"s3-backup-unfinished",
                         "It has no .md5, and nothing was written for 30 minutes: warning."},
    [RULE_SMALL] = {"s3-backup-small",
                    "Less than half of the middle of the cluster's other backups, of which there "
                    "are at least three: warning."},
    [RULE_RUNNING] = {"s3-backup-running", "It is being written: progress."},
    [RULE_GAP] = {"s3-backup-gap",
                  "Binary logs behind it are missing, no point in time can be reached from it: "
                  "notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct value share = store_cell(st, row, SHARE, now_ms);
    int64_t written = store_num(st, row, WRITTEN_AT, TIME_NONE);
    bool complete = store_num(st, row, COMPLETE, 0);
    if (!complete && written == TIME_NONE) /* .sst_info alone: it goes first */
        written = store_num(st, row, STARTED, now_ms);
    if (complete && !store_num(st, row, OBJECTS, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_GONE);
    if (!complete)
        return now_ms - written > STALLED_MS
                   ? verdict_at(LEVEL_WARNING, RULE_UNFINISHED)
                   : verdict_until(LEVEL_PROGRESS, RULE_RUNNING, written + STALLED_MS + 1);
    if (share.type == VALUE_RATIO && share.real < 0.5)
        return verdict_at(LEVEL_WARNING, RULE_SMALL);
    return store_num(st, row, GAP, 0) ? verdict_at(LEVEL_NOTICE, RULE_GAP) : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char size[NUMBER_TEXT_MAX], median[NUMBER_TEXT_MAX];
    number_format_bytes(store_num(st, row, SIZE, 0), size);
    number_format_bytes(store_num(st, row, MEDIAN, 0), median);
    switch (v->rule) {
    case RULE_GONE:
        strbuf_adds(out, "its data are gone, only its .md5 is left");
        break;
    case RULE_UNFINISHED:
        strbuf_addf(out, "not finished, no .md5: %s, last written", size);
        sentence_ago(out, store_num(st, row, WRITTEN_AT, TIME_NONE), now_ms);
        break;
    case RULE_SMALL:
        strbuf_addf(out, "%s, the others are %s", size, median);
        break;
    case RULE_GAP:
        strbuf_adds(out, "binary logs behind it are missing (.pitr-not-ready)");
        break;
    default:
        strbuf_addf(out, "being written, %s so far", size);
        break;
    }
}

const struct kind kind_s3_backup = {
    .name = "s3-backup",
    .plural = "s3-backups",
    .aliases = "",
    .title = "Backups in S3",
    .help = "Full backups of PXC as their objects lie in a bucket of S3.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,started desc",
};

/* ---- What others ask. */

struct span s3_bucket_of(struct span destination)
{
    size_t slash = span_find_last(destination, '/'), from = strlen("s3://");
    if (!span_starts(destination, "s3://") || slash < from)
        return span_make(NULL, 0);
    return span_sub(destination, from, slash - from);
}

struct span s3_server_of(struct span endpoint)
{
    struct span host = http_host(endpoint);
    size_t svc = span_search(host, SPAN(".svc"), false);
    struct span rest = span_sub(host, svc, host.len);
    if (span_is(rest, ".svc") || span_starts(rest, ".svc."))
        host.len = svc;
    return span_search(host, SPAN("amazonaws.com"), false) < host.len ? SPAN("") : host;
}

bool s3_is_of_several(const struct store *st, struct span bucket)
{
    int kind = store_kind_find(st, SPAN("backup-storage"));
    struct span server = {NULL, 0};
    struct handle row;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct span its = discovery_text(st, row, "bucket");
        while (its.len && its.data[its.len - 1] == '/')
            its.len--;
        if (!span_is(discovery_text(st, row, "type"), "s3") || !span_eq(its, bucket))
            continue;
        its = s3_server_of(discovery_text(st, row, "endpoint"));
        if (server.data && !span_eq(server, its))
            return true;
        server = its;
    }
    return false;
}

bool s3_stored(const struct store *st, const char *kind, struct span key, struct span endpoint,
               struct handle *found)
{
    int number = store_kind_find(st, span_from(kind)),
        buckets = store_kind_find(st, SPAN("s3-bucket"));
    struct span bucket = number == buckets ? key : s3_bucket_of(key);
    struct handle row;
    uint32_t at = 0;
    if (number < 0 || buckets < 0)
        return false;
    if (!s3_is_of_several(st, bucket))
        return store_find(st, SOURCE_ANY, (uint16_t)number, key, found);
    while (store_next(st, (uint16_t)buckets, &at, &row))
        if (span_eq(store_key(st, row), bucket) &&
            span_eq(s3_server_of(discovery_text(st, row, "endpoint")), s3_server_of(endpoint)))
            return store_find(st, store_row_source(st, row), (uint16_t)number, key, found);
    return false;
}

/* The bucket's row, which only a listing to its end puts. */
enum s3_presence s3_find(const struct store *st, struct span destination, struct span endpoint,
                         int64_t since_ms, struct handle *found)
{
    struct handle bucket;
    if (s3_stored(st, "s3-backup", destination, endpoint, found))
        return S3_HERE;
    if (!s3_stored(st, "s3-bucket", s3_bucket_of(destination), endpoint, &bucket))
        return S3_UNKNOWN;
    int listed = kind_column(&kind_s3_bucket, SPAN("listed-at"));
    return store_num(st, bucket, (size_t)listed, TIME_NONE) > since_ms ? S3_MISSING : S3_UNKNOWN;
}

void s3_says(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    int kind = store_kind_find(st, SPAN("s3-backup"));
    struct handle row, newest = {0};
    int64_t started = TIME_NONE;
    size_t kept = 0;
    uint32_t at = 0;
    char size[NUMBER_TEXT_MAX];
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        if (!store_num(st, row, COMPLETE, 0) || !store_num(st, row, OBJECTS, 0))
            continue;
        kept++;
        if (store_num(st, row, STARTED, TIME_NONE) > started) {
            started = store_num(st, row, STARTED, TIME_NONE);
            newest = row;
        }
    }
    if (!kept) {
        strbuf_adds(system_part(parts), kind >= 0 && store_count(st, (uint16_t)kind)
                                            ? "no finished backup"
                                            : "none here");
        return;
    }
    number_format_bytes(store_num(st, newest, SIZE, 0), size);
    struct strbuf *out = system_part(parts);
    strbuf_adds(out, "last full");
    sentence_ago(out, started, now_ms);
    strbuf_addf(system_part(parts), "%s; %zu kept", size, kept);
}
