/* All kinds and systems of all backends. */
#include <config.h>

#include "app/catalogue.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* A system that several backends see is one: the first's, with the kinds of all. What the others
 * say of it stands at the array's other end. */
static void add_system(struct catalogue *c, const struct system *s, struct system **other_end)
{
    struct system *same = NULL;
    for (size_t i = 0; i < c->systems.count && !same; i++)
        if (strcmp(c->system_array[i].name, s->name) == 0)
            same = &c->system_array[i];
    if (!same) {
        c->system_array[c->systems.count++] = *s;
        return;
    }
    size_t n = 0;
    while (same->kinds[n])
        n++;
    for (size_t i = 0; s->kinds[i]; i++) {
        bn_assert(n + 1 < SYSTEM_KINDS_MAX);
        same->kinds[n++] = s->kinds[i];
    }
    struct system *other = --*other_end;
    *other = *s;
    other->also = same->also;
    same->also = other;
}

void catalogue_init(struct catalogue *c)
{
    size_t kinds = 0, systems = 0;
    for (const struct backend *const *b = backend_registry; *b; b++) {
        for (size_t i = 0; (*b)->kinds[i]; i++)
            kinds++;
        for (size_t i = 0; (*b)->systems[i].name; i++)
            systems++;
    }
    *c = (struct catalogue){.kind_array = xalloc_zero(kinds + 1, sizeof(struct kind *)),
                            .system_array = xalloc_zero(systems + 1, sizeof(struct system))};
    struct system *other_end = c->system_array + systems;
    for (const struct backend *const *b = backend_registry; *b; b++) {
        for (size_t i = 0; (*b)->kinds[i]; i++)
            c->kind_array[c->kinds.count++] = (*b)->kinds[i];
        for (size_t i = 0; (*b)->systems[i].name; i++)
            add_system(c, &(*b)->systems[i], &other_end);
    }
    c->kinds.kinds = c->kind_array;
    c->systems.systems = c->system_array;
}

void catalogue_done(struct catalogue *c)
{
    free(c->kind_array);
    free(c->system_array);
    *c = (struct catalogue){0};
}

bool catalogue_fills(const struct backend *backend, const struct kind *kind)
{
    for (size_t i = 0; backend->kinds[i]; i++)
        if (backend->kinds[i] == kind)
            return true;
    return false;
}
