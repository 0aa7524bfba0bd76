/* Time as an input. */
#include <config.h>

#include "base/clock.h"

#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { WALL, MONO, BOOT, CLOCKS };

struct clock {
    atomic_int_least64_t offset_ms;  /* of the wall clock */
    atomic_int_least64_t stepped_ms; /* of all three */
    atomic_bool stopped;
    atomic_int_least64_t stands_ms[CLOCKS]; /* while stopped */
};

static int64_t system_ms(clockid_t id)
{
    struct timespec t;
    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct clock *clock_new(void)
{
    return xalloc_zero(1, sizeof(struct clock));
}

void clock_free(struct clock *c)
{
    free(c);
}

int64_t clock_wall_ms(const struct clock *c)
{
    if (atomic_load(&c->stopped))
        return atomic_load(&c->stands_ms[WALL]);
    return system_ms(CLOCK_REALTIME) + atomic_load(&c->offset_ms) + atomic_load(&c->stepped_ms);
}

int64_t clock_mono_ms(const struct clock *c)
{
    if (atomic_load(&c->stopped))
        return atomic_load(&c->stands_ms[MONO]);
    return system_ms(CLOCK_MONOTONIC) + atomic_load(&c->stepped_ms);
}

int64_t clock_boot_ms(const struct clock *c)
{
    if (atomic_load(&c->stopped))
        return atomic_load(&c->stands_ms[BOOT]);
    return system_ms(CLOCK_BOOTTIME) + atomic_load(&c->stepped_ms);
}

int64_t clock_machine_ms(void)
{
    return system_ms(CLOCK_MONOTONIC);
}

int64_t clock_machine_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void clock_set_wall(struct clock *c, int64_t wall_ms)
{
    atomic_store(&c->offset_ms, wall_ms - system_ms(CLOCK_REALTIME) - atomic_load(&c->stepped_ms));
    atomic_store(&c->stands_ms[WALL], wall_ms);
}

void clock_stop(struct clock *c)
{
    atomic_store(&c->stands_ms[WALL], clock_wall_ms(c));
    atomic_store(&c->stands_ms[MONO], clock_mono_ms(c));
    atomic_store(&c->stands_ms[BOOT], clock_boot_ms(c));
    atomic_store(&c->stopped, true);
}

int clock_wait_ms(const struct clock *c, int64_t mono_ms, int most_ms)
{
    int64_t now = clock_mono_ms(c);
    if (mono_ms <= now)
        return 0;
    return clock_is_stopped(c) || mono_ms - now > most_ms ? most_ms : (int)(mono_ms - now);
}

bool clock_is_stopped(const struct clock *c)
{
    return atomic_load(&c->stopped);
}

void clock_step(struct clock *c, int64_t ms)
{
    for (int i = 0; i < CLOCKS; i++)
        atomic_fetch_add(&c->stands_ms[i], ms);
    atomic_fetch_add(&c->stepped_ms, ms);
}

bool clock_is_shifted(const struct clock *c)
{
    return atomic_load(&c->offset_ms) != 0;
}
