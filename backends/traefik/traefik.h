/* A Traefik as its source's thread sees it: what its API says of routers, services, middlewares
 * and entry points, and its figures. For backends/traefik alone. Facts: Traefik v3.6 pkg/api
 * (handler*.go), pkg/config/runtime, pkg/observability/metrics/prometheus.go.
 *
 * Either may be missing: without the API there are entry points, services and certificates as far
 * as the figures name them; without the figures there are no rates and no certificates. */
#ifndef BINNACLE_BACKENDS_TRAEFIK_TRAEFIK_H
#define BINNACLE_BACKENDS_TRAEFIK_TRAEFIK_H

#include "backends/http_source.h"
#include "backends/poll.h"
#include "backends/traefik/figures.h"
#include "model/store.h"

#define TRAEFIK_EVERY_MS 10000

/* Columns that one file writes and others read. */
#define TRAEFIK_RATE   "rate"
#define TRAEFIK_SHARE  "errors-share"
#define TRAEFIK_STATUS "status"

struct traefik {
    struct backend_ctx *ctx;  /* during run() */
    struct http_source *http; /* during run() */
    struct access_kept *kept; /* owned; to its pods */
    struct figures *figures;  /* during run() */
    struct json_doc *raw;     /* owned; /api/rawdata [pkg/api/handler.go RunTimeRepresentation] */
    int64_t raw_ms;           /* monotonic: when it was asked for */
    struct err figures_err;   /* why there are none; ERR_NONE: there are, or none are asked for */
    int64_t looked_ms;        /* monotonic: when figures were asked for, if looked */
    bool looked;
    bool figures_known; /* they came at the last look */
    char *pods;         /* owned; whose figures are read, a line each; NULL: not said */
};

extern const struct kind kind_traefik, kind_traefik_entrypoint, kind_traefik_router,
    kind_traefik_service, kind_traefik_middleware, kind_traefik_certificate, kind_traefik_resolver;

/* The protocols as rawdata's members begin with them: "routers", "tcpRouters", "udpRouters". */
struct traefik_protocol {
    const char *name, *routers, *services, *middlewares; /* middlewares NULL: it has none */
};

#define TRAEFIK_PROTOCOLS 3
extern const struct traefik_protocol traefik_protocols[TRAEFIK_PROTOCOLS];

/* Rows of everything of a kind in rawdata. False: *err, there is no memory. */
bool traefik_put_routers(struct traefik *t, const struct json_node *raw, struct row_writer *w);
/* Resolvers that routers name. */
bool traefik_put_resolvers(struct traefik *t, const struct json_node *raw, struct row_writer *w);
bool traefik_put_middlewares(const struct json_node *raw, struct row_writer *w);
/* raw NULL: those that the figures name. */
bool traefik_put_services(struct traefik *t, const struct json_node *raw, struct row_writer *w);
/* of: the answer of /api/entrypoints; NULL: those that the figures name. */
bool traefik_put_entrypoints(struct traefik *t, const struct json_node *of, struct row_writer *w);
/* raw, version: NULL where the API is not served. */
bool traefik_put_self(struct traefik *t, const struct json_node *raw,
                      const struct json_node *version, struct row_writer *w);
/* Certificates, with the hosts of routers (raw may be NULL) that they are for. */
bool traefik_put_certificates(struct traefik *t, const struct json_node *raw, struct row_writer *w);

/* ---- Shared by the kinds. */

/* "default-track@kubernetescrd": name as it stands, with of's provider where it says none. */
void traefik_qualify(struct strbuf *out, const char *name, const char *of);
/* The texts of an array, joined as a LIST cell; nothing when there are none. */
void traefik_put_list(struct row_writer *w, size_t column, const struct json_node *array);
void traefik_put_text(struct row_writer *w, size_t column,
                      const char *text);                            /* NULL, "": nothing */
const char *traefik_server_address(const struct json_node *server); /* "": it has none */
/* Servers of a load balancer, and those of them that no health check has found down; down: NULL or a
 * LIST of these. False: it is none, but made of others. */
bool traefik_servers(const struct json_node *service, int64_t *up, int64_t *all,
                     struct strbuf *down);
/* Requests a second and the share that failed, of a name in a group; false, and nothing, when not
 * known. */
bool traefik_put_rate(const struct traefik *t, struct row_writer *w, size_t rate, size_t share,
                      enum figure_group group, const char *name);

/* The figures where they tell of certificates; NULL: what is held is not known. Traefik's own default
 * one is always among them, so that none at all is no answer. */
const struct figures *traefik_known_certs(const struct traefik *t);
/* Runs over the hosts that a router asks certificates for: those of its rule, where it ends TLS. */
typedef void traefik_host_fn(void *context, struct span host);
void traefik_router_hosts(const struct json_node *router, traefik_host_fn *fn, void *context);
/* Whether the router ends TLS, so that a certificate of ours is served. */
bool traefik_router_ends_tls(const struct json_node *router);

/* A level and rule by the share of requests that fail: warning from 5 % on, critical from half on,
 * where there is at least one such answer in 10 seconds. LEVEL_OK: fewer. */
#define TRAEFIK_ERRORS_HELP                                                                       \
    "At least 5 % of its requests, and one in 10 seconds, are answered with 5xx: warning; half: " \
    "critical."
enum level traefik_errors_level(const struct store *st, struct handle row, size_t rate,
                                size_t share);
void traefik_says_errors(const struct store *st, struct handle row, size_t rate, size_t share,
                         struct strbuf *out);

void traefik_discover(const struct store *st, struct discovery *d);
void traefik_says(const struct store *st, int64_t now_ms, struct system_parts *parts);
void traefik_says_certs(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
