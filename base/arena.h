/* Arena: many small allocations, one release. Not thread-safe; an arena
 * belongs to one thread at a time and moves between threads as a whole. */
#ifndef BINNACLE_BASE_ARENA_H
#define BINNACLE_BASE_ARENA_H

#include "base/span.h"

struct arena;

/* An owned arena that will never hold more than limit bytes, or NULL when
 * memory is exhausted. Release with arena_free(). */
struct arena *arena_new(size_t limit) BN_MUST_USE;
void arena_free(struct arena *a); /* NULL is allowed */
void arena_free_wiped(struct arena *a);
/* Forgets all allocations, keeps the memory. */
void arena_reset(struct arena *a);

/* Zeroed, aligned memory, borrowed from the arena, or NULL on overflow,
 * exhaustion or limit. */
void *arena_calloc(struct arena *a, size_t count, size_t size) BN_MUST_USE;
/* The same, not zeroed. */
void *arena_alloc(struct arena *a, size_t count, size_t size) BN_MUST_USE;
/* Copies text; a NUL follows the copy, outside its length. On failure returns
 * false and leaves *out untouched. */
bool arena_copy(struct arena *a, struct span text, struct span *out) BN_MUST_USE;

#endif
