/* PushSecrets: Secrets of the cluster that are written to a store. */
#include <config.h>

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/refresh.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    READY,
    REASON,
    STORES,
    SECRET,
    REFRESHED,
    INTERVAL,
    SINCE_AGO,
    KEYS,
    MESSAGE,
    EVERY,
    REFRESH_TIME,
    SINCE,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct condition_columns ready = {READY, REASON, MESSAGE, SINCE};
static const struct refresh_columns refresh = {INTERVAL, EVERY, REFRESH_TIME};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 28, 0, COLUMN_IDENT, NULL, NULL},
    CONDITION_COLUMNS(READY, REASON, MESSAGE, SINCE_AGO, SINCE),
    [STORES] = {"stores", "STORES", "The stores it is written to.", VALUE_LIST, 14, 5,
                COLUMN_NOTABLE, NULL, NULL},
    [SECRET] = {"secret", "SECRET", "The Secret that is written.", VALUE_TEXT, 24, 20, 0, NULL,
                NULL},
    REFRESH_COLUMNS(REFRESHED, INTERVAL, EVERY, REFRESH_TIME),
    [KEYS] = {"remote", "REMOTE", "Where to, by its path in the store.", VALUE_LIST, 24, 18,
              COLUMN_NOTABLE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 40, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* A text of each element. */
static struct span list_of(struct kube_object *o, const char *list, const char *path)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    for (json_iter_init(&it, json_get(o->spec, list)); json_next(&it, NULL, &v);) {
        struct span one = object_path_text(o, v, path);
        all = one.len ? object_list_add(o, all, one) : all;
    }
    return all;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span secret = object_path_text(o, o->spec, "selector.secret.name");
    struct json_iter it;
    struct json_value v;
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    (void)condition_put(o, w, "Ready", &ready);
    put_text(w, STORES, list_of(o, "secretStoreRefs", "name"));
    put_text(w, SECRET, secret);
    refresh_put(o, w, true, &refresh);
    put_text(w, KEYS, list_of(o, "data", "match.remoteRef.remoteKey"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    for (json_iter_init(&it, json_get(o->spec, "secretStoreRefs")); json_next(&it, NULL, &v);)
        refresh_link_store(o, w, v);
    if (secret.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, secret));
}

enum { RULE_FAILED, RULE_STALE, RULE_NEW, RULE_UNKEPT };

static const struct rule rules[] = {
    [RULE_FAILED] = {"pushsecret-not-synced", "The stores have not what the Secret has: warning.",
                     .since = SINCE},
    [RULE_STALE] = {"pushsecret-stale",
                    "It was last refreshed more than two intervals ago: warning.",
                    .since = REFRESH_TIME},
    [RULE_NEW] = {"pushsecret-unseen",
                  "It has no status yet: progress; for more than 5 minutes: warning.",
                  .since = CREATED},
    [RULE_UNKEPT] = KEEPER_RULE("pushsecret-unkept"),
};

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, READY);
    int64_t late = refresh_late_ms(st, row, &refresh),
            seen = store_num(st, row, CREATED, now_ms - UNSEEN_MS - 1) + UNSEEN_MS + 1;
    if (!status.len)
        return now_ms < seen ? verdict_until(LEVEL_PROGRESS, RULE_NEW, seen)
                             : verdict_at(LEVEL_WARNING, RULE_NEW);
    if (!span_is(status, "True"))
        return verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (now_ms >= late)
        return verdict_at(LEVEL_WARNING, RULE_STALE);
    return verdict_until(LEVEL_OK, 0, late);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    if (v->rule == RULE_UNKEPT) {
        keeper_says(st, row, "may be old", now_ms, out);
        return;
    }
    if (v->rule == RULE_STALE) {
        refresh_says(st, row, &refresh, now_ms, out);
        keeper_says_why(st, row, now_ms, out);
    } else if (v->rule == RULE_FAILED) {
        condition_says(st, row, &ready, now_ms, out);
    } else {
        strbuf_adds(out, "no status");
        sentence_for(out, store_num(st, row, CREATED, now_ms), now_ms);
    }
    refresh_says_store(st, row, now_ms, out);
}

const struct kind kind_pushsecret = {
    .name = "pushsecret",
    .plural = "pushsecrets",
    .aliases = "",
    .title = "PushSecrets",
    .help = "Secrets of the cluster that are written to a store.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "event",
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_pushsecret = {
    .kind = &kind_pushsecret,
    .resources = {{"external-secrets.io", "v1alpha1", "pushsecrets"}},
    .types = {"PushSecret"},
    .parse = parse,
    .kept_by = "external-secrets",
};
