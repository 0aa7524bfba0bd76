/* The last ten minutes of the figures of rows whose kind wants them kept (COLUMN_SERIES). */
#include <config.h>

#include "base/alloc.h"
#include "model/store_impl.h"

#include <stdlib.h>

static size_t width_of(const struct table *t)
{
    return (size_t)__builtin_popcountll(t->series);
}

/* The series of a row, one for each of the columns in order; NULL: none are kept. */
static struct series_ring *series_of(const struct table *t, uint32_t slot)
{
    return t->kept && slot < SERIES_ROWS ? t->kept[slot] : NULL;
}

void series_init(struct table *t)
{
    for (size_t i = 0; i < t->kind->ncolumns; i++) {
        const struct column *c = &t->kind->columns[i];
        bool wanted = c->flags & COLUMN_SERIES;
        bn_assert(!wanted || !(c->since || cell_has_text(c->type)));
        t->series |= (uint64_t)wanted << i;
    }
}

/* Memory is all that it can fail for, or there are too many rows: the row is whole without. */
static struct series_ring *begin(struct store *st, struct table *t, uint32_t slot)
{
    if (slot >= SERIES_ROWS || st->nseries == SERIES_ROWS)
        return NULL;
    if (!t->kept)
        t->kept = alloc_try_zero(SERIES_ROWS, sizeof(struct series_ring *));
    if (!t->kept)
        return NULL;
    t->kept[slot] = alloc_try_zero(width_of(t), sizeof(struct series_ring));
    if (t->kept[slot]) {
        st->nseries++;
        st->series_bytes += width_of(t) * sizeof(struct series_ring);
    }
    return t->kept[slot];
}

void series_heard(struct store *st, struct handle row)
{
    struct table *t = &st->tables[row.kind];
    if (!t->series)
        return;
    struct series_ring *series = series_of(t, row.slot);
    if (!series && !(series = begin(st, t, row.slot)))
        return;
    const struct cells cells = row_cells(st, row_head(st, row));
    for (uint64_t left = t->series; left; left &= left - 1, series++) {
        struct value v = cell_read(st, t, &cells, (size_t)__builtin_ctzll(left));
        if (v.type != VALUE_ABSENT)
            series_add(series, st->now_ms, value_type_is_real(v.type) ? v.real : (double)v.num);
    }
}

void series_drop(struct store *st, struct handle row)
{
    struct table *t = &st->tables[row.kind];
    if (!series_of(t, row.slot))
        return;
    free(t->kept[row.slot]);
    t->kept[row.slot] = NULL;
    st->nseries--;
    st->series_bytes -= width_of(t) * sizeof(struct series_ring);
}

void series_free(struct table *t)
{
    for (size_t i = 0; t->kept && i < SERIES_ROWS; i++)
        free(t->kept[i]);
    free(t->kept);
}

size_t store_series(const struct store *st, struct handle row, size_t column, int64_t now_ms,
                    double out[SERIES_SAMPLES])
{
    static const struct series_ring nothing;
    const struct table *t = &st->tables[row.kind];
    const struct series_ring *series = row_known(st, row) ? series_of(t, row.slot) : NULL;
    uint64_t bit = UINT64_C(1) << column;
    if (!series || !(t->series & bit))
        return series_read(&nothing, now_ms, out);
    return series_read(&series[__builtin_popcountll(t->series & (bit - 1))], now_ms, out);
}
