/* Hash map with open addressing; removed places are filled by moving. */
#include <config.h>

#include "base/map.h"

#include "base/alloc.h"

#include <stdlib.h>

struct place {
    char *key; /* owned; NULL: free */
    size_t len;
    uint64_t hash;
    void *value;
};

struct map {
    struct place *places; /* owned */
    size_t cap, count;    /* cap is 0 or a power of two */
};

struct map *map_new(void)
{
    return xalloc_zero(1, sizeof(struct map));
}

void map_free(struct map *m, void (*free_value)(void *))
{
    if (!m)
        return;
    for (size_t i = 0; i < m->cap; i++) {
        if (m->places[i].key && free_value)
            free_value(m->places[i].value);
        free(m->places[i].key);
    }
    free(m->places);
    free(m);
}

/* Where the key is or would be. cap > count. */
static struct place *locate(const struct map *m, struct span key, uint64_t hash)
{
    size_t i = hash & (m->cap - 1);
    for (;; i = (i + 1) & (m->cap - 1)) {
        struct place *p = &m->places[i];
        if (!p->key || (p->hash == hash && span_eq(span_make(p->key, p->len), key)))
            return p;
    }
}

void *map_get(const struct map *m, struct span key)
{
    return m->count ? locate(m, key, span_hash(key))->value : NULL;
}

static void grow(struct map *m)
{
    struct map bigger = {.cap = m->cap ? m->cap * 2 : 16, .count = m->count};
    bigger.places = xalloc_zero(bigger.cap, sizeof(*bigger.places));
    for (size_t i = 0; i < m->cap; i++) {
        struct place *p = &m->places[i];
        if (p->key)
            *locate(&bigger, span_make(p->key, p->len), p->hash) = *p;
    }
    free(m->places);
    *m = bigger;
}

void *map_set(struct map *m, struct span key, void *value)
{
    bn_assert(value != NULL);
    if ((m->count + 1) * 4 > m->cap * 3)
        grow(m);
    uint64_t hash = span_hash(key);
    struct place *p = locate(m, key, hash);
    void *old = p->value;
    if (!p->key) {
        *p = (struct place){.key = xalloc_bytes(key.data, key.len), .len = key.len, .hash = hash};
        m->count++;
    }
    p->value = value;
    return old;
}

void *map_remove(struct map *m, struct span key)
{
    if (!m->count)
        return NULL;
    struct place *p = locate(m, key, span_hash(key));
    void *value = p->value;
    if (!p->key)
        return NULL;
    free(p->key);
    m->count--;
    size_t hole = (size_t)(p - m->places), i = hole, mask = m->cap - 1;
    for (;;) { /* what follows may have been pushed here past the hole */
        i = (i + 1) & mask;
        struct place *next = &m->places[i];
        if (!next->key)
            break;
        size_t home = next->hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            m->places[hole] = *next;
            hole = i;
        }
    }
    m->places[hole] = (struct place){0};
    return value;
}

size_t map_count(const struct map *m)
{
    return m->count;
}

bool map_next(const struct map *m, size_t *at, struct span *key, void **value)
{
    while (*at < m->cap) {
        const struct place *p = &m->places[(*at)++];
        if (!p->key)
            continue;
        if (key)
            *key = span_make(p->key, p->len);
        if (value)
            *value = p->value;
        return true;
    }
    return false;
}
