/* CronJobs: when they last ran, whether that went well, when they should have run. */
#include <config.h>

#include "backends/kubernetes/cron.h"
#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    SCHEDULE,
    TIME_ZONE,
    SUSPENDED,
    ACTIVE,
    LAST,
    SUCCESS,
    AGE,
    CONTAINERS,
    IMAGES,
    LAST_AT,
    SUCCESS_AT,
    NEXT_AT,
    POLICY,
    CREATED,
    LABELS,
    UID,
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [SCHEDULE] = {"schedule", "SCHEDULE", "When it runs, as cron writes it.", VALUE_TEXT, 14, 0,
                  COLUMN_NOTABLE, NULL, NULL},
    [TIME_ZONE] = {"timezone", "TIMEZONE", "The time zone of its schedule; else its controller's.",
                   VALUE_TEXT, 10, 60, COLUMN_WIDE, NULL, NULL},
    [SUSPENDED] = {"suspended", "SUSPEND", "No new runs.", VALUE_BOOL, 7, 20, COLUMN_NOTABLE, NULL,
                   NULL},
    [ACTIVE] = {"active", "ACTIVE", "Runs going on.", VALUE_COUNT, 6, 20, COLUMN_RIGHT, NULL, NULL},
    [LAST] = {"last", "LAST RUN", "Since its last run began.", VALUE_DURATION, 8, 10, COLUMN_RIGHT,
              "last-at", NULL},
    [SUCCESS] = {"last-success", "LAST OK", "Since its last run that went well ended.",
                 VALUE_DURATION, 8, 10, COLUMN_RIGHT, "success-at", NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 30, COLUMN_RIGHT, "created", NULL},
    [CONTAINERS] = {"containers", "CONTAINERS", "Containers of its template.", VALUE_LIST, 16, 62,
                    COLUMN_WIDE, NULL, NULL},
    [IMAGES] = {"images", "IMAGES", "Images of its template.", VALUE_LIST, 30, 61, COLUMN_WIDE,
                NULL, NULL},
    [LAST_AT] = {"last-at", "LAST-AT", "When its last run began.", VALUE_INSTANT, 5, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [SUCCESS_AT] = {"success-at", "SUCCESS-AT", "When its last good run ended.", VALUE_INSTANT, 5,
                    80, COLUMN_HIDDEN, NULL, NULL},
    [NEXT_AT] = {"next-at", "NEXT-AT", "When its next run is due.", VALUE_INSTANT, 5, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [POLICY] = {"concurrency", "CONCURRENCY", "What happens when a run is due while one goes on.",
                VALUE_TEXT, 7, 80, COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static bool is_utc(struct span zone)
{
    static const char *const names[] = {"", "UTC", "Etc/UTC", "GMT", "Etc/GMT"};
    for (size_t i = 0; i < BN_COUNT(names); i++)
        if (span_is(zone, names[i]))
            return true;
    return false;
}

/* The run after the last, or after it was made. Controllers keep UTC; by another
 * clock it is known only from a run that was due. */
static int64_t next_of(struct kube_object *o, int64_t last)
{
    struct cron cron;
    if (object_path_true(o->spec, "suspend") ||
        !cron_parse(object_path_text(o, o->spec, "schedule"), &cron))
        return TIME_NONE;
    if (is_utc(object_path_text(o, o->spec, "timeZone"))) {
        int64_t from = last == TIME_NONE ? o->created_ms : last;
        return from == TIME_NONE ? TIME_NONE : cron_next(&cron, from, 0);
    }
    return last == TIME_NONE ? TIME_NONE : cron_next_anywhere(&cron, last);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_value containers = json_path(o->spec, "jobTemplate.spec.template.spec.containers");
    int64_t last = object_path_time(o, o->status, "lastScheduleTime");
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, SCHEDULE, object_path_text(o, o->spec, "schedule"));
    put_text(w, TIME_ZONE, object_path_text(o, o->spec, "timeZone"));
    row_num(w, SUSPENDED, object_path_true(o->spec, "suspend"));
    row_num(w, ACTIVE, (int64_t)json_count(json_get(o->status, "active")));
    put_text(w, CONTAINERS, object_containers(o, containers, "name"));
    put_text(w, IMAGES, object_containers(o, containers, "image"));
    put_time(w, LAST_AT, last);
    put_time(w, SUCCESS_AT, object_path_time(o, o->status, "lastSuccessfulTime"));
    put_time(w, NEXT_AT, next_of(o, last));
    put_text(w, POLICY, object_path_text(o, o->spec, "concurrencyPolicy"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

#define LATE_MS      ((int64_t)5 * 60 * 1000)
#define CLOCK_SET_MS ((int64_t)60 * 60 * 1000) /* what summer time may add */

enum { RULE_FAILED, RULE_MISSED, RULE_SUSPENDED };

static const struct rule rules[] = {
    [RULE_FAILED] = {"cronjob-last-failed", "Its last run is over and has not gone well: warning.",
                     .since = LAST_AT},
    [RULE_MISSED] = {"cronjob-missed",
                     "A run has been due for 5 minutes and has not begun: warning."},
    [RULE_SUSPENDED] = {"cronjob-suspended", "It is suspended: notice."},
};

/* When it will have missed a run. */
static int64_t late_at(const struct store *st, struct handle row)
{
    int64_t next = store_num(st, row, NEXT_AT, TIME_NONE);
    if (next == TIME_NONE)
        return TIME_FOREVER;
    return next + LATE_MS + (is_utc(store_text(st, row, TIME_ZONE)) ? 0 : CLOCK_SET_MS);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t last = store_num(st, row, LAST_AT, TIME_NONE),
            good = store_num(st, row, SUCCESS_AT, TIME_NONE), late = late_at(st, row);
    bool active = store_num(st, row, ACTIVE, 0) > 0;
    if (active && span_is(store_text(st, row, POLICY), "Forbid")) /* the next one waits for it */
        late = TIME_FOREVER;
    struct verdict v = {LEVEL_OK, 0, late == TIME_FOREVER ? late : late + 1};
    if (late < now_ms)
        return verdict_at(LEVEL_WARNING, RULE_MISSED);
    if (last != TIME_NONE && (good == TIME_NONE || good < last) && !active) {
        v.level = LEVEL_WARNING;
        v.rule = RULE_FAILED;
    } else if (store_num(st, row, SUSPENDED, 0)) {
        v.level = LEVEL_NOTICE;
        v.rule = RULE_SUSPENDED;
    }
    return v;
}

/* The newest of its jobs says what went wrong. */
static void say_job(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle from, newest = row;
    enum link_type type;
    uint32_t at = 0;
    int64_t latest = TIME_NONE;
    while (store_used_by_next(st, row, &at, &from, &type)) {
        int ended = kind_column(store_kind(st, from.kind), SPAN("ended"));
        if (type != LINK_OWNER || ended < 0 || !store_alive(st, from) ||
            store_verdict(st, from).level < LEVEL_WARNING)
            continue;
        int64_t when = store_num(st, from, (size_t)ended, TIME_NONE);
        if (latest != TIME_NONE && when <= latest)
            continue;
        latest = when;
        newest = from;
    }
    if (latest == TIME_NONE)
        return;
    sentence_row(out, st, newest, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    switch (v->rule) {
    case RULE_SUSPENDED:
        strbuf_adds(out, "suspended");
        break;
    case RULE_MISSED:
        strbuf_adds(out, "a run was due");
        sentence_ago(out, store_num(st, row, NEXT_AT, TIME_NONE), now_ms);
        strbuf_addf(out, " (%.*s) and has not begun", SPAN_ARG(store_text(st, row, SCHEDULE)));
        sentence_event(out, st, row);
        break;
    default:
        strbuf_adds(out, "last run,");
        sentence_ago(out, store_num(st, row, LAST_AT, TIME_NONE), now_ms);
        strbuf_adds(out, ", did not go well");
        say_job(st, row, now_ms, out);
        break;
    }
}

const struct kind kind_cronjob = {
    .name = "cronjob",
    .plural = "cronjobs",
    .aliases = "cj",
    .title = "CronJobs",
    .help = "Jobs that are run by the clock.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_cronjob = {
    .kind = &kind_cronjob,
    .resources = {{"batch", "v1", "cronjobs"}},
    .types = {"CronJob"},
    .parse = parse,
};
