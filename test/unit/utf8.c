/* UTF-8 decoded, repaired, measured; the frozen tables against this libc's. */
#include <config.h>

#include "base/utf8.h"

#include "test/unit/base_test.h"

#include <gnu/libc-version.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static void every_code_point_reads_back(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        uint32_t again = 1;
        bool surrogate = code >= 0xd800 && code < 0xe000;
        size_t n = utf8_encode(code, bytes);
        assert_int_equal(utf8_decode(span_make(bytes, n), &again), n);
        assert_int_equal(again, surrogate ? UTF8_REPLACEMENT : code);
        if (n > 1) { /* cut short */
            assert_int_equal(utf8_decode(span_make(bytes, n - 1), &again), 1);
            assert_int_equal(again, UTF8_REPLACEMENT);
        }
    }
    char bytes[4];
    assert_int_equal(utf8_encode(0x110000, bytes), 3);
    assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
}

/* Overlong, surrogates, over the end, five bytes, lone ones [RFC 3629]. */
static void each_bad_byte_is_one_replacement(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        size_t bad;
    } cases[] = {
        {"\x80", 1},
        {"\xc0\xaf", 2},
        {"\xc1\xbf", 2},
        {"\xe0\x80\xaf", 3},
        {"\xed\xa0\x80", 3},
        {"\xe2\x82", 2},
        {"\xf5\x80\x80\x80", 4},
        {"\xf4\x90\x80\x80", 4},
        {"\xfe", 1},
        {"\xff\xff", 2},
        {"\xf8\x88\x80\x80\x80", 5},
        {"\xf0\x80\x80\xaf", 4},
        {"a\xc3(", 1},
        {"\xe2\x28\xa1", 2},
        {"\xf0\x9f\x94", 3},
    };

    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf out = STRBUF_INIT(100);
        struct span text = span_from(cases[i].text);
        assert_false(utf8_valid(text));
        assert_int_equal(utf8_repair(text, &out), cases[i].bad);
        assert_true(utf8_valid(strbuf_span(&out)));
        strbuf_clear(&out);
    }
}

static void what_is_good_stays(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(100);
    struct span text = SPAN("a\0\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\xa5\xef\xbf\xbd");
    assert_true(utf8_valid(text));
    assert_int_equal(utf8_repair(text, &out), 0);
    assert_true(span_eq(strbuf_span(&out), text));
    strbuf_truncate(&out, 0);
    assert_int_equal(utf8_repair(SPAN("a\xff"
                                      "b"),
                                 &out),
                     1);
    assert_string_equal(strbuf_cstr(&out), "a\xef\xbf\xbd"
                                           "b");
    assert_true(utf8_valid((struct span){NULL, 0}));
    strbuf_clear(&out);
}

static void widths(void **state)
{
    (void)state;

    static const struct {
        uint32_t code;
        int width;
    } cases[] = {
        {'a', 1},    {0x1b, 1},   {0xe9, 1},     {0x301, 0},  {0x200b, 0},  {0x2500, 1},
        {0x25cf, 1}, {0x4e2d, 2}, {0xac00, 2},   {0xff21, 2}, {0x1f525, 2}, {0x20000, 2},
        {0x200d, 0}, {0xfe0f, 0}, {0x10ffff, 1}, {0x2026, 1}, {0x2192, 1},  {0x25b2, 1},
    };

    for (size_t i = 0; i < BN_COUNT(cases); i++)
        assert_int_equal(utf8_width(cases[i].code), cases[i].width);
    assert_true(utf8_is_combining(0x301));
    assert_true(utf8_is_combining(0x5b4));
    assert_false(utf8_is_combining('a'));
    assert_false(utf8_is_combining(0x200b));
    assert_false(utf8_width_disputed('a'));
    assert_false(utf8_width_disputed(0x4e2d));
    assert_true(utf8_width_disputed(0xe000)); /* private use */
    assert_true(utf8_width_disputed(0x0378)); /* not assigned */
}

/* What is not disputed has the width that the libc of the table's day gives it. */
static void undisputed_widths_are_libcs(void **state)
{
    (void)state;
    if (strcmp(gnu_get_libc_version(), "2.36") != 0 || !setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    for (uint32_t code = 0xa0; code <= 0x10ffff; code++) {
        if ((code >= 0xd800 && code < 0xe000) || utf8_width_disputed(code))
            continue;
        if (wcwidth((wchar_t)code) != utf8_width(code))
            fail_msg("U+%04X: libc %d, ours %d", code, wcwidth((wchar_t)code), utf8_width(code));
    }
}

static void lower_case_is_libcs(void **state)
{
    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    for (uint32_t code = 0; code <= 0x2fff; code++) {
        uint32_t lower = utf8_lower(code), libc = (uint32_t)towlower((wint_t)code);
        bool covered = code < 0x180 || (code >= 0x386 && code < 0x3ac) ||
                       (code >= 0x400 && code < 0x530) || (code >= 0x1e00 && code < 0x1e96);
        if (code == 0x130) /* Turkish: two code points elsewhere */
            continue;
        if (lower != libc && (covered || lower != code))
            fail_msg("U+%04X: U+%04X, libc says U+%04X", code, lower, libc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_reads_back),
        cmocka_unit_test(each_bad_byte_is_one_replacement),
        cmocka_unit_test(what_is_good_stays),
        cmocka_unit_test(widths),
        cmocka_unit_test(undisputed_widths_are_libcs),
        cmocka_unit_test(lower_case_is_libcs),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
