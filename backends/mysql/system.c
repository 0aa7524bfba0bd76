/* The line of databases on home: what their operator says, and what they say themselves. */
#include <config.h>

#include "backends/mysql/node_kind.h"
#include "model/store.h"

/* Number of rows of a kind, and the sums of two of its columns; false: there is no such kind. */
static bool add_up(const struct store *st, const char *name, const char *one, const char *other,
                   int64_t out[2])
{
    int kind = kind_find(store_kinds(st), span_from(name));
    struct handle row;
    uint32_t at = 0;
    size_t n = 0;
    if (kind < 0)
        return false;
    int a = kind_column(store_kind(st, (uint16_t)kind), span_from(one)),
        b = kind_column(store_kind(st, (uint16_t)kind), span_from(other));
    for (; a >= 0 && b >= 0 && store_next(st, (uint16_t)kind, &at, &row); n++) {
        out[0] += store_num(st, row, (size_t)a, 0);
        out[1] += store_num(st, row, (size_t)b, 0);
    }
    return n > 0;
}

void mysql_system_says(const struct store *st, int64_t now_ms, struct strbuf *out)
{
    int kind = kind_find(store_kinds(st), SPAN("mysql"));
    int64_t nodes[2] = {0}, proxies[2] = {0};
    struct handle row;
    uint32_t at = 0;
    size_t all = 0, well = 0;
    (void)now_ms;
    while (kind >= 0 && store_next(st, (uint16_t)kind, &at, &row)) {
        struct span state = store_text(st, row, NODE_STATE);
        all++;
        well += span_is(state, "Synced") || span_is(state, "running");
    }
    bool object = add_up(st, "pxc", "pxc-ready", "pxc-size", nodes);
    if (!object && !all) {
        strbuf_adds(out, "none");
        return;
    }
    if (all)
        strbuf_addf(out, "%zu/%zu nodes synced", well, all);
    else
        strbuf_addf(out, "%lld/%lld nodes ready", (long long)nodes[0], (long long)nodes[1]);
    if (add_up(st, "pxc", "proxy-ready", "proxy-size", proxies) && proxies[1])
        strbuf_addf(out, ", %lld/%lld proxies ready", (long long)proxies[0], (long long)proxies[1]);
}
