/* Every key of the key table on every screen: what reaches the platform are reads. The platform itself
 * counts what was sent to it, whatever by. */
#include <config.h>

#include "test/screens/live.h"
#include "tui/command.h"

#include <signal.h>

/* What asks in the form of a POST, and changes nothing: whether one may, of the API server and of
 * Vault, and what would come of it. The first two belong to plans. */
static const char *const questions[] = {
    "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    "dryRun=All",
    "/v1/sys/capabilities-self",
};

/* Requests that change something: all of another method than GET, but for those that ask. */
static int64_t changes(struct live *l)
{
    static const char *const methods[] = {"POST /", "PUT /", "PATCH /", "DELETE /"};
    int64_t sent = 0;
    for (size_t i = 0; i < BN_COUNT(methods); i++)
        sent += live_asked(l, methods[i]);
    for (size_t i = 0; i < BN_COUNT(questions); i++)
        sent -= live_asked(l, questions[i]);
    return sent;
}

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
        if (changes(l) != 0)
            fail_msg("on %s a key has changed something", paths[i].shows);
    }
}

static void no_key_sends_more_than_reads(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "do restart name=kimai namespace=default");
    pty_wait_text(l->pty, "Nothing has been changed yet.");
    on_every_screen(l, false);
    assert_true(live_asked(l, questions[0]) > 0); /* it does count */
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

static void read_only_asks_nothing_but_reads(void **state)
{
    static const char *const words[] = {"--read-only", NULL};
    struct live *l = *state;
    live_open(l, words, NULL);
    on_every_screen(l, true);
    assert_int_equal(live_asked(l, questions[0]), 0);
    assert_int_equal(live_asked(l, questions[1]), 0);
    pty_signal(l->pty, SIGTERM);
    live_ended(l, 128 + SIGTERM, 5000);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(no_key_sends_more_than_reads),
        CASE(read_only_asks_nothing_but_reads),
    };
    return cmocka_run_group_tests_name("live_keys", tests, NULL, NULL);
}
