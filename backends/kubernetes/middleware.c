/* Traefik's Middlewares: what requests pass on their way. */
#include <config.h>

#include "backends/kubernetes/missing.h"
#include "backends/kubernetes/route.h"

enum { NAMESPACE, NAME, TYPE, USED, ADDRESS, AGE, CREATED, LABELS, UID };

static const struct fold count_routes = {FOLD_COUNT, LINK_MIDDLEWARE, "ingressroute", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "What it does: forwardAuth, headers, redirectScheme, ...", VALUE_LIST,
              20, 0, COLUMN_NOTABLE, NULL, NULL},
    [USED] = {"routes", "ROUTES", "IngressRoutes that use it.", VALUE_COUNT, 6, 10, COLUMN_RIGHT,
              NULL, &count_routes},
    [ADDRESS] = {"address", "ADDRESS", "Where a forwardAuth asks whether a request may pass.",
                 VALUE_TEXT, 40, 60, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* A chain is made of others, an error page comes from a service, a login from a
 * Secret [Traefik reference/dynamic-configuration/kubernetes-crd]. */
static void put_links(struct kube_object *o, struct row_writer *w)
{
    static const char *const secrets[] = {"basicAuth.secret", "digestAuth.secret",
                                          "forwardAuth.tls.certSecret", "forwardAuth.tls.caSecret"};
    struct json_value service = json_path(o->spec, "errors.service");
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    route_link_middlewares(o, w, json_path(o->spec, "chain.middlewares"), "middleware");
    if (service.type == JSON_OBJECT && !json_is(json_get(service, "kind"), "TraefikService"))
        row_link(w, LINK_SERVICE, LINK_EXPECTED | LINK_AFFECTS, "service",
                 route_reference(o, service));
    for (size_t i = 0; i < BN_COUNT(secrets); i++) {
        struct span name = object_path_text(o, o->spec, secrets[i]);
        if (name.len)
            row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret",
                     object_key(o, o->ns, name));
    }
    route_link_loaded_middleware(o, w);
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value key, v;
    struct span types = {"", 0};
    (void)which;
    for (json_iter_init(&it, o->spec); json_next(&it, &key, &v);)
        types = object_list_add(o, types, object_text(o, key));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, TYPE, types);
    put_text(w, ADDRESS, object_path_text(o, o->spec, "forwardAuth.address"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    put_links(o, w);
}

enum { RULE_MISSING, RULE_NOT_LOADED };

static const struct rule rules[] = {
    [RULE_MISSING] = {"middleware-target-missing",
                      "A middleware of its chain, its service or its Secret does not exist: "
                      "critical."},
    [RULE_NOT_LOADED] = {"middleware-not-loaded",
                         "Traefik's API has no such middleware, a minute after it was made: "
                         "warning. Its namespace is not watched, or its own references fail."},
};

#define LOADED_MS ((int64_t)60 * 1000)

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct link link;
    int64_t created = store_num(st, row, CREATED, TIME_NONE);
    if (missing_link(st, row, &link) || missing_secret(st, row, &link))
        return verdict_at(LEVEL_CRITICAL, RULE_MISSING);
    if (!route_not_loaded(st, row, &link))
        return verdict_ok();
    return verdict_within(created, LOADED_MS, RULE_NOT_LOADED,
                          verdict_at(LEVEL_WARNING, RULE_NOT_LOADED), now_ms);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct link link;
    (void)now_ms;
    if (v->rule == RULE_NOT_LOADED && route_not_loaded(st, row, &link))
        strbuf_addf(out, "Traefik has no middleware %.*s", SPAN_ARG(link.key));
    else if (missing_link(st, row, &link) || missing_secret(st, row, &link))
        route_says_missing(&link, out);
}

const struct kind kind_middleware = {
    .name = "middleware",
    .plural = "middlewares",
    .aliases = "mw",
    .title = "Middlewares",
    .help = "What Traefik does with requests on their way.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "namespace,name",
};

const struct kube_kind kube_middleware = {
    .kind = &kind_middleware,
    .resources = {{"traefik.io", "v1alpha1", "middlewares"}},
    .types = {"Middleware"},
    .leads_elsewhere = true,
    .parse = parse,
};
