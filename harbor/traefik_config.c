/* What Traefik makes of the cluster's routes: names as its providers give them, references that it
 * looks up, errors in its own words [Traefik v3.6 pkg/provider/kubernetes/crd/kubernetes_http.go,
 * kubernetes_tcp.go, ingress/kubernetes.go, pkg/server/router]. */
#include <config.h>

#include "harbor/json_parts.h"
#include "harbor/traefik.h"

#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES 512
#define CRD        "@kubernetescrd"

/* What is being made. */
struct config {
    const struct server *server;
    const struct object *pod;
    cJSON *routers, *middlewares, *services, *tcp_routers, *tcp_services; /* in the answer */
};

/* ---- Its arguments. */

const char *traefik_said(const struct object *pod, const char *argument)
{
    const cJSON *a,
        *container = cJSON_GetArrayItem(member(member(pod->json, "spec"), "containers"), 0);
    cJSON_ArrayForEach(a, member(container, "args"))
    {
        if (cJSON_IsString(a) && strncmp(a->valuestring, argument, strlen(argument)) == 0)
            return a->valuestring + strlen(argument);
    }
    return "";
}

bool traefik_has(const struct object *pod, const char *argument)
{
    const cJSON *a,
        *container = cJSON_GetArrayItem(member(member(pod->json, "spec"), "containers"), 0);
    cJSON_ArrayForEach(a, member(container, "args"))
    {
        if (cJSON_IsString(a) && strcmp(a->valuestring, argument) == 0)
            return true;
    }
    return false;
}

/* ---- Names. */

/* Runs of what is no letter and no digit become one '-' [pkg/provider Normalize]. */
static void normalize(const char *text, char out[NAME_BYTES])
{
    size_t n = 0;
    for (const char *c = text; *c && n + 2 < NAME_BYTES; c++) {
        bool plain =
            (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        if (plain)
            out[n++] = *c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    if (n && out[n - 1] == '-')
        n--;
    out[n] = '\0';
}

/* The text, normalised, and what stands behind it. */
static void BN_PRINTF(3, 4) name_of(char out[NAME_BYTES], const char *behind, const char *fmt, ...)
{
    char text[NAME_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    text[NAME_BYTES - 32] = '\0';
    normalize(text, out);
    memcpy(out + strlen(out), behind, strlen(behind) + 1);
}

/* "NS-NAME-" and the first ten bytes of the rule's SHA-256. */
static void router_key(const struct object *route, const char *match, char out[NAME_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = {0};
    int n = snprintf(out, NAME_BYTES, "%s-%s-", route->ns, route->name);
    (void)EVP_Digest(match, strlen(match), digest, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < 10 && n > 0 && n < NAME_BYTES - 2; i++)
        n += snprintf(out + n, (size_t)(NAME_BYTES - n), "%02x", digest[i]);
}

static const char *namespace_of(const cJSON *reference, const char *own)
{
    const char *ns = json_member(reference, "namespace");
    return ns[0] ? ns : own;
}

static const struct object *find(const struct config *c, const char *plural, const char *ns,
                                 const char *name)
{
    return objects_find(c->server->objects, resource_named(span_from(plural)), span_from(ns),
                        span_from(name));
}

static void say_error(cJSON *object, const char *text)
{
    cJSON *all = within(object, "error");
    if (!cJSON_IsArray(all)) {
        set_item(object, "error", cJSON_CreateArray());
        all = member(object, "error");
    }
    (void)cJSON_AddItemToArray(all, cJSON_CreateString(text));
    set_item(object, "status", cJSON_CreateString("disabled"));
}

/* ---- Services. */

static const cJSON *port_at(const struct object *service, const cJSON *wanted)
{
    const cJSON *p;
    cJSON_ArrayForEach(p, member(member(service->json, "spec"), "ports"))
    {
        if (cJSON_IsNumber(wanted) ? number_at(p, "port", 0) == wanted->valueint
                                   : cJSON_IsString(wanted) &&
                                         strcmp(json_member(p, "name"), wanted->valuestring) == 0)
            return p;
    }
    return NULL;
}

static int slice_port(const cJSON *slice, const char *name)
{
    const cJSON *p;
    cJSON_ArrayForEach(p, member(slice, "ports"))
    {
        if (strcmp(json_member(p, "name"), name) == 0)
            return number_at(p, "port", 0);
    }
    return 0;
}

static void add_server(cJSON *servers, cJSON *states, const char *scheme, const char *ip, int port)
{
    char text[NAME_BYTES];
    cJSON *server = cJSON_CreateObject();
    bool http = scheme != NULL;
    (void)snprintf(text, sizeof(text), "%s%s%s:%d", http ? scheme : "", http ? "://" : "", ip,
                   port);
    (void)cJSON_AddStringToObject(server, http ? "url" : "address", text);
    (void)cJSON_AddItemToArray(servers, server);
    if (http)
        (void)cJSON_AddStringToObject(states, text, "UP");
}

static void add_servers(const struct config *c, const struct object *service, const cJSON *port,
                        const char *scheme, cJSON *servers, cJSON *states)
{
    const struct resource *slices = resource_named(SPAN("endpointslices"));
    const struct object *o;
    size_t at = 0;
    while ((o = next_in(c->server->objects, slices, service->ns, &at)) != NULL) {
        const cJSON *labels = member(member(o->json, "metadata"), "labels"), *e;
        int number = slice_port(o->json, json_member(port, "name"));
        if (!number ||
            strcmp(json_member(labels, "kubernetes.io/service-name"), service->name) != 0)
            continue;
        cJSON_ArrayForEach(e, member(o->json, "endpoints"))
        {
            const cJSON *ip = cJSON_GetArrayItem(member(e, "addresses"), 0);
            if (cJSON_IsString(ip) && !cJSON_IsFalse(member(member(e, "conditions"), "ready")))
                add_server(servers, states, scheme, ip->valuestring, number);
        }
    }
}

/* A load balancer over a service's endpoints. False: there is no such service, or port. */
static bool add_balancer(const struct config *c, cJSON *to, const char *name, const char *ns,
                         const cJSON *reference, bool tcp)
{
    const struct object *service = find(c, "services", ns, json_member(reference, "name"));
    const cJSON *port = service ? port_at(service, member(reference, "port")) : NULL;
    const char *said = json_member(reference, "scheme");
    if (!port)
        return false;
    const char *scheme =
        said[0] ? said
        : number_at(port, "port", 0) == 443 || strncmp(json_member(port, "name"), "https", 5) == 0
            ? "https"
            : "http";
    cJSON *it = cJSON_CreateObject(), *balancer = cJSON_AddObjectToObject(it, "loadBalancer"),
          *servers = cJSON_AddArrayToObject(balancer, "servers"), *states = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(balancer, "strategy", "wrr");
    add_servers(c, service, port, tcp ? NULL : scheme, servers, states);
    (void)cJSON_AddStringToObject(it, "status", "enabled");
    if (tcp)
        cJSON_Delete(states);
    else
        (void)cJSON_AddItemToObject(it, "serverStatus", states);
    set_item(to, name, it);
    return true;
}

/* A TraefikService: weighted, of children that must all be there. */
static void add_weighted(const struct config *c, const struct object *o)
{
    char name[NAME_BYTES], child[NAME_BYTES], text[NAME_BYTES];
    cJSON *it = cJSON_CreateObject(),
          *list = cJSON_AddArrayToObject(cJSON_AddObjectToObject(it, "weighted"), "services");
    const cJSON *s;
    bool ok = true;
    cJSON_ArrayForEach(s, member(member(member(o->json, "spec"), "weighted"), "services"))
    {
        name_of(child, "", "%s-%s-%d", namespace_of(s, o->ns), json_member(s, "name"),
                number_at(s, "port", 0));
        name_of(text, CRD, "%s", child);
        ok = ok && add_balancer(c, c->services, text, namespace_of(s, o->ns), s, false);
        cJSON *entry = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(entry, "name", child);
        (void)cJSON_AddNumberToObject(entry, "weight", number_at(s, "weight", 1));
        (void)cJSON_AddItemToArray(list, entry);
    }
    (void)cJSON_AddStringToObject(it, "status", "enabled");
    name_of(name, "", "%s-%s", o->ns, o->name);
    name_of(text, CRD, "%s", name);
    if (ok)
        set_item(c->services, text, it);
    else
        cJSON_Delete(it);
}

/* ---- Routers. */

/* Default TLS of the entry point websecure; `tls` of a route in its place. */
static cJSON *tls_of(const struct config *c, const cJSON *tls, bool secure)
{
    const char *resolver = json_member(tls, "certResolver");
    cJSON *out;
    if (!tls && !(secure && traefik_has(c->pod, "--entryPoints.websecure.http.tls=true")))
        return NULL;
    out = cJSON_CreateObject();
    if (!tls)
        resolver = traefik_said(c->pod, "--entryPoints.websecure.http.tls.certResolver=");
    if (resolver[0])
        (void)cJSON_AddStringToObject(out, "certResolver", resolver);
    return out;
}

static cJSON *new_router(const struct config *c, const char *rule, const char *service,
                         const cJSON *entry_points, const cJSON *tls, int priority)
{
    cJSON *router = cJSON_CreateObject(), *its_tls;
    bool secure = !entry_points;
    for (const cJSON *e = entry_points ? entry_points->child : NULL; e; e = e->next)
        secure = secure || (cJSON_IsString(e) && strcmp(e->valuestring, "websecure") == 0);
    if (entry_points)
        (void)cJSON_AddItemToObject(router, "entryPoints", cJSON_Duplicate(entry_points, true));
    (void)cJSON_AddStringToObject(router, "service", service);
    (void)cJSON_AddStringToObject(router, "rule", rule);
    (void)cJSON_AddNumberToObject(router, "priority", priority ? priority : (int)strlen(rule));
    its_tls = tls_of(c, tls, secure);
    if (its_tls)
        (void)cJSON_AddItemToObject(router, "tls", its_tls);
    (void)cJSON_AddStringToObject(router, "status", "enabled");
    return router;
}

/* [pkg/server/middleware/middlewares.go] */
static void add_middleware(const struct config *c, cJSON *router, const char *name)
{
    char text[NAME_BYTES];
    cJSON *all = member(router, "middlewares");
    if (!all)
        all = cJSON_AddArrayToObject(router, "middlewares");
    (void)cJSON_AddItemToArray(all, cJSON_CreateString(name));
    if (member(c->middlewares, name))
        return;
    (void)snprintf(text, sizeof(text), "middleware \"%s\" does not exist", name);
    say_error(router, text);
}

static void add_middlewares(const struct config *c, cJSON *router, const cJSON *list,
                            const char *own)
{
    char text[NAME_BYTES], name[NAME_BYTES];
    const cJSON *m;
    cJSON_ArrayForEach(m, list)
    {
        name_of(name, "", "%s-%s", namespace_of(m, own), json_member(m, "name"));
        name_of(text, CRD, "%s", name);
        add_middleware(c, router, text);
    }
}

/* A route whose service is not found is passed over, with a line in the log alone. */
static void add_route(const struct config *c, const struct object *o, const cJSON *route)
{
    const cJSON *service = cJSON_GetArrayItem(member(route, "services"), 0),
                *spec = member(o->json, "spec");
    const char *match = json_member(route, "match"), *ns = namespace_of(service, o->ns);
    bool traefiks = strcmp(json_member(service, "kind"), "TraefikService") == 0;
    char key[NAME_BYTES], name[NAME_BYTES], text[NAME_BYTES], named[NAME_BYTES];
    router_key(o, match, key);
    normalize(key, name);
    name_of(key, CRD, "%s", name);
    if (traefiks && strchr(json_member(service, "name"), '@')) {
        (void)snprintf(named, sizeof(named), "%s", json_member(service, "name"));
    } else if (traefiks) {
        name_of(named, "", "%s-%s", ns, json_member(service, "name"));
    } else {
        (void)snprintf(named, sizeof(named), "%s", name);
        if (!add_balancer(c, c->services, key, ns, service, false))
            return;
    }
    cJSON *router = new_router(c, match, named, member(spec, "entryPoints"), member(spec, "tls"),
                               number_at(route, "priority", 0));
    add_middlewares(c, router, member(route, "middlewares"), o->ns);
    name_of(text, CRD, "%s", named);
    if (!member(c->services, strchr(named, '@') ? named : text)) {
        char error[2 * NAME_BYTES];
        (void)snprintf(error, sizeof(error), "the service \"%s\" does not exist", text);
        say_error(router, error);
    }
    set_item(c->routers, key, router);
}

static void add_tcp_route(const struct config *c, const struct object *o, const cJSON *route)
{
    char key[NAME_BYTES], named[NAME_BYTES];
    const cJSON *service = cJSON_GetArrayItem(member(route, "services"), 0),
                *spec = member(o->json, "spec"), *tls = member(spec, "tls");
    router_key(o, json_member(route, "match"), key);
    name_of(named, CRD, "%s", key);
    if (!add_balancer(c, c->tcp_services, named, namespace_of(service, o->ns), service, true))
        return;
    cJSON *router = new_router(c, json_member(route, "match"), key, member(spec, "entryPoints"),
                               NULL, number_at(route, "priority", 0));
    if (tls) {
        set_item(router, "tls", cJSON_CreateObject());
        (void)cJSON_AddBoolToObject(member(router, "tls"), "passthrough",
                                    cJSON_IsTrue(member(tls, "passthrough")));
    }
    set_item(c->tcp_routers, named, router);
}

/* ---- Ingresses. */

static cJSON *words_of(const char *list)
{
    struct span rest = span_from(list), one;
    cJSON *out = cJSON_CreateArray();
    while (rest.len && span_split(&rest, ',', &one)) {
        char text[NAME_BYTES];
        (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(span_trim(one)));
        (void)cJSON_AddItemToArray(out, cJSON_CreateString(text));
    }
    return out;
}

static void add_path(const struct config *c, const struct object *o, const char *host,
                     const cJSON *path)
{
    const cJSON *backend = member(member(path, "backend"), "service"), *m,
                *notes = member(member(o->json, "metadata"), "annotations"),
                *port = member(backend, "port");
    const char *entries = json_member(notes, "traefik.ingress.kubernetes.io/router.entrypoints"),
               *resolver =
                   json_member(notes, "traefik.ingress.kubernetes.io/router.tls.certresolver");
    char text[NAME_BYTES], key[NAME_BYTES], rule[NAME_BYTES], service[NAME_BYTES];
    name_of(key, "", "%s-%s-%s%s", o->ns, o->name, host, json_member(path, "path"));
    name_of(service, "", "%s-%s-%d", o->ns, json_member(backend, "name"),
            number_at(port, "number", 0));
    cJSON *reference = cJSON_CreateObject(), *tls = NULL;
    (void)cJSON_AddStringToObject(reference, "name", json_member(backend, "name"));
    (void)cJSON_AddNumberToObject(reference, "port", number_at(port, "number", 0));
    name_of(text, "@kubernetes", "%s", service);
    bool ok = add_balancer(c, c->services, text, o->ns, reference, false);
    cJSON_Delete(reference);
    if (!ok)
        return;
    (void)snprintf(rule, sizeof(rule), "Host(`%s`) && PathPrefix(`%s`)", host,
                   json_member(path, "path"));
    if (resolver[0]) {
        tls = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(tls, "certResolver", resolver);
    }
    cJSON *points = entries[0] ? words_of(entries) : NULL;
    cJSON *router = new_router(c, rule, service, points, tls, 0);
    cJSON *middlewares =
        words_of(json_member(notes, "traefik.ingress.kubernetes.io/router.middlewares"));
    cJSON_ArrayForEach(m, middlewares)
    {
        add_middleware(c, router, m->valuestring);
    }
    cJSON_Delete(middlewares);
    cJSON_Delete(points);
    cJSON_Delete(tls);
    name_of(text, "@kubernetes", "%s", key);
    set_item(c->routers, text, router);
}

static void add_ingress(const struct config *c, const struct object *o)
{
    const cJSON *rule, *path;
    cJSON_ArrayForEach(rule, member(member(o->json, "spec"), "rules"))
    {
        cJSON_ArrayForEach(path, member(member(rule, "http"), "paths"))
        {
            add_path(c, o, json_member(rule, "host"), path);
        }
    }
}

/* ---- All of it. */

static void add_middleware_object(const struct config *c, const struct object *o)
{
    char text[NAME_BYTES], name[NAME_BYTES];
    cJSON *it = cJSON_Duplicate(member(o->json, "spec"), true);
    name_of(name, "", "%s-%s", o->ns, o->name);
    name_of(text, CRD, "%s", name);
    it = it ? it : cJSON_CreateObject();
    (void)cJSON_AddStringToObject(it, "status", "enabled");
    set_item(c->middlewares, text, it);
}

static void each_route(const struct config *c, const struct object *o,
                       void (*add)(const struct config *c, const struct object *o,
                                   const cJSON *route))
{
    const cJSON *route;
    cJSON_ArrayForEach(route, member(member(o->json, "spec"), "routes"))
    {
        add(c, o, route);
    }
}

static void add_object(const struct config *c, const struct object *o, int round)
{
    const char *plural = o->resource->plural;
    if (round == 0) { /* what the others refer to */
        if (strcmp(plural, "middlewares") == 0)
            add_middleware_object(c, o);
        else if (strcmp(plural, "traefikservices") == 0)
            add_weighted(c, o);
    } else if (strcmp(plural, "ingressroutes") == 0) {
        each_route(c, o, add_route);
    } else if (strcmp(plural, "ingressroutetcps") == 0) {
        each_route(c, o, add_tcp_route);
    } else if (strcmp(plural, "ingresses") == 0) {
        add_ingress(c, o);
    }
}

/* What Traefik makes by itself [pkg/provider/traefik/internal.go]. */
static void add_internal(const struct config *c)
{
    static const char *const services[] = {"api@internal", "dashboard@internal", "noop@internal",
                                           "ping@internal", "prometheus@internal"};
    static const char *const routers[][4] = {
        {"web-to-443@internal", "web", "HostRegexp(`^.+$`)", "noop@internal"},
        {"ping@internal", "traefik", "PathPrefix(`/ping`)", "ping@internal"},
        {"prometheus@internal", "metrics", "PathPrefix(`/metrics`)", "prometheus@internal"},
        {"api@internal", "traefik", "PathPrefix(`/api`)", "api@internal"},
    };
    for (size_t i = 0; i < BN_COUNT(services); i++)
        (void)cJSON_AddStringToObject(cJSON_AddObjectToObject(c->services, services[i]), "status",
                                      "enabled");
    for (size_t i = 0; i < BN_COUNT(routers); i++) {
        cJSON *points = words_of(routers[i][1]);
        cJSON *router = new_router(c, routers[i][2], routers[i][3], points, NULL, 0);
        cJSON_Delete(points);
        if (i == 0)
            add_middleware(c, router, "redirect-web-to-443@internal");
        set_item(c->routers, routers[i][0], router);
    }
}

cJSON *traefik_config(const struct server *server, const struct object *pod)
{
    cJSON *out = cJSON_CreateObject(), *redirect;
    const struct config c = {.server = server,
                             .pod = pod,
                             .routers = cJSON_AddObjectToObject(out, "routers"),
                             .middlewares = cJSON_AddObjectToObject(out, "middlewares"),
                             .services = cJSON_AddObjectToObject(out, "services"),
                             .tcp_routers = cJSON_AddObjectToObject(out, "tcpRouters"),
                             .tcp_services = cJSON_AddObjectToObject(out, "tcpServices")};
    redirect = cJSON_AddObjectToObject(c.middlewares, "redirect-web-to-443@internal");
    (void)cJSON_AddStringToObject(cJSON_AddObjectToObject(redirect, "redirectScheme"), "scheme",
                                  "https");
    (void)cJSON_AddStringToObject(redirect, "status", "enabled");
    add_internal(&c);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < objects_count(server->objects); i++)
            add_object(&c, objects_at(server->objects, i), round);
    return out;
}
