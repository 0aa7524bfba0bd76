/* Which URLs a probe has asked, and whether the next one closes a circle. */
#include <config.h>

#include "base/alloc.h"
#include "net/http.h"
#include "net/plain.h"
#include "net/probe_impl.h"

#include <stdlib.h>

void trail_add(struct trail *t, const char *url)
{
    if (t->count < BN_COUNT(t->urls))
        t->urls[t->count++] = xalloc_text(url);
}

void trail_clear(struct trail *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->urls[i]);
    *t = (struct trail){.count = 0};
}

static struct span without_query(const char *url)
{
    struct span path = span_from(url);
    path.len = span_find(path, '?', 0);
    return path;
}

/* How often this URL, or its path, was asked; the last time is *last. */
static size_t times(const struct trail *t, const char *url, bool query_too, size_t *last)
{
    size_t n = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (query_too ? !span_is(span_from(url), t->urls[i])
                      : !span_eq(without_query(url), without_query(t->urls[i])))
            continue;
        *last = i;
        n++;
    }
    return n;
}

/* The hosts from there on, each once. */
static void name_hosts(const struct trail *t, size_t from, char *out, size_t size)
{
    struct strbuf hosts = STRBUF_INIT(4096);
    for (size_t i = from; i < t->count; i++) {
        struct span host = http_host(span_from(t->urls[i]));
        if (span_lists(strbuf_span(&hosts), PROBE_BETWEEN, host))
            continue;
        if (hosts.len)
            strbuf_addc(&hosts, PROBE_BETWEEN);
        strbuf_add(&hosts, host);
    }
    (void)plain_text(strbuf_span(&hosts), out, size);
    strbuf_clear(&hosts);
}

/* A host may set a cookie and send back to the same URL once, and answers then: only who is led there for
 * the third time goes in a circle. So is, when patience ends, who is at one path again and again and what
 * stands behind "?" grows each time, as when a sign-in is to lead back to itself. */
bool trail_closes(const struct trail *t, const char *url, char *hosts, size_t size)
{
    size_t last = 0;
    bool closes = times(t, url, true, &last) > 1 ||
                  (t->count == BN_COUNT(t->urls) && times(t, url, false, &last) > 1);
    if (closes)
        name_hosts(t, last, hosts, size);
    return closes;
}
