/* The past of figures: what a Prometheus has kept of a row stands in its details, asked for when they
 * are opened and never at rest. */
#include <config.h>

#include "test/screens/still.h"

#define CLAIM "pvcs /datadir-mysql-pxc-0"

/* Both clocks go on, and whoever waits for a time has done what it does then. */
static void pass(struct live *l, int ms)
{
    (void)live_tell(l, "step %d", ms);
    pty_step(l->pty, ms);
    still_wait(l, live_demo_pid(l));
}

static const struct pty_options options = {.rows = 70, .cols = 110};

#define HOURS "3 h of prometheus/monitoring/prometheus until 09:"

/* The details of the one row that is left. */
static void open_details(struct live *l, const char *table)
{
    live_command(l, "home");
    live_command(l, table);
    pty_wait_text(l->pty, " 1/");
    pty_press(l->pty, "d");
}

/* The line of a figure of hours, whose label and text are these. */
static void shows(struct live *l, const char *label, const char *text)
{
    struct strbuf line = STRBUF_INIT(4096);
    const int heading = pty_find(l->pty, "3 h of ");
    for (int i = 1; i <= 5; i++) {
        pty_row(l->pty, heading + i, &line);
        if (span_starts(span_trim(strbuf_span(&line)), label) && strstr(strbuf_cstr(&line), text)) {
            strbuf_clear(&line);
            return;
        }
        strbuf_truncate(&line, 0);
    }
    pty_say_screen(l->pty);
    fail_msg("no figure %s of hours says \"%s\"", label, text);
}

static int64_t asked(struct live *l)
{
    return live_asked(l, "prometheus:9090");
}

static void details_show_hours(void **state)
{
    struct live *l = *state;
    live_demo(l, "alerts-firing", NULL, &options);
    pass(l, 60000);
    pass(l, 60000);
    assert_int_equal(asked(l), 0); /* at rest nothing is asked of it */
    open_details(l, CLAIM);
    pty_wait_text(l->pty, HOURS);
    /* what nobody has kept, of the minutes in which it was moved, are blanks */
    shows(l, "used", "▇▇▇     ▇▇▇▇▇█");
    shows(l, "used", "▇█████████████ 3.2Gi..4.9Gi");
    shows(l, "full", "█ 32%..49%");
    assert_int_equal(asked(l), 2);
    pass(l, 600000);
    pty_assert_has(l->pty, HOURS "00"); /* it is as old as it says, and not asked for again */
    assert_int_equal(asked(l), 2);
    pty_press(l->pty, "r");
    pty_wait_text(l->pty, HOURS "12");
    assert_int_equal(asked(l), 4);
    open_details(l, "nodes /prod-instance-1759301204118");
    pty_wait_text(l->pty, HOURS);
    shows(l, "cpu-used", "█ 18%..55%");
    open_details(l, "mysql /pxc-0");
    pty_wait_text(l->pty, HOURS);
    shows(l, "queries", "/s");
    open_details(l, "redis /replicas-0");
    pty_wait_text(l->pty, HOURS);
    shows(l, "memory", "Mi");
    open_details(l, "traefik-services /gta-events-65"); /* whose exporter it does not read */
    pty_wait_text(l->pty, HOURS);
    shows(l, "not kept", "requests, 5xx");
    const int64_t before = asked(l);
    open_details(l, "configmaps /kimai-export"); /* of which nobody keeps figures */
    pty_wait_text(l->pty, "uid ");
    pty_assert_lacks(l->pty, " h of ");
    assert_int_equal(asked(l), before);
    live_quit(l);
}

/* What is wrong with its answers takes a line, and nothing else of the details. */
static void what_is_wrong_is_a_quiet_line(void **state)
{
    struct live *l = *state;
    live_demo(l, "alerts-firing", NULL, &options);
    pass(l, 60000);
    (void)live_tell(
        l, "answer monitoring prometheus /api/v1/query_range 422 "
           "{\"status\":\"error\",\"errorType\":\"execution\",\"error\":\"query is too heavy\"}");
    open_details(l, CLAIM);
    pty_wait_text(l->pty, HOURS);
    shows(l, "used", "query is too heavy");
    shows(l, "full", "query is too heavy");
    pty_assert_has(l->pty, "alert            ✗ alert operators/KubePersistentVolumeFillingUp");
    (void)live_tell(l, "answer monitoring prometheus /api/v1/query_range 200 <html>sign in</html>");
    pty_press(l->pty, "r");
    pty_wait_text(l->pty, "its answer: not JSON");
    (void)live_tell(l, "delete endpointslices monitoring prometheus-7c4wd");
    pty_press(l->pty, "r");
    pty_wait_text(l->pty, "not known");
    pty_assert_has(l->pty, "alert            ✗ alert operators/KubePersistentVolumeFillingUp");
    live_quit(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(details_show_hours, still_setup, live_teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_a_quiet_line, still_setup, live_teardown),
    };
    return cmocka_run_group_tests_name("live_past", tests, NULL, NULL);
}
