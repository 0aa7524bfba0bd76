/* Columns laid into the cells there are, at every width. */
#include <config.h>

#include "widgets/table.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct table_column columns[] = {
    {.title = "NAMESPACE", .width = 9, .weight = 0, .stays = true},
    {.title = "NAME", .width = 40, .weight = 0, .name = true, .stays = true},
    {.title = "READY", .width = 5, .weight = 2, .right = true},
    {.title = "STATUS", .width = 18, .weight = 1},
    {.title = "NODE", .width = 20, .weight = 9},
    {.title = "AGE", .width = 5, .weight = 4, .right = true},
};

#define COLUMNS BN_COUNT(columns)

static void expect_lay(int cols, const char *wanted)
{
    struct table_layout lay;
    struct strbuf out = STRBUF_INIT(1024);
    table_lay(columns, COLUMNS, 3, cols, &lay);
    for (size_t i = 0; i < lay.count; i++)
        strbuf_addf(&out, "%s@%d+%d ", columns[lay.places[i].column].title, lay.places[i].left,
                    lay.places[i].width);
    assert_string_equal(strbuf_cstr(&out), wanted);
    assert_int_equal(lay.count + lay.dropped, COLUMNS);
    strbuf_clear(&out);
}

static void test_columns_go_by_weight(void **state)
{
    (void)state;
    expect_lay(120, "NAMESPACE@3+9 NAME@13+40 READY@54+5 STATUS@60+18 NODE@79+20 AGE@100+5 ");
    expect_lay(90, "NAMESPACE@3+9 NAME@13+28 READY@42+5 STATUS@48+18 NODE@67+20 AGE@88+5 ");
    expect_lay(77, "NAMESPACE@3+9 NAME@13+36 READY@50+5 STATUS@56+18 AGE@75+5 ");
    expect_lay(56, "NAMESPACE@3+9 NAME@13+21 READY@35+5 STATUS@41+18 ");
    expect_lay(46, "NAMESPACE@3+9 NAME@13+17 STATUS@31+18 ");
    expect_lay(30, "NAMESPACE@3+9 NAME@13+20 ");
}

/* No width makes columns overlap, leave the area or be negative. */
static void test_columns_stay_apart_at_every_width(void **state)
{
    (void)state;
    for (size_t first = 0; first < COLUMNS + 2; first++)
        for (int cols = 0; cols < 260; cols++) {
            struct table_layout lay;
            int end = 3;
            if (first)
                table_lay_scrolled(columns, COLUMNS, 3, cols, first - 1, &lay);
            else
                table_lay(columns, COLUMNS, 3, cols, &lay);
            for (size_t i = 0; i < lay.count; i++) {
                const struct table_place *p = &lay.places[i];
                assert_true(p->width >= 0);
                assert_true(p->left >= end || !p->width);
                assert_true(!p->width || p->left + p->width <= 3 + cols);
                assert_true(p->width <= columns[p->column].width);
                end = p->left + p->width + 1;
            }
        }
}

static void test_scrolled_columns_keep_names(void **state)
{
    (void)state;
    struct table_layout lay;
    table_lay_scrolled(columns, COLUMNS, 0, 120, 2, &lay);
    assert_int_equal(lay.count, COLUMNS - 2);
    assert_int_equal(lay.places[0].column, 0);
    assert_int_equal(lay.places[1].column, 1);
    assert_int_equal(lay.places[2].column, 4);
    assert_int_equal(lay.dropped, 0);
}

/* Whatever their weight, scrolled columns come in their order: all can be reached. */
static void test_every_column_can_be_scrolled_to(void **state)
{
    (void)state;
    bool seen[COLUMNS] = {false};
    for (size_t first = 0; first < COLUMNS; first++) {
        struct table_layout lay;
        table_lay_scrolled(columns, COLUMNS, 0, 50, first, &lay);
        for (size_t i = 0; i < lay.count; i++)
            seen[lay.places[i].column] = true;
        assert_true(first || lay.dropped > 0); /* there is more at the right */
    }
    for (size_t i = 0; i < COLUMNS; i++)
        assert_true(seen[i]);
}

static const struct table_column wordy[] = {
    {.title = "NAME", .width = 10, .name = true, .stays = true},
    {.title = "HOSTS", .width = 60, .least = 16, .weight = 20},
    {.title = "CLASS", .width = 7, .weight = 30},
    {.title = "SERVICES", .width = 30, .least = 16, .weight = 25},
    {.title = "AGE", .width = 4, .weight = 10, .right = true},
};

static void expect_wordy(int cols, const char *wanted, size_t dropped)
{
    struct table_layout lay;
    struct strbuf out = STRBUF_INIT(1024);
    table_lay(wordy, BN_COUNT(wordy), 0, cols, &lay);
    for (size_t i = 0; i < lay.count; i++)
        strbuf_addf(&out, "%s+%d ", wordy[lay.places[i].column].title, lay.places[i].width);
    assert_string_equal(strbuf_cstr(&out), wanted);
    assert_int_equal(lay.dropped, dropped);
    strbuf_clear(&out);
}

/* A long text gives up room before a column goes, and takes what is left over
 * when it matters most. */
static void test_long_texts_make_room(void **state)
{
    (void)state;
    expect_wordy(200, "NAME+10 HOSTS+60 CLASS+7 SERVICES+30 AGE+4 ", 0);
    expect_wordy(80, "NAME+10 HOSTS+39 CLASS+7 SERVICES+16 AGE+4 ", 0);
    expect_wordy(57, "NAME+10 HOSTS+16 CLASS+7 SERVICES+16 AGE+4 ", 0);
    expect_wordy(56, "NAME+10 HOSTS+23 SERVICES+16 AGE+4 ", 1);
    expect_wordy(40, "NAME+10 HOSTS+16 CLASS+7 AGE+4 ", 1); /* the narrow one still fits */
}

static void draw(const char *text, size_t column, int width, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(1024);
    struct canvas *c = canvas_new(1, 60, false);
    const struct table_place place = {.column = column, .left = 2, .width = width};
    table_cell_draw(c, rect_make(0, 0, 1, 60), 0, &place, &columns[column], span_from(text),
                    ROLE_TEXT);
    canvas_dump_row(c, 0, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
    canvas_free(c);
}

/* What neighbours begin with too does not tell a name apart. */
static void test_names_that_begin_alike(void **state)
{
    const struct table_place place = {.column = 0, .left = 0, .width = 18};
    struct table_column name = {.title = "NAME", .width = 18, .name = true};
    struct canvas *c = canvas_new(4, 18, false);
    struct strbuf out = STRBUF_INIT(1024);
    const struct rect area = rect_make(0, 0, 4, 18);
    (void)state;
    table_cell_draw(c, area, 0, &place, &name, SPAN("cron-backup-202621230-3vsve"), ROLE_TEXT);
    name.alike = strlen("cron-backup-202");
    table_cell_draw(c, area, 1, &place, &name, SPAN("cron-backup-202621230-3vsve"), ROLE_TEXT);
    table_cell_draw(c, area, 2, &place, &name, SPAN("cron-backup-202621230-3vsve-and-more"),
                    ROLE_TEXT);
    table_cell_draw(c, area, 3, &place, &name, SPAN("cron-backup-202"), ROLE_TEXT);
    canvas_dump(c, &out);
    assert_string_equal(strbuf_cstr(&out), "cron-backup…-3vsve\n"
                                           "…202621230-3vsve\n"
                                           "…202621230-3vsve-…\n"
                                           "cron-backup-202\n");
    strbuf_clear(&out);
    canvas_free(c);
}

static void test_cells(void **state)
{
    (void)state;
    draw("api-7f9", 1, 20, "  api-7f9");
    draw("track-api-6bb4f9c7-x7k2p", 1, 16, "  track-api-…x7k2p");
    draw("1/1", 2, 5, "    1/1");
    draw("100/100", 2, 5, "  100/…");
    draw("Running", 3, 4, "  Run…");
    draw("男女子", 2, 5, "  男女…");
    draw("男女", 2, 5, "   男女");
    draw("x", 3, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_go_by_weight),
        cmocka_unit_test(test_columns_stay_apart_at_every_width),
        cmocka_unit_test(test_scrolled_columns_keep_names),
        cmocka_unit_test(test_every_column_can_be_scrolled_to),
        cmocka_unit_test(test_long_texts_make_room),
        cmocka_unit_test(test_names_that_begin_alike),
        cmocka_unit_test(test_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
