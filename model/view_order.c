/* Order in chunks: a change costs a chunk, not the whole. */
#include <config.h>

#include "base/alloc.h"
#include "model/view_impl.h"

#include <stdlib.h>
#include <string.h>

#define WAYS 8 /* parts that a step of a search tells apart */

void order_init(struct order *o)
{
    *o = (struct order){0};
    pool_init(&o->chunks, sizeof(struct chunk));
}

void order_clear(struct order *o)
{
    pool_clear(&o->chunks);
    free(o->parts);
    free(o->part_of);
    free(o->chunk_of);
    order_init(o);
}

static struct chunk *chunk_at(const struct order *o, size_t part)
{
    return pool_at(&o->chunks, o->parts[part].chunk);
}

const struct handle *order_rows(const struct order *o, size_t part)
{
    return chunk_at(o, part)->rows;
}

struct handle order_at(const struct order *o, size_t i)
{
    size_t part = 0;
    bn_assert(i < o->count);
    while (i >= o->parts[part].count)
        i -= o->parts[part++].count;
    return order_rows(o, part)[i];
}

bool order_has(const struct order *o, struct handle row)
{
    return row.slot < o->slots && o->chunk_of[row.slot];
}

bool order_locate(const struct order *o, struct handle row, size_t *part, uint32_t *place)
{
    if (!order_has(o, row))
        return false;
    *part = o->part_of[o->chunk_of[row.slot] - 1];
    const struct handle *rows = order_rows(o, *part);
    for (uint32_t i = 0; i < o->parts[*part].count; i++) {
        if (rows[i].slot == row.slot) {
            *place = i;
            return rows[i].generation == row.generation;
        }
    }
    return false;
}

bool order_find(const struct order *o, struct handle row, size_t *i)
{
    size_t part, before = 0;
    uint32_t place;
    if (!order_locate(o, row, &part, &place))
        return false;
    for (size_t k = 0; k < part; k++)
        before += o->parts[k].count;
    *i = before + place;
    return true;
}

static void renumber(struct order *o, size_t from)
{
    for (size_t k = from; k < o->nparts; k++)
        o->part_of[o->parts[k].chunk] = (uint32_t)k;
}

void order_remove_at(struct order *o, size_t part, uint32_t place)
{
    struct part *p = &o->parts[part];
    struct handle *rows = chunk_at(o, part)->rows;
    o->chunk_of[rows[place].slot] = 0;
    memmove(&rows[place], &rows[place + 1], (p->count - place - 1) * sizeof(*rows));
    p->count--;
    o->count--;
    if (p->count)
        return;
    pool_give(&o->chunks, p->chunk);
    memmove(p, p + 1, (o->nparts - part - 1) * sizeof(*p));
    o->nparts--;
    renumber(o, part);
}

void order_remove(struct order *o, struct handle row)
{
    size_t part;
    uint32_t place;
    if (order_locate(o, row, &part, &place))
        order_remove_at(o, part, place);
}

static bool room_for_slot(struct order *o, uint32_t slot)
{
    if (slot < o->slots)
        return true;
    size_t slots = o->slots + o->slots / 8 + 1024;
    slots = slots > slot ? slots : (size_t)slot + 1024;
    uint32_t *chunk_of = alloc_try_resize(o->chunk_of, slots, sizeof(*chunk_of));
    if (!chunk_of)
        return false;
    memset(chunk_of + o->slots, 0, (slots - o->slots) * sizeof(*chunk_of));
    o->chunk_of = chunk_of;
    o->slots = slots;
    return true;
}

/* Room for one part more, and for the numbers of all chunks. */
static bool room_for_part(struct order *o)
{
    if (o->nparts == o->cap) {
        size_t cap = o->cap * 2 + 8;
        struct part *parts = alloc_try_resize(o->parts, cap, sizeof(*parts));
        if (!parts)
            return false;
        o->parts = parts;
        o->cap = cap;
    }
    if (o->chunks.used == o->part_of_cap) {
        size_t cap = o->part_of_cap * 2 + 8;
        uint32_t *part_of = alloc_try_resize(o->part_of, cap, sizeof(*part_of));
        if (!part_of)
            return false;
        o->part_of = part_of;
        o->part_of_cap = cap;
    }
    return true;
}

/* An empty part in this place. */
static bool new_part(struct order *o, size_t at)
{
    uint32_t chunk = room_for_part(o) ? pool_take(&o->chunks) : POOL_NONE;
    if (chunk == POOL_NONE)
        return false;
    memmove(&o->parts[at + 1], &o->parts[at], (o->nparts - at) * sizeof(o->parts[0]));
    o->parts[at] = (struct part){.chunk = chunk};
    o->nparts++;
    renumber(o, at);
    return true;
}

static void set_fence(struct order *o, const struct view *v, size_t part)
{
    struct chunk *c = chunk_at(o, part);
    view_sort_key(v, c->rows[o->parts[part].count - 1], &c->fence);
}

static void insert_at(struct order *o, size_t part, uint32_t place, struct handle row)
{
    struct part *p = &o->parts[part];
    struct handle *rows = chunk_at(o, part)->rows;
    memmove(&rows[place + 1], &rows[place], (p->count - place) * sizeof(*rows));
    rows[place] = row;
    p->count++;
    o->count++;
    o->chunk_of[row.slot] = p->chunk + 1;
}

/* A full part becomes two of half its rows. */
static bool split(struct order *o, const struct view *v, size_t at)
{
    if (!new_part(o, at + 1))
        return false;
    struct part *left = &o->parts[at], *right = &o->parts[at + 1];
    const struct chunk *from = chunk_at(o, at);
    struct chunk *to = chunk_at(o, at + 1);
    right->count = left->count / 2;
    left->count -= right->count;
    memcpy(to->rows, &from->rows[left->count], right->count * sizeof(to->rows[0]));
    to->fence = from->fence;
    set_fence(o, v, at);
    for (uint32_t i = 0; i < right->count; i++)
        o->chunk_of[to->rows[i].slot] = right->chunk + 1;
    return true;
}

/* <0: the row belongs behind this part. */
static int compare_part(const struct order *o, const struct view *v, size_t part, struct handle row,
                        const struct sort_key *key)
{
    const struct chunk *c = chunk_at(o, part);
    int order = sort_key_compare(&c->fence, key);
    return order ? order : view_compare(v, c->rows[o->parts[part].count - 1], row);
}

/* The first part that the row does not belong behind; the last one else. */
static size_t find_part(const struct order *o, const struct view *v, struct handle row,
                        const struct sort_key *key)
{
    size_t low = 0, high = o->nparts - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_part(o, v, middle, row, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first place of a part whose row does not stand before this one. Each look waits for
 * memory, so that a step looks at several places and waits once. */
static uint32_t find_place(const struct order *o, const struct view *v, size_t part,
                           struct handle row)
{
    const struct handle *rows = chunk_at(o, part)->rows;
    uint32_t low = 0, high = o->parts[part].count;
    while (low < high) {
        uint32_t step = (high - low) / WAYS + 1, end = high;
        for (uint32_t at = low + step - 1; at < end; at += step)
            view_prefetch_head(v, rows[at]);
        for (uint32_t at = low + step - 1; at < end; at += step)
            view_prefetch_cells(v, rows[at]);
        for (uint32_t at = low + step - 1; at < end; at += step)
            view_prefetch_texts(v, rows[at]);
        for (uint32_t at = low + step - 1; at < end && at < high; at += step) {
            if (view_compare(v, rows[at], row) < 0)
                low = at + 1;
            else
                high = at;
        }
    }
    return low;
}

bool order_in_place(const struct order *o, const struct view *v, size_t part, uint32_t place)
{
    const struct handle *rows = chunk_at(o, part)->rows;
    struct handle row = rows[place];
    struct sort_key key;
    view_sort_key(v, row, &key);
    if (part && sort_key_compare(&chunk_at(o, part - 1)->fence, &key) > 0)
        return false;
    if (part + 1 < o->nparts && sort_key_compare(&chunk_at(o, part)->fence, &key) < 0)
        return false;
    bool last = place + 1 == o->parts[part].count;
    const struct handle *before = place ? &rows[place - 1] : NULL;
    const struct handle *after = last ? NULL : &rows[place + 1];
    if (!before && part)
        before = &chunk_at(o, part - 1)->rows[o->parts[part - 1].count - 1];
    if (!after && part + 1 < o->nparts)
        after = chunk_at(o, part + 1)->rows;
    return (!before || view_compare(v, *before, row) < 0) &&
           (!after || view_compare(v, row, *after) < 0);
}

bool order_insert(struct order *o, const struct view *v, struct handle row)
{
    struct sort_key key;
    if (!room_for_slot(o, row.slot) || (!o->nparts && !new_part(o, 0)))
        return false;
    view_sort_key(v, row, &key);
    size_t part = find_part(o, v, row, &key);
    if (o->parts[part].count == CHUNK_ROWS) {
        if (!split(o, v, part))
            return false;
        part += compare_part(o, v, part, row, &key) < 0;
    }
    insert_at(o, part, find_place(o, v, part, row), row);
    return true;
}

bool order_append(struct order *o, struct handle row)
{
    if (!room_for_slot(o, row.slot))
        return false;
    size_t last = o->nparts;
    if (last && o->parts[last - 1].count < CHUNK_ROWS * 3 / 4) /* room for what comes later */
        last--;
    else if (!new_part(o, last))
        return false;
    insert_at(o, last, o->parts[last].count, row);
    return true;
}

void order_seal(struct order *o, const struct view *v)
{
    for (size_t part = 0; part + 1 < o->nparts; part++)
        set_fence(o, v, part);
}
