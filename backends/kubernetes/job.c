/* Jobs: completions, failures and why. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    STATUS,
    COMPLETIONS,
    DURATION,
    RUNNING,
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
    FAILED,
    REASON,
    MESSAGE,
    STARTED,
    ENDED,
    RUNNING_SINCE,
    WORST_POD,
    CREATED,
    LABELS,
    UID,
};

static const struct fold worst_pod = {FOLD_WORST, LINK_OWNER, "pod", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 40, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS",
                "Complete, Failed, Suspended, Running and what lies between, as kubectl prints it.",
                VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [COMPLETIONS] = {"completions", "COMPLETIONS", "Pods that have succeeded, of those wanted.",
                     VALUE_TEXT, 5, 10, 0, NULL, NULL},
    [DURATION] = {"duration", "DURATION", "How long it took.", VALUE_DURATION, 6, 30, COLUMN_RIGHT,
                  NULL, NULL},
    [RUNNING] = {"running", "RUNNING", "How long it has been running.", VALUE_DURATION, 6, 30,
                 COLUMN_RIGHT, "running-since", NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CONTAINERS] = {"containers", "CONTAINERS", "Containers of its template.", VALUE_LIST, 16, 61,
                    COLUMN_WIDE, NULL, NULL},
    [IMAGES] = {"images", "IMAGES", "Images of its template.", VALUE_LIST, 30, 60, COLUMN_WIDE,
                NULL, NULL},
    [SELECTOR] = {"selector", "SELECTOR", "Labels that choose its pods.", VALUE_TEXT, 20, 70,
                  COLUMN_WIDE, NULL, NULL},
    [FAILED] = {"failed", "FAILED", "Pods that have failed.", VALUE_COUNT, 5, 40,
                COLUMN_RIGHT | COLUMN_WIDE, NULL, NULL},
    [REASON] = {"reason", "REASON", "Why it has failed.", VALUE_TEXT, 20, 80, COLUMN_HIDDEN, NULL,
                NULL},
    [MESSAGE] = {"message", "MESSAGE", "What its controller says.", VALUE_TEXT, 30, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [STARTED] = {"started", "STARTED", "When it started.", VALUE_INSTANT, 5, 80, COLUMN_HIDDEN,
                 NULL, NULL},
    [ENDED] = {"ended", "ENDED", "When it completed or failed.", VALUE_INSTANT, 5, 80,
               COLUMN_HIDDEN, NULL, NULL},
    [RUNNING_SINCE] = {"running-since", "RUNNING-SINCE", "When it started, while it runs.",
                       VALUE_INSTANT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [WORST_POD] = {"worst-pod", "WORST-POD", "Level of the worst pod of its own.", VALUE_LEVEL, 8,
                   80, COLUMN_HIDDEN, NULL, &worst_pod},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* The first that holds is the status [kubernetes
 * pkg/printers/internalversion/printers.go printJob]. */
static const char *status_of(struct kube_object *o, struct condition *c)
{
    static const char *const types[] = {"Complete",  "Failed",        "",
                                        "Suspended", "FailureTarget", "SuccessCriteriaMet"};
    for (size_t i = 0; i < BN_COUNT(types); i++) {
        if (!types[i][0] && o->deleted_ms != TIME_NONE) {
            *c = (struct condition){.since_ms = TIME_NONE};
            return "Terminating";
        }
        if (types[i][0] && object_condition(o, types[i], c) && span_is(c->status, "True"))
            return types[i];
    }
    *c = (struct condition){.since_ms = TIME_NONE};
    return "Running";
}

static void put_state(struct kube_object *o, struct row_writer *w)
{
    struct condition c;
    struct span status = span_from(status_of(o, &c));
    int64_t started = object_path_time(o, o->status, "startTime");
    int64_t ended = object_path_time(o, o->status, "completionTime");
    if (ended == TIME_NONE && (span_is(status, "Complete") || span_is(status, "Failed")))
        ended = c.since_ms;
    row_text(w, STATUS, status);
    put_text(w, REASON, c.reason);
    put_text(w, MESSAGE, c.message);
    if (started != TIME_NONE && ended != TIME_NONE)
        row_num(w, DURATION, ended - started);
    else
        put_time(w, RUNNING_SINCE, started);
    put_time(w, STARTED, started);
    put_time(w, ENDED, ended);
}

static struct span completions_of(struct kube_object *o)
{
    long long done = (long long)object_path_int(o->status, "succeeded", 0);
    long long wanted = (long long)object_path_int(o->spec, "completions", -1);
    long long beside = (long long)object_path_int(o->spec, "parallelism", 0);
    if (wanted >= 0)
        return object_format(o, "%lld/%lld", done, wanted);
    if (beside > 1) /* a queue: one that succeeds ends it */
        return object_format(o, "%lld/1 of %lld", done, beside);
    return object_format(o, "%lld/1", done);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_value containers = json_path(o->spec, "template.spec.containers");
    struct span key;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    row_text(w, COMPLETIONS, completions_of(o));
    row_num(w, FAILED, object_path_int(o->status, "failed", 0));
    put_text(w, CONTAINERS, object_containers(o, containers, "name"));
    put_text(w, IMAGES, object_containers(o, containers, "image"));
    put_text(w, SELECTOR, object_selector(o, json_get(o->spec, "selector")));
    put_state(o, w);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    const char *owner = kube_owner(o, &key);
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED | LINK_AFFECTS, owner, key);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

enum { RULE_FAILED, RULE_FAILING, RULE_MADE_GOOD, RULE_RUNNING, RULE_SUSPENDED };

static const struct rule rules[] = {
    [RULE_FAILED] = {"job-failed", "The job has failed and is not tried again: warning.",
                     .since = ENDED},
    [RULE_FAILING] = {"job-failing", "Pods of the job have failed, it is tried again: warning."},
    [RULE_MADE_GOOD] = {"job-made-good",
                        "The job has failed; a later run of its CronJob went well: notice.",
                        .since = ENDED},
    [RULE_RUNNING] = {"job-running", "The job runs: progress.", .since = STARTED},
    [RULE_SUSPENDED] = {"job-suspended", "The job is suspended: notice."},
};

/* A run of the same CronJob that ended later has gone well. */
static bool is_made_good(const struct store *st, struct handle row)
{
    struct handle cron;
    struct link l;
    size_t at = 0;
    int64_t ended = store_num(st, row, ENDED, TIME_NONE);
    while (ended != TIME_NONE && store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_OWNER || store_follow(st, row, &l, &cron) != LINK_FOUND)
            continue;
        int good = kind_column(store_kind(st, cron.kind), SPAN("success-at"));
        return good >= 0 && store_num(st, cron, (size_t)good, TIME_NONE) > ended;
    }
    return false;
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    (void)now_ms;
    if (span_is(status, "Failed"))
        return is_made_good(st, row) ? verdict_at(LEVEL_NOTICE, RULE_MADE_GOOD)
                                     : verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (span_is(status, "Complete"))
        return verdict_off();
    if (span_is(status, "Suspended"))
        return verdict_at(LEVEL_NOTICE, RULE_SUSPENDED);
    if (span_is(status, "FailureTarget") ||
        (span_is(status, "Running") && store_num(st, row, FAILED, 0)))
        return verdict_at(LEVEL_WARNING, RULE_FAILING);
    return verdict_at(LEVEL_PROGRESS, RULE_RUNNING);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    long long failed = (long long)store_num(st, row, FAILED, 0);
    switch (v->rule) {
    case RULE_FAILED:
    case RULE_MADE_GOOD:
        strbuf_adds(out, "failed");
        sentence_ago(out, store_num(st, row, ENDED, TIME_NONE), now_ms);
        strbuf_adds(out, v->rule == RULE_MADE_GOOD ? ", a later run went well" : "");
        sentence_cause(out, store_text(st, row, MESSAGE));
        (void)sentence_pod(out, st, row, now_ms);
        break;
    case RULE_FAILING:
        strbuf_addf(out, "%lld pod%s failed", failed, failed == 1 ? " has" : "s have");
        sentence_cause(out, store_text(st, row, MESSAGE));
        (void)sentence_pod(out, st, row, now_ms);
        break;
    case RULE_SUSPENDED:
        strbuf_adds(out, "suspended");
        break;
    default:
        strbuf_adds(out,
                    span_is(store_text(st, row, STATUS), "Terminating") ? "ending" : "running");
        break;
    }
}

const struct kind kind_job = {
    .name = "job",
    .plural = "jobs",
    .aliases = "",
    .title = "Jobs",
    .help = "Work that is done once.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,age",
};

const struct kube_kind kube_job = {
    .kind = &kind_job,
    .resources = {{"batch", "v1", "jobs"}},
    .types = {"Job"},
    .parse = parse,
};
