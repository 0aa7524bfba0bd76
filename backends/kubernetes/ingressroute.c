/* Traefik's IngressRoutes: rules, middlewares, services. */
#include <config.h>

#include "backends/kubernetes/route.h"

#include <string.h>

enum {
    NAMESPACE,
    NAME,
    HOSTS,
    ENTRY_POINTS,
    SERVICES,
    MIDDLEWARES,
    TLS,
    RULES,
    TARGETS,
    CHAINS,
    DNS_HOSTS,
    DNS_TARGETS,
    AGE,
    CREATED,
    CHANGED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [HOSTS] = {"hosts", "HOSTS", "Host names in its rules.", VALUE_LIST, 26, 0, COLUMN_NOTABLE,
               NULL, NULL},
    [ENTRY_POINTS] = {"entry-points", "ENTRY", "Entry points it listens on.", VALUE_LIST, 10, 40, 0,
                      NULL, NULL},
    [SERVICES] = {"services", "SERVICES", "Services behind it.", VALUE_LIST, 20, 10, COLUMN_NOTABLE,
                  NULL, NULL},
    [MIDDLEWARES] = {"middlewares", "MIDDLEWARES", "Middlewares that its requests pass.",
                     VALUE_LIST, 18, 30, COLUMN_NOTABLE, NULL, NULL},
    [TLS] = {"tls", "TLS", "Its certificate's Secret or resolver.", VALUE_TEXT, 14, 50, 0, NULL,
             NULL},
    [RULES] = {"match", "MATCH", "Its rules as written.", VALUE_LIST, 30, 60, COLUMN_WIDE, NULL,
               NULL},
    [TARGETS] = {ROUTE_TARGETS, "TARGETS", "Services behind it, with namespace and port.",
                 VALUE_LIST, 30, 80, COLUMN_HIDDEN, NULL, NULL},
    [CHAINS] = {ROUTE_CHAINS, "CHAINS", "Each rule behind the middlewares that its requests pass.",
                VALUE_LIST, 30, 80, COLUMN_HIDDEN, NULL, NULL},
    [DNS_HOSTS] = {ROUTE_DNS_HOSTS, VALUE_LIST, 20, 81, COLUMN_HIDDEN, NULL, NULL},
    [DNS_TARGETS] = {ROUTE_DNS_TARGETS, VALUE_LIST, 20, 82, COLUMN_HIDDEN, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 15, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [CHANGED] = {ROUTE_CHANGED, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

static void link_route(struct kube_object *o, struct row_writer *w, struct json_value route)
{
    struct json_iter it;
    struct json_value v;
    for (json_iter_init(&it, json_get(route, "services")); json_next(&it, NULL, &v);) {
        route_link_service(o, w, v);
        route_link_transport(o, w, v, "serverstransport");
    }
    route_link_middlewares(o, w, json_get(route, "middlewares"), "middleware");
}

static struct span chain_of(struct kube_object *o, struct json_value route)
{
    struct json_iter it;
    struct json_value v;
    struct span list = SPAN("-"), match = object_text(o, json_get(route, "match"));
    bool any = false;
    for (json_iter_init(&it, json_get(route, "middlewares")); json_next(&it, NULL, &v);) {
        struct span name = object_text(o, json_get(v, "name"));
        struct span key = span_find(name, '@', 0) < name.len ? name : route_reference(o, v);
        list = any ? object_format(o, "%.*s,%.*s", SPAN_ARG(list), SPAN_ARG(key)) : key;
        any = true;
    }
    return object_format(o, "%.*s %.*s", SPAN_ARG(list), SPAN_ARG(match));
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it, all;
    struct json_value route, service;
    struct span hosts = {"", 0}, middlewares = {"", 0}, matches = {"", 0}, chains = {"", 0};
    struct span secret = object_path_text(o, o->spec, "tls.secretName");
    struct route_services s = {{"", 0}, {"", 0}};
    (void)which;
    for (json_iter_init(&it, json_get(o->spec, "routes")); json_next(&it, NULL, &route);) {
        struct span match = object_text(o, json_get(route, "match"));
        hosts = route_add_hosts(o, hosts, match, "Host(");
        matches = object_list_add(o, matches, match);
        chains = object_list_add(o, chains, chain_of(o, route));
        middlewares = route_add_names(o, middlewares, json_get(route, "middlewares"));
        for (json_iter_init(&all, json_get(route, "services")); json_next(&all, NULL, &service);)
            route_add_service(o, service, &s);
    }
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, HOSTS, hosts);
    put_text(w, ENTRY_POINTS,
             route_add_names(o, (struct span){"", 0}, json_get(o->spec, "entryPoints")));
    put_text(w, SERVICES, s.names);
    put_text(w, MIDDLEWARES, middlewares);
    put_text(w, TLS, secret.len ? secret : object_path_text(o, o->spec, "tls.certResolver"));
    put_text(w, RULES, matches);
    put_text(w, TARGETS, s.targets);
    put_text(w, CHAINS, chains);
    route_put_dns(o, w, DNS_HOSTS, DNS_TARGETS);
    put_time(w, CREATED, o->created_ms);
    put_time(w, CHANGED, object_written_ms(o, "f:spec"));
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    for (json_iter_init(&it, json_get(o->spec, "routes")); json_next(&it, NULL, &route);)
        link_route(o, w, route);
    for (json_iter_init(&it, json_get(o->spec, "routes")); json_next(&it, NULL, &route);)
        route_link_router(o, w, ROUTE_HTTP, object_text(o, json_get(route, "match")), 0);
    route_link_option(o, w);
    route_link_resolver(w, object_path_text(o, o->spec, "tls.certResolver"));
    if (secret.len)
        row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret",
                 object_key(o, o->ns, secret));
}

const struct kind kind_ingressroute = {
    .name = "ingressroute",
    .plural = "ingressroutes",
    .aliases = "ir routes route",
    .title = "IngressRoutes",
    .help = "Traefik's routes: rules, middlewares and services.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = route_rules,
    .nrules = ROUTE_RULES,
    .judge = route_judge,
    .says = route_says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_ingressroute = {
    .kind = &kind_ingressroute,
    .resources = {{"traefik.io", "v1alpha1", "ingressroutes"}},
    .types = {"IngressRoute"},
    .leads_elsewhere = true,
    .parse = parse,
    .kept_by = "traefik",
};
