/* What containers say: lines from data/logs.yaml by the container's name, one a
 * second, as long as one listens [API reference, read log of the specified Pod]. */
#include <config.h>

#include "base/alloc.h"
#include "base/timetext.h"
#include "harbor/answer.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MS    1000
#define LINES_KEPT 200 /* of a container that runs */

static const struct yaml_node *lines_of(const struct server *server, const char *container,
                                        bool previous)
{
    const struct yaml_node *all = server->logs ? yaml_root(server->logs, 0) : NULL;
    const struct yaml_node *of = yaml_get(all, container);
    const struct yaml_node *which =
        yaml_get(of ? of : yaml_get(all, "*"), previous ? "previous" : "lines");
    return which ? which : yaml_get(yaml_get(all, "*"), "lines");
}

static void write_line(const struct stream *s, const struct yaml_node *lines, size_t i,
                       int64_t when, struct strbuf *out)
{
    char stamp[TIMETEXT_MAX];
    const struct yaml_node *line = lines ? lines->first : NULL;
    time_format(when, stamp);
    for (size_t skip = lines && lines->count ? i % lines->count : 0; line && skip; skip--)
        line = line->next;
    if (s->timestamps)
        strbuf_addf(out, "%s ", stamp);
    if (line && span_starts(line->text, "{"))
        strbuf_addf(out, "{\"time\":\"%s\",%.*s\n", stamp,
                    SPAN_ARG(span_sub(line->text, 1, line->text.len)));
    else if (line)
        strbuf_addf(out, "%s %.*s\n", stamp, SPAN_ARG(line->text));
    else
        strbuf_addf(out, "%s INFO nothing to say\n", stamp);
}

static const cJSON *named_in(const cJSON *list, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (strcmp(json_member(item, "name"), name) == 0)
            return item;
    }
    return NULL;
}

/* The container that is meant, as a real server words its mistakes; NULL: answered. */
static char *container_of(struct stream *s, const struct route *r, const struct object *pod)
{
    const cJSON *spec = cJSON_GetObjectItemCaseSensitive(pod->json, "spec");
    const cJSON *all = cJSON_GetObjectItemCaseSensitive(spec, "containers");
    const cJSON *init = cJSON_GetObjectItemCaseSensitive(spec, "initContainers");
    char *asked = route_query(r, "container");
    if (!asked && cJSON_GetArraySize(all) == 1)
        return xalloc_text(json_member(cJSON_GetArrayItem(all, 0), "name"));
    if (asked && (named_in(all, asked) || named_in(init, asked)))
        return asked;
    if (asked)
        stream_status(s, 400, "BadRequest", NULL, "container %s is not valid for pod %s", asked,
                      pod->name);
    else
        stream_status(s, 400, "BadRequest", NULL, "a container name must be specified for pod %s",
                      pod->name);
    free(asked);
    return NULL;
}

/* Of the previous instance: false when there was none; it was answered. */
static bool has_previous(struct stream *s, const struct object *pod, const char *container)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(pod->json, "status");
    const cJSON *c =
        named_in(cJSON_GetObjectItemCaseSensitive(status, "containerStatuses"), container);
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(c, "restartCount");
    if (n && n->valuedouble > 0)
        return true;
    stream_status(s, 400, "BadRequest", NULL,
                  "previous terminated container \"%s\" in pod \"%s\" not found", container,
                  pod->name);
    return false;
}

static void send_log(struct server *server, struct stream *s, const struct route *r,
                     const char *container)
{
    struct strbuf text = STRBUF_INIT((size_t)16 << 20);
    bool previous = route_true(r, "previous"), goes_on = route_true(r, "follow") && !previous;
    const struct yaml_node *lines = lines_of(server, container, previous);
    size_t n = (size_t)route_number(r, "tailLines", LINES_KEPT);
    n = n < LINES_KEPT ? n : LINES_KEPT;
    for (size_t i = LINES_KEPT - n; i < LINES_KEPT; i++)
        write_line(s, lines, i, objects_now(server->objects) - (int64_t)(LINES_KEPT - i) * LINE_MS,
                   &text);
    s->lines = LINES_KEPT;
    if (goes_on) {
        s->follow = FOLLOW_LOG;
        s->next_ms = clock_mono_ms(server->clock) + LINE_MS;
        s->name = xalloc_text(container);
        stream_begin(s, 200, "text/plain");
        stream_write(s, strbuf_span(&text));
    } else {
        stream_answer(s, 200, "text/plain", strbuf_span(&text));
    }
    strbuf_clear(&text);
}

void answer_log(struct server *server, struct stream *s, const struct route *r)
{
    const struct object *pod = objects_find(server->objects, r->resource, r->ns, r->name);
    char *container = NULL;
    if (!pod || strcmp(r->resource->kind, "Pod") != 0)
        answer_not_found(s, r);
    else
        container = container_of(s, r, pod);
    s->timestamps = route_true(r, "timestamps");
    if (container && (!route_true(r, "previous") || has_previous(s, pod, container)))
        send_log(server, s, r, container);
    free(container);
}

void follow_log(struct server *server, struct stream *s)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    if (clock_mono_ms(server->clock) < s->next_ms)
        return;
    write_line(s, lines_of(server, s->name, false), s->lines++, objects_now(server->objects),
               &text);
    s->next_ms += LINE_MS;
    stream_write(s, strbuf_span(&text));
    strbuf_clear(&text);
}
