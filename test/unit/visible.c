/* What of a text from outside reaches the screen: nothing that could act there. */
#include <config.h>

#include "base/visible.h"

#include "base/utf8.h"
#include "test/unit/base_test.h"

#include <stdio.h>
#include <string.h>

static unsigned shown(struct span text, bool ascii, const char *expected)
{
    struct strbuf out = STRBUF_INIT((size_t)1 << 20);
    unsigned flags = visible_text(text, ascii, &out);
    assert_string_equal(strbuf_cstr(&out), expected);
    strbuf_clear(&out);
    return flags;
}

static unsigned shows(const char *text, const char *utf8, const char *ascii)
{
    unsigned flags = shown(span_from(text), false, utf8);
    assert_int_equal(shown(span_from(text), true, ascii), flags);
    return flags;
}

static void plain_text_is_itself(void **state)
{
    (void)state;
    assert_int_equal(
        shows("api-7f9 ~Running~ 100%", "api-7f9 ~Running~ 100%", "api-7f9 ~Running~ 100%"), 0);
    assert_int_equal(shows("", "", ""), 0);
    assert_int_equal(shows("caf\u00e9 \u4e2d\u6587 \U0001f525", "caf\u00e9 \u4e2d\u6587 \U0001f525",
                           "cafe ?? ?"),
                     0);
}

/* ESC in the message of an event: CVE-2021-25743 */
static void controls_are_pictures(void **state)
{
    (void)state;
    assert_int_equal(shows("\x1b[31m", "\u241b[31m", "^[[31m"), VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("\x1b]52;c;eA==\a", "\u241b]52;c;eA==\u2407", "^[]52;c;eA==^G"),
                     VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("a\nb\rc\bd\te\vf\f", "a\u240ab\u240dc\u2408d\u2409e\u240bf\u240c",
                           "a^Jb^Mc^Hd^Ie^Kf^L"),
                     VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("\x7f", "\u2421", "^?"), VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shown(SPAN("a\0b"), false, "a\u2400b"), VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shown(SPAN("a\0b"), true, "a^@b"), VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("\xc2\x9b"
                           "31m\xc2\x9d",
                           "\ufffd31m\ufffd", "?31m?"),
                     VISIBLE_HIDDEN_CHARS);
}

static void bad_bytes_are_replaced_one_by_one(void **state)
{
    (void)state;
    assert_int_equal(shows("a\x9b\x90z", "a\ufffd\ufffdz", "a??z"), VISIBLE_BAD_BYTES);
    assert_int_equal(shows("\xed\xa0\x80", "\ufffd\ufffd\ufffd", "???"), VISIBLE_BAD_BYTES);
    assert_int_equal(shows("\ufffd", "\ufffd", "?"), 0);
}

/* Trojan Source: CVE-2021-42574 */
static void what_is_hidden_is_named(void **state)
{
    (void)state;
    assert_int_equal(shows("a\u202eb\u2066c", "a\u2039RLO\u203ab\u2039LRI\u203ac", "a<RLO>b<LRI>c"),
                     VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("pay\u200bments", "pay\u2039ZWSP\u203aments", "pay<ZWSP>ments"),
                     VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("\ufeff\u00ad\u2060\u061c",
                           "\u2039BOM\u203a\u2039SHY\u203a\u2039WJ\u203a"
                           "\u2039ALM\u203a",
                           "<BOM><SHY><WJ><ALM>"),
                     VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("x\U000e0041", "x\u2039TAG41\u203a", "x<TAG41>"), VISIBLE_HIDDEN_CHARS);
    assert_int_equal(shows("a<b>", "a<b>", "a<b>"), 0);
}

static void selectors_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(shows("\u2714\ufe0f done", "\u2714 done", "v done"), 0);
    assert_int_equal(shows("a\U000e0100", "a", "a"), VISIBLE_HIDDEN_CHARS);
}

/* CVE-2021-26937's class: marks without end */
static void a_flood_of_marks_is_three(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    struct visible_state seen = {0};
    struct glyph glyph;
    strbuf_adds(&text, "e");
    for (int i = 0; i < 10000; i++)
        strbuf_adds(&text, "\u0301");
    strbuf_adds(&text, "z");
    struct span rest = strbuf_span(&text);
    assert_true(visible_next(&seen, &rest, false, &glyph));
    assert_int_equal(glyph.base, 'e');
    for (size_t i = 0; i < VISIBLE_MARKS_MAX; i++)
        assert_int_equal(glyph.marks[i], 0x301);
    assert_true(visible_next(&seen, &rest, false, &glyph));
    assert_int_equal(glyph.base, 'z');
    assert_int_equal(glyph.marks[0], 0);
    assert_false(visible_next(&seen, &rest, false, &glyph));
    assert_int_equal(visible_width(strbuf_span(&text), false), 2);
    strbuf_clear(&text);
    shows("\u0301x", "\ufffdx", "?x"); /* a mark on nothing */
}

static void doubtful_widths_are_one_cell(void **state)
{
    (void)state;
    struct visible_state seen = {0};
    struct span text = SPAN("\ue0b0"); /* private use: a prompt's arrow */
    struct glyph glyph;
    assert_true(visible_next(&seen, &text, false, &glyph));
    assert_int_equal(glyph.base, UTF8_REPLACEMENT);
    assert_int_equal(glyph.width, 1);
    assert_int_equal(visible_width(SPAN("\u4e2d\U0001f525"), false), 4);
    assert_int_equal(visible_width(SPAN("\u4e2d\U0001f525"), true), 2);
    assert_int_equal(visible_width(SPAN("\x1b"), true), 2);
}

static void mixed_scripts_are_noticed(void **state)
{
    (void)state;
    assert_int_equal(shown(SPAN("p\u0430yments"), false, "p\u0430yments"), VISIBLE_MIXED_SCRIPT);
    assert_int_equal(shown(SPAN("\u0440-\u0430-y"), false, "\u0440-\u0430-y"),
                     VISIBLE_MIXED_SCRIPT);
    assert_int_equal(shown(SPAN("\u03bfk"), false, "\u03bfk"), VISIBLE_MIXED_SCRIPT);
    static const char *const honest[] = {"payments",
                                         "\u043f\u043b\u0430\u0442\u0435\u0436\u0438",
                                         "5 \u03bcs 5\u03bcs",
                                         "error: \u043e\u0448\u0438\u0431\u043a\u0430",
                                         "name=\u0438\u043c\u044f",
                                         "caf\u00e9",
                                         ""};
    for (size_t i = 0; i < BN_COUNT(honest); i++)
        assert_int_equal(shown(span_from(honest[i]), false, honest[i]), 0);
}

static void ascii_keeps_the_meaning_and_the_place(void **state)
{
    (void)state;
    static const char drawn[] =
        "\u2013\u2014\u2026\u201c\u201d\u2018\u2019\u2022\u25cf\u25cb\u25b2\u2717"
        "\u25d0\u2192\u2190\u2502\u2500\u203a\u25b8\u250c\u2514\u253c\u2588\u2581"
        "\u00b7\u00d7\u00b5\u20ac\u2713\u25be";
    shown(span_from(drawn), true, "--~\"\"''*o-!X~><|->>+++#_.xuEvv");
    assert_int_equal(visible_width(span_from(drawn), true), visible_width(span_from(drawn), false));
    shown(SPAN("Stra\u00dfe \u0141\u00f3d\u017a \u00c5ngstr\u00f6m \u0178"), true,
          "Strase Lodz Angstrom Y");
}

/* Whatever comes: every glyph is one or two printable cells, the text form is
 * valid and has no controls, and shown again it is what it was. */
static void nothing_that_acts_comes_out(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4], again[64];
        struct span text = span_make(bytes, utf8_encode(code, bytes));
        for (int ascii = 0; ascii < 2; ascii++) {
            struct visible_state seen = {0};
            struct span rest = text;
            struct glyph g;
            while (visible_next(&seen, &rest, ascii, &g)) {
                assert_in_range(g.width, 1, 2);
                assert_true(g.base >= 0x20 && (g.base < 0x7f || g.base >= 0xa0));
                assert_true(!ascii || g.base < 0x7f);
                assert_true(!utf8_width_disputed(g.base));
                assert_int_equal(utf8_width(g.base), g.width);
            }
        }
        struct strbuf out = STRBUF_INIT(64), twice = STRBUF_INIT(64);
        (void)visible_text(text, false, &out);
        assert_true(utf8_valid(strbuf_span(&out)));
        (void)snprintf(again, sizeof(again), "%s", strbuf_cstr(&out));
        (void)visible_text(strbuf_span(&out), false, &twice);
        assert_string_equal(strbuf_cstr(&twice), again);
        strbuf_clear(&out);
        strbuf_clear(&twice);
    }
}

static void a_huge_line_is_measured_in_bounds(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    strbuf_fill(&text, 'x', 1000000);
    assert_in_range(visible_width(strbuf_span(&text), false), INT16_MAX, INT16_MAX + 1);
    strbuf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_itself),
        cmocka_unit_test(controls_are_pictures),
        cmocka_unit_test(bad_bytes_are_replaced_one_by_one),
        cmocka_unit_test(what_is_hidden_is_named),
        cmocka_unit_test(selectors_are_left_out),
        cmocka_unit_test(a_flood_of_marks_is_three),
        cmocka_unit_test(doubtful_widths_are_one_cell),
        cmocka_unit_test(mixed_scripts_are_noticed),
        cmocka_unit_test(ascii_keeps_the_meaning_and_the_place),
        cmocka_unit_test(nothing_that_acts_comes_out),
        cmocka_unit_test(a_huge_line_is_measured_in_bounds),
    };
    return cmocka_run_group_tests_name("visible", tests, NULL, NULL);
}
