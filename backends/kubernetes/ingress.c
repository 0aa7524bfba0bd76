/* Ingresses: hosts and the services they lead to. */
#include <config.h>

#include "backends/kubernetes/route.h"

enum {
    NAMESPACE,
    NAME,
    CLASS,
    HOSTS,
    ADDRESS,
    PORTS,
    SERVICES,
    TLS,
    ENTRY_POINTS,
    MIDDLEWARES,
    RESOLVER,
    TARGETS,
    DNS_HOSTS,
    DNS_TARGETS,
    AUTH_URL,
    AGE,
    CREATED,
    CHANGED,
    LABELS,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 0, COLUMN_IDENT, NULL, NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 24, 0, COLUMN_IDENT, NULL, NULL},
    [CLASS] = {"class", "CLASS", "Which controller serves it.", VALUE_TEXT, 10, 30, 0, NULL, NULL},
    [HOSTS] = {"hosts", "HOSTS", "Host names.", VALUE_LIST, 30, 0, COLUMN_NOTABLE, NULL, NULL},
    [ADDRESS] = {"address", "ADDRESS", "Where it is reached.", VALUE_TEXT, 14, 40, COLUMN_NOTABLE,
                 NULL, NULL},
    [PORTS] = {"ports", "PORTS", "80, and 443 where it has a certificate.", VALUE_TEXT, 7, 60,
               COLUMN_WIDE, NULL, NULL},
    [SERVICES] = {"services", "SERVICES", "Services behind it.", VALUE_LIST, 20, 20, COLUMN_NOTABLE,
                  NULL, NULL},
    [TLS] = {"tls", "TLS", "Secrets with its certificates.", VALUE_LIST, 16, 50, COLUMN_WIDE, NULL,
             NULL},
    [ENTRY_POINTS] = {"entry-points", "ENTRY", "Entry points of Traefik's, by its annotation.",
                      VALUE_LIST, 10, 45, COLUMN_WIDE, NULL, NULL},
    [MIDDLEWARES] = {ROUTE_NAMED_MIDDLEWARES, "MIDDLEWARES",
                     "Middlewares of Traefik's that its requests pass, by its annotation.",
                     VALUE_LIST, 30, 46, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [RESOLVER] = {"resolver", "RESOLVER",
                  "Who gets its certificate, by its annotation: a resolver of Traefik's.",
                  VALUE_TEXT, 12, 55, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
    [TARGETS] = {ROUTE_TARGETS, "TARGETS", "Services behind it, with namespace and port.",
                 VALUE_LIST, 30, 80, COLUMN_HIDDEN, NULL, NULL},
    [DNS_HOSTS] = {ROUTE_DNS_HOSTS, VALUE_LIST, 20, 81, COLUMN_HIDDEN, NULL, NULL},
    [DNS_TARGETS] = {ROUTE_DNS_TARGETS, VALUE_LIST, 20, 82, COLUMN_HIDDEN, NULL, NULL},
    [AUTH_URL] = {"auth-url", "AUTH-URL", "Where nginx asks whether a request may pass.",
                  VALUE_TEXT, 30, 83, COLUMN_HIDDEN | COLUMN_NOTABLE, NULL, NULL},
    [AGE] = {COLUMN_AGE_TEXT, VALUE_DURATION, 5, 10, COLUMN_RIGHT, "created", NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [CHANGED] = {ROUTE_CHANGED, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [LABELS] = {COLUMN_LABELS_TEXT, VALUE_TEXT, 20, 99, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

struct backends {
    struct span services, last; /* names, without repeating the one before */
    struct span targets;
};

static void add_backend(struct kube_object *o, struct backends *b, struct json_value backend)
{
    struct json_value service = json_get(backend, "service");
    struct json_value number = json_path(service, "port.number");
    struct span name = object_text(o, json_get(service, "name"));
    if (!name.len) /* a bucket or the like */
        return;
    if (!span_eq(name, b->last))
        b->services = object_list_add(o, b->services, name);
    b->last = name;
    b->targets = object_list_add(
        o, b->targets,
        route_target(o, object_key(o, o->ns, name),
                     number.type == JSON_NUMBER ? number : json_path(service, "port.name")));
}

static struct backends backends_of(struct kube_object *o)
{
    struct json_iter rules, paths;
    struct json_value rule, path;
    struct backends b = {{"", 0}, {"", 0}, {"", 0}};
    add_backend(o, &b, json_get(o->spec, "defaultBackend"));
    for (json_iter_init(&rules, json_get(o->spec, "rules")); json_next(&rules, NULL, &rule);)
        for (json_iter_init(&paths, json_path(rule, "http.paths")); json_next(&paths, NULL, &path);)
            add_backend(o, &b, json_get(path, "backend"));
    return b;
}

static struct span address_of(struct kube_object *o)
{
    struct json_iter it;
    struct json_value v;
    struct span all = {"", 0};
    for (json_iter_init(&it, json_path(o->status, "loadBalancer.ingress"));
         json_next(&it, NULL, &v);) {
        struct span one = object_text(o, json_get(v, "ip"));
        one = one.len ? one : object_text(o, json_get(v, "hostname"));
        all = all.len && one.len ? object_format(o, "%.*s,%.*s", SPAN_ARG(all), SPAN_ARG(one))
              : one.len          ? one
                                 : all;
    }
    return all;
}

#define TRAEFIK "traefik.ingress.kubernetes.io/router."

/* What an annotation lists, separated by commas. */
static struct span annotated(struct kube_object *o, const char *name)
{
    struct span rest = object_entry(o, o->annotations, name), one, list = {"", 0};
    while (rest.len && span_split(&rest, ',', &one))
        if (span_trim(one).len)
            list = object_list_add(o, list, span_trim(one));
    return list;
}

/* Whether Traefik makes routers of it: another controller's Ingress is none of its. Its class is
 * called as the chart calls it, or there is an annotation that Traefik alone reads. */
static bool is_traefiks(struct kube_object *o)
{
    static const char *const names[] = {TRAEFIK "entrypoints", TRAEFIK "middlewares", TRAEFIK "tls",
                                        TRAEFIK "tls.certresolver"};
    struct span class = object_path_text(o, o->spec, "ingressClassName");
    bool is = span_search(class, SPAN("traefik"), true) < class.len ||
              span_is(object_entry(o, o->annotations, "kubernetes.io/ingress.class"), "traefik");
    for (size_t i = 0; i < BN_COUNT(names) && !is; i++)
        is = object_entry(o, o->annotations, names[i]).len > 0;
    return is;
}

static void link_traefik(struct kube_object *o, struct row_writer *w)
{
    struct span middlewares = annotated(o, TRAEFIK "middlewares"), one, routers = {"", 0};
    struct json_iter rules, paths;
    struct json_value rule, path;
    while (middlewares.len && span_split(&middlewares, LIST_SEPARATOR, &one))
        route_link_named_middleware(o, w, one);
    for (json_iter_init(&rules, json_get(o->spec, "rules")); json_next(&rules, NULL, &rule);)
        for (json_iter_init(&paths, json_path(rule, "http.paths")); json_next(&paths, NULL, &path);)
            if (object_path_text(o, path, "backend.service.name").len)
                routers =
                    route_add_ingress_router(o, routers, object_text(o, json_get(rule, "host")),
                                             object_text(o, json_get(path, "path")));
    route_link_ingress_routers(o, w, routers);
    route_link_resolver(w, object_entry(o, o->annotations, TRAEFIK "tls.certresolver"));
}

static void put_links(struct kube_object *o, struct row_writer *w, struct span services,
                      struct span tls)
{
    struct span one;
    row_link(w, LINK_NAMESPACE, 0, "namespace", o->ns);
    while (services.len && span_split(&services, LIST_SEPARATOR, &one))
        row_link(w, LINK_SERVICE, LINK_EXPECTED | LINK_AFFECTS, "service",
                 object_key(o, o->ns, one));
    while (tls.len && span_split(&tls, LIST_SEPARATOR, &one))
        row_link(w, LINK_SECRET, LINK_EXPECTED | LINK_AFFECTS, "secret", object_key(o, o->ns, one));
    if (is_traefiks(o))
        link_traefik(o, w);
}

static struct span add_text(struct kube_object *o, struct span list, struct json_value text)
{
    struct span one = object_text(o, text);
    return one.len ? object_list_add(o, list, one) : list;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_iter it;
    struct json_value v;
    struct backends b = backends_of(o);
    struct span hosts = {"", 0}, tls = {"", 0};
    struct span class = object_path_text(o, o->spec, "ingressClassName");
    (void)which;
    for (json_iter_init(&it, json_get(o->spec, "rules")); json_next(&it, NULL, &v);)
        hosts = add_text(o, hosts, json_get(v, "host"));
    for (json_iter_init(&it, json_get(o->spec, "tls")); json_next(&it, NULL, &v);)
        tls = add_text(o, tls, json_get(v, "secretName"));
    row_text(w, NAMESPACE, o->ns);
    row_text(w, NAME, o->name);
    row_text(w, CLASS, class.len ? class : SPAN("<none>"));
    row_text(w, HOSTS, hosts.len ? hosts : SPAN("*"));
    put_text(w, ADDRESS, address_of(o));
    row_text(w, PORTS, json_count(json_get(o->spec, "tls")) ? SPAN("80, 443") : SPAN("80"));
    put_text(w, SERVICES, b.services);
    put_text(w, TLS, tls);
    put_text(w, ENTRY_POINTS, annotated(o, TRAEFIK "entrypoints"));
    put_text(w, MIDDLEWARES, annotated(o, TRAEFIK "middlewares"));
    put_text(w, RESOLVER, object_entry(o, o->annotations, TRAEFIK "tls.certresolver"));
    put_text(w, TARGETS, b.targets);
    route_put_dns(o, w, DNS_HOSTS, DNS_TARGETS);
    put_text(w, AUTH_URL, object_entry(o, o->annotations, "nginx.ingress.kubernetes.io/auth-url"));
    put_time(w, CREATED, o->created_ms);
    put_time(w, CHANGED, object_written_ms(o, "f:spec"));
    put_text(w, LABELS, object_pairs(o, o->labels));
    put_text(w, UID, o->uid);
    put_links(o, w, b.services, tls);
}

const struct kind kind_ingress = {
    .name = "ingress",
    .plural = "ingresses",
    .aliases = "ing",
    .title = "Ingresses",
    .help = "Host names and the services they lead to.",
    .namespaced = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = route_rules,
    .nrules = ROUTE_RULES,
    .judge = route_judge,
    .says = route_says,
    .sort = "level desc,namespace,name",
};

const struct kube_kind kube_ingress = {
    .kind = &kind_ingress,
    .resources = {{"networking.k8s.io", "v1", "ingresses"}},
    .types = {"Ingress"},
    .leads_elsewhere = true,
    .parse = parse,
};
