/* Which Alertmanagers and Prometheuses a cluster has, by the labels and ports of their services: of the
 * Prometheus operator [Documentation/api.md, operated services], kube-prometheus-stack and the
 * community's charts. An Alertmanager has what all its Prometheuses send it, and knows what is silenced:
 * a Prometheus is asked for alerts only where there is none. */
#include <config.h>

#include "backends/alerts/alerts.h"
#include "backends/discovery.h"

#include <stdio.h>

#define TEXT_BYTES 1024

struct sort {
    const char *name; /* of the label */
    const char *operated;
    const char *ports[5]; /* by number or name; NULL ends */
};

static const struct sort alertmanager = {
    "alertmanager", "operated-alertmanager", {"9093", "http-web", "web", "http", NULL}};
static const struct sort prometheus = {
    "prometheus", "operated-prometheus", {"9090", "http-web", "web", "http", NULL}};

static const char *port_of(const struct discovery_service *s, const struct sort *sort)
{
    const char *const *port = sort->ports;
    while (*port && !discovery_has_port(s, *port))
        port++;
    return *port;
}

/* The chart of Prometheus labels what stands beside its server with its name too. */
static bool is(const struct discovery_service *s, const struct sort *sort)
{
    const struct span name = discovery_label(s->labels, "app.kubernetes.io/name"),
                      component = discovery_label(s->labels, "app.kubernetes.io/component"),
                      app = discovery_label(s->labels, "app");
    const bool named =
        span_is(name, sort->name) &&
        (!component.len || span_is(component, "server") || span_is(component, sort->name));
    return (named || span_ends(app, sort->name) ||
            span_is(discovery_label(s->labels, sort->operated), "true")) &&
           port_of(s, sort);
}

/* The operator has one without an address beside each of the charts'. */
static bool is_second(const struct discovery_service *s)
{
    return span_ends(s->name, "-operated") || span_ends(s->name, "-headless");
}

/* Another of the namespace speaks for it. */
static bool is_spoken_for(const struct store *st, const struct discovery_service *s,
                          const struct sort *sort)
{
    struct discovery_service other;
    uint32_t at = 0;
    while (is_second(s) && discovery_next_service(st, &at, &other))
        if (span_eq(other.ns, s->ns) && is(&other, sort) && !is_second(&other))
            return true;
    return false;
}

/* How many there are. prefix: of their sources' names. */
static size_t add_all(const struct store *st, struct discovery *d, const struct sort *sort,
                      const char *prefix)
{
    struct discovery_service s;
    uint32_t at = 0;
    size_t n = 0;
    while (discovery_next_service(st, &at, &s)) {
        char name[TEXT_BYTES], reach[TEXT_BYTES];
        if (!is(&s, sort) || is_spoken_for(st, &s, sort))
            continue;
        (void)snprintf(name, sizeof(name), "%s%.*s/%.*s", prefix, SPAN_ARG(s.ns), SPAN_ARG(s.name));
        (void)snprintf(reach, sizeof(reach), "reach=proxy:%.*s/%.*s:%s", SPAN_ARG(s.ns),
                       SPAN_ARG(s.name), port_of(&s, sort));
        const char *const found[] = {reach, NULL};
        discovery_add(d, &(struct found){.name = name, .settings = found});
        n++;
    }
    return n;
}

void alerts_discover(const struct store *st, struct discovery *d)
{
    if (!add_all(st, d, &alertmanager, ""))
        (void)add_all(st, d, &prometheus, "");
}

/* The same may be a source of alerts, with another's name. */
void prometheus_discover(const struct store *st, struct discovery *d)
{
    (void)add_all(st, d, &prometheus, "prometheus/");
}
