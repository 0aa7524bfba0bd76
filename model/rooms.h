/* Rooms of any number of units under numbers that stay theirs: in blocks that neither move
 * nor grow, so that a pointer to a room holds as long as the room. One that was given back
 * goes to the next who wants its size. */
#ifndef BINNACLE_MODEL_ROOMS_H
#define BINNACLE_MODEL_ROOMS_H

#include "base/base.h"

#define ROOMS_NONE  UINT32_MAX
#define ROOMS_EXACT 64u /* rooms up to so many units are of every size, larger ones */
#define ROOMS_SIZES 192 /* of eight sizes between two powers of two */

struct rooms {
    unsigned char **blocks; /* owned */
    uint32_t nblocks;
    uint32_t used;              /* units of the last block */
    uint32_t free[ROOMS_SIZES]; /* by size: the first room that is free */
    uint16_t unit;              /* bytes */
    uint8_t shift;              /* a block is of 2^shift units */
};

void rooms_init(struct rooms *r, size_t unit, unsigned shift);
void rooms_clear(struct rooms *r);
/* The number of the first of so many units, of four bytes at least and at most a block,
 * whose bytes are undefined: 0 for the very first room. ROOMS_NONE: no memory. */
uint32_t rooms_take(struct rooms *r, uint32_t units) BN_MUST_USE;
/* units: as when it was taken. */
void rooms_give(struct rooms *r, uint32_t number, uint32_t units);
size_t rooms_bytes(const struct rooms *r);

/* The units of one room follow each other. */
static inline void *rooms_at(const struct rooms *r, uint32_t number)
{
    return r->blocks[number >> r->shift] + (number & ((1u << r->shift) - 1)) * (size_t)r->unit;
}

#endif
