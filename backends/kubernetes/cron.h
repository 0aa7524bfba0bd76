/* Schedules of CronJobs, as Kubernetes reads them [robfig/cron v3 ParseStandard]. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_CRON_H
#define BINNACLE_BACKENDS_KUBERNETES_CRON_H

#include "base/clock.h"
#include "base/span.h"

struct cron {
    uint64_t minutes, hours, days, months, weekdays; /* a bit each */
    bool any_day, any_weekday;                       /* "*": the other one decides */
    int64_t every_ms;                                /* "@every 5m"; 0: by the clock */
};

/* False: no schedule, or one with a time zone in its text. */
bool cron_parse(struct span text, struct cron *out) BN_MUST_USE;
/* The first minute after after_ms at which it is due, by a clock that is offset_ms
 * ahead of UTC; TIME_NONE: not within 5 years. */
int64_t cron_next(const struct cron *c, int64_t after_ms, int64_t offset_ms);
/* The same by a clock of which only is known that a run was due at last_ms: the
 * latest that it can be. TIME_NONE: that fits no clock. */
int64_t cron_next_anywhere(const struct cron *c, int64_t last_ms);

#endif
