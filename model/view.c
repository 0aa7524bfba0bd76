/* Views: the rows of a kind that match, in order, in chunks. */
#include <config.h>

#include "base/alloc.h"
#include "model/view_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view *view_new(struct store *st, uint16_t kind)
{
    struct view *v = alloc_try_zero(1, sizeof(*v));
    if (!v)
        return NULL;
    v->store = st;
    v->kind = kind;
    v->spec.filter = v->spec.namespaces = (struct span){"", 0};
    v->next_ms = TIME_FOREVER;
    v->filter_text = xalloc_text("");
    v->namespaces = xalloc_text("");
    order_init(&v->order);
    order_init(&v->build.order);
    store_attach_view(st, v);
    view_restart(v);
    return v;
}

void view_free(struct view *v)
{
    if (!v)
        return;
    store_detach_view(v->store, v);
    order_clear(&v->order);
    free(v->build.rows);
    free(v->build.spare);
    order_clear(&v->build.order);
    free(v->late);
    free(v->late_bits);
    free(v->untils);
    filter_free(v->filter);
    free(v->filter_text);
    free(v->namespaces);
    free(v);
}

static bool parse_column(const struct kind *k, struct span name, uint16_t *column, struct err *err)
{
    if (span_is(name, "level")) {
        *column = VIEW_COLUMN_LEVEL;
        return true;
    }
    int exact = kind_column(k, name), at = exact;
    size_t found = 0;
    for (size_t i = 0; exact < 0 && name.len && i < k->ncolumns; i++) {
        if (!span_eq(span_sub(span_from(k->columns[i].name), 0, name.len), name))
            continue;
        at = (int)i;
        found++;
    }
    if (found > 1)
        return err_set(err, ERR_CONFIG, "several columns of %s begin with `%.*s`", k->plural,
                       SPAN_ARG(name));
    if (at < 0)
        return err_set(err, ERR_CONFIG, "%s have no column `%.*s` to sort by", k->plural,
                       SPAN_ARG(name));
    *column = (uint16_t)at;
    return true;
}

bool view_parse_sort(const struct kind *k, struct span text, struct view_spec *spec,
                     struct err *err)
{
    struct view_sort sort[VIEW_SORT_MAX];
    size_t n = 0;
    struct span one;
    while (span_split(&text, ',', &one)) {
        one = span_trim(one);
        bool down = false;
        if (!one.len)
            continue;
        if (n == VIEW_SORT_MAX)
            return err_set(err, ERR_CONFIG, "a table is sorted by at most %d columns",
                           VIEW_SORT_MAX);
        if (span_ends(one, "!")) {
            down = true;
            one.len--;
        } else if (span_ends(one, " desc")) {
            down = true;
            one = span_trim(span_sub(one, 0, one.len - 5));
        } else if (span_ends(one, " asc")) {
            one = span_trim(span_sub(one, 0, one.len - 4));
        }
        if (!parse_column(k, one, &sort[n].column, err))
            return false;
        sort[n++].descending = down;
    }
    memcpy(spec->sort, sort, n * sizeof(sort[0]));
    spec->nsort = n;
    return true;
}

static struct filter *compile(struct view *v, struct span text, bool lenient, struct err *err)
{
    const struct kind *k = store_kind(v->store, v->kind);
    size_t where;
    v->nfaults = 0;
    if (lenient)
        return filter_compile_lenient(k, text, v->faults, BN_COUNT(v->faults), &v->nfaults);
    return filter_compile(k, text, &where, err);
}

bool view_set(struct view *v, const struct view_spec *spec, bool lenient, struct err *err)
{
    struct filter *filter = compile(v, spec->filter, lenient, err);
    if (!filter)
        return false;
    char *text = xalloc_bytes(spec->filter.data ? spec->filter.data : "", spec->filter.len);
    char *namespaces =
        xalloc_bytes(spec->namespaces.data ? spec->namespaces.data : "", spec->namespaces.len);
    filter_free(v->filter);
    free(v->filter_text);
    free(v->namespaces);
    v->filter = filter;
    v->filter_text = text;
    v->namespaces = namespaces;
    v->spec = *spec;
    v->spec.filter = span_from(text);
    v->spec.namespaces = span_from(namespaces);
    filter_set_scope(filter, &v->scope);
    view_set_keys(v);
    view_restart(v);
    return true;
}

size_t view_faults(const struct view *v, const struct filter_fault **faults)
{
    *faults = v->faults;
    return v->nfaults;
}

struct filter *view_filter(const struct view *v)
{
    return v->filter;
}

void view_set_scope(struct view *v, const struct filter_scope *scope)
{
    v->scope = *scope;
    if (v->filter)
        filter_set_scope(v->filter, scope);
    view_set_keys(v);
}

/* "a,b": in one of them; "!kube-*,!x": in none of them. */
static bool in_scope(const struct view *v, struct handle row)
{
    struct span list = v->spec.namespaces, one;
    struct span key = store_key(v->store, row);
    struct span ns = span_sub(key, 0, span_find(key, '/', 0));
    bool wanted = false, listed = false;
    if (!list.len || !store_kind(v->store, v->kind)->namespaced)
        return true;
    while (span_split(&list, ',', &one)) {
        if (span_starts(one, "!")) {
            if (filter_match_glob(span_sub(one, 1, one.len), ns))
                return false;
        } else {
            listed = true;
            wanted = wanted || filter_match_glob(one, ns);
        }
    }
    return wanted || !listed;
}

bool view_wants(struct view *v, struct handle row, int64_t now_ms, int64_t *until)
{
    if (!store_alive(v->store, row) && !v->spec.with_gone)
        return false;
    if (v->spec.only_problems && store_verdict(v->store, row).level < LEVEL_UNKNOWN)
        return false;
    if (v->scope.is_within && !v->scope.is_within(v->scope.self, row))
        return false;
    return in_scope(v, row) &&
           (!v->filter || filter_match(v->filter, v->store, row, now_ms, until));
}

bool view_pending(const struct view *v)
{
    return v->build.stage != BUILD_DONE;
}

void view_finish(struct view *v, int64_t now_ms)
{
    while (store_turn(v->store, now_ms, 1000000) || view_pending(v))
        ;
}

uint16_t view_kind(const struct view *v)
{
    return v->kind;
}

size_t view_count(const struct view *v)
{
    return v->order.count;
}

struct handle view_at(const struct view *v, size_t i)
{
    return order_at(&v->order, i);
}

bool view_find(const struct view *v, struct handle row, size_t *i)
{
    return order_find(&v->order, row, i);
}

uint64_t view_version(const struct view *v)
{
    return v->version;
}

bool view_next_problem(const struct view *v, size_t from, int dir, enum level least, size_t *i)
{
    size_t n = v->order.count;
    for (size_t step = 1; step <= n; step++) {
        size_t at = (from + (dir > 0 ? step : n - step)) % n;
        if (store_verdict(v->store, order_at(&v->order, at)).level >= least) {
            *i = at;
            return true;
        }
    }
    return false;
}
