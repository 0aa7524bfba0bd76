/* Which Traefiks a cluster has: services of its Helm chart [traefik-helm-chart
 * templates/service.yaml], and the pods behind them, whose figures are read one by one. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/traefik/traefik.h"

#include <stdio.h>
#include <string.h>

#define TEXT_BYTES   1024
#define API_PORT     "traefik" /* the entry point that has the API, as the chart names it */
#define POD_PORT     "8080"    /* where it listens in the pod, unless values say another */
#define METRICS_PORT "9100"
#define PODS_MOST    16

static bool is_traefik(const struct discovery_service *s)
{
    return span_is(discovery_label(s->labels, "app.kubernetes.io/name"), "traefik") &&
           span_is(discovery_label(s->selector, "app.kubernetes.io/name"), "traefik") &&
           (discovery_has_port(s, "websecure") || discovery_has_port(s, "web") ||
            discovery_has_port(s, API_PORT));
}

/* The first of a name is called by it; others by namespace and name. */
static bool is_first(const struct store *st, const struct discovery_service *s)
{
    struct discovery_service other;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &other))
        if (is_traefik(&other) && span_eq(other.name, s->name))
            return span_eq(other.ns, s->ns);
    return true;
}

/* A pod is a line; several slices may have the same. */
static void add_pods(const struct store *st, struct handle slice, struct strbuf *out)
{
    struct link l;
    size_t at = 0;
    while (store_link_next(st, slice, &at, &l)) {
        struct span pod = span_sub(l.key, span_find(l.key, '/', 0) + 1, l.key.len), one,
                    rest = strbuf_span(out);
        bool there = l.type != LINK_POD || !pod.len;
        size_t n = 0;
        while (rest.len && span_split(&rest, '\n', &one)) {
            there = there || span_eq(one, pod);
            n++;
        }
        if (there || n == PODS_MOST)
            continue;
        strbuf_adds(out, n ? "\n" : "");
        strbuf_add(out, pod);
    }
}

static void find_pods(const struct store *st, const struct discovery_service *s, struct strbuf *out)
{
    int slices = store_kind_find(st, SPAN("endpointslice"));
    struct handle from;
    enum link_type type;
    uint32_t at = 0;
    while (store_used_by_next(st, s->row, &at, &from, &type))
        if (type == LINK_SERVICE && slices >= 0 && from.kind == slices)
            add_pods(st, from, out);
}

static void add(const struct store *st, struct discovery *d, const struct discovery_service *s)
{
    char name[TEXT_BYTES], reach[TEXT_BYTES], metrics[TEXT_BYTES];
    struct strbuf pods = STRBUF_INIT(65536);
    bool first = is_first(st, s), port = discovery_has_port(s, API_PORT);
    find_pods(st, s, &pods);
    struct span rest = strbuf_span(&pods), pod = {"", 0};
    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", first ? 0 : (int)s->ns.len, s->ns.data,
                   first ? "" : "/", SPAN_ARG(s->name));
    if (port)
        (void)snprintf(reach, sizeof(reach), "reach=proxy:%.*s/%.*s:" API_PORT, SPAN_ARG(s->ns),
                       SPAN_ARG(s->name));
    else if (rest.len && span_split(&rest, '\n', &pod))
        (void)snprintf(reach, sizeof(reach), "reach=proxy-pod:%.*s/%.*s:" POD_PORT, SPAN_ARG(s->ns),
                       SPAN_ARG(pod));
    (void)snprintf(metrics, sizeof(metrics), "metrics=proxy-pod:%.*s/*:" METRICS_PORT,
                   SPAN_ARG(s->ns));
    const char *const settings[] = {reach, metrics, NULL};
    const struct found f = {.name = name, .settings = settings, .targets = strbuf_cstr(&pods)};
    if (port || pod.len)
        discovery_add(d, &f);
    strbuf_clear(&pods);
}

void traefik_discover(const struct store *st, struct discovery *d)
{
    struct discovery_service s;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &s))
        if (is_traefik(&s))
            add(st, d, &s);
}
