/* Lines of logs: JSON in words, everything else as it is; what is told apart. */
#include <config.h>

#include "tui/screens/log_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *line, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(1 << 20);
    log_text_pretty(span_from(line), &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
}

static void test_json_in_words(void **state)
{
    (void)state;
    expect("{\"level\":\"info\",\"msg\":\"starting\",\"port\":80}", "INFO starting port=80");
    expect(
        "{\"time\":\"2026-02-13T09:00:00.5Z\",\"a\":{\"b\":[1, 2]},\"level\":\"warn\",\"msg\":\"two "
        "words\",\"err\":\"no route\",\"n\":null}",
        "09:00:00.500 WARN two words a={\"b\":[1, 2]} err=\"no route\" n=null");
    expect("{\"ts\":1770973200.25,\"severity\":\"Error\",\"message\":\"x\"}",
           "09:00:00.250 ERROR x");
    expect("{\"ts\":1770973200123,\"msg\":\"ms\"}", "09:00:00.123 ms");
    expect("{\"ts\":1770973200123456789,\"msg\":\"ns\"}", "09:00:00.123 ns");
    expect("{\"time\":\"yesterday\",\"msg\":\"a\\nb\\tc\"}",
           "yesterday a b\tc"); /* one line stays one */
    expect("2026-02-13T09:00:00Z {\"msg\":\"x\"}",
           "2026-02-13T09:00:00Z x"); /* the server's time */
    expect("{\"msg\":{\"deep\":1}}", "msg={\"deep\":1}");
}

static void test_other_lines_stay(void **state)
{
    static const char *const lines[] = {"",
                                        "plain",
                                        "{",
                                        "{}x",
                                        "{\"cut\":\"sho",
                                        "{not: json}",
                                        "GET {\"a\":1} ends",
                                        "words before {\"a\":1}",
                                        "level=info msg=\"as it is\""};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(lines); i++)
        expect(lines[i], lines[i]);
}

static void expect_paint(const char *line, enum role role, const char *dim)
{
    struct pager_paint paint = {.role = ROLE_TEXT};
    struct strbuf out = STRBUF_INIT(4096);
    log_text_paint(span_from(line), &paint);
    assert_int_equal(paint.role, role);
    for (size_t i = 0; i < paint.count; i++) {
        assert_int_equal(paint.parts[i].role, ROLE_DIM);
        assert_true(paint.parts[i].to <= strlen(line));
        assert_true(!i || paint.parts[i].from >= paint.parts[i - 1].to);
        strbuf_add(&out,
                   span_make(line + paint.parts[i].from, paint.parts[i].to - paint.parts[i].from));
        strbuf_addc(&out, '|');
    }
    assert_string_equal(strbuf_cstr(&out), dim);
    strbuf_clear(&out);
}

static void test_levels_times_and_keys(void **state)
{
    (void)state;
    expect_paint("2026-02-13T09:00:00.123Z ERROR no disk", ROLE_CRITICAL,
                 "2026-02-13T09:00:00.123Z|");
    expect_paint("2026-02-13 09:00:00 09:00:00.5 WARN x", ROLE_WARNING,
                 "2026-02-13 09:00:00|09:00:00.5|");
    expect_paint("level=error err=\"x=1 y\" n=2", ROLE_CRITICAL, "level=|err=|n=|");
    expect_paint("DEBUG a==b = c= d", ROLE_DIM, "a=|c=|");
    expect_paint("an error in lower case is a word", ROLE_TEXT, "");
    expect_paint("", ROLE_TEXT, "");
    expect_paint("20", ROLE_TEXT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_in_words),
        cmocka_unit_test(test_other_lines_stay),
        cmocka_unit_test(test_levels_times_and_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
