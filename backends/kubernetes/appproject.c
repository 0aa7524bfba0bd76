/* AppProjects: what Applications of Argo CD may do, and when. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum {
    NAMESPACE,
    NAME,
    APPLICATIONS,
    DESTINATIONS,
    REPOSITORIES,
    WINDOWS,
    DESCRIPTION,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct fold count_applications = {FOLD_COUNT, LINK_PROJECT, "application", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 10, 35, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [APPLICATIONS] = {"applications", "APPS", "Applications of it.", VALUE_COUNT, 4, 5,
                      COLUMN_RIGHT, NULL, &count_applications},
    [DESTINATIONS] = {"destinations", "DESTINATIONS", "Namespaces it may deploy to.", VALUE_LIST,
                      24, 10, COLUMN_NOTABLE, NULL, NULL},
    [REPOSITORIES] = {"repositories", "REPOSITORIES", "Where its Applications may come from.",
                      VALUE_LIST, 36, 20, COLUMN_NOTABLE, NULL, NULL},
    [WINDOWS] = {"windows", "WINDOWS", "When syncs are allowed or denied.", VALUE_LIST, 24, 15,
                 COLUMN_NOTABLE, NULL, NULL},
    [DESCRIPTION] = {"description", "DESCRIPTION", "What it is for.", VALUE_TEXT, 24, 30, 0, NULL,
                     NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 45, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* "deny 0 2 * * * for 2h" */
static struct span windows_of(struct kube_object *o)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    for (json_iter_init(&it, json_get(o->spec, "syncWindows")); json_next(&it, NULL, &v);)
        all = object_list_add(o, all,
                              object_format(o, "%.*s %.*s for %.*s",
                                            SPAN_ARG(object_text(o, json_get(v, "kind"))),
                                            SPAN_ARG(object_text(o, json_get(v, "schedule"))),
                                            SPAN_ARG(object_text(o, json_get(v, "duration")))));
    return all;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value v;
    struct span destinations = {"", 0}, repositories = {"", 0};
    (void)which;
    for (json_iter_init(&it, json_get(o->spec, "destinations")); json_next(&it, NULL, &v);)
        destinations = object_list_add(o, destinations, object_text(o, json_get(v, "namespace")));
    for (json_iter_init(&it, json_get(o->spec, "sourceRepos")); json_next(&it, NULL, &v);)
        repositories = object_list_add(o, repositories, object_text(o, v));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, DESTINATIONS, destinations);
    put_text(w, REPOSITORIES, repositories);
    put_text(w, WINDOWS, windows_of(o));
    put_text(w, DESCRIPTION, object_path_text(o, o->spec, "description"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

const struct kind kind_appproject = {
    .name = "appproject",
    .plural = "appprojects",
    .aliases = "appproj appprojs",
    .title = "AppProjects",
    .help = "What Applications of Argo CD may do, and when.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "namespace,name",
};

const struct kube_kind kube_appproject = {
    .kind = &kind_appproject,
    .resources = {{"argoproj.io", "v1alpha1", "appprojects"}},
    .types = {"AppProject"},
    .parse = parse,
};
