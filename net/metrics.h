/* Figures as Prometheus reads them: the text exposition format, a sample at a time
 * [prometheus.io exposition_formats]. */
#ifndef BINNACLE_NET_METRICS_H
#define BINNACLE_NET_METRICS_H

#include "base/span.h"

struct metric {
    struct span name, labels; /* borrowed; labels as they stand between the braces */
    double value;             /* NaN and infinities as they are */
};

/* Takes the next sample from *rest; lines that are none are passed over. False: there is none. */
bool metric_next(struct span *rest, struct metric *out);
/* The value of a label, with its escapes; empty: there is none. */
struct span metric_label(const struct metric *m, const char *name);

/* A sample that goes into an int64_t of a structure. */
struct metric_figure {
    const char *name;
    size_t at;     /* offsetof() */
    int64_t scale; /* 1; 1000 where seconds of a time are wanted in ms, and 0 is none yet */
};

/* Reads the samples of a list into *out, whose members stay as they are where there is none that counts:
 * not below 0, nor more than a double counts by ones. True: there is any sample that begins so. */
bool metric_take(struct span text, const char *prefix, const struct metric_figure *figures,
                 size_t count, void *out);

#endif
