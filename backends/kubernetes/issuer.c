/* Issuers and ClusterIssuers: who signs certificates, and whether they can. */
#include <config.h>

#include "backends/kubernetes/issuance.h"
#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/sentence.h"

/* A ClusterIssuer has no namespace: its cell stays empty. */
enum {
    NAMESPACE,
    NAME,
    READY,
    REASON,
    TYPE,
    SERVER,
    CERTIFICATES,
    SINCE_AGO,
    MESSAGE,
    SINCE,
    AGE,
    CREATED,
    LABELS,
    UID
};

static const struct condition_columns ready = {READY, REASON, MESSAGE, SINCE};
static const struct fold count_certificates = {FOLD_COUNT, LINK_ISSUER, "certificate", NULL, NULL};

#define ISSUER_COLUMNS                                                                        \
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},                 \
    CONDITION_COLUMNS(READY, REASON, MESSAGE, SINCE_AGO, SINCE),                              \
    [TYPE] = {"type", "TYPE", "acme, ca, selfSigned, vault or venafi.", VALUE_TEXT, 10, 5, 0, \
              NULL,   NULL},                                                                  \
    [SERVER] = {"server", "SERVER", "Where it asks.", VALUE_TEXT, 30, 20, COLUMN_NOTABLE,     \
                NULL,     NULL},                                                              \
    [CERTIFICATES] = {"certificates", "CERTS", "Certificates that it signs.",                 \
                      VALUE_COUNT,    5,       10,                                            \
                      COLUMN_RIGHT,   NULL,    &count_certificates},                          \
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 45, COLUMN_RIGHT, "created", NULL},          \
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},       \
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},           \
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL}

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    ISSUER_COLUMNS,
};
static const struct column cluster_columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 99, COLUMN_HIDDEN, NULL, NULL},
    ISSUER_COLUMNS,
};

/* [cert-manager pkg/apis/certmanager/v1, IssuerConfig] */
static struct json_value config_of(struct kube_object *o, struct span *type)
{
    static const char *const types[] = {"acme", "ca", "vault", "selfSigned", "venafi"};
    for (size_t i = 0; i < BN_COUNT(types); i++) {
        struct json_value v = json_get(o->spec, types[i]);
        *type = span_from(types[i]);
        if (v.type == JSON_OBJECT)
            return v;
    }
    *type = (struct span){"", 0};
    return (struct json_value){.type = JSON_NONE};
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct span type, secret, server;
    struct json_value config = config_of(o, &type);
    (void)which;
    server = object_text(o, json_get(config, "server"));
    row_text(w, NAME, o->name);
    (void)condition_put(o, w, "Ready", &ready);
    put_text(w, TYPE, type);
    put_text(w, SERVER, server.len ? server : object_path_text(o, config, "tpp.url"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    if (!o->ns.len) /* its Secrets stand in a namespace that only cert-manager knows */
        return;
    secret = object_text(o, json_get(config, "secretName"));
    secret = secret.len ? secret : object_path_text(o, config, "privateKeySecretRef.name");
    row_text(w, NAMESPACE, o->ns);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    if (secret.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, secret));
}

enum { RULE_DOWN, RULE_UNUSED, RULE_UNSEEN, RULE_UNKEPT };

static const struct rule rules[] = {
    [RULE_DOWN] = {"issuer-not-ready", "It is not ready, and certificates need it: critical.",
                   .since = SINCE},
    [RULE_UNUSED] = {"issuer-not-ready-unused", "It is not ready, and nothing uses it: warning.",
                     .since = SINCE},
    [RULE_UNSEEN] = {"issuer-unseen",
                     "It has no status yet: progress; for more than 10 minutes: warning."},
    [RULE_UNKEPT] = KEEPER_RULE("issuer-unkept"),
};

static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span status = store_text(st, row, READY);
    int64_t created = store_num(st, row, CREATED, now_ms);
    if (!status.len)
        return now_ms - created > ISSUANCE_STUCK_MS
                   ? verdict_at(LEVEL_WARNING, RULE_UNSEEN)
                   : verdict_until(LEVEL_PROGRESS, RULE_UNSEEN, created + ISSUANCE_STUCK_MS + 1);
    if (span_is(status, "True"))
        return verdict_ok();
    return store_num(st, row, CERTIFICATES, 0) ? verdict_at(LEVEL_CRITICAL, RULE_DOWN)
                                               : verdict_at(LEVEL_WARNING, RULE_UNUSED);
}

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    long long n = (long long)store_num(st, row, CERTIFICATES, 0);
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
        strbuf_addf(out, "%lld certificate%s cannot be renewed: ", n, n == 1 ? "" : "s");
    condition_says(st, row, &ready, now_ms, out);
}

const struct kind kind_issuer = {
    .name = "issuer",
    .plural = "issuers",
    .aliases = "iss",
    .title = "Issuers",
    .help = "Who signs certificates, for one namespace.",
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

const struct kube_kind kube_issuer = {
    .kind = &kind_issuer,
    .resources = {{"cert-manager.io", "v1", "issuers"}},
    .types = {"Issuer"},
    .parse = parse,
    .kept_by = "cert-manager",
};

const struct kind kind_clusterissuer = {
    .name = "clusterissuer",
    .plural = "clusterissuers",
    .aliases = "ciss",
    .title = "ClusterIssuers",
    .help = "Who signs certificates, for all namespaces.",
    .columns = cluster_columns,
    .ncolumns = BN_COUNT(cluster_columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .quotes = "event",
    .sort = "level desc,name",
};

const struct kube_kind kube_clusterissuer = {
    .kind = &kind_clusterissuer,
    .resources = {{"cert-manager.io", "v1", "clusterissuers"}},
    .types = {"ClusterIssuer"},
    .parse = parse,
    .kept_by = "cert-manager",
};
