/* Places of rows: slots, generations, the way from a key to a slot. */
#include <config.h>

#include "model/store_impl.h"

#include <string.h>

static struct row_head *head_at(const struct table *t, uint32_t slot)
{
    return pool_at(&t->rows, slot);
}

static uint32_t hash_of(uint16_t source, struct span key)
{
    return (uint32_t)span_hash(key) ^ source * 0x9e3779b1u;
}

bool rows_find(const struct store *st, uint16_t source, uint16_t kind, struct span key,
               struct handle *row)
{
    const struct table *t = &st->tables[kind];
    uint32_t hash = hash_of(source, key), at = 0, number;
    while ((number = lookup_next(&t->keys, hash, &at)) != 0) {
        const struct row_head *head = head_at(t, number - 1);
        if (head->source != source || !span_eq(intern_text(st->texts, head->key), key))
            continue;
        *row = (struct handle){number - 1, head->generation, kind};
        return true;
    }
    return false;
}

void rows_prefetch(const struct store *st, uint16_t source, uint16_t kind, struct span key)
{
    lookup_prefetch(&st->tables[kind].keys, hash_of(source, key));
}

bool rows_guess(const struct store *st, uint16_t source, uint16_t kind, struct span key,
                struct handle *row)
{
    uint32_t at = 0, number = lookup_next(&st->tables[kind].keys, hash_of(source, key), &at);
    *row = (struct handle){number - 1, 0, kind};
    return number != 0;
}

static bool take_slot(struct table *t, uint32_t *slot)
{
    if (t->free_slot != NONE32) {
        *slot = t->free_slot;
        t->free_slot = head_at(t, *slot)->key;
        return true;
    }
    *slot = pool_take(&t->rows);
    if (*slot == NONE32)
        return false;
    head_at(t, *slot)->generation = 0;
    return true;
}

static void give_slot(struct table *t, uint32_t slot)
{
    struct row_head *head = head_at(t, slot);
    head->state = ROW_FREE;
    head->key = t->free_slot;
    t->free_slot = slot;
}

/* Takes over one use of key. The row's cells are all absent. */
bool rows_add(struct store *st, uint16_t source, uint16_t kind, uint32_t key, struct handle *row)
{
    struct table *t = &st->tables[kind];
    const struct cells none = {0, key, st->scratch};
    uint32_t slot;
    if (!take_slot(t, &slot))
        return false;
    struct row_head *head = head_at(t, slot);
    uint16_t generation = head->generation;
    *head = (struct row_head){.until_ms = TIME_FOREVER,
                              .since_ms = TIME_NONE,
                              .changed_ms = TIME_NONE,
                              .timer_ms = TIME_FOREVER,
                              .cells = ROOMS_NONE,
                              .key = key,
                              .links = NONE32,
                              .source = source,
                              .generation = generation,
                              .state = ROW_ALIVE,
                              .level = LEVEL_OFF};
    memset(st->scratch, 0, cells_size(t, 0));
    if (!cells_replace(st, t, head, &none) ||
        !lookup_add(&t->keys, hash_of(source, intern_text(st->texts, key)), slot + 1)) {
        cells_free(st, t, head);
        give_slot(t, slot);
        return false;
    }
    *row = (struct handle){slot, generation, kind};
    t->alive++;
    t->levels[LEVEL_OFF]++;
    st->sources[source].kinds[kind].info.rows++;
    return true;
}

void rows_bury(struct store *st, struct handle row, int64_t now_ms)
{
    struct table *t = &st->tables[row.kind];
    struct row_head *head = row_head(st, row);
    lookup_remove(&t->keys, hash_of(head->source, intern_text(st->texts, head->key)), row.slot + 1);
    t->alive--;
    st->sources[head->source].kinds[row.kind].info.rows--;
    t->gone++;
    t->levels[head->level]--;
    head->state = ROW_GONE;
    head->until_ms = now_ms + GONE_MS;
    if (!timer_add(st, head->until_ms, row))
        rows_free(st, row); /* no memory to remember it by */
}

/* The slot is used again under another generation; one whose generations are
 * used up is left alone for ever. */
void rows_free(struct store *st, struct handle row)
{
    struct table *t = &st->tables[row.kind];
    struct row_head *head = row_head(st, row);
    cells_free(st, t, head);
    series_drop(st, row);
    intern_drop(st->texts, head->key);
    t->gone--;
    head->state = ROW_FREE;
    if (head->generation == UINT16_MAX)
        return;
    head->generation++;
    give_slot(t, row.slot);
}
