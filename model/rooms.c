/* Rooms in blocks. One that was given back holds the number of the next of its size. */
#include <config.h>

#include "model/rooms.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void rooms_init(struct rooms *r, size_t unit, unsigned shift)
{
    *r = (struct rooms){.unit = (uint16_t)unit, .shift = (uint8_t)shift};
    bn_assert(unit && unit <= UINT16_MAX);
    for (size_t i = 0; i < ROOMS_SIZES; i++)
        r->free[i] = ROOMS_NONE;
}

void rooms_clear(struct rooms *r)
{
    for (uint32_t i = 0; i < r->nblocks; i++)
        free(r->blocks[i]);
    free(r->blocks);
    rooms_init(r, r->unit, r->shift);
}

/* The number of a size of at least so many units, which are rounded up to it. */
static uint32_t size_of(uint32_t *units)
{
    if (*units <= ROOMS_EXACT)
        return *units;
    uint32_t power = 31 - (uint32_t)__builtin_clz(*units - 1); /* 2^power < units */
    uint32_t step = 1u << (power - 3), eighth = (*units - 1 - (1u << power)) / step;
    *units = (1u << power) + (eighth + 1) * step;
    return ROOMS_EXACT + 1 + (power - 6) * 8 + eighth;
}

static bool add_block(struct rooms *r)
{
    unsigned char **blocks =
        r->nblocks < UINT32_MAX >> r->shift
            ? alloc_try_resize(r->blocks, (size_t)r->nblocks + 1, sizeof(*blocks))
            : NULL;
    if (!blocks)
        return false;
    r->blocks = blocks;
    blocks[r->nblocks] = alloc_try((size_t)r->unit << r->shift);
    if (!blocks[r->nblocks])
        return false;
    r->nblocks++;
    r->used = 0;
    return true;
}

uint32_t rooms_take(struct rooms *r, uint32_t units)
{
    uint32_t block = 1u << r->shift, size = size_of(&units), number = r->free[size];
    bn_assert((size_t)units * r->unit >= sizeof(number));
    if (number != ROOMS_NONE) {
        memcpy(&r->free[size], rooms_at(r, number), sizeof(number));
        return number;
    }
    if (units > block || ((!r->nblocks || r->used + units > block) && !add_block(r)))
        return ROOMS_NONE;
    number = ((r->nblocks - 1) << r->shift) + r->used;
    r->used += units;
    return number;
}

void rooms_give(struct rooms *r, uint32_t number, uint32_t units)
{
    uint32_t size = size_of(&units);
    memcpy(rooms_at(r, number), &r->free[size], sizeof(number));
    r->free[size] = number;
}

size_t rooms_bytes(const struct rooms *r)
{
    return (size_t)r->nblocks * r->unit << r->shift;
}
