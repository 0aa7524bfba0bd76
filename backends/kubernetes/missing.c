/* Looks along a row's links for what is not there. */
#include <config.h>

#include "backends/kubernetes/missing.h"

static bool find_missing(const struct store *st, struct handle row, bool secret,
                         struct link *missing)
{
    struct handle target;
    size_t at = 0;
    while (store_link_next(st, row, &at, missing))
        if ((missing->flags & LINK_EXPECTED) && missing->type != LINK_LOADED &&
            (missing->type == LINK_SECRET) == secret &&
            store_follow(st, row, missing, &target) == LINK_MISSING)
            return true;
    return false;
}

bool missing_link(const struct store *st, struct handle row, struct link *missing)
{
    return find_missing(st, row, false, missing);
}

bool missing_secret(const struct store *st, struct handle row, struct link *missing)
{
    return find_missing(st, row, true, missing);
}
