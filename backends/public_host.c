/* From the rows of routes to the hosts that they name. */
#include <config.h>

#include "backends/public_host.h"

#include "backends/discovery.h"
#include "backends/kubernetes/route.h"
#include "base/alloc.h"
#include "net/probe.h"

#include <stdlib.h>
#include <string.h>

#define LIST_BYTES  ((size_t)8 << 10)
#define CHAIN_DEPTH 4 /* of chains in chains */

static bool has_word(struct span list, const char *word)
{
    struct span one;
    while (list.len && span_split(&list, LIST_SEPARATOR, &one))
        if (span_is(one, word))
            return true;
    return false;
}

/* ---- Entry points and schemes. */

/* Entry points that the world sees have these names by convention; "traefik" and "metrics" are the
 * cluster's own. None named: all of them. */
static bool is_public(struct span entry_points)
{
    static const char *const names[] = {"web", "websecure", "http", "https"};
    for (size_t i = 0; i < BN_COUNT(names); i++)
        if (has_word(entry_points, names[i]))
            return true;
    return entry_points.len == 0;
}

static bool is_tls(struct span entry_points, struct span tls, struct span ports)
{
    return tls.len > 0 || has_word(entry_points, "websecure") || has_word(entry_points, "https") ||
           span_search(ports, SPAN("443"), false) < ports.len;
}

/* ---- Paths. */

static bool names_host(struct span match, struct span host)
{
    for (size_t at = 0; at < match.len; at++) {
        struct span rest = span_sub(match, at, match.len);
        size_t found = span_search(rest, host, true);
        if (found == rest.len)
            return false;
        at += found;
        size_t end = at + host.len;
        if (at > 0 && end < match.len && strchr("`\"", match.data[at - 1]) &&
            match.data[at - 1] == match.data[end])
            return true;
    }
    return false;
}

/* The path that a rule asks for, "/" where it asks for none or for one that is not plain. */
static struct span path_of(struct span match)
{
    size_t at = span_search(match, SPAN("Path"), false);
    if (at == match.len || (at > 0 && match.data[at - 1] == '!'))
        return SPAN("/");
    struct span rest = span_sub(match, at, match.len);
    size_t open = span_find(rest, '(', 0);
    bool literal =
        span_is(span_sub(rest, 0, open), "Path") || span_is(span_sub(rest, 0, open), "PathPrefix");
    struct span text = span_sub(rest, open + 2, rest.len);
    if (!literal || open + 1 >= rest.len || !strchr("`\"", rest.data[open + 1]))
        return SPAN("/");
    text.len = span_find(text, rest.data[open + 1], 0);
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.~",
                    text.data[i]))
            return SPAN("/");
    return text.len && text.data[0] == '/' ? text : SPAN("/");
}

/* ---- Middlewares. */

/* Keys go into a line; what would break it is left out. */
static bool is_plain(struct span key)
{
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.data[i] <= ' ' || key.data[i] == ',' || key.data[i] == ':')
            return false;
    return key.len > 0;
}

static void keep(char **to, struct span text)
{
    if (!*to && text.len)
        *to = xalloc_bytes(text.data, text.len);
}

/* An errors middleware shows the page of a service instead of a status: that of a sign-in. */
static void take_errors(const struct store *st, struct handle middleware, struct public_host *m)
{
    struct link link;
    size_t at = 0;
    while (store_link_next(st, middleware, &at, &link))
        if (link.type == LINK_SERVICE && !m->errors) {
            keep(&m->errors, store_key(st, middleware));
            keep(&m->errors_service, link.key);
        }
}

/* named: the key by which the route names it, or the chain that it is in. */
static void take_middleware(const struct store *st, struct handle middleware, struct span named,
                            int depth, struct public_host *m)
{
    static const char *const asking[] = {"forwardAuth", "basicAuth", "digestAuth"};
    struct span types = discovery_text(st, middleware, "type");
    struct link link;
    size_t at = 0;
    struct handle target;
    for (size_t i = 0; i < BN_COUNT(asking); i++)
        if (!m->sign_in && has_word(types, asking[i])) {
            keep(&m->sign_in, named);
            keep(&m->sign_in_type, span_from(asking[i]));
            keep(&m->auth_address, discovery_text(st, middleware, "address"));
        }
    if (has_word(types, "errors"))
        take_errors(st, middleware, m);
    while (depth > 0 && store_link_next(st, middleware, &at, &link)) {
        if (link.type != LINK_MIDDLEWARE)
            continue;
        enum link_reach reach = store_follow(st, middleware, &link, &target);
        if (reach == LINK_FOUND)
            take_middleware(st, target, named, depth - 1, m);
        else if (reach == LINK_MISSING)
            keep(&m->missing, link.key);
    }
}

static void name_middleware(struct span key, struct strbuf *all)
{
    strbuf_addf(all, "%s%.*s", all->len ? "," : "", SPAN_ARG(key));
}

/* nginx asks whom an annotation names. */
static void read_auth_url(const struct store *st, struct handle row, struct public_host *m)
{
    struct span url = discovery_text(st, row, "auth-url");
    if (!url.len || m->sign_in)
        return;
    keep(&m->sign_in, SPAN("auth-url"));
    keep(&m->sign_in_type, SPAN("auth-url"));
    keep(&m->auth_address, url);
}

/* A name in an annotation may mean several, of which one is there. */
static void read_named(const struct store *st, struct handle row, struct public_host *m,
                       struct strbuf *all)
{
    struct link link;
    size_t at = 0;
    struct handle target;
    struct span named;
    while (store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_MIDDLEWARE || !is_plain(link.key))
            continue;
        enum link_reach reach = store_follow(st, row, &link, &target);
        bool sure = (link.flags & LINK_EXPECTED) != 0;
        if (reach == LINK_FOUND || sure)
            name_middleware(link.key, all);
        if (reach == LINK_FOUND)
            take_middleware(st, target, link.key, CHAIN_DEPTH, m);
        else if (reach == LINK_MISSING && sure)
            keep(&m->missing, link.key);
    }
    if (route_missing_middleware(st, row, &named))
        keep(&m->missing, named);
    read_auth_url(st, row, m);
}

/* Those of one rule: another rule of the same object may pass others. What another provider has is not
 * seen here. */
static void read_chain(const struct store *st, struct handle row, struct span keys,
                       struct public_host *m, struct strbuf *all)
{
    struct span key;
    struct handle target;
    while (keys.len && span_split(&keys, ',', &key)) {
        struct link link = {LINK_MIDDLEWARE, 0, SPAN("middleware"), key};
        if (span_is(key, "-") || !is_plain(key))
            continue;
        name_middleware(key, all);
        enum link_reach reach =
            span_find(key, '@', 0) < key.len ? LINK_MISSING : store_follow(st, row, &link, &target);
        if (reach == LINK_FOUND)
            take_middleware(st, target, key, CHAIN_DEPTH, m);
        else if (reach == LINK_MISSING)
            keep(&m->missing, key);
    }
}

/* ---- All mentions. */

/* chain: one of the list ROUTE_CHAINS; empty: the object has one chain for all of its rules. */
static void add_mention(const struct store *st, struct handle row, struct span host,
                        struct span chain, struct public_hosts *out)
{
    struct strbuf route = STRBUF_INIT(1024), all = STRBUF_INIT(LIST_BYTES);
    struct span keys = span_sub(chain, 0, span_find(chain, ' ', 0));
    struct span path = path_of(span_sub(chain, keys.len, chain.len));
    struct public_host m = {.row = row, .host = xalloc_bytes(host.data, host.len)};
    for (char *c = m.host; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    if (!probe_may_ask(span_from(m.host)) || !is_plain(store_key(st, row))) {
        free(m.host);
        return;
    }
    strbuf_addf(&route, "%s:%.*s", store_kind(st, row.kind)->name, SPAN_ARG(store_key(st, row)));
    m.route = strbuf_take(&route);
    m.path = xalloc_bytes(path.data, path.len);
    m.tls = is_tls(discovery_text(st, row, "entry-points"), discovery_text(st, row, "tls"),
                   discovery_text(st, row, "ports"));
    if (keys.len)
        read_chain(st, row, keys, &m, &all);
    else
        read_named(st, row, &m, &all);
    m.middlewares = strbuf_take(&all);
    out->all = xalloc_resize(out->all, out->count + 1, sizeof(*out->all));
    out->all[out->count++] = m;
}

/* As each of its rules names it. */
static void add_mentions(const struct store *st, struct handle row, struct span host,
                         struct public_hosts *out)
{
    struct span chains = discovery_text(st, row, ROUTE_CHAINS), one;
    bool any = false;
    while (chains.len && span_split(&chains, LIST_SEPARATOR, &one))
        if (names_host(one, host)) {
            add_mention(st, row, host, one, out);
            any = true;
        }
    if (!any)
        add_mention(st, row, host, SPAN(""), out);
}

/* Whether host, of the list, has not stood further up in it. */
static bool first_of(struct span list, struct span host)
{
    struct span one;
    while (list.len && span_split(&list, LIST_SEPARATOR, &one))
        if (span_eq(one, host))
            return one.data == host.data;
    return false;
}

static void read_routes(const struct store *st, const char *kind, struct public_hosts *out)
{
    int number = store_kind_find(st, span_from(kind));
    struct handle row;
    uint32_t at = 0;
    while (number >= 0 && store_next(st, (uint16_t)number, &at, &row)) {
        struct span hosts = discovery_text(st, row, "hosts"), all = hosts, host;
        if (!is_public(discovery_text(st, row, "entry-points")))
            continue;
        while (hosts.len && span_split(&hosts, LIST_SEPARATOR, &host))
            if (first_of(all, host))
                add_mentions(st, row, host, out);
    }
}

void public_hosts_read(const struct store *st, struct public_hosts *out)
{
    *out = (struct public_hosts){NULL, 0};
    read_routes(st, "ingressroute", out);
    read_routes(st, "ingress", out);
}

void public_hosts_free(struct public_hosts *h)
{
    for (size_t i = 0; i < h->count; i++) {
        char *const texts[] = {h->all[i].host,          h->all[i].path,    h->all[i].route,
                               h->all[i].middlewares,   h->all[i].sign_in, h->all[i].sign_in_type,
                               h->all[i].auth_address,  h->all[i].missing, h->all[i].errors,
                               h->all[i].errors_service};
        for (size_t k = 0; k < BN_COUNT(texts); k++)
            free(texts[k]);
    }
    free(h->all);
    *h = (struct public_hosts){NULL, 0};
}
