/* A collector of binary logs, by its own figures: whether it gets through, and what it has uploaded. */
#include <config.h>

#include "backends/binlogs/binlogs.h"
#include "backends/cells.h"
#include "backends/kubernetes/sentence.h"
#include "backends/verdict.h"
#include "base/timetext.h"
#include "net/metrics.h"

#include <stddef.h>

#define PREFIX "pxc_binlog_collector_"

static const struct metric_figure figures[] = {
    {"process_start_time_seconds", offsetof(struct binlogs_figures, started_ms), 1000},
    {PREFIX "last_processing_timestamp", offsetof(struct binlogs_figures, processed_ms), 1000},
    {PREFIX "last_upload_timestamp", offsetof(struct binlogs_figures, uploaded_ms), 1000},
    {PREFIX "success_total", offsetof(struct binlogs_figures, successes), 1},
    {PREFIX "failure_total", offsetof(struct binlogs_figures, failures), 1},
    {PREFIX "uploaded_total", offsetof(struct binlogs_figures, uploads), 1},
    {PREFIX "gap_detected_total", offsetof(struct binlogs_figures, gaps), 1},
};

bool binlogs_read(struct span text, struct binlogs_figures *out, struct err *err)
{
    *out = (struct binlogs_figures){-1, -1, -1, -1, -1, -1, -1};
    return metric_take(text, PREFIX, figures, BN_COUNT(figures), out) ||
           err_set(err, ERR_PROTO, "what answers there has no figures of a collector");
}

enum {
    NAMESPACE,
    NAME,
    PROCESSED,
    UPLOADED,
    UPLOADS,
    SUCCESSES,
    FAILURES,
    GAPS,
    EVERY,
    PROCESSED_AT,
    UPLOADED_AT,
    STARTED_AT,
    FAILED_AT,
    GAP_AT,
    READ_AT,
};

static const struct column columns[] = {
    [NAMESPACE] = {"namespace", "NAMESPACE", "The namespace.", VALUE_TEXT, 12, 0, COLUMN_IDENT,
                   NULL, NULL},
    [NAME] = {"name", "NAME", "The database cluster.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [PROCESSED] = {"processed", "PROCESSED",
                   "Since all that its servers had of binary logs was last in the bucket.",
                   VALUE_DURATION, 9, 0, COLUMN_RIGHT, "processed-at", NULL},
    [UPLOADED] = {"uploaded", "UPLOADED",
                  "Since it last uploaded one; while nothing is written there is none to upload.",
                  VALUE_DURATION, 8, 10, COLUMN_RIGHT, "uploaded-at", NULL},
    [UPLOADS] = {"uploads", "UPLOADS", "Binary logs that it has uploaded since it started.",
                 VALUE_COUNT, 7, 20, COLUMN_RIGHT, NULL, NULL},
    [SUCCESSES] = {"successes", "OK", "Times that it got through since it started.", VALUE_COUNT, 6,
                   40, COLUMN_RIGHT, NULL, NULL},
    [FAILURES] = {"failures", "FAILED", "Times that it did not.", VALUE_COUNT, 6, 5, COLUMN_RIGHT,
                  NULL, NULL},
    [GAPS] = {"gaps", "GAPS", "Times that it found binary logs missing since it started.",
              VALUE_COUNT, 4, 15, COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [EVERY] = {"every", "EVERY", "Time between uploads.", VALUE_DURATION, 6, 60, COLUMN_RIGHT, NULL,
               NULL},
    [PROCESSED_AT] = {"processed-at", "PROCESSED-AT", "When that was.", VALUE_INSTANT, 20, 90,
                      COLUMN_HIDDEN, NULL, NULL},
    [UPLOADED_AT] = {"uploaded-at", "UPLOADED-AT", "When it last uploaded one.", VALUE_INSTANT, 20,
                     90, COLUMN_HIDDEN, NULL, NULL},
    [STARTED_AT] = {"started-at", "STARTED-AT", "When it started.", VALUE_INSTANT, 20, 90,
                    COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [FAILED_AT] = {"failed-at", "FAILED-AT",
                   "When a failure was seen that no success has followed.", VALUE_INSTANT, 20, 90,
                   COLUMN_HIDDEN, NULL, NULL},
    [GAP_AT] = {"gap-at", "GAP-AT", "When it was last seen to find some missing.", VALUE_INSTANT,
                20, 90, COLUMN_HIDDEN, NULL, NULL},
    [READ_AT] = {"read-at", "READ-AT", "When its figures were read.", VALUE_INSTANT, 20, 90,
                 COLUMN_HIDDEN, NULL, NULL},
};

static void put_moment(struct row_writer *w, size_t column, int64_t ms)
{
    put_time(w, column, ms > 0 ? ms : TIME_NONE);
}

bool binlogs_put(const struct binlogs_told *told, const struct binlogs_figures *f,
                 struct row_writer *w)
{
    struct span name = span_from(told->name), ns = {0};
    row_begin(w, name);
    if (span_find(name, '/', 0) < name.len)
        (void)span_split(&name, '/', &ns);
    put_text(w, NAMESPACE, ns);
    row_text(w, NAME, name);
    put_amount(w, UPLOADS, f->uploads);
    put_amount(w, SUCCESSES, f->successes);
    put_amount(w, FAILURES, f->failures);
    put_amount(w, GAPS, f->gaps);
    row_num(w, EVERY, told->every_ms);
    put_moment(w, PROCESSED_AT, f->processed_ms);
    put_moment(w, UPLOADED_AT, f->uploaded_ms);
    put_moment(w, STARTED_AT, f->started_ms);
    put_time(w, FAILED_AT, told->failed_ms);
    put_time(w, GAP_AT, told->gap_ms);
    row_num(w, READ_AT, told->read_ms);
    row_link(w, LINK_OWNER, 0, "pxc", span_from(told->name));
    return row_end(w);
}

/* ---- Verdicts. */

enum { RULE_LATE, RULE_FAILS };

static const struct rule rules[] = {
    [RULE_LATE] = {"binlog-collector-late",
                   "It last got through the binary logs, or started, more than two uploads and a "
                   "minute before its figures were read: warning."},
    [RULE_FAILS] = {"binlog-collector-fails",
                    "It was seen to fail, and has not got through since: warning."},
};

/* By when its figures were read: what is not read any more is stale, not late. */
static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t since = store_num(st, row, PROCESSED_AT, store_num(st, row, STARTED_AT, TIME_FOREVER));
    int64_t limit = binlogs_limit(store_num(st, row, EVERY, 0));
    if (store_num(st, row, READ_AT, now_ms) - since > limit)
        return verdict_at(LEVEL_WARNING, RULE_LATE);
    return store_num(st, row, FAILED_AT, TIME_NONE) != TIME_NONE
               ? verdict_at(LEVEL_WARNING, RULE_FAILS)
               : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    char every[TIMETEXT_MAX];
    int64_t processed = store_num(st, row, PROCESSED_AT, TIME_NONE);
    int64_t failures = store_num(st, row, FAILURES, 0);
    duration_format_short(store_num(st, row, EVERY, 0), every);
    if (v->rule == RULE_FAILS) {
        strbuf_adds(out, "fails, seen");
        sentence_ago(out, store_num(st, row, FAILED_AT, TIME_NONE), now_ms);
        strbuf_adds(out, "; last got through");
    } else {
        strbuf_adds(out, "last got through");
    }
    if (processed != TIME_NONE)
        sentence_ago(out, processed, now_ms);
    else
        strbuf_adds(out, " never since it started");
    strbuf_addf(out, ", every %s is asked for; %lld failure%s since it started", every,
                (long long)failures, failures == 1 ? "" : "s");
}

const struct kind kind_binlog_collector = {
    .name = "binlog-collector",
    .plural = "binlog-collectors",
    .aliases = "",
    .title = "Collectors of binary logs",
    .help = "What uploads the binary logs of PXC clusters: when it last got through, what failed.",
    .namespaced = true,
    .beside = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

/* ---- What others ask. */

bool binlogs_of(const struct store *st, struct handle row, struct handle *collector)
{
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (l.type == LINK_FILLED)
            return store_follow(st, row, &l, collector) == LINK_FOUND;
    return false;
}

int64_t binlogs_time(const struct store *st, struct handle collector, const char *column)
{
    int i = kind_column(&kind_binlog_collector, span_from(column));
    bn_assert(i >= 0);
    return store_num(st, collector, (size_t)i, TIME_NONE);
}
