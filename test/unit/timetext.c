/* Instants and durations as text. */
#include <config.h>

#include "base/timetext.h"

#include "base/clock.h"
#include "test/unit/base_test.h"

#define DEMO_MS INT64_C(1770973200000)
#define SECOND  INT64_C(1000)
#define MINUTE  (60 * SECOND)
#define HOUR    (60 * MINUTE)
#define DAY     (24 * HOUR)
#define YEAR    (365 * DAY)

static void instants_are_read(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"2026-02-13T09:00:00Z", DEMO_MS},
        {"2026-02-13t09:00:00z", DEMO_MS},
        {"2026-02-13 09:00:00Z", DEMO_MS},
        {"2026-02-13T10:00:00+01:00", DEMO_MS},
        {"2026-02-13T03:30:00-05:30", DEMO_MS},
        {"2026-02-13T09:00:00.123456789Z", DEMO_MS + 123},
        {"2026-02-13T09:00:00.5Z", DEMO_MS + 500},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999Z", -1},
        {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228799000)},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800000)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799000)},
    };

    for (size_t i = 0; i < BN_COUNT(good); i++) {
        int64_t ms = -7;
        assert_true(time_parse(span_from(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026",
        "2026-02-13",
        "2026-02-13T09:00:00",
        "2026-02-13T09:00Z",
        "2026-02-13T09:00:00.Z",
        "2026-02-13T09:00:00+0100",
        "2026-02-13T09:00:00+01:00x",
        "2026-02-13T09:00:00+24:00",
        "2026-02-13T24:00:00Z",
        "2026-02-13T09:60:00Z",
        "2026-02-13T09:00:61Z",
        "2026-02-29T09:00:00Z",
        "2026-04-31T09:00:00Z",
        "2026-00-13T09:00:00Z",
        "2026-13-13T09:00:00Z",
        "2026-02-00T09:00:00Z",
        "0000-02-13T09:00:00Z",
        "+2026-02-13T09:00:00Z",
        "2026-2-13T09:00:00Z",
        " 2026-02-13T09:00:00Z",
    };
    int64_t ms = -7;
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(time_parse(span_from(bad[i]), &ms));
    assert_int_equal(ms, -7);
}

static void instants_are_written(void **state)
{
    (void)state;
    char text[TIMETEXT_MAX];
    time_format(DEMO_MS, text);
    assert_string_equal(text, "2026-02-13T09:00:00Z");
    time_format(DEMO_MS + 7, text);
    assert_string_equal(text, "2026-02-13T09:00:00.007Z");
    time_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    time_format_clock(DEMO_MS + 61 * SECOND, true, text);
    assert_string_equal(text, "09:01:01");
    time_format_clock(-MINUTE, false, text);
    assert_string_equal(text, "23:59");
    time_format(TIME_NONE, text); /* far away, but no harm */
    time_format(TIME_FOREVER, text);
    time_format_clock(TIME_NONE, true, text);
}

static void every_day_reads_back(void **state)
{
    (void)state;
    char text[TIMETEXT_MAX];
    for (int64_t ms = INT64_C(-62135596800000); ms < INT64_C(253402300799000);
         ms += 37 * DAY + 12345678) {
        int64_t again = 0;
        time_format(ms, text);
        assert_true(time_parse(span_from(text), &again));
        assert_int_equal(again, ms);
    }
}

/* [apimachinery pkg/util/duration/duration_test.go, HumanDuration; below zero
 * kubectl says <invalid> from -2 s on, a screen says 0s] */
static void ages_read_as_kubectls(void **state)
{
    (void)state;

    static const struct {
        int64_t ms;
        const char *text;
    } ages[] = {
        {-5 * DAY, "0s"},
        {-1, "0s"},
        {0, "0s"},
        {SECOND - 1, "0s"},
        {SECOND, "1s"},
        {70 * SECOND, "70s"},
        {2 * MINUTE - 1, "119s"},
        {2 * MINUTE, "2m"},
        {2 * MINUTE + SECOND, "2m1s"},
        {5 * MINUTE + 3 * SECOND, "5m3s"},
        {10 * MINUTE - 1, "9m59s"},
        {10 * MINUTE, "10m"},
        {10 * MINUTE + SECOND, "10m"},
        {3 * HOUR - 1, "179m"},
        {3 * HOUR, "3h"},
        {3 * HOUR + MINUTE, "3h1m"},
        {8 * HOUR - 1, "7h59m"},
        {8 * HOUR, "8h"},
        {8 * HOUR + 59 * MINUTE, "8h"},
        {2 * DAY - 1, "47h"},
        {2 * DAY, "2d"},
        {2 * DAY + HOUR, "2d1h"},
        {8 * DAY - 1, "7d23h"},
        {8 * DAY, "8d"},
        {8 * DAY + 23 * HOUR, "8d"},
        {2 * YEAR - 1, "729d"},
        {2 * YEAR, "2y"},
        {2 * YEAR + 23 * HOUR, "2y"},
        {2 * YEAR + DAY, "2y1d"},
        {8 * YEAR - 1, "7y364d"},
        {8 * YEAR, "8y"},
        {8 * YEAR + 364 * DAY, "8y"},
        {9 * YEAR, "9y"},
        {TIME_NONE, "0s"},
    };

    char text[TIMETEXT_MAX];
    for (size_t i = 0; i < BN_COUNT(ages); i++) {
        duration_format(ages[i].ms, text);
        assert_string_equal(text, ages[i].text);
    }
    duration_format(TIME_FOREVER, text);
}

static void what_is_measured_may_be_short(void **state)
{
    char text[TIMETEXT_MAX];
    (void)state;
    duration_format_measured(2, text);
    assert_string_equal(text, "2ms");
    duration_format_measured(999, text);
    assert_string_equal(text, "999ms");
    duration_format_measured(0, text);
    assert_string_equal(text, "0s");
    duration_format_measured(120 * 1000, text);
    assert_string_equal(text, "2m");
    duration_format_measured(-5, text);
    assert_string_equal(text, "0s");
}

static void short_ages_have_one_unit(void **state)
{
    (void)state;
    char text[TIMETEXT_MAX];

    static const struct {
        int64_t ms;
        const char *text;
    } ages[] = {{-1, "0s"},   {59 * SECOND, "59s"}, {MINUTE, "1m"},    {HOUR - 1, "59m"},
                {HOUR, "1h"}, {DAY - 1, "23h"},     {47 * HOUR, "1d"}, {400 * DAY, "400d"}};

    for (size_t i = 0; i < BN_COUNT(ages); i++) {
        duration_format_short(ages[i].ms, text);
        assert_string_equal(text, ages[i].text);
    }
}

static void durations_are_read(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"90s", 90 * SECOND},
        {"10m", 10 * MINUTE},
        {"2h", 2 * HOUR},
        {"3d", 3 * DAY},
        {"1w", 7 * DAY},
        {"1h30m", HOUR + 30 * MINUTE},
        {"250ms", 250},
        {"1.5h", 90 * MINUTE},
        {"0s", 0},
        {"1h0m0s", HOUR},
        {"2y41d", 2 * YEAR + 41 * DAY},
        {".5s", 500},
        {"1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5},
    };

    static const char *const bad[] = {"",      "s",  "5",  "-5m",
                                      "5 m",   "5x", "m5", "1h ",
                                      "1..5s", ".s", "5M", "99999999999999999999999999y"};
    int64_t ms = -7;
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(duration_parse(span_from(bad[i]), &ms));
    assert_int_equal(ms, -7);
    for (size_t i = 0; i < BN_COUNT(good); i++) {
        assert_true(duration_parse(span_from(good[i].text), &ms));
        assert_int_equal(ms, good[i].ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read),        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(instants_are_written),     cmocka_unit_test(every_day_reads_back),
        cmocka_unit_test(ages_read_as_kubectls),    cmocka_unit_test(what_is_measured_may_be_short),
        cmocka_unit_test(short_ages_have_one_unit), cmocka_unit_test(durations_are_read),
    };
    return cmocka_run_group_tests_name("timetext", tests, NULL, NULL);
}
