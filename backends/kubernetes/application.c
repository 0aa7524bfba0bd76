/* Argo CD's Applications, from the custom resource alone: they are there when
 * argocd-server is not. */
#include <config.h>

#include "backends/kubernetes/application.h"

static const struct column columns[] = {
    [APP_NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 10, 35, COLUMN_IDENT, NULL, NULL},
    [APP_NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [APP_SYNC] = {"sync", "SYNC", "Synced, OutOfSync or Unknown.", VALUE_TEXT, 9, 0, COLUMN_NOTABLE,
                  NULL, NULL},
    [APP_HEALTH] = {"health", "HEALTH",
                    "Healthy, Progressing, Degraded, Suspended, Missing, Unknown.", VALUE_TEXT, 11,
                    0, COLUMN_NOTABLE, NULL, NULL},
    [APP_OPERATION] = {"operation", "OPERATION",
                       "How the last sync went: Running, Terminating, Succeeded, Failed, Error.",
                       VALUE_TEXT, 9, 10, COLUMN_NOTABLE, NULL, NULL},
    [APP_REVISION] = {"revision", "REVISION", "What it is compared with.", VALUE_TEXT, 8, 15,
                      COLUMN_NOTABLE, NULL, NULL},
    [APP_DEPLOYED_AGO] = {"deployed", "DEPLOYED", "Since it was last deployed.", VALUE_DURATION, 8,
                          12, COLUMN_RIGHT, "deployed-at", NULL},
    [APP_BY] = {"by", "BY", "Who asked for the last sync; auto: Argo CD itself.", VALUE_TEXT, 10,
                20, 0, NULL, NULL},
    [APP_OUT] = {"out-of-sync", "OUT", "Resources that are out of sync.", VALUE_COUNT, 3, 8,
                 COLUMN_RIGHT | COLUMN_NOTABLE, NULL, NULL},
    [APP_AUTO] = {"auto", "AUTO", "What Argo CD does by itself: sync, heal, prune.", VALUE_LIST, 15,
                  25, 0, NULL, NULL},
    [APP_PROJECT] = {"project", "PROJECT", "Its project.", VALUE_TEXT, 10, 45, 0, NULL, NULL},
    [APP_TARGET] = {"target", "TARGET", "The branch, tag or chart version that is followed.",
                    VALUE_LIST, 12, 40, 0, NULL, NULL},
    [APP_MESSAGE] = {"message", "MESSAGE", "What is said of the last sync.", VALUE_TEXT, 40, 70,
                     COLUMN_WIDE, NULL, NULL},
    [APP_CONDITIONS] = {"conditions", "CONDITIONS", "What Argo CD finds wrong with it.", VALUE_LIST,
                        30, 72, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [APP_REPOSITORY] = {"repository", "REPOSITORY", "Where it comes from.", VALUE_LIST, 36, 75,
                        COLUMN_WIDE, NULL, NULL},
    [APP_PATH] = {"path", "PATH", "Path or chart in it.", VALUE_LIST, 20, 76, COLUMN_WIDE, NULL,
                  NULL},
    [APP_DESTINATION] = {"destination", "DESTINATION", "Where it is deployed to.", VALUE_TEXT, 12,
                         60, COLUMN_WIDE, NULL, NULL},
    [APP_RECONCILED_AGO] = {"compared", "COMPARED", "Since it was last compared.", VALUE_DURATION,
                            8, 65, COLUMN_RIGHT | COLUMN_WIDE, "compared-at", NULL},
    [APP_OUT_LIST] = {"resources", "RESOURCES",
                      "Resources that are out of sync; -: no longer wanted.", VALUE_LIST, 30, 85,
                      COLUMN_HIDDEN, NULL, NULL},
    [APP_HISTORY] = {"history", "HISTORY", "The last deployments: when, what, by whom.", VALUE_LIST,
                     40, 86, COLUMN_HIDDEN, NULL, NULL},
    [APP_HEALTH_SINCE] = {"health-since", "HEALTH-SINCE", "Since when its health is that.",
                          VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [APP_RECONCILED] = {"compared-at", "COMPARED-AT", "When it was last compared.", VALUE_INSTANT,
                        5, 90, COLUMN_HIDDEN, NULL, NULL},
    [APP_STARTED] = {"started", "STARTED", "When the last sync began.", VALUE_INSTANT, 5, 90,
                     COLUMN_HIDDEN, NULL, NULL},
    [APP_FINISHED] = {"finished", "FINISHED", "When it ended.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
                      NULL, NULL},
    [APP_DEPLOYED] = {"deployed-at", "DEPLOYED-AT", "When it was last deployed.", VALUE_INSTANT, 5,
                      90, COLUMN_HIDDEN, NULL, NULL},
    [APP_RETRIES] = {"retries", "RETRIES", "How often the last sync was tried again.", VALUE_COUNT,
                     4, 87, COLUMN_HIDDEN, NULL, NULL},
    [APP_HEALS] = {"heals", "HEALS", "How often it was healed in a row.", VALUE_COUNT, 4, 87,
                   COLUMN_HIDDEN, NULL, NULL},
    [APP_ERROR] = {"error", "ERROR", "The first of its conditions that is an error.", VALUE_TEXT,
                   40, 85, COLUMN_HIDDEN, NULL, NULL},
    [APP_ERROR_SINCE] = {"error-since", "ERROR-SINCE", "Since when.", VALUE_INSTANT, 5, 90,
                         COLUMN_HIDDEN, NULL, NULL},
    [APP_DELETED] = {"deleted", "DELETED", "When its deletion was asked for.", VALUE_INSTANT, 5, 90,
                     COLUMN_HIDDEN, NULL, NULL},
    [APP_AUTOMATED] = {"automated", "AUTOMATED", "Argo CD syncs it by itself.", VALUE_BOOL, 5, 88,
                       COLUMN_HIDDEN, NULL, NULL},
    [APP_SELF_HEAL] = {"self-heal", "SELF-HEAL", "Argo CD undoes what others change.", VALUE_BOOL,
                       5, 88, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [APP_IMAGES] = {"images", "IMAGES", "Images that it runs.", VALUE_LIST, 30, 80, COLUMN_HIDDEN,
                    NULL, NULL},
    [APP_URLS] = {"urls", "URLS", "Where it is reached.", VALUE_LIST, 30, 80, COLUMN_HIDDEN, NULL,
                  NULL},
    [APP_AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 50, COLUMN_RIGHT, "created", NULL},
    [APP_CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [APP_LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [APP_UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static struct span texts_of(struct kube_object *o, struct json_value list)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    for (json_iter_init(&it, list); json_next(&it, NULL, &v);)
        all = object_list_add(o, all, object_text(o, v));
    return all;
}

/* Of the one source, or of each of several: the first of the fields that it has. */
static struct span source_texts(struct kube_object *o, const char *field, const char *other)
{
    struct json_value one = json_get(o->spec, "source"), v;
    struct json_iter it;
    struct span all = {"", 0};
    struct span text = object_text(o, json_get(one, field));
    if (one.type == JSON_OBJECT)
        return text.len || !other ? text : object_text(o, json_get(one, other));
    for (json_iter_init(&it, json_get(o->spec, "sources")); json_next(&it, NULL, &v);) {
        text = object_text(o, json_get(v, field));
        text = text.len || !other ? text : object_text(o, json_get(v, other));
        all = text.len ? object_list_add(o, all, text) : all;
    }
    return all;
}

/* "auto" for Argo CD itself [argo-cd pkg/apis/application/v1alpha1, OperationInitiator]. */
static struct span who_of(struct kube_object *o, struct json_value by)
{
    struct span name = object_text(o, json_get(by, "username"));
    if (name.len)
        return name;
    return json_is_true(json_get(by, "automated")) ? SPAN("auto") : name;
}

static void put_policy(struct kube_object *o, struct row_writer *w)
{
    struct json_value automated = json_path(o->spec, "syncPolicy.automated");
    bool is = automated.type == JSON_OBJECT && json_get(automated, "enabled").type != JSON_FALSE;
    bool heals = is && json_is_true(json_get(automated, "selfHeal"));
    struct span all = {"", 0};
    all = is ? object_list_add(o, all, SPAN("sync")) : all;
    all = heals ? object_list_add(o, all, SPAN("heal")) : all;
    all = is && json_is_true(json_get(automated, "prune")) ? object_list_add(o, all, SPAN("prune"))
                                                           : all;
    put_text(w, APP_AUTO, all);
    row_num(w, APP_AUTOMATED, is);
    row_num(w, APP_SELF_HEAL, heals);
}

/* "Deployment/web", "-ConfigMap/old" where it is to be pruned. */
static void put_resources(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    int64_t n = 0;
    for (json_iter_init(&it, json_get(o->status, "resources")); json_next(&it, NULL, &v);) {
        if (!json_is(json_get(v, "status"), "OutOfSync"))
            continue;
        n++;
        all = object_list_add(o, all,
                              object_format(o, "%s%.*s/%.*s",
                                            json_is_true(json_get(v, "requiresPruning")) ? "-" : "",
                                            SPAN_ARG(object_text(o, json_get(v, "kind"))),
                                            SPAN_ARG(object_text(o, json_get(v, "name")))));
    }
    row_num(w, APP_OUT, n);
    put_text(w, APP_OUT_LIST, all);
}

/* Its conditions have a type and a message; those that end in Error are errors
 * [argo-cd pkg/apis/application/v1alpha1/types.go, ApplicationConditionType]. */
static void put_conditions(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0}, error = {"", 0};
    int64_t since = TIME_NONE;
    for (json_iter_init(&it, json_get(o->status, "conditions")); json_next(&it, NULL, &v);) {
        struct span type = object_text(o, json_get(v, "type"));
        struct span text = object_format(o, "%.*s: %.*s", SPAN_ARG(type),
                                         SPAN_ARG(object_text(o, json_get(v, "message"))));
        all = object_list_add(o, all, text);
        if (error.len || !span_ends(type, "Error"))
            continue;
        error = text;
        since = object_path_time(o, v, "lastTransitionTime");
    }
    put_text(w, APP_CONDITIONS, all);
    put_text(w, APP_ERROR, error);
    put_time(w, APP_ERROR_SINCE, since);
}

static void put_operation(struct kube_object *o, struct row_writer *w)
{
    struct json_value state = json_get(o->status, "operationState");
    put_text(w, APP_OPERATION, object_text(o, json_get(state, "phase")));
    put_text(w, APP_MESSAGE, object_text(o, json_get(state, "message")));
    put_text(w, APP_BY, who_of(o, json_path(state, "operation.initiatedBy")));
    put_time(w, APP_STARTED, object_path_time(o, state, "startedAt"));
    put_time(w, APP_FINISHED, object_path_time(o, state, "finishedAt"));
    put_num(w, APP_RETRIES, json_get(state, "retryCount"));
    put_num(w, APP_HEALS, json_path(state, "operation.sync.autoHealAttemptsCount"));
}

#define REVISION_SHOWN 8

/* "0123abcd"; of several sources "0123abcd+1.2.3". max: of each. */
static struct span revisions_of(struct kube_object *o, struct json_value of, size_t max)
{
    struct json_iter it;
    struct json_value v;
    struct span all = span_sub(object_text(o, json_get(of, "revision")), 0, max);
    if (all.len)
        return all;
    for (json_iter_init(&it, json_get(of, "revisions")); json_next(&it, NULL, &v);)
        all = object_format(o, "%.*s%s%.*s", SPAN_ARG(all), all.len ? "+" : "",
                            SPAN_ARG(span_sub(object_text(o, v), 0, max)));
    return all;
}

static void put_history(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    int64_t last = TIME_NONE;
    for (json_iter_init(&it, json_get(o->status, "history")); json_next(&it, NULL, &v);) {
        struct span revision = revisions_of(o, v, REVISION_SHOWN),
                    by = who_of(o, json_get(v, "initiatedBy"));
        all = object_list_add(
            o, all,
            object_format(o, "%.*s %.*s%s%.*s", SPAN_ARG(object_text(o, json_get(v, "deployedAt"))),
                          SPAN_ARG(revision), by.len ? " by " : "", SPAN_ARG(by)));
        last = object_path_time(o, v, "deployedAt");
    }
    put_text(w, APP_HISTORY, all);
    put_time(w, APP_DEPLOYED, last);
}

#define MANAGED_MAX 100 /* links; a row has at most ROW_LINKS_MAX */

/* What it has deployed into this cluster, as far as it is of our kinds. */
static void link_resources(struct kube_object *o, struct row_writer *w)
{
    struct json_iter it;
    struct json_value v;
    struct span server = object_path_text(o, o->spec, "destination.server"),
                name = object_path_text(o, o->spec, "destination.name");
    size_t n = 0, which;
    if (!span_is(server, "https://kubernetes.default.svc") && !span_is(name, "in-cluster"))
        return;
    for (json_iter_init(&it, json_get(o->status, "resources"));
         n < MANAGED_MAX && json_next(&it, NULL, &v);) {
        struct span group = object_text(o, json_get(v, "group"));
        const struct kube_kind *k =
            kube_kind_named(object_text(o, json_get(v, "kind")), group, &which);
        if (!k)
            continue;
        n++;
        row_link(w, LINK_MANAGES, 0, k->kind->name,
                 kube_key(o, k, which, object_text(o, json_get(v, "namespace")),
                          object_text(o, json_get(v, "name"))));
    }
}

static void put_status(struct kube_object *o, struct row_writer *w)
{
    put_text(w, APP_SYNC, object_path_text(o, o->status, "sync.status"));
    put_text(w, APP_HEALTH, object_path_text(o, o->status, "health.status"));
    put_time(w, APP_HEALTH_SINCE, object_path_time(o, o->status, "health.lastTransitionTime"));
    put_text(w, APP_REVISION, revisions_of(o, json_get(o->status, "sync"), ROW_TEXT_MAX));
    put_time(w, APP_RECONCILED, object_path_time(o, o->status, "reconciledAt"));
    put_text(w, APP_IMAGES, texts_of(o, json_path(o->status, "summary.images")));
    put_text(w, APP_URLS, texts_of(o, json_path(o->status, "summary.externalURLs")));
    put_operation(o, w);
    put_resources(o, w);
    put_conditions(o, w);
    put_history(o, w);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    /* where Argo CD is, and its projects are: Applications may be in any namespace */
    struct span control = object_path_text(o, o->status, "controllerNamespace"),
                project = object_path_text(o, o->spec, "project"), key;
    const char *owner = kube_owner(o, &key);
    (void)which;
    row_text(w, APP_NAMESPACE, o->ns);
    row_text(w, APP_NAME, o->name);
    put_status(o, w);
    put_policy(o, w);
    put_text(w, APP_PROJECT, project);
    put_text(w, APP_TARGET, source_texts(o, "targetRevision", NULL));
    put_text(w, APP_REPOSITORY, source_texts(o, "repoURL", NULL));
    put_text(w, APP_PATH, source_texts(o, "path", "chart"));
    put_text(w, APP_DESTINATION, object_path_text(o, o->spec, "destination.namespace"));
    put_time(w, APP_DELETED, o->deleted_ms);
    put_time(w, APP_CREATED, o->created_ms);
    put_text(w, APP_LABELS, object_pairs(o, o->labels));
    put_text(w, APP_UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED, owner, key);
    if (project.len)
        row_link(w, LINK_PROJECT, LINK_EXPECTED, "appproject",
                 object_key(o, control.len ? control : o->ns, project));
    link_resources(o, w);
}

const struct kind kind_application = {
    .name = "application",
    .plural = "applications",
    .aliases = "argo-app argo-apps",
    .title = "Applications",
    .help = "What Argo CD deploys: sync and health apart, the last sync, the last deployments.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = application_rules,
    .nrules = APPLICATION_RULES,
    .judge = application_judge,
    .says = application_says,
    .quotes = "workload pod appproject",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_application = {
    .kind = &kind_application,
    .resources = {{"argoproj.io", "v1alpha1", "applications"}},
    .types = {"Application"},
    .parse = parse,
    .kept_by = "argocd-controller",
};
