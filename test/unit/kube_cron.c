/* Schedules of CronJobs, by every rule of Kubernetes' own reader. */
#include <config.h>

#include "backends/kubernetes/cron.h"
#include "test/unit/kube_test.h"

static const struct {
    const char *schedule, *after, *next; /* NULL: never */
} cases[] = {
    {"* * * * *", "2026-02-13T09:00:00Z", "2026-02-13T09:01:00Z"},
    {"* * * * *", "2026-02-13T09:00:59Z", "2026-02-13T09:01:00Z"},
    {"*/15 * * * *", "2026-02-13T08:45:00Z", "2026-02-13T09:00:00Z"},
    {"5/20 * * * *", "2026-02-13T08:46:00Z", "2026-02-13T09:05:00Z"},
    {"30 2 * * *", "2026-02-13T02:30:00Z", "2026-02-14T02:30:00Z"},
    {"30 2 * * *", "2026-02-13T02:29:59Z", "2026-02-13T02:30:00Z"},
    {"0 0 1 * *", "2026-12-31T23:59:00Z", "2027-01-01T00:00:00Z"},
    {"0 0 29 2 *", "2026-02-13T09:00:00Z", "2028-02-29T00:00:00Z"},
    {"0 0 30 2 *", "2026-02-13T09:00:00Z", NULL},
    {"0 9-17/4 * * mon-fri", "2026-02-13T17:00:00Z", "2026-02-16T09:00:00Z"},
    {"0 12 * JAN,jun Sun", "2026-02-13T09:00:00Z", "2026-06-07T12:00:00Z"},
    /* both days given: one is enough; a star with steps is given too */
    {"0 0 13 * fri", "2026-02-13T09:00:00Z", "2026-02-20T00:00:00Z"},
    {"0 0 */2 * fri", "2026-02-13T09:00:00Z", "2026-02-15T00:00:00Z"},
    {"0 0 ? * 0", "2026-02-13T09:00:00Z", "2026-02-15T00:00:00Z"},
    {"  0   0  *  *  * ", "2026-02-13T09:00:00Z", "2026-02-14T00:00:00Z"},
    {"@hourly", "2026-02-13T09:00:00Z", "2026-02-13T10:00:00Z"},
    {"@midnight", "2026-02-13T09:00:00Z", "2026-02-14T00:00:00Z"},
    {"@weekly", "2026-02-13T09:00:00Z", "2026-02-15T00:00:00Z"},
    {"@monthly", "2026-02-13T09:00:00Z", "2026-03-01T00:00:00Z"},
    {"@yearly", "2026-02-13T09:00:00Z", "2027-01-01T00:00:00Z"},
    {"@every 1h30m", "2026-02-13T09:00:00Z", "2026-02-13T10:30:00Z"},
    {"0 0 * * *", "1969-12-31T12:00:00Z", "1970-01-01T00:00:00Z"},
    {"0 0 * * *", "1969-12-30T12:00:00Z", "1969-12-31T00:00:00Z"},
};

static void the_next_run(void **state)
{
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct cron c;
        char text[TIMETEXT_MAX] = "never";
        if (!cron_parse(span_from(cases[i].schedule), &c))
            fail_msg("%s is not read", cases[i].schedule);
        int64_t next = cron_next(&c, kube_time(cases[i].after), 0);
        if (next != TIME_NONE)
            time_format(next, text);
        if (strcmp(text, cases[i].next ? cases[i].next : "never") != 0)
            fail_msg("%s after %s: %s, expected %s", cases[i].schedule, cases[i].after, text,
                     cases[i].next ? cases[i].next : "never");
    }
}

static void what_is_no_schedule(void **state)
{
    static const char *const odd[] = {
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 7",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/-1 * * * *",
        "a * * * *",
        "1,,2 * * * *",
        "- * * * *",
        "@never",
        "@every",
        "@every 0s",
        "@every x",
        "TZ=Asia/Tokyo 0 0 * * *",
        "CRON_TZ=UTC 0 0 * * *",
        "* * * * mond",
        "1/ * * * *",
        "99999999999999999999 * * * *",
    };
    (void)state;
    for (size_t i = 0; i < BN_COUNT(odd); i++) {
        struct cron c;
        if (cron_parse(span_from(odd[i]), &c))
            fail_msg("`%s` is taken for a schedule", odd[i]);
    }
}

/* Two o'clock is not two o'clock everywhere: the last run tells by which clock. */
static void by_a_clock_that_is_not_known(void **state)
{
    static const struct {
        const char *schedule, *last, *next; /* NULL: fits no clock */
    } places[] = {
        {"0 2 * * *", "2026-02-12T17:00:00Z", "2026-02-13T17:00:00Z"},   /* Tokyo */
        {"0 1 * * mon", "2026-02-08T16:00:00Z", "2026-02-15T16:00:00Z"}, /* Sunday in UTC */
        {"0 2 1 * *", "2026-01-31T20:15:00Z", "2026-02-28T20:15:00Z"},   /* Kathmandu */
        {"*/15 * * * *", "2026-02-13T08:45:00Z", "2026-02-13T09:00:00Z"},
        {"@every 5m", "2026-02-13T08:45:07Z", "2026-02-13T08:50:07Z"},
        {"0 2 * * *", "2026-02-12T17:01:00Z", NULL},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(places); i++) {
        struct cron c;
        char text[TIMETEXT_MAX] = "never";
        assert_true(cron_parse(span_from(places[i].schedule), &c));
        int64_t next = cron_next_anywhere(&c, kube_time(places[i].last));
        if (next != TIME_NONE)
            time_format(next, text);
        assert_string_equal(text, places[i].next ? places[i].next : "never");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_run),
        cmocka_unit_test(what_is_no_schedule),
        cmocka_unit_test(by_a_clock_that_is_not_known),
    };
    return cmocka_run_group_tests_name("kube cron", tests, NULL, NULL);
}
