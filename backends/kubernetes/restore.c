/* Restores of a PXC cluster: from which backup, to which point in time, how far. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    CLUSTER,
    STATUS,
    BACKUP,
    TARGET,
    RUNNING,
    COMPLETED,
    AGE,
    COMMENTS,
    RUNNING_SINCE,
    COMPLETED_AT,
    CREATED,
    LABELS,
    UID,
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [CLUSTER] = {"pxc", "CLUSTER", "The database cluster that it writes.", VALUE_TEXT, 10, 10, 0,
                 NULL, NULL},
    [STATUS] = {"status", "STATUS",
                "Starting, Stopping Cluster, Restoring, Starting Cluster, Point-in-time "
                "recovering, Preparing Cluster, Failed or Succeeded.",
                VALUE_TEXT, 12, 0, COLUMN_NOTABLE, NULL, NULL},
    [BACKUP] = {"backup", "BACKUP", "The backup it starts from, by name or where it lies.",
                VALUE_TEXT, 36, 20, 0, NULL, NULL},
    [TARGET] = {"target", "TARGET",
                "How far it goes on from there: latest, a time, a transaction; none: not at all.",
                VALUE_TEXT, 20, 25, 0, NULL, NULL},
    [RUNNING] = {"running", "RUNNING", "How long it has been going on.", VALUE_DURATION, 7, 30,
                 COLUMN_RIGHT, "running-since", NULL},
    [COMPLETED] = {"completed", "COMPLETED", "Since it ended.", VALUE_DURATION, 9, 35, COLUMN_RIGHT,
                   "completed-at", NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 15, COLUMN_RIGHT, "created", NULL},
    [COMMENTS] = {"comments", "COMMENTS", "What its operator says of it.", VALUE_TEXT, 40, 50,
                  COLUMN_WIDE, NULL, NULL},
    [RUNNING_SINCE] = {"running-since", "RUNNING-SINCE", "When it was created, while it goes on.",
                       VALUE_INSTANT, 5, 80, COLUMN_HIDDEN, NULL, NULL},
    [COMPLETED_AT] = {"completed-at", "COMPLETED-AT", "When it ended.", VALUE_INSTANT, 5, 80,
                      COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* "latest", "2026-02-13 08:00:00", "uuid:5" [pxco pxc_prestore_types.go PITR]. */
static struct span target_of(struct kube_object *o)
{
    struct json_value pitr = json_get(o->spec, "pitr");
    struct span type = object_path_text(o, pitr, "type");
    if (span_is(type, "date"))
        return object_path_text(o, pitr, "date");
    if (span_is(type, "transaction") || span_is(type, "skip"))
        return object_format(o, "%.*s %.*s", SPAN_ARG(type),
                             SPAN_ARG(object_path_text(o, pitr, "gtid")));
    return type;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span cluster = object_path_text(o, o->spec, "pxcCluster");
    struct span backup = object_path_text(o, o->spec, "backupName");
    struct span state = object_path_text(o, o->status, "state");
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, CLUSTER, cluster);
    put_text(w, STATUS, state);
    put_text(w, BACKUP,
             backup.len ? backup : object_path_text(o, o->spec, "backupSource.destination"));
    put_text(w, TARGET, target_of(o));
    put_text(w, COMMENTS, object_path_text(o, o->status, "comments"));
    if (!span_is(state, "Failed") && !span_is(state, "Succeeded"))
        put_time(w, RUNNING_SINCE, o->created_ms);
    put_time(w, COMPLETED_AT, object_path_time(o, o->status, "completed"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (backup.len) /* it may be gone by now */
        row_link(w, LINK_RESTORE, 0, "backup", object_key(o, o->ns, backup));
    if (cluster.len)
        row_link(w, LINK_RESTORE, LINK_EXPECTED, "pxc", object_key(o, o->ns, cluster));
}

#define HOUR_MS ((int64_t)60 * 60 * 1000)
#define LONG_MS (2 * HOUR_MS)
#define NEWS_MS (24 * HOUR_MS)

enum { RULE_FAILED, RULE_FAILED_LONG_AGO, RULE_LONG, RULE_RUNNING };

static const struct rule rules[] = {
    [RULE_FAILED] = {"restore-failed", "It was begun within a day and has failed: warning.",
                     .since = COMPLETED_AT},
    [RULE_FAILED_LONG_AGO] = {"restore-failed-long-ago", "It has failed, longer ago: notice.",
                              .since = COMPLETED_AT},
    [RULE_LONG] = {"restore-long", "It has been going on for 2 hours: warning.",
                   .since = RUNNING_SINCE},
    [RULE_RUNNING] = {"restore-running", "It goes on: progress.", .since = RUNNING_SINCE},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    int64_t created = store_num(st, row, CREATED, now_ms);
    bool failed = span_is(status, "Failed");
    if (span_is(status, "Succeeded"))
        return verdict_off();
    if (failed && now_ms - created > NEWS_MS)
        return verdict_at(LEVEL_NOTICE, RULE_FAILED_LONG_AGO);
    if (failed)
        return verdict_until(LEVEL_WARNING, RULE_FAILED, created + NEWS_MS + 1);
    if (now_ms - created > LONG_MS)
        return verdict_at(LEVEL_WARNING, RULE_LONG);
    return verdict_until(LEVEL_PROGRESS, RULE_RUNNING, created + LONG_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span status = store_text(st, row, STATUS);
    int64_t created = store_num(st, row, CREATED, TIME_NONE);
    bool failed = v->rule == RULE_FAILED || v->rule == RULE_FAILED_LONG_AGO;
    strbuf_add(out, status.len ? status : SPAN("waiting"));
    if (failed)
        sentence_ago(out, created, now_ms);
    else
        sentence_for(out, created, now_ms);
    sentence_cause(out, store_text(st, row, COMMENTS));
}

const struct kind kind_restore = {
    .name = "restore",
    .plural = "restores",
    .aliases = "pxc-restore pxc-restores perconaxtradbclusterrestore perconaxtradbclusterrestores",
    .title = "Restores",
    .help = "Restores of PXC clusters: from which backup, to which point in time.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "age",
};

const struct kube_kind kube_restore = {
    .kind = &kind_restore,
    .resources = {{"pxc.percona.com", "v1", "perconaxtradbclusterrestores"}},
    .types = {"PerconaXtraDBClusterRestore"},
    .parse = parse,
};
