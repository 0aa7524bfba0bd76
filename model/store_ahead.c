/* What the next puts of a batch will read. At many rows nothing of it is near, and each thing
 * read says only where the next one is: so that several puts wait at once, it is brought in
 * ahead, step by step. Nothing here changes what is done or depends on it. */
#include <config.h>

#include "model/store_impl.h"

static size_t guess_rows(const struct store *st, const struct message *m, size_t at,
                         struct handle rows[AHEAD_ROWS])
{
    struct span keys[AHEAD_ROWS];
    struct record r;
    size_t n = 0, found = 0;
    for (; n < AHEAD_ROWS && record_next(m, &at, &r); n++) {
        keys[n] = r.key;
        rows_prefetch(st, m->source, m->kind, r.key);
    }
    for (size_t i = 0; i < n; i++)
        found += rows_guess(st, m->source, m->kind, keys[i], &rows[found]);
    return found;
}

static void bring_row(const struct store *st, struct handle row)
{
    __builtin_prefetch(row_head(st, row));
}

static void bring_cells(const struct store *st, struct handle row)
{
    const struct row_head *head = row_head(st, row);
    struct cells cells = row_cells(st, head);
    size_t size = cells.bytes ? cells_size(&st->tables[row.kind], cells.present) : 0;
    for (size_t i = 0; i < size; i += 64)
        __builtin_prefetch(cells.bytes + i);
    intern_prefetch(st->texts, head->key);
    if (head->links != NONE32)
        __builtin_prefetch(link_at(st, head->links));
}

static void bring_texts(const struct store *st, struct handle row)
{
    const struct table *t = &st->tables[row.kind];
    struct cells cells = row_cells(st, row_head(st, row));
    for (uint64_t left = cells.present & t->texts; left; left &= left - 1)
        intern_prefetch(st->texts, cell_text_id(t, &cells, (size_t)__builtin_ctzll(left)));
}

static void bring_targets(const struct store *st, struct handle row)
{
    const struct link_node *node;
    for (uint32_t n = row_head(st, row)->links; n != NONE32; n = link_after(st, n)) {
        node = link_at(st, n);
        __builtin_prefetch(pool_at(&st->targets, node->target));
    }
}

static void bring_target_keys(const struct store *st, struct handle row)
{
    const struct link_node *node;
    for (uint32_t n = row_head(st, row)->links; n != NONE32; n = link_after(st, n)) {
        node = link_at(st, n);
        const struct target *t = pool_at(&st->targets, node->target);
        intern_prefetch(st->texts, t->key);
    }
}

void ahead_of(const struct store *st, const struct message *m, size_t at)
{
    static void (*const steps[])(const struct store *, struct handle) = {
        bring_row, bring_cells, bring_texts, bring_targets, bring_target_keys};
    struct handle rows[AHEAD_ROWS];
    size_t n = guess_rows(st, m, at, rows);
    for (size_t s = 0; s < BN_COUNT(steps); s++)
        for (size_t i = 0; i < n; i++)
            steps[s](st, rows[i]);
}
