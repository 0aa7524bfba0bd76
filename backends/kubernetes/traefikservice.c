/* TraefikServices: one name for several services, by weight or as mirrors. */
#include <config.h>

#include "backends/kubernetes/route.h"

enum { NAMESPACE, NAME, TYPE, SERVICES, USED, TARGETS, AGE, CREATED, LABELS, UID };

static const struct fold count_routes = {FOLD_COUNT, LINK_SERVICE, "ingressroute", NULL, NULL};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [TYPE] = {"type", "TYPE", "How it divides: weighted, mirroring, ...", VALUE_LIST, 12, 20, 0,
              NULL, NULL},
    [SERVICES] = {"services", "SERVICES", "Services behind it.", VALUE_LIST, 30, 0, COLUMN_NOTABLE,
                  NULL, NULL},
    [USED] = {"routes", "ROUTES", "IngressRoutes that use it.", VALUE_COUNT, 6, 10, COLUMN_RIGHT,
              NULL, &count_routes},
    [TARGETS] = {ROUTE_TARGETS, "TARGETS", "Services behind it, with namespace and port.",
                 VALUE_LIST, 30, 80, COLUMN_HIDDEN, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

typedef void service_fn(struct kube_object *o, struct row_writer *w, struct json_value service,
                        struct route_services *out);

static void add_one(struct kube_object *o, struct row_writer *w, struct json_value service,
                    struct route_services *out)
{
    (void)w;
    route_add_service(o, service, out);
}

static void link_one(struct kube_object *o, struct row_writer *w, struct json_value service,
                     struct route_services *out)
{
    (void)out;
    route_link_service(o, w, service);
}

/* Each service that one of its ways to divide names: what is mirrored stands in it
 * directly. */
static void each_service(struct kube_object *o, struct row_writer *w, service_fn *fn,
                         struct route_services *out)
{
    static const char *const lists[] = {"services", "mirrors"};
    struct json_iter it, all;
    struct json_value key, way, service;
    for (json_iter_init(&it, o->spec); json_next(&it, &key, &way);) {
        if (json_get(way, "name").type == JSON_STRING)
            fn(o, w, way, out);
        for (size_t i = 0; i < BN_COUNT(lists); i++)
            for (json_iter_init(&all, json_get(way, lists[i])); json_next(&all, NULL, &service);)
                fn(o, w, service, out);
    }
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value key, v;
    struct span types = {"", 0};
    struct route_services s = {{"", 0}, {"", 0}};
    (void)which;
    for (json_iter_init(&it, o->spec); json_next(&it, &key, &v);)
        types = object_list_add(o, types, object_text(o, key));
    each_service(o, w, add_one, &s);
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    put_text(w, TYPE, types);
    put_text(w, SERVICES, s.names);
    put_text(w, TARGETS, s.targets);
    put_time(w, CREATED, o->created_ms);
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    each_service(o, w, link_one, &s);
}

const struct kind kind_traefikservice = {
    .name = "traefikservice",
    .plural = "traefikservices",
    .aliases = "tsvc",
    .title = "TraefikServices",
    .help = "One name for several services: by weight, or as mirrors.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = route_rules,
    .nrules = ROUTE_RULES,
    .judge = route_judge,
    .says = route_says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_traefikservice = {
    .kind = &kind_traefikservice,
    .resources = {{"traefik.io", "v1alpha1", "traefikservices"}},
    .types = {"TraefikService"},
    .leads_elsewhere = true,
    .parse = parse,
};
