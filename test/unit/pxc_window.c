/* Which points in time backups lead to, where binary logs have gaps, and how that is drawn. */
#include <config.h>

#include "actions/pxc.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define HOUR INT64_C(3600000)

/* Whole at these hours, the newest first: 40 with logs up to 50, 30, 20 with a gap behind it, 10. */
static struct pxc_backup all[4];
static const struct pxc_list list = {all, 4};

static int setup(void **state)
{
    static const int64_t hours[] = {40, 30, 20, 10};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(hours); i++)
        all[i] = (struct pxc_backup){.name = "b",
                                     .state = "Succeeded",
                                     .created_ms = (hours[i] - 1) * HOUR,
                                     .completed_ms = hours[i] * HOUR,
                                     .latest_ms = TIME_NONE,
                                     .gap_says = ""};
    all[0].latest_ms = 50 * HOUR;
    all[2].gap = true;
    all[2].gap_says = "Binlog not found";
    return 0;
}

static void each_leads_as_far_as_its_logs(void **state)
{
    (void)state;
    assert_int_equal(pxc_reach_ms(&list, &all[0]), 50 * HOUR);
    assert_int_equal(pxc_reach_ms(&list, &all[1]), 50 * HOUR);
    assert_int_equal(pxc_reach_ms(&list, &all[2]), 20 * HOUR); /* itself */
    assert_int_equal(pxc_reach_ms(&list, &all[3]), 20 * HOUR); /* up to the gap behind the next */
    all[1].state = "Failed";
    assert_true(pxc_reach_ms(&list, &all[1]) == TIME_NONE);
}

static void the_newest_that_leads_there_is_found(void **state)
{
    (void)state;
    assert_ptr_equal(pxc_base(&list, 45 * HOUR, NULL), &all[0]);
    assert_ptr_equal(pxc_base(&list, 45 * HOUR, &all[0]), &all[1]);
    assert_ptr_equal(pxc_base(&list, 40 * HOUR - 1, NULL), &all[1]);
    assert_null(pxc_base(&list, 25 * HOUR, NULL)); /* in the gap */
    assert_ptr_equal(pxc_base(&list, 15 * HOUR, NULL), &all[3]);
    assert_null(pxc_base(&list, 9 * HOUR, NULL));
    assert_null(pxc_base(&list, 51 * HOUR, NULL));
}

static void what_is_lost_without_one_is_known(void **state)
{
    int64_t from;
    (void)state;
    assert_int_equal(pxc_window_ms(&list, NULL, &from), 30 * HOUR);
    assert_int_equal(from, 10 * HOUR);
    assert_int_equal(pxc_window_ms(&list, &all[0], &from), 30 * HOUR);
    assert_int_equal(pxc_window_ms(&list, &all[1], &from), 20 * HOUR);
    assert_int_equal(pxc_window_ms(&list, &all[3], &from), 20 * HOUR);
    assert_int_equal(from, 20 * HOUR);
}

static void the_middle_of_the_last_five_is_usual(void **state)
{
    (void)state;
    all[0].created_ms = all[0].completed_ms - 7 * HOUR;
    all[1].state = "Failed";
    assert_int_equal(pxc_usual_ms(&list), HOUR);
    assert_true(pxc_usual_ms(&(struct pxc_list){0}) == TIME_NONE);
}

static bool has_note(const struct plan *p, const char *text)
{
    for (size_t i = 0; i < p->nnotes; i++)
        if (strstr(p->notes[i], text))
            return true;
    return false;
}

static void it_is_drawn(void **state)
{
    struct plan p = {.arena = arena_new((size_t)1 << 20)};
    (void)state;
    pxc_draw(&p, &list, "mysql", 45 * HOUR);
    /* 40 hours on 60 cells: a backup every 15, the gap between the second and the third. */
    assert_true(has_note(&p, "  [B==============B..............B==============B==============]"));
    assert_true(has_note(&p, "                            target 1970-01-02 21:00:00 ^"));
    assert_true(has_note(&p, "  1970-01-01 10:00:00                        1970-01-03 02:00:00"));
    pxc_draw(&p, &list, "mysql", 14 * HOUR); /* where there is no room before it */
    assert_true(has_note(&p, "         ^ target 1970-01-01 14:00:00"));
    for (size_t i = 0; i < p.nnotes; i++)
        assert_true(strlen(p.notes[i]) <= 78); /* none is cut in two, or continued, at 80 columns */
    assert_true(
        has_note(&p, "gap from 1970-01-01 20:00:00 to 1970-01-02 06:00:00: Binlog not found"));
    arena_free(p.arena);
}

static void nothing_is_drawn_of_nothing(void **state)
{
    struct plan p = {.arena = arena_new((size_t)1 << 20)};
    (void)state;
    pxc_draw(&p, &(struct pxc_list){0}, "mysql", 1);
    assert_true(has_note(&p, "mysql has no backup that went well."));
    all[0].latest_ms = TIME_NONE;
    pxc_draw(&p, &(struct pxc_list){all, 1}, "mysql", TIME_NONE);
    assert_true(has_note(&p, "[B")); /* one alone */
    arena_free(p.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_leads_as_far_as_its_logs, setup),
        cmocka_unit_test_setup(the_newest_that_leads_there_is_found, setup),
        cmocka_unit_test_setup(what_is_lost_without_one_is_known, setup),
        cmocka_unit_test_setup(the_middle_of_the_last_five_is_usual, setup),
        cmocka_unit_test_setup(it_is_drawn, setup),
        cmocka_unit_test_setup(nothing_is_drawn_of_nothing, setup),
    };
    return cmocka_run_group_tests_name("pxc_window", tests, NULL, NULL);
}
