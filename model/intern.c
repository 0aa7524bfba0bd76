/* Texts, each kept once and counted: in blocks that do not move, found by their hash. */
#include <config.h>

#include "model/intern.h"

#include "base/alloc.h"
#include "model/lookup.h"

#include <stdlib.h>
#include <string.h>

#define UNIT        4u /* bytes; an id is a text's place in units */
#define BLOCK_UNITS (1u << 18)
#define BLOCKS_MAX  (INTERN_ID_MAX / BLOCK_UNITS)
#define HEAD_UNITS  2u
#define EXACT_UNITS 64u /* rooms up to this size are of every size, larger ones */
#define ROOMS       192 /* of eight sizes between two powers of two */

struct text {
    uint32_t uses;
    uint32_t len; /* of one nobody uses: the next id of such a room */
    char bytes[];
};

struct intern {
    char **blocks; /* owned, each of BLOCK_UNITS */
    uint32_t nblocks;
    uint32_t used;        /* units of the last block */
    uint32_t free[ROOMS]; /* by size: the first room that is free */
    struct lookup lookup;
    size_t count;
};

static struct text *text_at(const struct intern *in, uint32_t id)
{
    return (void *)(in->blocks[id / BLOCK_UNITS] + (size_t)(id % BLOCK_UNITS) * UNIT);
}

static bool add_block(struct intern *in)
{
    char **blocks = in->nblocks < BLOCKS_MAX
                        ? alloc_try_resize(in->blocks, in->nblocks + 1, sizeof(*blocks))
                        : NULL;
    if (!blocks)
        return false;
    in->blocks = blocks;
    blocks[in->nblocks] = alloc_try((size_t)BLOCK_UNITS * UNIT);
    if (!blocks[in->nblocks])
        return false;
    in->nblocks++;
    in->used = 0;
    return true;
}

/* Id 0 is a text too, so that reading it needs no question. */
struct intern *intern_new(void)
{
    struct intern *in = alloc_try_zero(1, sizeof(*in));
    if (!in)
        return NULL;
    if (!add_block(in)) {
        intern_free(in);
        return NULL;
    }
    *text_at(in, 0) = (struct text){.uses = 1};
    in->used = HEAD_UNITS;
    return in;
}

void intern_free(struct intern *in)
{
    if (!in)
        return;
    for (uint32_t i = 0; i < in->nblocks; i++)
        free(in->blocks[i]);
    free(in->blocks);
    lookup_clear(&in->lookup);
    free(in);
}

struct span intern_text(const struct intern *in, uint32_t id)
{
    const struct text *t = text_at(in, id);
    return (struct span){t->bytes, t->len};
}

void intern_prefetch(const struct intern *in, uint32_t id)
{
    __builtin_prefetch(text_at(in, id));
}

/* The number of a room of at least so many units, which are rounded up to its size. */
static uint32_t room_of(uint32_t *units)
{
    if (*units <= EXACT_UNITS)
        return *units;
    uint32_t power = 31 - (uint32_t)__builtin_clz(*units - 1); /* 2^power < units */
    uint32_t step = 1u << (power - 3), eighth = (*units - 1 - (1u << power)) / step;
    *units = (1u << power) + (eighth + 1) * step;
    return EXACT_UNITS + 1 + (power - 6) * 8 + eighth;
}

static uint32_t units_of(size_t len)
{
    return HEAD_UNITS + (uint32_t)((len + UNIT - 1) / UNIT);
}

/* The id of a text of that length, its bytes undefined; 0: no memory. */
static uint32_t take_room(struct intern *in, size_t len)
{
    if (len > ((size_t)BLOCK_UNITS - HEAD_UNITS) * UNIT / 2)
        return 0;
    uint32_t units = units_of(len), room = room_of(&units), id = in->free[room];
    if (id) {
        in->free[room] = text_at(in, id)->len;
        return id;
    }
    if (in->used + units > BLOCK_UNITS && !add_block(in))
        return 0;
    id = (in->nblocks - 1) * BLOCK_UNITS + in->used;
    in->used += units;
    return id;
}

static void give_room(struct intern *in, uint32_t id, size_t len)
{
    uint32_t units = units_of(len), room = room_of(&units);
    text_at(in, id)->len = in->free[room];
    in->free[room] = id;
}

static uint32_t hash_of(struct span text)
{
    return (uint32_t)span_hash(text);
}

static uint32_t find(const struct intern *in, struct span text, uint32_t hash)
{
    uint32_t at = 0, id;
    while ((id = lookup_next(&in->lookup, hash, &at)) != 0)
        if (span_eq(intern_text(in, id), text))
            return id;
    return 0;
}

uint32_t intern_find(const struct intern *in, struct span text)
{
    return find(in, text, hash_of(text));
}

uint32_t intern_add(struct intern *in, struct span text)
{
    uint32_t hash = hash_of(text), id = find(in, text, hash);
    if (id) {
        text_at(in, id)->uses++;
        return id;
    }
    id = take_room(in, text.len);
    if (!id)
        return 0;
    if (!lookup_add(&in->lookup, hash, id)) {
        give_room(in, id, text.len);
        return 0;
    }
    struct text *t = text_at(in, id);
    t->uses = 1;
    t->len = (uint32_t)text.len;
    if (text.len)
        memcpy(t->bytes, text.data, text.len);
    in->count++;
    return id;
}

void intern_keep(struct intern *in, uint32_t id)
{
    if (id)
        text_at(in, id)->uses++;
}

void intern_drop(struct intern *in, uint32_t id)
{
    if (!id)
        return;
    struct text *t = text_at(in, id);
    bn_assert(t->uses > 0);
    if (--t->uses)
        return;
    lookup_remove(&in->lookup, hash_of(intern_text(in, id)), id);
    give_room(in, id, t->len);
    in->count--;
}

size_t intern_count(const struct intern *in)
{
    return in->count;
}

size_t intern_bytes(const struct intern *in)
{
    return (size_t)in->nblocks * BLOCK_UNITS * UNIT + lookup_bytes(&in->lookup);
}
