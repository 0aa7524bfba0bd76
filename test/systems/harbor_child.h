/* harbor as a child, told by its control socket. Failures end the test (cmocka). */
#ifndef BINNACLE_TEST_SYSTEMS_HARBOR_CHILD_H
#define BINNACLE_TEST_SYSTEMS_HARBOR_CHILD_H

#include "base/strbuf.h"

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

#include <curl/curl.h>

#define ADMIN  "demo-token"
#define VIEWER "viewer-token"

struct harbor {
    int pid;           /* 0: does not run */
    int out;           /* its standard output */
    int port, outside; /* outside 0: the world is not served */
    int control;       /* its socket, connected; -1: not */
    char folder[64], kubeconfig[96], socket[96], complaints[96];
    char epoch[40];
    struct strbuf ca; /* PEM of the authority */
    CURLM *multi[2];  /* owned; connections of each protocol */
};

/* A folder of its own; nothing runs yet. */
void harbor_prepare(struct harbor *h);
/* Starts it with these words more (NULL ends them; may be NULL) and waits until it is ready. */
void harbor_start(struct harbor *h, const char *const *words);
/* Runs it until it ends by itself; its exit status and what it said. */
int harbor_run(struct harbor *h, const char *const *words, struct strbuf *complaints);
/* Waits for its end; fails unless it exits with 0 (leaks would not be 0). */
void harbor_ended(struct harbor *h);
void harbor_stop(struct harbor *h); /* by its id, and harbor_ended() */
void harbor_done(struct harbor *h); /* stops what runs, removes the folder */

/* cmocka: *state is a struct harbor that plays the calm scenario. */
int harbor_setup(void **state);
int harbor_teardown(void **state);

/* A command; its answer, borrowed until the next. */
const char *harbor_tell(struct harbor *h, const char *format, ...) BN_PRINTF(2, 3);
/* The same, which must be answered with ok. */
const char *harbor_told(struct harbor *h, const char *format, ...) BN_PRINTF(2, 3);
int64_t harbor_count(struct harbor *h, const char *name); /* one of `counts` */

int64_t now_ms(void); /* monotonic */
/* Whether it is before end_ms, said a moment later: what is waited for has the processor until then. */
bool in_time(int64_t end_ms);

#endif
