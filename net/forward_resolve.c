/* Which pod stands behind a service now. */
#include <config.h>

#include "base/alloc.h"
#include "net/forward.h"
#include "net/kube.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX ((size_t)8 << 20)

/* What is looked for, and where it is. */
struct search {
    const char *ns, *service;
    int port;                /* of the service */
    struct strbuf port_name; /* of that port in the service and its slices; may be "" */
    int pod_port;
    struct strbuf pod; /* "": none found */
    size_t unready;
};

static bool get(struct http *http, const struct strbuf *path, const struct stream_wait *wait,
                struct strbuf *body, struct err *err)
{
    strbuf_truncate(body, 0);
    return http_get(http, strbuf_cstr(path), stream_wait_deadline(wait), wait->cancel_fd, body,
                    err) &&
           (json_valid(strbuf_span(body), err) ||
            err_wrap(err, "%s: GET %.100s", http_origin(http), strbuf_cstr(path)));
}

static void take_text(struct json_value v, struct strbuf *out)
{
    struct strbuf scratch = STRBUF_INIT(4096);

    strbuf_truncate(out, 0);
    strbuf_add(out, json_as_text(v, &scratch));
    strbuf_clear(&scratch);
}

/* The name of the service's port. */
static bool read_service(struct search *s, struct json_value service, struct err *err)
{
    struct strbuf others = STRBUF_INIT(200);
    struct json_value port;
    struct json_iter it;
    bool found = false;

    for (json_iter_init(&it, json_path(service, "spec.ports")); json_next(&it, NULL, &port);) {
        int64_t n = 0;
        if (!json_as_int(json_get(port, "port"), &n))
            continue;
        strbuf_addf(&others, "%s%d", others.len > 0 ? ", " : "", (int)n);
        if (n == s->port && !found)
            take_text(json_get(port, "name"), &s->port_name);
        found = found || n == s->port;
    }
    if (!found)
        (void)err_set(err, ERR_NOTFOUND, "service %s/%s has no port %d: it has %s", s->ns,
                      s->service, s->port, others.len > 0 ? strbuf_cstr(&others) : "none");
    strbuf_clear(&others);
    return found;
}

static int port_of_slice(const struct search *s, struct json_value slice)
{
    struct json_value port;
    struct json_iter it;
    int64_t n = 0;

    for (json_iter_init(&it, json_get(slice, "ports")); json_next(&it, NULL, &port);) {
        const struct json_value name = json_get(port, "name");
        const bool same = s->port_name.len > 0 ? json_is(name, strbuf_cstr(&s->port_name))
                                               : name.type != JSON_STRING || name.text.len == 0;
        if (same && json_as_int(json_get(port, "port"), &n) && n > 0 && n <= 65535)
            return (int)n;
    }
    return 0;
}

/* An absent `ready` means yes [discovery/v1 EndpointConditions]. */
static void read_slice(struct search *s, struct json_value slice)
{
    const int port = port_of_slice(s, slice);
    struct json_value endpoint;
    struct json_iter it;

    for (json_iter_init(&it, json_get(slice, "endpoints")); json_next(&it, NULL, &endpoint);) {
        const bool ready = json_path(endpoint, "conditions.ready").type != JSON_FALSE;
        s->unready += !ready;
        if (!ready || port == 0 || s->pod.len > 0 ||
            !json_is(json_path(endpoint, "targetRef.kind"), "Pod"))
            continue;
        take_text(json_path(endpoint, "targetRef.name"), &s->pod);
        s->pod_port = port;
    }
}

static bool search(struct search *s, struct http *http, const struct stream_wait *wait,
                   struct err *err)
{
    static const struct kube_resource services = {"", "v1", "services"};
    static const struct kube_resource slices = {"discovery.k8s.io", "v1", "endpointslices"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX), body = STRBUF_INIT(ANSWER_MAX);
    struct strbuf selector = STRBUF_INIT(1024);
    struct json_value slice;
    struct json_iter it;
    bool ok;

    kube_path(&path, &services, s->ns, s->service, NULL);
    ok = get(http, &path, wait, &body, err) && read_service(s, json_value(strbuf_span(&body)), err);
    if (ok) {
        strbuf_truncate(&path, 0);
        kube_path(&path, &slices, s->ns, NULL, NULL);
        strbuf_addf(&selector, "kubernetes.io/service-name=%s", s->service);
        kube_query(&path, "labelSelector", strbuf_cstr(&selector));
        ok = get(http, &path, wait, &body, err);
    }
    if (ok) {
        json_iter_init(&it, json_get(json_value(strbuf_span(&body)), "items"));
        while (json_next(&it, NULL, &slice))
            read_slice(s, slice);
        if (s->pod.len == 0)
            ok = err_set(err, ERR_IO,
                         "service %s/%s has no ready pod for its port %d (%zu not ready)", s->ns,
                         s->service, s->port, s->unready);
    }
    strbuf_clear(&path);
    strbuf_clear(&body);
    strbuf_clear(&selector);
    return ok;
}

bool forward_resolve(struct http *http, const char *ns, const char *service, int port,
                     const struct stream_wait *wait, char **pod, int *pod_port, struct err *err)
{
    struct search s = {.ns = ns,
                       .service = service,
                       .port = port,
                       .port_name = STRBUF_INIT(256),
                       .pod = STRBUF_INIT(256)};
    const bool ok = search(&s, http, wait, err);

    if (ok) {
        *pod = strbuf_take(&s.pod);
        *pod_port = s.pod_port;
    }
    strbuf_clear(&s.port_name);
    strbuf_clear(&s.pod);
    return ok;
}
