/* Levels of systems and when they changed, the oldest forgotten first. */
#include <config.h>

#include "tui/health.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define SYSTEMS_MAX 64
#define TURNS_MAX   256

struct turn {
    int64_t ms;
    enum level level; /* from ms on */
};

struct history {
    const struct system *system;
    struct turn turns[TURNS_MAX]; /* oldest first */
    size_t count;
    size_t bad; /* rows, at the last look */
    bool whole; /* none was forgotten: the first is where looking began */
};

struct health {
    struct history *systems[SYSTEMS_MAX]; /* owned */
    size_t count;
    int64_t now_ms; /* of the last look */
    uint64_t worse;
};

struct health *health_new(void)
{
    return xalloc_zero(1, sizeof(struct health));
}

void health_clear(struct health *h)
{
    while (h->count)
        free(h->systems[--h->count]);
}

void health_free(struct health *h)
{
    if (!h)
        return;
    health_clear(h);
    free(h);
}

static const struct history *find(const struct health *h, const struct system *s)
{
    for (size_t i = 0; i < h->count; i++)
        if (h->systems[i]->system == s)
            return h->systems[i];
    return NULL;
}

static struct history *find_or_add(struct health *h, const struct system *s)
{
    for (size_t i = 0; i < h->count; i++)
        if (h->systems[i]->system == s)
            return h->systems[i];
    if (h->count == SYSTEMS_MAX)
        return NULL;
    struct history *one = xalloc_zero(1, sizeof(*one));
    one->system = s;
    one->whole = true;
    h->systems[h->count++] = one;
    return one;
}

/* What is still being seen for the first time has no level yet; what came and went in one instant
 * was none. */
static void follow(struct health *h, const struct system_state *state, int64_t now_ms)
{
    struct history *one = state->loading && !state->stale ? NULL : find_or_add(h, state->system);
    if (!one)
        return;
    h->worse +=
        state->bad > one->bad || (one->count && state->level > one->turns[one->count - 1].level);
    one->bad = state->bad;
    if (one->count && one->turns[one->count - 1].ms == now_ms)
        one->count--;
    if (one->count && one->turns[one->count - 1].level == state->level)
        return;
    if (one->count == 1 && one->whole && one->turns[0].level == LEVEL_OFF)
        one->count = 0; /* it was not found yet: how it was then is not known */
    if (one->count == TURNS_MAX) {
        memmove(&one->turns[0], &one->turns[1], --one->count * sizeof(one->turns[0]));
        one->whole = false;
    }
    one->turns[one->count++] = (struct turn){now_ms, state->level};
}

void health_follow(struct health *h, const struct system_state *states, size_t count,
                   int64_t now_ms)
{
    h->now_ms = now_ms;
    for (size_t i = 0; i < count; i++)
        follow(h, &states[i], now_ms);
}

uint64_t health_worse(const struct health *h)
{
    return h->worse;
}

bool health_since(const struct health *h, const struct system *s, int64_t *since_ms, bool *exact)
{
    const struct history *one = find(h, s);
    if (!one || !one->count)
        return false;
    *since_ms = one->turns[one->count - 1].ms;
    *exact = one->count > 1 || !one->whole;
    return true;
}

bool health_worst(const struct health *h, const struct system *s, int64_t from_ms, int64_t to_ms,
                  enum level *worst)
{
    const struct history *one = find(h, s);
    bool any = false;
    for (size_t i = 0; one && i < one->count; i++) {
        int64_t end = i + 1 < one->count ? one->turns[i + 1].ms : h->now_ms + 1;
        if (one->turns[i].ms >= to_ms || end <= from_ms)
            continue;
        if (!any || one->turns[i].level > *worst)
            *worst = one->turns[i].level;
        any = true;
    }
    return any;
}
