/* Which workloads are the controllers that are known of. */
#include <config.h>

#include "backends/controllers/controllers.h"
#include "backends/kubernetes/keeper.h"

#define TEXT_BYTES ((size_t)16 << 10)
#define CLUSTER    0

/* What its workloads are together. */
struct sum {
    struct strbuf names, parts;
    int64_t ready, desired, down_ms;
};

static void add(const struct store *st, struct handle row, struct sum *s)
{
    int64_t down = discovery_num(st, row, "down-since", TIME_NONE);
    if (s->names.len)
        strbuf_addc(&s->names, LIST_SEPARATOR);
    strbuf_add(&s->names, store_key(st, row));
    joined_add_link(&s->parts, "workload", store_key(st, row));
    s->ready += discovery_num(st, row, "ready-count", 0);
    s->desired += discovery_num(st, row, "desired", 0);
    s->down_ms = down > s->down_ms ? down : s->down_ms; /* TIME_NONE is the least */
}

static void add_line(const struct store *st, uint16_t workloads, const struct keeper *k,
                     struct strbuf *out)
{
    struct sum s = {STRBUF_INIT(TEXT_BYTES), STRBUF_INIT(TEXT_BYTES), 0, 0, TIME_NONE};
    struct handle row;
    uint32_t at = 0;
    while (store_next(st, workloads, &at, &row))
        if (keeper_is(k, st, row))
            add(st, row, &s);
    joined_add(out, span_from(k->name));
    joined_add(out, strbuf_span(&s.names));
    joined_add_num(out, s.ready);
    joined_add_num(out, s.desired);
    joined_add_num(out, s.down_ms);
    joined_add(out, strbuf_span(&s.parts));
    joined_end(out);
    strbuf_clear(&s.names);
    strbuf_clear(&s.parts);
}

/* One that is not there may be where this user may not look. */
static bool sees_all(const struct store *st, uint16_t workloads)
{
    const struct source_kind *k = store_source_kind(st, CLUSTER, workloads);
    return k->synced && k->complete && k->report.state != SOURCE_PARTIAL;
}

void controllers_discover(const struct store *st, struct discovery *d)
{
    struct strbuf lines = STRBUF_INIT(JOINED_BYTES);
    const char *const settings[] = {NULL};
    int kind = store_kind_find(st, SPAN("workload"));
    bool whole = kind >= 0 && sees_all(st, (uint16_t)kind);
    for (const struct keeper *k = keepers; whole && k->name; k++)
        add_line(st, (uint16_t)kind, k, &lines);
    const struct found found = {.name = "controllers",
                                .settings = settings,
                                .missing = whole ? NULL : "not all workloads may be read",
                                .targets = strbuf_cstr(&lines)};
    discovery_add(d, &found);
    strbuf_clear(&lines);
}
