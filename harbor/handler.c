/* A request: its faults, who asks, what for. */
#include <config.h>

#include "base/alloc.h"
#include "base/timetext.h"
#include "harbor/answer.h"
#include "harbor/big.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define VIEWER_NAMESPACE "default" /* where the viewer may read */
#define REVIEWS          "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

void answer_no_page(struct stream *s)
{
    stream_answer(s, 404, "text/plain; charset=utf-8", SPAN("404 page not found\n"));
}

/* details of a Status: {"name":..,"group":..,"kind":..} [recorded/143, 144, 146]. */
static void details_of(const struct route *r, struct strbuf *out)
{
    strbuf_addc(out, '{');
    if (r->name.len)
        strbuf_addf(out, "\"name\":\"%.*s\",", SPAN_ARG(r->name));
    if (r->resource->group[0])
        strbuf_addf(out, "\"group\":\"%s\",", r->resource->group);
    strbuf_addf(out, "\"kind\":\"%s\"}", r->resource->plural);
}

void answer_not_found(struct stream *s, const struct route *r)
{
    struct strbuf details = STRBUF_INIT(4096);
    const char *group = r->resource->group;
    details_of(r, &details);
    stream_status(s, 404, "NotFound", strbuf_cstr(&details), "%s%s%s \"%.*s\" not found",
                  r->resource->plural, group[0] ? "." : "", group, SPAN_ARG(r->name));
    strbuf_clear(&details);
}

static const char *verb_of(const struct stream *s, const struct route *r)
{
    if (strcmp(s->method, "POST") == 0)
        return "create";
    if (strcmp(s->method, "PUT") == 0)
        return "update";
    if (strcmp(s->method, "PATCH") == 0)
        return "patch";
    if (strcmp(s->method, "DELETE") == 0)
        return "delete";
    if (r->name.len)
        return "get";
    return route_true(r, "watch") ? "watch" : "list";
}

/* As recorded/140 to 145. */
static void forbid(struct stream *s, const struct route *r, const char *user)
{
    struct strbuf details = STRBUF_INIT(4096), what = STRBUF_INIT(4096);
    const char *group = r->resource->group;
    details_of(r, &details);
    strbuf_addf(&what, "%s%s%s ", r->resource->plural, group[0] ? "." : "", group);
    if (r->name.len)
        strbuf_addf(&what, "\"%.*s\" ", SPAN_ARG(r->name));
    strbuf_addf(
        &what, "is forbidden: User \"%s\" cannot %s resource \"%s%s%.*s\" in API group \"%s\" ",
        user, verb_of(s, r), r->resource->plural, r->sub.len ? "/" : "", SPAN_ARG(r->sub), group);
    if (r->ns.len)
        strbuf_addf(&what, "in the namespace \"%.*s\"", SPAN_ARG(r->ns));
    else
        strbuf_adds(&what, "at the cluster scope");
    stream_status(s, 403, "Forbidden", strbuf_cstr(&details), "%s", strbuf_cstr(&what));
    strbuf_clear(&details);
    strbuf_clear(&what);
}

/* The viewer reads the namespaces' names, and all but secrets in one of them. */
static bool viewer_may(const char *verb, const char *plural, struct span ns)
{
    bool reads =
        strcmp(verb, "get") == 0 || strcmp(verb, "list") == 0 || strcmp(verb, "watch") == 0;
    if (strcmp(plural, "namespaces") == 0)
        return reads;
    return reads && span_is(ns, VIEWER_NAMESPACE) && strcmp(plural, "secrets") != 0;
}

/* Who asks, by the token; NULL: nobody that is known. */
static const char *user_of(const struct stream *s)
{
    struct span token = span_from(s->authorization);
    if (!s->authorization)
        return "system:anonymous";
    token = span_starts(token, "Bearer ") ? span_trim(span_sub(token, 7, token.len)) : token;
    if (span_is(token, TOKEN))
        return s->impersonate ? s->impersonate : "admin";
    return span_is(token, VIEWER_TOKEN) ? "real-viewer" : NULL;
}

static bool may(const char *user, const char *verb, const char *plural, struct span ns)
{
    if (strcmp(user, "admin") == 0)
        return true;
    return strcmp(user, "real-viewer") == 0 && viewer_may(verb, plural, ns);
}

/* application/json may be all, part or none of what is taken. */
static bool takes_json(const struct stream *s)
{
    struct span accept = span_from(s->accept);
    return !accept.len || span_search(accept, SPAN("json"), true) < accept.len ||
           span_search(accept, SPAN("*/*"), true) < accept.len;
}

/* [recorded/029] */
static const char endpoints_warning[] =
    "Warning: 299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 "
    "EndpointSlice\"\r\n";

static void answer_resource(struct server *server, struct stream *s, const struct route *r)
{
    bool reads = strcmp(s->method, "GET") == 0 || s->head_only;
    if (strcmp(r->resource->kind, "Endpoints") == 0)
        s->more = endpoints_warning;
    if (!takes_json(s))
        stream_status(s, 406, "NotAcceptable", "{}",
                      "406: Not Acceptable\n\nAvailable representations: application/json, "
                      "application/yaml, application/vnd.kubernetes.protobuf, "
                      "application/json;stream=watch, "
                      "application/vnd.kubernetes.protobuf;stream=watch");
    else if (span_is(r->sub, "proxy"))
        answer_proxy(server, s, r);
    else if (span_is(r->sub, "portforward"))
        answer_forward(server, s, r);
    else if (span_is(r->sub, "eviction") && strcmp(s->method, "POST") == 0)
        answer_eviction(server, s, r);
    else if (!reads)
        answer_write(server, s, r);
    else if (span_is(r->sub, "scale"))
        answer_scale(server, s, r);
    else if (span_is(r->sub, "log"))
        answer_log(server, s, r);
    else if (r->name.len && !r->sub.len && big_has(server->big, r->resource))
        big_answer_get(server, s, r);
    else if (r->name.len && (!r->sub.len || span_is(r->sub, "status")))
        answer_get(server, s, r);
    else if (r->sub.len)
        answer_no_page(s);
    else if (route_true(r, "watch"))
        answer_watch(server, s, r);
    else if (big_has(server->big, r->resource))
        big_answer_list(server, s, r);
    else
        answer_list(server, s, r);
}

/* Whether the one who asks may do what the review says [recorded/174, 175]. */
static void answer_review(struct stream *s, const char *user)
{
    cJSON *json = cJSON_ParseWithLength(strbuf_cstr(&s->in), s->in.len);
    const cJSON *what = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(json, "spec"), "resourceAttributes");
    bool allowed = may(user, json_member(what, "verb"), json_member(what, "resource"),
                       span_from(json_member(what, "namespace")));
    cJSON *status = json ? cJSON_AddObjectToObject(json, "status") : NULL;
    (void)cJSON_AddBoolToObject(status, "allowed", allowed);
    char *text = cJSON_PrintUnformatted(json);
    stream_answer(s, 201, "application/json", span_from(text ? text : "{}"));
    free(text);
    cJSON_Delete(json);
}

static void answer(struct server *server, struct stream *s)
{
    struct route r = route_of(s->target);
    const char *user = user_of(s);
    if (!user)
        stream_status(s, 401, "Unauthorized", NULL, "Unauthorized");
    else if (answer_discovery(server, s, &r))
        return;
    else if (strcmp(s->method, "POST") == 0 && span_is(r.path, REVIEWS))
        answer_review(s, user);
    else if (!r.resource)
        answer_no_page(s);
    else if (!may(user, verb_of(s, &r), r.resource->plural, r.ns))
        forbid(s, &r, user);
    else
        answer_resource(server, s, &r);
}

static const char page[] = "<!DOCTYPE html><html><head><title>Sign in</title></head>"
                           "<body><h1>502 Bad Gateway</h1></body></html>\n";

/* A fault in place of the answer, or of its bytes. True: there is no other answer. */
static bool suffer(struct server *server, struct stream *s, const struct fault *f)
{
    struct linger hard = {.l_onoff = 1};
    switch (f->type) {
    case FAULT_STATUS:
        stream_status(s, (int)f->number, NULL, NULL, "harbor was asked to answer with %d",
                      (int)f->number);
        return true;
    case FAULT_DELAY:
        s->follow = FOLLOW_LATE;
        s->next_ms = clock_mono_ms(server->clock) + f->number;
        return true;
    case FAULT_STALL:
        return true;
    case FAULT_RESET:
        (void)setsockopt(s->conn->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
        s->conn->dead = true;
        return true;
    case FAULT_CUT:
        s->cut = (size_t)f->number;
        return false;
    case FAULT_SLOW:
        s->conn->slow = (size_t)f->number;
        s->conn->slow_ms = clock_mono_ms(server->clock);
        s->conn->slow_sent = 0;
        return false;
    case FAULT_SILENCE:
        s->conn->silent = true;
        return true;
    case FAULT_HTML:
        stream_answer(s, 200, "text/html", span_from(page));
        return true;
    case FAULT_GARBAGE:
        stream_answer(s, 200, "application/json", SPAN("{\"kind\":\"PodList\",]]\x01\xff garbage"));
        return true;
    case FAULT_GOAWAY:
        s->conn->closing = true;
        return false;
    }
    return false;
}

void handle(struct server *server, struct stream *s)
{
    const struct fault *f = fault_take(&server->faults, s->method, span_from(s->target));
    bool reads = strcmp(s->method, "GET") == 0 || s->head_only;
    server->counts.requests++;
    server->counts.writes += !reads;
    asked_line(server->asked, "%s %s", s->method, s->target);
    if (!f || !suffer(server, s, f))
        answer(server, s);
}

void follow(struct server *server, struct stream *s)
{
    switch (s->follow) {
    case FOLLOW_NONE:
        return;
    case FOLLOW_WATCH:
        follow_watch(server, s);
        return;
    case FOLLOW_LOG:
        follow_log(server, s);
        return;
    case FOLLOW_LATE:
        if (clock_mono_ms(server->clock) < s->next_ms)
            return;
        s->follow = FOLLOW_NONE;
        answer(server, s);
        return;
    }
}

void server_follow(struct server *server)
{
    for (struct conn *c = server->conns; c; c = c->next)
        for (struct stream *s = c->streams; s && !c->dead; s = s->next)
            if (!s->ended)
                follow(server, s);
}

int64_t server_next(const struct server *server)
{
    int64_t next = TIME_FOREVER;
    for (const struct conn *c = server->conns; c; c = c->next) {
        if (c->slow && c->out.len)
            next = clock_mono_ms(server->clock) + 10;
        for (const struct stream *s = c->streams; s; s = s->next)
            if (!s->ended && s->follow != FOLLOW_NONE && s->next_ms < next)
                next = s->next_ms;
    }
    return next;
}
