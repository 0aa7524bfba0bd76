/* Recovery of a PXC cluster to a point in time, from its object, its backups, what its bucket has of
 * binary logs and the figures of what collects them: which times can be reached, how far behind now
 * the last one is, and gaps. */
#include <config.h>

#include "backends/binlogs/binlogs.h"
#include "backends/kubernetes/pxc.h"
#include "backends/kubernetes/sentence.h"
#include "base/timetext.h"

enum {
    NAMESPACE,
    NAME,
    ENABLED,
    FROM,
    LAG,
    GAPS,
    INTERVAL,
    STORAGE,
    TO,
    BINLOGS_FROM,
    FIRST,
    BACKUPS,
    PAUSED,
    ENDPOINT,
    FULL_AT,
    GAP_AT,
    GAP_FULL_AT,
    CREATED,
    PROCESSED,
    UPLOADED,
    KEPT_TO,
};

/* A gap is told of the backup that the missing binary logs follow. */
static const struct fold first_full = {FOLD_MIN, LINK_BACKUP, "backup", "completed-at",
                                       "status=Succeeded gap=false"};
static const struct fold count_good = {FOLD_COUNT, LINK_BACKUP, "backup", NULL, "status=Succeeded"};
static const struct fold last_full = {FOLD_MAX, LINK_BACKUP, "backup", "completed-at",
                                      "status=Succeeded"};
static const struct fold last_point = {FOLD_MAX, LINK_BACKUP, "backup", "restorable-at",
                                       "status=Succeeded"};
static const struct fold count_gaps = {FOLD_COUNT, LINK_BACKUP, "backup", NULL, "gap=true"};
static const struct fold last_gap = {FOLD_MAX, LINK_BACKUP, "backup", "gap-at", "gap=true"};
static const struct fold last_gap_full = {FOLD_MAX, LINK_BACKUP, "backup", "completed-at",
                                          "gap=true"};
static const struct fold of_bucket = {FOLD_DERIVED, LINK_STORED, "s3-bucket", NULL, NULL};
static const struct fold of_collector = {FOLD_DERIVED, LINK_FILLED, "binlog-collector", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {"name", "NAME", "The database cluster.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [ENABLED] = {"enabled", "ENABLED", "Its binary logs are collected.", VALUE_BOOL, 7, 20,
                 COLUMN_NOTABLE, NULL, NULL},
    [FROM] = {"from", "FROM",
              "The end of the first backup from which binary logs go on to now without a gap, by "
              "what its bucket has; empty: none, or not known.",
              VALUE_INSTANT, 20, 10, 0, NULL, &of_bucket},
    [LAG] = {"lag", "LAG",
             "Since all that was written could be restored: what is lost if all is lost now.",
             VALUE_DURATION, 5, 0, COLUMN_RIGHT, "kept-to", NULL},
    [GAPS] = {"gaps", "GAPS", "Backups behind which binary logs are missing.", VALUE_COUNT, 4, 15,
              COLUMN_RIGHT | COLUMN_NOTABLE, NULL, &count_gaps},
    [INTERVAL] = {"interval", "INTERVAL", "Time between uploads.", VALUE_DURATION, 8, 30,
                  COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [STORAGE] = {"storage", "STORAGE", "The cluster's name for where they lie.", VALUE_TEXT, 12, 40,
                 0, NULL, NULL},
    [TO] = {"to", "TO", "The latest point in time that can be reached.", VALUE_INSTANT, 20, 42,
            COLUMN_WIDE, NULL, &last_point},
    [PROCESSED] = {"processed", "PROCESSED",
                   "When all binary logs were last in the bucket, by its collector's figures; "
                   "empty: those are not read.",
                   VALUE_INSTANT, 20, 43, COLUMN_WIDE, NULL, &of_collector},
    [UPLOADED] = {"uploaded", "UPLOADED",
                  "When its collector last uploaded one; empty: not since it started, or its "
                  "figures are not read.",
                  VALUE_INSTANT, 20, 45, COLUMN_WIDE, NULL, &of_collector},
    [BINLOGS_FROM] = {"binlogs-from", "BINLOGS-FROM",
                      "The first event of the oldest binary log in its bucket; empty: none, or its "
                      "bucket is not asked.",
                      VALUE_INSTANT, 20, 44, COLUMN_WIDE, NULL, &of_bucket},
    [FIRST] = {"first", "FIRST",
               "The end of its oldest good backup without a gap behind it, as the objects tell.",
               VALUE_INSTANT, 20, 46, COLUMN_WIDE, NULL, &first_full},
    [BACKUPS] = {"backups", "BACKUPS", "Its good backups.", VALUE_COUNT, 7, 48,
                 COLUMN_WIDE | COLUMN_RIGHT, NULL, &count_good},
    [PAUSED] = {"paused", "PAUSED", "The cluster is paused.", VALUE_BOOL, 5, 80,
                COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [ENDPOINT] = {PXC_ENDPOINT, VALUE_TEXT, 20, 80, COLUMN_HIDDEN, NULL, NULL},
    [FULL_AT] = {"full-at", "FULL-AT", "When its last good backup ended.", VALUE_INSTANT, 5, 80,
                 COLUMN_HIDDEN, NULL, &last_full},
    [GAP_AT] = {"gap-at", "GAP-AT", "When the last gap was found.", VALUE_INSTANT, 5, 80,
                COLUMN_HIDDEN, NULL, &last_gap},
    [GAP_FULL_AT] = {"gap-full-at", "GAP-FULL-AT",
                     "When the last backup ended that is followed by a gap.", VALUE_INSTANT, 5, 80,
                     COLUMN_HIDDEN, NULL, &last_gap_full},
    [KEPT_TO] = {"kept-to", "KEPT-TO",
                 "Until when all that was written can be restored: the latest point, or, where "
                 "nothing was written since, when its collector last saw so.",
                 VALUE_INSTANT, 5, 80, COLUMN_HIDDEN, NULL, &of_collector},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
};

#define SECOND_MS ((int64_t)1000)
#define DEFAULT_S 60 /* timeBetweenUploads [pxco pxc_types.go] */
#define MOST_S    ((int64_t)366 * 24 * 60 * 60)

static int64_t interval_of(struct json_value pitr)
{
    int64_t seconds = object_path_int(pitr, "timeBetweenUploads", DEFAULT_S);
    return (seconds > 0 && seconds < MOST_S ? seconds : DEFAULT_S) * SECOND_MS;
}

/* What is said of the storage that its binary logs go to. */
static struct span storage_text(struct kube_object *o, struct json_value pitr, const char *path)
{
    struct json_value storages = json_path(o->spec, "backup.storages");
    struct span name = object_path_text(o, pitr, "storageName");
    return name.len ? object_path_text(o, json_member(storages, name), path) : name;
}

/* The bucket that its binary logs go to, as its row is called. */
static struct span bucket_of(struct kube_object *o, struct json_value pitr)
{
    struct span bucket = storage_text(o, pitr, "s3.bucket");
    while (bucket.len && bucket.data[bucket.len - 1] == '/')
        bucket.len--;
    return bucket;
}

static bool rows(struct kube_object *o, struct row_writer *w)
{
    struct json_value pitr = json_path(o->spec, "backup.pitr");
    bool enabled = object_path_true(pitr, "enabled");
    if (pitr.type != JSON_OBJECT)
        return true;
    object_row(o, w, SPAN(""));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    row_num(w, ENABLED, enabled);
    row_num(w, INTERVAL, interval_of(pitr));
    put_text(w, STORAGE, object_path_text(o, pitr, "storageName"));
    row_num(w, PAUSED, object_path_true(o->spec, "pause"));
    put_text(w, ENDPOINT, storage_text(o, pitr, "s3.endpointUrl"));
    put_time(w, CREATED, o->created_ms);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    row_link(w, LINK_OWNER, LINK_EXPECTED | LINK_AFFECTS, "pxc", o->key);
    struct span bucket = bucket_of(o, pitr);
    if (bucket.len)
        row_link(w, LINK_STORED, LINK_AFFECTS, "s3-bucket", bucket);
    if (enabled)
        row_link(w, LINK_FILLED, LINK_AFFECTS, "binlog-collector", o->key);
    if (enabled)
        row_link(w, LINK_POD, LINK_EXPECTED | LINK_AFFECTS, "workload",
                 object_format(o, "%.*s/Deployment/%.*s-pitr", SPAN_ARG(o->ns), SPAN_ARG(o->name)));
    return row_end(w);
}

/* ---- From when: joined with what its bucket has. */

/* The first of its good backups, behind the last gap, that ended when binary logs were there
 * already. */
static struct value window_from(const struct store *st, struct handle row, int64_t logs_from)
{
    struct value from = {.type = VALUE_ABSENT};
    int64_t gap = store_num(st, row, GAP_FULL_AT, TIME_NONE);
    struct handle backup;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &backup, &type)) {
        int64_t ended =
            type == LINK_BACKUP && store_alive(st, backup) ? backup_ended(st, backup) : TIME_NONE;
        if (ended == TIME_NONE || ended <= gap || ended < logs_from ||
            (from.type != VALUE_ABSENT && ended >= from.num))
            continue;
        from = (struct value){.type = VALUE_INSTANT, .num = ended};
    }
    return from;
}

/* A time of its collector's figures; ABSENT: they are not read, or there is none. */
static struct value collected(const struct store *st, struct handle row, const char *column)
{
    struct handle collector;
    int64_t ms = binlogs_of(st, row, &collector) ? binlogs_time(st, collector, column) : TIME_NONE;
    return ms == TIME_NONE ? (struct value){.type = VALUE_ABSENT}
                           : (struct value){.type = VALUE_INSTANT, .num = ms};
}

static struct value kept_to(const struct store *st, struct handle row)
{
    struct value processed = collected(st, row, "processed-at");
    int64_t to = store_num(st, row, TO, TIME_NONE);
    if (to == TIME_NONE || (processed.type == VALUE_INSTANT && processed.num > to))
        return processed;
    return (struct value){.type = VALUE_INSTANT, .num = to};
}

static struct value derive(const struct store *st, struct handle row, size_t column)
{
    if (column == PROCESSED)
        return collected(st, row, "processed-at");
    if (column == UPLOADED)
        return collected(st, row, "uploaded-at");
    if (column == KEPT_TO)
        return kept_to(st, row);
    struct value logs = pxc_stored(st, row, "s3-bucket", "binlogs-from");
    return column == FROM && logs.type == VALUE_INSTANT ? window_from(st, row, logs.num) : logs;
}

#define START_MS (15 * 60 * SECOND_MS) /* a cluster just made has no collector yet */

enum {
    RULE_GAP,
    RULE_COLLECTOR,
    RULE_NO_BACKUP,
    RULE_NO_LOGS,
    RULE_FAILS,
    RULE_LAG,
    RULE_UNSAID,
    RULE_GAP_PAST,
    RULE_PAUSED,
    RULE_STARTING,
};

static const struct rule rules[] = {
    [RULE_GAP] = {"pitr-gap",
                  "Binary logs behind the last backup are missing, nothing later than "
                  "that can be reached until there is a new one: critical.",
                  .since = GAP_AT},
    [RULE_COLLECTOR] = {"pitr-collector",
                        "What collects the binary logs is not there or not ready: critical."},
    [RULE_NO_BACKUP] = {"pitr-no-backup",
                        "There is no good backup that a restore could start from: critical."},
    [RULE_NO_LOGS] =
        {"pitr-binlogs-gone",
         "The oldest binary log in its bucket begins after the last good backup ended, "
         "or there is none: no point in time behind any backup can be reached: "
         "critical."},
    [RULE_FAILS] = {"pitr-collector-fails",
                    "What collects the binary logs fails, or does not get through, by its own "
                    "figures: warning."},
    [RULE_LAG] = {"pitr-lag",
                  "The last point that can be reached is longer ago than two uploads and a minute, "
                  "and nobody says that nothing was written since: warning."},
    [RULE_UNSAID] = {"pitr-unsaid",
                     "Nothing says which the last point is that can be reached: unknown."},
    [RULE_GAP_PAST] = {"pitr-gap-past", "Binary logs behind an older backup are missing: notice.",
                       .since = GAP_AT},
    [RULE_PAUSED] = {"pitr-paused", "Its cluster is paused: notice."},
    [RULE_STARTING] = {"pitr-starting",
                       "It is on its way: the cluster was made within the last 15 minutes, or the "
                       "last backup within two uploads: progress."},
};

static int64_t limit_of(const struct store *st, struct handle row)
{
    return binlogs_limit(store_num(st, row, INTERVAL, 0));
}

/* Its collector says that it does not get through; *collector: its row. */
static bool says_it_fails(const struct store *st, struct handle row, struct handle *collector)
{
    return binlogs_of(st, row, collector) && store_verdict(st, *collector).level >= LEVEL_WARNING;
}

/* A gap behind the last backup: told by its condition, or, before that, by the collector. */
static bool has_gap(const struct store *st, struct handle row, int64_t full_ms)
{
    struct value found = collected(st, row, "gap-at");
    return store_num(st, row, GAP_FULL_AT, TIME_NONE) == full_ms ||
           (found.type == VALUE_INSTANT && found.num > full_ms);
}

/* The collector is gone, or bad; *found: its row. */
static bool collector_fails(const struct store *st, struct handle row, bool *found,
                            struct handle *collector)
{
    struct link l;
    size_t at = 0;
    *found = false;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_POD)
            continue;
        enum link_reach reach = store_follow(st, row, &l, collector);
        *found = reach == LINK_FOUND;
        return reach == LINK_MISSING ||
               (*found && store_verdict(st, *collector).level == LEVEL_CRITICAL);
    }
    return false;
}

static bool backups_known(const struct store *st)
{
    int backups = store_kind_find(st, SPAN("backup"));
    return backups >= 0 && store_synced(st, (uint16_t)backups);
}

/* Its bucket was listed to its end, and no binary log in it goes on from the last backup. */
static bool lacks_logs(const struct store *st, struct handle row, int64_t full_ms)
{
    struct value logs = pxc_stored(st, row, "s3-bucket", "binlogs-from");
    struct value listed = pxc_stored(st, row, "s3-bucket", "listed-at");
    return logs.type == VALUE_INSTANT ? logs.num > full_ms
                                      : listed.type == VALUE_INSTANT && listed.num > full_ms;
}

/* How far it reaches. */
static struct verdict judge_reach(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t full = store_num(st, row, FULL_AT, TIME_NONE),
            to = store_num(st, row, KEPT_TO, TIME_NONE), limit = limit_of(st, row);
    struct handle collector;
    if (full == TIME_NONE)
        return verdict_at(LEVEL_CRITICAL, RULE_NO_BACKUP);
    if (has_gap(st, row, full))
        return verdict_at(LEVEL_CRITICAL, RULE_GAP);
    if (lacks_logs(st, row, full))
        return verdict_within(full, limit, RULE_STARTING, verdict_at(LEVEL_CRITICAL, RULE_NO_LOGS),
                              now_ms);
    if (says_it_fails(st, row, &collector))
        return verdict_at(LEVEL_WARNING, RULE_FAILS);
    if (to == TIME_NONE)
        return verdict_within(full, limit, RULE_STARTING, verdict_at(LEVEL_UNKNOWN, RULE_UNSAID),
                              now_ms);
    if (now_ms - to > limit)
        return verdict_at(LEVEL_WARNING, RULE_LAG);
    return store_num(st, row, GAPS, 0) ? verdict_until(LEVEL_NOTICE, RULE_GAP_PAST, to + limit + 1)
                                       : verdict_until(LEVEL_OK, 0, to + limit + 1);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct handle collector;
    bool found, fails = collector_fails(st, row, &found, &collector);
    if (!store_num(st, row, ENABLED, 0))
        return verdict_off();
    if (store_num(st, row, PAUSED, 0))
        return verdict_at(LEVEL_NOTICE, RULE_PAUSED);
    struct verdict v = backups_known(st) ? judge_reach(st, row, now_ms) : verdict_ok();
    bool none = v.level == LEVEL_CRITICAL && v.rule == RULE_NO_BACKUP;
    if (fails && !(v.level == LEVEL_CRITICAL && v.rule == RULE_GAP))
        v = verdict_at(LEVEL_CRITICAL, RULE_COLLECTOR);
    int64_t created = store_num(st, row, CREATED, TIME_NONE);
    return fails || none ? verdict_within(created, START_MS, RULE_STARTING, v, now_ms) : v;
}

static void say_instant(struct strbuf *out, const char *before, int64_t ms)
{
    char text[TIMETEXT_MAX];
    if (ms == TIME_NONE)
        return;
    time_format(ms, text);
    strbuf_addf(out, "%s%s", before, text);
}

static void say_logs(const struct store *st, struct handle row, struct strbuf *out)
{
    int64_t logs = store_num(st, row, BINLOGS_FROM, TIME_NONE);
    if (logs == TIME_NONE) {
        strbuf_adds(out, "its bucket has no binary log: only full backups can be restored");
        return;
    }
    say_instant(out, "the oldest binary log begins ", logs);
    say_instant(out, ", after the last full backup ended, ",
                store_num(st, row, FULL_AT, TIME_NONE));
    strbuf_adds(out, ": no point in time can be reached");
}

/* When, and of the backup that is followed by the last gap, what is missing. */
static void say_gap(const struct store *st, struct handle row, const struct verdict *v,
                    int64_t now_ms, struct strbuf *out)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    int64_t when = store_num(st, row, GAP_AT, TIME_NONE);
    if (v->rule == RULE_GAP &&
        store_num(st, row, GAP_FULL_AT, TIME_NONE) != store_num(st, row, FULL_AT, TIME_NONE)) {
        sentence_ago(out, collected(st, row, "gap-at").num, now_ms);
        strbuf_adds(out, " by the collector of binary logs");
        return;
    }
    sentence_ago(out, when, now_ms);
    while (store_used_by_next(st, row, &at, &from, &type)) {
        int gap = kind_column(store_kind(st, from.kind), SPAN("gap-at"));
        int message = kind_column(store_kind(st, from.kind), SPAN("gap-message"));
        if (gap >= 0 && message >= 0 && store_num(st, from, (size_t)gap, TIME_NONE) == when) {
            sentence_cause(out, store_text(st, from, (size_t)message));
            return;
        }
    }
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct handle collector;
    bool found;
    char age[TIMETEXT_MAX], limit[TIMETEXT_MAX];
    int64_t to = store_num(st, row, KEPT_TO, TIME_NONE);
    switch (v->rule) {
    case RULE_GAP:
    case RULE_GAP_PAST:
        strbuf_adds(out, v->rule == RULE_GAP ? "gap behind the last backup, found"
                                             : "gap behind an older backup, found");
        say_gap(st, row, v, now_ms, out);
        break;
    case RULE_FAILS:
        strbuf_adds(out, "the collector of binary logs ");
        if (says_it_fails(st, row, &collector))
            store_says(st, collector, now_ms, out);
        break;
    case RULE_COLLECTOR:
        strbuf_addf(out, "the collector of binary logs is %s",
                    collector_fails(st, row, &found, &collector) && found ? "down" : "not there");
        if (found)
            sentence_row(out, st, collector, now_ms);
        break;
    case RULE_NO_BACKUP:
        strbuf_adds(out, "there is no good backup to start from");
        break;
    case RULE_NO_LOGS:
        say_logs(st, row, out);
        break;
    case RULE_LAG:
        duration_format_short(now_ms - to, age);
        duration_format_short(limit_of(st, row), limit);
        strbuf_addf(out, "lag %s (limit %s)", age, limit);
        say_instant(out, ", can be restored until ", to);
        break;
    case RULE_UNSAID:
        strbuf_adds(out, "nothing says until when it can be restored");
        break;
    case RULE_PAUSED:
        strbuf_adds(out, "paused with its cluster");
        break;
    default:
        strbuf_adds(out, "starting");
        break;
    }
}

const struct kind kind_pitr = {
    .name = "pitr",
    .plural = "pitrs",
    .aliases = "",
    .title = "Point-in-time recovery",
    .help = "Which points in time PXC clusters can be restored to.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .derive = derive,
    .quotes = "binlog-collector",
    .draws = pitr_draws,
    .drawn = "can be restored",
    .sort = "level desc,namespace,name",
};

void pitr_draws(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    int kind = kind_find(store_kinds(st), SPAN("pitr"));
    bool own = kind >= 0 && row.kind == kind;
    if (kind >= 0 && (own || store_find(st, store_row_source(st, row), (uint16_t)kind,
                                        store_key(st, row), &row)))
        pitr_draw(st, row, store_num(st, row, KEPT_TO, TIME_NONE),
                  store_num(st, row, BINLOGS_FROM, TIME_NONE), now_ms, out);
}

const struct kube_kind kube_pitr = {
    .kind = &kind_pitr,
    .from = &kube_pxc,
    .rows = rows,
};
