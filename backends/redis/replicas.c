/* What a server's row has of others'. How far a replica is behind only its master knows, which lists
 * replicas by address: that of the pod, or what replica-announce-ip says [bitnami/redis: the pod's
 * name within the headless service]. */
#include <config.h>

#include "backends/kubernetes/pod.h"
#include "backends/redis/redis.h"
#include "base/number.h"

#define BEHIND_WORDS " bytes behind"

/* Is it its pod's address, or does its name begin with the pod's? */
static bool is_of_pod(const struct store *st, struct handle row, struct span host)
{
    struct handle pod;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_POD || store_follow(st, row, &l, &pod) == LINK_MISSING)
            continue;
        const struct span name = span_sub(l.key, span_find(l.key, '/', 0) + 1, l.key.len);
        if (host.len > name.len && host.data[name.len] == '.' &&
            span_eq(span_sub(host, 0, name.len), name))
            return true;
        if (store_follow(st, row, &l, &pod) == LINK_FOUND &&
            span_eq(store_text(st, pod, POD_IP), host))
            return true;
    }
    return false;
}

/* Does "HOST:PORT" lead to this server? */
static bool is_at(const struct store *st, struct handle row, struct span address)
{
    const struct span way = store_text(st, row, SERVER_WAY);
    const size_t colon = span_find_last(address, ':');
    if (!colon || colon >= address.len)
        return false;
    if (way.len >= address.len && span_eq(span_sub(way, way.len - address.len, way.len), address) &&
        (way.len == address.len || way.data[way.len - address.len - 1] == ' '))
        return true;
    return is_of_pod(st, row, span_sub(address, 0, colon));
}

/* What a master says of a replica; empty: nothing. */
static struct span said_of(const struct store *st, struct handle master, struct handle replica)
{
    struct span rest = store_text(st, master, SERVER_REPLICA_LIST), one;
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &one))
        if (is_at(st, replica, span_sub(one, 0, span_find(one, ' ', 0))))
            return one;
    return SPAN("");
}

static bool has_role(const struct store *st, struct handle row, const char *role)
{
    return span_is(store_text(st, row, SERVER_ROLE), role);
}

/* "10.2.1.14:6379 online 28 bytes behind, 0s" */
static bool bytes_of(struct span said, int64_t *bytes)
{
    const size_t end = span_search(said, SPAN(BEHIND_WORDS), false);
    const struct span before = span_sub(said, 0, end);
    return end < said.len && number_parse(span_sub(before, span_find_last(before, ' ') + 1, end), 0,
                                          INT64_MAX, bytes);
}

/* Below 0: it is not known. */
static int64_t behind(const struct store *st, struct handle row)
{
    int64_t bytes = store_num(st, row, SERVER_FARTHEST, -1);
    struct handle master;
    uint32_t at = 0;
    if (bytes < 0 && has_role(st, row, "replica"))
        while (store_next(st, row.kind, &at, &master))
            if (has_role(st, master, "master") && bytes_of(said_of(st, master, row), &bytes))
                break;
    return bytes;
}

/* Below 0: there is none, or it is not known. */
static int64_t pod_limit(const struct store *st, struct handle row)
{
    struct handle pod;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l))
        if (l.type == LINK_POD && store_follow(st, row, &l, &pod) == LINK_FOUND)
            return store_num(st, pod, POD_MEMORY_LIMIT, -1);
    return -1;
}

struct value redis_derive(const struct store *st, struct handle row, size_t column)
{
    const int64_t n = column == SERVER_BEHIND ? behind(st, row) : pod_limit(st, row),
                  taken = store_num(st, row, SERVER_RSS, -1);
    struct value v = {.type = VALUE_ABSENT};
    if (column != SERVER_OF_LIMIT && n >= 0) {
        v = (struct value){.type = VALUE_BYTES, .num = n};
    } else if (column == SERVER_OF_LIMIT && n > 0 && taken >= 0) {
        v.type = VALUE_RATIO;
        v.real = (double)taken / (double)n;
    }
    return v;
}

void redis_add_missing(const struct store *st, struct handle master, struct strbuf *out)
{
    const char *between = "; not ";
    struct handle row;
    uint32_t at = 0;
    while (store_next(st, master.kind, &at, &row)) {
        if (!has_role(st, row, "replica") ||
            !is_at(st, master, store_text(st, row, SERVER_MASTER)) || said_of(st, master, row).len)
            continue;
        strbuf_addf(out, "%s%.*s", between, SPAN_ARG(store_text(st, row, SERVER_NAME)));
        between = ", ";
    }
}
