/* Which MinIOs a cluster has: the service of each tenant of its operator [minio-op
 * pkg/apis/minio.min.io/v2], and services of charts for MinIO alone. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/minio/minio.h"

#include <stdio.h>

#define TENANT     "v1.min.io/tenant"
#define TEXT_BYTES 1024

/* How a service is asked: "proxy-https" and a port; NULL: it is none of a MinIO. */
struct way {
    const char *proxy, *port;
};

/* Of a tenant NAME the operator makes minio, NAME-console and NAME-hl. */
static struct way way_of(const struct discovery_service *s)
{
    const struct span app = discovery_label(s->labels, "app.kubernetes.io/name"),
                      old = discovery_label(s->labels, "app");
    const bool aside = span_ends(s->name, "-hl") || span_ends(s->name, "-headless") ||
                       span_ends(s->name, "-svc") || span_ends(s->name, "-console");
    if (aside)
        return (struct way){NULL, NULL};
    if (discovery_label(s->labels, TENANT).len) {
        if (discovery_has_port(s, "https-minio"))
            return (struct way){"proxy-https", "https-minio"};
        if (discovery_has_port(s, "http-minio"))
            return (struct way){"proxy", "http-minio"};
        return (struct way){NULL, NULL};
    }
    if ((span_is(app, "minio") || span_is(old, "minio")) && discovery_has_port(s, "9000"))
        return (struct way){"proxy", "9000"};
    return (struct way){NULL, NULL};
}

/* The first of a name is called by it; others by namespace and name. */
static bool is_first(const struct store *st, const struct discovery_service *s)
{
    struct discovery_service other;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &other))
        if (way_of(&other).port && span_eq(other.name, s->name))
            return span_eq(other.ns, s->ns);
    return true;
}

/* The number of a port by its name: the one that stands before it in the list. */
static struct span number_of(const struct discovery_service *s, const char *name)
{
    struct span rest = s->ports, one, number = SPAN("");
    while (span_split(&rest, LIST_SEPARATOR, &one)) {
        if (span_is(one, name))
            break;
        number = one;
    }
    return number.len ? number : span_from(name);
}

static void add(const struct store *st, struct discovery *d, const struct discovery_service *s,
                struct way way)
{
    char name[TEXT_BYTES], reach[TEXT_BYTES], tenant[TEXT_BYTES];
    const struct span of = discovery_label(s->labels, TENANT);
    const bool first = is_first(st, s);
    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", first ? 0 : (int)s->ns.len, s->ns.data,
                   first ? "" : "/", SPAN_ARG(s->name));
    (void)snprintf(reach, sizeof(reach), "reach=%s:%.*s/%.*s:%.*s", way.proxy, SPAN_ARG(s->ns),
                   SPAN_ARG(s->name), SPAN_ARG(number_of(s, way.port)));
    (void)snprintf(tenant, sizeof(tenant), "tenant=%.*s/%.*s", SPAN_ARG(s->ns), SPAN_ARG(of));
    const char *const settings[] = {reach, of.len ? tenant : NULL, NULL};
    const struct found f = {.name = name, .unless = "token", .settings = settings};
    discovery_add(d, &f);
}

void minio_discover(const struct store *st, struct discovery *d)
{
    struct discovery_service s;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &s)) {
        const struct way way = way_of(&s);
        if (way.port)
            add(st, d, &s, way);
    }
}
