/* Memory. Two families: alloc_* may fail and says so (data-sized memory:
 * decoders, batches, store); xalloc_* never returns NULL (everything else):
 * on exhaustion it restores the terminal, says a sentence and ends. */
#ifndef BINNACLE_BASE_ALLOC_H
#define BINNACLE_BASE_ALLOC_H

#include "base/base.h"

/* Owned memory, or NULL. Release with free(). size 0 gives one byte. */
void *alloc_try(size_t size) BN_MUST_USE;
/* Zeroed; NULL also when count * size overflows. */
void *alloc_try_zero(size_t count, size_t size) BN_MUST_USE;
/* As realloc(); on NULL the old block is untouched. */
void *alloc_try_resize(void *block, size_t count, size_t size) BN_MUST_USE;

void *xalloc(size_t size) BN_MUST_USE;
void *xalloc_zero(size_t count, size_t size) BN_MUST_USE;
void *xalloc_resize(void *block, size_t count, size_t size) BN_MUST_USE;
char *xalloc_text(const char *text) BN_MUST_USE;               /* copy of a C string */
char *xalloc_bytes(const char *bytes, size_t len) BN_MUST_USE; /* copy with a NUL behind it */

/* Tests: the n-th following alloc_try* call (1 is the next) of this process
 * fails, once; 0 switches it off. */
void alloc_fail_at(long n);

/* Overwrites len bytes in a way that the compiler keeps. */
void alloc_wipe(void *bytes, size_t len);
/* Wipes a text and frees it. NULL is allowed. */
void alloc_free_wiped(char *text);

#endif
