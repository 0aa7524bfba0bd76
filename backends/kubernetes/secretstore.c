/* SecretStores and ClusterSecretStores: where External Secrets reads from, and
 * whether it can. */
#include <config.h>

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/refresh.h"
#include "backends/kubernetes/sentence.h"

/* A ClusterSecretStore has no namespace: its cell stays empty. */
enum {
    NAMESPACE,
    NAME,
    READY,
    REASON,
    PROVIDER,
    SERVER,
    PATH,
    AUTH,
    SECRETS,
    CAPABILITIES,
    SINCE_AGO,
    MESSAGE,
    SINCE,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct condition_columns ready = {READY, REASON, MESSAGE, SINCE};
static const struct fold count_secrets = {FOLD_COUNT, LINK_STORE, "externalsecret", NULL, NULL};

#define STORE_COLUMNS                                                                            \
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},                    \
    CONDITION_COLUMNS(READY, REASON, MESSAGE, SINCE_AGO, SINCE),                                 \
    [PROVIDER] = {"provider", "PROVIDER", "Of what sort it is: vault, aws, ...",                 \
                  VALUE_TEXT, 10,         5,                                                     \
                  0,          NULL,       NULL},                                                 \
    [SERVER] =                                                                                   \
        {"server", "SERVER", "Its address.", VALUE_TEXT, 30, 20, COLUMN_NOTABLE, NULL, NULL},    \
    [PATH] = {"path", "PATH", "Where in it its keys begin.", VALUE_TEXT, 10, 50, 0, NULL, NULL}, \
    [AUTH] = {"auth", "AUTH", "How it logs in.", VALUE_TEXT, 12, 40, 0, NULL, NULL},             \
    [SECRETS] = {"externalsecrets", "ES", "ExternalSecrets that are read from it.",              \
                 VALUE_COUNT,       4,    10,                                                    \
                 COLUMN_RIGHT,      NULL, &count_secrets},                                       \
    [CAPABILITIES] = {"capabilities",                                                            \
                      "CAPABILITIES",                                                            \
                      "ReadOnly, WriteOnly or ReadWrite.",                                       \
                      VALUE_TEXT,                                                                \
                      10,                                                                        \
                      60,                                                                        \
                      COLUMN_WIDE,                                                               \
                      NULL,                                                                      \
                      NULL},                                                                     \
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 45, COLUMN_RIGHT, "created", NULL},             \
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},          \
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},              \
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL}

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    STORE_COLUMNS,
};
static const struct column cluster_columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 99, COLUMN_HIDDEN, NULL, NULL},
    STORE_COLUMNS,
};

/* The first member's name: spec.provider and a provider's auth have one each. */
static struct json_value first_of(struct kube_object *o, struct json_value object,
                                  struct span *name)
{
    struct json_iter it;
    struct json_value key, v = {0};
    json_iter_init(&it, object);
    *name = json_next(&it, &key, &v) ? object_text(o, key) : (struct span){"", 0};
    return v;
}

/* The Secret that it logs in with: the first reference that has a name. */
static void link_login(struct kube_object *o, struct row_writer *w, struct json_value auth)
{
    struct json_iter it;
    struct json_value key, v;
    struct span name = object_text(o, json_get(auth, "name")),
                ns = object_text(o, json_get(auth, "namespace"));
    if (name.len && json_get(auth, "key").type == JSON_STRING) {
        ns = ns.len ? ns : o->ns;
        if (ns.len)
            row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret",
                     object_key(o, ns, name));
        return;
    }
    for (json_iter_init(&it, auth); json_next(&it, &key, &v);)
        if (v.type == JSON_OBJECT)
            link_login(o, w, v);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    static const char *const addresses[] = {"server", "vaultUrl", "url", "region", "projectID"};
    struct span provider, auth, address = {"", 0};
    struct json_value v = first_of(o, json_get(o->spec, "provider"), &provider);
    (void)which;
    (void)first_of(o, json_get(v, "auth"), &auth);
    for (size_t i = 0; i < BN_COUNT(addresses) && !address.len; i++)
        address = object_text(o, json_get(v, addresses[i]));
    row_text(w, NAME, o->name);
    (void)condition_put(o, w, "Ready", &ready);
    put_text(w, PROVIDER, provider);
    put_text(w, SERVER, address);
    put_text(w, PATH, object_text(o, json_get(v, "path")));
    put_text(w, AUTH, auth);
    put_text(w, CAPABILITIES, object_path_text(o, o->status, "capabilities"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    if (o->ns.len) {
        row_text(w, NAMESPACE, o->ns);
        row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    }
    link_login(o, w, json_get(v, "auth"));
}

enum { RULE_DOWN, RULE_UNUSED, RULE_UNSEEN, RULE_UNKEPT };

static const struct rule rules[] = {
    [RULE_DOWN] = {"store-not-ready",
                   "It is not ready, and ExternalSecrets are read from it: critical.",
                   .since = SINCE},
    [RULE_UNUSED] = {"store-not-ready-unused", "It is not ready, and nothing uses it: warning.",
                     .since = SINCE},
    [RULE_UNSEEN] = {"store-unseen",
                     "It has no status yet: progress; for more than 5 minutes: warning."},
    [RULE_UNKEPT] = KEEPER_RULE("store-unkept"),
};

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, READY);
    int64_t seen = store_num(st, row, CREATED, now_ms - UNSEEN_MS - 1) + UNSEEN_MS + 1;
    if (!status.len)
        return now_ms < seen ? verdict_until(LEVEL_PROGRESS, RULE_UNSEEN, seen)
                             : verdict_at(LEVEL_WARNING, RULE_UNSEEN);
    if (span_is(status, "True"))
        return verdict_ok();
    return store_num(st, row, SECRETS, 0) ? verdict_at(LEVEL_CRITICAL, RULE_DOWN)
                                          : verdict_at(LEVEL_WARNING, RULE_UNUSED);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    long long secrets = (long long)store_num(st, row, SECRETS, 0);
    if (v->rule == RULE_UNKEPT) {
        keeper_says(st, row, "may be old", now_ms, out);
        return;
    }
    if (v->rule == RULE_UNSEEN) {
        strbuf_adds(out, "no status");
        sentence_for(out, store_num(st, row, CREATED, now_ms), now_ms);
        sentence_event(out, st, row);
        return;
    }
    if (v->rule == RULE_DOWN)
        strbuf_addf(out, "%lld ExternalSecret%s cannot be refreshed: ", secrets,
                    secrets == 1 ? "" : "s");
    condition_says(st, row, &ready, now_ms, out);
}

const struct kind kind_secretstore = {
    .name = "secretstore",
    .plural = "secretstores",
    .aliases = "",
    .title = "SecretStores",
    .help = "Where External Secrets reads from, for one namespace.",
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

const struct kube_kind kube_secretstore = {
    .kind = &kind_secretstore,
    .resources = {{"external-secrets.io", "v1", "secretstores"}},
    .older = EXTERNAL_SECRETS_OLDER,
    .types = {"SecretStore"},
    .parse = parse,
    .kept_by = "external-secrets",
};

const struct kind kind_clustersecretstore = {
    .name = "clustersecretstore",
    .plural = "clustersecretstores",
    .aliases = "css",
    .title = "ClusterSecretStores",
    .help = "Where External Secrets reads from, for all namespaces.",
    .columns = cluster_columns,
    .ncolumns = BN_COUNT(cluster_columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "event",
    .sort = "level desc,name",
};

const struct kube_kind kube_clustersecretstore = {
    .kind = &kind_clustersecretstore,
    .resources = {{"external-secrets.io", "v1", "clustersecretstores"}},
    .older = EXTERNAL_SECRETS_OLDER,
    .types = {"ClusterSecretStore"},
    .parse = parse,
    .kept_by = "external-secrets",
};
