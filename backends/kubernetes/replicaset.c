/* ReplicaSets: what stands between a Deployment and its pods. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum {
    NAMESPACE,
    NAME,
    DESIRED,
    CURRENT,
    READY,
    AGE,
    REVISION,
    CONTAINERS,
    IMAGES,
    SELECTOR,
    CREATED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 40, 0, COLUMN_IDENT, NULL, NULL},
    [DESIRED] = {"desired", "DESIRED", "Pods wanted.", VALUE_COUNT, 7, 0,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [CURRENT] = {"current", "CURRENT", "Pods there.", VALUE_COUNT, 7, 10, COLUMN_RIGHT, NULL, NULL},
    [READY] = {"ready", "READY", "Pods that are ready.", VALUE_COUNT, 5, 0, COLUMN_RIGHT, NULL,
               NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [REVISION] = {"revision", "REV", "The Deployment's revision.", VALUE_TEXT, 4, 30, COLUMN_RIGHT,
                  NULL, NULL},
    [CONTAINERS] = {"containers", "CONTAINERS", "Containers of its template.", VALUE_LIST, 16, 61,
                    COLUMN_WIDE, NULL, NULL},
    [IMAGES] = {"images", "IMAGES", "Images of its template.", VALUE_LIST, 30, 60, COLUMN_WIDE,
                NULL, NULL},
    [SELECTOR] = {"selector", "SELECTOR", "Labels that choose its pods.", VALUE_TEXT, 20, 70,
                  COLUMN_WIDE, NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_value containers = json_path(o->spec, "template.spec.containers");
    struct span key;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    row_num(w, DESIRED, object_path_int(o->spec, "replicas", 1));
    row_num(w, CURRENT, object_path_int(o->status, "replicas", 0));
    row_num(w, READY, object_path_int(o->status, "readyReplicas", 0));
    put_text(w, REVISION, object_entry(o, o->annotations, "deployment.kubernetes.io/revision"));
    put_text(w, CONTAINERS, object_containers(o, containers, "name"));
    put_text(w, IMAGES, object_containers(o, containers, "image"));
    put_text(w, SELECTOR, object_selector(o, json_get(o->spec, "selector")));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    const char *owner = kube_owner(o, &key);
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED, owner, key);
}

const struct kind kind_replicaset = {
    .name = "replicaset",
    .plural = "replicasets",
    .aliases = "rs",
    .title = "ReplicaSets",
    .help = "What a Deployment keeps its pods by: one for each revision.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "namespace,name",
};

const struct kube_kind kube_replicaset = {
    .kind = &kind_replicaset,
    .resources = {{"apps", "v1", "replicasets"}},
    .types = {"ReplicaSet"},
    .parse = parse,
};
