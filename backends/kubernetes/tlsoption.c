/* Traefik's TLSOptions: which TLS a route speaks. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

enum { NAMESPACE, NAME, LEAST, MOST, CIPHERS, STRICT, CLIENTS, USED, AGE, CREATED, LABELS, UID };

static const struct fold count_routes = {FOLD_COUNT, LINK_OPTION, "ingressroute", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [LEAST] = {"min-version", "MIN", "The least version of TLS; none: 1.2.", VALUE_TEXT, 12, 0,
               COLUMN_NOTABLE, NULL, NULL},
    [MOST] = {"max-version", "MAX", "The highest version of TLS.", VALUE_TEXT, 12, 40,
              COLUMN_NOTABLE, NULL, NULL},
    [CIPHERS] = {"ciphers", "CIPHERS", "Cipher suites that are let pass; none: Go's own.",
                 VALUE_LIST, 30, 50, COLUMN_NOTABLE, NULL, NULL},
    [STRICT] = {"sni-strict", "STRICT", "Names without a certificate are refused.", VALUE_BOOL, 6,
                30, COLUMN_NOTABLE, NULL, NULL},
    [CLIENTS] = {"client-auth", "CLIENTS", "What is asked of a client's certificate.", VALUE_TEXT,
                 20, 35, COLUMN_NOTABLE, NULL, NULL},
    [USED] = {"routes", "ROUTES", "IngressRoutes that name it.", VALUE_COUNT, 6, 10, COLUMN_RIGHT,
              NULL, &count_routes},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 15, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value v;
    struct span ciphers = {"", 0};
    (void)which;
    for (json_iter_init(&it, json_get(o->spec, "cipherSuites")); json_next(&it, NULL, &v);)
        ciphers = object_list_add(o, ciphers, object_text(o, v));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, LEAST, object_path_text(o, o->spec, "minVersion"));
    put_text(w, MOST, object_path_text(o, o->spec, "maxVersion"));
    put_text(w, CIPHERS, ciphers);
    row_num(w, STRICT, object_path_true(o->spec, "sniStrict"));
    put_text(w, CLIENTS, object_path_text(o, o->spec, "clientAuth.clientAuthType"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    for (json_iter_init(&it, json_path(o->spec, "clientAuth.secretNames"));
         json_next(&it, NULL, &v);)
        row_link(w, LINK_SECRET, LINK_EXPECTED, "secret", object_key(o, o->ns, object_text(o, v)));
}

static const struct rule rules[] = {
    {"tlsoption-old", "It lets TLS 1.0 or 1.1 pass, which are no longer safe: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span least = store_text(st, row, LEAST);
    (void)now_ms;
    return span_is(least, "VersionTLS10") || span_is(least, "VersionTLS11")
               ? verdict_at(LEVEL_WARNING, 0)
               : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_addf(out, "lets %.*s pass", SPAN_ARG(store_text(st, row, LEAST)));
}

const struct kind kind_tlsoption = {
    .name = "tlsoption",
    .plural = "tlsoptions",
    .aliases = "",
    .title = "TLSOptions",
    .help = "Which TLS Traefik's routes speak.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "namespace,name",
};

const struct kube_kind kube_tlsoption = {
    .kind = &kind_tlsoption,
    .resources = {{"traefik.io", "v1alpha1", "tlsoptions"}},
    .types = {"TLSOption"},
    .parse = parse,
};
