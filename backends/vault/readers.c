/* Which paths of a Vault ExternalSecrets read: those of stores whose address leads to its service,
 * within the cluster or by a route. A store that leads elsewhere, or nobody knows where, is no
 * reason to look here. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/vault/vault.h"
#include "net/http.h"

/* What all pairs of an ExternalSecret share. */
struct pair_of {
    struct span mount, reader, secret;
    int64_t every_ms;
};

struct leading {
    const struct store *st;
    const struct discovery_service *service;
};

/* "vault.vault", "vault.vault.svc.cluster.local", "vault-active.vault": of the chart's services any. */
static bool is_inside(const struct discovery_service *s, struct span host)
{
    struct span name = span_sub(host, 0, span_find(host, '.', 0)),
                rest = span_sub(host, name.len + 1, host.len),
                ns = span_sub(rest, 0, span_find(rest, '.', 0)),
                after = span_sub(rest, ns.len, rest.len);
    struct span variant = span_sub(name, s->name.len, name.len);
    return name.len >= s->name.len && span_eq(span_sub(name, 0, s->name.len), s->name) &&
           (!variant.len || vault_is_variant(variant)) && span_eq(ns, s->ns) &&
           (!after.len || span_starts(after, ".svc"));
}

static bool routes_here(const struct leading *l, struct handle route)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(l->st, route, &at, &link)) {
        struct span ns = span_sub(link.key, 0, span_find(link.key, '/', 0)),
                    name = span_sub(link.key, ns.len + 1, link.key.len),
                    variant = span_sub(name, l->service->name.len, name.len);
        if (link.type == LINK_SERVICE && span_eq(ns, l->service->ns) &&
            name.len >= l->service->name.len &&
            span_eq(span_sub(name, 0, l->service->name.len), l->service->name) &&
            (!variant.len || vault_is_variant(variant)))
            return true;
    }
    return false;
}

static bool has_host(struct span hosts, struct span host)
{
    struct span one;
    while (hosts.len && span_split(&hosts, LIST_SEPARATOR, &one))
        if (span_eq_nocase(one, host))
            return true;
    return false;
}

static bool leads_here(const struct leading *l, struct span address)
{
    static const char *const routes[] = {"ingressroute", "ingress"};
    struct span host = http_host(address);
    if (!host.len || is_inside(l->service, host))
        return host.len > 0;
    for (size_t i = 0; i < BN_COUNT(routes); i++) {
        int kind = store_kind_find(l->st, span_from(routes[i]));
        struct handle row;
        uint32_t at = 0;
        while (kind >= 0 && store_next(l->st, (uint16_t)kind, &at, &row))
            if (has_host(discovery_text(l->st, row, "hosts"), host) && routes_here(l, row))
                return true;
    }
    return false;
}

/* The store that an ExternalSecret reads from; false: it is not known, or no Vault. */
static bool store_of(const struct store *st, struct handle secret, struct handle *out)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, secret, &at, &link))
        if (link.type == LINK_STORE && store_follow(st, secret, &link, out) == LINK_FOUND)
            return span_is(discovery_text(st, *out, "provider"), "vault");
    return false;
}

static void add_paths(struct strbuf *out, struct span mount, struct span paths, struct span reader)
{
    struct span path;
    while (paths.len && span_split(&paths, LIST_SEPARATOR, &path)) {
        size_t from = path.len && path.data[0] == '/';
        if (!span_ends(path, "*") && span_find(path, '\t', 0) == path.len &&
            span_find(path, '\n', 0) == path.len)
            strbuf_addf(out, "%.*s\t%.*s\t%.*s\n", SPAN_ARG(mount),
                        SPAN_ARG(span_sub(path, from, path.len)), SPAN_ARG(reader));
    }
}

/* "=MOUNT PATH READER SECRET EVERY KEY PROPERTY WHY", between tabs. item: "KEY=PATH#PROPERTY !WHY". */
static void add_pair(struct strbuf *out, const struct pair_of *of, struct span item)
{
    size_t is = span_find(item, '=', 0), why = span_search(item, SPAN(" !"), false);
    struct span key = span_sub(item, 0, is), rest = span_sub(item, is + 1, why - is - 1);
    size_t hash = span_find(rest, '#', 0);
    struct span path = span_sub(rest, 0, hash), property = span_sub(rest, hash + 1, rest.len);
    if (is == item.len || span_find(item, '\t', 0) < item.len ||
        span_find(item, '\n', 0) < item.len)
        return;
    strbuf_addf(out, "=%.*s\t%.*s\t%.*s\t%.*s\t%lld\t%.*s\t%.*s\t%.*s\n", SPAN_ARG(of->mount),
                SPAN_ARG(path), SPAN_ARG(of->reader), SPAN_ARG(of->secret), (long long)of->every_ms,
                SPAN_ARG(key), SPAN_ARG(property),
                SPAN_ARG(span_sub(item, why < item.len ? why + 2 : item.len, item.len)));
}

static void add_pairs(const struct store *st, struct handle row, struct span mount,
                      struct strbuf *out)
{
    const struct kind *kind = store_kind(st, row.kind);
    int every = kind_column(kind, SPAN("every"));
    struct span rest = discovery_text(st, row, "mapping"), item;
    struct pair_of of = {.mount = mount,
                         .reader = store_key(st, row),
                         .secret = discovery_text(st, row, "secret"),
                         .every_ms = every < 0 ? 0 : store_num(st, row, (size_t)every, 0)};
    while (of.secret.len && rest.len && span_split(&rest, LIST_SEPARATOR, &item))
        add_pair(out, &of, item);
}

void vault_readers(const struct store *st, const struct discovery_service *s, struct strbuf *out)
{
    const struct leading leading = {st, s};
    int kind = store_kind_find(st, SPAN("externalsecret"));
    struct handle row, from;
    uint32_t at = 0;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        if (!store_of(st, row, &from) || !leads_here(&leading, discovery_text(st, from, "server")))
            continue;
        struct span mount = discovery_text(st, from, "path");
        if (span_find(mount, '\t', 0) == mount.len && span_find(mount, '\n', 0) == mount.len) {
            add_paths(out, mount, discovery_text(st, row, "remote"), store_key(st, row));
            add_pairs(st, row, mount, out);
        }
    }
}
