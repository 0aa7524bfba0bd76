/* Tenants of the MinIO operator: object storage, as the operator sees it. It looks every few
 * minutes: what is written here may be that old [minio-op constants.go]. */
#include <config.h>

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    STATUS,
    HEALTH,
    DRIVES,
    HEALING,
    POOLS,
    USED,
    CAPACITY,
    USE,
    SERVERS,
    AGE,
    RELEASE,
    MESSAGE,
    ONLINE,
    OFFLINE,
    QUORUM,
    RAW_USED,
    RAW_CAPACITY,
    WORST,
    CREATED,
    LABELS,
    UID,
};

static const struct fold worst = {FOLD_WORST, LINK_OWNER, "workload", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS", "What its operator says; Initialized is well.", VALUE_TEXT, 16,
                0, COLUMN_NOTABLE, NULL, NULL},
    [HEALTH] = {"health", "HEALTH", "green, yellow or red.", VALUE_TEXT, 6, 10, COLUMN_NOTABLE,
                NULL, NULL},
    [DRIVES] = {"drives", "DRIVES", "Drives that are online, of all.", VALUE_TEXT, 6, 10,
                COLUMN_NOTABLE, NULL, NULL},
    [HEALING] = {"healing", "HEALING", "Drives that are being filled again.", VALUE_COUNT, 7, 30,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [POOLS] = {"pools", "POOLS", "Its pools and how they are.", VALUE_LIST, 24, 50, COLUMN_NOTABLE,
               NULL, NULL},
    [USED] = {"used", "USED", "Bytes of objects.", VALUE_BYTES, 7, 40, COLUMN_RIGHT, NULL, NULL},
    [CAPACITY] = {"capacity", "CAPACITY", "Bytes of objects that fit.", VALUE_BYTES, 8, 35,
                  COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [USE] = {"use", "USE", "Share of its capacity that is used.", VALUE_RATIO, 5, 15, COLUMN_RIGHT,
             NULL, NULL},
    [SERVERS] = {"servers", "SERVERS", "Servers that are available, of those wanted.", VALUE_TEXT,
                 7, 45, COLUMN_NOTABLE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 55, COLUMN_RIGHT, "created", NULL},
    [RELEASE] = {"image", "IMAGE", "Its image.", VALUE_TEXT, 40, 60, COLUMN_WIDE | COLUMN_NOTABLE,
                 NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What its operator says of its health.", VALUE_TEXT, 20, 61,
                 COLUMN_WIDE, NULL, NULL},
    [ONLINE] = {"drives-online", "DRIVES-ONLINE", "Drives that are online.", VALUE_COUNT, 5, 80,
                COLUMN_HIDDEN, NULL, NULL},
    [OFFLINE] = {"drives-offline", "DRIVES-OFFLINE", "Drives that are offline.", VALUE_COUNT, 5, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [QUORUM] = {"write-quorum", "WRITE-QUORUM", "Drives that it takes to write.", VALUE_COUNT, 5,
                80, COLUMN_HIDDEN, NULL, NULL},
    [RAW_USED] = {"raw-used", "RAW-USED", "Bytes on all drives, parity with them.", VALUE_BYTES, 7,
                  80, COLUMN_HIDDEN, NULL, NULL},
    [RAW_CAPACITY] = {"raw-capacity", "RAW-CAPACITY", "Bytes that all drives have.", VALUE_BYTES, 7,
                      80, COLUMN_HIDDEN, NULL, NULL},
    [WORST] = {"worst-workload", "WORST-WORKLOAD", "Level of the worst of its StatefulSets.",
               VALUE_LEVEL, 8, 80, COLUMN_HIDDEN, NULL, &worst},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* A drive that heals is among those that are online: the operator counts a drive by its state, which is
 * ok meanwhile, and asks the health of the cluster how many heal [minio-op monitoring.go]. */
static void put_drives(struct kube_object *o, struct row_writer *w)
{
    int64_t online = object_path_count(o->status, "drivesOnline");
    int64_t offline = object_path_count(o->status, "drivesOffline");
    int64_t healing = object_path_count(o->status, "drivesHealing");
    if (json_get(o->status, "drivesOnline").type != JSON_NUMBER)
        return;
    row_text(
        w, DRIVES,
        object_format(o, "%lld/%lld", (long long)online, (long long)online + (long long)offline));
    row_num(w, HEALING, healing);
    row_num(w, ONLINE, online);
    row_num(w, OFFLINE, offline);
    row_num(w, QUORUM, object_path_count(o->status, "writeQuorum"));
}

static void put_usage(struct kube_object *o, struct row_writer *w)
{
    struct json_value usage = json_get(o->status, "usage");
    int64_t used = object_path_int(usage, "usage", -1),
            capacity = object_path_int(usage, "capacity", -1);
    put_num(w, USED, json_get(usage, "usage"));
    put_num(w, CAPACITY, json_get(usage, "capacity"));
    put_num(w, RAW_USED, json_get(usage, "rawUsage"));
    put_num(w, RAW_CAPACITY, json_get(usage, "rawCapacity"));
    if (used >= 0 && capacity > 0)
        row_real(w, USE, (double)used / (double)capacity);
}

static void put_pools(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value pool;
    struct span pools = {"", 0};
    int64_t servers = 0;
    for (json_iter_init(&it, json_get(o->status, "pools")); json_next(&it, NULL, &pool);)
        pools = object_list_add(o, pools,
                                object_format(o, "%.*s %.*s",
                                              SPAN_ARG(object_path_text(o, pool, "ssName")),
                                              SPAN_ARG(object_path_text(o, pool, "state"))));
    for (json_iter_init(&it, json_get(o->spec, "pools")); json_next(&it, NULL, &pool);)
        servers += object_path_count(pool, "servers");
    put_text(w, POOLS, pools);
    row_text(w, SERVERS,
             object_format(o, "%lld/%lld",
                           (long long)object_path_count(o->status, "availableReplicas"),
                           (long long)servers));
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span secret = object_path_text(o, o->spec, "configuration.name");
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, STATUS, object_path_text(o, o->status, "currentState"));
    put_text(w, HEALTH, object_path_text(o, o->status, "healthStatus"));
    put_text(w, MESSAGE, object_path_text(o, o->status, "healthMessage"));
    put_drives(o, w);
    put_pools(o, w);
    put_usage(o, w);
    put_text(w, RELEASE, object_path_text(o, o->spec, "image"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (secret.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, secret));
}

#define NEW_MS  ((int64_t)15 * 60 * 1000)
#define FULL    0.95
#define CROWDED 0.85

enum {
    RULE_DOWN,
    RULE_QUORUM,
    RULE_FULL,
    RULE_STATE,
    RULE_DEGRADED,
    RULE_CROWDED,
    RULE_STARTING,
    RULE_UNKEPT
};

static const struct rule rules[] = {
    [RULE_DOWN] = {"tenant-down", "Its health is red: critical."},
    [RULE_QUORUM] = {"tenant-no-quorum",
                     "Fewer drives are online than it takes to write: critical."},
    [RULE_FULL] = {"tenant-full", "95% of its capacity is used: critical."},
    [RULE_STATE] = {"tenant-not-initialized",
                    "Its operator has not brought it to Initialized, and it is older than 15 "
                    "minutes: warning."},
    [RULE_DEGRADED] = {"tenant-degraded",
                       "Its health is yellow, or a drive is offline or healing: warning."},
    [RULE_CROWDED] = {"tenant-crowded", "85% of its capacity is used: warning."},
    [RULE_STARTING] = {"tenant-starting", "It is new and not Initialized yet: progress."},
    [RULE_UNKEPT] = KEEPER_RULE("tenant-unkept"),
};

static double use_of(const struct store *st, struct handle row)
{
    struct value v = store_cell(st, row, USE, 0);
    return v.type == VALUE_RATIO ? v.real : 0;
}

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span health = store_text(st, row, HEALTH);
    bool well = span_is(store_text(st, row, STATUS), "Initialized");
    if (span_is(health, "red"))
        return verdict_at(LEVEL_CRITICAL, RULE_DOWN);
    if (store_num(st, row, ONLINE, INT64_MAX) < store_num(st, row, QUORUM, 0))
        return verdict_at(LEVEL_CRITICAL, RULE_QUORUM);
    if (use_of(st, row) >= FULL)
        return verdict_at(LEVEL_CRITICAL, RULE_FULL);
    if (!well)
        return verdict_within(store_num(st, row, CREATED, TIME_NONE), NEW_MS, RULE_STARTING,
                              verdict_at(LEVEL_WARNING, RULE_STATE), now_ms);
    if (span_is(health, "yellow") || store_num(st, row, OFFLINE, 0) ||
        store_num(st, row, HEALING, 0))
        return verdict_at(LEVEL_WARNING, RULE_DEGRADED);
    return use_of(st, row) >= CROWDED ? verdict_at(LEVEL_WARNING, RULE_CROWDED) : verdict_ok();
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

/* The worst pod of its StatefulSets. */
static void say_pod(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out)
{
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(st, row, &at, &from, &type))
        if (type == LINK_OWNER && store_alive(st, from) && sentence_pod(out, st, from, now_ms))
            return;
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span status = store_text(st, row, STATUS), drives = store_text(st, row, DRIVES);
    long long healing = (long long)store_num(st, row, HEALING, 0);
    if (v->rule == RULE_UNKEPT) {
        keeper_says(st, row, "may be old", now_ms, out);
        return;
    }
    if (v->rule == RULE_FULL || v->rule == RULE_CROWDED) {
        strbuf_addf(out, "%.0f%% of its capacity is used", use_of(st, row) * 100);
        return;
    }
    if (v->rule == RULE_STATE || v->rule == RULE_STARTING) {
        strbuf_add(out, status.len ? status : SPAN("its operator has not said how it is"));
        say_pod(st, row, now_ms, out);
        return;
    }
    strbuf_addf(out, "%.*s drives online", SPAN_ARG(drives));
    if (v->rule == RULE_QUORUM)
        strbuf_addf(out, ", it takes %lld to write", (long long)store_num(st, row, QUORUM, 0));
    if (healing)
        strbuf_addf(out, ", %lld healing", healing);
    if (!healing || v->rule == RULE_DOWN) /* "Healing" is said already */
        sentence_cause(out, store_text(st, row, MESSAGE));
    if (use_of(st, row) >= CROWDED)
        strbuf_addf(out, ", %.0f%% used", use_of(st, row) * 100);
    say_pod(st, row, now_ms, out);
}

const struct kind kind_tenant = {
    .name = "tenant",
    .plural = "tenants",
    .aliases = "minio",
    .title = "MinIO tenants",
    .help = "Object storage of the MinIO operator: drives, quorum, capacity.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_tenant = {
    .kind = &kind_tenant,
    .resources = {{"minio.min.io", "v2", "tenants"}},
    .types = {"Tenant"},
    .parse = parse,
    .kept_by = "minio-operator",
};
