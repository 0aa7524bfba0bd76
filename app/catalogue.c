/* All kinds and systems of all backends. */
#include <config.h>

#include "app/catalogue.h"

#include "base/alloc.h"

#include <stdlib.h>

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
    for (const struct backend *const *b = backend_registry; *b; b++) {
        for (size_t i = 0; (*b)->kinds[i]; i++)
            c->kind_array[c->kinds.count++] = (*b)->kinds[i];
        for (size_t i = 0; (*b)->systems[i].name; i++)
            c->system_array[c->systems.count++] = (*b)->systems[i];
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
