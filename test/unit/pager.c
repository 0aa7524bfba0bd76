/* The pager: lines from pieces, wrapping, following, searching, its bounds. */
#include <config.h>

#include "widgets/pager.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_sized(struct pager *p, int rows, int cols, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(1 << 20);
    struct canvas *c = canvas_new(rows, cols, false);
    pager_draw(p, c, rect_make(0, 0, rows, cols), NULL);
    canvas_dump(c, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
    canvas_free(c);
}

static void expect(struct pager *p, const char *wanted)
{
    expect_sized(p, 3, 10, wanted);
}

static void expect_position(const struct pager *p, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(256);
    pager_position(p, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
}

static struct pager *numbered(int lines)
{
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct pager *p = pager_new(1 << 20);
    for (int i = 1; i <= lines; i++)
        strbuf_addf(&text, "line %d\n", i);
    pager_add(p, strbuf_span(&text));
    strbuf_clear(&text);
    return p;
}

static void test_lines_come_in_pieces(void **state)
{
    (void)state;
    struct pager *p = pager_new(1 << 20);
    pager_add(p, SPAN("on"));
    assert_int_equal(pager_lines(p), 1);
    expect(p, "on\n\n\n");
    pager_add(p, SPAN("e\r\ntwo\n\nfo"));
    assert_int_equal(pager_lines(p), 4);
    expect_sized(p, 4, 10, "one\ntwo\n\nfo\n");
    pager_add(p, SPAN("ur"));
    expect_sized(p, 4, 10, "one\ntwo\n\nfour\n");
    pager_clear(p);
    assert_int_equal(pager_lines(p), 0);
    expect(p, "\n\n\n");
    expect_position(p, "0-0/0");
    pager_free(p);
    pager_free(NULL);
}

static void test_scrolling(void **state)
{
    (void)state;
    struct pager *p = numbered(10);
    expect(p, "line 1\nline 2\nline 3\n");
    expect_position(p, "1-3/10");
    pager_scroll(p, 2);
    expect(p, "line 3\nline 4\nline 5\n");
    pager_scroll(p, 100);
    expect(p, "line 8\nline 9\nline 10\n");
    pager_scroll(p, -1);
    expect(p, "line 7\nline 8\nline 9\n");
    pager_page(p, 2);
    expect(p, "line 8\nline 9\nline 10\n");
    pager_first(p);
    pager_page(p, 2);
    expect(p, "line 3\nline 4\nline 5\n");
    pager_page(p, -2);
    expect(p, "line 1\nline 2\nline 3\n");
    pager_page(p, 1);
    expect(p, "line 3\nline 4\nline 5\n");
    pager_scroll_columns(p, 5);
    expect(p, "3\n4\n5\n");
    pager_scroll_columns(p, -50);
    expect(p, "line 3\nline 4\nline 5\n");
    pager_free(p);
}

static void test_following(void **state)
{
    (void)state;
    struct pager *p = numbered(10);
    pager_last(p);
    expect(p, "line 8\nline 9\nline 10\n");
    expect_position(p, "10 lines, follow");
    pager_add(p, SPAN("more\n"));
    expect(p, "line 9\nline 10\nmore\n");
    pager_scroll(p, -1);
    assert_false(pager_following(p));
    pager_add(p, SPAN("and more\n"));
    expect(p, "line 8\nline 9\nline 10\n");
    pager_follow(p, true);
    expect(p, "line 10\nmore\nand more\n");
    pager_free(p);
}

/* What stands at the end for now is put there anew. */
static void test_last_lines_are_taken_back(void **state)
{
    (void)state;
    struct pager *p = pager_new(1024);
    pager_add(p, SPAN("a\nb\nc\n"));
    pager_drop(p, 0);
    pager_drop(p, 2);
    pager_add(p, SPAN("d\n"));
    expect(p, "a\nd\n\n");
    pager_search(p, SPAN("d"));
    pager_only(p, true);
    assert_int_equal(pager_lines(p), 1);
    pager_drop(p, 1);
    assert_int_equal(pager_lines(p), 0);
    pager_add(p, SPAN("dd\n"));
    assert_int_equal(pager_lines(p), 1);
    pager_drop(p, 9);
    pager_only(p, false);
    assert_int_equal(pager_lines(p), 0);
    pager_free(p);
}

static void test_wrapping(void **state)
{
    (void)state;
    struct pager *p = pager_new(1 << 20);
    pager_add(p, SPAN("abcdefghijklmnopqrstuvwxyz\nshort\n男女子男女子\n"));
    expect(p, "abcdefghij\nshort\n男女子男女\n");
    pager_wrap(p, true);
    expect_sized(p, 6, 10, "abcdefghij\nklmnopqrst\nuvwxyz\nshort\n男女子男女\n子\n");
    expect_sized(p, 4, 9, "abcdefghi\njklmnopqr\nstuvwxyz\nshort\n");
    expect(p, "abcdefghij\nklmnopqrst\nuvwxyz\n");
    pager_scroll(p, 1);
    expect(p, "klmnopqrst\nuvwxyz\nshort\n");
    pager_scroll(p, 100);
    expect(p, "short\n男女子男女\n子\n");
    pager_scroll(p, -2);
    expect(p, "klmnopqrst\nuvwxyz\nshort\n");
    /* A new width keeps the line. */
    expect_sized(p, 3, 20, "uvwxyz\nshort\n男女子男女子\n");
    expect_sized(p, 2, 1, "b\nc\n"); /* and the row in it */
    pager_free(p);
}

/* Of a whole word, but for one that would leave a third of its row empty. */
static void test_wrapping_between_words(void **state)
{
    (void)state;
    struct pager *p = pager_new(1 << 20);
    pager_wrap(p, true);
    pager_words(p);
    pager_add(p, SPAN("  to the pod and back\nPOST {\"kind\":1}\n"));
    expect_sized(p, 6, 10, "  to the\n  pod and\n  back\nPOST {\"kin\nd\":1}\n\n");
    expect_sized(p, 3, 12, "  to the pod\n  and back\nPOST {\"kind\"\n");
    pager_free(p);
}

static void test_placeholders_stay_together_when_wrapped(void **state)
{
    (void)state;
    struct pager *p = pager_new(1 << 20);
    pager_wrap(p, true);
    pager_add(p, SPAN("12345678\xe2\x80\xae"
                      "90\n"));
    expect(p, "12345678\n‹RLO›90\n\n");
    pager_free(p);
}

static void test_search(void **state)
{
    (void)state;
    struct pager *p = numbered(30);
    expect(p, "line 1\nline 2\nline 3\n");
    assert_false(pager_next(p, 1));
    pager_search(p, SPAN("LINE 2"));
    assert_false(pager_next(p, 1)); /* capitals are meant */
    pager_search(p, SPAN("line 2"));
    assert_true(pager_next(p, 1));
    expect(p, "line 1\nline 2\nline 3\n"); /* on view already */
    assert_true(pager_next(p, 1));
    expect(p, "line 19\nline 20\nline 21\n");
    assert_true(pager_next(p, -1));
    expect(p, "line 1\nline 2\nline 3\n");
    assert_true(pager_next(p, -1)); /* round */
    expect(p, "line 28\nline 29\nline 30\n");
    struct strbuf out = STRBUF_INIT(1024);
    struct canvas *c = canvas_new(3, 10, false);
    pager_draw(p, c, rect_make(0, 0, 3, 10), NULL);
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), "0:0-5 match\n1:0-5 match\n");
    strbuf_clear(&out);
    canvas_free(c);
    pager_free(p);
}

static void test_only_matching_lines(void **state)
{
    (void)state;
    struct pager *p = numbered(30);
    pager_search(p, SPAN("5"));
    pager_only(p, true);
    assert_int_equal(pager_lines(p), 3);
    expect(p, "line 5\nline 15\nline 25\n");
    pager_add(p, SPAN("another 5\nnot\nopen"));
    assert_int_equal(pager_lines(p), 4);
    pager_add(p, SPAN(" 5"));
    assert_int_equal(pager_lines(p), 5);
    pager_add(p, SPAN("5"));
    assert_int_equal(pager_lines(p), 5);
    pager_last(p);
    expect(p, "line 25\nanother 5\nopen 55\n");
    pager_scroll(p, -1);
    pager_only(p, false);
    expect(p, "line 15\nline 16\nline 17\n"); /* the line on view stays */
    pager_search(p, SPAN(""));
    assert_int_equal(pager_lines(p), 33);
    pager_free(p);
}

static void test_colours_go_other_escapes_stay(void **state)
{
    (void)state;
    struct pager *p = pager_new(1 << 20);
    pager_add(p, SPAN("\033[1;31mred\033[0m \033["));
    pager_add(p, SPAN("38;5;1"));
    pager_add(p, SPAN("96mok\033[2Jx\n"));
    pager_add(p, SPAN("\033]8;;http://x\033\\link\033]8;;\a end\na\tb\n"));
    expect_sized(p, 3, 20, "red ok␛[2Jx\nlink end\na       b\n");
    pager_clear(p);
    pager_add(p, SPAN("\033]8;;unended\nnext \033\n\033\033[31mx"));
    expect_sized(p, 3, 20, "\nnext ␛\n␛x\n");
    pager_free(p);
}

static void test_bounded(void **state)
{
    (void)state;

    enum { CAP = 64 * 1024 };

    char line[101];
    struct pager *p = pager_new(CAP);
    memset(line, 'x', sizeof(line));
    for (int i = 0; i < 5000; i++) {
        snprintf(line, sizeof(line), "%04d", i);
        line[4] = 'x';
        line[100] = '\n';
        pager_add(p, span_make(line, sizeof(line)));
        assert_true(pager_lines(p) <= CAP / 100);
    }
    assert_int_equal(pager_lines(p) + pager_forgotten(p), 5000);
    assert_true(pager_lines(p) > CAP / 100 / 2);
    pager_last(p);
    expect_sized(p, 1, 4, "4999\n");
    /* The place stays with its line while older ones go. */
    pager_scroll(p, -10);
    expect_sized(p, 1, 4, "4989\n");
    for (int i = 0; i < 400; i++)
        pager_add(p, span_make(line, sizeof(line)));
    expect_sized(p, 1, 4, "4989\n");
    pager_free(p);
}

static void test_line_without_end(void **state)
{
    (void)state;
    char block[4096];
    struct pager *p = pager_new(1 << 20);
    memset(block, 'y', sizeof(block));
    for (int i = 0; i < 1024; i++)
        pager_add(p, span_make(block, sizeof(block)));
    assert_true(pager_lines(p) <= 70);
    assert_true(pager_lines(p) > 40);
    pager_wrap(p, true);
    pager_last(p);
    expect(p, "yyyyyyyyyy\nyyyyyyyyyy\nyyyy\n"); /* rows count from the line's start */
    pager_free(p);
}

static void paint(struct span line, struct pager_paint *out)
{
    out->role = span_starts(line, "E") ? ROLE_CRITICAL : ROLE_TEXT;
    pager_paint_add(out, 2, 3, ROLE_DIM);
}

static void test_roles_of_lines(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1024);
    struct canvas *c = canvas_new(2, 5, false);
    struct pager *p = pager_new(1024);
    pager_add(p, SPAN("I a\nE b\n"));
    pager_draw(p, c, rect_make(0, 0, 2, 5), paint);
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), "0:2-2 dim\n1:0-1 critical\n1:2-2 dim\n");
    strbuf_truncate(&out, 0);
    pager_scroll_columns(p, 1); /* parts move with their text */
    canvas_fill(c, rect_make(0, 0, 2, 5), ROLE_TEXT);
    pager_draw(p, c, rect_make(0, 0, 2, 5), paint);
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), "0:1-1 dim\n1:0-0 critical\n1:1-1 dim\n");
    strbuf_truncate(&out, 0);
    pager_wrap(p, true); /* and break with it */
    canvas_fill(c, rect_make(0, 0, 2, 5), ROLE_TEXT);
    pager_draw(p, c, rect_make(0, 0, 2, 2), paint);
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), "1:0-0 dim\n");
    strbuf_clear(&out);
    canvas_free(c);
    pager_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_come_in_pieces),
        cmocka_unit_test(test_scrolling),
        cmocka_unit_test(test_following),
        cmocka_unit_test(test_last_lines_are_taken_back),
        cmocka_unit_test(test_wrapping),
        cmocka_unit_test(test_wrapping_between_words),
        cmocka_unit_test(test_placeholders_stay_together_when_wrapped),
        cmocka_unit_test(test_search),
        cmocka_unit_test(test_only_matching_lines),
        cmocka_unit_test(test_colours_go_other_escapes_stay),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_line_without_end),
        cmocka_unit_test(test_roles_of_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
