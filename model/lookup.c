/* Numbers by hash. */
#include <config.h>

#include "model/lookup.h"

#include "base/alloc.h"

#include <stdlib.h>

#define SHARD_BITS 6
#define HOME_BITS  (32 - SHARD_BITS)

_Static_assert(LOOKUP_SHARDS == 1 << SHARD_BITS, "a shard for each value of the first bits");

void lookup_clear(struct lookup *l)
{
    for (size_t i = 0; i < LOOKUP_SHARDS; i++)
        free(l->shards[i].places);
    *l = (struct lookup){0};
}

static uint32_t shard_of(uint32_t hash)
{
    return hash >> HOME_BITS;
}

/* Where a hash belongs: its other bits as a share of the room there is, so that any
 * number of places will do. */
static uint32_t home_of(const struct lookup_shard *s, uint32_t hash)
{
    uint64_t rest = hash & ((1u << HOME_BITS) - 1);
    return (uint32_t)(rest * s->cap >> HOME_BITS);
}

static void put(struct lookup_shard *s, uint32_t hash, uint32_t number)
{
    uint32_t i = home_of(s, hash);
    while (s->places[i].number)
        i = i + 1 == s->cap ? 0 : i + 1;
    s->places[i] = (struct lookup_place){hash, number};
}

static bool grow(struct lookup_shard *s)
{
    struct lookup_shard bigger = {.cap = s->cap + s->cap / 4 + 4, .count = s->count};
    bigger.places = alloc_try_zero(bigger.cap, sizeof(*bigger.places));
    if (!bigger.places)
        return false;
    for (uint32_t i = 0; i < s->cap; i++)
        if (s->places[i].number)
            put(&bigger, s->places[i].hash, s->places[i].number);
    free(s->places);
    *s = bigger;
    return true;
}

/* At most four fifths are in use: there is always a free place, and near. */
bool lookup_add(struct lookup *l, uint32_t hash, uint32_t number)
{
    struct lookup_shard *s = &l->shards[shard_of(hash)];
    if ((s->count + 1) * 5 > s->cap * 4 && !grow(s))
        return false;
    put(s, hash, number);
    s->count++;
    return true;
}

/* Moves up what was pushed past the place that is now free. */
static void close_hole(struct lookup_shard *s, uint32_t hole)
{
    for (uint32_t i = hole;;) {
        i = i + 1 == s->cap ? 0 : i + 1;
        if (!s->places[i].number)
            break;
        uint32_t home = home_of(s, s->places[i].hash);
        uint32_t pushed = i >= home ? i - home : i + s->cap - home;
        uint32_t back = i >= hole ? i - hole : i + s->cap - hole;
        if (pushed < back)
            continue;
        s->places[hole] = s->places[i];
        hole = i;
    }
    s->places[hole] = (struct lookup_place){0};
}

void lookup_remove(struct lookup *l, uint32_t hash, uint32_t number)
{
    struct lookup_shard *s = &l->shards[shard_of(hash)];
    uint32_t i = home_of(s, hash);
    while (s->places[i].hash != hash || s->places[i].number != number) {
        bn_assert(s->places[i].number);
        i = i + 1 == s->cap ? 0 : i + 1;
    }
    close_hole(s, i);
    s->count--;
}

uint32_t lookup_next(const struct lookup *l, uint32_t hash, uint32_t *at)
{
    const struct lookup_shard *s = &l->shards[shard_of(hash)];
    if (!s->cap)
        return 0;
    for (uint32_t i = home_of(s, hash) + *at;; i++) {
        const struct lookup_place *p = &s->places[i < s->cap ? i : i - s->cap];
        ++*at;
        if (!p->number || p->hash == hash)
            return p->number;
    }
}

void lookup_prefetch(const struct lookup *l, uint32_t hash)
{
    const struct lookup_shard *s = &l->shards[shard_of(hash)];
    if (s->cap)
        __builtin_prefetch(&s->places[home_of(s, hash)]);
}

size_t lookup_bytes(const struct lookup *l)
{
    size_t bytes = 0;
    for (size_t i = 0; i < LOOKUP_SHARDS; i++)
        bytes += l->shards[i].cap * sizeof(struct lookup_place);
    return bytes;
}
