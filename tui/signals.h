/* Signals as something that poll() sees. One per process. */
#ifndef BINNACLE_TUI_SIGNALS_H
#define BINNACLE_TUI_SIGNALS_H

#include "base/err.h"

bool signals_start(struct err *err);
void signals_stop(void);
/* Readable after a signal; borrowed. */
int signals_fd(void);
/* True once after SIGWINCH, after SIGCONT. */
bool signals_take_resize(void);
bool signals_take_continue(void);
/* SIGINT, SIGTERM or SIGHUP that came; 0: none. */
int signals_death(void);

#endif
