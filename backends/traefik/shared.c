/* What the kinds of a Traefik share: cells, names, hosts, and when too many requests fail. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubernetes/route.h"
#include "backends/traefik/traefik.h"

#include <string.h>

const struct traefik_protocol traefik_protocols[TRAEFIK_PROTOCOLS] = {
    {"http", "routers", "services", "middlewares"},
    {"tcp", "tcpRouters", "tcpServices", "tcpMiddlewares"},
    {"udp", "udpRouters", "udpServices", NULL},
};

void traefik_qualify(struct strbuf *out, const char *name, const char *of)
{
    const char *at = strchr(of, '@');
    strbuf_adds(out, name);
    if (!strchr(name, '@') && at)
        strbuf_adds(out, at);
}

void traefik_put_text(struct row_writer *w, size_t column, const char *text)
{
    put_text(w, column, span_from(text ? text : ""));
}

void traefik_put_list(struct row_writer *w, size_t column, const struct json_node *array)
{
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    for (const struct json_node *n = json_node_first(array); n; n = json_node_next(n)) {
        const char *text = json_node_text(n);
        if (text && list.len)
            strbuf_addc(&list, LIST_SEPARATOR);
        strbuf_adds(&list, text ? text : "");
    }
    put_text(w, column, strbuf_span(&list));
    strbuf_clear(&list);
}

bool traefik_put_rate(const struct traefik *t, struct row_writer *w, size_t rate, size_t share,
                      enum figure_group group, const char *name)
{
    double requests, errors;
    if (!figures_rate(t->figures, group, span_from(name), &requests, &errors))
        return false;
    row_real(w, rate, requests);
    if (requests > 0)
        row_real(w, share, errors / requests);
    return true;
}

/* Servers of HTTP have a url, others an address. Their status is said where there are checks
 * [pkg/config/runtime ServiceInfo.GetAllStatus: UP of all that no check has called DOWN]. */
bool traefik_servers(const struct json_node *service, int64_t *up, int64_t *all,
                     struct strbuf *down)
{
    const struct json_node *list = json_node_path(service, "loadBalancer.servers"),
                           *states = json_node_get(service, "serverStatus");
    *up = *all = 0;
    for (const struct json_node *s = json_node_first(list); s; s = json_node_next(s)) {
        const char *url = traefik_server_address(s),
                   *state = json_node_text(json_node_get(states, url));
        bool is_down = state && strcmp(state, "DOWN") == 0;
        ++*all;
        *up += !is_down;
        if (!is_down || !down)
            continue;
        if (down->len)
            strbuf_addc(down, LIST_SEPARATOR);
        strbuf_adds(down, url);
    }
    return json_node_get(service, "loadBalancer") != NULL;
}

const char *traefik_server_address(const struct json_node *server)
{
    return json_node_path_text(server, "url", json_node_path_text(server, "address", ""));
}

const struct figures *traefik_known_certs(const struct traefik *t)
{
    return t->figures_known && figures_certs(t->figures) ? t->figures : NULL;
}

bool traefik_router_ends_tls(const struct json_node *router)
{
    const struct json_node *tls = json_node_get(router, "tls");
    return json_node_type(tls) == JSON_OBJECT && !json_node_true(json_node_get(tls, "passthrough"));
}

void traefik_router_hosts(const struct json_node *router, traefik_host_fn *fn, void *context)
{
    static const char *const matchers[] = {"Host(", "HostSNI("};
    struct span rule = span_from(json_node_path_text(router, "rule", "")), host;
    if (!traefik_router_ends_tls(router))
        return;
    for (size_t i = 0; i < BN_COUNT(matchers); i++) {
        struct route_hosts r = {.rest = rule, .matcher = matchers[i]};
        while (route_next_host(&r, &host))
            if (host.len && !span_is(host, "*")) /* HostSNI(`*`): whatever comes */
                fn(context, host);
    }
}

/* ---- Failing requests. */

#define SHARE_WARNING  0.05
#define SHARE_CRITICAL 0.5
#define LEAST_PER_S    0.1

static double real(const struct store *st, struct handle row, size_t column)
{
    struct value v = store_cell(st, row, column, 0);
    return v.type == VALUE_ABSENT ? 0 : v.real;
}

enum level traefik_errors_level(const struct store *st, struct handle row, size_t rate,
                                size_t share)
{
    double part = real(st, row, share);
    if (part * real(st, row, rate) < LEAST_PER_S || part < SHARE_WARNING)
        return LEVEL_OK;
    return part < SHARE_CRITICAL ? LEVEL_WARNING : LEVEL_CRITICAL;
}

void traefik_says_errors(const struct store *st, struct handle row, size_t rate, size_t share,
                         struct strbuf *out)
{
    struct value requests = store_cell(st, row, rate, 0), part = store_cell(st, row, share, 0);
    value_format(&part, out);
    strbuf_adds(out, " of its requests (");
    value_format(&requests, out);
    strbuf_adds(out, ") are answered with 5xx");
}
