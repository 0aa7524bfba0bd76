/* Things of one size in slabs. One that was given back holds the number of the next. */
#include <config.h>

#include "model/pool.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *p, size_t size)
{
    bn_assert(size >= sizeof(p->free));
    *p = (struct pool){.size = size, .free = POOL_NONE};
}

void pool_clear(struct pool *p)
{
    for (size_t i = 0; i < p->nslabs; i++)
        free(p->slabs[i]);
    free(p->slabs);
    *p = (struct pool){.size = p->size, .free = POOL_NONE};
}

static bool add_slab(struct pool *p)
{
    unsigned char **slabs = alloc_try_resize(p->slabs, p->nslabs + 1, sizeof(*slabs));
    if (!slabs)
        return false;
    p->slabs = slabs;
    slabs[p->nslabs] = alloc_try(POOL_SLAB * p->size);
    if (!slabs[p->nslabs])
        return false;
    p->nslabs++;
    return true;
}

uint32_t pool_take(struct pool *p)
{
    uint32_t number = p->free;
    if (number != POOL_NONE) {
        memcpy(&p->free, pool_at(p, number), sizeof(p->free));
        return number;
    }
    if (p->used == p->nslabs * POOL_SLAB && !add_slab(p))
        return POOL_NONE;
    return p->used++;
}

void pool_give(struct pool *p, uint32_t number)
{
    memcpy(pool_at(p, number), &p->free, sizeof(p->free));
    p->free = number;
}

size_t pool_bytes(const struct pool *p)
{
    return p->nslabs * POOL_SLAB * p->size;
}
