/* Applying messages: puts, drops, whole pictures, states. */
#include <config.h>

#include "base/alloc.h"
#include "model/store_impl.h"

#include <string.h>

static bool no_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "there is no memory left for more rows");
}

/* Packs a record's cells for a row, to be taken over or dropped. Folds are kept from the
 * old ones: sources do not send them. False: no memory, and nothing is packed. */
static bool pack(struct store *st, struct handle row, const struct record *r, size_t *at,
                 struct cells *packed)
{
    const struct table *t = &st->tables[row.kind];
    struct cells old = row_cells(st, row_head(st, row));
    struct record_cell cell;
    *packed = (struct cells){old.present & t->folded, old.key, st->scratch};
    for (size_t ahead = *at; record_cell_next(r, &ahead, &cell);)
        packed->present |= UINT64_C(1) << cell.column;
    memset(packed->bytes, 0, cells_size(t, packed->present));
    while (record_cell_next(r, at, &cell)) {
        if (cell_has_text(cell.value.type) &&
            !cell_set_text(st, t, packed, &old, cell.column, cell.value.text)) {
            cells_drop(st, t, packed, &old);
            return false;
        }
        if (!value_type_is_text(cell.value.type))
            memcpy(cell_at(t, packed, cell.column), &cell.value.num, 8);
    }
    for (uint64_t left = t->folded & old.present; left; left &= left - 1) {
        size_t column = (size_t)__builtin_ctzll(left);
        memcpy(cell_at(t, packed, column), cell_at(t, &old, column), 8);
    }
    return true;
}

/* A bit for each column whose cell is other than it was. */
static uint64_t changed_cells(const struct table *t, const struct cells *old,
                              const struct cells *cells)
{
    uint64_t changed = old->present ^ cells->present;
    size_t bytes = cells_size(t, cells->present);
    if (!changed && (!bytes || (old->bytes && memcmp(old->bytes, cells->bytes, bytes) == 0)))
        return 0;
    for (uint64_t left = old->present & cells->present; left; left &= left - 1) {
        size_t i = (size_t)__builtin_ctzll(left);
        size_t size = cell_size(&t->kind->columns[i]);
        bool same = memcmp(cell_at(t, old, i), cell_at(t, cells, i), size) == 0;
        changed |= (uint64_t)!same << i;
    }
    return changed;
}

/* The row does not answer, by these cells. */
static bool is_unheard(const struct store *st, const struct table *t, const struct cells *cells)
{
    int column = t->kind->unheard ? kind_column(t->kind, span_from(t->kind->unheard)) : -1;
    return column >= 0 && cell_read(st, t, cells, (size_t)column).type != VALUE_ABSENT;
}

static void note_cells(struct store *st, struct handle row, uint64_t changed,
                       const struct cells *cells)
{
    const struct table *t = &st->tables[row.kind];
    const struct cells old = row_cells(st, row_head(st, row));
    const bool unheard = is_unheard(st, t, &old) || is_unheard(st, t, cells);
    for (size_t i = 0; i < t->kind->ncolumns; i++) {
        if (!(t->kind->columns[i].flags & COLUMN_NOTABLE) || !(changed >> i & 1))
            continue;
        struct value before = cell_read(st, t, &old, i), after = cell_read(st, t, cells, i);
        if (unheard && (before.type == VALUE_ABSENT || after.type == VALUE_ABSENT))
            continue;
        change_note(st, row, CHANGE_CELL, (uint16_t)i, &before, &after);
    }
}

static bool take_over(struct store *st, struct handle row, const struct cells *packed)
{
    struct sum shares[FOLDS_MAX];
    folds_read(st, row, shares);
    if (!cells_replace(st, &st->tables[row.kind], row_head(st, row), packed))
        return false;
    folds_moved(st, row, shares);
    return true;
}

static bool put_new(struct store *st, const struct message *m, struct span key, struct handle *row)
{
    uint32_t id = intern_add(st->texts, key);
    if (!id)
        return false;
    if (rows_add(st, m->source, m->kind, id, row))
        return true;
    intern_drop(st->texts, id);
    return false;
}

static bool put_row(struct store *st, const struct message *m, const struct record *r,
                    struct err *err)
{
    const struct table *t = &st->tables[m->kind];
    struct cells packed;
    struct handle row;
    size_t at = 0;
    bool fresh = !store_find(st, m->source, m->kind, r->key, &row), relinked;
    if (fresh && !put_new(st, m, r->key, &row))
        return no_memory(err);
    row_head(st, row)->mark = st->sources[m->source].kinds[m->kind].mark;
    st->puts++;
    if (!pack(st, row, r, &at, &packed))
        return no_memory(err);
    struct cells old = row_cells(st, row_head(st, row));
    uint64_t changed = fresh ? COLUMNS_ALL : changed_cells(t, &old, &packed);
    if (changed && !fresh)
        note_cells(st, row, changed, &packed);
    if (changed && !take_over(st, row, &packed))
        return no_memory(err);
    if (!links_set(st, row, r, at, &relinked))
        return no_memory(err);
    series_heard(st, row);
    if (!changed && !relinked) {
        st->equal_puts++;
        return true;
    }
    sync_drift(st, m->source, m->kind);
    if ((fresh && t->nsums) || t->derived)
        (void)fold_later(st, row);
    if (fresh)
        change_note(st, row, CHANGE_NEW, 0, NULL, NULL);
    if (!judge_later(st, row))
        return no_memory(err);
    judge_neighbours(st, row);
    st->tables[m->kind].version++;
    tell_views(st, row, changed);
    return true;
}

void drop_row(struct store *st, struct handle row)
{
    st->drops++;
    change_note(st, row, CHANGE_GONE, 0, NULL, NULL);
    struct handle owner = change_owner(st, row);
    judge_neighbours(st, row);
    links_clear(st, row);
    row_head(st, row)->owner = owner;
    rows_bury(st, row, st->now_ms);
    st->tables[row.kind].version++;
    tell_views(st, row, COLUMNS_ALL);
}

static bool apply_batch(struct store *st, const struct message *m, struct err *err)
{
    struct record r;
    struct handle row;
    size_t at = 0;
    for (size_t n = 0;; n++) {
        if (n % AHEAD_ROWS == 0)
            ahead_of(st, m, at);
        if (!record_next(m, &at, &r))
            break;
        if (!r.drop) {
            if (!put_row(st, m, &r, err))
                return false;
        } else if (store_find(st, m->source, m->kind, r.key, &row)) {
            drop_row(st, row);
        }
    }
    return true;
}

static void take_state(struct store *st, const struct message *m)
{
    struct source_entry *s = &st->sources[m->source];
    struct source_report *to =
        m->kind == KIND_NONE ? &s->info.report : &s->kinds[m->kind].info.report;
    bool told = to->state != m->report.state || to->paced != m->report.paced ||
                to->every_ms != m->report.every_ms || to->at_rest != m->report.at_rest ||
                to->why.kind != m->report.why.kind || strcmp(to->why.msg, m->report.why.msg) != 0 ||
                to->retry_ms != m->report.retry_ms || strcmp(to->note, m->report.note) != 0;
    int64_t proof = to->proof_ms;
    *to = m->report;
    if (to->proof_ms == TIME_NONE)
        to->proof_ms = proof;
    st->version += told;
}

bool store_apply(struct store *st, const struct message *m, int64_t now_ms, struct err *err)
{
    st->now_ms = now_ms;
    if (m->source >= st->nsources ||
        (m->kind >= st->kinds->count && (m->kind != KIND_NONE || m->type != MESSAGE_STATE)))
        return true;
    switch (m->type) {
    case MESSAGE_BATCH:
        return apply_batch(st, m, err);
    case MESSAGE_SYNC_BEGIN:
        sync_begin(st, m);
        return true;
    case MESSAGE_SYNC_END:
        sync_end(st, m);
        return true;
    case MESSAGE_STATE:
        take_state(st, m);
        return true;
    case MESSAGE_DOCUMENT:
    case MESSAGE_LINES:
        return true;
    }
    return true;
}
