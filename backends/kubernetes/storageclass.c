/* Storage classes. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum { NAME, PROVISIONER, POLICY, BINDING, EXPANSION, DEFAULT, VOLUMES, AGE, CREATED, LABELS, UID };

static const struct fold count_volumes = {FOLD_COUNT, LINK_CLASS, "pv", NULL, NULL};

static const struct column columns[] = {
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [PROVISIONER] = {"provisioner", "PROVISIONER", "What makes its volumes.", VALUE_TEXT, 24, 0, 0,
                     NULL, NULL},
    [POLICY] = {"reclaim-policy", "RECLAIM", "What happens when a claim goes.", VALUE_TEXT, 8, 20,
                0, NULL, NULL},
    [BINDING] = {"binding", "BINDING", "When a volume is made.", VALUE_TEXT, 20, 30, 0, NULL, NULL},
    [EXPANSION] = {"expansion", "EXPAND", "Volumes can grow.", VALUE_BOOL, 6, 40, 0, NULL, NULL},
    [DEFAULT] = {"default", "DEFAULT", "Taken when a claim names none.", VALUE_BOOL, 7, 10,
                 COLUMN_NOTABLE, NULL, NULL},
    [VOLUMES] = {"volumes", "VOLUMES", "Volumes of it.", VALUE_COUNT, 7, 20, COLUMN_RIGHT, NULL,
                 &count_volumes},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span is_default =
        object_entry(o, o->annotations, "storageclass.kubernetes.io/is-default-class");
    if (!is_default.len)
        is_default =
            object_entry(o, o->annotations, "storageclass.beta.kubernetes.io/is-default-class");
    (void)which;
    row_text(w, NAME, o->name);
    put_text(w, PROVISIONER, object_path_text(o, o->root, "provisioner"));
    put_text(w, POLICY, object_path_text(o, o->root, "reclaimPolicy"));
    put_text(w, BINDING, object_path_text(o, o->root, "volumeBindingMode"));
    row_num(w, EXPANSION, object_path_true(o->root, "allowVolumeExpansion"));
    row_num(w, DEFAULT, span_is(is_default, "true"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
}

const struct kind kind_storageclass = {
    .name = "storageclass",
    .plural = "storageclasses",
    .aliases = "sc",
    .title = "Storage classes",
    .help = "Sorts of storage that claims can ask for.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "name",
};

const struct kube_kind kube_storageclass = {
    .kind = &kind_storageclass,
    .resources = {{"storage.k8s.io", "v1", "storageclasses"}},
    .types = {"StorageClass"},
    .parse = parse,
};
