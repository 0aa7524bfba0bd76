/* Verdicts, as kinds give them. */
#ifndef BINNACLE_BACKENDS_VERDICT_H
#define BINNACLE_BACKENDS_VERDICT_H

#include "base/clock.h"
#include "model/kind.h"

/* A row that is on its way or has just come is judged by its age; this is when. */
static inline struct verdict verdict_ok(void)
{
    return (struct verdict){LEVEL_OK, 0, TIME_FOREVER};
}

static inline struct verdict verdict_off(void)
{
    return (struct verdict){LEVEL_OFF, 0, TIME_FOREVER};
}

static inline struct verdict verdict_at(enum level level, uint16_t rule)
{
    return (struct verdict){level, rule, TIME_FOREVER};
}

static inline struct verdict verdict_until(enum level level, uint16_t rule, int64_t until_ms)
{
    return (struct verdict){level, rule, until_ms};
}

#endif
