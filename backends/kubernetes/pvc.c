/* PersistentVolumeClaims: what is asked for and what was given. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"
#include "base/number.h"

enum {
    NAMESPACE,
    NAME,
    STATUS,
    CAPACITY,
    CLASS,
    USED,
    FULL,
    AGE,
    VOLUME,
    MODES,
    ATTRIBUTES,
    MODE,
    FILLED,
    SIZE,
    INODES,
    RESIZE,
    DELETED,
    CREATED,
    LABELS,
    UID
};

static const struct fold count_pods = {FOLD_COUNT, LINK_CLAIM, "pod", NULL, NULL};
/* Of nodes that mount it together the one that sees it fullest. */
static const struct fold most_full = {FOLD_MAX, LINK_CLAIM, "filesystem", "full", NULL};
static const struct fold most_used = {FOLD_MAX, LINK_CLAIM, "filesystem", "used", NULL};
static const struct fold most_size = {FOLD_MAX, LINK_CLAIM, "filesystem", "size", NULL};
static const struct fold most_inodes = {FOLD_MAX, LINK_CLAIM, "filesystem", "inodes-full", NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS", "Bound, Pending, Lost or Terminating.", VALUE_TEXT, 8, 0,
                COLUMN_NOTABLE, NULL, NULL},
    [CAPACITY] = {"capacity", "CAPACITY", "Size that was given.", VALUE_BYTES, 8, 10,
                  COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [CLASS] = {"storage-class", "CLASS", "Its storage class.", VALUE_TEXT, 14, 20, 0, NULL, NULL},
    [USED] = {"pods", "PODS", "Pods that mount it.", VALUE_COUNT, 4, 25, COLUMN_RIGHT, NULL,
              &count_pods},
    [FULL] = {"full", "FULL", "Share of it that is not available any more, as kubelets see it.",
              VALUE_RATIO, 5, 12, COLUMN_RIGHT, NULL, &most_full},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [VOLUME] = {"volume", "VOLUME", "The volume it is bound to.", VALUE_TEXT, 40, 60, COLUMN_WIDE,
                NULL, NULL},
    [MODES] = {"access-modes", "MODES", "RWO, ROX, RWX, RWOP.", VALUE_TEXT, 5, 40, COLUMN_WIDE,
               NULL, NULL},
    [ATTRIBUTES] = {"attributes-class", "ATTRIBUTES", "Its volume attributes class.", VALUE_TEXT,
                    10, 75, COLUMN_WIDE, NULL, NULL},
    [MODE] = {"volume-mode", "VOLUME MODE", "Filesystem or Block.", VALUE_TEXT, 10, 76, COLUMN_WIDE,
              NULL, NULL},
    [FILLED] = {"used", "USED", "Bytes of it that are used.", VALUE_BYTES, 7, 30,
                COLUMN_RIGHT | COLUMN_WIDE, NULL, &most_used},
    [SIZE] = {"size", "SIZE", "The size of its file system.", VALUE_BYTES, 7, 50,
              COLUMN_RIGHT | COLUMN_WIDE, NULL, &most_size},
    [INODES] = {"inodes-full", "INODES", "Share of its inodes that is used.", VALUE_RATIO, 6, 35,
                COLUMN_RIGHT | COLUMN_WIDE, NULL, &most_inodes},
    [RESIZE] = {"resize", "RESIZE", "A resize that waits for the pod.", VALUE_TEXT, 10, 80,
                COLUMN_HIDDEN, NULL, NULL},
    [DELETED] = {"deleted", "DELETED", "When its deletion was asked for.", VALUE_INSTANT, 5, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* An older way to name it still counts [kubernetes core/v1/helper GetPersistentVolumeClaimClass]. */
static struct span class_of(struct kube_object *o)
{
    struct span older = object_entry(o, o->annotations, "volume.beta.kubernetes.io/storage-class");
    return older.len ? older : object_path_text(o, o->spec, "storageClassName");
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct condition resize;
    struct span class = class_of(o), volume = object_path_text(o, o->spec, "volumeName");
    int64_t bytes;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, STATUS,
             o->deleted_ms == TIME_NONE ? object_path_text(o, o->status, "phase")
                                        : SPAN("Terminating"));
    if (volume.len && quantity_parse(object_path_text(o, o->status, "capacity.storage"), 1, &bytes))
        row_num(w, CAPACITY, bytes);
    if (volume.len)
        put_text(w, MODES, object_access_modes(o, json_get(o->status, "accessModes")));
    put_text(w, CLASS, class);
    put_text(w, VOLUME, volume);
    put_text(w, ATTRIBUTES, object_path_text(o, o->spec, "volumeAttributesClassName"));
    put_text(w, MODE, object_path_text(o, o->spec, "volumeMode"));
    if (object_condition(o, "FileSystemResizePending", &resize) && span_is(resize.status, "True"))
        put_text(w, RESIZE, resize.message);
    put_time(w, DELETED, o->deleted_ms);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    row_link(w, LINK_VOLUME, LINK_EXPECTED, "pv", volume);
    row_link(w, LINK_CLASS, LINK_EXPECTED | LINK_AFFECTS, "storageclass", class);
}

#define PENDING_MS ((int64_t)2 * 60 * 1000)
#define STUCK_MS   ((int64_t)10 * 60 * 1000)

#define FULL_SHARE    0.95
#define FILLING_SHARE 0.85

enum {
    RULE_LOST,
    RULE_PENDING,
    RULE_WAITING,
    RULE_UNUSED,
    RULE_RESIZE,
    RULE_TERMINATING,
    RULE_FULL,
    RULE_FILLING
};

static const struct rule rules[] = {
    [RULE_LOST] = {"pvc-lost", "Its volume is gone: critical."},
    [RULE_PENDING] = {"pvc-pending", "It has had no volume for 2 minutes: warning."},
    [RULE_WAITING] = {"pvc-waiting", "It waits for a volume: progress."},
    [RULE_UNUSED] = {"pvc-unused",
                     "Its storage class makes a volume once a pod uses the claim, and "
                     "none does: notice."},
    [RULE_RESIZE] = {"pvc-resize", "A resize waits for its pod to start anew: notice."},
    [RULE_TERMINATING] = {"pvc-terminating",
                          "Its deletion goes on: progress; for more than 10 minutes: warning."},
    [RULE_FULL] = {"pvc-full", "95 % of it, or of its inodes, are used: critical."},
    [RULE_FILLING] = {"pvc-filling", "85 % of it, or of its inodes, are used: warning."},
};

/* Nothing is wrong with a claim that waits for its first pod. */
static bool waits_for_pod(const struct store *st, struct handle row)
{
    struct handle class;
    struct link l;
    size_t at = 0;
    int pods = store_kind_find(st, SPAN("pod"));
    if (store_num(st, row, USED, 0) || pods < 0 || !store_synced(st, (uint16_t)pods))
        return false;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_CLASS || store_follow(st, row, &l, &class) != LINK_FOUND)
            continue;
        int binding = kind_column(store_kind(st, class.kind), SPAN("binding"));
        return binding >= 0 &&
               span_is(store_text(st, class, (size_t)binding), "WaitForFirstConsumer");
    }
    return false;
}

static struct verdict judge_usage(const struct store *st, struct handle row)
{
    double full = kube_share(st, row, FULL), inodes = kube_share(st, row, INODES);
    double most = full > inodes ? full : inodes;
    if (most >= FULL_SHARE)
        return verdict_at(LEVEL_CRITICAL, RULE_FULL);
    if (most >= FILLING_SHARE)
        return verdict_at(LEVEL_WARNING, RULE_FILLING);
    return store_text(st, row, RESIZE).len ? verdict_at(LEVEL_NOTICE, RULE_RESIZE) : verdict_ok();
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, STATUS);
    int64_t created = store_num(st, row, CREATED, now_ms);
    int64_t deleted = store_num(st, row, DELETED, TIME_NONE);
    if (deleted != TIME_NONE) {
        if (now_ms - deleted > STUCK_MS)
            return verdict_at(LEVEL_WARNING, RULE_TERMINATING);
        return verdict_until(LEVEL_PROGRESS, RULE_TERMINATING, deleted + STUCK_MS + 1);
    }
    if (span_is(status, "Lost"))
        return verdict_at(LEVEL_CRITICAL, RULE_LOST);
    if (span_is(status, "Pending")) {
        if (waits_for_pod(st, row))
            return verdict_at(LEVEL_NOTICE, RULE_UNUSED);
        if (now_ms - created > PENDING_MS)
            return verdict_at(LEVEL_WARNING, RULE_PENDING);
        return verdict_until(LEVEL_PROGRESS, RULE_WAITING, created + PENDING_MS + 1);
    }
    return judge_usage(st, row);
}

/* "96% of it is used, 9.6Gi of 10Gi"; and what a resize that is under way waits for. */
static void add_usage(const struct store *st, struct handle row, struct strbuf *out)
{
    double full = kube_share(st, row, FULL), inodes = kube_share(st, row, INODES);
    bool by_inodes = inodes > full;
    char share[NUMBER_TEXT_MAX], used[NUMBER_TEXT_MAX], size[NUMBER_TEXT_MAX];
    number_format_percent(by_inodes ? inodes : full, share);
    number_format_bytes(store_num(st, row, FILLED, 0), used);
    number_format_bytes(store_num(st, row, SIZE, 0), size);
    if (by_inodes)
        strbuf_addf(out, "%s of its inodes are used", share);
    else
        strbuf_addf(out, "%s of it is used, %s of %s", share, used, size);
    sentence_cause(out, store_text(st, row, RESIZE));
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    long long used = (long long)store_num(st, row, USED, 0);
    switch (v->rule) {
    case RULE_LOST:
        strbuf_adds(out, "its volume is gone");
        if (store_text(st, row, VOLUME).len)
            strbuf_addf(out, ": %.*s", SPAN_ARG(store_text(st, row, VOLUME)));
        break;
    case RULE_FULL:
    case RULE_FILLING:
        add_usage(st, row, out);
        break;
    case RULE_UNUSED:
        strbuf_adds(out, "no pod uses it, so it has no volume yet");
        break;
    case RULE_RESIZE:
        sentence_add(out, store_text(st, row, RESIZE), SENTENCE_CAUSE);
        break;
    case RULE_TERMINATING:
        strbuf_adds(out, "being deleted");
        sentence_for(out, store_num(st, row, DELETED, TIME_NONE), now_ms);
        if (used)
            strbuf_addf(out, ": %lld pod%s still use%s it", used, used == 1 ? "" : "s",
                        used == 1 ? "s" : "");
        break;
    default:
        strbuf_adds(out, "no volume");
        sentence_for(out, store_num(st, row, CREATED, now_ms), now_ms);
        sentence_event(out, st, row);
        break;
    }
}

const struct kind kind_pvc = {
    .name = "pvc",
    .plural = "pvcs",
    .aliases = "persistentvolumeclaim persistentvolumeclaims",
    .title = "Volume claims",
    .help = "PersistentVolumeClaims: storage that pods ask for.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "filesystem",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_pvc = {
    .kind = &kind_pvc,
    .resources = {{"", "v1", "persistentvolumeclaims"}},
    .types = {"PersistentVolumeClaim"},
    .parse = parse,
};
