/* The dashboard: the loop between terminal and session. */
#ifndef BINNACLE_TUI_DASHBOARD_H
#define BINNACLE_TUI_DASHBOARD_H

#include "app/session.h"

struct dashboard_options {
    const char *scope; /* -n: the namespace that tables start with; NULL: all */
    const char *opens; /* a command that it begins with, once all is there; NULL: home */
    const char *about; /* what is said with it */
    const char *theme; /* name, path or NULL: the default */
    bool no_colour;    /* NO_COLOR */
    bool ascii;        /* only ASCII glyphs */
    bool mouse;
    int64_t rest_ms;   /* without a key, after which sources take their time; 0: never */
    bool test;         /* in-band marks, clock stepped in band */
    int64_t stands_ms; /* 0, or where the clock stands until it is stepped (tests) */
    /* Begins the session when the terminal has been taken, so that its threads leave that the
     * descriptors it needs. NULL: *err. The session is the caller's. */
    struct session *(*connect)(void *context, struct err *err);
    void *context;
};

/* Runs until the person quits. Returns the exit status: 0, or 128 + signal; -1
 * with *err when there is no terminal that it can use (ERR_CONFIG), or no session. */
int dashboard_run(const struct dashboard_options *options, struct err *err);

#endif
