/* Every key of the key table on every screen: what reaches the platform are reads. The platform itself
 * counts what was sent to it, whatever by. */
#include <config.h>

#include "base/alloc.h"
#include "test/screens/live.h"
#include "test/systems/reads.h"
#include "tui/command.h"

#include <signal.h>

/* Two programs, each with one of the cases, so that they run at the same time. */
#ifndef PART
#    define PART 0
#endif

/* Each way by which something could be changed. */
static const char *const ways[] = {
    ASKS_TOKEN,
    "SQL: SHOW ",
    "REDIS: INFO",
    "GET route53.amazonaws.com/",
    "GET reyem-db-backup.s3.",
    "GET app.terraform.io/",
    "GET ghcr.io/",
};

/* What belongs to plans alone. */
static const char *const questions[] = {ASKS_ACCESS, "dryRun=All"};

/* A screen, by the commands that lead to it, and what its first line has. */
struct path {
    const char *commands[3], *shows;
};

static const struct path paths[] = {
    {{"home"}, "home"},
    {{"pods"}, "› pods"},
    {{"pods", "enter"}, "containers"},
    {{"pods", "detail"}, "› pods › "},
    {{"pods", "yaml"}, "› pods › "},
    {{"pods", "log"}, "log"},
    {{"sources"}, "› sources"},
    {{"messages"}, "› messages"},
    {{"changes"}, "› changes"},
    {{"find kimai"}, "› find"},
    {{"pins"}, "› pins"},
    {{"context"}, "› contexts"},
    {{"mysql-processes"}, "› mysql-processes"},
    {{"redis-clients"}, "› redis-clients"},
    {{"tf-runs"}, "› tf-runs"},
    {{"workloads", "actions"}, "› actions"},
    {{"do scale"}, "› form: scale"},
    {{"do"}, "› Restart a workload"},
    {{"help"}, "help"},
};

/* These end the program, stop it, or stop it from showing. The plan is opened anew for each key, so that
 * Enter finds the button that leaves it. */
static bool is_left_out(const struct binding *b)
{
    static const char *const commands[] = {"quit", "suspend", "interrupt", "pause"};
    for (size_t i = 0; i < BN_COUNT(commands); i++)
        if (strcmp(b->command, commands[i]) == 0)
            return true;
    return false;
}

static void show(struct live *l, const struct path *p)
{
    struct strbuf title = STRBUF_INIT(1024);
    pty_row(l->pty, 0, &title);
    bool there = strstr(strbuf_cstr(&title), p->shows) && p->commands[0][0] != 'd';
    strbuf_clear(&title);
    for (size_t i = 0; !there && i < BN_COUNT(p->commands) && p->commands[i]; i++)
        live_command(l, p->commands[i]);
}

static bool is_seen(const struct binding *b)
{
    for (const struct binding *before = binding_table; before < b; before++)
        if (strcmp(before->keys, b->keys) == 0)
            return true;
    return false;
}

static void press_all(struct live *l, const struct path *p)
{
    for (const struct binding *b = binding_table; b->keys; b++) {
        if (is_left_out(b) || is_seen(b))
            continue;
        show(l, p);
        pty_press(l->pty, b->keys);
        pty_press(l->pty, "Esc");
    }
}

static void on_every_screen(struct live *l, bool read_only)
{
    for (size_t i = 0; i < BN_COUNT(paths); i++) {
        if (read_only && paths[i].commands[0][0] == 'd')
            continue; /* there is neither form nor plan */
        press_all(l, &paths[i]);
        const char *changed = live_tell(l, "asked-but " READS);
        if (strcmp(changed, " 0 ") != 0)
            fail_msg("on %s a key has changed something: %s", paths[i].shows, changed);
    }
}

/* The world outside is part of it: public hosts, registries, AWS, HCP Terraform. */
static void open_demo(struct live *l, const char *const *words)
{
    static const char *const outside[] = {"BINNACLE_PROBES=true", NULL};
    const struct pty_options options = {.env = outside};
    live_demo(l, "calm", words, &options);
}

/* Or harbor would not count what comes by one. */
static void expect_all_ways(struct live *l)
{
    for (size_t i = 0; i < BN_COUNT(ways); i++)
        if (live_asked(l, ways[i]) == 0)
            fail_msg("nothing was asked by %s", ways[i]);
}

static void no_key_sends_more_than_reads(void **state)
{
    struct live *l = *state;
    open_demo(l, NULL);
    live_command(l, "do restart name=kimai namespace=default");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    on_every_screen(l, false);
    assert_true(live_asked(l, questions[0]) > 0);
    expect_all_ways(l);
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

static void read_only_asks_nothing_but_reads(void **state)
{
    static const char *const words[] = {"--read-only", NULL};
    struct live *l = *state;
    open_demo(l, words);
    on_every_screen(l, true);
    assert_int_equal(live_asked(l, questions[0]), 0);
    assert_int_equal(live_asked(l, questions[1]), 0);
    expect_all_ways(l);
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

static int setup(void **state)
{
    struct live *l = xalloc_zero(1, sizeof(*l));
    *l = (struct live){.control = -1};
    *state = l;
    return 0;
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_key_sends_more_than_reads),
        CASE(read_only_asks_nothing_but_reads),
    };
    return _cmocka_run_group_tests("live_keys", &tests[PART], 1, NULL, NULL);
}
