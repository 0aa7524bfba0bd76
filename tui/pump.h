/* Bytes to a terminal that may be slow, stopped or gone: written as it takes
 * them, never waiting. */
#ifndef BINNACLE_TUI_PUMP_H
#define BINNACLE_TUI_PUMP_H

#include "base/strbuf.h"

struct pump {
    int fd; /* borrowed; non-blocking */
    struct strbuf out;
    size_t at; /* bytes of out that have left */
    bool gone; /* the terminal hung up */
};

void pump_init(struct pump *p, int fd, size_t limit);
void pump_done(struct pump *p);
/* Queues bytes behind what waits. False: it would hold more than its limit;
 * nothing is queued. */
bool pump_add(struct pump *p, struct span bytes);
/* Writes what the terminal takes now. False: it is gone. */
bool pump_run(struct pump *p);
bool pump_busy(const struct pump *p);
/* True when some of what waits has left already. */
bool pump_begun(const struct pump *p);
/* As pump_run(), waiting up to wait_ms for the terminal. True: all has left. */
bool pump_flush(struct pump *p, int wait_ms);
/* Forgets what waits. */
void pump_drop(struct pump *p);

#endif
