/* Buckets that hold backups: how much, how new, how far binary logs reach. */
#include <config.h>

#include "backends/binlogs/binlogs.h"
#include "backends/kubernetes/sentence.h"
#include "backends/s3/s3.h"
#include "backends/verdict.h"
#include "base/timetext.h"

enum {
    NAME,
    BACKUPS,
    NEWEST,
    SIZE,
    BINLOGS,
    LAG,
    FROM,
    GAPS,
    REGION,
    BINLOG_SIZE,
    EVERY,
    ENDPOINT,
    NEWEST_AT,
    BINLOG_AT,
    LISTED_AT,
};

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The bucket, and the prefix in it.", VALUE_TEXT, 30, 0, COLUMN_IDENT,
              NULL, NULL},
    [BACKUPS] = {"backups", "BACKUPS", "Full backups in it, finished or not.", VALUE_COUNT, 7, 5,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [NEWEST] = {"newest", "NEWEST", "Since the newest finished backup began.", VALUE_DURATION, 6, 8,
                COLUMN_RIGHT, "newest-at", NULL},
    [SIZE] = {"size", "SIZE", "Of all backups.", VALUE_BYTES, 8, 10, COLUMN_RIGHT, NULL, NULL},
    [BINLOGS] = {"binlogs", "BINLOGS", "Binary logs in it, for restores to a point in time.",
                 VALUE_COUNT, 7, 20, COLUMN_RIGHT, NULL, NULL},
    [LAG] = {"lag", "LAG", "Since the newest binary log was uploaded.", VALUE_DURATION, 5, 12,
             COLUMN_RIGHT, "binlog-at", NULL},
    [FROM] = {"binlogs-from", "BINLOGS-FROM", "The first event of the oldest binary log.",
              VALUE_INSTANT, 20, 40, 0, NULL, NULL},
    [GAPS] = {"gaps", "GAPS", "Backups behind which binary logs are missing (.pitr-not-ready).",
              VALUE_COUNT, 4, 25, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [REGION] = {"region", "REGION", "Where it is.", VALUE_TEXT, 14, 30, 0, NULL, NULL},
    [BINLOG_SIZE] = {"binlog-size", "BINLOG-SIZE", "Of all binary logs.", VALUE_BYTES, 8, 50,
                     COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [EVERY] = {"every", "EVERY", "Time between uploads of binary logs.", VALUE_DURATION, 6, 60,
               COLUMN_WIDE | COLUMN_RIGHT, NULL, NULL},
    [ENDPOINT] = {"endpoint", "ENDPOINT", "The server, where it is not AWS.", VALUE_TEXT, 30, 70,
                  COLUMN_WIDE, NULL, NULL},
    [NEWEST_AT] = {"newest-at", "NEWEST-AT", "When the newest finished backup began.",
                   VALUE_INSTANT, 20, 90, COLUMN_HIDDEN, NULL, NULL},
    [BINLOG_AT] = {"binlog-at", "BINLOG-AT", "When the newest binary log was uploaded.",
                   VALUE_INSTANT, 20, 90, COLUMN_HIDDEN, NULL, NULL},
    [LISTED_AT] = {"listed-at", "LISTED-AT", "When it was last listed.", VALUE_INSTANT, 20, 90,
                   COLUMN_HIDDEN, NULL, NULL},
};

bool s3_bucket_row(struct row_writer *w, const struct s3_about *about, const struct s3_scan *scan)
{
    struct strbuf url = STRBUF_INIT(4096);
    const struct s3_binlogs *logs = &scan->binlogs;
    int64_t bytes = 0, gaps = 0, newest = TIME_NONE;
    for (size_t i = 0; i < scan->count; i++) {
        const struct s3_backup *b = &scan->backups[i];
        bytes += b->bytes;
        gaps += b->gap;
        if (b->was_complete && b->data && b->started_ms > newest)
            newest = b->started_ms;
    }
    s3_place_url(about->place, &url);
    struct span name = span_sub(strbuf_span(&url), strlen("s3://"), url.len);
    name.len--; /* the slash */
    row_begin(w, name);
    row_text(w, NAME, name);
    row_num(w, BACKUPS, (int64_t)scan->count);
    row_num(w, SIZE, bytes);
    row_num(w, BINLOGS, logs->count);
    row_num(w, BINLOG_SIZE, logs->bytes);
    row_num(w, GAPS, gaps);
    row_text(w, REGION, span_from(about->region));
    row_num(w, LISTED_AT, about->listed_ms);
    if (about->place->endpoint)
        row_text(w, ENDPOINT, span_from(about->place->endpoint));
    if (about->every_ms)
        row_num(w, EVERY, about->every_ms);
    if (newest != TIME_NONE)
        row_num(w, NEWEST_AT, newest);
    if (logs->oldest_ms != TIME_NONE)
        row_num(w, FROM, logs->oldest_ms);
    if (logs->newest_ms != TIME_NONE)
        row_num(w, BINLOG_AT, logs->newest_ms);
    if (about->collector)
        row_link(w, LINK_FILLED, LINK_AFFECTS, "binlog-collector", span_from(about->collector));
    strbuf_clear(&url);
    return row_end(w);
}

/* ---- Verdicts. */

#define SLACK_MS  ((int64_t)5 * 60 * 1000) /* the source's own rest between looks */
#define CLOCKS_MS ((int64_t)60 * 1000)     /* the bucket's clock and the collector's may differ */

enum { RULE_NONE, RULE_LAG };

static const struct rule rules[] = {
    [RULE_NONE] = {"s3-no-binlogs",
                   "Binary logs should be uploaded to it, and there is none: critical."},
    [RULE_LAG] = {"s3-binlog-lag",
                  "The newest binary log was uploaded longer ago than two uploads and five "
                  "minutes, and what uploads them does not say that there was nothing to upload, "
                  "or says that it uploaded one since: warning."},
};

/* When its collector uploaded one that should be in the listing and is not; TIME_NONE: it did not, or
 * nothing is known. */
static int64_t missed_at(const struct store *st, struct handle row)
{
    struct handle collector;
    int64_t uploaded =
        binlogs_of(st, row, &collector) ? binlogs_time(st, collector, "uploaded-at") : TIME_NONE;
    return uploaded != TIME_NONE &&
                   uploaded > store_num(st, row, BINLOG_AT, TIME_NONE) + SLACK_MS &&
                   uploaded + CLOCKS_MS < store_num(st, row, LISTED_AT, TIME_NONE)
               ? uploaded
               : TIME_NONE;
}

/* Until when it holds that nothing was written: its collector has looked, and had nothing that is not
 * there. TIME_NONE: nobody says so. */
static int64_t idle_until(const struct store *st, struct handle row, int64_t every_ms)
{
    struct handle collector;
    int64_t processed =
        binlogs_of(st, row, &collector) ? binlogs_time(st, collector, "processed-at") : TIME_NONE;
    return processed == TIME_NONE || missed_at(st, row) != TIME_NONE
               ? TIME_NONE
               : processed + binlogs_limit(every_ms);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t every = store_num(st, row, EVERY, 0), at = store_num(st, row, BINLOG_AT, TIME_NONE);
    if (!every)
        return verdict_ok();
    if (at == TIME_NONE)
        return verdict_at(LEVEL_CRITICAL, RULE_NONE);
    int64_t until = at + 2 * every + SLACK_MS, idle = idle_until(st, row, every);
    until = idle > until ? idle : until;
    return now_ms > until ? verdict_at(LEVEL_WARNING, RULE_LAG)
                          : verdict_until(LEVEL_OK, 0, until + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char every[TIMETEXT_MAX];
    int64_t missed = missed_at(st, row);
    duration_format_short(store_num(st, row, EVERY, 0), every);
    if (v->rule == RULE_NONE) {
        strbuf_addf(out, "no binary log in it, one is expected every %s", every);
        return;
    }
    strbuf_adds(out, "newest binary log uploaded");
    sentence_ago(out, store_num(st, row, BINLOG_AT, now_ms), now_ms);
    if (missed == TIME_NONE) {
        strbuf_addf(out, ", one is expected every %s", every);
        return;
    }
    strbuf_adds(out, ", its collector says that it uploaded one");
    sentence_ago(out, missed, now_ms);
}

const struct kind kind_s3_bucket = {
    .name = "s3-bucket",
    .plural = "s3-buckets",
    .aliases = "bucket buckets",
    .title = "Buckets of backups",
    .help = "Buckets of S3 that hold backups and binary logs, as their objects are listed.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "binlog-collector", /* without which an idle database is not told from a lag */
    .sort = "level desc,name",
};
