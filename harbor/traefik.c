/* The platform's Traefik: its API and its figures, by the objects that there are. */
#include <config.h>

#include "harbor/traefik.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "harbor/command.h"
#include "harbor/json_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)
#define DAY_MS   INT64_C(86400000)
#define LOOK_MS  10000 /* whoever asks again has let pass as long, whatever a test's clock says */

/* Of one service: its counters so far; or what a story says of names that begin so. */
struct traefik_state {
    struct traefik_state *next;
    char *name; /* owned */
    bool story;
    double fine, failed; /* requests */
    int64_t counted_ms;  /* of objects_passed() */
    int64_t failing;     /* percent; -1: as usual */
    int64_t down;        /* servers */
    bool lost;
};

bool traefik_is(const struct object *pod)
{
    return pod && strcmp(json_member(member(member(pod->json, "metadata"), "labels"),
                                     "app.kubernetes.io/name"),
                         "traefik") == 0;
}

/* ---- States. */

static struct traefik_state *state_at(struct server *server, struct span name, bool story)
{
    struct traefik_state *s = server->traefik_states;
    while (s && !(s->story == story && span_is(name, s->name)))
        s = s->next;
    if (s)
        return s;
    s = xalloc_zero(1, sizeof(*s));
    *s = (struct traefik_state){.next = server->traefik_states,
                                .name = xalloc_bytes(name.data, name.len),
                                .story = story,
                                .failing = -1};
    server->traefik_states = s;
    return s;
}

static const struct traefik_state *told(const struct server *server, const char *name)
{
    const struct traefik_state *s = server->traefik_states;
    while (s && !(s->story && strncmp(name, s->name, strlen(s->name)) == 0))
        s = s->next;
    return s;
}

bool traefik_command(struct server *server, struct span rest, struct strbuf *answer,
                     struct err *err)
{
    struct span name = command_word(&rest), what = command_word(&rest);
    int64_t n = 0;
    bool number = number_parse(rest, 0, 100, &n);
    (void)answer;
    if (!name.len || !(span_is(what, "lost") || span_is(what, "well") ||
                       (number && (span_is(what, "failing") || span_is(what, "down")))))
        return err_set(err, ERR_CONFIG, "traefik wants NAME failing PERCENT, down N, lost or well");
    struct traefik_state *s = state_at(server, name, true);
    if (span_is(what, "failing"))
        s->failing = n;
    else if (span_is(what, "down"))
        s->down = n;
    s->lost = span_is(what, "lost");
    if (span_is(what, "well")) {
        s->failing = -1;
        s->down = 0;
    }
    return true;
}

void traefik_states_free(struct server *server)
{
    while (server->traefik_states) {
        struct traefik_state *s = server->traefik_states;
        server->traefik_states = s->next;
        free(s->name);
        free(s);
    }
}

/* ---- Its configuration, with what a story says. */

static cJSON *config_of(const struct server *server, const struct object *pod)
{
    cJSON *config = traefik_config(server, pod), *routers = member(config, "routers"), *service,
          *state, *router = routers->child;
    while (router) {
        const struct traefik_state *s = told(server, router->string);
        cJSON *next = router->next;
        if (s && s->lost)
            cJSON_Delete(cJSON_DetachItemViaPointer(routers, router));
        router = next;
    }
    cJSON_ArrayForEach(service, member(config, "services"))
    {
        const struct traefik_state *s = told(server, service->string);
        int64_t left = s ? s->down : 0;
        cJSON_ArrayForEach(state, member(service, "serverStatus"))
        {
            if (left-- > 0)
                (void)cJSON_SetValuestring(state, "DOWN");
        }
    }
    return config;
}

/* ---- Figures. */

static void begin_family(struct strbuf *out, const char *name, const char *type, const char *help)
{
    strbuf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* 0.4 to 20 requests a second, by the name. */
static double usual_rate(const char *name)
{
    unsigned sum = 7;
    for (const char *c = name; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
    return 0.4 + (double)(sum % 50) * 0.4;
}

static bool has_servers(const cJSON *service)
{
    return cJSON_GetArraySize(member(member(service, "loadBalancer"), "servers")) > 0;
}

/* Brings the counters of a service up to now. */
static const struct traefik_state *count(struct server *server, const cJSON *service)
{
    struct traefik_state *s = state_at(server, span_from(service->string), false);
    const struct traefik_state *story = told(server, service->string);
    int64_t now = objects_passed(server->objects);
    if (server->controlled && s->fine > 0 && now < s->counted_ms + LOOK_MS)
        now = s->counted_ms + LOOK_MS;
    double requests = (double)(now - s->counted_ms) / 1000 * usual_rate(s->name);
    double failing = !has_servers(service)          ? 1
                     : story && story->failing >= 0 ? (double)story->failing / 100
                                                    : 0.0002;
    if (s->counted_ms == 0 && s->fine == 0) /* it has been up for a while */
        s->fine = 1e5 * usual_rate(s->name);
    s->fine += requests * (1 - failing);
    s->failed += requests * failing;
    s->counted_ms = now;
    return s;
}

static void put_requests(struct strbuf *out, const char *what, const char *labels, double fine,
                         double failed)
{
    strbuf_addf(
        out,
        "traefik_%s_requests_total{code=\"200\",%s,method=\"GET\",protocol=\"http\"} %.0f\n"
        "traefik_%s_requests_total{code=\"503\",%s,method=\"GET\",protocol=\"http\"} %.0f\n",
        what, labels, fine, what, labels, failed);
}

/* Services that no router leads to, or one that is disabled, have no requests. */
static void put_services(struct server *server, const cJSON *config, struct strbuf *out,
                         double *fine, double *failed)
{
    const cJSON *service;
    char labels[1024];
    begin_family(out, "traefik_service_requests_total", "counter",
                 "How many HTTP requests processed on a service, partitioned by status code, "
                 "protocol, and method.");
    cJSON_ArrayForEach(service, member(config, "services"))
    {
        const cJSON *router = member(member(config, "routers"), service->string);
        if (!member(service, "loadBalancer") ||
            strcmp(json_member(router, "status"), "enabled") != 0)
            continue;
        const struct traefik_state *s = count(server, service);
        *fine += s->fine;
        *failed += s->failed;
        (void)snprintf(labels, sizeof(labels), "service=\"%s\"", service->string);
        put_requests(out, "service", labels, s->fine, s->failed);
    }
}

static void put_cert(const struct server *server, struct strbuf *out, const char *names, size_t len,
                     int64_t days, unsigned serial)
{
    int64_t begun = objects_now(server->objects) - objects_passed(server->objects);
    struct span all = span_make(names, len);
    strbuf_addf(out,
                "traefik_tls_certs_not_after{cn=\"%.*s\",sans=\"%.*s\",serial=\"%030u\"} %lld\n",
                SPAN_ARG(span_sub(all, 0, span_find(all, ',', 0))), SPAN_ARG(all), serial,
                (long long)((begun + days * DAY_MS) / 1000));
}

/* acme.json is gone where it is on no claim. */
static bool keeps_certs(const struct object *pod)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, member(member(pod->json, "spec"), "volumes"))
    {
        if (strcmp(json_member(v, "name"), "data") == 0)
            return cJSON_IsObject(member(v, "persistentVolumeClaim"));
    }
    return false;
}

static void put_acme(const struct server *server, struct strbuf *out)
{
    struct strbuf path = STRBUF_INIT(8192), text = STRBUF_INIT(TEXT_MAX);
    struct span rest, line;
    unsigned serial = 1;
    strbuf_addf(&path, "%s/traefik/certificates.txt", server->folder);
    if (file_read(strbuf_cstr(&path), &text, NULL))
        for (rest = strbuf_span(&text); rest.len && span_split(&rest, '\n', &line); serial++) {
            struct span days = command_word(&line);
            const struct traefik_state *s;
            char name[256];
            int64_t n = 0;
            (void)snprintf(name, sizeof(name), "%.*s",
                           SPAN_ARG(span_sub(line, 0, span_find(line, ',', 0))));
            s = told(server, name);
            if (number_parse(days, -3650, 3650, &n) && !(s && s->lost))
                put_cert(server, out, line.data, line.len, n, serial);
        }
    strbuf_clear(&path);
    strbuf_clear(&text);
}

/* Those of Secrets that routes name, for the hosts in their rules. */
static void put_secret(const struct server *server, const struct object *route, struct strbuf *out)
{
    const char *secret = json_member(member(member(route->json, "spec"), "tls"), "secretName");
    const struct resource *secrets = resource_named(SPAN("secrets"));
    struct strbuf names = STRBUF_INIT(8192);
    const cJSON *r;
    if (!secret[0] ||
        !objects_find(server->objects, secrets, span_from(route->ns), span_from(secret)))
        return;
    cJSON_ArrayForEach(r, member(member(route->json, "spec"), "routes"))
    {
        struct span rule = span_from(json_member(r, "match"));
        size_t at, end;
        while ((at = span_search(rule, SPAN("Host(`"), false)) < rule.len) {
            rule = span_sub(rule, at + 6, rule.len);
            end = span_find(rule, '`', 0);
            strbuf_adds(&names, names.len ? "," : "");
            strbuf_add(&names, span_sub(rule, 0, end));
        }
    }
    if (names.len)
        put_cert(server, out, names.data, names.len, 60,
                 1000 + (unsigned)(span_hash(span_from(secret)) % 100000));
    strbuf_clear(&names);
}

static void put_certs(const struct server *server, const struct object *pod, struct strbuf *out)
{
    const struct resource *routes = resource_named(SPAN("ingressroutes"));
    size_t i = objects_from(server->objects, routes, SPAN(""), SPAN(""));
    begin_family(out, "traefik_tls_certs_not_after", "gauge", "Certificate expiration timestamp");
    if (keeps_certs(pod))
        put_acme(server, out);
    else
        put_cert(server, out, "TRAEFIK DEFAULT CERT", strlen("TRAEFIK DEFAULT CERT"), 335, 999);
    for (; i < objects_count(server->objects); i++)
        if (objects_at(server->objects, i)->resource == routes)
            put_secret(server, objects_at(server->objects, i), out);
}

static void put_figures(struct server *server, const struct object *pod, struct strbuf *out)
{
    cJSON *config = config_of(server, pod);
    double fine = 0, failed = 0;
    begin_family(out, "traefik_config_last_reload_success", "gauge", "Last config reload success");
    strbuf_addf(
        out, "traefik_config_last_reload_success %lld\n",
        (long long)((objects_now(server->objects) - objects_passed(server->objects)) / 1000 -
                    1080));
    put_services(server, config, out, &fine, &failed);
    begin_family(out, "traefik_entrypoint_requests_total", "counter",
                 "How many HTTP requests processed on an entrypoint, partitioned by status code, "
                 "protocol, and method.");
    put_requests(out, "entrypoint", "entrypoint=\"websecure\"", fine, failed);
    put_requests(out, "entrypoint", "entrypoint=\"web\"", fine / 8, 0);
    begin_family(out, "traefik_open_connections", "gauge",
                 "How many open connections exist, by entryPoint and protocol");
    strbuf_adds(out, "traefik_open_connections{entrypoint=\"web\",protocol=\"TCP\"} 3\n"
                     "traefik_open_connections{entrypoint=\"websecure\",protocol=\"TCP\"} 148\n");
    put_certs(server, pod, out);
    cJSON_Delete(config);
}

/* ---- The API. */

static void put_entries(const struct object *pod, struct strbuf *out)
{
    static const char *const names[] = {"metrics", "traefik", "web", "websecure"};
    strbuf_addc(out, '[');
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        char argument[128];
        (void)snprintf(argument, sizeof(argument), "--entryPoints.%s.address=", names[i]);
        strbuf_addf(out, "%s{\"address\":\"%s\",\"http\":{", i ? "," : "",
                    traefik_said(pod, argument));
        if (strcmp(names[i], "web") == 0)
            strbuf_addf(out,
                        "\"redirections\":{\"entryPoint\":{\"to\":\"%s\",\"scheme\":\"https\","
                        "\"permanent\":true}}",
                        traefik_said(pod, "--entryPoints.web.http.redirections.entryPoint.to="));
        else if (strcmp(names[i], "websecure") == 0)
            strbuf_addf(out, "\"tls\":{\"certResolver\":\"%s\"}",
                        traefik_said(pod, "--entryPoints.websecure.http.tls.certResolver="));
        strbuf_addf(out, "},\"name\":\"%s\"}", names[i]);
    }
    strbuf_adds(out, "]\n");
}

static void put_version(const struct object *pod, struct strbuf *out)
{
    const cJSON *container = cJSON_GetArrayItem(member(member(pod->json, "spec"), "containers"), 0);
    const char *tag = strrchr(json_member(container, "image"), ':');
    strbuf_addf(out, "{\"Version\":\"%s\",\"Codename\":\"ramequin\",\"startDate\":\"%s\"}\n",
                tag ? tag + (tag[1] == 'v' ? 2 : 1) : "",
                json_member(member(pod->json, "metadata"), "creationTimestamp"));
}

int traefik_answer(struct server *server, const struct object *pod, int port, struct span target,
                   struct strbuf *out, const char **type)
{
    struct span path = span_sub(target, 0, span_find(target, '?', 0));
    const struct traefik_state *said = told(server, "api");
    bool api = port == TRAEFIK_API_PORT && !(said && said->lost);
    *type = "application/json";
    if (port == TRAEFIK_METRICS_PORT && span_is(path, "/metrics")) {
        *type = "text/plain; version=0.0.4; charset=utf-8";
        put_figures(server, pod, out);
    } else if (api && span_is(path, "/api/rawdata")) {
        cJSON *config = config_of(server, pod);
        char *text = cJSON_PrintUnformatted(config);
        strbuf_adds(out, text ? text : "");
        free(text);
        cJSON_Delete(config);
    } else if (api && span_is(path, "/api/version")) {
        put_version(pod, out);
    } else if (api && span_is(path, "/api/entrypoints")) {
        put_entries(pod, out);
    } else {
        *type = "text/plain; charset=utf-8";
        strbuf_adds(out, "404 page not found\n");
        return 404;
    }
    return 200;
}
