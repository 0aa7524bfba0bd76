/* Arena: chunks that are released together. */
#include <config.h>

#include "base/arena.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)16 << 10)
#define ALIGNMENT   16

struct chunk {
    struct chunk *next;
    size_t cap, used;
    _Alignas(ALIGNMENT) char data[];
};

struct arena {
    struct chunk *chunks; /* the first has room; owned */
    struct chunk *spare;  /* emptied by arena_reset(); owned */
    size_t limit, used;
};

struct arena *arena_new(size_t limit)
{
    struct arena *a = alloc_try_zero(1, sizeof(*a));
    if (a)
        a->limit = limit;
    return a;
}

void arena_reset(struct arena *a)
{
    struct chunk *c;
    while ((c = a->chunks) != NULL) {
        a->chunks = c->next;
        c->used = 0;
        c->next = a->spare;
        a->spare = c;
    }
    a->used = 0;
}

static void release(struct arena *a, bool wipe)
{
    if (!a)
        return;
    arena_reset(a);
    while (a->spare) {
        struct chunk *c = a->spare;
        a->spare = c->next;
        if (wipe)
            alloc_wipe(c->data, c->cap); /* also what stood there before a reset */
        free(c);
    }
    free(a);
}

void arena_free(struct arena *a)
{
    release(a, false);
}

void arena_free_wiped(struct arena *a)
{
    release(a, true);
}

static bool grow(struct arena *a, size_t size)
{
    size_t cap = size > CHUNK_BYTES ? size : CHUNK_BYTES;
    struct chunk *c = a->spare;
    if (c && c->cap >= cap) {
        a->spare = c->next;
    } else {
        c = alloc_try(sizeof(*c) + cap);
        if (!c)
            return false;
        c->cap = cap;
        c->used = 0;
    }
    c->next = a->chunks;
    a->chunks = c;
    return true;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (a->used > a->limit || bytes > a->limit - a->used)
        return NULL;
    if ((!a->chunks || a->chunks->cap - a->chunks->used < bytes) && !grow(a, bytes))
        return NULL;
    void *block = a->chunks->data + a->chunks->used;
    a->chunks->used += bytes;
    a->used += bytes;
    return block;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
    void *block = arena_alloc(a, count, size);
    if (block)
        memset(block, 0, count * size);
    return block;
}

bool arena_copy(struct arena *a, struct span text, struct span *out)
{
    char *copy = text.len == SIZE_MAX ? NULL : arena_alloc(a, text.len + 1, 1);
    if (!copy)
        return false;
    if (text.len)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    *out = span_make(copy, text.len);
    return true;
}
