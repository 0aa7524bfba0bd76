/* The real program in a terminal of memory, on a platform of harbor that is
 * changed by the test. Failures end the test (cmocka). */
#ifndef BINNACLE_TEST_SCREENS_LIVE_H
#define BINNACLE_TEST_SCREENS_LIVE_H

#include "test/screens/pty.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <sys/wait.h>

struct live {
    int harbor;  /* process id */
    int control; /* its socket */
    char folder[64], kubeconfig[96], socket[96];
    struct pty *pty;   /* NULL until live_open() */
    bool unmarked;     /* the program writes no marks: as it is for a person */
    const char *clock; /* NULL, or where the program's clock stands until it is stepped */
    bool still;        /* of live_demo(): so does the platform's */
    bool story;        /* of live_demo(): it opens where the story is seen best, not on home */
};

/* harbor with these words more (ended by NULL; may be NULL), ready. */
void live_start(struct live *l, const char *const *words);
/* A cmocka setup and teardown: *state is a struct live with the platform. */
int live_setup(void **state);
int live_teardown(void **state);
/* A command of harbor/command.h, which must be taken; its answer's rest is kept
 * until the next call. */
const char *live_tell(struct live *l, const char *format, ...) BN_PRINTF(2, 3);
/* A pod crashes at 09:04:50 of the platform's day, and its StatefulSet with it. */
void live_crash(struct live *l);
/* One of harbor's counts ("lists"). */
int64_t live_count(struct live *l, const char *name);

/* How many requests had this in "GET /path?query". */
int64_t live_asked(struct live *l, const char *text);

/* The program with these words more, its home whole: all rows of the platform are
 * on the screen. options may be NULL. */
void live_open(struct live *l, const char *const *words, const struct pty_options *options);
/* The same, not waiting for anything. */
void live_open_only(struct live *l, const char *const *words, const struct pty_options *options);
/* `binnacle demo --scenario SCENARIO` with these words more: its own harbor, which the
 * test can tell too; its temporary folder is below l->folder. *l is zero but for control -1, clock and
 * still. words and options may be NULL. */
void live_demo(struct live *l, const char *scenario, const char *const *words,
               const struct pty_options *options);
/* The same, not waiting for anything; nothing can be told then. */
void live_demo_only(struct live *l, const char *scenario, const char *const *words,
                    const struct pty_options *options);
/* The process of live_demo()'s harbor. */
int live_demo_pid(const struct live *l);
/* Puts `by` in the place of each `word`. */
void live_replace(struct strbuf *text, const char *word, const char *by);
/* ":" and a command of the program. */
void live_command(struct live *l, const char *command);
/* Steps the clock until the screen has text. */
void live_step_until(struct live *l, int64_t ms, const char *text);
/* The same until it has it no more. */
void live_step_until_gone(struct live *l, int64_t ms, const char *text);
/* Q; it ends in time with 0, and the terminal is as it was. */
void live_quit(struct live *l);
/* Waits for its end: an exit with this status, the terminal as it was. */
void live_ended(struct live *l, int wanted, int wait_ms);
int64_t live_ms(void); /* monotonic */

#endif
