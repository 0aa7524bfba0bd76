/* A view of the bad rows of each kind; their owners gathered when asked for. */
#include <config.h>

#include "tui/problems.h"

#include "base/alloc.h"
#include "model/change.h"
#include "model/system.h"
#include "tui/naming.h"

#include <stdlib.h>

#define VIEWS_MAX    128
#define OF_KIND_MAX  64 /* the worst ones of a kind; what is beyond is in its table */
#define PROBLEMS_MAX 256

struct problems {
    struct view *views[VIEWS_MAX]; /* owned */
    size_t nviews;
    struct problem all[PROBLEMS_MAX];
    size_t count;
    uint64_t version; /* of the store when last collected */
    bool settled;     /* no view was amid its work then */
    int event;        /* the kind whose rows only tell of others; -1: none */
};

static void add_view(struct problems *p, struct store *st, uint16_t kind)
{
    for (size_t i = 0; i < p->nviews; i++)
        if (view_kind(p->views[i]) == kind)
            return;
    struct view *v = p->nviews < VIEWS_MAX ? view_new(st, kind) : NULL;
    struct view_spec spec = {.filter = SPAN(""), .namespaces = SPAN(""), .only_problems = true};
    struct err err;
    if (!v)
        return;
    spec.sort[0] = (struct view_sort){VIEW_COLUMN_LEVEL, true};
    spec.nsort = 1;
    bool set = view_set(v, &spec, true, &err);
    bn_assert(set); /* a filter of nothing is never wrong */
    p->views[p->nviews++] = v;
}

struct problems *problems_new(struct session *session)
{
    struct problems *p = xalloc_zero(1, sizeof(*p));
    const struct system_list *systems = session_systems(session);
    const struct kind_list *kinds = session_kinds(session);
    for (size_t i = 0; i < systems->count; i++) {
        for (size_t k = 0; k < SYSTEM_KINDS_MAX && systems->systems[i].kinds[k]; k++) {
            int kind = kind_find(kinds, span_from(systems->systems[i].kinds[k]));
            if (kind >= 0 && !kinds->kinds[kind]->joined)
                add_view(p, session_store(session), (uint16_t)kind);
        }
    }
    p->event = kind_find(kinds, SPAN("event"));
    return p;
}

void problems_free(struct problems *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->nviews; i++)
        view_free(p->views[i]);
    free(p);
}

/* Of rows that are equally bad the one that is nearest to the cause: what the
 * owner made says more than the owner, unless the owner's rule says otherwise, and both say more than
 * an event, or than what a proxy makes of them. */
static int nearness(const struct problems *p, const struct store *st, const struct problem *of,
                    struct handle row)
{
    if ((int)row.kind == p->event || change_is_echo(st, row))
        return 0;
    if (!handle_equal(of->owner, row))
        return 2;
    return store_kind(st, row.kind)->rules[store_verdict(st, row).rule].cause ? 3 : 1;
}

static void add_row(struct problems *p, const struct store *st, struct handle row)
{
    struct handle owner = naming_owner(st, row);
    enum level level = store_verdict(st, row).level;
    for (size_t i = 0; i < p->count; i++) {
        struct problem *one = &p->all[i];
        if (!handle_equal(one->owner, owner))
            continue;
        one->rows++;
        if (level > one->level ||
            (level == one->level && nearness(p, st, one, row) > nearness(p, st, one, one->row))) {
            one->level = level;
            one->row = row;
        }
        return;
    }
    if (p->count < PROBLEMS_MAX)
        p->all[p->count++] = (struct problem){owner, row, level, 1};
}

int64_t problem_since(const struct problem *p, const struct store *st)
{
    int64_t since = store_level_since(st, p->row);
    return since != TIME_NONE ? since : store_level_since(st, p->owner);
}

struct order {
    const struct problems *problems;
    const struct store *store;
};

/* Worst first; what only events tell of last; the newest before what nobody
 * knows the beginning of; then by kind and name. */
static int compare(const void *a, const void *b, void *context)
{
    const struct problem *x = a, *y = b;
    const struct order *o = context;
    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    bool tells_x = (int)x->row.kind == o->problems->event;
    bool tells_y = (int)y->row.kind == o->problems->event;
    if (tells_x != tells_y)
        return tells_x ? 1 : -1;
    int64_t since_x = problem_since(x, o->store);
    int64_t since_y = problem_since(y, o->store);
    if (since_x != since_y) /* TIME_NONE is the least */
        return since_x > since_y ? -1 : 1;
    if (x->owner.kind != y->owner.kind)
        return x->owner.kind < y->owner.kind ? -1 : 1;
    return span_compare(store_key(o->store, x->owner), store_key(o->store, y->owner));
}

size_t problems_collect(struct problems *p, const struct store *st)
{
    const struct order order = {p, st};
    if (p->settled && p->version == store_version(st))
        return p->count;
    p->version = store_version(st);
    p->settled = true;
    p->count = 0;
    for (size_t v = 0; v < p->nviews; v++) {
        p->settled = p->settled && !view_pending(p->views[v]);
        for (size_t i = 0; i < view_count(p->views[v]) && i < OF_KIND_MAX; i++)
            add_row(p, st, view_at(p->views[v], i));
    }
    qsort_r(p->all, p->count, sizeof(p->all[0]), compare, (void *)(uintptr_t)&order);
    return p->count;
}

const struct problem *problems_get(const struct problems *p, size_t i)
{
    bn_assert(i < p->count);
    return &p->all[i];
}
