/* Traefik's TLSStores: which certificate it serves where no other is for the host. */
#include <config.h>

#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/route.h"

enum { NAMESPACE, NAME, DEFAULT, RESOLVER, DOMAINS, SECRETS, AGE, CREATED, LABELS, UID };

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [DEFAULT] = {"default", "DEFAULT", "The Secret with its default certificate.", VALUE_TEXT, 20,
                 10, COLUMN_NOTABLE, NULL, NULL},
    [RESOLVER] = {"resolver", "RESOLVER", "The resolver that gets its default certificate.",
                  VALUE_TEXT, 12, 15, COLUMN_NOTABLE, NULL, NULL},
    [DOMAINS] = {"domains", "DOMAINS", "Names that this certificate is for.", VALUE_LIST, 26, 20,
                 COLUMN_NOTABLE, NULL, NULL},
    [SECRETS] = {"secrets", "SECRETS", "Secrets with more certificates.", VALUE_LIST, 20, 30,
                 COLUMN_NOTABLE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 15, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void link_secret(struct kube_object *o, struct row_writer *w, struct span name)
{
    if (name.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret",
                 object_key(o, o->ns, name));
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_value domain = json_path(o->spec, "defaultGeneratedCert.domain"), v;
    struct span names = {"", 0}, secrets = {"", 0}, main = object_path_text(o, domain, "main"),
                secret = object_path_text(o, o->spec, "defaultCertificate.secretName");
    struct json_iter it;
    (void)which;
    for (json_iter_init(&it, json_get(o->spec, "certificates")); json_next(&it, NULL, &v);)
        secrets = object_list_add(o, secrets, object_text(o, json_get(v, "secretName")));
    if (main.len)
        names = object_list_add(o, names, main);
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, DEFAULT, secret);
    put_text(w, RESOLVER, object_path_text(o, o->spec, "defaultGeneratedCert.resolver"));
    put_text(w, DOMAINS, route_add_names(o, names, json_get(domain, "sans")));
    put_text(w, SECRETS, secrets);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    link_secret(o, w, secret);
    route_link_resolver(w, object_path_text(o, o->spec, "defaultGeneratedCert.resolver"));
    for (json_iter_init(&it, json_get(o->spec, "certificates")); json_next(&it, NULL, &v);)
        link_secret(o, w, object_text(o, json_get(v, "secretName")));
}

enum { RULE_SECRET, RULE_NAME };

static const struct rule rules[] = {
    [RULE_SECRET] = {"tlsstore-secret-missing",
                     "A Secret with one of its certificates does not exist: warning."},
    [RULE_NAME] = {"tlsstore-unused",
                   "Traefik reads the store called default alone; this one is not: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct link link;
    (void)now_ms;
    if (missing_secret(st, row, &link))
        return verdict_at(LEVEL_WARNING, RULE_SECRET);
    return span_is(store_text(st, row, NAME), "default") ? verdict_ok()
                                                         : verdict_at(LEVEL_NOTICE, RULE_NAME);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct link link;
    (void)now_ms;
    if (v->rule == RULE_NAME)
        strbuf_adds(out, "Traefik reads the store called default alone");
    else if (missing_secret(st, row, &link))
        strbuf_addf(out, "the Secret %.*s with its certificate does not exist", SPAN_ARG(link.key));
}

const struct kind kind_tlsstore = {
    .name = "tlsstore",
    .plural = "tlsstores",
    .aliases = "",
    .title = "TLSStores",
    .help = "Which certificate Traefik serves where no other is for the host.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "namespace,name",
};

const struct kube_kind kube_tlsstore = {
    .kind = &kind_tlsstore,
    .resources = {{"traefik.io", "v1alpha1", "tlsstores"}},
    .types = {"TLSStore"},
    .parse = parse,
};
