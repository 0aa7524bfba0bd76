/* Time as an input: shifted, stopped, stepped, read from other threads. */
#include <config.h>

#include "base/clock.h"

#include "test/unit/base_test.h"

#include <pthread.h>
#include <time.h>

#define DEMO_MS INT64_C(1770973200000) /* 2026-02-13T09:00:00Z */

static void it_runs_with_the_system(void **state)
{
    (void)state;
    struct clock *c = clock_new();
    int64_t now = (int64_t)time(NULL) * 1000, mono = clock_mono_ms(c);
    assert_in_range(clock_wall_ms(c) - now + 60000, 58000, 62000);
    assert_true(clock_mono_ms(c) >= mono);
    assert_true(clock_boot_ms(c) >= mono);
    assert_false(clock_is_shifted(c));
    clock_free(c);
    clock_free(NULL);
}

static void a_shifted_clock_runs_on(void **state)
{
    (void)state;
    struct clock *c = clock_new();
    clock_set_wall(c, DEMO_MS);
    assert_true(clock_is_shifted(c));
    assert_in_range(clock_wall_ms(c) - DEMO_MS, 0, 60000);
    clock_free(c);
}

static void a_running_clock_is_stepped_too(void **state)
{
    (void)state;
    struct clock *c = clock_new();
    int64_t mono = clock_mono_ms(c), boot = clock_boot_ms(c);
    clock_step(c, 3600000);
    assert_in_range(clock_mono_ms(c) - mono, 3600000, 3660000);
    assert_in_range(clock_boot_ms(c) - boot, 3600000, 3660000);
    assert_false(clock_is_shifted(c));
    clock_set_wall(c, DEMO_MS);
    assert_in_range(clock_wall_ms(c) - DEMO_MS, 0, 60000);
    clock_free(c);
}

static void a_stopped_clock_moves_by_steps_only(void **state)
{
    (void)state;
    struct clock *c = clock_new();
    clock_set_wall(c, DEMO_MS);
    clock_stop(c);
    clock_set_wall(c, DEMO_MS);
    int64_t mono = clock_mono_ms(c), boot = clock_boot_ms(c);
    assert_int_equal(clock_wall_ms(c), DEMO_MS);
    clock_step(c, 1500);
    clock_step(c, -500);
    assert_int_equal(clock_wall_ms(c), DEMO_MS + 1000);
    assert_int_equal(clock_mono_ms(c), mono + 1000);
    assert_int_equal(clock_boot_ms(c), boot + 1000);
    clock_free(c);
}

static void *read_until_step(void *clock)
{
    int64_t last = 0;
    while (last < DEMO_MS + 1000) {
        int64_t now = clock_wall_ms(clock);
        if (now < last)
            return NULL;
        last = now;
    }
    return clock;
}

static void steps_are_seen_by_other_threads(void **state)
{
    (void)state;
    struct clock *c = clock_new();
    pthread_t reader;
    void *ok = NULL;
    clock_stop(c);
    clock_set_wall(c, DEMO_MS);
    assert_int_equal(pthread_create(&reader, NULL, read_until_step, c), 0);
    for (int i = 0; i < 1000; i++)
        clock_step(c, 1);
    assert_int_equal(pthread_join(reader, &ok), 0);
    assert_non_null(ok);
    clock_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_runs_with_the_system),
        cmocka_unit_test(a_shifted_clock_runs_on),
        cmocka_unit_test(a_running_clock_is_stepped_too),
        cmocka_unit_test(a_stopped_clock_moves_by_steps_only),
        cmocka_unit_test(steps_are_seen_by_other_threads),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
