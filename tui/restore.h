/* Gives the terminal back whatever happens: crashes, signals, a bug found, a
 * stop from outside. What runs then is async-signal-safe. */
#ifndef BINNACLE_TUI_RESTORE_H
#define BINNACLE_TUI_RESTORE_H

#include "base/span.h"

#include <termios.h>

#define RESTORE_MAX 512

/* From now on every death writes bytes (at most RESTORE_MAX) to fd and sets the
 * terminal at tty_fd back to these modes. */
void restore_arm(int tty_fd, int fd, const struct termios *modes, struct span bytes);
void restore_disarm(void);
/* Catches SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and SIGTSTP, and those of
 * SIGTERM, SIGINT, SIGHUP and SIGQUIT that nobody else handles. */
void restore_watch(void);

#endif
