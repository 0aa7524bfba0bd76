/* The program before a cluster that has a bad day: what was seen stays on the
 * screen, is said to be old, and is taken up again; what is asked meanwhile is
 * little. Time is stepped, never waited for. */
#include <config.h>

#include "base/alloc.h"
#include "test/screens/live.h"

static void put_pod(struct live *l, const char *name)
{
    live_tell(l,
              "put pods {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s\","
              "\"namespace\":\"default\",\"uid\":\"%s\",\"creationTimestamp\":\"@now@\"},"
              "\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]},"
              "\"status\":{\"phase\":\"Pending\"}}",
              name, name);
}

/* The pods, and among them one that the next tests change. */
static void open_pods(struct live *l, const char *name)
{
    const struct pty_options wide = {.rows = 50, .cols = 160};
    put_pod(l, name);
    live_open(l, NULL, &wide);
    live_command(l, "pods");
    live_command(l, "filter name~new");
    pty_wait_text(l->pty, name);
}

static void every_watch_is_too_old(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    int64_t lists = live_count(l, "lists");
    for (int i = 0; i < 3; i++) {
        live_tell(l, "compact");
        live_tell(l, "drop");
        pty_step(l->pty, 60000);
        pty_wait(l->pty);
        pty_assert_has(l->pty, "new-one"); /* never gone from the screen */
    }
    put_pod(l, "new-two");
    live_step_until(l, 5000, "new-two");
    pty_assert_has(l->pty, "new-one");
    assert_true(live_count(l, "lists") - lists < 8 * 20); /* a list a kind and round, and some */
    live_quit(l);
}

static void a_storm_of_503(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    live_tell(l, "fault / status=503");
    live_tell(l, "drop");
    int64_t before = live_count(l, "requests");
    for (int i = 0; i < 20; i++) {
        pty_step(l->pty, 1000);
        pty_wait(l->pty);
    }
    pty_assert_has(l->pty, "new-one");
    assert_true(live_count(l, "requests") - before < 20 * 20); /* ever more seldom */
    put_pod(l, "new-two");
    live_tell(l, "clear");
    live_step_until(l, 10000, "new-two");
    live_quit(l);
}

static void the_server_goes_and_comes(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    live_tell(l, "down");
    live_step_until(l, 5000, "refused");
    pty_assert_has(l->pty, "new-one");
    put_pod(l, "new-two");
    live_tell(l, "up");
    live_step_until(l, 5000, "new-two");
    live_step_until_gone(l, 5000, "refused"); /* of what is asked less often too */
    live_quit(l);
}

/* The clock of the source is looked at when it has something to do. */
static void step_and_wake(struct live *l, int64_t ms)
{
    pty_step(l->pty, ms);
    pty_press(l->pty, "y Esc");
}

/* The connections stand, but nothing comes any more. */
static void silence_is_noticed(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    live_tell(l, "fault / silence");
    for (int i = 0; i < 4; i++)
        step_and_wake(l, 15000);
    pty_wait_text(l->pty, "stale");
    pty_assert_has(l->pty, "new-one");
    put_pod(l, "new-two");
    live_tell(l, "clear");
    live_step_until(l, 5000, "new-two");
    live_quit(l);
}

static void a_deletion_that_nobody_told(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    live_tell(l, "swallow 1");
    live_tell(l, "delete pods default new-one");
    put_pod(l, "new-two");
    pty_wait_text(l->pty, "new-two"); /* what came later is seen */
    pty_assert_has(l->pty, "new-one");
    for (int i = 0; i < 40 && pty_has(l->pty, "new-one"); i++) {
        step_and_wake(l, 60000); /* it lists again after half an hour or so */
        (void)pty_read(l->pty, SIZE_MAX, 20);
    }
    pty_assert_lacks(l->pty, "new-one");
    live_quit(l);
}

static void slow_answers_hold_up_nothing(void **state)
{
    struct live *l = *state;
    live_tell(l, "fault /api/v1/pods delay=60000"); /* a slow line holds up all that is on it */
    live_open_only(l, NULL, NULL);
    pty_wait_text(l->pty, "nodes");
    live_command(l, "nodes");
    pty_wait_text(l->pty, "prod-instance");
    pty_press(l->pty, "j k j k");
    live_command(l, "pods");
    pty_press(l->pty, "C-l");
    pty_assert_lacks(l->pty, "/95"); /* all this while the answer goes on */
    live_quit(l);
}

/* Requests, when what is asked at once has been asked. */
static int64_t all_asked(struct live *l)
{
    int64_t before = -1, now;
    while ((now = live_count(l, "requests")) != before) {
        before = now;
        for (int64_t end = live_ms() + 500; live_ms() < end;)
            (void)pty_read(l->pty, SIZE_MAX, 100);
    }
    return now;
}

/* Who may read one namespace sees it, and reads what else there would be. */
static void rights_that_end_at_a_namespace(void **state)
{
    static const char *const words[] = {"--context", "viewer", NULL};
    const struct pty_options wide = {.rows = 50, .cols = 160};
    struct live *l = *state;
    live_open_only(l, words, &wide);
    pty_want(l->pty, "applied", 5);
    pty_wait(l->pty);
    live_command(l, "pods");
    pty_wait_text(l->pty, "booklet");
    pty_wait_text(l->pty, "viewer partial: 1 namespace, 15 denied");
    int64_t requests = all_asked(l);
    for (int i = 0; i < 10; i++) {
        pty_step(l->pty, 1000);
        pty_wait(l->pty);
    }
    assert_true(all_asked(l) - requests < 20); /* no storm of refusals */
    live_command(l, "sources");
    pty_assert_has(l->pty, "denied");
    live_quit(l);
}

static void the_clock_jumps(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    pty_step(l->pty, (int64_t)400 * 86400000);
    pty_wait(l->pty);
    pty_assert_has(l->pty, "new-one");
    put_pod(l, "new-two");
    live_step_until(l, 1000, "new-two");
    live_quit(l);
}

static int setup_future(void **state)
{
    static const char *const words[] = {"--epoch", "2199-01-01T00:00:00Z", NULL};
    *state = xalloc_zero(1, sizeof(struct live));
    live_start(*state, words);
    return 0;
}

/* The server's clock is far ahead: ages begin at nothing. */
static void the_server_lives_in_the_future(void **state)
{
    struct live *l = *state;
    open_pods(l, "new-one");
    pty_assert_row_has(l->pty, pty_find(l->pty, "default   new-one"), " 0s");
    pty_assert_lacks(l->pty, "-1");
    live_quit(l);
}

static void nothing_is_there_to_connect_to(void **state)
{
    struct live *l = *state;
    live_tell(l, "down");
    live_open_only(l, NULL, NULL);
    pty_wait(l->pty); /* the first frame needs no network */
    pty_wait_text(l->pty, "refused");
    live_tell(l, "up");
    live_step_until(l, 5000, "ready");
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(every_watch_is_too_old),
        CASE(a_storm_of_503),
        CASE(the_server_goes_and_comes),
        CASE(a_deletion_that_nobody_told),
        CASE(slow_answers_hold_up_nothing),
        CASE(rights_that_end_at_a_namespace),
        CASE(the_clock_jumps),
        cmocka_unit_test_setup_teardown(the_server_lives_in_the_future, setup_future,
                                        live_teardown),
        CASE(nothing_is_there_to_connect_to),
    };
    const struct CMUnitTest slow[] = {CASE(silence_is_noticed)}; /* two deadlines pass */
    if (getenv("NIGHTLY"))
        return cmocka_run_group_tests_name("live_faults", slow, NULL, NULL);
    return cmocka_run_group_tests_name("live_faults", tests, NULL, NULL);
}
