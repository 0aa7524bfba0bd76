/* Figures of a row from before the program was started, as somebody else has kept them: as many as of
 * the last ten minutes (model/series.h), further apart. */
#ifndef BINNACLE_MODEL_PAST_H
#define BINNACLE_MODEL_PAST_H

#include "model/series.h"
#include "model/value.h"

#include <math.h>

#define PAST_FIGURES 6      /* of a row, at most */
#define PAST_STEP_MS 180000 /* 60 of them are three hours */
#define PAST_WHY_MAX 240

/* What may be asked for of a row. */
struct past_figure {
    const char *name; /* static, as its column is called where it has one */
    enum value_type type;
};

/* What came of it, figure by figure in the order in which they were asked for. The bytes of one are
 * the document that answers (DOCUMENT_PAST). */
struct past {
    int64_t until_ms; /* wall time of the last samples */
    size_t count;

    struct {
        double samples[SERIES_SAMPLES]; /* in base units; oldest first; NAN: not known */
        char why[PAST_WHY_MAX]; /* why there are none, a sentence; "": nobody has kept any */
    } of[PAST_FIGURES];
};

/* Nothing is known of a figure. */
static inline void past_unknown(double out[SERIES_SAMPLES])
{
    for (size_t i = 0; i < SERIES_SAMPLES; i++)
        out[i] = (double)NAN;
}

#endif
