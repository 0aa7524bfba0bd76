/* Numbers by the hash of what they stand for: open addressing in shards. The hash is
 * kept beside the number, so that a look touches nothing else and growing reads nothing
 * else; a shard grows alone, so that growing is many short steps. Whether a number is
 * the one that was meant, its owner says. */
#ifndef BINNACLE_MODEL_LOOKUP_H
#define BINNACLE_MODEL_LOOKUP_H

#include "base/base.h"

#define LOOKUP_SHARDS 64

struct lookup_place {
    uint32_t hash;
    uint32_t number; /* 0: free */
};

struct lookup_shard {
    struct lookup_place *places; /* owned */
    uint32_t cap, count;
};

/* All zero is empty. */
struct lookup {
    struct lookup_shard shards[LOOKUP_SHARDS];
};

void lookup_clear(struct lookup *l);
/* number: not 0. False: no memory. */
bool lookup_add(struct lookup *l, uint32_t hash, uint32_t number) BN_MUST_USE;
void lookup_remove(struct lookup *l, uint32_t hash, uint32_t number);
/* The numbers added under this hash, one after the other: *at = 0 starts; 0 ends. */
uint32_t lookup_next(const struct lookup *l, uint32_t hash, uint32_t *at);
/* Begins to bring in what lookup_next() will read. */
void lookup_prefetch(const struct lookup *l, uint32_t hash);
size_t lookup_bytes(const struct lookup *l);

#endif
