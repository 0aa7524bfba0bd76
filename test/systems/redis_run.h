/* Real redis-servers of a test: on loopback, with a folder of their own, stopped by
 * their id. Failures end the test (cmocka). */
#ifndef BINNACLE_TEST_SYSTEMS_REDIS_RUN_H
#define BINNACLE_TEST_SYSTEMS_REDIS_RUN_H

#include "base/span.h"

struct redis_server {
    int pid; /* 0: does not run */
    int out; /* its standard output */
    int port;
    bool sentinel;
    char folder[64];
};

/* Starts one with these words more ("--requirepass", "x", NULL ends; may be NULL; "@PORT" is its
 * port, "@FOLDER/" at the front of one its folder) at a free port and waits until it takes connections. */
void redis_start(struct redis_server *r, const char *const *words);
/* The same, when its folder has been filled. */
void redis_start_in(struct redis_server *r, const char *const *words,
                    void (*fill)(const char *folder, void *context), void *context);
/* A sentinel with these lines of configuration. */
void redis_start_sentinel(struct redis_server *r, const char *lines);
/* The same server again, at its port and in its folder. */
void redis_start_again(struct redis_server *r, const char *const *words);
void redis_signal(struct redis_server *r, int sig); /* SIGSTOP, SIGCONT */
void redis_stop(struct redis_server *r);            /* at once; its folder stays */
void redis_done(struct redis_server *r);            /* stops what runs, removes the folder */

#endif
