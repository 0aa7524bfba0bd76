/* A big cluster that changes: what watches are told, and single objects. */
#include <config.h>

#include "harbor/big.h"

#include "base/alloc.h"
#include "harbor/answer.h"
#include "harbor/big_impl.h"

#include <stdlib.h>
#include <string.h>

#define PODS_PER_NAMESPACE 750
#define CHANGES_MAX        ((uint64_t)1 << 21)
#define TICK_MS            10

struct big *big_new(const char *folder, int64_t nodes, int64_t pods, int64_t churn, struct err *err)
{
    struct big *b = xalloc_zero(1, sizeof(*b));
    size_t apps = ((size_t)pods + PODS_PER_APP - 1) / PODS_PER_APP;
    b->churn = churn;
    b->random = 88172645463325252u;
    b->snapshot = FIRST_VERSION;
    b->versions = xalloc_zero((size_t)pods + 1, sizeof(*b->versions));
    b->restarts = xalloc_zero((size_t)pods + 1, sizeof(*b->restarts));
    b->changes = xalloc_zero(CHANGES_MAX, sizeof(*b->changes));
    b->kinds[BIG_NAMESPACE].count = (size_t)pods / PODS_PER_NAMESPACE + 1;
    b->kinds[BIG_NODE].count = nodes ? (size_t)nodes : 1;
    b->kinds[BIG_DEPLOYMENT].count = b->kinds[BIG_REPLICASET].count = apps;
    b->kinds[BIG_POD].count = (size_t)pods;
    for (size_t i = 0; i < BIG_SORTS; i++)
        b->kinds[i].segments =
            xalloc_zero(b->kinds[i].count / SEGMENT + 1, sizeof(*b->kinds[i].segments));
    if (big_load(b, folder, err)) {
        big_build(b);
        return b;
    }
    big_free(b);
    return NULL;
}

void big_free(struct big *b)
{
    if (!b)
        return;
    big_unload(b);
    free(b->versions);
    free(b->restarts);
    free(b->changes);
    free(b);
}

void big_churn(struct big *b, int64_t churn)
{
    b->churn = churn;
    b->churn_ms = 0;
}

bool big_has(const struct big *b, const struct resource *r)
{
    return big_sort_of(b, r) >= 0;
}

/* An object whole, with kind and apiVersion. */
static void print_whole(const struct big *b, enum big_sort sort, size_t i, struct strbuf *out)
{
    const struct resource *r = b->kinds[sort].resource;
    strbuf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\",", r->kind, r->group,
                r->group[0] ? "/" : "", r->version);
    size_t at = out->len;
    big_print(b, sort, i, out);
    memmove(out->data + at, out->data + at + 1, out->len - at - 1); /* its own brace */
    strbuf_truncate(out, out->len - 1);
}

void big_answer_get(struct server *server, struct stream *s, const struct route *r)
{
    struct strbuf body = STRBUF_INIT(65536);
    enum big_sort sort = (enum big_sort)big_sort_of(server->big, r->resource);
    size_t i;
    if (!big_find(server->big, sort, r->ns, r->name, &i)) {
        answer_not_found(s, r);
        return;
    }
    print_whole(server->big, sort, i, &body);
    strbuf_addc(&body, '\n');
    stream_answer(s, 200, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
}

static void send_event(const struct big *b, struct stream *s, const char *type, size_t i,
                       struct strbuf *line)
{
    strbuf_truncate(line, 0);
    strbuf_addf(line, "{\"type\":\"%s\",\"object\":", type);
    print_whole(b, (enum big_sort)big_sort_of(b, s->resource), i, line);
    strbuf_adds(line, "}\n");
    stream_write(s, strbuf_span(line));
}

void big_send_all(struct server *server, struct stream *s)
{
    struct strbuf line = STRBUF_INIT(65536);
    size_t from, to;
    big_range(server->big, (enum big_sort)big_sort_of(server->big, s->resource), span_from(s->ns),
              &from, &to);
    for (size_t i = from; i < to; i++)
        send_event(server->big, s, "ADDED", i, &line);
    strbuf_clear(&line);
}

/* Number of the first change after a version. */
static uint64_t change_after(const struct big *b, uint64_t version)
{
    uint64_t low = b->nchanges > CHANGES_MAX ? b->nchanges - CHANGES_MAX : 0, high = b->nchanges;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (b->changes[middle % CHANGES_MAX].version <= version)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A pod that has changed again later is told of then. */
void big_follow(struct server *server, struct stream *s)
{
    struct big *b = server->big;
    struct strbuf line = STRBUF_INIT(65536);
    size_t from, to;
    if (big_sort_of(b, s->resource) != BIG_POD)
        return;
    big_range(b, BIG_POD, span_from(s->ns), &from, &to);
    for (uint64_t n = change_after(b, s->version); n < b->nchanges; n++) {
        const struct big_change *change = &b->changes[n % CHANGES_MAX];
        if (b->versions[change->pod] == change->version && change->pod >= from && change->pod < to)
            send_event(b, s, "MODIFIED", change->pod, &line);
    }
    strbuf_clear(&line);
}

static void change_one(struct server *server)
{
    struct big *b = server->big;
    b->random ^= b->random << 13; /* xorshift64 */
    b->random ^= b->random >> 7;
    b->random ^= b->random << 17;
    uint32_t pod = (uint32_t)(b->random % b->kinds[BIG_POD].count);
    b->restarts[pod]++;
    b->versions[pod] = objects_next_version(server->objects);
    b->changes[b->nchanges++ % CHANGES_MAX] = (struct big_change){b->versions[pod], pod};
}

/* The history is full: lists show the present again. */
static void renew(struct server *server)
{
    struct big *b = server->big;
    struct big_kind *pods = &b->kinds[BIG_POD];
    b->nchanges = 0;
    b->snapshot = objects_version(server->objects);
    objects_compact(server->objects);
    for (size_t i = 0; i * SEGMENT < pods->count; i++) {
        free(pods->segments[i].bytes);
        pods->segments[i].bytes = NULL;
    }
}

void big_turn(struct server *server)
{
    struct big *b = server->big;
    int64_t now = clock_mono_ms(server->clock);
    if (!b || !b->churn || !server->counts.watches)
        return;
    if (!b->churn_ms)
        b->churn_ms = now;
    if (now < b->churn_ms + TICK_MS)
        return;
    for (int64_t n = b->churn * (now - b->churn_ms) / 1000; n > 0; n--)
        change_one(server);
    b->churn_ms += b->churn * (now - b->churn_ms) / 1000 * 1000 / b->churn;
    if (b->nchanges >= CHANGES_MAX)
        renew(server);
}

int64_t big_next(const struct server *server)
{
    const struct big *b = server->big;
    return b && b->churn && server->counts.watches ? b->churn_ms + TICK_MS : TIME_FOREVER;
}
