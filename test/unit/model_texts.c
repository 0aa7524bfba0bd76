/* What the store keeps things in: numbers by hash, things in slabs, texts. */
#include <config.h>

#include "base/alloc.h"
#include "model/intern.h"
#include "model/lookup.h"
#include "model/pool.h"
#include "model/rooms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned seed;

static unsigned dice(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

#define NUMBERS 500

/* Few different hashes, so that every number meets others that are pushed on. */
static uint32_t hash_of(uint32_t number)
{
    return (number % 7 << 29) + number / 3 * 1000;
}

static bool listed(const struct lookup *l, uint32_t number)
{
    uint32_t at = 0, found;
    while ((found = lookup_next(l, hash_of(number), &at)) != 0)
        if (found == number)
            return true;
    return false;
}

static void test_numbers_by_hash(void **state)
{
    struct lookup l = {0};
    bool there[NUMBERS] = {false};
    (void)state;
    seed = 1;
    assert_false(listed(&l, 1));
    for (int step = 0; step < 20000; step++) {
        uint32_t number = 1 + dice(NUMBERS - 1);
        if (there[number])
            lookup_remove(&l, hash_of(number), number);
        else
            assert_true(lookup_add(&l, hash_of(number), number));
        there[number] = !there[number];
        for (uint32_t n = 1; step % 50 == 0 && n < NUMBERS; n++)
            assert_int_equal(listed(&l, n), there[n]);
    }
    lookup_clear(&l);
    assert_int_equal(lookup_bytes(&l), 0);
}

static void test_no_memory_for_numbers(void **state)
{
    struct lookup l = {0};
    (void)state;
    alloc_fail_at(1);
    assert_false(lookup_add(&l, 5, 9));
    alloc_fail_at(0);
    uint32_t at = 0;
    assert_int_equal(lookup_next(&l, 5, &at), 0);
    assert_true(lookup_add(&l, 5, 9));
    assert_int_equal(lookup_next(&l, 5, &at), 9);
    lookup_clear(&l);
}

static void test_things_stay_where_they_are(void **state)
{
    struct pool p;
    uint64_t *first;
    (void)state;
    pool_init(&p, sizeof(uint64_t));
    assert_int_equal(pool_take(&p), 0);
    first = pool_at(&p, 0);
    *first = 7;
    for (uint32_t i = 1; i < 5000; i++) {
        assert_int_equal(pool_take(&p), i);
        *(uint64_t *)pool_at(&p, i) = i;
    }
    assert_ptr_equal(pool_at(&p, 0), first);
    pool_give(&p, 17);
    pool_give(&p, 4000);
    assert_int_equal(pool_take(&p), 4000); /* what was given back is taken first */
    assert_int_equal(pool_take(&p), 17);
    assert_int_equal(pool_take(&p), 5000);
    assert_int_equal(*(uint64_t *)pool_at(&p, 4999), 4999);
    assert_int_equal(*first, 7);
    pool_clear(&p);
}

#define ROOMS 400

/* Whatever is taken and given back, of sizes to a block's: no two rooms share a unit, and
 * what went makes room for what comes. */
static void test_rooms(void **state)
{
    enum { UNIT = 6, SHIFT = 9 };
    struct rooms r;
    uint32_t numbers[ROOMS], units[ROOMS] = {0};
    size_t bytes = 0;
    (void)state;
    seed = 3;
    rooms_init(&r, UNIT, SHIFT);
    assert_int_equal(rooms_take(&r, (1u << SHIFT) + 1), ROOMS_NONE);
    for (int step = 0; step < 100000; step++) {
        uint32_t i = dice(ROOMS);
        unsigned char *room;
        if (units[i]) {
            room = rooms_at(&r, numbers[i]);
            for (uint32_t k = 0; k < units[i] * UNIT; k++)
                assert_int_equal(room[k], i % 251);
            rooms_give(&r, numbers[i], units[i]);
        }
        units[i] = 1 + (dice(4) ? dice(9) : dice(1u << SHIFT));
        numbers[i] = rooms_take(&r, units[i]);
        assert_true(numbers[i] != ROOMS_NONE);
        room = rooms_at(&r, numbers[i]);
        memset(room, (int)(i % 251), (size_t)units[i] * UNIT);
        if (step == 50000)
            bytes = rooms_bytes(&r);
    }
    assert_true(rooms_bytes(&r) <= bytes + bytes / 4);
    rooms_clear(&r);
    assert_int_equal(rooms_bytes(&r), 0);
}

#define TEXTS 300

/* Of any size from none to more than a block holds twice. */
static size_t make_text(uint32_t i, char *out)
{
    static const size_t sizes[] = {0, 1, 3, 4, 5, 30, 200, 255, 256, 257, 2000, 65536};
    size_t len = sizes[i % BN_COUNT(sizes)];
    memset(out, 'a' + (int)(i % 26), len);
    if (len > 3)
        memcpy(out, &i, sizeof(i));
    return len;
}

/* Whatever is added and dropped: a text in use is what it was, and the same text has the
 * same id. */
static void test_texts_are_kept(void **state)
{
    struct intern *in = intern_new();
    char *text = malloc(70000);
    uint32_t ids[TEXTS] = {0};
    unsigned uses[TEXTS] = {0};
    (void)state;
    assert_non_null(in);
    assert_non_null(text);
    seed = 2;
    assert_int_equal(intern_text(in, 0).len, 0);
    for (int step = 0; step < 20000; step++) {
        uint32_t i = dice(TEXTS);
        struct span span = span_make(text, make_text(i, text));
        if (uses[i] && dice(2)) {
            intern_drop(in, ids[i]);
            uses[i]--;
            continue;
        }
        uint32_t before = intern_find(in, span), id = intern_add(in, span);
        assert_true(id != 0);
        assert_true(!uses[i] || id == ids[i]);
        assert_true(!before || id == before);
        ids[i] = id;
        uses[i]++;
        uint32_t other = dice(TEXTS);
        if (uses[other])
            assert_true(
                span_eq(intern_text(in, ids[other]), span_make(text, make_text(other, text))));
    }
    for (uint32_t i = 0; i < TEXTS; i++)
        while (uses[i]--)
            intern_drop(in, ids[i]);
    assert_int_equal(intern_count(in), 0);
    free(text);
    intern_free(in);
}

/* Texts that come and go for ever take the room of those that went. */
static void test_room_is_used_again(void **state)
{
    struct intern *in = intern_new();
    uint32_t ids[1000] = {0};
    char text[64];
    size_t bytes = 0;
    (void)state;
    assert_non_null(in);
    for (uint32_t i = 0; i < 400000; i++) {
        uint32_t *id = &ids[i % BN_COUNT(ids)];
        intern_drop(in, *id);
        int len = snprintf(text, sizeof(text), "%0*u", (int)(20 + i * 7 % 40), i);
        *id = intern_add(in, span_make(text, (size_t)len));
        assert_true(*id != 0);
        if (i == 20000)
            bytes = intern_bytes(in);
    }
    assert_true(intern_bytes(in) <= bytes + bytes / 4);
    assert_int_equal(intern_count(in), BN_COUNT(ids));
    intern_free(in);
}

static void test_no_memory_for_texts(void **state)
{
    (void)state;
    for (long n = 1; n < 4; n++) {
        alloc_fail_at(n);
        struct intern *in = intern_new();
        uint32_t id = in ? intern_add(in, SPAN("one")) : 0;
        alloc_fail_at(0);
        if (!in)
            continue;
        assert_true(id || intern_find(in, SPAN("one")) == 0);
        assert_true(intern_add(in, SPAN("one")) != 0);
        assert_int_equal(intern_count(in), 1);
        intern_free(in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_by_hash),
        cmocka_unit_test(test_no_memory_for_numbers),
        cmocka_unit_test(test_things_stay_where_they_are),
        cmocka_unit_test(test_rooms),
        cmocka_unit_test(test_texts_are_kept),
        cmocka_unit_test(test_room_is_used_again),
        cmocka_unit_test(test_no_memory_for_texts),
    };
    return cmocka_run_group_tests_name("model texts", tests, NULL, NULL);
}
