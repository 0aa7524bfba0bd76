/* Memory: what may fail says so, what may not ends the program in words. */
#include <config.h>

#include "base/alloc.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tests make the n-th call fail; 0: off. */
static atomic_long fail_in;

void alloc_fail_at(long n)
{
    atomic_store(&fail_in, n);
}

static bool must_fail(void)
{
    if (atomic_load_explicit(&fail_in, memory_order_relaxed) == 0)
        return false;
    return atomic_fetch_sub(&fail_in, 1) == 1;
}

/* calloc() minds the overflow too, but a sanitizer's ends the program then. */
static void *zeroed(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return calloc(bytes ? bytes : 1, 1);
}

void *alloc_try(size_t size)
{
    return must_fail() ? NULL : malloc(size ? size : 1);
}

void *alloc_try_zero(size_t count, size_t size)
{
    return must_fail() ? NULL : zeroed(count, size);
}

void *alloc_try_resize(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (must_fail() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return realloc(block, bytes ? bytes : 1);
}

static void *or_die(void *block)
{
    if (block)
        return block;
    bug_restore();
    (void)fputs("binnacle: there is no memory left\n", stderr);
    exit(1);
}

void *xalloc(size_t size)
{
    return or_die(malloc(size ? size : 1));
}

void *xalloc_zero(size_t count, size_t size)
{
    return or_die(zeroed(count, size));
}

void *xalloc_resize(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return or_die(NULL);
    return or_die(realloc(block, bytes ? bytes : 1));
}

char *xalloc_bytes(const char *bytes, size_t len)
{
    char *copy = xalloc(len + 1);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *xalloc_text(const char *text)
{
    return xalloc_bytes(text, strlen(text));
}

void alloc_wipe(void *bytes, size_t len)
{
    if (len)
        explicit_bzero(bytes, len);
}

void alloc_free_wiped(char *text)
{
    if (text)
        alloc_wipe(text, strlen(text));
    free(text);
}
