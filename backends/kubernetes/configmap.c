/* ConfigMaps, by their metadata: who makes them, who reads them. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum { NAMESPACE, NAME, MANAGER, PODS, ENVIRONMENTS, AGE, CREATED, LABELS, UID };

static const struct fold count_pods = {FOLD_COUNT, LINK_CONFIG, "pod", NULL, NULL};

static const struct fold count_environments = {FOLD_COUNT, LINK_ENVIRONMENT, "pod", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 40, 0, COLUMN_IDENT, NULL, NULL},
    [MANAGER] = {"owner", "OWNER", "What makes it.", VALUE_TEXT, 30, 20, 0, NULL, NULL},
    [PODS] = {"pods", "PODS", "Pods that mount it.", VALUE_COUNT, 4, 15, COLUMN_RIGHT, NULL,
              &count_pods},
    [ENVIRONMENTS] = {"environments", "ENV",
                      "Pods that have taken variables from it when they started.", VALUE_COUNT, 4,
                      20, COLUMN_RIGHT, NULL, &count_environments},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span key;
    const char *owner = kube_owner(o, &key);
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    if (o->owner_name.len)
        row_text(w, MANAGER,
                 object_format(o, "%.*s/%.*s", SPAN_ARG(o->owner_kind), SPAN_ARG(o->owner_name)));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED, owner, key);
}

const struct kind kind_configmap = {
    .name = "configmap",
    .plural = "configmaps",
    .aliases = "cm",
    .title = "ConfigMaps",
    .help = "ConfigMaps by their metadata: who makes them and who reads them.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "namespace,name",
};

const struct kube_kind kube_configmap = {
    .kind = &kind_configmap,
    .resources = {{"", "v1", "configmaps"}},
    .types = {"ConfigMap"},
    .metadata_only = true,
    .parse = parse,
};
