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

#endif
