/* A request's path taken apart: which resource, which object, what is asked. */
#ifndef BINNACLE_HARBOR_ROUTE_H
#define BINNACLE_HARBOR_ROUTE_H

#include "base/span.h"
#include "harbor/resources.h"

struct route {
    struct span path, query;         /* borrowed from the target */
    const struct resource *resource; /* NULL: no resource's path */
    struct span ns, name, sub;       /* "" where there is none */
};

struct route route_of(const char *target);
/* A path with its %XX decoded, owned. */
char *route_plain(struct span path);
/* The value of a query parameter, decoded (owned), or NULL. */
char *route_query(const struct route *r, const char *key);
/* As a number; fallback when absent or none. */
int64_t route_number(const struct route *r, const char *key, int64_t fallback);
bool route_true(const struct route *r, const char *key); /* "true" or "1" */
/* Everything but keeping it is asked for: dryRun=All [recorded/156]. */
bool route_dry(const struct route *r);

#endif
