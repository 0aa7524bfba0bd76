/* Time as an input. One clock per session; tests and the demonstration shift,
 * stop and step it. Any thread may read; stepping is atomic. */
#ifndef BINNACLE_BASE_CLOCK_H
#define BINNACLE_BASE_CLOCK_H

#include "base/base.h"

/* No instant: "never", "not set". */
#define TIME_NONE INT64_MIN
/* Later than everything. */
#define TIME_FOREVER INT64_MAX

struct clock;

struct clock *clock_new(void) BN_MUST_USE; /* runs with the system, offset 0 */
void clock_free(struct clock *c);

int64_t clock_wall_ms(const struct clock *c); /* since the Unix epoch, UTC, offset applied */
int64_t clock_mono_ms(const struct clock *c); /* CLOCK_MONOTONIC; for time-outs */
int64_t clock_boot_ms(const struct clock *c); /* CLOCK_BOOTTIME: counts sleep; for wake-up */

/* Shifts the wall clock so that it shows wall_ms now (and runs on, unless it was stopped). */
void clock_set_wall(struct clock *c, int64_t wall_ms);
/* Stops all three clocks where they are; from now on only clock_step() moves them. */
void clock_stop(struct clock *c);
/* Moves all three on by ms, stopped or not. */
void clock_step(struct clock *c, int64_t ms);
/* CLOCK_MONOTONIC of the machine, whatever clocks were stopped and stepped: for what must not wait
 * longer. */
int64_t clock_machine_ms(void);
int64_t clock_machine_us(void); /* the same in microseconds */
/* How long to wait for a monotonic time, at most most_ms: that long, too, where the clock stands,
 * since waiting brings nothing about then; whoever steps it wakes those who wait. 0: it has come. */
int clock_wait_ms(const struct clock *c, int64_t mono_ms, int most_ms);
bool clock_is_stopped(const struct clock *c);
bool clock_is_shifted(const struct clock *c);

#endif
