/* The canvas: clipping, wide glyphs, cutting, highlighting, roles. */
#include <config.h>

#include "widgets/canvas.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_dump(const struct canvas *c, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(1 << 20);
    canvas_dump(c, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
}

static void expect_roles(const struct canvas *c, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(1 << 20);
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
}

static struct rect whole(const struct canvas *c)
{
    return rect_make(0, 0, canvas_rows(c), canvas_cols(c));
}

static void test_text_is_clipped(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(3, 8, false);
    struct rect area = rect_make(1, 2, 1, 4);
    assert_int_equal(canvas_text(c, area, 0, 0, 100, SPAN("abcdefgh"), ROLE_OK), 4);
    assert_int_equal(canvas_text(c, area, 1, 0, 100, SPAN("below"), ROLE_OK), 0);
    assert_int_equal(canvas_text(c, area, -1, 0, 100, SPAN("above"), ROLE_OK), 0);
    assert_int_equal(canvas_text(c, whole(c), 0, 0, 2, SPAN("xyz"), ROLE_TEXT), 2);
    expect_dump(c, "xy\n  abcd\n\n");
    expect_roles(c, "1:2-5 ok\n");
    canvas_free(c);
}

static void test_scrolled_text_starts_left_of_the_area(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 6, false);
    assert_int_equal(canvas_text(c, whole(c), 0, -2, 100, SPAN("abcdef"), ROLE_TEXT), 6);
    expect_dump(c, "cdef\n");
    canvas_fill(c, whole(c), ROLE_TEXT);
    /* Half of the wide glyph is outside: a blank takes its place. */
    canvas_text(c, whole(c), 0, -1, 100, SPAN("男abc"), ROLE_TEXT);
    expect_dump(c, " abc\n");
    canvas_free(c);
}

static void test_wide_glyphs_are_whole_or_blank(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 5, false);
    assert_int_equal(canvas_text(c, whole(c), 0, 0, 5, SPAN("男女子"), ROLE_TEXT), 5);
    expect_dump(c, "男女\n");
    assert_int_equal(canvas_row(c, 0)[4].glyph.base, ' ');
    assert_int_equal(canvas_row(c, 0)[4].glyph.width, 1);
    canvas_text(c, whole(c), 0, 1, 1, SPAN("x"), ROLE_TEXT); /* over a right half */
    expect_dump(c, " x女\n");
    canvas_text(c, whole(c), 0, 2, 1, SPAN("y"), ROLE_TEXT); /* over a left half */
    expect_dump(c, " xy\n");
    canvas_text(c, whole(c), 0, 0, 5, SPAN("a男b女"), ROLE_TEXT);
    canvas_fill(c, rect_make(0, 2, 1, 1), ROLE_DIM);
    expect_dump(c, "a  b\n");
    canvas_free(c);
}

/* Every way in which two texts can overlap leaves no half of a wide glyph. */
static void test_no_half_glyph_survives(void **state)
{
    (void)state;
    static const char *const texts[] = {"男女子", "a男b", "ab", "x男", "é男\xcc\x81z"};
    struct canvas *c = canvas_new(1, 7, false);
    for (size_t i = 0; i < BN_COUNT(texts); i++)
        for (size_t j = 0; j < BN_COUNT(texts); j++)
            for (int at = -3; at < 8; at++)
                for (int max = 0; max < 8; max++) {
                    canvas_text(c, whole(c), 0, 0, 7, span_from(texts[i]), ROLE_TEXT);
                    canvas_text(c, whole(c), 0, at, max, span_from(texts[j]), ROLE_OK);
                    const struct cell *row = canvas_row(c, 0);
                    for (int col = 0; col < 7; col++) {
                        bool wide = row[col].glyph.width == 2;
                        assert_true(!wide || (col + 1 < 7 && row[col + 1].glyph.width == 0));
                        assert_true(row[col].glyph.width || (col && row[col - 1].glyph.width == 2));
                    }
                }
    canvas_free(c);
}

static void test_hostile_text_is_made_visible(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(2, 40, false);
    canvas_text(c, whole(c), 0, 0, 40, SPAN("a\033[31mb\nc\x9b"), ROLE_TEXT);
    const struct cell *row = canvas_row(c, 0);
    for (int i = 0; i < 40; i++)
        assert_true(row[i].glyph.base >= ' ' &&
                    !(row[i].glyph.base >= 0x7f && row[i].glyph.base < 0xa0));
    struct strbuf out = STRBUF_INIT(1024);
    canvas_dump_row(c, 0, &out);
    assert_true(span_starts(strbuf_span(&out), "a␛[31mb␊c"));
    strbuf_clear(&out);
    canvas_free(c);
    c = canvas_new(1, 40, true);
    canvas_text(c, whole(c), 0, 0, 40, SPAN("caf\xc3\xa9 男 \xe2\x80\xae ok"), ROLE_TEXT);
    row = canvas_row(c, 0);
    for (int i = 0; i < 40; i++)
        assert_true(row[i].glyph.base >= ' ' && row[i].glyph.base < 0x7f &&
                    !row[i].glyph.marks[0] && row[i].glyph.width == 1);
    canvas_free(c);
}

static void test_combining_flood_stays_in_one_cell(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct canvas *c = canvas_new(1, 4, false);
    strbuf_addc(&text, 'e');
    for (int i = 0; i < 10000; i++)
        strbuf_adds(&text, "\xcc\x81");
    strbuf_addc(&text, 'x');
    assert_int_equal(canvas_text(c, whole(c), 0, 0, 4, strbuf_span(&text), ROLE_TEXT), 2);
    assert_int_equal(canvas_row(c, 0)[1].glyph.base, 'x');
    strbuf_clear(&text);
    canvas_free(c);
}

static void cut(const char *text, int max, int tail, const char *wanted, bool ascii)
{
    struct canvas *c = canvas_new(1, 40, ascii);
    int used = canvas_text_cut(c, whole(c), 0, 0, max, tail, span_from(text), ROLE_TEXT);
    struct strbuf out = STRBUF_INIT(1024);
    canvas_dump_row(c, 0, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    assert_true(used <= max);
    assert_true(used >= visible_width(span_from(wanted), ascii));
    strbuf_clear(&out);
    canvas_free(c);
}

static void test_text_is_cut_with_an_ellipsis(void **state)
{
    (void)state;
    cut("track-api-6bb-x7k2p", 19, 6, "track-api-6bb-x7k2p", false);
    cut("track-api-6bb-x7k2p", 16, 6, "track-api…-x7k2p", false);
    cut("track-api-6bb-x7k2p", 16, 6, "track-api~-x7k2p", true);
    cut("track-api-6bb-x7k2p", 16, 0, "track-api-6bb-x…", false);
    cut("abcdef", 1, 3, "…", false);
    cut("abcdef", 2, 3, "a…", false);
    cut("abcdef", 3, 3, "a…f", false);
    cut("男女子孫", 8, 2, "男女子孫", false);
    cut("男女子孫", 7, 2, "男女…孫", false);
    cut("男女子孫", 6, 2, "男…孫", false);
    cut("", 4, 2, "", false);
}

/* The cause is often the last that an error says; of a single line the beginning counts. */
static void test_wrapped_text_keeps_its_end(void **state)
{
    struct canvas *c = canvas_new(2, 12, false);
    (void)state;
    assert_int_equal(
        canvas_text_wrapped(c, whole(c), SPAN("one two three four five six"), ROLE_TEXT), 2);
    expect_dump(c, "one two\nthree f… six\n");
    assert_int_equal(
        canvas_text_wrapped(c, rect_make(0, 0, 1, 12), SPAN("three four five six"), ROLE_TEXT), 1);
    expect_dump(c, "three four …\nthree f… six\n");
    canvas_free(c);
}

static void test_cut_stops_at_the_area(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(1, 10, false);
    assert_int_equal(
        canvas_text_cut(c, rect_make(0, 0, 1, 6), 0, 2, 20, 0, SPAN("abcdefgh"), ROLE_TEXT), 4);
    expect_dump(c, "  abc…\n");
    assert_int_equal(canvas_text_cut(c, rect_make(0, 0, 1, 6), 0, 6, 20, 0, SPAN("abc"), ROLE_TEXT),
                     0);
    canvas_free(c);
}

static void test_highlight(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(2, 20, false);
    canvas_text(c, whole(c), 0, 0, 20, SPAN("Error, ERROR, err"), ROLE_TEXT);
    assert_int_equal(canvas_highlight(c, whole(c), SPAN("error"), ROLE_MATCH), 2);
    expect_roles(c, "0:0-4 match\n0:7-11 match\n");
    canvas_role(c, whole(c), ROLE_TEXT);
    assert_int_equal(canvas_highlight(c, whole(c), SPAN("Error"), ROLE_MATCH), 1);
    assert_int_equal(canvas_highlight(c, whole(c), SPAN(""), ROLE_MATCH), 0);
    canvas_fill(c, whole(c), ROLE_TEXT);
    canvas_text(c, whole(c), 1, 0, 20, SPAN("ab男女"), ROLE_TEXT);
    assert_int_equal(canvas_highlight(c, whole(c), SPAN("男女"), ROLE_MATCH), 1);
    expect_roles(c, "1:2-5 match\n");
    canvas_free(c);
}

static void test_lines_flags_and_cursor(void **state)
{
    (void)state;
    int row, col;
    struct canvas *c = canvas_new(3, 3, true);
    canvas_line(c, rect_make(1, 0, 1, 3), '-', ROLE_DIM);
    canvas_line(c, rect_make(0, 1, 3, 1), '|', ROLE_DIM);
    canvas_line(c, rect_make(1, 1, 1, 1), '+', ROLE_DIM);
    expect_dump(c, " |\n-+-\n |\n");
    canvas_flag(c, rect_make(2, 0, 1, 1), CELL_BOLD | CELL_CURSOR_ROW);
    expect_roles(c, "0:1-1 dim\n1:0-2 dim\n2:0-0 text bold cursor\n2:1-1 dim\n");
    canvas_cursor(c, 2, 1);
    canvas_cursor_get(c, &row, &col);
    assert_int_equal(row, 2);
    assert_int_equal(col, 1);
    canvas_cursor(c, 3, 1);
    canvas_cursor_get(c, &row, &col);
    assert_int_equal(row, -1);
    canvas_free(c);
}

static void test_sizes_without_cells(void **state)
{
    (void)state;
    struct canvas *c = canvas_new(0, 0, false);
    assert_int_equal(canvas_text(c, rect_make(0, 0, 5, 5), 0, 0, 5, SPAN("x"), ROLE_TEXT), 0);
    assert_int_equal(
        canvas_text_cut(c, rect_make(0, 0, 5, 5), 0, 0, 5, 2, SPAN("xyz1234"), ROLE_TEXT), 0);
    canvas_fill(c, rect_make(-5, -5, 100, 100), ROLE_TEXT);
    canvas_line(c, rect_make(0, 0, 1, 1), '-', ROLE_TEXT);
    expect_dump(c, "");
    canvas_resize(c, 100000, -3);
    assert_int_equal(canvas_rows(c), 1000);
    assert_int_equal(canvas_cols(c), 0);
    canvas_resize(c, 1, 1);
    canvas_text(c, whole(c), 0, 0, 5, SPAN("男"), ROLE_TEXT);
    expect_dump(c, "\n");
    canvas_free(c);
    canvas_free(NULL);
}

static void test_rects(void **state)
{
    (void)state;
    struct rect r = rect_clip(rect_make(-2, 3, 10, 10), rect_make(0, 0, 4, 5));
    assert_int_equal(r.top, 0);
    assert_int_equal(r.rows, 4);
    assert_int_equal(r.left, 3);
    assert_int_equal(r.cols, 2);
    assert_true(rect_has(r, 3, 4));
    assert_false(rect_has(r, 4, 4));
    assert_false(rect_has(r, 3, 2));
    r = rect_clip(rect_make(0, 0, 2, 2), rect_make(5, 5, 2, 2));
    assert_int_equal(r.rows, 0);
    r = rect_clip(rect_make(3, 3, 0x7fffffff, 0x7fffffff), rect_make(0, 0, 5, 5));
    assert_int_equal(r.rows, 2);
    assert_int_equal(rect_make(0, 0, -1, -1).cols, 0);
}

static void test_every_role_and_level_has_its_marks(void **state)
{
    (void)state;
    enum role role;
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_true(role_parse(span_from(role_name((enum role)i)), &role));
        assert_int_equal(role, i);
    }
    assert_false(role_parse(SPAN("hedaer"), &role));
    for (int i = 0; i < LEVEL_COUNT; i++) {
        const char *glyph = role_glyph((enum level)i, false);
        const char *ascii = role_glyph((enum level)i, true);
        assert_int_equal(visible_width(span_from(glyph), false), 1);
        assert_int_equal(strlen(ascii), 1);
        for (int j = 0; j < i; j++) /* without colour they still differ */
            assert_true(strcmp(ascii, role_glyph((enum level)j, true)) != 0 &&
                        strcmp(glyph, role_glyph((enum level)j, false)) != 0 &&
                        role_of_level((enum level)i) != role_of_level((enum level)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_clipped),
        cmocka_unit_test(test_scrolled_text_starts_left_of_the_area),
        cmocka_unit_test(test_wide_glyphs_are_whole_or_blank),
        cmocka_unit_test(test_no_half_glyph_survives),
        cmocka_unit_test(test_hostile_text_is_made_visible),
        cmocka_unit_test(test_combining_flood_stays_in_one_cell),
        cmocka_unit_test(test_text_is_cut_with_an_ellipsis),
        cmocka_unit_test(test_wrapped_text_keeps_its_end),
        cmocka_unit_test(test_cut_stops_at_the_area),
        cmocka_unit_test(test_highlight),
        cmocka_unit_test(test_lines_flags_and_cursor),
        cmocka_unit_test(test_sizes_without_cells),
        cmocka_unit_test(test_rects),
        cmocka_unit_test(test_every_role_and_level_has_its_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
