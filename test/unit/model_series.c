/* Figures over time: the ring against a naive model, and what the store keeps of rows. */
#include <config.h>

#include "base/alloc.h"
#include "test/unit/model_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 5000 /* of the naive model's time */

struct naive {
    double samples[STEPS];
    bool known[STEPS];
    size_t last;
    bool any;
};

static void naive_add(struct naive *n, size_t step, double figure)
{
    bool far = n->any && n->last >= step + SERIES_SAMPLES;
    if (far)
        memset(n->known, 0, sizeof(n->known));
    n->last = !n->any || far || step > n->last ? step : n->last;
    n->any = true;
    n->samples[step] = n->known[step] && n->samples[step] > figure ? n->samples[step] : figure;
    n->known[step] = true;
}

static void expect_same(const struct naive *n, const struct series_ring *s, size_t step)
{
    double out[SERIES_SAMPLES];
    size_t count = 0;
    size_t found = series_read(s, (int64_t)step * SERIES_STEP_MS + 4711, out);
    for (size_t i = 0; i < SERIES_SAMPLES; i++) {
        size_t at = step + i + 1 - SERIES_SAMPLES; /* wraps below 0 */
        bool known = at < STEPS && n->known[at] && at + SERIES_SAMPLES > n->last;
        assert_int_equal(!isnan(out[i]), known);
        assert_true(!known || out[i] == n->samples[at]);
        count += known;
    }
    assert_int_equal(found, count);
}

/* Several in a step, steps left out, long silences, a clock that is set back. */
static void test_as_a_naive_model(void **state)
{
    struct naive *naive = xalloc_zero(1, sizeof(*naive));
    struct series_ring ring = {0};
    unsigned seed = 1;
    size_t step = 0;
    (void)state;
    while (step < STEPS - 200) {
        seed = seed * 1664525u + 1013904223u;
        unsigned dice = seed >> 8;
        step += dice % 50 == 0 ? dice / 50 % 150 : dice % 3;
        if (dice % 97 == 0)
            step -= step < 200 ? 0 : dice / 97 % 100;
        double figure = (double)(dice / 3 % 1000) - 100;
        naive_add(naive, step, figure);
        series_add(&ring, (int64_t)step * SERIES_STEP_MS + (int64_t)(dice % SERIES_STEP_MS),
                   figure);
        expect_same(naive, &ring, step);
        expect_same(naive, &ring, step + dice % 70);
    }
    free(naive);
}

static void test_what_is_no_number_is_not_kept(void **state)
{
    struct series_ring ring = {0};
    double out[SERIES_SAMPLES];
    (void)state;
    series_add(&ring, NOW, (double)NAN);
    series_add(&ring, NOW, HUGE_VAL);
    series_add(&ring, TIME_NONE, 1);
    assert_int_equal(series_read(&ring, NOW, out), 0);
    series_add(&ring, NOW, 1);
    assert_int_equal(series_read(&ring, TIME_NONE, out), 0);
    assert_int_equal(series_read(&ring, TIME_FOREVER, out), 0);
    assert_int_equal(series_read(&ring, NOW, out), 1);
}

/* The samples of a column as text, oldest first, those before the first left out; "-": a gap. */
static void expect_series(const struct store *st, struct handle row, size_t column, int64_t now_ms,
                          const char *wanted)
{
    struct strbuf text = STRBUF_INIT(4096);
    double out[SERIES_SAMPLES];
    (void)store_series(st, row, column, now_ms, out);
    for (size_t i = 0; i < SERIES_SAMPLES; i++)
        if (!isnan(out[i]))
            strbuf_addf(&text, "%g ", out[i]);
        else if (text.len)
            strbuf_adds(&text, "- ");
    assert_string_equal(strbuf_cstr(&text), wanted);
    strbuf_clear(&text);
}

static void test_each_put_of_a_row_counts(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x rate=2.5 took=1s restarts=1");
    test_put(st, 0, KIND_THING, NOW + 10000, "a/x rate=2.5 took=1s restarts=1"); /* equal */
    test_put(st, 0, KIND_THING, NOW + 20000, "a/x rate=4");
    test_put(st, 0, KIND_THING, NOW + 25000, "a/x rate=3 took=2s");
    struct handle row = test_find(st, 0, KIND_THING, "a/x");
    expect_series(st, row, COL_RATE, NOW + 29999, "2.5 2.5 4 ");
    expect_series(st, row, COL_TOOK, NOW + 29999, "1000 1000 2000 ");
    expect_series(st, row, COL_RESTARTS, NOW + 29999, ""); /* not marked */
    test_put(st, 0, KIND_THING, NOW + 50000, "a/x rate=0");
    expect_series(st, row, COL_RATE, NOW + 60000, "2.5 2.5 4 - - 0 - ");
    expect_series(st, row, COL_TOOK, NOW + 60000, "1000 1000 2000 - - - - ");
    expect_series(st, row, COL_RATE, NOW + 610000,
                  "4 - - 0 " /* and 56 steps of silence */
                  "- - - - - - - - - - - - - - - - - - - - "
                  "- - - - - - - - - - - - - - - - - - - - "
                  "- - - - - - - - - - - - - - - - ");
    store_free(st);
}

static void test_it_goes_with_the_row(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x rate=1");
    struct handle old = test_find(st, 0, KIND_THING, "a/x");
    test_drop(st, 0, KIND_THING, NOW + 1, "a/x");
    expect_series(st, old, COL_RATE, NOW + 1, "1 "); /* gone, and still to be seen */
    test_settle(st, NOW + 60001);
    expect_series(st, old, COL_RATE, NOW + 60001, "");
    size_t without = store_figures(st).bytes;
    test_put(st, 0, KIND_THING, NOW + 60001, "a/x rate=7");
    expect_series(st, test_find(st, 0, KIND_THING, "a/x"), COL_RATE, NOW + 60001, "7 ");
    expect_series(st, old, COL_RATE, NOW + 60001, ""); /* though its place is taken */
    assert_true(store_figures(st).bytes >= without + 2 * sizeof(struct series_ring));
    test_drop(st, 0, KIND_THING, NOW + 60002, "a/x");
    test_settle(st, NOW + 120002);
    assert_int_equal(store_figures(st).bytes, without);
    store_free(st);
}

static void test_of_no_more_rows_than_2000(void **state)
{
    struct store *st = test_store(1);
    double out[SERIES_SAMPLES];
    char text[64];
    size_t kept = 0;
    (void)state;
    for (unsigned i = 0; i < 2100; i++) {
        (void)snprintf(text, sizeof(text), "a/x%u rate=1", i);
        test_put(st, 0, KIND_THING, NOW, text);
    }
    for (unsigned i = 0; i < 2100; i++) {
        (void)snprintf(text, sizeof(text), "a/x%u", i);
        kept += store_series(st, test_find(st, 0, KIND_THING, text), COL_RATE, NOW, out);
    }
    assert_int_equal(kept, 2000);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_a_naive_model),
        cmocka_unit_test(test_what_is_no_number_is_not_kept),
        cmocka_unit_test(test_each_put_of_a_row_counts),
        cmocka_unit_test(test_it_goes_with_the_row),
        cmocka_unit_test(test_of_no_more_rows_than_2000),
    };
    return cmocka_run_group_tests_name("model_series", tests, NULL, NULL);
}
