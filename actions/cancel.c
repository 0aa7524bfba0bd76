/* A handler that writes to a pipe. */
#include <config.h>

#include "actions/cancel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int cancel_pipe[2] = {-1, -1}; /* a handler can reach nothing else */

static void on_signal(int number)
{
    int kept = errno;
    (void)number;
    (void)!write(cancel_pipe[1], "", 1);
    errno = kept;
}

int cancel_by_signals(const int *signals)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    if (pipe2(cancel_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return -1;
    for (; *signals; signals++)
        (void)sigaction(*signals, &action, NULL);
    return cancel_pipe[0];
}
