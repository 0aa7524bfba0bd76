/* Sparklines: heights, gaps, scale, width. */
#include <config.h>

#include "widgets/spark.h"

#include "widgets/canvas.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define GAP ((double)NAN)

/* As it is on a canvas, between two bars. */
static void expect(const double *samples, size_t n, int cols, bool ascii, const char *wanted)
{
    struct strbuf text = STRBUF_INIT(4096), out = STRBUF_INIT(4096);
    struct canvas *c = canvas_new(1, 40, ascii);
    strbuf_addc(&text, '|');
    spark_add(&text, samples, n, cols, ascii);
    strbuf_addc(&text, '|');
    canvas_text(c, rect_make(0, 0, 1, 40), 0, 0, 40, strbuf_span(&text), ROLE_TEXT);
    canvas_dump(c, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    canvas_free(c);
    strbuf_clear(&text);
    strbuf_clear(&out);
}

static void test_heights(void **state)
{
    const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const double high[] = {90, 95, 100}; /* from 0: it has hardly moved */
    const double below[] = {-7, 0, 7};
    (void)state;
    expect(rising, 8, 8, false, "|▁▂▃▄▅▆▇█|\n");
    expect(rising, 8, 8, true, "|_..-=^^#|\n");
    expect(high, 3, 3, false, "|▇██|\n");
    expect(below, 3, 3, false, "|▁▅█|\n");
}

static void test_gaps_are_gaps(void **state)
{
    const double some[] = {GAP, 0, GAP, GAP, 5, GAP};
    const double none[] = {GAP, GAP};
    (void)state;
    expect(some, 6, 6, false, "| ▁  █ |\n");
    expect(some, 6, 6, true, "| _  # |\n");
    expect(none, 2, 2, false, "|  |\n");
}

static void test_all_equal_are_a_flat_line(void **state)
{
    const double zero[] = {0, 0, GAP, 0}, nine[] = {9, 9, 9, 9}, one[] = {-3};
    (void)state;
    expect(zero, 4, 4, false, "|▁▁ ▁|\n");
    expect(nine, 4, 4, false, "|▁▁▁▁|\n");
    expect(one, 1, 1, true, "|_|\n");
}

/* What was bad for a moment is seen in a narrow one too, and a gap only where all is missing. */
static void test_several_in_a_cell(void **state)
{
    const double samples[] = {0, 7, 0, 0, GAP, 1, GAP, GAP};
    (void)state;
    expect(samples, 8, 4, false, "|█▁▂ |\n");
    expect(samples, 8, 1, false, "|█|\n");
    expect(samples, 8, 20, false, "|▁█▁▁ ▂  |\n"); /* no wider than there are samples */
    expect(samples, 8, 0, false, "|█|\n");
}

static void test_the_greatest_numbers_there_are(void **state)
{
    const double far[] = {-DBL_MAX, 0, DBL_MAX}, small[] = {0, DBL_MIN, DBL_MIN * 2};
    const double least = DBL_MIN * DBL_EPSILON, tiny[] = {0, least};
    (void)state;
    expect(far, 3, 3, false, "|▁▅█|\n");
    expect(small, 3, 3, false, "|▁▅█|\n");
    expect(tiny, 2, 2, true, "|__|\n"); /* too small to halve: no division by nothing */
}

static void test_range(void **state)
{
    const double samples[] = {GAP, 4, -2, GAP, 9};
    double least = 1, greatest = 1;
    (void)state;
    assert_int_equal(spark_range(samples, 1, &least, &greatest), 0);
    assert_true(least == 1 && greatest == 1);
    assert_int_equal(spark_range(samples, 5, &least, &greatest), 3);
    assert_true(least == -2 && greatest == 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heights),
        cmocka_unit_test(test_gaps_are_gaps),
        cmocka_unit_test(test_all_equal_are_a_flat_line),
        cmocka_unit_test(test_several_in_a_cell),
        cmocka_unit_test(test_the_greatest_numbers_there_are),
        cmocka_unit_test(test_range),
    };
    return cmocka_run_group_tests_name("spark", tests, NULL, NULL);
}
