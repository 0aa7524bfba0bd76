/* Routes are judged by what they lead to. */
#include <config.h>

#include "backends/kubernetes/route.h"

#include "backends/kubernetes/keeper.h"
#include "backends/kubernetes/missing.h"

#include <string.h>

enum {
    RULE_MISSING,
    RULE_PORT,
    RULE_REFUSED,
    RULE_EMPTY,
    RULE_NOT_LOADED,
    RULE_SECRET,
    RULE_UNKEPT
};

const struct rule route_rules[ROUTE_RULES] = {
    [RULE_MISSING] =
        {"route-target-missing",
         "A service, middleware, Secret or option that the route names does not exist: critical."},
    [RULE_PORT] = {"route-port-missing",
                   "The service behind the route has no such port: critical."},
    [RULE_REFUSED] = {"route-refused",
                      "Traefik has its router and refuses it, or has a warning: as it says."},
    [RULE_EMPTY] = {"route-no-endpoints",
                    "The service behind the route has no endpoint that is ready: warning."},
    [RULE_NOT_LOADED] = {"route-not-loaded",
                         "Traefik's API has no router of it: progress; from a minute after it was "
                         "made or changed: critical. Nothing is served for it."},
    [RULE_SECRET] = {"route-secret-missing", "The Secret with its certificate does not exist: "
                                             "warning. Another certificate is served instead."},
    [RULE_UNKEPT] = {"route-unkept", "Traefik does not run, nothing can load it: unknown."},
};

void route_says_missing(const struct link *missing, struct strbuf *out)
{
    strbuf_addf(out, "%.*s %.*s does not exist", SPAN_ARG(missing->kind), SPAN_ARG(missing->key));
}

/* "a.example.org, b.example.org" as a list [external-dns source/source.go]. */
static void put_annotation(struct kube_object *o, struct row_writer *w, size_t column,
                           const char *name)
{
    struct span rest = object_entry(o, o->annotations, name), one, list = {"", 0};
    while (rest.len && span_split(&rest, ',', &one))
        list = object_list_add(o, list, span_trim(one));
    put_text(w, column, list);
}

void route_put_dns(struct kube_object *o, struct row_writer *w, size_t hosts, size_t targets)
{
    put_annotation(o, w, hosts, "external-dns.alpha.kubernetes.io/hostname");
    put_annotation(o, w, targets, "external-dns.alpha.kubernetes.io/target");
}

struct span route_target(struct kube_object *o, struct span service, struct json_value port)
{
    struct span text = object_text(o, port);
    int64_t number;
    if (!text.len && json_as_int(port, &number))
        return object_format(o, "%.*s:%lld", SPAN_ARG(service), (long long)number);
    return object_format(o, "%.*s:%.*s", SPAN_ARG(service), SPAN_ARG(text));
}

struct span route_reference(struct kube_object *o, struct json_value v)
{
    struct span ns = object_text(o, json_get(v, "namespace"));
    return object_key(o, ns.len ? ns : o->ns, object_text(o, json_get(v, "name")));
}

static bool is_traefiks(struct json_value service)
{
    return json_is(json_get(service, "kind"), "TraefikService");
}

void route_add_service(struct kube_object *o, struct json_value service, struct route_services *out)
{
    out->names = object_list_add(o, out->names, object_text(o, json_get(service, "name")));
    if (!is_traefiks(service))
        out->targets = object_list_add(
            o, out->targets,
            route_target(o, route_reference(o, service), json_get(service, "port")));
}

void route_link_service(struct kube_object *o, struct row_writer *w, struct json_value service)
{
    struct span name = object_text(o, json_get(service, "name"));
    bool ours = span_find(name, '@', 0) == name.len; /* "api@internal": of another provider */
    row_link(w, LINK_SERVICE, ours ? LINK_EXPECTED | LINK_AFFECTS : 0,
             is_traefiks(service) ? "traefikservice" : "service", route_reference(o, service));
}

/* A reference to what has no other provider's name: "name@file" is not ours. */
static void link_option(struct kube_object *o, struct row_writer *w, const char *kind,
                        struct span ns, struct span name)
{
    if (name.len && span_find(name, '@', 0) == name.len)
        row_link(w, LINK_OPTION, LINK_EXPECTED | LINK_AFFECTS, kind,
                 object_key(o, ns.len ? ns : o->ns, name));
}

void route_link_resolver(struct row_writer *w, struct span name)
{
    if (name.len)
        row_link(w, LINK_ISSUER, 0, "traefik-resolver", name);
}

void route_link_option(struct kube_object *o, struct row_writer *w)
{
    link_option(o, w, "tlsoption", object_path_text(o, o->spec, "tls.options.namespace"),
                object_path_text(o, o->spec, "tls.options.name"));
}

void route_link_transport(struct kube_object *o, struct row_writer *w, struct json_value service,
                          const char *kind)
{
    link_option(o, w, kind, object_text(o, json_get(service, "namespace")),
                object_text(o, json_get(service, "serversTransport")));
}

void route_link_middlewares(struct kube_object *o, struct row_writer *w, struct json_value list,
                            const char *kind)
{
    struct json_iter it;
    struct json_value v;
    for (json_iter_init(&it, list); json_next(&it, NULL, &v);) {
        struct span name = object_text(o, json_get(v, "name"));
        if (span_find(name, '@', 0) == name.len) /* "name@file": of another provider, not ours */
            row_link(w, LINK_MIDDLEWARE, LINK_EXPECTED | LINK_AFFECTS, kind, route_reference(o, v));
    }
}

/* The next quotation mark of either sort at or after from. */
static size_t find_quote(struct span rule, size_t from)
{
    size_t tick = span_find(rule, '`', from), quote = span_find(rule, '"', from);
    return tick < quote ? tick : quote;
}

bool route_next_host(struct route_hosts *r, struct span *host)
{
    struct span word = span_from(r->matcher);
    for (;;) {
        if (!r->within) {
            size_t at = span_search(r->rest, word, false);
            if (at == r->rest.len)
                return false;
            r->rest = span_sub(r->rest, at + word.len, r->rest.len);
            r->within = true;
        }
        size_t end = span_find(r->rest, ')', 0), from = find_quote(r->rest, 0);
        if (from < end) {
            size_t to = find_quote(r->rest, from + 1);
            *host = span_sub(r->rest, from + 1, to - from - 1);
            r->rest = span_sub(r->rest, to + 1, r->rest.len);
            return true;
        }
        r->rest = span_sub(r->rest, end, r->rest.len);
        r->within = false;
    }
}

struct span route_add_hosts(struct kube_object *o, struct span list, struct span rule,
                            const char *matcher)
{
    struct route_hosts r = {.rest = rule, .matcher = matcher};
    struct span host;
    while (route_next_host(&r, &host))
        list = object_list_add(o, list, host);
    return list;
}

struct span route_add_names(struct kube_object *o, struct span list, struct json_value array)
{
    struct json_iter it;
    struct json_value v;
    for (json_iter_init(&it, array); json_next(&it, NULL, &v);)
        list = object_list_add(o, list,
                               object_text(o, v.type == JSON_STRING ? v : json_get(v, "name")));
    return list;
}

static struct span cell_of(const struct store *st, struct handle row, const char *column)
{
    int i = kind_column(store_kind(st, row.kind), span_from(column));
    return i < 0 ? (struct span){"", 0} : store_text(st, row, (size_t)i);
}

/* Where it leads out of the cluster, the name is all that is used. */
static bool has_port(const struct store *st, struct handle service, struct span port)
{
    return span_is(cell_of(st, service, "type"), "ExternalName") ||
           span_lists(cell_of(st, service, SERVICE_PORTS), LIST_SEPARATOR, port);
}

/* The first "ns/name:port" of which the service is there and the port is not. */
static bool find_port(const struct store *st, struct handle row, struct span *target)
{
    struct span rest = cell_of(st, row, ROUTE_TARGETS);
    int services = store_kind_find(st, SPAN("service"));
    struct handle service;
    while (services >= 0 && rest.len && span_split(&rest, LIST_SEPARATOR, target)) {
        size_t colon = span_find_last(*target, ':');
        if (store_find(st, store_row_source(st, row), (uint16_t)services,
                       span_sub(*target, 0, colon), &service) &&
            !has_port(st, service, span_sub(*target, colon + 1, target->len)))
            return true;
    }
    return false;
}

bool route_find_empty(const struct store *st, struct handle row, struct link *empty)
{
    struct handle target;
    size_t at = 0;
    while (store_link_next(st, row, &at, empty)) {
        if (empty->type != LINK_SERVICE || store_follow(st, row, empty, &target) != LINK_FOUND)
            continue;
        struct verdict v = store_verdict(st, target);
        if (v.level == LEVEL_WARNING &&
            strcmp(store_kind(st, target.kind)->rules[v.rule].id, SERVICE_NO_ENDPOINTS) == 0)
            return true;
    }
    return false;
}

#define LOADED_MS ((int64_t)60 * 1000) /* Traefik throttles, and is asked now and then */

static int64_t time_of(const struct store *st, struct handle row, const char *column)
{
    int i = kind_column(store_kind(st, row.kind), span_from(column));
    return i < 0 ? TIME_NONE : store_num(st, row, (size_t)i, TIME_NONE);
}

/* What its router is called goes by its rule: another rule, another router. */
static int64_t written_of(const struct store *st, struct handle row)
{
    int64_t created = time_of(st, row, "created"), changed = time_of(st, row, "changed-at");
    return changed != TIME_NONE && changed > created ? changed : created;
}

/* What is wrong with the objects goes before what Traefik makes of it. */
static struct verdict judge_said(const struct store *st, struct handle row, int64_t now_ms)
{
    struct link link;
    struct span target;
    struct handle router;
    if (missing_link(st, row, &link) || route_missing_middleware(st, row, &target))
        return verdict_at(LEVEL_CRITICAL, RULE_MISSING);
    if (find_port(st, row, &target))
        return verdict_at(LEVEL_CRITICAL, RULE_PORT);
    if (route_refused(st, row, &router))
        return verdict_at(store_verdict(st, router).level, RULE_REFUSED);
    if (route_find_empty(st, row, &link))
        return verdict_at(LEVEL_WARNING, RULE_EMPTY);
    if (route_not_loaded(st, row, &link))
        return verdict_within(written_of(st, row), LOADED_MS, RULE_NOT_LOADED,
                              verdict_at(LEVEL_CRITICAL, RULE_NOT_LOADED), now_ms);
    return missing_secret(st, row, &link) ? verdict_at(LEVEL_WARNING, RULE_SECRET) : verdict_ok();
}

struct verdict route_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    return keeper_judge(st, row, judge_said(st, row, now_ms), RULE_UNKEPT, now_ms);
}

static void say_port(struct span target, struct strbuf *out)
{
    size_t colon = span_find_last(target, ':');
    struct span service = span_sub(target, 0, colon),
                port = span_sub(target, colon + 1, target.len);
    if (port.len)
        strbuf_addf(out, "service %.*s has no port %.*s", SPAN_ARG(service), SPAN_ARG(port));
    else
        strbuf_addf(out, "no port of service %.*s is named", SPAN_ARG(service));
}

/* Of several routes of the object, which one: by the end of the router's name. */
static void say_not_loaded(const struct link *router, bool yet, struct strbuf *out)
{
    if (yet)
        strbuf_addf(out, "Traefik has no router %.*s yet", SPAN_ARG(router->key));
    else
        strbuf_addf(
            out,
            "Traefik has no router %.*s: its namespace or class is not watched, or Traefik's log "
            "says what it lacks",
            SPAN_ARG(router->key));
}

static void say_missing(const struct store *st, struct handle row, struct strbuf *out)
{
    struct link link;
    struct span named;
    if (missing_link(st, row, &link))
        route_says_missing(&link, out);
    else if (route_missing_middleware(st, row, &named))
        strbuf_addf(out, "middleware %.*s does not exist", SPAN_ARG(named));
}

void route_says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                struct strbuf *out)
{
    struct link link;
    struct span target;
    struct handle router;
    if (v->rule == RULE_UNKEPT)
        keeper_says(st, row, "nothing loads it", now_ms, out);
    else if (v->rule == RULE_MISSING)
        say_missing(st, row, out);
    else if (v->rule == RULE_PORT && find_port(st, row, &target))
        say_port(target, out);
    else if (v->rule == RULE_REFUSED && route_refused(st, row, &router))
        store_says(st, router, now_ms, out);
    else if (v->rule == RULE_EMPTY && route_find_empty(st, row, &link))
        strbuf_addf(out, "service %.*s has no endpoint that is ready", SPAN_ARG(link.key));
    else if (v->rule == RULE_NOT_LOADED && route_not_loaded(st, row, &link))
        say_not_loaded(&link, v->level == LEVEL_PROGRESS, out);
    else if (v->rule == RULE_SECRET && missing_secret(st, row, &link))
        strbuf_addf(out, "the Secret %.*s with its certificate does not exist", SPAN_ARG(link.key));
}
