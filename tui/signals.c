/* Signals as something that poll() sees: a handler that notes and wakes. */
#include <config.h>

#include "tui/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Handlers can reach nothing but these. */
static volatile sig_atomic_t resized, continued, death;
static int wake[2] = {-1, -1};

static const int watched[] = {SIGWINCH, SIGCONT, SIGTERM, SIGINT, SIGHUP};

static void note(int sig)
{
    int kept = errno;
    if (sig == SIGWINCH)
        resized = 1;
    else if (sig == SIGCONT)
        continued = 1;
    else
        death = sig;
    ssize_t done = write(wake[1], "", 1);
    (void)done; /* a full pipe wakes as well */
    errno = kept;
}

bool signals_start(struct err *err)
{
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_code(err, ERR_IO, errno, "cannot make a pipe for signals: %s", strerror(errno));
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < BN_COUNT(watched); i++)
        (void)sigaction(watched[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return true;
}

void signals_stop(void)
{
    for (size_t i = 0; i < BN_COUNT(watched); i++)
        (void)signal(watched[i], SIG_DFL);
    (void)close(wake[0]);
    (void)close(wake[1]);
    wake[0] = wake[1] = -1;
}

int signals_fd(void)
{
    return wake[0];
}

static void drain(void)
{
    char bytes[64];
    while (read(wake[0], bytes, sizeof(bytes)) > 0)
        ;
}

bool signals_take_resize(void)
{
    drain();
    bool was = resized;
    resized = 0;
    return was;
}

bool signals_take_continue(void)
{
    bool was = continued;
    continued = 0;
    return was;
}

int signals_death(void)
{
    return death;
}
