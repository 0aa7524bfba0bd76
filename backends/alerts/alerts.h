/* Alerts of an Alertmanager, or of a Prometheus without one, as their source's thread sees them. For
 * backends/alerts alone. Facts: their API documentation [prometheus.io querying/api, Alertmanager's
 * api/v2/openapi.yaml], and what a Prometheus 2.42 and an Alertmanager 0.25 answered
 * (test/data/alerts). */
#ifndef BINNACLE_BACKENDS_ALERTS_ALERTS_H
#define BINNACLE_BACKENDS_ALERTS_ALERTS_H

#include "backends/http_source.h"
#include "backends/poll.h"

#define ALERTS_MOST 2000 /* rows; more are counted */

extern const struct kind kind_alert;

/* One alert, whichever of the two says it. All borrowed. */
struct alert {
    const struct json_node *labels, *annotations;
    const char *state;       /* "firing", "pending", "silenced", "inhibited", "unprocessed" */
    const char *fingerprint; /* NULL: a number made of its labels */
    const char *silence;     /* who silenced it, until when and why; NULL */
    const char *generator;   /* where its rule is; NULL */
    struct span receivers;   /* a list; empty: not said */
    int64_t since_ms;        /* TIME_NONE: not said */
};

/* Its row, with links to what its labels name. False: no memory. */
bool alert_put(struct row_writer *w, const struct alert *a);

/* A row of an alert that always fires and does so no more. False: no memory. */
bool alert_put_gone(struct row_writer *w, const char *name);
/* The name of the one of the answer that always fires, to show that alerts come through; NULL: none.
 */
const char *alerts_watchdog(const struct json_node *answer);

/* Rows of a whole answer: of Alertmanager's /api/v2/alerts with what /api/v2/silences says (NULL: it was
 * not asked), of Prometheus' /api/v1/alerts. *more: how many were left out. False and *err: it is no
 * such answer (ERR_PROTO), or no memory. */
bool alerts_of_alertmanager(const struct json_node *answer, const struct json_node *silences,
                            struct row_writer *w, size_t *more, struct err *err);
bool alerts_of_prometheus(const struct json_node *answer, struct row_writer *w, size_t *more,
                          struct err *err);
/* Whether any alert of Alertmanager's answer is silenced: its silences say by whom. */
bool alerts_silenced(const struct json_node *answer);

/* Reads their errors, as http_explain_fn. Prometheus: {"status":"error","error":"..."}; Alertmanager:
 * "...", or {"code":1,"message":"..."}. */
bool alerts_explain(int status, struct span body, struct err *err);

/* Of the backend of Prometheus: all that there are. */
void prometheus_discover(const struct store *st, struct discovery *d);
void alerts_discover(const struct store *st, struct discovery *d);
void alerts_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
