/* Backups of a PXC cluster: each as its object tells, held against what lies in S3. */
#include <config.h>

#include "backends/kubernetes/pxc.h"
#include "backends/kubernetes/sentence.h"
#include "backends/s3/s3.h"
#include "base/timetext.h"

enum {
    NAMESPACE,
    NAME,
    CLUSTER,
    STATUS,
    START,
    DURATION,
    SIZE,
    SHARE,
    IN_S3,
    RUNNING,
    COMPLETED,
    STORAGE,
    DESTINATION,
    AGE,
    SCHEDULE,
    GAP,
    ERROR,
    STORAGE_TYPE,
    ENDPOINT,
    RUNNING_SINCE,
    COMPLETED_AT,
    RESTORABLE_AT,
    GAP_AT,
    GAP_MESSAGE,
    WORST_JOB,
    DELETED,
    CREATED,
    LABELS,
    UID,
};

/* What its bucket has of it. */
static const struct fold of_stored = {FOLD_DERIVED, LINK_STORED, "s3-backup", NULL, NULL};
static const struct fold worst_job = {FOLD_WORST, LINK_OWNER, "job", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 38, 0, COLUMN_IDENT, NULL, NULL},
    [CLUSTER] = {"pxc", "CLUSTER", "The database cluster.", VALUE_TEXT, 10, 10, 0, NULL, NULL},
    [STATUS] = {"status", "STATUS",
                "Starting, Running, Suspended, Failed or Succeeded; empty while it waits.",
                VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [START] = {"start", "START", "When it was created (UTC).", VALUE_TEXT, 11, 18, 0, NULL, NULL},
    [DURATION] = {"duration", "DURATION", "From its creation to its end.", VALUE_DURATION, 8, 25,
                  COLUMN_RIGHT, NULL, NULL},
    [SIZE] = {"size", "SIZE", "Of all its objects in S3, where its bucket may be asked.",
              VALUE_BYTES, 8, 12, COLUMN_RIGHT, NULL, &of_stored},
    [SHARE] = {"vs-median", "VS-MEDIAN",
               "Its size against the middle of the cluster's other finished backups.", VALUE_RATIO,
               9, 22, COLUMN_RIGHT, NULL, &of_stored},
    [IN_S3] = {"in-s3", "IN S3",
               "It lies whole in its bucket; empty: not there, which the verdict tells, or nobody "
               "may ask.",
               VALUE_BOOL, 5, 14, 0, NULL, &of_stored},
    [RUNNING] = {"running", "RUNNING", "How long it has been going on.", VALUE_DURATION, 7, 52,
                 COLUMN_WIDE | COLUMN_RIGHT, "running-since", NULL},
    [COMPLETED] = {"completed", "COMPLETED", "Since it ended well.", VALUE_DURATION, 9, 45,
                   COLUMN_WIDE | COLUMN_RIGHT, "completed-at", NULL},
    [STORAGE] = {"storage", "STORAGE", "The cluster's name for where it lies.", VALUE_TEXT, 12, 54,
                 COLUMN_WIDE, NULL, NULL},
    [DESTINATION] = {"destination", "DESTINATION", "Where it lies.", VALUE_TEXT, 50, 50,
                     COLUMN_WIDE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 20, COLUMN_RIGHT, "created", NULL},
    [SCHEDULE] = {"schedule", "SCHEDULE", "The schedule that made it; none: by hand.", VALUE_TEXT,
                  14, 60, COLUMN_WIDE, NULL, NULL},
    [GAP] = {"gap", "GAP",
             "Binary logs behind it are missing: no point in time can be reached "
             "from it.",
             VALUE_BOOL, 5, 62, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [ERROR] = {"error", "ERROR", "Why it has failed, where its operator says.", VALUE_TEXT, 40, 64,
               COLUMN_WIDE, NULL, NULL},
    [STORAGE_TYPE] = {"storage-type", "STORAGE-TYPE", "s3, azure or filesystem.", VALUE_TEXT, 10,
                      80, COLUMN_HIDDEN, NULL, NULL},
    [ENDPOINT] = {PXC_ENDPOINT, VALUE_TEXT, 20, 80, COLUMN_HIDDEN, NULL, NULL},
    [RUNNING_SINCE] = {"running-since", "RUNNING-SINCE", "When it was created, while it goes on.",
                       VALUE_INSTANT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [COMPLETED_AT] = {"completed-at", "COMPLETED-AT", "When it ended well.", VALUE_INSTANT, 5, 80,
                      COLUMN_HIDDEN, NULL, NULL},
    [RESTORABLE_AT] = {"restorable-at", "RESTORABLE-AT",
                       "The latest point in time that can be reached from it; the newest backup "
                       "alone is given one.",
                       VALUE_INSTANT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [GAP_AT] = {"gap-at", "GAP-AT", "When the gap was found.", VALUE_INSTANT, 5, 80, COLUMN_HIDDEN,
                NULL, NULL},
    [GAP_MESSAGE] = {"gap-message", "GAP-MESSAGE", "What is missing.", VALUE_TEXT, 40, 80,
                     COLUMN_HIDDEN, NULL, NULL},
    [WORST_JOB] = {"worst-job", "WORST-JOB", "Level of its job.", VALUE_LEVEL, 8, 80, COLUMN_HIDDEN,
                   NULL, &worst_job},
    [DELETED] = {"deleted", "DELETED", "When its deletion was asked for.", VALUE_INSTANT, 5, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* "02-13 03:00": what tells one night's from another's at a glance, where ages are round. */
static void put_start(struct kube_object *o, struct row_writer *w)
{
    char at[TIMETEXT_MAX];
    if (o->created_ms == TIME_NONE)
        return;
    time_format(o->created_ms, at); /* 2026-02-13T03:00:00Z */
    row_text(w, START, object_format(o, "%.5s %.5s", at + 5, at + 11));
}

static void put_times(struct kube_object *o, struct row_writer *w)
{
    struct span state = object_path_text(o, o->status, "state");
    int64_t completed = object_path_time(o, o->status, "completed");
    if (span_is(state, "Succeeded")) {
        put_time(w, COMPLETED_AT, completed);
        if (completed != TIME_NONE && o->created_ms != TIME_NONE)
            row_num(w, DURATION, completed - o->created_ms);
    } else if (!span_is(state, "Failed")) {
        put_time(w, RUNNING_SINCE, o->created_ms);
    }
    put_start(o, w);
    put_time(w, RESTORABLE_AT, object_path_time(o, o->status, "latestRestorableTime"));
    put_time(w, DELETED, o->deleted_ms);
}

/* Set when the binary logs that follow a backup have a gap; cleared by nothing but the next
 * backup, which begins anew [pxco pkg/pxc/backup/pitr.go]. */
static void put_gap(struct kube_object *o, struct row_writer *w)
{
    struct condition c;
    bool gap = object_condition(o, "PITRReady", &c) && span_is(c.status, "False");
    row_num(w, GAP, gap);
    if (!gap)
        return;
    put_time(w, GAP_AT, c.since_ms);
    put_text(w, GAP_MESSAGE, c.message.len ? c.message : c.reason);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span cluster = object_path_text(o, o->spec, "pxcCluster");
    struct span schedule = object_entry(o, o->labels, "percona.com/backup-ancestor");
    struct span storage = object_path_text(o, o->status, "storageName");
    struct span destination = object_path_text(o, o->status, "destination");
    struct span key = object_key(o, o->ns, cluster);
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, CLUSTER, cluster);
    put_text(w, STATUS, object_path_text(o, o->status, "state"));
    put_times(o, w);
    put_text(w, STORAGE, storage.len ? storage : object_path_text(o, o->spec, "storageName"));
    put_text(w, DESTINATION, destination);
    put_text(w, SCHEDULE, schedule);
    put_gap(o, w);
    put_text(w, ERROR, object_path_text(o, o->status, "error"));
    put_text(w, STORAGE_TYPE, object_path_text(o, o->status, "storage_type"));
    put_text(w, ENDPOINT, object_path_text(o, o->status, "s3.endpointUrl"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (s3_bucket_of(destination).len) {
        row_link(w, LINK_STORED, LINK_AFFECTS, "s3-backup", destination);
        row_link(w, LINK_STORED, LINK_AFFECTS, "s3-bucket", s3_bucket_of(destination));
    }
    if (!cluster.len)
        return;
    row_link(w, LINK_BACKUP, LINK_EXPECTED | LINK_AFFECTS, "pxc", key);
    row_link(w, LINK_BACKUP, 0, "pitr", key);
    if (schedule.len)
        row_link(w, LINK_BACKUP, 0, "backup-schedule", object_key(o, key, schedule));
}

#define WAIT_MS   ((int64_t)5 * 60 * 1000)
#define LONG_MS   ((int64_t)2 * 60 * 60 * 1000)
#define CLOCKS_MS ((int64_t)60 * 1000)      /* the cluster's clock and ours may differ */
#define DELETE_MS ((int64_t)60 * 60 * 1000) /* thousands of objects are deleted from S3 */

enum {
    RULE_GONE,
    RULE_STORED,
    RULE_FAILED,
    RULE_MADE_GOOD,
    RULE_SUSPENDED,
    RULE_WAITING,
    RULE_LONG,
    RULE_RUNNING,
    RULE_GAP,
    RULE_DELETING,
};

static const struct rule rules[] = {
    [RULE_GONE] = {"backup-not-in-s3",
                   "It went well, and its bucket, listed since, does not have it: critical."},
    [RULE_STORED] = {"backup-in-s3",
                     "It went well, and what lies in its bucket is warned of: as that is."},
    [RULE_FAILED] = {"backup-failed", "It has failed: warning.", .since = COMPLETED_AT},
    [RULE_MADE_GOOD] = {"backup-made-good",
                        "It has failed, and a later backup of the cluster went well: notice.",
                        .since = COMPLETED_AT},
    [RULE_SUSPENDED] = {"backup-suspended",
                        "The cluster became unhealthy, it waits for it: warning."},
    [RULE_WAITING] = {"backup-waiting",
                      "It has not begun, for 5 minutes: its cluster is not ready: warning.",
                      .since = CREATED},
    [RULE_LONG] = {"backup-long", "It has been going on for 2 hours: warning.",
                   .since = RUNNING_SINCE},
    [RULE_RUNNING] = {"backup-running", "It goes on: progress.", .since = RUNNING_SINCE},
    [RULE_GAP] = {"backup-gap", "Binary logs behind it are missing: notice.", .since = GAP_AT},
    [RULE_DELETING] = {"backup-deleting",
                       "It is being deleted: progress; for more than an hour: warning.",
                       .since = DELETED},
};

/* What its bucket has of it. */
static enum s3_presence stored(const struct store *st, struct handle row, struct handle *found)
{
    int64_t completed = store_num(st, row, COMPLETED_AT, TIME_FOREVER - CLOCKS_MS);
    return s3_find(st, store_text(st, row, DESTINATION), store_text(st, row, ENDPOINT),
                   completed + CLOCKS_MS, found);
}

static struct verdict judge_stored(const struct store *st, struct handle row)
{
    struct handle found;
    enum s3_presence presence = stored(st, row, &found);
    if (presence == S3_MISSING)
        return verdict_at(LEVEL_CRITICAL, RULE_GONE);
    if (presence == S3_HERE && store_verdict(st, found).level >= LEVEL_WARNING)
        return verdict_at(store_verdict(st, found).level, RULE_STORED);
    return store_num(st, row, GAP, 0) ? verdict_at(LEVEL_NOTICE, RULE_GAP) : verdict_ok();
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    int64_t created = store_num(st, row, CREATED, TIME_NONE),
            deleted = store_num(st, row, DELETED, TIME_NONE);
    if (deleted != TIME_NONE)
        return verdict_within(deleted, DELETE_MS, RULE_DELETING,
                              verdict_at(LEVEL_WARNING, RULE_DELETING), now_ms);
    if (span_is(status, "Succeeded"))
        return judge_stored(st, row);
    if (span_is(status, "Failed"))
        return created != TIME_NONE && pxc_backed_up(st, row, created)
                   ? verdict_at(LEVEL_NOTICE, RULE_MADE_GOOD)
                   : verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (span_is(status, "Suspended"))
        return verdict_at(LEVEL_WARNING, RULE_SUSPENDED);
    if (!status.len)
        return verdict_within(created, WAIT_MS, RULE_RUNNING,
                              verdict_at(LEVEL_WARNING, RULE_WAITING), now_ms);
    return verdict_within(created, LONG_MS, RULE_RUNNING, verdict_at(LEVEL_WARNING, RULE_LONG),
                          now_ms);
}

/* The worst pod of its job; else what the job says. */
static void say_job(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &from, &type)) {
        if (type != LINK_OWNER || !store_alive(st, from) ||
            store_verdict(st, from).level < LEVEL_WARNING)
            continue;
        if (!sentence_pod(out, st, from, now_ms))
            sentence_row(out, st, from, now_ms);
        return;
    }
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    int64_t created = store_num(st, row, CREATED, TIME_NONE);
    struct handle found;
    switch (v->rule) {
    case RULE_GONE:
        strbuf_adds(out, "it is not in its bucket: ");
        sentence_add(out, store_text(st, row, DESTINATION), SENTENCE_CAUSE);
        return;
    case RULE_STORED:
        strbuf_adds(out, "in its bucket: ");
        if (stored(st, row, &found) == S3_HERE)
            store_says(st, found, now_ms, out);
        return;
    case RULE_FAILED:
    case RULE_MADE_GOOD:
        strbuf_adds(out, "failed");
        sentence_ago(out, created, now_ms);
        strbuf_adds(out, v->rule == RULE_MADE_GOOD ? ", a later one went well" : "");
        break;
    case RULE_SUSPENDED:
        strbuf_adds(out, "suspended: the cluster became unhealthy");
        break;
    case RULE_WAITING:
        strbuf_adds(out, "has not begun");
        sentence_for(out, created, now_ms);
        strbuf_adds(out, ": the cluster is not ready");
        break;
    case RULE_GAP:
        strbuf_adds(out, "no point in time can be reached from it");
        sentence_cause(out, store_text(st, row, GAP_MESSAGE));
        return;
    case RULE_DELETING:
        strbuf_adds(out, "is being deleted");
        sentence_for(out, store_num(st, row, DELETED, TIME_NONE), now_ms);
        return;
    default:
        strbuf_adds(out, store_text(st, row, STATUS).len ? "running" : "waiting");
        sentence_for(out, created, now_ms);
        break;
    }
    sentence_cause(out, store_text(st, row, ERROR));
    say_job(st, row, now_ms, out);
}

static struct value derive(const struct store *st, struct handle row, size_t column)
{
    return pxc_stored(st, row, "s3-backup",
                      column == SIZE    ? "size"
                      : column == SHARE ? "vs-median"
                                        : "complete");
}

const struct kind kind_backup = {
    .name = "backup",
    .plural = "backups",
    .aliases = "pxc-backup pxc-backups perconaxtradbclusterbackup perconaxtradbclusterbackups",
    .title = "Backups",
    .help = "Backups of PXC clusters: state, duration, where they lie, gaps behind them.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .derive = derive,
    .sort = "age",
};

int64_t backup_ended(const struct store *st, struct handle row)
{
    return store_kind(st, row.kind) == &kind_backup ? store_num(st, row, COMPLETED_AT, TIME_NONE)
                                                    : TIME_NONE;
}

bool backup_gap(const struct store *st, struct handle row, struct span *says)
{
    *says = store_text(st, row, GAP_MESSAGE);
    return store_num(st, row, GAP, 0) != 0;
}

const struct kube_kind kube_backup = {
    .kind = &kind_backup,
    .resources = {{"pxc.percona.com", "v1", "perconaxtradbclusterbackups"}},
    .types = {"PerconaXtraDBClusterBackup"},
    .parse = parse,
};
