/* Servers that tests have named, and pods behind services. */
#include <config.h>

#include "harbor/upstream.h"

#include "base/alloc.h"
#include "base/number.h"
#include "harbor/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct upstream {
    struct upstream *next;
    char *key; /* owned; "pods/NS/NAME:PORT" */
    int port;  /* on loopback */
};

static char *key_of(struct span plural, struct span ns, struct span name, int port)
{
    struct strbuf key = STRBUF_INIT(1024);
    strbuf_addf(&key, "%.*s/%.*s/%.*s:%d", SPAN_ARG(plural), SPAN_ARG(ns), SPAN_ARG(name), port);
    return strbuf_take(&key);
}

static struct upstream **find(const struct server *server, const char *key)
{
    struct upstream **at = (struct upstream **)(uintptr_t)&server->upstreams;
    while (*at && strcmp((*at)->key, key) != 0)
        at = &(*at)->next;
    return at;
}

bool upstream_command(struct server *server, struct span rest, struct strbuf *answer,
                      struct err *err)
{
    struct span plural = command_word(&rest), ns = command_word(&rest), name = command_word(&rest);
    int64_t port, loopback;
    (void)answer;
    if (!(span_is(plural, "pods") || span_is(plural, "services")) ||
        !number_parse(command_word(&rest), 1, 65535, &port) ||
        !number_parse(rest, 0, 65535, &loopback))
        return err_set(err, ERR_CONFIG,
                       "upstream wants pods or services, NAMESPACE NAME PORT LOOPBACK");
    char *key = key_of(plural, ns, name, (int)port);
    struct upstream **at = find(server, key), *u = *at;
    if (!u) {
        u = *at = xalloc_zero(1, sizeof(*u));
        u->key = key;
        key = NULL;
    }
    u->port = (int)loopback;
    free(key);
    return true;
}

int upstream_find(const struct server *server, const char *plural, struct span ns, struct span name,
                  int port)
{
    char *key = key_of(span_from(plural), ns, name, port);
    const struct upstream *u = *find(server, key);
    free(key);
    return u ? u->port : 0;
}

void upstreams_free(struct server *server)
{
    while (server->upstreams) {
        struct upstream *u = server->upstreams;
        server->upstreams = u->next;
        free(u->key);
        free(u);
    }
}

/* ---- Services. */

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static int number_of(const cJSON *object, const char *key)
{
    const cJSON *n = member(object, key);
    return n ? n->valueint : 0;
}

struct service_port service_port(const struct object *service, struct span port)
{
    const cJSON *ports = member(member(service->json, "spec"), "ports"), *p;
    const bool only = port.len == 0 && cJSON_GetArraySize(ports) == 1;
    struct service_port out = {.any = cJSON_GetArraySize(ports) > 0};
    int64_t number = 0;
    if (!number_parse(port, 1, 65535, &number))
        number = 0;
    cJSON_ArrayForEach(p, ports)
    {
        const char *name = json_member(p, "name");
        if (out.found || !(only || (number && number_of(p, "port") == number) ||
                           (port.len && span_is(port, name))))
            continue;
        out.found = true;
        out.number = number_of(p, "port");
        (void)snprintf(out.name, sizeof(out.name), "%s", name);
    }
    return out;
}

static int port_of(const cJSON *slice, const char *name)
{
    const cJSON *p;
    cJSON_ArrayForEach(p, member(slice, "ports"))
    {
        if (strcmp(json_member(p, "name"), name) == 0)
            return number_of(p, "port");
    }
    return 0;
}

static const struct object *pod_of(const struct server *server, const struct object *slice)
{
    const cJSON *e;
    cJSON_ArrayForEach(e, member(slice->json, "endpoints"))
    {
        const cJSON *target = member(e, "targetRef");
        if (cJSON_IsFalse(member(member(e, "conditions"), "ready")))
            continue;
        const struct object *pod =
            objects_find(server->objects, resource_named(SPAN("pods")), span_from(slice->ns),
                         span_from(json_member(target, "name")));
        if (pod)
            return pod;
    }
    return NULL;
}

const struct object *service_pod(const struct server *server, const struct object *service,
                                 const char *port_name, int *pod_port)
{
    const struct resource *slices = resource_named(SPAN("endpointslices"));
    size_t i = objects_from(server->objects, slices, span_from(service->ns), SPAN(""));
    for (; i < objects_count(server->objects); i++) {
        const struct object *o = objects_at(server->objects, i);
        const cJSON *labels = member(member(o->json, "metadata"), "labels");
        if (o->resource != slices || strcmp(o->ns, service->ns) != 0)
            return NULL;
        if (strcmp(json_member(labels, "kubernetes.io/service-name"), service->name) != 0)
            continue;
        const struct object *pod = pod_of(server, o);
        *pod_port = port_of(o->json, port_name);
        if (pod && *pod_port)
            return pod;
    }
    return NULL;
}
