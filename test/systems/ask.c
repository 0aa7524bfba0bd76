/* A secret is typed at a terminal that shows nothing of it, and that is as it was afterwards whatever
 * the program dies of. */
#include <config.h>

#include "cli/ask.h"

#include "net/recipe.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#define CANARY  "s3cret-canary"
#define WAIT_MS 20000

/* At a terminal of its own: what is asked and answered; the child tells by its status. */
struct place {
    int master, slave; /* slave: kept open, so that its modes stay */
    int pid;
    struct termios before;
    struct strbuf shown;
};

static void in_child(void)
{
    static const struct field field = {"password", FIELD_SECRET, NULL, NULL, "its password", NULL};
    struct strbuf value = STRBUF_INIT(8192);
    struct err err;
    if (ask_secret(&field, -1, &value, &err))
        _exit(span_is(strbuf_span(&value), CANARY) ? 10 : 11);
    _exit(err.kind == ERR_CANCELLED ? 12 : 13);
}

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    p->shown = (struct strbuf)STRBUF_INIT(65536);
    assert_int_equal(openpty(&p->master, &p->slave, NULL, NULL, NULL), 0);
    assert_int_equal(tcgetattr(p->slave, &p->before), 0);
    p->pid = fork();
    if (p->pid == 0) {
        (void)login_tty(p->slave);
        in_child();
    }
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    (void)close(p->master);
    (void)close(p->slave);
    strbuf_clear(&p->shown);
    free(p);
    return 0;
}

static void wait_shown(struct place *p, const char *text)
{
    struct pollfd in = {.fd = p->master, .events = POLLIN};
    while (!strstr(strbuf_cstr(&p->shown), text)) {
        char bytes[1024];
        assert_int_equal(poll(&in, 1, WAIT_MS), 1);
        ssize_t n = read(p->master, bytes, sizeof(bytes));
        assert_true(n > 0);
        strbuf_add(&p->shown, span_make(bytes, (size_t)n));
    }
}

static bool echoes(const struct place *p)
{
    struct termios now;
    assert_int_equal(tcgetattr(p->slave, &now), 0);
    return (now.c_lflag & ECHO) != 0;
}

static int ended(struct place *p)
{
    int status;
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What gives the modes back after a death is another process: its end is awaited. */
static void await_echo(const struct place *p)
{
    const struct timespec moment = {.tv_nsec = 2000000};
    for (int i = 0; i < WAIT_MS / 2 && !echoes(p); i++)
        (void)nanosleep(&moment, NULL);
    struct termios now;
    assert_int_equal(tcgetattr(p->slave, &now), 0);
    assert_int_equal(now.c_lflag, p->before.c_lflag);
    assert_int_equal(now.c_cc[VSUSP], p->before.c_cc[VSUSP]);
}

static void type(const struct place *p, const char *text)
{
    assert_int_equal(write(p->master, text, strlen(text)), (ssize_t)strlen(text));
}

static void it_is_not_shown(void **state)
{
    struct place *p = *state;
    wait_shown(p, "password (its password), not shown: ");
    assert_false(echoes(p));
    type(p, CANARY "\n");
    assert_int_equal(ended(p), 10);
    wait_shown(p, "shown: \r\n");
    assert_null(strstr(strbuf_cstr(&p->shown), CANARY));
    await_echo(p);
}

static void nothing_is_no_secret(void **state)
{
    struct place *p = *state;
    wait_shown(p, "shown: ");
    type(p, "\n");
    assert_int_equal(ended(p), 12);
    await_echo(p);
}

static void after(struct place *p, int number)
{
    wait_shown(p, "shown: ");
    assert_false(echoes(p));
    if (number == SIGINT)
        type(p, "\003");
    else
        assert_int_equal(kill(p->pid, number), 0);
    assert_int_equal(ended(p), 128 + number);
    await_echo(p);
}

static void after_ctrl_c(void **state)
{
    after(*state, SIGINT);
}

static void after_a_kill(void **state)
{
    after(*state, SIGKILL);
}

static void after_a_crash(void **state)
{
    after(*state, SIGABRT);
}

/* What the shell would show when one comes back is the rest of the secret. */
static void ctrl_z_does_not_stop_it(void **state)
{
    struct place *p = *state;
    wait_shown(p, "shown: ");
    type(p, "\032\177" CANARY "\n"); /* and takes it back */
    assert_int_equal(ended(p), 10);
    await_echo(p);
}

/* Neither cron nor a pipe has a terminal: how to do without is said. */
static void without_a_terminal_it_is_refused(void **state)
{
    static const struct field field = {"password", FIELD_SECRET, NULL, NULL, "its password", NULL};
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        struct strbuf value = STRBUF_INIT(64);
        struct err err;
        (void)setsid();
        bool ok = ask_secret(&field, -1, &value, &err);
        _exit(!ok && strstr(err.msg, "--password: there is no terminal") &&
                      strstr(err.msg, RECIPE_FORMS)
                  ? 0
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_is_not_shown),
        CASE(nothing_is_no_secret),
        CASE(after_ctrl_c),
        CASE(after_a_kill),
        CASE(after_a_crash),
        CASE(ctrl_z_does_not_stop_it),
        cmocka_unit_test(without_a_terminal_it_is_refused),
    };
    return cmocka_run_group_tests_name("ask", tests, NULL, NULL);
}
