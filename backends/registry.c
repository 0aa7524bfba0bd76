/* The registry of backends, from list.h. */
#include <config.h>

#include "backends/backend.h"

#include <string.h>

#define X(name) extern const struct backend backend_##name;
#include "backends/list.h"
#undef X

#define X(name) &backend_##name,
const struct backend *const backend_registry[] = {
#include "backends/list.h"
    NULL,
};
#undef X

const struct backend *backend_find(const char *name)
{
    for (const struct backend *const *b = backend_registry; *b; b++)
        if (strcmp((*b)->name, name) == 0)
            return *b;
    return NULL;
}
