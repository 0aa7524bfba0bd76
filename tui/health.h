/* How each system has been since the program looks: its levels and when they
 * changed. For "since" on home and the lanes of the time axis. */
#ifndef BINNACLE_TUI_HEALTH_H
#define BINNACLE_TUI_HEALTH_H

#include "model/system.h"

struct health;

struct health *health_new(void) BN_MUST_USE; /* owned, never NULL */
void health_free(struct health *h);
/* Forgets everything: another store is next. */
void health_clear(struct health *h);
/* Takes up the systems as they are now. */
void health_follow(struct health *h, const struct system_state *states, size_t count,
                   int64_t now_ms);
/* How often a system has become worse, or has had more that is bad, since the start. */
uint64_t health_worse(const struct health *h);
/* When the system came to its present level. False: nothing of it is known yet.
 * *exact: a change was seen; else it has been so at least since then. */
bool health_since(const struct health *h, const struct system *s, int64_t *since_ms, bool *exact);
/* The worst level of a stretch of time; false: nobody looked then. */
bool health_worst(const struct health *h, const struct system *s, int64_t from_ms, int64_t to_ms,
                  enum level *worst);

#endif
