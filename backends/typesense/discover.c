/* Which Typesenses a cluster has: by the image of a workload, since charts and operators name and
 * label as they like; port 8108 [typesense.org docs api-port]. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/kubernetes/selector.h"
#include "backends/typesense/typesense.h"

#include <stdio.h>
#include <string.h>

#define PORT       "8108"
#define KEY        "TYPESENSE_API_KEY=" /* of a container's environment */
#define TEXT_BYTES 2048

struct found_workload {
    struct span ns, name, type;
    struct span selector; /* of its pods */
    struct span env;      /* variables from Secrets, a LIST */
    int64_t pods;
};

/* "typesense" of "docker.io/typesense/typesense:28.0@sha256:..." */
static bool is_image(struct span image)
{
    const size_t slash = span_find_last(image, '/');
    if (slash < image.len)
        image = span_sub(image, slash + 1, image.len);
    image.len = span_find(image, '@', 0);
    image.len = span_find(image, ':', 0);
    return span_is(image, "typesense");
}

static bool runs_typesense(struct span images)
{
    struct span one;
    while (span_split(&images, LIST_SEPARATOR, &one))
        if (is_image(one))
            return true;
    return false;
}

static bool next_workload(const struct store *st, uint32_t *at, struct found_workload *out)
{
    const int kind = store_kind_find(st, SPAN("workload"));
    struct handle row;
    while (kind >= 0 && store_next(st, (uint16_t)kind, at, &row)) {
        const int desired = kind_column(store_kind(st, row.kind), SPAN("desired"));
        if (store_row_source(st, row) != 0 || !runs_typesense(discovery_text(st, row, "images")))
            continue;
        *out = (struct found_workload){.ns = discovery_text(st, row, "namespace"),
                                       .name = discovery_text(st, row, "name"),
                                       .type = discovery_text(st, row, "type"),
                                       .selector = discovery_text(st, row, "selector"),
                                       .env = discovery_text(st, row, "env-secrets"),
                                       .pods = store_num(st, row, (size_t)desired, 0)};
        if (out->pods > 0)
            return true;
    }
    return false;
}

/* The first of a name is called by it; others by namespace and name. */
static bool is_first(const struct store *st, const struct found_workload *w)
{
    struct found_workload other;
    uint32_t at = 0;
    while (next_workload(st, &at, &other))
        if (span_eq(other.name, w->name))
            return span_eq(other.ns, w->ns) && span_eq(other.type, w->type);
    return true;
}

/* Every pair of the service's selector stands in the workload's. */
static bool selects(struct span selector, struct span labels)
{
    return selector.len && selector_matches(selector, labels);
}

static bool find_service(const struct store *st, const struct found_workload *w,
                         struct discovery_service *s)
{
    uint32_t at = 0;
    while (discovery_next_service(st, &at, s))
        if (span_eq(s->ns, w->ns) && discovery_has_port(s, PORT) &&
            selects(s->selector, w->selector))
            return true;
    return false;
}

/* Pods with names that are known are asked each, ready or not; others by their service. False:
 * there is no way that is known. */
static bool find_way(const struct store *st, const struct found_workload *w, char reach[TEXT_BYTES],
                     char nodes[TEXT_BYTES])
{
    struct discovery_service s;
    const struct discovery_set set = {.ns = w->ns, .name = w->name, .pods = w->pods};
    nodes[0] = '\0';
    if (span_is(w->type, "StatefulSet")) {
        (void)snprintf(reach, TEXT_BYTES, "reach=proxy-pod:%.*s/*:" PORT, SPAN_ARG(w->ns));
        discovery_set_pods(&set, "nodes=", nodes, TEXT_BYTES);
        return true;
    }
    if (!find_service(st, w, &s))
        return false;
    (void)snprintf(reach, TEXT_BYTES, "reach=proxy:%.*s/%.*s:" PORT, SPAN_ARG(s.ns),
                   SPAN_ARG(s.name));
    return true;
}

/* "typesense/api-key" of "TYPESENSE_API_KEY=typesense/api-key" */
static struct span key_of(const struct found_workload *w)
{
    struct span rest = w->env, one;
    while (span_split(&rest, LIST_SEPARATOR, &one))
        if (span_starts(one, KEY))
            return span_sub(one, strlen(KEY), one.len);
    return SPAN("");
}

static void add(const struct store *st, struct discovery *d, const struct found_workload *w)
{
    char name[TEXT_BYTES], reach[TEXT_BYTES], nodes[TEXT_BYTES], key[TEXT_BYTES],
        missing[2 * TEXT_BYTES];
    const struct span secret = key_of(w);
    const bool first = is_first(st, w);
    const char *settings[4];
    size_t n = 0;
    if (!find_way(st, w, reach, nodes))
        return;
    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", first ? 0 : (int)w->ns.len, w->ns.data,
                   first ? "" : "/", SPAN_ARG(w->name));
    (void)snprintf(key, sizeof(key), "api_key=secret:%.*s/%.*s", SPAN_ARG(w->ns), SPAN_ARG(secret));
    (void)snprintf(missing, sizeof(missing),
                   "an API key, since none of its containers takes TYPESENSE_API_KEY from a "
                   "Secret: name it in the configuration (sources: name %s, api_key)",
                   name);
    settings[n++] = reach;
    if (nodes[0])
        settings[n++] = nodes;
    if (secret.len)
        settings[n++] = key;
    settings[n] = NULL;
    const struct found f = {.name = name,
                            .missing = secret.len ? NULL : missing,
                            .unless = "api_key",
                            .settings = settings};
    discovery_add(d, &f);
}

void typesense_discover(const struct store *st, struct discovery *d)
{
    struct found_workload w;
    uint32_t at = 0;
    while (next_workload(st, &at, &w))
        add(st, d, &w);
}
