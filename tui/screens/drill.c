/* Down the links: which rows belong to one. */
#include <config.h>

#include "tui/screens/drill.h"

#include "backends/kubernetes/pdb.h"
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 20000

/* Links are followed from the row (down) or back to whoever links to it. */
struct way {
    const char *from, *to;
    enum link_type link;
    bool back;
    const char *via; /* rows of this kind on the way lead on by the second link */
    enum link_type via_link;
    bool via_back;
    /* Instead of links: whether the row chooses one of the others. */
    bool (*chooses)(const struct store *st, struct handle row, struct handle other);
};

static const struct way ways[] = {
    {"node", "pod", LINK_NODE, true, NULL, 0, false},
    {"workload", "pod", LINK_OWNER, true, "replicaset", LINK_OWNER, true},
    {"replicaset", "pod", LINK_OWNER, true, NULL, 0, false},
    {"job", "pod", LINK_OWNER, true, NULL, 0, false},
    {"cronjob", "job", LINK_OWNER, true, NULL, 0, false},
    {"service", "pod", LINK_SERVICE, true, "endpointslice", LINK_POD, false},
    {"endpointslice", "pod", LINK_POD, false, NULL, 0, false},
    {"pvc", "pod", LINK_CLAIM, true, NULL, 0, false},
    {"pv", "pvc", LINK_VOLUME, true, NULL, 0, false},
    {"storageclass", "pvc", LINK_CLASS, true, NULL, 0, false},
    {"ingress", "service", LINK_SERVICE, false, NULL, 0, false},
    {"ingressroute", "service", LINK_SERVICE, false, NULL, 0, false},
    {"middleware", "ingressroute", LINK_MIDDLEWARE, true, NULL, 0, false},
    {"pdb", "pod", LINK_TYPE_COUNT, false, NULL, 0, false, pdb_chooses},
};

static const struct way *way_from(const struct ui *ui, uint16_t kind)
{
    const char *name = store_kind(ui->store, kind)->name;
    for (size_t i = 0; i < BN_COUNT(ways); i++)
        if (strcmp(ways[i].from, name) == 0)
            return &ways[i];
    return NULL;
}

static int kind_of(const struct ui *ui, const char *name)
{
    return name ? kind_find(session_kinds(ui->session), span_from(name)) : -1;
}

int drill_below(const struct ui *ui, uint16_t kind, int *via)
{
    const struct way *way = way_from(ui, kind);
    *via = way ? kind_of(ui, way->via) : -1;
    if (strcmp(store_kind(ui->store, kind)->name, "namespace") == 0)
        return kind_of(ui, "pod");
    return way ? kind_of(ui, way->to) : -1;
}

bool drill_is_maker(const struct ui *ui, uint16_t kind)
{
    const struct way *way = way_from(ui, kind);
    return way && way->link == LINK_OWNER;
}

void drill_done(struct drill *d)
{
    free(d->rows);
    *d = (struct drill){0};
}

static int compare(const void *a, const void *b)
{
    const struct handle *x = a, *y = b;
    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    return (x->generation > y->generation) - (x->generation < y->generation);
}

bool drill_has(const struct drill *d, struct handle row)
{
    return d->count && bsearch(&row, d->rows, d->count, sizeof(row), compare);
}

static void add(struct drill *d, struct handle row)
{
    if (d->count == ROWS_MAX)
        return;
    if (d->count == d->cap) {
        d->cap = d->cap ? d->cap * 2 : 64;
        d->rows = xalloc_resize(d->rows, d->cap, sizeof(*d->rows));
    }
    d->rows[d->count++] = row;
}

struct walk {
    const struct ui *ui;
    const struct way *way;
    uint16_t kind; /* of the rows that are looked for */
    int via;
    struct drill *out;
};

static void step(const struct walk *w, struct handle from, bool second);

static void arrive(const struct walk *w, struct handle row, bool second)
{
    if (row.kind == w->kind)
        add(w->out, row);
    else if (!second && (int)row.kind == w->via)
        step(w, row, true);
}

static void step(const struct walk *w, struct handle from, bool second)
{
    const struct store *st = w->ui->store;
    enum link_type wanted = second ? w->way->via_link : w->way->link, type;
    struct handle other;
    struct link link;
    uint32_t back = 0;
    size_t at = 0;
    if (second ? w->way->via_back : w->way->back) {
        while (store_used_by_next(st, from, &back, &other, &type))
            if (type == wanted)
                arrive(w, other, second);
        return;
    }
    while (store_link_next(st, from, &at, &link))
        if (link.type == wanted && store_follow(st, from, &link, &other) == LINK_FOUND)
            arrive(w, other, second);
}

static void add_chosen(const struct walk *w, struct handle root)
{
    struct handle row;
    uint32_t at = 0;
    while (store_next(w->ui->store, w->kind, &at, &row))
        if (w->way->chooses(w->ui->store, root, row))
            add(w->out, row);
}

/* Rows that were below and are gone: the store shows them for a while. */
static void keep_gone(const struct walk *w, const struct drill *before)
{
    struct handle row;
    uint32_t at = 0;
    while (store_gone_next(w->ui->store, w->kind, &at, &row))
        if (drill_has(before, row))
            add(w->out, row);
}

bool drill_update(struct drill *d, const struct ui *ui, const struct row_name *root, uint16_t kind)
{
    struct drill now = {0};
    struct handle row;
    const struct way *way = way_from(ui, root->kind);
    if (!way)
        return false;
    const struct walk walk = {
        .ui = ui, .way = way, .kind = kind, .via = kind_of(ui, way->via), .out = &now};
    if (store_find(ui->store, root->source, root->kind, span_make(root->key, root->key_len),
                   &row)) {
        if (way->chooses)
            add_chosen(&walk, row);
        else
            step(&walk, row, false);
    }
    keep_gone(&walk, d);
    if (now.count)
        qsort(now.rows, now.count, sizeof(*now.rows), compare);
    size_t kept = 0;
    for (size_t i = 0; i < now.count; i++)
        if (!kept || !handle_equal(now.rows[kept - 1], now.rows[i]))
            now.rows[kept++] = now.rows[i];
    now.count = kept;
    bool same = now.count == d->count;
    for (size_t i = 0; same && i < now.count; i++)
        same = handle_equal(now.rows[i], d->rows[i]);
    free(d->rows);
    *d = now;
    return !same;
}

bool drill_place(const struct ui *ui, struct handle row, struct place *out)
{
    int via, below = drill_below(ui, row.kind, &via);
    struct span key = store_key(ui->store, row);
    if (below < 0 || key.len > sizeof(out->root.key))
        return false;
    *out = (struct place){.cls = &screen_table, .kind = below, .source = SOURCE_ANY};
    if (!way_from(ui, row.kind)) { /* a namespace is a scope */
        (void)snprintf(out->scope, sizeof(out->scope), "%.*s", SPAN_ARG(key));
        return true;
    }
    out->root = (struct row_name){
        .set = true,
        .kind = row.kind,
        .source = store_row_source(ui->store, row),
        .key_len = key.len,
    };
    memcpy(out->root.key, key.data, key.len);
    return true;
}
