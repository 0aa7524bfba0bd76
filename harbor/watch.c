/* Watches [recorded/132 to 138]. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "base/timetext.h"
#include "harbor/answer.h"
#include "harbor/big.h"
#include "harbor/select.h"

#include <stdlib.h>
#include <string.h>

#define WATCH_S     1800
#define BOOKMARK_MS 10000 /* a real server: about a minute */

static const char *const type_names[] = {"ADDED", "MODIFIED", "DELETED"};

/* What a bookmark's object has beside its metadata [recorded/132, 134]. */
static const char *empty_of(const struct resource *r)
{
    if (strcmp(r->kind, "Pod") == 0)
        return ",\"spec\":{\"containers\":null},\"status\":{}";
    if (strcmp(r->kind, "Node") == 0)
        return ",\"spec\":{},\"status\":{\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":0}},"
               "\"nodeInfo\":{\"machineID\":\"\",\"systemUUID\":\"\",\"bootID\":\"\","
               "\"kernelVersion\":\"\",\"osImage\":\"\",\"containerRuntimeVersion\":\"\","
               "\"kubeletVersion\":\"\",\"kubeProxyVersion\":\"\",\"operatingSystem\":\"\","
               "\"architecture\":\"\"}}";
    return "";
}

static void send_bookmark(struct stream *s, bool initial)
{
    struct strbuf line = STRBUF_INIT(4096);
    const struct resource *r = s->resource;
    strbuf_adds(&line, "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"");
    if (s->metadata_only)
        strbuf_adds(&line, "PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1");
    else
        strbuf_addf(&line, "%s\",\"apiVersion\":\"%s%s%s", r->kind, r->group,
                    r->group[0] ? "/" : "", r->version);
    strbuf_addf(&line, "\",\"metadata\":{\"resourceVersion\":\"%llu\"",
                (unsigned long long)s->version);
    if (initial)
        strbuf_adds(&line, ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}");
    strbuf_addf(&line, "}%s}}\n", s->metadata_only ? "" : empty_of(r));
    stream_write(s, strbuf_span(&line));
    strbuf_clear(&line);
}

static void send_event(struct stream *s, enum event_type type, struct span object)
{
    struct strbuf line = STRBUF_INIT((size_t)16 << 20);
    strbuf_addf(&line, "{\"type\":\"%s\",\"object\":", type_names[type]);
    strbuf_add(&line, object);
    strbuf_adds(&line, "}\n");
    stream_write(s, strbuf_span(&line));
    strbuf_clear(&line);
}

/* Everything as it is, as events. */
static void send_all(struct server *server, struct stream *s)
{
    size_t i = objects_from(server->objects, s->resource, span_from(s->ns), SPAN(""));
    for (; i < objects_count(server->objects); i++) {
        struct object *o = objects_at(server->objects, i);
        struct strbuf text = STRBUF_INIT((size_t)16 << 20);
        if (o->resource != s->resource)
            break;
        if ((s->ns[0] && strcmp(s->ns, o->ns) != 0) || !select_labels(s->labels, o->json) ||
            !select_fields(s->fields, o->json))
            continue;
        if (s->metadata_only)
            object_print_metadata(o->json, &text);
        else
            object_print(o, false, &text);
        send_event(s, EVENT_ADDED, strbuf_span(&text));
        strbuf_clear(&text);
    }
}

/* Too old: an ERROR event in an answer of 200. */
static void send_expired(struct server *server, struct stream *s)
{
    struct strbuf line = STRBUF_INIT(4096);
    strbuf_addf(&line,
                "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\","
                "\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old resource version: "
                "%llu (%llu)\",\"reason\":\"Expired\",\"code\":410}}\n",
                (unsigned long long)s->version,
                (unsigned long long)objects_oldest(server->objects));
    stream_write(s, strbuf_span(&line));
    stream_end(s);
    strbuf_clear(&line);
}

static void refuse_initial(struct stream *s)
{
    stream_status(s, 422, "Invalid",
                  "{\"group\":\"meta.k8s.io\",\"kind\":\"ListOptions\",\"causes\":[{\"reason\":"
                  "\"FieldValueForbidden\",\"message\":\"Forbidden: sendInitialEvents requires "
                  "setting resourceVersionMatch to NotOlderThan\",\"field\":"
                  "\"resourceVersionMatch\"}]}",
                  "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
                  "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
}

static void start(struct server *server, struct stream *s, const struct route *r)
{
    int64_t now = clock_mono_ms(server->clock);
    s->resource = r->resource;
    s->ns = xalloc_bytes(r->ns.data, r->ns.len);
    s->labels = route_query(r, "labelSelector");
    s->fields = route_query(r, "fieldSelector");
    s->metadata_only = wants_metadata(s);
    s->bookmarks = route_true(r, "allowWatchBookmarks");
    s->end_ms = now + route_number(r, "timeoutSeconds", WATCH_S) * 1000;
    s->bookmark_ms = now + BOOKMARK_MS;
    s->follow = FOLLOW_WATCH;
    s->version = (uint64_t)route_number(r, "resourceVersion", 0);
}

void answer_watch(struct server *server, struct stream *s, const struct route *r)
{
    char *match = route_query(r, "resourceVersionMatch");
    bool initial = route_true(r, "sendInitialEvents");
    bool right = match && strcmp(match, "NotOlderThan") == 0;
    free(match);
    server->counts.watches++;
    if (initial && !right) {
        refuse_initial(s);
        return;
    }
    start(server, s, r);
    stream_begin(s, 200, "application/json");
    if (s->version == 0) {
        if (big_has(server->big, s->resource))
            big_send_all(server, s);
        else
            send_all(server, s);
        s->version = objects_version(server->objects);
        if (initial)
            send_bookmark(s, true);
    } else if (s->version < objects_oldest(server->objects)) {
        s->follow = FOLLOW_NONE;
        send_expired(server, s);
        return;
    }
    follow_watch(server, s);
}

static void send_metadata(struct stream *s, const struct event *e)
{
    struct strbuf text = STRBUF_INIT((size_t)16 << 20);
    cJSON *json = cJSON_Parse(e->text);
    object_print_metadata(json, &text);
    send_event(s, e->type, strbuf_span(&text));
    strbuf_clear(&text);
    cJSON_Delete(json);
}

static bool is_watched(const struct stream *s, const struct event *e)
{
    if (e->resource != s->resource || (s->ns[0] && strcmp(s->ns, e->ns) != 0))
        return false;
    if (!s->labels && !s->fields)
        return true;
    cJSON *json = cJSON_Parse(e->text);
    bool fits = select_labels(s->labels, json) && select_fields(s->fields, json);
    cJSON_Delete(json);
    return fits;
}

void follow_watch(struct server *server, struct stream *s)
{
    int64_t now = clock_mono_ms(server->clock);
    const struct objects *o = server->objects;
    for (size_t i = objects_event_after(o, s->version); i < objects_events(o); i++) {
        const struct event *e = objects_event(o, i);
        if (is_watched(s, e) && s->metadata_only)
            send_metadata(s, e);
        else if (is_watched(s, e))
            send_event(s, e->type, span_from(e->text));
    }
    if (s->version < objects_version(o) && server->big)
        big_follow(server, s);
    if (s->version < objects_version(o))
        s->version = objects_version(o);
    if (s->bookmarks && (now >= s->bookmark_ms || now >= s->end_ms)) {
        send_bookmark(s, false);
        s->bookmark_ms = now + BOOKMARK_MS;
    }
    s->next_ms = s->bookmark_ms < s->end_ms ? s->bookmark_ms : s->end_ms;
    if (now < s->end_ms)
        return;
    s->follow = FOLLOW_NONE;
    stream_end(s);
}
