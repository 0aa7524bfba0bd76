/* What there is to pay for. */
#include <config.h>

#include "backends/costs/costs.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES      ((size_t)64 << 10)
#define COMPONENTS_MAX  500
#define CURRENCIES_MAX  8
#define CURRENCY_LENGTH 16

struct total {
    char currency[CURRENCY_LENGTH];
    int64_t low, high;
    size_t parts;
};

struct find {
    const struct store *st;
    struct component *all; /* owned */
    size_t count;
    struct total totals[CURRENCIES_MAX];
    size_t ntotals, unknown;
};

static struct component *component(struct find *f, const char *sort, struct span name)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->all[i].sort == sort && span_is(name, f->all[i].name))
            return &f->all[i];
    if (f->count == COMPONENTS_MAX)
        return NULL;
    f->all = xalloc_resize(f->all, f->count + 1, sizeof(*f->all));
    struct component *c = &f->all[f->count++];
    *c = (struct component){.name = xalloc_bytes(name.data, name.len),
                            .sort = sort,
                            .bytes = -1,
                            .parts = STRBUF_INIT(TEXT_BYTES)};
    return c;
}

/* One more of it; NULL: there are too many sorts of it. */
static struct component *add(struct find *f, const char *sort, struct span name, struct handle row)
{
    struct component *c = component(f, sort, name);
    if (!c)
        return NULL;
    c->count++;
    joined_add_link(&c->parts, store_kind(f->st, row.kind)->name, store_key(f->st, row));
    return c;
}

static bool next_row(const struct find *f, const char *kind, uint32_t *at, struct handle *row)
{
    int number = store_kind_find(f->st, span_from(kind));
    return number >= 0 && store_next(f->st, (uint16_t)number, at, row);
}

static int64_t number_of(const struct find *f, struct handle row, const char *column)
{
    int i = kind_column(store_kind(f->st, row.kind), span_from(column));
    return i < 0 ? -1 : store_num(f->st, row, (size_t)i, -1);
}

/* [kubernetes.io well-known labels] */
static void read_nodes(struct find *f)
{
    static const char type[] = "node.kubernetes.io/instance-type";
    struct handle row;
    uint32_t at = 0;
    while (next_row(f, "node", &at, &row)) {
        struct span labels = discovery_text(f->st, row, "labels");
        struct span name = discovery_label(labels, type);
        if (!name.len)
            name = discovery_label(labels, "beta.kubernetes.io/instance-type");
        (void)add(f, "node", name.len ? name : SPAN("no type"), row);
    }
}

static void add_bytes(struct component *c, int64_t bytes)
{
    if (c && bytes >= 0 && bytes < INT64_MAX - (c->bytes < 0 ? 0 : c->bytes))
        c->bytes = (c->bytes < 0 ? 0 : c->bytes) + bytes;
}

static void read_volumes(struct find *f)
{
    struct handle row;
    uint32_t at = 0;
    while (next_row(f, "pv", &at, &row)) {
        struct span class = discovery_text(f->st, row, "storage-class");
        add_bytes(add(f, "volume", class.len ? class : SPAN("no class"), row),
                  number_of(f, row, "capacity"));
    }
}

/* Those that backups go to, unless they are the cluster's own; how large they are, where somebody
 * has listed them. A bucket is paid for once, however many use it. */
static void read_buckets(struct find *f)
{
    struct handle row;
    uint32_t at = 0;
    while (next_row(f, "backup-storage", &at, &row)) {
        struct span endpoint = discovery_text(f->st, row, "endpoint");
        struct span bucket = discovery_text(f->st, row, "bucket");
        bool own = span_search(endpoint, SPAN(".svc"), false) < endpoint.len;
        bucket.len = span_find(bucket, '/', 0);
        struct component *c = bucket.len && !own ? add(f, "bucket", bucket, row) : NULL;
        if (c)
            c->count = 1;
    }
    for (at = 0; next_row(f, "s3-bucket", &at, &row);) {
        struct span bucket = discovery_text(f->st, row, "name");
        bucket.len = span_find(bucket, '/', 0);
        struct component *c = bucket.len ? add(f, "bucket", bucket, row) : NULL;
        add_bytes(c, number_of(f, row, "size"));
        add_bytes(c, number_of(f, row, "binlog-size"));
        if (c)
            c->count = 1;
    }
}

/* Route 53's own where it is asked, else those whose names external-dns owns. */
static void read_zones(struct find *f)
{
    struct handle row;
    uint32_t at = 0;
    bool any = false;
    while (next_row(f, "dns-zone", &at, &row))
        any = add(f, "zone", discovery_text(f->st, row, "name"), row) != NULL || any;
    for (at = 0; !any && next_row(f, "dns-name", &at, &row);) {
        struct span zone = discovery_text(f->st, row, "zone");
        if (zone.len && discovery_text(f->st, row, "owner").len && component(f, "zone", zone))
            component(f, "zone", zone)->count = 1;
    }
}

/* ---- Lines. */

static void sum_up(struct find *f, const struct estimate *e)
{
    size_t i = 0;
    if (!e->known) {
        f->unknown++;
        return;
    }
    while (i < f->ntotals && strncmp(f->totals[i].currency, e->currency, CURRENCY_LENGTH - 1) != 0)
        i++;
    if (i == CURRENCIES_MAX)
        return;
    if (i == f->ntotals) {
        (void)snprintf(f->totals[i].currency, CURRENCY_LENGTH, "%s", e->currency);
        f->ntotals++;
    }
    f->totals[i].low += e->low;
    f->totals[i].high += e->high;
    f->totals[i].parts++;
}

static void add_component(struct find *f, const struct declared *prices, struct component *c,
                          struct strbuf *out)
{
    struct estimate e = cost_estimate(prices, c);
    char key[512];
    sum_up(f, &e);
    (void)snprintf(key, sizeof(key), "%s/%s", c->sort, c->name);
    joined_add(out, span_from(key));
    joined_add(out, span_from(c->sort));
    joined_add(out, span_from(c->name));
    joined_add_num(out, c->count);
    joined_add_num(out, c->bytes < 0 ? TIME_NONE : c->bytes);
    joined_add_num(out, e.known ? e.low : TIME_NONE);
    joined_add_num(out, e.known ? e.high : TIME_NONE);
    joined_add(out, span_from(e.currency));
    joined_add(out, span_from(e.known ? e.how : ""));
    joined_add(out, span_from(e.source));
    joined_add_num(out, e.known ? 0 : 1);
    joined_add(out, span_from(e.known ? "" : e.how));
    joined_add(out, strbuf_span(&c->parts));
    joined_end(out);
}

/* At least what is known; at most: only where all is. */
static void add_total(const struct find *f, const struct total *t, struct strbuf *out)
{
    char key[CURRENCY_LENGTH + 8], how[120];
    (void)snprintf(key, sizeof(key), "total/%s", t->currency);
    (void)snprintf(how, sizeof(how), "the sum of %zu", t->parts);
    joined_add(out, span_from(key));
    joined_add(out, SPAN("total"));
    joined_add(out, span_from(t->currency));
    joined_add(out, SPAN(""));
    joined_add(out, SPAN(""));
    joined_add_num(out, t->low);
    joined_add_num(out, f->unknown ? TIME_NONE : t->high);
    joined_add(out, span_from(t->currency));
    joined_add(out, span_from(how));
    joined_add(out, SPAN(""));
    joined_add_num(out, (int64_t)f->unknown);
    joined_add(out, SPAN(""));
    joined_add(out, SPAN(""));
    joined_end(out);
}

void costs_discover(const struct store *st, struct discovery *d)
{
    struct find f = {.st = st};
    struct strbuf lines = STRBUF_INIT(JOINED_BYTES);
    const char *const settings[] = {NULL};
    bool denied, any_denied = false;
    read_nodes(&f);
    read_volumes(&f);
    read_buckets(&f);
    read_zones(&f);
    for (size_t i = 0; i < f.count; i++)
        add_component(&f, discovery_declared(d), &f.all[i], &lines);
    (void)discovery_knows(st, "node", &denied);
    any_denied = denied;
    (void)discovery_knows(st, "pv", &denied);
    any_denied = any_denied || denied;
    f.unknown += any_denied; /* how many that hides nobody knows */
    for (size_t i = 0; i < f.ntotals; i++)
        add_total(&f, &f.totals[i], &lines);
    const struct found found = {.name = "costs",
                                .settings = settings,
                                .missing = any_denied ? "nodes or volumes may not be read" : NULL,
                                .targets = strbuf_cstr(&lines)};
    if (lines.len)
        discovery_add(d, &found);
    for (size_t i = 0; i < f.count; i++) {
        free(f.all[i].name);
        strbuf_clear(&f.all[i].parts);
    }
    free(f.all);
    strbuf_clear(&lines);
}
