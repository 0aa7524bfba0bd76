/* Typing without an echo. A small process beside this one waits for our end and gives the terminal
 * back where we could not: no handler runs when a process is killed. */
#include <config.h>

#include "cli/ask.h"

#include "base/alloc.h"
#include "net/recipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define TYPED_MAX 4096 /* a line of a terminal has no more [termios(3)] */

struct asking {
    int tty, watch[2]; /* the terminal; a pipe whose end tells the guard of ours */
    int guard;         /* process id; <= 0: there is none */
    struct termios as_was, hidden;
};

/* The guard's life, which no signal of the terminal ends: all are blocked. Who has set other modes
 * meanwhile, such as the shell, knows better. */
static void guard(const struct asking *a)
{
    struct termios now;
    char byte;
    ssize_t n;
    (void)close(a->watch[1]);
    do
        n = read(a->watch[0], &byte, 1);
    while (n < 0 && errno == EINTR);
    if (n == 0 && tcgetattr(a->tty, &now) == 0 && now.c_lflag == a->hidden.c_lflag &&
        now.c_cc[VSUSP] == a->hidden.c_cc[VSUSP])
        (void)tcsetattr(a->tty, TCSANOW, &a->as_was);
    _exit(0);
}

static bool begin(struct asking *a)
{
    if (tcgetattr(a->tty, &a->as_was) != 0 || pipe2(a->watch, O_CLOEXEC) != 0)
        return false;
    a->hidden = a->as_was;
    a->hidden.c_lflag &= (tcflag_t) ~(tcflag_t)(ECHO | ECHONL);
    a->hidden.c_lflag |= ICANON | ISIG;
    a->hidden.c_cc[VSUSP] = _POSIX_VDISABLE; /* stopped, the shell would show what is typed */
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before);
    a->guard = fork();
    if (a->guard == 0)
        guard(a);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return a->guard > 0 && tcsetattr(a->tty, TCSAFLUSH, &a->hidden) == 0;
}

static void end(struct asking *a)
{
    if (a->guard > 0) {
        (void)tcsetattr(a->tty, TCSAFLUSH, &a->as_was);
        (void)!write(a->watch[1], "", 1);
    }
    for (size_t i = 0; i < 2; i++)
        if (a->watch[i] >= 0)
            (void)close(a->watch[i]);
    while (a->guard > 0 && waitpid(a->guard, NULL, 0) < 0 && errno == EINTR)
        ;
}

static bool say(const struct asking *a, const char *text)
{
    return write(a->tty, text, strlen(text)) >= 0;
}

static bool read_line(const struct asking *a, int cancel_fd, struct strbuf *value, struct err *err)
{
    char typed[TYPED_MAX];
    struct pollfd fds[] = {{.fd = a->tty, .events = POLLIN}, {.fd = cancel_fd, .events = POLLIN}};
    int got;
    do
        got = poll(fds, 2, -1);
    while (got < 0 && errno == EINTR && !fds[1].revents);
    ssize_t n = got > 0 && !fds[1].revents ? read(a->tty, typed, sizeof(typed)) : -1;
    bool line = n > 0 && typed[n - 1] == '\n';
    if (line)
        strbuf_add(value, span_make(typed, (size_t)n - 1));
    alloc_wipe(typed, sizeof(typed));
    (void)say(a, "\n");
    return (line && n > 1) || err_set(err, ERR_CANCELLED, "nothing was typed: nothing was changed");
}

bool ask_secret(const struct field *field, int cancel_fd, struct strbuf *value, struct err *err)
{
    struct asking a = {.watch = {-1, -1}};
    char question[512];
    bool ok = false;
    a.tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (a.tty < 0)
        return err_set(err, ERR_CONFIG,
                       "--%s: there is no terminal to type it at; say where it is: " RECIPE_FORMS,
                       field->name);
    (void)snprintf(question, sizeof(question), "%.100s (%.300s), not shown: ", field->name,
                   field->help);
    if (begin(&a) && say(&a, question))
        ok = read_line(&a, cancel_fd, value, err);
    else
        (void)err_code(err, ERR_IO, errno, "--%s: the terminal cannot be asked: %s", field->name,
                       strerror(errno));
    end(&a);
    (void)close(a.tty);
    return ok;
}
