/* What a runner and its backend share; for runner.c and ctx.c alone. */
#ifndef BINNACLE_BACKENDS_CTX_H
#define BINNACLE_BACKENDS_CTX_H

#include "backends/runner.h"

#include <pthread.h>
#include <stdatomic.h>

struct queued {
    struct queued *next;
    struct request request;
};

/* What was said last of the source or of one kind, to be repeated as proof of life. */
struct told {
    enum source_state state;
    char note[sizeof(((struct source_report *)NULL)->note)];
    int64_t alive_ms; /* monotonic, of the last ctx_alive() sent up */
    bool alive;       /* alive_ms counts */
    bool said;        /* state counts */
    bool paced;       /* of the source alone, as are the next two */
    int64_t every_ms;
    bool at_rest;
    uint32_t generation;
};

struct backend_ctx {
    const struct backend *backend;
    char *name;
    uint16_t source;
    const struct kind_list *kinds;
    const struct clock *clock;
    bool once;
    char **settings; /* owned "name=value"; NULL ends */
    struct outbox *outbox;

    pthread_mutex_t lock; /* what follows; never held across I/O */
    struct queued *first, *last;
    bool *wanted; /* owned; per kind */
    struct credential *credential;
    bool new_credential; /* since the present run began */
    char *targets;       /* owned; NULL: none were said */
    bool new_targets;    /* they were not taken in the present run */

    int wake_fd, stop_fd;
    atomic_bool stopping, resting;

    /* the source's own thread */
    struct told *told; /* owned; per kind, and one more for the source */
    bool no_memory;    /* something could not be sent up: the run ends */
    int64_t fresh_ms;  /* monotonic; since when the source is well */
    uint64_t requests, bytes_in;
};

/* Makes descriptors readable or not. */
void ctx_ring(int fd);
void ctx_unring(int fd);

#endif
