/* PersistentVolumes. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"
#include "base/number.h"

enum {
    NAME,
    STATUS,
    CAPACITY,
    POLICY,
    CLAIM,
    CLASS,
    REASON,
    AGE,
    MODES,
    ATTRIBUTES,
    MODE,
    MESSAGE,
    CREATED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 42, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS", "Bound, Available, Released, Failed or Terminating.",
                VALUE_TEXT, 9, 0, COLUMN_NOTABLE, NULL, NULL},
    [CAPACITY] = {"capacity", "CAPACITY", "Its size.", VALUE_BYTES, 8, 10, COLUMN_RIGHT, NULL,
                  NULL},
    [POLICY] = {"reclaim-policy", "RECLAIM", "What happens when its claim goes.", VALUE_TEXT, 8, 30,
                0, NULL, NULL},
    [CLAIM] = {"claim", "CLAIM", "The claim it is bound to.", VALUE_TEXT, 36, 10, COLUMN_NOTABLE,
               NULL, NULL},
    [CLASS] = {"storage-class", "CLASS", "Its storage class.", VALUE_TEXT, 14, 40, 0, NULL, NULL},
    [REASON] = {"reason", "REASON", "Why it has failed.", VALUE_TEXT, 20, 80, COLUMN_HIDDEN, NULL,
                NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [MODES] = {"access-modes", "MODES", "RWO, ROX, RWX, RWOP.", VALUE_TEXT, 5, 45, COLUMN_WIDE,
               NULL, NULL},
    [ATTRIBUTES] = {"attributes-class", "ATTRIBUTES", "Its volume attributes class.", VALUE_TEXT,
                    10, 75, COLUMN_WIDE, NULL, NULL},
    [MODE] = {"volume-mode", "VOLUME MODE", "Filesystem or Block.", VALUE_TEXT, 10, 76, COLUMN_WIDE,
              NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What is said of why it has failed.", VALUE_TEXT, 30, 80,
                 COLUMN_HIDDEN, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span class = object_path_text(o, o->spec, "storageClassName");
    struct span ns = object_path_text(o, o->spec, "claimRef.namespace");
    struct span claim = object_path_text(o, o->spec, "claimRef.name");
    int64_t bytes;
    (void)which;
    row_text(w, NAME, o->name);
    put_text(w, STATUS,
             o->deleted_ms == TIME_NONE ? object_path_text(o, o->status, "phase")
                                        : SPAN("Terminating"));
    if (quantity_parse(object_path_text(o, o->spec, "capacity.storage"), 1, &bytes))
        row_num(w, CAPACITY, bytes);
    put_text(w, POLICY, object_path_text(o, o->spec, "persistentVolumeReclaimPolicy"));
    if (claim.len)
        row_text(w, CLAIM, object_key(o, ns, claim));
    put_text(w, CLASS, class);
    put_text(w, REASON, object_path_text(o, o->status, "reason"));
    put_text(w, MODES, object_access_modes(o, json_get(o->spec, "accessModes")));
    put_text(w, ATTRIBUTES, object_path_text(o, o->spec, "volumeAttributesClassName"));
    put_text(w, MODE, object_path_text(o, o->spec, "volumeMode"));
    put_text(w, MESSAGE, object_path_text(o, o->status, "message"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_CLASS, LINK_EXPECTED, "storageclass", class);
    if (claim.len) /* gone where it is released */
        row_link(w, LINK_CLAIM, 0, "pvc", object_key(o, ns, claim));
}

enum { RULE_FAILED, RULE_RELEASED };

static const struct rule rules[] = {
    [RULE_FAILED] = {"pv-failed", "It could not be reclaimed: warning."},
    [RULE_RELEASED] = {"pv-released", "Its claim is gone and it is kept: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    if (span_is(store_text(st, row, STATUS), "Failed"))
        return verdict_at(LEVEL_WARNING, RULE_FAILED);
    return span_is(store_text(st, row, STATUS), "Released")
               ? verdict_at(LEVEL_NOTICE, RULE_RELEASED)
               : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)now_ms;
    strbuf_adds(out, v->rule == RULE_FAILED ? "could not be reclaimed"
                                            : "its claim is gone, the data is kept");
    if (v->rule == RULE_RELEASED && store_text(st, row, CLAIM).len)
        strbuf_addf(out, " (%.*s)", SPAN_ARG(store_text(st, row, CLAIM)));
    sentence_cause(out, store_text(st, row, REASON));
    sentence_cause(out, store_text(st, row, MESSAGE));
    if (v->rule == RULE_FAILED)
        sentence_event(out, st, row);
}

const struct kind kind_pv = {
    .name = "pv",
    .plural = "pvs",
    .aliases = "persistentvolume persistentvolumes",
    .title = "Volumes",
    .help = "PersistentVolumes: storage that there is.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

const struct kube_kind kube_pv = {
    .kind = &kind_pv,
    .resources = {{"", "v1", "persistentvolumes"}},
    .types = {"PersistentVolume"},
    .parse = parse,
};
