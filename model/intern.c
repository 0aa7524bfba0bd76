/* Texts, each kept once and counted: in rooms that do not move, found by their hash. */
#include <config.h>

#include "model/intern.h"

#include "base/alloc.h"
#include "model/lookup.h"
#include "model/rooms.h"

#include <stdlib.h>
#include <string.h>

#define UNIT        2u /* bytes; an id is a text's place in units */
#define BLOCK_SHIFT 19 /* blocks of 1 MiB */
#define USES_MAX    ((1u << 28) - 1)
#define LEN_MASK    ((1u << 20) - 1)

struct __attribute__((packed, aligned(UNIT))) text {
    uint64_t uses : 28;
    uint64_t len : 20;
    char bytes[];
};

#define LEN_MAX (LEN_MASK - sizeof(struct text)) /* fits a block */

struct intern {
    struct rooms rooms;
    struct lookup lookup;
    size_t count;
};

static struct text *text_at(const struct intern *in, uint32_t id)
{
    return rooms_at(&in->rooms, id);
}

static uint32_t units_of(size_t len)
{
    return (uint32_t)((sizeof(struct text) + len + UNIT - 1) / UNIT);
}

/* Id 0 is a text too, so that reading it needs no question. */
struct intern *intern_new(void)
{
    struct intern *in = alloc_try_zero(1, sizeof(*in));
    if (!in)
        return NULL;
    rooms_init(&in->rooms, UNIT, BLOCK_SHIFT);
    uint32_t id = rooms_take(&in->rooms, units_of(0));
    if (id == ROOMS_NONE) {
        intern_free(in);
        return NULL;
    }
    bn_assert(id == 0);
    *text_at(in, 0) = (struct text){.uses = 1};
    return in;
}

void intern_free(struct intern *in)
{
    if (!in)
        return;
    rooms_clear(&in->rooms);
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
    if (id && text_at(in, id)->uses < USES_MAX) {
        intern_keep(in, id);
        return id;
    }
    if (id)
        return 0;
    id = text.len <= LEN_MAX ? rooms_take(&in->rooms, units_of(text.len)) : ROOMS_NONE;
    if (id == ROOMS_NONE)
        return 0;
    if (id > INTERN_ID_MAX || !lookup_add(&in->lookup, hash, id)) {
        rooms_give(&in->rooms, id, units_of(text.len));
        return 0;
    }
    struct text *t = text_at(in, id);
    t->uses = 1;
    t->len = text.len & LEN_MASK;
    if (text.len)
        memcpy(t->bytes, text.data, text.len);
    in->count++;
    return id;
}

void intern_keep(struct intern *in, uint32_t id)
{
    if (!id)
        return;
    bn_assert(text_at(in, id)->uses < USES_MAX);
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
    rooms_give(&in->rooms, id, units_of(t->len));
    in->count--;
}

size_t intern_count(const struct intern *in)
{
    return in->count;
}

size_t intern_bytes(const struct intern *in)
{
    return rooms_bytes(&in->rooms) + lookup_bytes(&in->lookup);
}
