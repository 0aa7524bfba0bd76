/* The last ten minutes of a figure: a ring of numbers, a place for each ten seconds. No clock: the
 * time is given. */
#ifndef BINNACLE_MODEL_SERIES_H
#define BINNACLE_MODEL_SERIES_H

#include "base/base.h"

#define SERIES_SAMPLES 60
#define SERIES_STEP_MS 10000

/* All zero: nothing is known. */
struct series_ring {
    int64_t last;   /* number of the newest step since the epoch */
    uint64_t known; /* a bit for each place: it has a sample */
    double samples[SERIES_SAMPLES];
};

/* What was heard at now_ms, wall time. Of several in a step the greatest stays: what was bad for a
 * moment is to be seen. What is no number is not kept. A clock that is set back by less than ten
 * minutes goes on in the steps of before; set back further, it begins anew. */
void series_add(struct series_ring *s, int64_t now_ms, double figure);
/* The ten minutes until now_ms, oldest step first; NAN where nothing was heard. Returns the number
 * of samples. */
size_t series_read(const struct series_ring *s, int64_t now_ms, double out[SERIES_SAMPLES]);

#endif
