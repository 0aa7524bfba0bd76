/* Controllers that look at their custom resources again and again, and write down
 * when they did: Argo CD compares, External Secrets refreshes. One whose workload
 * has no pod that is ready does nothing, as in a cluster. */
#ifndef BINNACLE_HARBOR_ROUNDS_H
#define BINNACLE_HARBOR_ROUNDS_H

#include "harbor/objects.h"

/* Does what is due at the platform's time, now and then; returns the monotonic ms of
 * the next look. */
int64_t rounds_turn(struct objects *o, int64_t mono_ms, int64_t due_ms);

#endif
