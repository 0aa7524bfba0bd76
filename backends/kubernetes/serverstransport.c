/* Traefik's ServersTransports and ServersTransportTCPs: how it speaks to the servers behind it. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum { NAMESPACE, NAME, SERVER, UNVERIFIED, USED, AGE, CREATED, LABELS, UID };

static const struct fold count_routes = {FOLD_COUNT, LINK_OPTION, "ingressroute", NULL, NULL},
                         count_tcp = {FOLD_COUNT, LINK_OPTION, "ingressroutetcp", NULL, NULL};

/* They differ in who names them. */
#define COLUMNS(routes, fold)                                                                    \
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},          \
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},                    \
    [SERVER] = {"server-name",                                                                   \
                "SERVER NAME",                                                                   \
                "The name that its servers' certificates must have.",                            \
                VALUE_TEXT,                                                                      \
                30,                                                                              \
                20,                                                                              \
                COLUMN_NOTABLE,                                                                  \
                NULL,                                                                            \
                NULL},                                                                           \
    [UNVERIFIED] = {"unverified",   "UNVERIFIED", "Its servers' certificates are not verified.", \
                    VALUE_BOOL,     10,           0,                                             \
                    COLUMN_NOTABLE, NULL,         NULL},                                         \
    [USED] = {"routes", "ROUTES", routes " that name it.", VALUE_COUNT, 6, 10, COLUMN_RIGHT,     \
              NULL,     fold},                                                                   \
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 15, COLUMN_RIGHT, "created", NULL},             \
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},          \
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},              \
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},

static const struct column columns[] = {COLUMNS("IngressRoutes", &count_routes)},
                           tcp_columns[] = {COLUMNS("IngressRouteTCPs", &count_tcp)};

/* Certificates of authorities, and its own, stand in Secrets and ConfigMaps. */
static void link_certificates(struct kube_object *o, struct row_writer *w, struct json_value tls)
{
    static const char *const lists[] = {"certificatesSecrets", "rootCAsSecrets"};
    struct json_iter it;
    struct json_value v;
    for (size_t i = 0; i < BN_COUNT(lists); i++)
        for (json_iter_init(&it, json_get(tls, lists[i])); json_next(&it, NULL, &v);)
            row_link(w, LINK_SECRET, LINK_EXPECTED, "secret",
                     object_key(o, o->ns, object_text(o, v)));
    for (json_iter_init(&it, json_get(tls, "rootCAs")); json_next(&it, NULL, &v);) {
        struct span secret = object_path_text(o, v, "secret"),
                    map = object_path_text(o, v, "configMap");
        if (secret.len)
            row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, secret));
        if (map.len)
            row_link(w, LINK_CONFIG, LINK_EXPECTED, "configmap", object_key(o, o->ns, map));
    }
}

/* tls: what its certificates are said in. */
static void put(struct kube_object *o, struct row_writer *w, struct json_value tls)
{
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, SERVER, object_path_text(o, tls, "serverName"));
    row_num(w, UNVERIFIED, object_path_true(tls, "insecureSkipVerify"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    link_certificates(o, w, tls);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    (void)which;
    put(o, w, o->spec);
}

static void parse_tcp(struct kube_object *o, struct row_writer *w, size_t which)
{
    (void)which;
    put(o, w, json_get(o->spec, "tls"));
}

static const struct rule rules[] = {
    {"serverstransport-unverified", "It verifies no certificate of its servers: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    (void)now_ms;
    return store_num(st, row, UNVERIFIED, 0) ? verdict_at(LEVEL_NOTICE, 0) : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)st;
    (void)row;
    (void)v;
    (void)now_ms;
    strbuf_adds(out, "the certificates of its servers are not verified");
}

const struct kind kind_serverstransport = {
    .name = "serverstransport",
    .plural = "serverstransports",
    .aliases = "",
    .title = "ServersTransports",
    .help = "How Traefik speaks to the servers behind it.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "namespace,name",
};

const struct kube_kind kube_serverstransport = {
    .kind = &kind_serverstransport,
    .resources = {{"traefik.io", "v1alpha1", "serverstransports"}},
    .types = {"ServersTransport"},
    .parse = parse,
};

const struct kind kind_serverstransporttcp = {
    .name = "serverstransporttcp",
    .plural = "serverstransporttcps",
    .aliases = "",
    .title = "ServersTransportTCPs",
    .help = "How Traefik speaks to the TCP servers behind it.",
    .namespaced = true,
    .columns = tcp_columns,
    .ncolumns = BN_COUNT(tcp_columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "namespace,name",
};

const struct kube_kind kube_serverstransporttcp = {
    .kind = &kind_serverstransporttcp,
    .resources = {{"traefik.io", "v1alpha1", "serverstransporttcps"}},
    .types = {"ServersTransportTCP"},
    .parse = parse_tcp,
};
