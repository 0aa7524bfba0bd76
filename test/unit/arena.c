/* Arena: alignment, limit, forgetting. */
#include <config.h>

#include "base/arena.h"

#include "base/alloc.h"
#include "test/unit/base_test.h"

#include <string.h>

static void blocks_are_zero_aligned_and_apart(void **state)
{
    (void)state;
    struct arena *a = arena_new((size_t)1 << 20);
    unsigned char *before = NULL;
    assert_non_null(a);
    for (size_t size = 1; size < 400; size++) {
        unsigned char *block = arena_calloc(a, 1, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(block[i], 0);
        if (before)
            assert_int_equal(before[size - 2], 0xee);
        memset(block, 0xee, size);
        before = block;
    }
    arena_free(a);
}

static void big_blocks_have_their_place(void **state)
{
    (void)state;
    struct arena *a = arena_new((size_t)1 << 20);
    char *small = arena_calloc(a, 1, 8), *big = arena_calloc(a, 1000, 500);
    assert_non_null(small);
    assert_non_null(big);
    memset(big, 1, 500000);
    assert_int_equal(small[0], 0);
    arena_free(a);
}

static void the_limit_holds(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    const volatile size_t huge = SIZE_MAX / 2;
    struct span out = SPAN("untouched");
    assert_null(arena_calloc(a, 1, 1001));
    assert_null(arena_calloc(a, huge, 3));
    assert_null(arena_calloc(a, 1, SIZE_MAX));
    assert_non_null(arena_calloc(a, 1, 900));
    assert_null(arena_calloc(a, 1, 200));
    assert_false(arena_copy(a, span_make("", SIZE_MAX), &out));
    assert_true(span_is(out, "untouched"));
    arena_reset(a);
    assert_non_null(arena_calloc(a, 1, 900));
    arena_free(a);
}

static void reset_starts_anew_in_the_same_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new((size_t)1 << 24);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5000; i++) {
            char *block = arena_calloc(a, 1, 40);
            assert_non_null(block);
            assert_int_equal(block[39], 0);
            memset(block, 1, 40);
        }
        arena_reset(a);
        alloc_fail_at(1); /* no call may come: the memory is there */
    }
    alloc_fail_at(0);
    arena_free_wiped(a);
}

static void copies_end_with_nul(void **state)
{
    (void)state;
    struct arena *a = arena_new(1000);
    struct span copy, empty;
    assert_true(arena_copy(a, SPAN("a\0b"), &copy));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.data, "a\0b\0", 4);
    assert_true(arena_copy(a, (struct span){NULL, 0}, &empty));
    assert_string_equal(empty.data, "");
    arena_free(a);
    arena_free(NULL);
    arena_free_wiped(NULL);
}

static void exhaustion_is_an_error_value(void **state)
{
    (void)state;
    struct span out;
    alloc_fail_at(1);
    assert_null(arena_new(1000));
    struct arena *a = arena_new(1000);
    alloc_fail_at(1);
    assert_false(arena_copy(a, SPAN("x"), &out));
    assert_true(arena_copy(a, SPAN("x"), &out));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zero_aligned_and_apart),
        cmocka_unit_test(big_blocks_have_their_place),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(reset_starts_anew_in_the_same_memory),
        cmocka_unit_test(copies_end_with_nul),
        cmocka_unit_test(exhaustion_is_an_error_value),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
