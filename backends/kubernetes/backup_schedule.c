/* Schedules of a PXC cluster's backups, from its object: what was to be made against what
 * was made. There is no object of a run that was passed over: while its operator is down or
 * the cluster is not ready, nothing is made and nothing says so [pxco backup.go
 * createBackupJob]. */
#include <config.h>

#include "backends/kubernetes/cron.h"
#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/pxc.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    CLUSTER,
    SCHEDULE,
    LAST,
    SUCCESS,
    EXPECTED,
    NEXT,
    KEPT,
    KEEP,
    STORAGE,
    PAUSED,
    LAST_AT,
    SUCCESS_AT,
    FAILED_AT,
    DELETES,
    CREATED,
};

static const struct fold last_made = {FOLD_MAX, LINK_BACKUP, "backup", "created", NULL};
static const struct fold last_good = {FOLD_MAX, LINK_BACKUP, "backup", "completed-at",
                                      "status=Succeeded"};
static const struct fold last_failed = {FOLD_MAX, LINK_BACKUP, "backup", "created",
                                        "status=Failed"};
static const struct fold count_good = {FOLD_COUNT, LINK_BACKUP, "backup", NULL, "status=Succeeded"};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [CLUSTER] = {"pxc", "CLUSTER", "The database cluster.", VALUE_TEXT, 10, 10, 0, NULL, NULL},
    [SCHEDULE] = {"schedule", "SCHEDULE", "When it runs, as cron writes it.", VALUE_TEXT, 14, 0,
                  COLUMN_NOTABLE, NULL, NULL},
    [LAST] = {"last", "LAST RUN", "Since its last backup was begun.", VALUE_DURATION, 8, 20,
              COLUMN_RIGHT, "last-at", NULL},
    [SUCCESS] = {"last-success", "LAST OK", "Since its last good backup ended.", VALUE_DURATION, 8,
                 0, COLUMN_RIGHT, "success-at", NULL},
    [EXPECTED] = {"expected", "EXPECTED", "When a backup was last due.", VALUE_INSTANT, 20, 50, 0,
                  NULL, NULL},
    [NEXT] = {"next", "NEXT", "When the next is due.", VALUE_INSTANT, 20, 30, 0, NULL, NULL},
    [KEPT] = {"kept", "KEPT", "Good backups of it that there are.", VALUE_COUNT, 5, 25,
              COLUMN_RIGHT, NULL, &count_good},
    [KEEP] = {"keep", "KEEP", "How many of them are kept; none: all.", VALUE_COUNT, 5, 35,
              COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [STORAGE] = {"storage", "STORAGE", "The cluster's name for where they lie.", VALUE_TEXT, 12, 40,
                 0, NULL, NULL},
    [PAUSED] = {"paused", "PAUSED", "The cluster is paused: nothing is backed up.", VALUE_BOOL, 5,
                80, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [LAST_AT] = {"last-at", "LAST-AT", "When its last backup was begun.", VALUE_INSTANT, 5, 80,
                 COLUMN_HIDDEN, NULL, &last_made},
    [SUCCESS_AT] = {"success-at", "SUCCESS-AT", "When its last good backup ended.", VALUE_INSTANT,
                    5, 80, COLUMN_HIDDEN, NULL, &last_good},
    [FAILED_AT] = {"failed-at", "FAILED-AT", "When the last that failed was begun.", VALUE_INSTANT,
                   5, 80, COLUMN_HIDDEN, NULL, &last_failed},
    [DELETES] = {"deletes", "DELETES", "What is not kept is deleted from its storage too.",
                 VALUE_BOOL, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
};

#define OPERATOR "percona-operator"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

/* When it was due last: searched backwards in steps that grow. */
static int64_t last_due(const struct cron *cron, int64_t now_ms)
{
    int64_t due = TIME_NONE;
    for (int64_t back = DAY_MS; back <= 512 * DAY_MS && due == TIME_NONE; back *= 8)
        for (int64_t at = cron_next(cron, now_ms - back, 0); at != TIME_NONE && at <= now_ms;
             at = cron_next(cron, at, 0))
            due = at;
    return due;
}

/* "CRON_TZ=Europe/Berlin 0 3 * * *", as robfig/cron takes it: *elsewhere, its times are of that place. */
static bool read_schedule(struct span text, struct cron *cron, bool *elsewhere)
{
    text = span_trim(text);
    *elsewhere = span_starts(text, "CRON_TZ=") || span_starts(text, "TZ=");
    if (*elsewhere)
        text = span_sub(text, span_find(text, ' ', 0), text.len);
    return cron_parse(text, cron);
}

/* By a clock that keeps UTC, as operators do that are not told otherwise. */
static void put_due(struct kube_object *o, struct row_writer *w, struct span schedule)
{
    struct cron cron;
    bool elsewhere;
    if (o->now_ms == TIME_NONE || !read_schedule(schedule, &cron, &elsewhere) || elsewhere ||
        cron.every_ms)
        return;
    int64_t next = cron_next(&cron, o->now_ms, 0);
    put_time(w, EXPECTED, last_due(&cron, o->now_ms));
    put_time(w, NEXT, next);
    if (next != TIME_NONE && next < o->again_ms)
        o->again_ms = next;
}

static bool write_one(struct kube_object *o, struct row_writer *w, struct json_value entry)
{
    struct span name = object_path_text(o, entry, "name");
    struct span schedule = object_path_text(o, entry, "schedule");
    struct json_value count = json_path(entry, "retention.count");
    object_row(o, w, name);
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, name);
    row_text(w, CLUSTER, o->name);
    put_text(w, SCHEDULE, schedule);
    put_due(o, w, schedule);
    put_num(w, KEEP, count.type == JSON_NUMBER ? count : json_get(entry, "keep"));
    put_text(w, STORAGE, object_path_text(o, entry, "storageName"));
    row_num(w, PAUSED, object_path_true(o->spec, "pause"));
    row_num(w, DELETES, json_path(entry, "retention.deleteFromStorage").type != JSON_FALSE);
    put_time(w, CREATED, o->created_ms);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    row_link(w, LINK_OWNER, LINK_EXPECTED | LINK_AFFECTS, "pxc", o->key);
    row_link(w, LINK_KEPT, LINK_AFFECTS, "controller", SPAN(OPERATOR));
    return row_end(w);
}

static bool rows(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value entry;
    bool ok = true;
    for (json_iter_init(&it, json_path(o->spec, "backup.schedule")); json_next(&it, NULL, &entry);)
        if (object_path_text(o, entry, "name").len)
            ok = write_one(o, w, entry) && ok;
    return ok;
}

#define LATE_MS   ((int64_t)30 * 60 * 1000)
#define MINUTE_MS ((int64_t)60 * 1000)
#define HOUR_MS   (60 * MINUTE_MS)
#define ZONE_MS   (14 * HOUR_MS) /* it is as late as that anywhere */

enum {
    RULE_MISSED,
    RULE_NEVER,
    RULE_FAILED,
    RULE_MADE_GOOD,
    RULE_UNREAD,
    RULE_PAUSED,
    RULE_UNKEPT
};

static const struct rule rules[] = {
    [RULE_MISSED] = {"backup-missed",
                     "A backup has been due for 30 minutes and none was begun: critical."},
    [RULE_NEVER] = {"backup-never", "A backup has been due for 30 minutes, and there is none of "
                                    "this schedule, which may be new: warning."},
    [RULE_FAILED] = {"backup-last-failed", "The last backup of the schedule has failed: critical."},
    [RULE_MADE_GOOD] = {"backup-last-made-good",
                        "The last backup of the schedule has failed, or was not begun, and one "
                        "that was made since went well: notice."},
    [RULE_UNREAD] = {"backup-schedule-unread",
                     "When it is due cannot be told from its text: unknown."},
    [RULE_PAUSED] = {"backup-schedule-paused",
                     "Its cluster is paused, nothing is backed up: notice."},
    [RULE_UNKEPT] = {"backup-schedule-unkept",
                     "The operator does not run, which makes backups: warning."},
};

/* When the one after the last was or will be due. The operator's clock is taken for UTC unless the
 * schedule or the last one shows another: *elsewhere. */
static int64_t due_after(const struct cron *cron, int64_t last, int64_t created, bool *elsewhere)
{
    int64_t minute = last == TIME_NONE ? created : last - last % MINUTE_MS;
    if (minute == TIME_NONE)
        return TIME_NONE;
    if (last != TIME_NONE && (*elsewhere || cron_next(cron, minute - MINUTE_MS, 0) != minute)) {
        int64_t there = cron_next_anywhere(cron, minute);
        *elsewhere = *elsewhere || there != TIME_NONE;
        if (there != TIME_NONE)
            return there;
    }
    int64_t next = cron_next(cron, minute, 0);
    return *elsewhere && next != TIME_NONE ? next + ZONE_MS : next;
}

/* late: NULL, or from when it is late: where clocks are put forward and back, an hour more. */
static int64_t due_of(const struct store *st, struct handle row, int64_t *late)
{
    struct cron cron;
    bool elsewhere;
    if (!read_schedule(store_text(st, row, SCHEDULE), &cron, &elsewhere))
        return TIME_NONE;
    int64_t due = due_after(&cron, store_num(st, row, LAST_AT, TIME_NONE),
                            store_num(st, row, CREATED, TIME_NONE), &elsewhere);
    if (late && due != TIME_NONE)
        *late = due + LATE_MS + (elsewhere && !cron.every_ms ? HOUR_MS : 0);
    return due;
}

static struct verdict judge_made(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t last = store_num(st, row, LAST_AT, TIME_NONE), late_ms = TIME_NONE,
            due = due_of(st, row, &late_ms);
    int backups = store_kind_find(st, SPAN("backup"));
    struct verdict v = verdict_ok();
    if (store_num(st, row, PAUSED, 0))
        return verdict_at(LEVEL_NOTICE, RULE_PAUSED);
    if (due == TIME_NONE)
        return verdict_at(LEVEL_UNKNOWN, RULE_UNREAD);
    if (backups < 0 || !store_synced(st, (uint16_t)backups)) /* none is known yet */
        return v;
    bool late = now_ms > late_ms;
    if (late && last == TIME_NONE)
        return verdict_at(LEVEL_WARNING, RULE_NEVER);
    if (late)
        return pxc_backed_up(st, row, due) ? verdict_at(LEVEL_NOTICE, RULE_MADE_GOOD)
                                           : verdict_at(LEVEL_CRITICAL, RULE_MISSED);
    if (last != TIME_NONE && store_num(st, row, FAILED_AT, TIME_NONE) == last)
        v = pxc_backed_up(st, row, last) ? verdict_at(LEVEL_NOTICE, RULE_MADE_GOOD)
                                         : verdict_at(LEVEL_CRITICAL, RULE_FAILED);
    v.until_ms = late_ms + 1;
    return v;
}

/* That the next will not be made is known before it is missed. */
static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct handle controller;
    struct verdict v = judge_made(st, row, now_ms);
    if (v.level < LEVEL_UNKNOWN && !store_num(st, row, PAUSED, 0) &&
        keeper_gone(st, row, now_ms, &v.until_ms, &controller))
        return verdict_until(LEVEL_WARNING, RULE_UNKEPT, v.until_ms);
    return v;
}

/* Of its backups the newest, where it is bad. */
static void say_backup(const struct store *st, struct handle row, int64_t now_ms,
                       struct strbuf *out)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    int64_t last = store_num(st, row, LAST_AT, TIME_NONE);
    while (store_used_by_next(st, row, &at, &from, &type)) {
        int created = kind_column(store_kind(st, from.kind), SPAN("created"));
        if (type == LINK_BACKUP && store_alive(st, from) && created >= 0 &&
            store_num(st, from, (size_t)created, TIME_NONE) == last) {
            sentence_row(out, st, from, now_ms);
            return;
        }
    }
}

/* The operators that are not ready, of any namespace: one may look after them all. One that is scaled
 * to 0 is off by its own rules, and makes no backup either. */
static void say_operators(const struct store *st, int64_t now_ms, struct strbuf *out)
{
    struct handle other;
    uint32_t at = 0;
    const struct keeper *operator= keeper_named(SPAN(OPERATOR));
    int workloads = store_kind_find(st, SPAN("workload"));
    while (workloads >= 0 && store_next(st, (uint16_t)workloads, &at, &other)) {
        enum level level = store_verdict(st, other).level;
        if (!keeper_is(operator, st, other))
            continue;
        if (level >= LEVEL_WARNING)
            sentence_row(out, st, other, now_ms);
        else if (level == LEVEL_OFF && store_alive(st, other)) {
            struct span key = store_key(st, other);
            size_t slash = span_find_last(key, '/');
            strbuf_addf(out, "; %.*s: scaled to 0",
                        SPAN_ARG(span_sub(key, slash < key.len ? slash + 1 : 0, key.len)));
        }
    }
}

/* What makes backups fail to begin: a cluster that is not ready, an operator that is down. */
static void say_why(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle other;
    int64_t until = TIME_FOREVER;
    if (pxc_of(st, row, &other) && store_verdict(st, other).level > LEVEL_NOTICE)
        sentence_row(out, st, other, now_ms);
    if (keeper_gone(st, row, now_ms, &until, &other))
        keeper_says_why(st, row, now_ms, out);
    else
        say_operators(st, now_ms, out);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    int64_t good = store_num(st, row, SUCCESS_AT, TIME_NONE);
    struct span schedule = store_text(st, row, SCHEDULE);
    switch (v->rule) {
    case RULE_UNKEPT:
        keeper_says(st, row, "no backup will be made", now_ms, out);
        return;
    case RULE_PAUSED:
        strbuf_adds(out, "paused with its cluster");
        return;
    case RULE_UNREAD:
        strbuf_adds(out, "when it is due cannot be told");
        sentence_cause(out, schedule);
        return;
    case RULE_NEVER:
    case RULE_MISSED:
        strbuf_adds(out, v->rule == RULE_NEVER ? "no backup of it was made, one was due"
                                               : "a backup was due");
        sentence_ago(out, due_of(st, row, NULL), now_ms);
        strbuf_addf(out, " (%.*s)%s", SPAN_ARG(schedule),
                    v->rule == RULE_NEVER ? "" : " and was not begun");
        break;
    case RULE_MADE_GOOD:
        strbuf_addf(out, "the last backup %s, one that was made since went well",
                    store_num(st, row, FAILED_AT, TIME_NONE) == store_num(st, row, LAST_AT, 0)
                        ? "failed"
                        : "was not begun");
        return;
    default:
        strbuf_adds(out, "the last backup failed");
        break;
    }
    if (good != TIME_NONE) {
        strbuf_adds(out, ", the last good one ended");
        sentence_ago(out, good, now_ms);
    }
    if (v->rule == RULE_FAILED)
        say_backup(st, row, now_ms, out);
    else
        say_why(st, row, now_ms, out);
}

const struct kind kind_backup_schedule = {
    .name = "backup-schedule",
    .plural = "backup-schedules",
    .aliases = "bs",
    .title = "Backup schedules",
    .help = "When PXC clusters are to be backed up, and whether they were.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,pxc,name",
};

const struct kube_kind kube_backup_schedule = {
    .kind = &kind_backup_schedule,
    .from = &kube_pxc,
    .rows = rows,
};
