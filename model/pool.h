/* Things of one size under numbers that stay theirs: slabs that neither move nor grow,
 * so that nothing is ever copied and a pointer to a thing holds as long as the thing. */
#ifndef BINNACLE_MODEL_POOL_H
#define BINNACLE_MODEL_POOL_H

#include "base/base.h"

#define POOL_SLAB 1024 /* things in a slab */
#define POOL_NONE UINT32_MAX

struct pool {
    unsigned char **slabs; /* owned */
    size_t nslabs;
    size_t size;   /* bytes of a thing, at least 4 */
    uint32_t used; /* numbers ever given out */
    uint32_t free; /* first of those given back */
};

void pool_init(struct pool *p, size_t size);
void pool_clear(struct pool *p);
/* The number of a thing whose bytes are undefined; POOL_NONE: no memory. */
uint32_t pool_take(struct pool *p) BN_MUST_USE;
void pool_give(struct pool *p, uint32_t number);
size_t pool_bytes(const struct pool *p);

static inline void *pool_at(const struct pool *p, uint32_t number)
{
    return p->slabs[number / POOL_SLAB] + number % POOL_SLAB * p->size;
}

#endif
