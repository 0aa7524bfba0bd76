/* Which oauth2-proxies there are, and which hosts ask for sign-in. */
#include <config.h>

#include "backends/auth/auth.h"
#include "backends/public_host.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES   1024
#define NAME_BYTES   640 /* a namespace, a service */
#define LIST_BYTES   ((size_t)16 << 10)
#define METRICS_PORT "44180" /* the chart's */

static bool is_proxy(const struct discovery_service *s)
{
    return span_is(discovery_label(s->labels, "app.kubernetes.io/name"), "oauth2-proxy") ||
           span_is(discovery_label(s->labels, "app"), "oauth2-proxy");
}

static bool is_proxy_key(const struct store *st, struct span key)
{
    struct discovery_service s;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &s))
        if (span_eq(store_key(st, s.row), key))
            return is_proxy(&s);
    return false;
}

/* ---- Proxies. */

void oauth2_discover(const struct store *st, struct discovery *d)
{
    struct discovery_service s;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &s)) {
        char name[NAME_BYTES], reach[TEXT_BYTES], metrics[TEXT_BYTES];
        const char *port = discovery_has_port(&s, "4180")   ? "4180"
                           : discovery_has_port(&s, "http") ? "http"
                                                            : "80";
        bool measured = discovery_has_port(&s, METRICS_PORT);
        if (!is_proxy(&s) || !discovery_has_port(&s, port)) /* the metrics' own service */
            continue;
        (void)snprintf(name, sizeof(name), "%.*s/%.*s", SPAN_ARG(s.ns), SPAN_ARG(s.name));
        (void)snprintf(reach, sizeof(reach), "reach=proxy:%s:%s", name, port);
        (void)snprintf(metrics, sizeof(metrics), "metrics=proxy:%s:" METRICS_PORT, name);
        const char *const settings[] = {reach, measured ? metrics : NULL, NULL};
        discovery_add(d, &(struct found){.name = name, .settings = settings});
    }
}

/* ---- Hosts. */

/* What is known of a host when all its routes were looked at. */
struct host {
    const struct public_host *guard, *bare, *lost, *missing;
    struct strbuf open, parts;
    size_t opened, guarded, unknown;
};

/* "http://oauth2-proxy.traefik.svc.cluster.local:4180/oauth2/auth" is "traefik/oauth2-proxy"; what
 * is no service of the cluster stays as it is. */
static void service_of(struct span address, struct strbuf *out)
{
    size_t scheme = span_search(address, SPAN("://"), false);
    struct span host = scheme < address.len ? span_sub(address, scheme + 3, address.len) : address;
    host.len = span_find(host, '/', 0);
    host.len = span_find(host, ':', 0);
    struct span rest = host, name, ns, svc = {"", 0};
    if (span_split(&rest, '.', &name) && span_split(&rest, '.', &ns) && ns.len &&
        (!rest.data || (span_split(&rest, '.', &svc) && span_is(svc, "svc"))))
        strbuf_addf(out, "%.*s/%.*s", SPAN_ARG(ns), SPAN_ARG(name));
    else
        strbuf_add(out, host);
}

/* A route of the proxy's own pages is open to all, as it must be; of an object with several rules, the one
 * with the path of these pages. */
static bool is_of_proxy(const struct store *st, const struct public_host *m)
{
    struct link link;
    size_t at = 0, own = 0, others = 0;
    struct span path = span_from(m->path);
    while (store_link_next(st, m->row, &at, &link)) {
        if (link.type != LINK_SERVICE)
            continue;
        if (is_proxy_key(st, link.key))
            own++;
        else
            others++;
    }
    return own > 0 && (!others || span_is(path, "/oauth2") || span_starts(path, "/oauth2/"));
}

/* An endpoint that says 401, not one that sends to the sign-in itself [oauth2-proxy
 * docs/configuration/integration]. */
static bool is_bare(const struct public_host *m)
{
    struct span address = span_from(m->auth_address);
    return !m->errors && m->sign_in_type && strcmp(m->sign_in_type, "forwardAuth") == 0 &&
           span_ends(address, "/oauth2/auth");
}

/* "/" says it of all. */
static void add_path(struct strbuf *list, struct span path)
{
    if (span_is(strbuf_span(list), "/") || span_lists(strbuf_span(list), LIST_SEPARATOR, path))
        return;
    if (span_is(path, "/"))
        strbuf_truncate(list, 0);
    if (list->len)
        strbuf_addc(list, LIST_SEPARATOR);
    strbuf_add(list, path);
}

static void look_at(const struct store *st, const struct public_host *m, struct host *h)
{
    joined_add_link(&h->parts, store_kind(st, m->row.kind)->name, store_key(st, m->row));
    if (is_of_proxy(st, m))
        return;
    if (m->sign_in) {
        h->guarded++;
        h->guard = h->guard ? h->guard : m;
        h->bare = h->bare || !is_bare(m) ? h->bare : m;
        return;
    }
    if (m->missing) {
        h->unknown++;
        h->missing = h->missing ? h->missing : m;
        return;
    }
    h->opened++;
    if (m->errors && is_proxy_key(st, span_from(m->errors_service)))
        h->lost = h->lost ? h->lost : m;
    add_path(&h->open, span_from(m->path));
}

static const char *state_of(const struct host *h)
{
    if (h->guarded && (h->opened || h->unknown))
        return "partly";
    return h->guarded ? "sign-in" : h->opened ? "open" : h->unknown ? "unknown" : "proxy";
}

static bool is_wanted(const struct declared *declared, const char *host)
{
    for (const struct declared *e = declared; e->name; e++) {
        const char *wanted = declared_setting(e, "wanted");
        if (fnmatch(e->name, host, FNM_CASEFOLD) == 0)
            return !wanted || strcmp(wanted, "false") != 0;
    }
    return false;
}

static void add_line(const struct store *st, const struct public_host *m, size_t n,
                     const struct declared *declared, struct strbuf *out)
{
    struct host h = {.open = STRBUF_INIT(LIST_BYTES), .parts = STRBUF_INIT(LIST_BYTES)};
    struct strbuf proxy = STRBUF_INIT(LIST_BYTES);
    for (size_t i = 0; i < n; i++)
        look_at(st, &m[i], &h);
    if (h.guard)
        service_of(span_from(h.guard->auth_address), &proxy);
    joined_add_link(&h.parts, "http-probe", span_from(m->host));
    joined_add(out, span_from(m->host));
    joined_add(out, span_from(state_of(&h)));
    joined_add(out, span_from(h.guard ? h.guard->sign_in : ""));
    joined_add(out, span_from(h.guard ? h.guard->sign_in_type : ""));
    joined_add(out, strbuf_span(&proxy));
    joined_add(out, strbuf_span(&h.open));
    joined_add(out, span_from(h.missing ? h.missing->missing : ""));
    joined_add(out, span_from(h.lost ? h.lost->errors : ""));
    joined_add(out, h.bare ? SPAN("1") : SPAN(""));
    joined_add(out, is_wanted(declared, m->host) ? SPAN("1") : SPAN(""));
    joined_add(out, strbuf_span(&h.parts));
    joined_end(out);
    strbuf_clear(&h.open);
    strbuf_clear(&h.parts);
    strbuf_clear(&proxy);
}

static int compare(const void *a, const void *b)
{
    const struct public_host *x = a, *y = b;
    int by = strcmp(x->host, y->host);
    by = by ? by : strcmp(x->route, y->route);
    return by ? by : strcmp(x->path, y->path);
}

void sign_in_discover(const struct store *st, struct discovery *d)
{
    struct public_hosts hosts;
    struct strbuf lines = STRBUF_INIT(JOINED_BYTES);
    const char *const settings[] = {NULL};
    public_hosts_read(st, &hosts);
    if (hosts.count)
        qsort(hosts.all, hosts.count, sizeof(*hosts.all), compare);
    for (size_t i = 0, n; i < hosts.count; i += n) {
        for (n = 1; i + n < hosts.count && strcmp(hosts.all[i].host, hosts.all[i + n].host) == 0;
             n++)
            ;
        add_line(st, hosts.all + i, n, discovery_declared(d), &lines);
    }
    const struct found found = {
        .name = "sign-in", .settings = settings, .targets = strbuf_cstr(&lines)};
    if (lines.len)
        discovery_add(d, &found);
    public_hosts_free(&hosts);
    strbuf_clear(&lines);
}
