/* Controllers that look at their custom resources again and again, and write down
 * when they did: Argo CD compares, External Secrets refreshes. One whose workload
 * has no pod that is ready does nothing, as in a cluster. */
#ifndef BINNACLE_HARBOR_ROUNDS_H
#define BINNACLE_HARBOR_ROUNDS_H

#include <stdint.h>

struct server;

/* Monotonic ms. */
struct rounds {
    int64_t rounds_ms; /* of the next look */
    int64_t deeds_ms;  /* of the next look at what clients have changed (harbor/deeds.h) */
    int64_t until_ms;  /* up to when there is one */
};

/* A client has changed something. */
void rounds_wake(struct rounds *due, int64_t mono_ms);
/* Does what is due at the platform's time. */
void rounds_turn(struct server *server);
/* When rounds_turn() is wanted again. */
int64_t rounds_next(const struct rounds *due);

#endif
