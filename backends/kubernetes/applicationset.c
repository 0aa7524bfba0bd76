/* ApplicationSets: what makes Applications. */
#include <config.h>

#include "backends/kubernetes/condition.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    GENERATORS,
    APPLICATIONS,
    UP_TO_DATE,
    ERROR,
    REASON,
    AGO,
    MESSAGE,
    SINCE,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct condition_columns error = {ERROR, REASON, MESSAGE, SINCE};
static const struct fold count_applications = {FOLD_COUNT, LINK_OWNER, "application", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 10, 35, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [GENERATORS] = {"generators", "GENERATORS", "What it makes them from: list, git, ...",
                    VALUE_LIST, 20, 10, 0, NULL, NULL},
    [APPLICATIONS] = {"applications", "APPS", "Applications that it has made.", VALUE_COUNT, 4, 5,
                      COLUMN_RIGHT, NULL, &count_applications},
    [UP_TO_DATE] = {"up-to-date", "UP-TO-DATE", "Its condition ResourcesUpToDate.", VALUE_TEXT, 10,
                    15, COLUMN_NOTABLE, NULL, NULL},
    [ERROR] = {"error", "ERROR", "Its condition ErrorOccurred.", VALUE_TEXT, 6, 12, COLUMN_NOTABLE,
               NULL, NULL},
    [REASON] = {"reason", "REASON", "The controller's word for that.", VALUE_TEXT, 24, 20, 0, NULL,
                NULL},
    [AGO] = {"for", "FOR", "How long it has been so.", VALUE_DURATION, 5, 25, COLUMN_RIGHT, "since",
             NULL},
    [MESSAGE] = {"message", "MESSAGE", "What the controller says of it.", VALUE_TEXT, 40, 70,
                 COLUMN_WIDE, NULL, NULL},
    [SINCE] = {"since", "SINCE", "Since when it has been so.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
               NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 45, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter all, it;
    struct json_value generator, key, v;
    struct span generators = {"", 0};
    struct condition c;
    (void)which;
    for (json_iter_init(&all, json_get(o->spec, "generators")); json_next(&all, NULL, &generator);)
        for (json_iter_init(&it, generator); json_next(&it, &key, &v);)
            if (v.type == JSON_OBJECT && !json_is(key, "selector"))
                generators = object_list_add(o, generators, object_text(o, key));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, GENERATORS, generators);
    if (object_condition(o, "ResourcesUpToDate", &c))
        put_text(w, UP_TO_DATE, c.status);
    (void)condition_put(o, w, "ErrorOccurred", &error);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
}

static const struct rule rules[] = {
    {"applicationset-error", "It cannot make or update its Applications: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    return span_is(store_text(st, row, ERROR), "True") ? verdict_at(LEVEL_WARNING, 0)
                                                       : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    condition_says(st, row, &error, now_ms, out);
}

const struct kind kind_applicationset = {
    .name = "applicationset",
    .plural = "applicationsets",
    .aliases = "appset appsets",
    .title = "ApplicationSets",
    .help = "What makes Applications of Argo CD, and whether it can.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_applicationset = {
    .kind = &kind_applicationset,
    .resources = {{"argoproj.io", "v1alpha1", "applicationsets"}},
    .types = {"ApplicationSet"},
    .parse = parse,
};
