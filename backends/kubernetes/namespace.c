/* Namespaces, with how many pods they hold. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum { NAME, STATUS, PODS, BAD, AGE, CREATED, DELETED, MESSAGE, LABELS, UID };

static const struct fold count_pods = {FOLD_COUNT, LINK_NAMESPACE, "pod", NULL, NULL};
static const struct fold count_bad = {FOLD_COUNT, LINK_NAMESPACE, "pod", NULL, "is:bad"};

static const struct column columns[] = {
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [STATUS] = {"status", "STATUS", "Active or Terminating.", VALUE_TEXT, 11, 0, COLUMN_NOTABLE,
                NULL, NULL},
    [PODS] = {"pods", "PODS", "Pods in it.", VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL, &count_pods},
    [BAD] = {"bad", "BAD", "Pods with a problem.", VALUE_COUNT, 5, 20, COLUMN_RIGHT, NULL,
             &count_bad},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [DELETED] = {"deleted", "DELETED", "When its deletion was asked for.", VALUE_INSTANT, 5, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What its deletion waits for.", VALUE_TEXT, 30, 90,
                 COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* The first that holds says what is left [kubernetes
 * pkg/controller/namespace/deletion/status_condition_utils.go]. */
static struct span message_of(struct kube_object *o)
{
    static const char *const types[] = {"NamespaceFinalizersRemaining", "NamespaceContentRemaining",
                                        "NamespaceDeletionContentFailure",
                                        "NamespaceDeletionGroupVersionParsingFailure",
                                        "NamespaceDeletionDiscoveryFailure"};
    struct condition c;
    for (size_t i = 0; i < BN_COUNT(types); i++)
        if (object_condition(o, types[i], &c) && span_is(c.status, "True"))
            return c.message;
    return (struct span){"", 0};
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    (void)which;
    row_text(w, NAME, o->name);
    put_text(w, STATUS, object_path_text(o, o->status, "phase"));
    put_time(w, CREATED, o->created_ms);
    put_time(w, DELETED, o->deleted_ms);
    put_text(w, MESSAGE, message_of(o));
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
}

#define STUCK_MS (10 * 60 * 1000)

static const struct rule rules[] = {
    {"namespace-terminating",
     "Its deletion goes on: progress; for more than 10 minutes: warning (a finalizer waits)."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t deleted = store_num(st, row, DELETED, TIME_NONE);
    if (deleted == TIME_NONE)
        return verdict_ok();
    if (now_ms - deleted > STUCK_MS)
        return verdict_at(LEVEL_WARNING, 0);
    return verdict_until(LEVEL_PROGRESS, 0, deleted + STUCK_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    strbuf_adds(out, v->level == LEVEL_WARNING ? "deletion stuck" : "being deleted");
    sentence_for(out, store_num(st, row, DELETED, TIME_NONE), now_ms);
    sentence_cause(out, store_text(st, row, MESSAGE));
}

const struct kind kind_namespace = {
    .name = "namespace",
    .plural = "namespaces",
    .aliases = "ns",
    .title = "Namespaces",
    .help = "Namespaces of the cluster.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "name",
};

const struct kube_kind kube_namespace = {
    .kind = &kind_namespace,
    .resources = {{"", "v1", "namespaces"}},
    .types = {"Namespace"},
    .parse = parse,
};
