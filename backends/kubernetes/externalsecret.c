/* ExternalSecrets: what is read from a store, into which Secret, and whether it
 * still is. */
#include <config.h>

#include "backends/kubernetes/externalsecret_map.h"
#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/refresh.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    NAME,
    READY,
    REASON,
    STORE,
    SECRET,
    REFRESHED,
    INTERVAL,
    SINCE_AGO,
    KEYS,
    MESSAGE,
    STORE_KIND,
    POLICY,
    CREATION,
    MAPPING,
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
    [STORE] = {"store", "STORE", "The store it is read from.", VALUE_TEXT, 12, 5, COLUMN_NOTABLE,
               NULL, NULL},
    [SECRET] = {"secret", "SECRET", "The Secret it is written to.", VALUE_TEXT, 24, 20, 0, NULL,
                NULL},
    REFRESH_COLUMNS(REFRESHED, INTERVAL, EVERY, REFRESH_TIME),
    [KEYS] = {"remote", "REMOTE", "What is read, by its path in the store.", VALUE_LIST, 24, 18,
              COLUMN_NOTABLE, NULL, NULL},
    [STORE_KIND] = {"store-kind", "STORE KIND", "SecretStore or ClusterSecretStore.", VALUE_TEXT,
                    18, 80, COLUMN_WIDE, NULL, NULL},
    [POLICY] = {"refresh-policy", "POLICY", "Periodic, CreatedOnce or OnChange.", VALUE_TEXT, 10,
                85, COLUMN_HIDDEN, NULL, NULL},
    [CREATION] = {"creation-policy", "CREATION", "Whose the Secret is: Owner, Orphan, Merge, None.",
                  VALUE_TEXT, 8, 85, COLUMN_HIDDEN, NULL, NULL},
    [MAPPING] = {"mapping", "MAPPING",
                 "Which key of the Secret is which property of which path; *: all of it.",
                 VALUE_LIST, 30, 90, COLUMN_HIDDEN, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 40, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static struct span add_once(struct kube_object *o, struct span list, struct span item)
{
    return item.len && !span_lists(list, LIST_SEPARATOR, item) ? object_list_add(o, list, item)
                                                               : list;
}

/* [external-secrets apis/externalsecrets/v1, ExternalSecretSpec data and dataFrom] */
static struct span keys_of(struct kube_object *o)
{
    struct json_iter it;
    struct json_value v;
    struct span keys = {"", 0};
    for (json_iter_init(&it, json_get(o->spec, "data")); json_next(&it, NULL, &v);)
        keys = add_once(o, keys, object_path_text(o, v, "remoteRef.key"));
    for (json_iter_init(&it, json_get(o->spec, "dataFrom")); json_next(&it, NULL, &v);) {
        struct span path = object_path_text(o, v, "find.path");
        keys = add_once(o, keys, object_path_text(o, v, "extract.key"));
        if (path.len)
            keys = add_once(o, keys, object_format(o, "%.*s/*", SPAN_ARG(path)));
    }
    return keys;
}

/* Stores that single keys come from, beside that of the whole. */
static void link_stores(struct kube_object *o, struct row_writer *w)
{
    static const char *const lists[] = {"data", "dataFrom"};
    struct json_iter it;
    struct json_value v;
    refresh_link_store(o, w, json_get(o->spec, "secretStoreRef"));
    for (size_t i = 0; i < BN_COUNT(lists); i++)
        for (json_iter_init(&it, json_get(o->spec, lists[i])); json_next(&it, NULL, &v);)
            refresh_link_store(o, w, json_path(v, "sourceRef.storeRef"));
}

/* In a Vault a path is known by what it is called here [backends/vault/path.c]. */
static void link_paths(struct row_writer *w, struct span keys)
{
    struct span one;
    while (keys.len && span_split(&keys, LIST_SEPARATOR, &one)) {
        size_t from = one.len && one.data[0] == '/';
        if (!span_ends(one, "*"))
            row_link(w, LINK_PATH, 0, "vault-path", span_sub(one, from, one.len));
    }
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span secret = object_path_text(o, o->spec, "target.name"), key,
                policy = object_path_text(o, o->spec, "refreshPolicy"),
                creation = object_path_text(o, o->spec, "target.creationPolicy");
    struct json_value store = json_get(o->spec, "secretStoreRef");
    struct span keys = keys_of(o);
    const char *owner = kube_owner(o, &key);
    (void)which;
    secret = secret.len ? secret : o->name;
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    (void)condition_put(o, w, "Ready", &ready);
    put_text(w, STORE, object_text(o, json_get(store, "name")));
    put_text(w, STORE_KIND, object_text(o, json_get(store, "kind")));
    refresh_put(o, w, !policy.len || span_is(policy, "Periodic"), &refresh);
    put_text(w, KEYS, keys);
    put_text(w, POLICY, policy);
    put_text(w, CREATION, creation);
    put_text(w, MAPPING, externalsecret_map(o));
    if (!span_is(creation, "None"))
        row_text(w, SECRET, secret);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    link_stores(o, w);
    link_paths(w, keys);
    if (!span_is(creation, "None"))
        row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret",
                 object_key(o, o->ns, secret));
    if (owner)
        row_link(w, LINK_OWNER, LINK_EXPECTED, owner, key);
}

enum {
    RULE_NO_SECRET,
    RULE_FAILED,
    RULE_STALE,
    RULE_GONE,
    RULE_UNSEEN,
    RULE_NEW,
    RULE_NO_TARGET,
    RULE_UNKEPT
};

static const struct rule rules[] = {
    [RULE_NO_SECRET] = {"externalsecret-no-secret",
                        "It is not synced, and its Secret does not exist: critical.",
                        .since = SINCE},
    [RULE_FAILED] = {"externalsecret-not-synced",
                     "It is not synced; its Secret is as it was before: warning.", .since = SINCE},
    [RULE_STALE] = {"externalsecret-stale",
                    "It was last refreshed more than two intervals ago: warning.",
                    .since = REFRESH_TIME},
    [RULE_GONE] = {"externalsecret-secret-missing",
                   "It says that it is synced, and its Secret does not exist: warning."},
    [RULE_UNSEEN] = {"externalsecret-unseen", "It has had no status for 5 minutes: warning.",
                     .since = CREATED},
    [RULE_NEW] = {"externalsecret-new", "It is new and has no status yet: progress.",
                  .since = CREATED},
    [RULE_UNKEPT] = KEEPER_RULE("externalsecret-unkept"),
    [RULE_NO_TARGET] = {"externalsecret-no-target",
                        "It is to be merged into a Secret that somebody else has to make, and has"
                        " not: notice.",
                        .since = SINCE},
};

/* SecretDeleted and SecretMissing are Ready with no Secret: as the policies want it
 * [external-secrets apis/externalsecrets/v1, ConditionReasonSecretDeleted]. */
static bool wants_secret(const struct store *st, struct handle row)
{
    return span_is(store_text(st, row, REASON), "SecretSynced");
}

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, READY);
    int64_t late = refresh_late_ms(st, row, &refresh),
            seen = store_num(st, row, CREATED, now_ms - UNSEEN_MS - 1) + UNSEEN_MS + 1;
    struct link missing;
    if (!status.len && now_ms < seen)
        return verdict_until(LEVEL_PROGRESS, RULE_NEW, seen);
    if (!status.len)
        return verdict_at(LEVEL_WARNING, RULE_UNSEEN);
    if (!span_is(status, "True"))
        return missing_secret(st, row, &missing) ? verdict_at(LEVEL_CRITICAL, RULE_NO_SECRET)
                                                 : verdict_at(LEVEL_WARNING, RULE_FAILED);
    if (wants_secret(st, row) && missing_secret(st, row, &missing))
        return verdict_at(LEVEL_WARNING, RULE_GONE);
    if (now_ms >= late)
        return verdict_at(LEVEL_WARNING, RULE_STALE);
    if (span_is(store_text(st, row, REASON), "SecretMissing") && missing_secret(st, row, &missing))
        return verdict_until(LEVEL_NOTICE, RULE_NO_TARGET, late);
    return verdict_until(LEVEL_OK, 0, late);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span secret = store_text(st, row, SECRET);
    switch (v->rule) {
    case RULE_NO_SECRET:
        strbuf_addf(out, "there is no Secret %.*s: ", SPAN_ARG(secret));
        condition_says(st, row, &ready, now_ms, out);
        refresh_says_store(st, row, now_ms, out);
        break;
    case RULE_FAILED:
        condition_says(st, row, &ready, now_ms, out);
        refresh_says_store(st, row, now_ms, out);
        break;
    case RULE_UNKEPT:
        keeper_says(st, row, "may be old", now_ms, out);
        break;
    case RULE_STALE:
        refresh_says(st, row, &refresh, now_ms, out);
        keeper_says_why(st, row, now_ms, out);
        refresh_says_store(st, row, now_ms, out);
        break;
    case RULE_NO_TARGET:
        strbuf_addf(out, "there is no Secret %.*s to merge it into", SPAN_ARG(secret));
        break;
    case RULE_GONE:
        strbuf_addf(out, "%.*s, and there is no Secret %.*s", SPAN_ARG(store_text(st, row, REASON)),
                    SPAN_ARG(secret));
        break;
    default:
        strbuf_adds(out, "no status");
        sentence_for(out, store_num(st, row, CREATED, now_ms), now_ms);
        sentence_event(out, st, row);
        refresh_says_store(st, row, now_ms, out);
        break;
    }
}

const struct kind kind_externalsecret = {
    .name = "externalsecret",
    .plural = "externalsecrets",
    .aliases = "es eso",
    .title = "ExternalSecrets",
    .help = "Secrets that are read from a store: from where, since when, and whether still.",
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

const struct kube_kind kube_externalsecret = {
    .kind = &kind_externalsecret,
    .resources = {{"external-secrets.io", "v1", "externalsecrets"}},
    .older = EXTERNAL_SECRETS_OLDER,
    .types = {"ExternalSecret"},
    .parse = parse,
    .kept_by = "external-secrets",
};
