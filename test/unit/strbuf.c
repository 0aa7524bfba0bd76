/* Growing text: ceiling, failure that stays, handing over. */
#include <config.h>

#include "base/strbuf.h"

#include "base/alloc.h"
#include "test/unit/base_test.h"

#include <stdlib.h>
#include <string.h>

static void empty_is_a_text(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(10);
    assert_string_equal(strbuf_cstr(&sb), "");
    assert_int_equal(strbuf_span(&sb).len, 0);
    strbuf_consume(&sb, 4);
    strbuf_truncate(&sb, 4);
    assert_non_null(strbuf_reserve(&sb, 3));
    assert_string_equal(strbuf_cstr(&sb), "");
    strbuf_clear(&sb);
    char *text = strbuf_take(&sb);
    assert_string_equal(text, "");
    free(text);
}

static void text_grows(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(100000);
    for (int i = 0; i < 10000; i++)
        strbuf_addf(&sb, "%d,", i % 10);
    assert_int_equal(sb.len, 20000);
    assert_false(sb.failed);
    assert_memory_equal(sb.data + 19990, "5,6,7,8,9,", 11);
    strbuf_fill(&sb, '-', 3);
    strbuf_addc(&sb, 'x');
    strbuf_adds(&sb, NULL);
    assert_string_equal(sb.data + 20000, "---x");
    strbuf_consume(&sb, 20001);
    assert_string_equal(strbuf_cstr(&sb), "--x");
    strbuf_truncate(&sb, 1);
    assert_string_equal(strbuf_cstr(&sb), "-");
    strbuf_clear(&sb);
}

static void a_long_format_goes_in_whole(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(2000);
    strbuf_addf(&sb, "%0900d|%s", 7, "end");
    assert_int_equal(sb.len, 904);
    assert_string_equal(sb.data + 899, "7|end");
    strbuf_clear(&sb);
}

static void exactly_the_limit_fits(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(8);
    strbuf_adds(&sb, "12345678");
    assert_false(sb.failed);
    assert_string_equal(strbuf_cstr(&sb), "12345678");
    strbuf_addc(&sb, '9');
    assert_true(sb.failed);
    assert_string_equal(strbuf_cstr(&sb), "12345678");
    assert_null(strbuf_take(&sb));
    assert_null(sb.data);
    strbuf_adds(&sb, "anew");
    assert_string_equal(strbuf_cstr(&sb), "anew");
    strbuf_clear(&sb);
}

/* A part that did not fit must not be followed by one that does. */
static void a_failure_stays(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(8);
    strbuf_adds(&sb, "123456");
    strbuf_adds(&sb, "too long");
    strbuf_addc(&sb, 'x');
    strbuf_addf(&sb, "%d", 1);
    strbuf_fill(&sb, 'x', 1);
    assert_string_equal(strbuf_cstr(&sb), "123456");
    strbuf_consume(&sb, 6);
    assert_true(sb.failed);
    strbuf_addc(&sb, 'x');
    assert_string_equal(strbuf_cstr(&sb), "");
    strbuf_truncate(&sb, 0);
    strbuf_addc(&sb, 'x');
    assert_string_equal(strbuf_cstr(&sb), "x");
    strbuf_clear(&sb);
}

static void sizes_do_not_wrap(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(SIZE_MAX);
    strbuf_adds(&sb, "abc");
    assert_null(strbuf_reserve(&sb, SIZE_MAX - 2));
    assert_true(sb.failed);
    assert_string_equal(strbuf_cstr(&sb), "abc");
    strbuf_clear(&sb);
}

static void exhaustion_is_an_error_value(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(1000);
    strbuf_adds(&sb, "kept");
    alloc_fail_at(1);
    strbuf_fill(&sb, 'x', 500);
    alloc_fail_at(0);
    assert_true(sb.failed);
    assert_string_equal(strbuf_cstr(&sb), "kept");
    strbuf_clear(&sb);
}

static void reserve_and_commit(void **state)
{
    (void)state;
    struct strbuf sb = STRBUF_INIT(100);
    char *to = strbuf_reserve(&sb, 50);
    assert_non_null(to);
    memcpy(to, "read", 4);
    strbuf_commit(&sb, 4);
    assert_string_equal(strbuf_cstr(&sb), "read");
    strbuf_wipe(&sb);
    assert_null(sb.data);
    assert_int_equal(sb.limit, 100);
}

static void addresses_show_no_password(void **state)
{
    static const char *const cases[][2] = {
        {"https://host:6443/a", "https://host:6443/a"},
        {"https://me:pass@host:6443", "https://***@host:6443"},
        {"https://me:p/a@s?s@host", "https://***@host"},
        {"redis://:pass@host", "redis://***@host"},
        {"tcp:me:pass@host:1", "***@host:1"},
        {"https://host/a?token=pass", "https://host/a?***"},
        {"me@", "***@"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf sb = STRBUF_INIT(100);
        strbuf_add_address(&sb, span_from(cases[i][0]));
        assert_string_equal(strbuf_cstr(&sb), cases[i][1]);
        strbuf_clear(&sb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_is_a_text),
        cmocka_unit_test(text_grows),
        cmocka_unit_test(a_long_format_goes_in_whole),
        cmocka_unit_test(exactly_the_limit_fits),
        cmocka_unit_test(a_failure_stays),
        cmocka_unit_test(sizes_do_not_wrap),
        cmocka_unit_test(exhaustion_is_an_error_value),
        cmocka_unit_test(reserve_and_commit),
        cmocka_unit_test(addresses_show_no_password),
    };
    return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
