/* A sorted, filtered window on one kind, kept up by the store's changes. Order
 * is kept in chunks of at most 512 handles; a new order or filter runs in
 * slices of store_turn() while the old order stays on view. */
#ifndef BINNACLE_MODEL_VIEW_H
#define BINNACLE_MODEL_VIEW_H

#include "model/filter.h"

struct view;

#define VIEW_SORT_MAX     4
#define VIEW_COLUMN_LEVEL UINT16_MAX /* sorts by the verdict */

struct view_sort {
    uint16_t column;
    bool descending;
};

struct view_spec {
    struct view_sort sort[VIEW_SORT_MAX];
    size_t nsort;           /* then by source and key, always */
    struct span filter;     /* text; "" matches all */
    struct span namespaces; /* "": all; else "a,b" or "!kube-*,!x": globs on the key's namespace */
    bool only_problems;     /* level >= UNKNOWN */
    bool with_gone;         /* gone rows stay 60 s */
};

/* A view on a store's kind; owned; detached by view_free(). Never fails but by
 * memory (NULL). Starts empty and pending. */
struct view *view_new(struct store *st, uint16_t kind) BN_MUST_USE;
void view_free(struct view *v);

/* A new order and filter, worked on by store_turn(). lenient: bad terms are
 * left out (view_faults()), else false with *err and nothing changed. */
bool view_set(struct view *v, const struct view_spec *spec, bool lenient, struct err *err);
/* "level desc,namespace,name!": parses a sort specification of the kind. */
bool view_parse_sort(const struct kind *k, struct span text, struct view_spec *spec,
                     struct err *err);
size_t view_faults(const struct view *v, const struct filter_fault **faults);
struct filter *view_filter(const struct view *v); /* the present one; borrowed */
void view_set_scope(struct view *v, const struct filter_scope *scope);

/* True while a new order or filter is not yet on view. */
bool view_pending(const struct view *v);
/* Works until nothing is pending (get, tests). */
void view_finish(struct view *v, int64_t now_ms);

uint16_t view_kind(const struct view *v);
size_t view_count(const struct view *v); /* rows that match */
/* The i-th row in order; i < view_count(). O(chunks). */
struct handle view_at(const struct view *v, size_t i);
/* Position of a row; false: not in the view. O(log n). */
bool view_find(const struct view *v, struct handle row, size_t *i);
/* Grows whenever order, membership or a cell of a member changed. */
uint64_t view_version(const struct view *v);
/* Next (dir > 0) or previous row at level >= least after position from; wraps. */
bool view_next_problem(const struct view *v, size_t from, int dir, enum level least, size_t *i);

/* Called by the store on every change of a row: columns says of what (model internal). */
void view_row_changed(struct view *v, struct handle row, uint64_t columns, int64_t now_ms);
/* A slice of pending work and of the filter's own timers; true: more to do. */
bool view_work(struct view *v, int64_t now_ms, int64_t budget_us);
int64_t view_next_work(const struct view *v); /* wall time; TIME_FOREVER */
/* The store tells its views by this list (implemented in store.c). */
void store_attach_view(struct store *st, struct view *v);
void store_detach_view(struct store *st, struct view *v);

#endif
