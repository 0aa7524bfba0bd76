/* Which hosts are asked, and for what: from the rows of routes. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/probe/probe.h"
#include "backends/public_host.h"

#include <stdlib.h>
#include <string.h>

#define TARGETS_BYTES ((size_t)1 << 20)

/* What a browser asks first, what is behind a sign-in, what has the shortest path: the sign-in's own
 * pages stand beside what they guard. */
static int rank(const struct public_host *m)
{
    return strcmp(m->path, "/") == 0 ? 0 : m->sign_in ? 1 : 2;
}

/* Of a host the one that is asked comes first. */
static int compare(const void *a, const void *b)
{
    const struct public_host *x = a, *y = b;
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
static const char *sign_in_of(const struct public_host *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (m[i].tls == m[0].tls && strcmp(m[i].path, m[0].path) == 0 && !m[i].sign_in)
            return "";
    return m[0].sign_in;
}

/* ---- Certificates. */

static bool is_plain(struct span key)
{
    for (size_t i = 0; i < key.len; i++)
        if ((unsigned char)key.data[i] <= ' ')
            return false;
    return key.len > 0;
}

/* The Secret that a route names, "shop/web-tls"; empty: none, or several, as an Ingress may: which is
 * for which host is not said. Borrowed from the store. */
static struct span secret_of(const struct store *st, struct handle row)
{
    struct link link;
    struct span secret = {"", 0};
    size_t at = 0, n = 0;
    while (store_link_next(st, row, &at, &link))
        if (link.type == LINK_SECRET && span_is(link.kind, "secret") && is_plain(link.key)) {
            secret = link.key;
            n++;
        }
    return n == 1 ? secret : SPAN("");
}

/* What cert-manager keeps in the Secret, by the status of its Certificate: "The expiration time of the
 * certificate stored in the secret" [cert-manager types_certificate.go]. No Secret is read. */
static void add_certificate(const struct store *st, struct span key, struct strbuf *out)
{
    int number = store_kind_find(st, SPAN("certificate"));
    size_t slash = span_find(key, '/', 0);
    struct handle row;
    uint32_t at = 0;
    while (key.len && number >= 0 && store_next(st, (uint16_t)number, &at, &row)) {
        int64_t from = discovery_num(st, row, "not-before", TIME_NONE),
                until = discovery_num(st, row, "not-after", TIME_NONE);
        if (!span_eq(discovery_text(st, row, "namespace"), span_sub(key, 0, slash)) ||
            !span_eq(discovery_text(st, row, "secret"), span_sub(key, slash + 1, key.len)) ||
            from == TIME_NONE || until == TIME_NONE || !is_plain(store_key(st, row)))
            continue;
        strbuf_addf(out, "\f%.*s\t%lld\t%lld", SPAN_ARG(store_key(st, row)), (long long)from,
                    (long long)until);
        return;
    }
}

/* ---- Lines. */

/* Whether one of those before is of the same route. */
static bool is_named(const struct public_host *m, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(m[k].route, m[i].route) == 0)
            return true;
    return false;
}

static void add_line(const struct store *st, const struct public_host *m, size_t n,
                     struct strbuf *out)
{
    struct span secret = secret_of(st, m->row);
    strbuf_addf(out, "%s\t%s\t%s\t", m->host, m->path, m->tls ? "https" : "http");
    for (size_t i = 0; i < n; i++)
        if (!is_named(m, i))
            strbuf_addf(out, "%s%s", i ? "," : "", m[i].route);
    strbuf_addf(out, "\t%s\t%s", m->middlewares ? m->middlewares : "", sign_in_of(m, n));
    if (secret.len)
        strbuf_addf(out, "\t%.*s", SPAN_ARG(secret));
    add_certificate(st, secret, out);
    strbuf_addc(out, '\n');
}

void probe_discover(const struct store *st, struct discovery *d)
{
    struct public_hosts m;
    struct strbuf targets = STRBUF_INIT(TARGETS_BYTES);
    const char *const settings[] = {NULL};
    public_hosts_read(st, &m);
    if (m.count)
        qsort(m.all, m.count, sizeof(*m.all), compare);
    for (size_t i = 0, n; i < m.count && !targets.failed; i += n) {
        for (n = 1; i + n < m.count && strcmp(m.all[i].host, m.all[i + n].host) == 0; n++)
            ;
        add_line(st, m.all + i, n, &targets);
    }
    const struct found found = {
        .name = "probes", .settings = settings, .targets = strbuf_cstr(&targets)};
    if (m.count)
        discovery_add(d, &found);
    public_hosts_free(&m);
    strbuf_clear(&targets);
}
