/* A ring of numbers over time. */
#include <config.h>

#include "model/series.h"

#include <math.h>
#include <string.h>

_Static_assert(SERIES_SAMPLES <= 64, "a bit for each place");

static uint64_t bit_of(int64_t step)
{
    return UINT64_C(1) << step % SERIES_SAMPLES;
}

/* The steps after the newest until this one were not heard of. */
static void go_on_to(struct series_ring *s, int64_t step)
{
    if (!s->known || step - s->last >= SERIES_SAMPLES || s->last - step >= SERIES_SAMPLES) {
        s->known = 0;
        s->last = step;
    }
    while (s->last < step)
        s->known &= ~bit_of(++s->last);
}

void series_add(struct series_ring *s, int64_t now_ms, double figure)
{
    int64_t step = now_ms / SERIES_STEP_MS;
    if (!isfinite(figure) || now_ms < 0)
        return;
    go_on_to(s, step);
    double *sample = &s->samples[step % SERIES_SAMPLES];
    if (!(s->known & bit_of(step)) || *sample < figure)
        *sample = figure;
    s->known |= bit_of(step);
}

size_t series_read(const struct series_ring *s, int64_t now_ms, double out[SERIES_SAMPLES])
{
    int64_t step = now_ms / SERIES_STEP_MS - SERIES_SAMPLES + 1;
    size_t count = 0;
    for (size_t i = 0; i < SERIES_SAMPLES; i++, step++) {
        bool kept = step >= 0 && step <= s->last && step > s->last - SERIES_SAMPLES;
        bool known = kept && s->known & bit_of(step);
        out[i] = known ? s->samples[step % SERIES_SAMPLES] : (double)NAN;
        count += known;
    }
    return count;
}
