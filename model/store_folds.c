/* Folds: columns that add up the rows whose links lead to a row. What they add up to is
 * kept with the target, whether there is such a row or not, and follows each change of
 * what a row adds. A row's cells take it over in its turn, so that many changes are told
 * as one. */
#include <config.h>

#include "base/alloc.h"
#include "model/store_impl.h"

#include <stdlib.h>
#include <string.h>

static bool add_fold(struct store *st, uint16_t kind, uint16_t column, size_t over)
{
    struct table *own = &st->tables[kind], *t = &st->tables[over];
    const struct fold *fold = own->kind->columns[column].fold;
    struct fold_over *folds = alloc_try_resize(t->folds, t->nfolds + 1, sizeof(*folds));
    struct err err;
    size_t where;
    if (!folds)
        return false;
    t->folds = folds;
    struct fold_over *f = &folds[t->nfolds++];
    *f = (struct fold_over){.fold = fold, .kind = kind, .place = (uint8_t)own->nsums};
    if (fold->column) {
        int at = kind_column(t->kind, span_from(fold->column));
        bn_assert(at >= 0 && !t->kind->columns[at].since);
        f->over = (uint16_t)at;
        f->real = value_type_is_real(t->kind->columns[at].type);
    }
    if (fold->where) {
        f->where = filter_compile(t->kind, span_from(fold->where), &where, &err);
        bn_assert(f->where && filter_is_steady(f->where) &&
                  filter_columns(f->where) != COLUMNS_ALL);
    }
    return true;
}

bool folds_init(struct store *st)
{
    for (uint16_t k = 0; k < st->kinds->count; k++) {
        struct table *own = &st->tables[k];
        own->sum_columns = alloc_try_zero(FOLDS_MAX, sizeof(*own->sum_columns));
        if (!own->sum_columns)
            return false;
        for (uint16_t i = 0; i < own->kind->ncolumns; i++) {
            const struct fold *fold = own->kind->columns[i].fold;
            bool derived = fold && fold->op == FOLD_DERIVED;
            int over = fold && !derived ? kind_find(st->kinds, span_from(fold->kind)) : -1;
            own->derived |= (uint64_t)derived << i;
            bn_assert(!derived ||
                      (own->kind->derive && !value_type_is_text(own->kind->columns[i].type)));
            if (over < 0)
                continue;
            bn_assert(own->nsums < FOLDS_MAX && st->tables[over].nfolds < FOLDS_MAX);
            if (!add_fold(st, k, i, (size_t)over))
                return false;
            own->sum_columns[own->nsums++] = i;
        }
        pool_init(&own->sums, (own->nsums ? own->nsums : 1) * sizeof(struct sum));
    }
    return true;
}

void folds_free(struct table *t)
{
    for (size_t i = 0; i < t->nfolds; i++)
        filter_free(t->folds[i].where);
    free(t->folds);
    free(t->sum_columns);
    pool_clear(&t->sums);
}

static struct sum *sums_of(const struct store *st, const struct target *target)
{
    return target->sums == NONE32 ? NULL : pool_at(&st->tables[target->kind].sums, target->sums);
}

/* Of no rows at all a count and a sum are 0; a least, a most and a worst are not there. */
static void sums_empty(const struct table *own, struct sum *sums)
{
    for (size_t i = 0; i < own->nsums; i++) {
        enum fold_op op = own->kind->columns[own->sum_columns[i]].fold->op;
        sums[i] = (struct sum){.any = op == FOLD_COUNT || op == FOLD_SUM};
    }
}

bool folds_open(struct store *st, struct target *target)
{
    struct table *own = target->kind < st->kinds->count ? &st->tables[target->kind] : NULL;
    if (!own || !own->nsums)
        return true;
    target->sums = pool_take(&own->sums);
    if (target->sums == NONE32)
        return false;
    sums_empty(own, sums_of(st, target));
    return true;
}

void folds_close(struct store *st, struct target *target)
{
    if (target->sums != NONE32)
        pool_give(&st->tables[target->kind].sums, target->sums);
    target->sums = NONE32;
}

static struct sum share_of(const struct store *st, const struct fold_over *f, struct handle row)
{
    struct sum share = {.any = true};
    int64_t until = TIME_FOREVER;
    if (f->where && !filter_match(f->where, st, row, st->now_ms, &until))
        return (struct sum){0};
    if (f->fold->op == FOLD_COUNT) {
        share.num = 1;
    } else if (f->fold->op == FOLD_WORST) {
        share.num = row_head(st, row)->level;
    } else {
        const struct table *t = &st->tables[row.kind];
        struct cells cells = row_cells(st, row_head(st, row));
        share.any = cell_present(&cells, f->over);
        if (share.any)
            memcpy(&share.num, cell_at(t, &cells, f->over), sizeof(share.num));
    }
    return share;
}

static bool same_sum(const struct sum *a, const struct sum *b)
{
    return a->any == b->any && (!a->any || a->num == b->num);
}

/* Is a further towards the end that MIN, MAX or WORST looks for? */
static bool beyond(const struct fold_over *f, const struct sum *a, const struct sum *b)
{
    if (f->fold->op == FOLD_MIN)
        return f->real ? a->real < b->real : a->num < b->num;
    return f->real ? a->real > b->real : a->num > b->num;
}

static bool adds_up(const struct fold_over *f)
{
    return f->fold->op == FOLD_COUNT || f->fold->op == FOLD_SUM;
}

static void sum_add(const struct fold_over *f, struct sum *s, const struct sum *share)
{
    if (!share->any)
        return;
    if (!adds_up(f)) {
        if (!s->any || beyond(f, share, s))
            *s = *share;
    } else if (f->real) {
        s->real += share->real;
    } else if (__builtin_add_overflow(s->num, share->num, &s->num)) {
        s->num = INT64_MAX;
    }
}

/* A share of the fold becomes another. What cannot be taken out again is counted anew: the
 * extreme when it goes, reals, which would not come back to what they were, and a sum
 * that was too big. */
static void sum_move(const struct fold_over *f, struct sum *s, const struct sum *before,
                     const struct sum *after)
{
    bool whole = !f->real && s->num != INT64_MAX;
    if (s->anew)
        return;
    sum_add(f, s, after);
    if (!adds_up(f))
        s->anew |= before->any && !beyond(f, s, before);
    else if (!whole || s->num == INT64_MAX)
        s->anew = true;
    else if (before->any && __builtin_sub_overflow(s->num, before->num, &s->num))
        s->anew = true;
}

/* The row of a target, if there is one, shows its sums in its turn; else that of sources of other
 * sorts, which is what the link leads to then. */
static void show_later(struct store *st, const struct target *t)
{
    const char *backend = st->sources[t->source].info.backend;
    struct span key = intern_text(st->texts, t->key);
    struct handle row;
    if (rows_find(st, t->source, t->kind, key, &row)) {
        (void)fold_later(st, row);
        return;
    }
    for (size_t i = 0; i < st->nsources; i++)
        if (strcmp(st->sources[i].info.backend, backend) != 0 &&
            rows_find(st, (uint16_t)i, t->kind, key, &row))
            (void)fold_later(st, row);
}

void folds_linked(struct store *st, const struct link_node *node, bool added)
{
    static const struct sum nothing = {0};
    const struct table *t = &st->tables[node->kind];
    const struct target *target = pool_at(&st->targets, node->target);
    struct sum *sums = sums_of(st, target);
    bool moved = false;
    if (!sums)
        return;
    for (size_t i = 0; i < t->nfolds; i++) {
        const struct fold_over *f = &t->folds[i];
        if (f->kind != target->kind || f->fold->link != node->type)
            continue;
        struct sum share = share_of(st, f, links_row(st, node));
        sum_move(f, &sums[f->place], added ? &nothing : &share, added ? &share : &nothing);
        moved = true;
    }
    if (moved)
        show_later(st, target);
}

void folds_read(const struct store *st, struct handle row, struct sum shares[FOLDS_MAX])
{
    const struct table *t = &st->tables[row.kind];
    for (size_t i = 0; i < t->nfolds; i++)
        shares[i] = share_of(st, &t->folds[i], row);
}

void folds_moved(struct store *st, struct handle row, const struct sum before[FOLDS_MAX])
{
    const struct table *t = &st->tables[row.kind];
    struct sum after[FOLDS_MAX];
    folds_read(st, row, after);
    for (size_t i = 0; i < t->nfolds; i++) {
        const struct fold_over *f = &t->folds[i];
        const struct link_node *node;
        if (same_sum(&before[i], &after[i]))
            continue;
        for (uint32_t n = row_head(st, row)->links; n != NONE32; n = link_after(st, n)) {
            node = link_at(st, n);
            const struct target *target = pool_at(&st->targets, node->target);
            if (f->kind != target->kind || f->fold->link != node->type)
                continue;
            sum_move(f, sums_of(st, target) + f->place, &before[i], &after[i]);
            show_later(st, target);
        }
    }
}

/* All folds of a target in one pass over the links that lead there; the rows gone
 * through. */
static size_t count_links(const struct store *st, const struct target *target, struct sum *sums)
{
    const struct link_node *node;
    sums_empty(&st->tables[target->kind], sums);
    for (uint32_t n = target->first; n != NONE32; n = node->next) {
        node = link_at(st, n);
        const struct table *t = &st->tables[node->kind];
        for (size_t i = 0; i < t->nfolds; i++) {
            const struct fold_over *f = &t->folds[i];
            if (f->kind != target->kind || f->fold->link != node->type)
                continue;
            struct sum share = share_of(st, f, links_row(st, node));
            sum_add(f, &sums[f->place], &share);
        }
    }
    return target->count;
}

static bool needs_count(const struct table *own, const struct sum *sums)
{
    for (size_t i = 0; i < own->nsums; i++)
        if (sums[i].anew)
            return true;
    return false;
}

/* What a count finds other than was added up, without a reason to be so, is a bug that
 * is put right and told. */
static size_t recount(struct store *st, const struct target *target, struct sum *sums)
{
    struct sum counted[FOLDS_MAX];
    size_t rows = count_links(st, target, counted);
    for (size_t i = 0; i < st->tables[target->kind].nsums; i++) {
        st->miscounts += !sums[i].anew && !same_sum(&sums[i], &counted[i]);
        sums[i] = counted[i];
    }
    return rows;
}

/* Nothing has changed while what the column is folded over comes for the first time. */
static bool is_news(const struct store *st, const struct column *c)
{
    int over = c->fold->op == FOLD_DERIVED ? -1 : store_kind_find(st, span_from(c->fold->kind));
    return (c->flags & COLUMN_NOTABLE) && (over < 0 || store_synced(st, (uint16_t)over));
}

/* True when the cell changed. */
static bool show_sum(struct store *st, struct handle row, uint16_t column, const struct sum *s)
{
    const struct table *t = &st->tables[row.kind];
    struct row_head *head = row_head(st, row);
    struct cells cells = row_cells(st, head);
    struct value before = cell_read(st, t, &cells, column);
    memcpy(cell_at(t, &cells, column), &s->num, sizeof(s->num));
    cells.present &= ~(UINT64_C(1) << column);
    cells.present |= (uint64_t)s->any << column;
    head->present = cells.present;
    struct value after = cell_read(st, t, &cells, column);
    if (value_equal(&before, &after))
        return false;
    if (before.type != VALUE_ABSENT && is_news(st, &t->kind->columns[column]))
        change_note(st, row, CHANGE_CELL, column, &before, &after);
    return true;
}

/* Adds what links of one source add up to. */
static void add_target_sums(struct store *st, struct handle row, uint16_t source, struct sum *all,
                            size_t *cost)
{
    const struct row_head *head = row_head(st, row);
    const struct table *own = &st->tables[row.kind];
    const struct target *target = links_target(st, source, row.kind, head->key);
    struct sum *sums = target ? sums_of(st, target) : NULL;
    if (!sums)
        return;
    if (head->recount || needs_count(own, sums))
        *cost += recount(st, target, sums);
    for (size_t i = 0; i < own->nsums; i++) {
        const struct column *c = &own->kind->columns[own->sum_columns[i]];
        const struct fold_over f = {.fold = c->fold, .real = value_type_is_real(c->type)};
        sum_add(&f, &all[i], &sums[i]);
    }
}

static bool show_derived(struct store *st, struct handle row, uint16_t column)
{
    const struct kind *kind = st->tables[row.kind].kind;
    struct value v = kind->derive(st, row, column);
    struct sum s = {.any = v.type != VALUE_ABSENT};
    if (s.any && value_type_is_real(v.type))
        s.real = v.real;
    else if (s.any)
        s.num = v.num;
    return show_sum(st, row, column, &s);
}

uint64_t folds_show(struct store *st, struct handle row, size_t *cost)
{
    struct row_head *head = row_head(st, row);
    const struct table *own = &st->tables[row.kind];
    struct sum sums[FOLDS_MAX];
    uint64_t changed = 0;
    sums_empty(own, sums);
    for (uint16_t from = SOURCE_NONE;
         (from = links_next_source(st, head->source, row.kind, from)) != SOURCE_NONE;)
        add_target_sums(st, row, from, sums, cost);
    head->recount = false;
    struct sum before[FOLDS_MAX] = {0};
    folds_read(st, row, before);
    for (size_t i = 0; i < own->nsums; i++)
        if (show_sum(st, row, own->sum_columns[i], &sums[i]))
            changed |= UINT64_C(1) << own->sum_columns[i];
    for (uint64_t left = own->derived; left; left &= left - 1) {
        uint16_t column = (uint16_t)__builtin_ctzll(left);
        if (show_derived(st, row, column))
            changed |= UINT64_C(1) << column;
    }
    if (changed)
        folds_moved(st, row, before);
    return changed;
}

void folds_recount(struct store *st, uint16_t source, uint16_t kind)
{
    const struct table *t = &st->tables[kind];
    for (size_t i = 0; i < t->nfolds; i++) {
        struct handle row;
        uint32_t at = 0;
        if (i && t->folds[i].kind == t->folds[i - 1].kind)
            continue; /* one count is of all its folds */
        while (store_next(st, t->folds[i].kind, &at, &row)) {
            struct row_head *head = row_head(st, row);
            if (head->source == source)
                head->recount = fold_later(st, row);
        }
    }
}

void store_derive_again(struct store *st, uint16_t kind)
{
    struct handle row;
    uint32_t at = 0;
    while (st->tables[kind].derived && store_next(st, kind, &at, &row))
        (void)fold_later(st, row);
}
