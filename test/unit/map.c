/* Map against a naive one: no sequence of sets and removals loses a key. */
#include <config.h>

#include "base/map.h"

#include "test/unit/base_test.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEYS = 300, STEPS = 20000 };

static struct span key_of(unsigned i, char text[16])
{
    int n = snprintf(text, 16, "k%u", i);
    return span_make(text, (size_t)n);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void it_behaves_as_a_table_does(void **state)
{
    (void)state;
    static int values[KEYS];
    void *naive[KEYS] = {NULL};
    size_t count = 0;
    uint32_t seed = 1;
    char text[16];
    struct map *m = map_new();
    for (int step = 0; step < STEPS; step++) {
        unsigned k = next_random(&seed) % KEYS;
        if (next_random(&seed) % 5 < 2) {
            assert_ptr_equal(map_remove(m, key_of(k, text)), naive[k]);
            count -= naive[k] != NULL;
            naive[k] = NULL;
        } else {
            int *value = &values[next_random(&seed) % KEYS];
            assert_ptr_equal(map_set(m, key_of(k, text), value), naive[k]);
            count += naive[k] == NULL;
            naive[k] = value;
        }
        assert_int_equal(map_count(m), count);
        unsigned other = next_random(&seed) % KEYS;
        assert_ptr_equal(map_get(m, key_of(other, text)), naive[other]);
    }
    for (unsigned k = 0; k < KEYS; k++)
        assert_ptr_equal(map_get(m, key_of(k, text)), naive[k]);
    map_free(m, NULL);
}

static void a_walk_meets_each_once(void **state)
{
    (void)state;
    static int values[KEYS];
    char text[16];
    struct map *m = map_new();
    size_t at = 0, met = 0;
    struct span key;
    void *value;
    assert_false(map_next(m, &at, &key, &value));
    for (unsigned k = 0; k < KEYS; k++)
        (void)map_set(m, key_of(k, text), &values[k]);
    for (at = 0; map_next(m, &at, &key, &value); met++)
        (*(int *)value)++;
    assert_int_equal(met, KEYS);
    for (unsigned k = 0; k < KEYS; k++)
        assert_int_equal(values[k], 1);
    at = 0;
    assert_true(map_next(m, &at, NULL, NULL));
    map_free(m, NULL);
}

static void keys_are_copied_bytes(void **state)
{
    (void)state;
    static int one, two;
    char key[] = "a\0b";
    struct map *m = map_new();
    assert_null(map_get(m, SPAN("a")));
    assert_null(map_remove(m, SPAN("a")));
    (void)map_set(m, span_make(key, 3), &one);
    (void)map_set(m, span_make(NULL, 0), &two);
    key[0] = 'z';
    assert_ptr_equal(map_get(m, SPAN("a\0b")), &one);
    assert_null(map_get(m, SPAN("a")));
    assert_ptr_equal(map_get(m, SPAN("")), &two);
    map_free(m, NULL);
}

static void values_are_freed_when_asked(void **state)
{
    (void)state;
    struct map *m = map_new();
    (void)map_set(m, SPAN("a"), malloc(1));
    (void)map_set(m, SPAN("b"), malloc(1));
    free(map_set(m, SPAN("b"), malloc(1)));
    map_free(m, free);
    map_free(NULL, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_behaves_as_a_table_does),
        cmocka_unit_test(a_walk_meets_each_once),
        cmocka_unit_test(keys_are_copied_bytes),
        cmocka_unit_test(values_are_freed_when_asked),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
