/* ClusterExternalSecrets: one ExternalSecret for many namespaces. */
#include <config.h>

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/refresh.h"
#include "backends/kubernetes/sentence.h"

enum { NAME, READY, STORE, INTERVAL, NAMESPACES, FAILED, MESSAGE, AGE, CREATED, LABELS, UID };

static const struct column columns[] = {
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 28, 0, COLUMN_IDENT, NULL, NULL},
    [READY] = {"ready", "READY", "Its condition Ready: True, False or Unknown.", VALUE_TEXT, 7, 0,
               COLUMN_NOTABLE, NULL, NULL},
    [STORE] = {"store", "STORE", "The store it is read from.", VALUE_TEXT, 14, 10, 0, NULL, NULL},
    [INTERVAL] = {"refresh-interval", "EVERY", "How often namespaces are looked for.", VALUE_TEXT,
                  6, 40, 0, NULL, NULL},
    [NAMESPACES] = {"namespaces", "NAMESPACES", "Where it has made an ExternalSecret.", VALUE_LIST,
                    24, 20, COLUMN_NOTABLE, NULL, NULL},
    [FAILED] = {"failed", "FAILED", "Namespaces where it could not, and why.", VALUE_LIST, 24, 5,
                COLUMN_NOTABLE, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What the controller says of it.", VALUE_TEXT, 40, 70,
                 COLUMN_WIDE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 45, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* Its condition has neither a reason nor a time [external-secrets apis/externalsecrets/v1,
 * ClusterExternalSecretStatusCondition]. */
static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value v;
    struct span namespaces = {"", 0}, failed = {"", 0};
    struct condition ready;
    (void)which;
    for (json_iter_init(&it, json_get(o->status, "provisionedNamespaces"));
         json_next(&it, NULL, &v);)
        namespaces = object_list_add(o, namespaces, object_text(o, v));
    for (json_iter_init(&it, json_get(o->status, "failedNamespaces")); json_next(&it, NULL, &v);)
        failed = object_list_add(o, failed,
                                 object_format(o, "%.*s: %.*s",
                                               SPAN_ARG(object_text(o, json_get(v, "namespace"))),
                                               SPAN_ARG(object_text(o, json_get(v, "reason")))));
    row_text(w, NAME, o->name);
    if (object_condition(o, "Ready", &ready)) {
        put_text(w, READY, ready.status);
        put_text(w, MESSAGE, ready.message);
    }
    put_text(w, STORE, object_path_text(o, o->spec, "externalSecretSpec.secretStoreRef.name"));
    put_text(w, INTERVAL, object_path_text(o, o->spec, "refreshTime"));
    put_text(w, NAMESPACES, namespaces);
    put_text(w, FAILED, failed);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
}

enum { RULE_FAILED, RULE_UNKEPT };

static const struct rule rules[] = {
    {"clusterexternalsecret-failed",
     "There are namespaces where it cannot make its ExternalSecret: warning."},
    [RULE_UNKEPT] = KEEPER_RULE("clusterexternalsecret-unkept"),
};

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    return span_is(store_text(st, row, READY), "False") || store_text(st, row, FAILED).len
               ? verdict_at(LEVEL_WARNING, RULE_FAILED)
               : verdict_ok();
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span rest = store_text(st, row, FAILED), first = rest;
    size_t n = 0;
    if (v->rule == RULE_UNKEPT) {
        keeper_says(st, row, "may be old", now_ms, out);
        return;
    }
    for (struct span one; rest.len && span_split(&rest, LIST_SEPARATOR, &one);)
        first = n++ ? first : one;
    if (n)
        strbuf_addf(out, "failed in %zu namespace%s", n, n == 1 ? "" : "s");
    else
        strbuf_adds(out, "not ready");
    sentence_cause(out, n ? first : store_text(st, row, MESSAGE));
}

const struct kind kind_clusterexternalsecret = {
    .name = "clusterexternalsecret",
    .plural = "clusterexternalsecrets",
    .aliases = "ces",
    .title = "ClusterExternalSecrets",
    .help = "ExternalSecrets that are made in many namespaces.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};

const struct kube_kind kube_clusterexternalsecret = {
    .kind = &kind_clusterexternalsecret,
    .resources = {{"external-secrets.io", "v1", "clusterexternalsecrets"}},
    .older = EXTERNAL_SECRETS_OLDER,
    .types = {"ClusterExternalSecret"},
    .parse = parse,
    .kept_by = "external-secrets",
};
