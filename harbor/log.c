/* What containers say: lines from data/logs.yaml by the container's name, one a
 * second, as long as one listens [API reference, read log of the specified Pod]. */
#include <config.h>

#include "base/alloc.h"
#include "base/timetext.h"
#include "harbor/answer.h"
#include "harbor/said.h"

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

/* ---- What is known that a pod says, in place of what is made up. */

struct said {
    struct said *next;
    char *ns, *pod;
    struct strbuf text; /* lines with their stamps */
};

static struct said *said_by(const struct server *server, struct span ns, struct span pod)
{
    struct said *s = server->said;
    while (s && !(span_is(ns, s->ns) && span_is(pod, s->pod)))
        s = s->next;
    return s;
}

void said_add(struct server *server, struct span ns, struct span pod, struct span line)
{
    struct said *s = said_by(server, ns, pod);
    if (!s) {
        s = xalloc_zero(1, sizeof(*s));
        s->ns = xalloc_bytes(ns.data, ns.len);
        s->pod = xalloc_bytes(pod.data, pod.len);
        s->text = (struct strbuf)STRBUF_INIT((size_t)16 << 20);
        s->next = server->said;
        server->said = s;
    }
    if (!line.len)
        return;
    strbuf_add(&s->text, line);
    strbuf_addc(&s->text, '\n');
}

bool said_command(struct server *server, struct span rest, BN_UNUSED struct strbuf *answer,
                  struct err *err)
{
    struct span ns, pod;
    if (!span_split(&rest, ' ', &ns) || !span_split(&rest, ' ', &pod) || !rest.len)
        return err_set(err, ERR_CONFIG, "said wants NAMESPACE POD STAMP TEXT");
    said_add(server, ns, pod, rest);
    return true;
}

void said_free(struct server *server)
{
    while (server->said) {
        struct said *s = server->said;
        server->said = s->next;
        free(s->ns);
        free(s->pod);
        strbuf_clear(&s->text);
        free(s);
    }
}

/* Each line is compared by itself. */
static void write_said(const struct stream *s, const struct said *said, int64_t since,
                       struct strbuf *out)
{
    struct span rest = strbuf_span(&said->text), line, text, stamp;
    int64_t when;
    while (span_split(&rest, '\n', &line) && rest.data) {
        text = line;
        if (span_split(&text, ' ', &stamp) && time_parse(stamp, &when) && when >= since)
            strbuf_addf(out, "%.*s\n", SPAN_ARG(s->timestamps ? line : text));
    }
}

/* A line for each second, the last n; what a second's line is stays so. */
static void write_seconds(const struct stream *s, const struct yaml_node *lines, size_t n,
                          int64_t since, int64_t now, struct strbuf *out)
{
    int64_t last = now / LINE_MS, first = last - (int64_t)n + 1;
    int64_t from = since == TIME_NONE ? first : since / LINE_MS;
    for (int64_t i = from > first ? from : first; i <= last; i++)
        write_line(s, lines, (size_t)i, i * LINE_MS, out);
}

/* Since when it is wanted; TIME_NONE: from its beginning. The real one cuts fractions too. */
static int64_t since_of(const struct route *r)
{
    char *text = route_query(r, "sinceTime");
    int64_t ms = TIME_NONE;
    if (text && time_parse(span_from(text), &ms))
        ms -= ms % 1000;
    free(text);
    return ms;
}

static int64_t began(const struct object *pod)
{
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(pod->json, "status");
    int64_t ms;
    return time_parse(span_from(json_member(status, "startTime")), &ms) ? ms : TIME_NONE;
}

static void send_log(struct server *server, struct stream *s, const struct route *r,
                     const struct object *pod, const char *container)
{
    struct strbuf text = STRBUF_INIT((size_t)16 << 20);
    bool previous = route_true(r, "previous"), goes_on = route_true(r, "follow") && !previous;
    const struct yaml_node *lines = lines_of(server, container, previous);
    const struct said *said = said_by(server, span_from(pod->ns), span_from(pod->name));
    int64_t since = since_of(r), start = began(pod);
    size_t n = (size_t)route_number(r, "tailLines", LINES_KEPT);
    size_t most = (size_t)route_number(r, "limitBytes", INT64_C(16) << 20);
    if (said)
        write_said(s, said, since, &text);
    else
        write_seconds(s, lines, n < LINES_KEPT ? n : LINES_KEPT, since > start ? since : start,
                      objects_now(server->objects), &text);
    strbuf_truncate(&text, most < text.len ? most : text.len);
    s->lines = (size_t)(objects_now(server->objects) / LINE_MS) + 1;
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
        send_log(server, s, r, pod, container);
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
