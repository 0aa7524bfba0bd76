/* From the rows of routes to the hosts that they name. */
#include <config.h>

#include "backends/public_host.h"

#include "backends/discovery.h"
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

/* The shortest path by which a route takes requests for the host. */
static struct span path_to(struct span matches, struct span host)
{
    struct span one, best = {"", 0};
    while (matches.len && span_split(&matches, LIST_SEPARATOR, &one)) {
        struct span path = path_of(one);
        if (names_host(one, host) && (!best.len || path.len < best.len))
            best = path;
    }
    return best.len ? best : SPAN("/");
}

/* ---- Middlewares. */

static bool asks_for_sign_in(const struct store *st, struct handle middleware, int depth)
{
    struct span types = discovery_text(st, middleware, "type");
    struct link link;
    size_t at = 0;
    struct handle target;
    if (has_word(types, "forwardAuth") || has_word(types, "basicAuth") ||
        has_word(types, "digestAuth"))
        return true;
    while (depth > 0 && store_link_next(st, middleware, &at, &link))
        if (link.type == LINK_MIDDLEWARE &&
            store_follow(st, middleware, &link, &target) == LINK_FOUND &&
            asks_for_sign_in(st, target, depth - 1))
            return true;
    return false;
}

/* Keys go into a line; what would break it is left out. */
static bool is_plain(struct span key)
{
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.data[i] <= ' ' || key.data[i] == ',' || key.data[i] == ':')
            return false;
    return key.len > 0;
}

static void read_middlewares(const struct store *st, struct handle row, struct public_host *m)
{
    struct strbuf all = STRBUF_INIT(LIST_BYTES);
    struct link link;
    size_t at = 0;
    struct handle target;
    while (store_link_next(st, row, &at, &link)) {
        if (link.type != LINK_MIDDLEWARE || !is_plain(link.key))
            continue;
        strbuf_addf(&all, "%s%.*s", all.len ? "," : "", SPAN_ARG(link.key));
        if (!m->sign_in && store_follow(st, row, &link, &target) == LINK_FOUND &&
            asks_for_sign_in(st, target, CHAIN_DEPTH))
            m->sign_in = xalloc_bytes(link.key.data, link.key.len);
    }
    m->middlewares = strbuf_take(&all);
}

/* ---- All mentions. */

static void add_mention(const struct store *st, struct handle row, struct span host,
                        struct public_hosts *out)
{
    struct strbuf route = STRBUF_INIT(1024);
    struct span entry_points = discovery_text(st, row, "entry-points");
    struct public_host m = {.row = row, .host = xalloc_bytes(host.data, host.len)};
    for (char *c = m.host; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    if (!probe_may_ask(span_from(m.host)) || !is_plain(store_key(st, row))) {
        free(m.host);
        return;
    }
    struct span path = path_to(discovery_text(st, row, "match"), host);
    strbuf_addf(&route, "%s:%.*s", store_kind(st, row.kind)->name, SPAN_ARG(store_key(st, row)));
    m.route = strbuf_take(&route);
    m.path = xalloc_bytes(path.data, path.len);
    m.tls = is_tls(entry_points, discovery_text(st, row, "tls"), discovery_text(st, row, "ports"));
    read_middlewares(st, row, &m);
    out->all = xalloc_resize(out->all, out->count + 1, sizeof(*out->all));
    out->all[out->count++] = m;
}

static void read_routes(const struct store *st, const char *kind, struct public_hosts *out)
{
    int number = kind_find(store_kinds(st), span_from(kind));
    struct handle row;
    uint32_t at = 0;
    while (number >= 0 && store_next(st, (uint16_t)number, &at, &row)) {
        struct span hosts = discovery_text(st, row, "hosts"), host;
        if (!is_public(discovery_text(st, row, "entry-points")))
            continue;
        while (hosts.len && span_split(&hosts, LIST_SEPARATOR, &host))
            add_mention(st, row, host, out);
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
        free(h->all[i].host);
        free(h->all[i].path);
        free(h->all[i].route);
        free(h->all[i].middlewares);
        free(h->all[i].sign_in);
    }
    free(h->all);
    *h = (struct public_hosts){NULL, 0};
}
