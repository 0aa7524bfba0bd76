/* Figures of one or several Traefiks: counters become rates, each pod's by themselves, so that one
 * that begins anew makes no dent and no leap [Traefik pkg/observability/metrics/prometheus.go]. */
#ifndef BINNACLE_BACKENDS_TRAEFIK_FIGURES_H
#define BINNACLE_BACKENDS_TRAEFIK_FIGURES_H

#include "base/clock.h"
#include "base/span.h"

struct figures;

enum figure_group { FIGURE_ENTRYPOINT, FIGURE_ROUTER, FIGURE_SERVICE, FIGURE_GROUPS };

#define FIGURE_SERIES_MAX 8192 /* names that are kept; more are left out */
#define FIGURE_CERTS_MAX  2000

struct figures *figures_new(void) BN_MUST_USE;
void figures_free(struct figures *f); /* NULL is allowed */

/* A look at all pods: begin, take each pod's answer, end. What no pod names any more is forgotten at
 * the end. mono_ms: when the pod's answer came. False: the text is no figures of a Traefik. */
void figures_begin(struct figures *f);
bool figures_take(struct figures *f, struct span pod, struct span body,
                  int64_t mono_ms) BN_MUST_USE;
void figures_end(struct figures *f);

/* Requests a second of all pods together, and how many of them are answered with 5xx. False: not
 * known: nobody has named it, or only once. */
bool figures_rate(const struct figures *f, enum figure_group group, struct span name, double *rate,
                  double *errors);
/* Requests a second that are answered with 431: headers are too big. 0: none, or not known. */
double figures_too_big(const struct figures *f, enum figure_group group, struct span name);
/* The names of a group: *at = 0 starts; false at the end. Each once, in no order; borrowed. */
bool figures_next(const struct figures *f, enum figure_group group, size_t *at, struct span *name);
/* Connections that are open at an entry point; empty name: at all. -1: it does not say. */
int64_t figures_open(const struct figures *f, struct span entrypoint);
/* Servers of a service by its health checks; false: it has none. */
bool figures_servers(const struct figures *f, struct span service, int64_t *up, int64_t *all);
/* Wall time of the last configuration that was taken; TIME_NONE: it does not say. Of several pods
 * the earliest. */
int64_t figures_reloaded(const struct figures *f);

struct figure_cert {
    char *name, *names, *serial; /* owned; names: all it is for, separated by commas */
    int64_t ends_ms;
};

size_t figures_certs(const struct figures *f);
const struct figure_cert *figures_cert(const struct figures *f, size_t i);
/* Whether a name, "*.example.org" among them, is the host's [RFC 6125 6.4]. */
bool figure_cert_fits(const struct figure_cert *c, struct span host);

#endif
