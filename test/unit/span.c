/* Borrowed text: comparing, searching, splitting. */
#include <config.h>

#include "base/span.h"

#include "test/unit/base_test.h"

#include <stdio.h>

static const struct span none = {NULL, 0};

static void nothing_is_safe(void **state)
{
    (void)state;
    assert_true(span_eq(none, span_from("")));
    assert_int_equal(span_from(NULL).len, 0);
    assert_true(span_is(none, ""));
    assert_int_equal(span_compare(none, none), 0);
    assert_true(span_starts(none, ""));
    assert_true(span_ends(none, ""));
    assert_false(span_ends(none, "x"));
    assert_int_equal(span_trim(none).len, 0);
    assert_int_equal(span_find(none, 'x', 0), 0);
    assert_int_equal(span_find_last(none, 'x'), 0);
    assert_int_equal(span_search(none, SPAN("x"), true), 0);
    assert_int_equal(span_sub(none, 3, 4).len, 0);
    assert_int_equal(span_hash(none), span_hash(span_from("")));
}

static void order_is_by_bytes_then_length(void **state)
{
    (void)state;
    assert_true(span_compare(SPAN("a"), SPAN("ab")) < 0);
    assert_true(span_compare(SPAN("b"), SPAN("ab")) > 0);
    assert_true(span_compare(SPAN("\xff"), SPAN("a")) > 0);
    assert_true(span_compare(SPAN("a\0b"), SPAN("a")) > 0);
    assert_true(span_eq_nocase(SPAN("Pod-1"), SPAN("pOD-1")));
    assert_false(span_eq_nocase(SPAN("\xc3\x84"), SPAN("\xc3\xa4")));
    assert_false(span_eq_nocase(SPAN("@"), SPAN("`")));
}

static void searching(void **state)
{
    (void)state;
    struct span hay = SPAN("payments/api-7f9 API");
    assert_int_equal(span_search(hay, SPAN("API"), false), 17);
    assert_int_equal(span_search(hay, SPAN("API"), true), 9);
    assert_int_equal(span_search(hay, SPAN("i-7F9 a"), true), 11);
    assert_int_equal(span_search(hay, SPAN("none"), true), hay.len);
    assert_int_equal(span_search(hay, none, false), 0);
    assert_int_equal(span_search(SPAN("ab"), SPAN("abc"), true), 2);
    assert_int_equal(span_find(hay, '/', 0), 8);
    assert_int_equal(span_find(hay, '/', 9), hay.len);
    assert_int_equal(span_find(hay, '/', 999), hay.len);
    assert_int_equal(span_find_last(hay, 'a'), 9);
}

static void parts_are_clipped(void **state)
{
    (void)state;
    assert_true(span_is(span_sub(SPAN("hello"), 1, 3), "ell"));
    assert_true(span_is(span_sub(SPAN("hello"), 3, SIZE_MAX), "lo"));
    assert_true(span_is(span_sub(SPAN("hello"), 9, 1), ""));
    assert_true(span_is(span_trim(SPAN(" \t\r\n a b \v\f")), "a b"));
}

static void splitting(void **state)
{
    (void)state;
    struct span rest = SPAN("a,,b"), part;
    assert_true(span_split(&rest, ',', &part) && span_is(part, "a"));
    assert_true(span_split(&rest, ',', &part) && span_is(part, ""));
    assert_true(span_split(&rest, ',', &part) && span_is(part, "b"));
    assert_false(span_split(&rest, ',', &part));
    rest = SPAN("");
    assert_true(span_split(&rest, ',', &part) && span_is(part, ""));
    assert_false(span_split(&rest, ',', &part));
    rest = SPAN("a,");
    assert_true(span_split(&rest, ',', &part) && span_is(part, "a"));
    assert_true(span_split(&rest, ',', &part) && span_is(part, ""));
    assert_false(span_split(&rest, ',', &part));
}

static void lists(void **state)
{
    (void)state;
    assert_true(span_lists(SPAN("a,bc,d"), ',', SPAN("a")));
    assert_true(span_lists(SPAN("a,bc,d"), ',', SPAN("bc")));
    assert_true(span_lists(SPAN("a,bc,d"), ',', SPAN("d")));
    assert_true(span_lists(SPAN("a"), ',', SPAN("a")));
    assert_false(span_lists(SPAN("a,bc,d"), ',', SPAN("b")));
    assert_false(span_lists(SPAN("a,bc,d"), ',', SPAN("a,bc")));
    assert_false(span_lists(SPAN("a,bc,d"), ' ', SPAN("a")));
    assert_false(span_lists(SPAN(""), ',', SPAN("a")));
    assert_false(span_lists((struct span){NULL, 0}, ',', SPAN("a")));
}

/* Names of a cluster differ in their last bytes: they must not meet in a hash. */
static void hashes_spread(void **state)
{
    (void)state;

    enum { NAMES = 4096, PLACES = 8192 };

    static unsigned char taken[PLACES];
    unsigned free_places = 0;
    for (int i = 0; i < NAMES; i++) {
        char name[40];
        int len = snprintf(name, sizeof(name), "shop/api-7f9c%d", i);
        taken[span_hash(span_make(name, (size_t)len)) % PLACES] = 1;
    }
    for (int i = 0; i < PLACES; i++)
        free_places += !taken[i];
    /* chance leaves exp(-1/2) of the places free: 4968 */
    assert_in_range(free_places, 4800, 5150);
    assert_true(span_hash(SPAN("a")) != span_hash(SPAN("a\0")));
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(span_distance(SPAN("pods"), SPAN("pods")), 0);
    assert_int_equal(span_distance(SPAN("pods"), SPAN("podz")), 1);
    assert_int_equal(span_distance(SPAN("pods"), SPAN("pdos")), 1);
    assert_int_equal(span_distance(SPAN(""), SPAN("abc")), 3);
    assert_int_equal(span_distance(SPAN("kitten"), SPAN("sitting")), 3);
}

static void printf_form(void **state)
{
    (void)state;
    char text[20];
    struct span s = SPAN("abcdef");
    (void)snprintf(text, sizeof(text), "%.*s|%.*s", SPAN_ARG(span_sub(s, 1, 2)), SPAN_ARG(none));
    assert_string_equal(text, "bc|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_safe), cmocka_unit_test(order_is_by_bytes_then_length),
        cmocka_unit_test(searching),       cmocka_unit_test(parts_are_clipped),
        cmocka_unit_test(splitting),       cmocka_unit_test(hashes_spread),
        cmocka_unit_test(printf_form),     cmocka_unit_test(distances),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
