/* What the files of the Prometheus source share. Facts: prometheus.io/docs/prometheus/latest/querying/api,
 * and what a Prometheus 2.42 answered. */
#ifndef BINNACLE_BACKENDS_PROMETHEUS_PROMETHEUS_H
#define BINNACLE_BACKENDS_PROMETHEUS_PROMETHEUS_H

#include "backends/http_source.h"
#include "backends/poll.h"
#include "model/store.h"

extern const struct kind kind_prometheus;

/* `past` of struct backend: a query of PromQL for each figure that exporters in wide use keep of the
 * row, its labels' values quoted. */
size_t prometheus_past(const struct store *st, struct handle row,
                       struct past_figure out[PAST_FIGURES], struct strbuf *ask);

/* The samples of an answer of /api/v1/query_range, a step apart, the last at until_ms: where several
 * series came, the greatest; NAN where none has one, or it is no number. False: it is
 * no such answer. */
bool prometheus_samples(const struct json_node *answer, int64_t until_ms,
                        double out[SERIES_SAMPLES], struct err *err);

/* Its row: what it says of itself. runtime may be NULL. False: no memory. */
bool prometheus_put(const char *name, const struct json_node *build,
                    const struct json_node *runtime, struct row_writer *w) BN_MUST_USE;

#endif
