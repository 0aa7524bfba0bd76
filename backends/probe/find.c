/* Which hosts are asked, and for what: from the rows of routes. */
#include <config.h>

#include "backends/probe/probe.h"
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define LIST_BYTES    ((size_t)8 << 10)
#define TARGETS_BYTES ((size_t)1 << 20)
#define CHAIN_DEPTH   4 /* of chains in chains */

/* A host as one route names it. */
struct mention {
    char *host;  /* owned, as all here; lower case */
    char *path;  /* "/" */
    char *route; /* "ingressroute:shop/web" */
    bool tls;
    char *middlewares, *sign_in;
};

struct mentions {
    struct mention *all; /* owned */
    size_t count;
};

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

static void read_middlewares(const struct store *st, struct handle row, struct mention *m)
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
                        struct mentions *out)
{
    struct strbuf route = STRBUF_INIT(1024);
    struct span entry_points = discovery_text(st, row, "entry-points");
    struct mention m = {.host = xalloc_bytes(host.data, host.len)};
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

static void read_routes(const struct store *st, const char *kind, struct mentions *out)
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

/* What a browser asks first, what is behind a sign-in, what has the shortest path: the sign-in's own
 * pages stand beside what they guard. */
static int rank(const struct mention *m)
{
    return strcmp(m->path, "/") == 0 ? 0 : m->sign_in ? 1 : 2;
}

/* Of a host the one that is asked comes first. */
static int compare(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    int by = strcmp(x->host, y->host);
    if (!by)
        by = (int)y->tls - (int)x->tls;
    if (!by)
        by = rank(x) - rank(y);
    if (!by && strlen(x->path) != strlen(y->path))
        by = strlen(x->path) < strlen(y->path) ? -1 : 1;
    if (!by)
        by = strcmp(x->path, y->path);
    return by ? by : strcmp(x->route, y->route);
}

/* Where two routes take the same requests, both must ask for sign-in. */
static const char *sign_in_of(const struct mention *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (m[i].tls == m[0].tls && strcmp(m[i].path, m[0].path) == 0 && !m[i].sign_in)
            return "";
    return m[0].sign_in;
}

static void add_line(const struct mention *m, size_t n, struct strbuf *out)
{
    strbuf_addf(out, "%s\t%s\t%s\t", m->host, m->path, m->tls ? "https" : "http");
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp(m[i].route, m[i - 1].route) != 0)
            strbuf_addf(out, "%s%s", i ? "," : "", m[i].route);
    strbuf_addf(out, "\t%s\t%s\n", m->middlewares ? m->middlewares : "", sign_in_of(m, n));
}

static void mentions_free(struct mentions *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->all[i].host);
        free(m->all[i].path);
        free(m->all[i].route);
        free(m->all[i].middlewares);
        free(m->all[i].sign_in);
    }
    free(m->all);
}

void probe_discover(const struct store *st, struct discovery *d)
{
    struct mentions m = {NULL, 0};
    struct strbuf targets = STRBUF_INIT(TARGETS_BYTES);
    const char *const settings[] = {NULL};
    read_routes(st, "ingressroute", &m);
    read_routes(st, "ingress", &m);
    if (m.count)
        qsort(m.all, m.count, sizeof(*m.all), compare);
    for (size_t i = 0, n; i < m.count && !targets.failed; i += n) {
        for (n = 1; i + n < m.count && strcmp(m.all[i].host, m.all[i + n].host) == 0; n++)
            ;
        add_line(m.all + i, n, &targets);
    }
    const struct found found = {
        .name = "probes", .settings = settings, .targets = strbuf_cstr(&targets)};
    if (m.count)
        discovery_add(d, &found);
    mentions_free(&m);
    strbuf_clear(&targets);
}
