/* The API server's proxy to services and pods: to servers on loopback that a test has
 * named, or to recorded answers; its errors as a real one words them [kube-streaming recordings].
 * https: in front of the name is taken, and TLS left out. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "harbor/answer.h"
#include "harbor/answers.h"
#include "harbor/collector.h"
#include "harbor/command.h"
#include "harbor/haproxy.h"
#include "harbor/head.h"
#include "harbor/kubelet.h"
#include "harbor/prometheus.h"
#include "harbor/relay.h"
#include "harbor/traefik.h"
#include "harbor/upstream.h"
#include "harbor/vault.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)4 << 20)

/* A proxied request taken apart. */
struct target {
    struct span name, port; /* of the service or pod; port "": not said */
    struct span id;         /* as asked, without the scheme: "vault:8200" */
    struct span rest;       /* path and query, from '/' on; "": none */
};

/* "https:vault:8200" [apimachinery pkg/util/net SplitSchemeNamePort] */
static struct target target_of(const struct stream *s, const struct route *r)
{
    const struct span whole = span_from(s->target);
    const size_t at = (size_t)(r->sub.data - whole.data) + r->sub.len;
    struct target t = {.id = r->name, .rest = span_sub(whole, at, whole.len)};
    const size_t first = span_find(t.id, ':', 0);
    if (first < t.id.len && span_find(t.id, ':', first + 1) < t.id.len)
        t.id = span_sub(t.id, first + 1, t.id.len);
    const size_t colon = span_find(t.id, ':', 0);
    t.name = span_sub(t.id, 0, colon);
    t.port = span_sub(t.id, colon + 1, t.id.len);
    return t;
}

/* ---- The answer of a server on loopback. */

static bool is_of_hop(struct span name)
{
    return span_eq_nocase(name, SPAN("connection")) || span_eq_nocase(name, SPAN("host")) ||
           span_eq_nocase(name, SPAN("content-length")) ||
           span_eq_nocase(name, SPAN("accept-encoding")) ||
           span_eq_nocase(name, SPAN("transfer-encoding")) || span_eq_nocase(name, SPAN("upgrade"));
}

static void send_request(struct relay *relay, const struct stream *s, const struct target *t)
{
    struct span lines = strbuf_span(&s->asked), line;
    strbuf_addf(&relay->out, "%s %.*s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
                s->method, SPAN_ARG(t->rest));
    while (span_split(&lines, '\n', &line))
        if (line.len && !is_of_hop(span_sub(line, 0, span_find(line, ':', 0))))
            strbuf_addf(&relay->out, "%.*s\r\n", SPAN_ARG(line));
    strbuf_addf(&relay->out, "Content-Length: %zu\r\n\r\n", s->in.len);
    strbuf_add(&relay->out, strbuf_span(&s->in));
}

static void add_chunks(struct span rest, struct strbuf *out)
{
    while (rest.len) {
        const size_t end = span_search(rest, SPAN("\r\n"), false);
        char size[17] = "";
        memcpy(size, rest.data, end < 16 ? end : 16);
        const size_t len = strtoul(size, NULL, 16);
        if (!len)
            return;
        strbuf_add(out, span_sub(rest, end + 2, len));
        rest = span_sub(rest, end + 2 + len + 2, rest.len);
    }
}

static void unreachable(struct stream *s, const char *what, int port)
{
    stream_status(s, 503, "ServiceUnavailable", NULL,
                  "error trying to reach service: dial tcp %s:%d: connect: connection refused",
                  what, port);
}

static void nothing_yet(struct relay *r)
{
    (void)r; /* all of it is read first */
}

static void answered(struct relay *r, int error)
{
    struct stream *s = r->owner;
    const struct span all = strbuf_span(&r->in);
    const size_t end = span_search(all, SPAN("\r\n\r\n"), false);
    const struct span head = span_sub(all, 0, end), body = span_sub(all, end + 4, all.len);
    struct strbuf whole = STRBUF_INIT((size_t)64 << 20), type = STRBUF_INIT(512);
    int64_t status;
    s->relay = NULL;
    relay_drop(r);
    if (error || !number_parse(span_sub(head, 9, 3), 100, 599, &status)) {
        unreachable(s, "127.0.0.1", 0);
        return;
    }
    if (head_value(head, "transfer-encoding").len)
        add_chunks(body, &whole);
    else
        strbuf_add(&whole, body);
    strbuf_add(&type, head_value(head, "content-type"));
    stream_answer(s, (int)status, type.len ? strbuf_cstr(&type) : NULL, strbuf_span(&whole));
    strbuf_clear(&whole);
    strbuf_clear(&type);
}

static void pass_on(struct server *server, struct stream *s, const struct target *t, int loopback)
{
    s->relay = relay_open(server, loopback, s);
    s->relay->bytes = nothing_yet;
    s->relay->ended = answered;
    send_request(s->relay, s, t);
}

/* ---- Who answers. */

static void say_canned(const struct server *server, struct stream *s, const char *plural,
                       struct span ns, const struct target *t)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct canned c;
    if (answers_find(server->answers, plural, ns, t->name, t->rest, strbuf_span(&s->asked), &c)) {
        command_times(server, c.body, &body);
        s->more = c.more;
        stream_answer(s, c.status, c.type, strbuf_span(&body));
        s->more = NULL;
    } else {
        stream_answer(s, 404, "text/plain; charset=utf-8", SPAN("404 page not found\n"));
    }
    strbuf_clear(&body);
}

static void say_vault(struct server *server, struct stream *s, const struct object *pod,
                      const struct target *t)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct canned c;
    const bool canned = answers_find(server->answers, "services", SPAN(VAULT_NS), SPAN(VAULT_NAME),
                                     t->rest, strbuf_span(&s->asked), &c);
    const int status = canned && c.said ? 0 : vault_answer(server, s, pod, t->rest, &body);
    if (status)
        stream_answer(s, status, "application/json", strbuf_span(&body));
    else if (canned)
        say_canned(server, s, "services", SPAN(VAULT_NS), t);
    else
        stream_answer(s, 404, "application/json", SPAN("{\"errors\":[\"no handler for route\"]}"));
    strbuf_clear(&body);
}

static void say_haproxy(const struct server *server, struct stream *s, const struct object *pod)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    haproxy_metrics(server, pod, &body);
    stream_answer(s, 200, "text/plain; version=0.0.4", strbuf_span(&body));
    strbuf_clear(&body);
}

/* /metrics alone; what a story says goes first. */
static void say_collector(const struct server *server, struct stream *s, const struct object *pod,
                          struct span ns, const struct target *t)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    struct canned c;
    const bool said = answers_find(server->answers, "services", ns, t->name, t->rest,
                                   strbuf_span(&s->asked), &c) &&
                      c.said;
    if (said || !span_is(t->rest, "/metrics")) {
        say_canned(server, s, "services", ns, t);
    } else {
        collector_metrics(server, pod, &body);
        stream_answer(s, 200, "text/plain; version=0.0.4", strbuf_span(&body));
    }
    strbuf_clear(&body);
}

static void say_traefik(struct server *server, struct stream *s, const struct object *pod, int port,
                        struct span rest)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    const char *type;
    int status = traefik_answer(server, pod, port, rest, &body, &type);
    stream_answer(s, status, type, strbuf_span(&body));
    strbuf_clear(&body);
}

static void say_prometheus(const struct server *server, struct stream *s, struct span rest)
{
    struct strbuf body = STRBUF_INIT(BODY_MAX);
    int status = prometheus_answer(server, rest, &body);
    stream_answer(s, status, status == 404 ? "text/plain; charset=utf-8" : "application/json",
                  strbuf_span(&body));
    strbuf_clear(&body);
}

static const char *ip_of(const struct object *pod)
{
    return json_member(cJSON_GetObjectItemCaseSensitive(pod->json, "status"), "podIP");
}

static const cJSON *state_of(const cJSON *status)
{
    return cJSON_GetObjectItemCaseSensitive(status, "state");
}

/* All of its containers; one whose kubelet has said nothing does. */
static bool runs(const struct object *pod)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(pod->json, "status"), *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(status, "containerStatuses"))
    {
        if (!cJSON_GetObjectItemCaseSensitive(state_of(one), "running"))
            return false;
    }
    return true;
}

static void proxy_service(struct server *server, struct stream *s, const struct route *r,
                          const struct target *t)
{
    const struct object *service = objects_find(server->objects, r->resource, r->ns, t->name);
    struct service_port port = service_port(service, t->port);
    int64_t number;
    int pod_port = 0, loopback = 0;
    const struct object *pod =
        port.found ? service_pod(server, service, port.name, &pod_port) : NULL;
    if (port.found)
        loopback = upstream_find(server, "services", r->ns, t->name, port.number);
    if (!loopback && pod)
        loopback = upstream_find(server, "pods", r->ns, span_from(pod->name), pod_port);
    if (loopback)
        pass_on(server, s, t, loopback);
    else if (!port.found && number_parse(t->port, 1, 65535, &number))
        stream_status(s, 503, "ServiceUnavailable", NULL,
                      "no service port %d found for service \"%.*s\"", (int)number,
                      SPAN_ARG(t->name));
    else if (!pod)
        stream_status(s, 503, "ServiceUnavailable", NULL,
                      "no endpoints available for service \"%.*s\"", SPAN_ARG(t->id));
    else if (server->vault && runs(pod) && span_is(r->ns, VAULT_NS) && span_is(t->name, VAULT_NAME))
        say_vault(server, s, pod, t);
    else if (collector_is(pod) && pod_port == COLLECTOR_PORT && runs(pod))
        say_collector(server, s, pod, r->ns, t);
    else if (answers_has(server->answers, "services", r->ns, t->name) && runs(pod))
        say_canned(server, s, "services", r->ns, t);
    else if (traefik_is(pod))
        say_traefik(server, s, pod, pod_port, t->rest);
    else if (prometheus_is(pod) && runs(pod))
        say_prometheus(server, s, t->rest);
    else
        unreachable(s, ip_of(pod), pod_port);
}

static void proxy_pod(struct server *server, struct stream *s, const struct route *r,
                      const struct target *t)
{
    const struct object *pod = objects_find(server->objects, r->resource, r->ns, t->name);
    int64_t port = 80;
    if (t->port.len && !number_parse(t->port, 1, 65535, &port)) {
        s->conn->dead = true; /* as the real one: its handler crashes */
        return;
    }
    const int loopback = upstream_find(server, "pods", r->ns, t->name, (int)port);
    if (!ip_of(pod)[0])
        stream_status(s, 400, "BadRequest", NULL, "address not allowed");
    else if (loopback)
        pass_on(server, s, t, loopback);
    else if (port == HAPROXY_PORT && haproxy_is(pod))
        say_haproxy(server, s, pod);
    else if (answers_has(server->answers, "pods", r->ns, t->name) && runs(pod))
        say_canned(server, s, "pods", r->ns, t);
    else if (server->vault && port == VAULT_PORT && vault_is_pod(pod) && runs(pod))
        say_vault(server, s, pod, t);
    else if (traefik_is(pod))
        say_traefik(server, s, pod, (int)port, t->rest);
    else
        unreachable(s, ip_of(pod), (int)port);
}

void answer_proxy(struct server *server, struct stream *s, const struct route *r)
{
    const struct target t = target_of(s, r);
    struct route plain = *r;
    plain.name = t.name;
    if (!objects_find(server->objects, r->resource, r->ns, t.name)) {
        answer_not_found(s, &plain);
    } else if (!span_starts(t.rest, "/")) {
        struct strbuf line = STRBUF_INIT(8192);
        strbuf_addf(&line, "Location: %.*s/\r\n", SPAN_ARG(r->path));
        s->more = strbuf_cstr(&line);
        stream_answer(s, 301, NULL, SPAN(""));
        s->more = NULL;
        strbuf_clear(&line);
    } else if (strcmp(r->resource->plural, "nodes") == 0) {
        kubelet_answer(server, s, r, t.rest);
    } else if (strcmp(r->resource->plural, "services") == 0) {
        proxy_service(server, s, r, &t);
    } else {
        proxy_pod(server, s, r, &t);
    }
}
