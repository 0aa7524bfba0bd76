/* What Ingress and IngressRoute share: a route whose target must exist. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_ROUTE_H
#define BINNACLE_BACKENDS_KUBERNETES_ROUTE_H

#include "backends/kubernetes/kube_kind.h"

#define ROUTE_RULES 7
extern const struct rule route_rules[ROUTE_RULES];

/* Columns that are read across kinds: of a service its ports by number and by
 * name; of a route "ns/name:port" for each service it leads to. */
#define SERVICE_PORTS        "port-list"
#define SERVICE_NO_ENDPOINTS "service-no-endpoints" /* the rule */
#define ROUTE_TARGETS        "targets"
/* A list: each rule behind the middlewares that its requests pass, "shop/auth,shop/headers Host(`a`)", or
 * "- Host(`a`)". One of another provider stands as it is named, "auth@file". */
#define ROUTE_CHAINS "chains"
#define ROUTE_CHANGED \
    "changed-at", "CHANGED-AT", "When its spec was last written, where the server has noted it."

/* A route whose service or middleware does not exist, whose service has not the
 * port that is named, or has no endpoint that is ready, whose certificate's Secret
 * does not exist. */
struct verdict route_judge(const struct store *st, struct handle row, int64_t now_ms);
void route_says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                struct strbuf *out);

void route_says_missing(const struct link *missing, struct strbuf *out);

/* What a Traefik object leads to: names, and targets with their ports. */
struct route_services {
    struct span names, targets; /* lists */
};

/* Of a service (or TraefikService) {kind, name, namespace, port}: adds it to the
 * texts; links to it. Links come after all cells. */
void route_add_service(struct kube_object *o, struct json_value service,
                       struct route_services *out);
void route_link_service(struct kube_object *o, struct row_writer *w, struct json_value service);
/* To how Traefik speaks to the servers of a service, where it says so. */
void route_link_transport(struct kube_object *o, struct row_writer *w, struct json_value service,
                          const char *kind);
/* To each middleware of a list of {name, namespace}, of the kind "middleware" or "middlewaretcp". */
void route_link_middlewares(struct kube_object *o, struct row_writer *w, struct json_value list,
                            const char *kind);
/* To the resolver that gets its certificate, where it names one: known where Traefik's API is read. */
void route_link_resolver(struct row_writer *w, struct span name);
/* To the TLS options of a route, where it names some. */
void route_link_option(struct kube_object *o, struct row_writer *w);

/* The names in quotation marks behind "Host(" or "HostSNI(" in a rule, one by one [Traefik
 * routing/routers, rule]. */
struct route_hosts {
    struct span rest;    /* the rule at first */
    const char *matcher; /* "Host(" */
    bool within;         /* false at first */
};

bool route_next_host(struct route_hosts *r, struct span *host); /* false: there is no more */
/* Adds all of them to a list. */
struct span route_add_hosts(struct kube_object *o, struct span list, struct span rule,
                            const char *matcher);
/* Adds the texts of an array, or the names of its objects, to a list. */
struct span route_add_names(struct kube_object *o, struct span list, struct json_value array);

/* ---- What Traefik has made of it (route_router.c). Nothing of it is known where no Traefik's API is
 * read; a link to what is not there is then no more than a name. */

enum route_sort { ROUTE_HTTP, ROUTE_TCP, ROUTE_UDP };

/* To the router that Traefik makes of one of the object's routes: by the text of its rule, of UDP by
 * its place. */
void route_link_router(struct kube_object *o, struct row_writer *w, enum route_sort sort,
                       struct span match, int64_t index);
/* Of an Ingress: adds the name of a path's router to a list; and links to all of a list. Those that
 * come to be called the same have hashes behind their names that are not worked out here. */
struct span route_add_ingress_router(struct kube_object *o, struct span list, struct span host,
                                     struct span path);
void route_link_ingress_routers(struct kube_object *o, struct row_writer *w, struct span list);
/* Of a Middleware, to what Traefik makes of it. */
void route_link_loaded_middleware(struct kube_object *o, struct row_writer *w);
/* "traefik-secure-headers@kubernetescrd" in an annotation: to each Middleware that the name may mean,
 * NAMESPACE-NAME, where either may have a '-'. Of the other providers nothing. */
void route_link_named_middleware(struct kube_object *o, struct row_writer *w, struct span named);
/* The column that has such names. */
#define ROUTE_NAMED_MIDDLEWARES "middlewares"
/* The first of them that no Middleware is meant by; false: none, or it is not known. */
bool route_missing_middleware(const struct store *st, struct handle row, struct span *named);
/* The first router, or middleware, that Traefik should have and has not. */
bool route_not_loaded(const struct store *st, struct handle row, struct link *router);
/* The first router that Traefik has and refuses. */
bool route_refused(const struct store *st, struct handle row, struct handle *router);

/* "ns/name" of a reference; its own namespace unless it says another. */
struct span route_reference(struct kube_object *o, struct json_value v);

/* What external-dns is told by annotations: names that it is to make beside those of the object's
 * hosts, and where they lead; lists. */
#define ROUTE_DNS_HOSTS "dns-hosts", "DNS-HOSTS", "Names that its annotations ask for."
#define ROUTE_DNS_TARGETS \
    "dns-targets", "DNS-TARGETS", "Where its annotation says that its names lead."
void route_put_dns(struct kube_object *o, struct row_writer *w, size_t hosts, size_t targets);

/* "ns/name:80"; port: a number or a text. */
struct span route_target(struct kube_object *o, struct span service, struct json_value port);

/* The first link to a service with nothing ready behind it, by that one's own verdict. */
bool route_find_empty(const struct store *st, struct handle row, struct link *empty);

#endif
