/* Errors: one line, valid, cut at a character. */
#include <config.h>

#include "base/err.h"

#include "base/utf8.h"
#include "test/unit/base_test.h"

#include <string.h>

static void a_failure_reads_as_false(void **state)
{
    (void)state;
    struct err e;
    err_clear(&e);
    assert_int_equal(e.kind, ERR_NONE);
    assert_false(err_set(&e, ERR_IO, "connect %s", "10.0.0.1"));
    assert_int_equal(e.kind, ERR_IO);
    assert_int_equal(e.code, 0);
    assert_string_equal(e.msg, "connect 10.0.0.1");
    assert_false(err_code(&e, ERR_AUTH, 401, "not let in"));
    assert_int_equal(e.code, 401);
    assert_false(err_set(NULL, ERR_IO, "nobody asks"));
    assert_false(err_code(NULL, ERR_IO, 1, "nobody asks"));
    assert_false(err_wrap(NULL, "nobody asks"));
}

static void context_keeps_kind_and_code(void **state)
{
    (void)state;
    struct err e;
    (void)err_code(&e, ERR_DENIED, 403, "pods is forbidden");
    assert_false(err_wrap(&e, "list %s", "pods"));
    assert_string_equal(e.msg, "list pods: pods is forbidden");
    assert_int_equal(e.kind, ERR_DENIED);
    assert_int_equal(e.code, 403);
}

static void a_message_may_quote_itself(void **state)
{
    (void)state;
    struct err e;
    (void)err_set(&e, ERR_IO, "first");
    (void)err_set(&e, ERR_PROTO, "again: %s", e.msg);
    assert_string_equal(e.msg, "again: first");
}

static void a_message_is_one_line_of_utf8(void **state)
{
    (void)state;
    struct err e;
    (void)err_set(&e, ERR_PROTO, "it said \"a\r\nb\tc\xff\xc3\" \n");
    assert_string_equal(e.msg, "it said \"a  b c??\"");
}

/* Whatever the length, no character is cut in two. */
static void a_long_message_ends_with_an_ellipsis(void **state)
{
    (void)state;
    char long_text[ERR_MESSAGE_MAX * 2];
    struct err e;
    for (size_t shift = 0; shift < 4; shift++) {
        memset(long_text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof(long_text); i += 4)
            memcpy(long_text + i, "\xf0\x9f\x94\xa5", 5);
        (void)err_set(&e, ERR_IO, "%s", long_text);
        struct span msg = span_from(e.msg);
        assert_true(utf8_valid(msg));
        assert_true(span_ends(msg, "\xe2\x80\xa6"));
        assert_in_range(msg.len, ERR_MESSAGE_MAX - 8, ERR_MESSAGE_MAX - 1);
        (void)err_wrap(&e, "%s", long_text);
        assert_true(utf8_valid(span_from(e.msg)));
    }
}

static void every_kind_has_its_own_word(void **state)
{
    (void)state;
    for (enum err_kind a = ERR_NONE; a <= ERR_BUSY; a++) {
        assert_true(strlen(err_kind_name(a)) > 1);
        for (enum err_kind b = ERR_NONE; b < a; b++)
            assert_string_not_equal(err_kind_name(a), err_kind_name(b));
    }
    assert_string_equal(err_kind_name(ERR_TIMEOUT), "timeout");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_reads_as_false),
        cmocka_unit_test(context_keeps_kind_and_code),
        cmocka_unit_test(a_message_may_quote_itself),
        cmocka_unit_test(a_message_is_one_line_of_utf8),
        cmocka_unit_test(a_long_message_ends_with_an_ellipsis),
        cmocka_unit_test(every_kind_has_its_own_word),
    };
    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
