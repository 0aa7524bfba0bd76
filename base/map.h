/* Hash map from byte strings (copied) to pointers. One thread. */
#ifndef BINNACLE_BASE_MAP_H
#define BINNACLE_BASE_MAP_H

#include "base/span.h"

struct map;

struct map *map_new(void) BN_MUST_USE; /* owned, never NULL (xalloc) */
/* Frees the map; calls free_value (unless NULL) on each value. */
void map_free(struct map *m, void (*free_value)(void *));
void *map_get(const struct map *m, struct span key); /* NULL: not there */
/* Sets or replaces; returns the value that stood there, or NULL. value is not NULL. */
void *map_set(struct map *m, struct span key, void *value);
void *map_remove(struct map *m, struct span key); /* the removed value, or NULL */
size_t map_count(const struct map *m);
/* Walks all entries in no order: start with *at = 0; false at the end. The map
 * must not change meanwhile. key and value may be NULL. */
bool map_next(const struct map *m, size_t *at, struct span *key, void **value);

#endif
