/* Creating, replacing, patching and deleting objects [recorded/147 to 166]. */
#include <config.h>

#include "harbor/answer.h"
#include "harbor/deeds.h"
#include "harbor/defaults.h"
#include "harbor/merge.h"
#include "harbor/remove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void send_object(struct stream *s, int status, struct object *o)
{
    struct strbuf body = STRBUF_INIT((size_t)16 << 20);
    object_print(o, false, &body);
    strbuf_addc(&body, '\n');
    stream_answer(s, status, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
}

/* A name that stands twice in one object; NULL: none does. */
static const char *named_twice(const cJSON *json)
{
    const char *twice = NULL;
    const cJSON *c, *other;
    cJSON_ArrayForEach(c, json)
    {
        for (other = c->next; c->string && other && !twice; other = other->next)
            twice = strcmp(other->string, c->string) == 0 ? c->string : NULL;
        twice = twice ? twice : named_twice(c);
        if (twice)
            return twice;
    }
    return NULL;
}

/* The body as an object; NULL: it was answered. What an API server only warns of, and takes the last,
 * is refused here as where fieldValidation is Strict: nobody means to send it. */
static cJSON *read_body(struct stream *s, const struct route *r)
{
    cJSON *json = cJSON_ParseWithLength(strbuf_cstr(&s->in), s->in.len);
    const char *twice = named_twice(json);
    if (cJSON_IsObject(json) && !twice)
        return json;
    if (twice)
        stream_status(s, 400, "BadRequest", NULL, "strict decoding error: duplicate field \"%s\"",
                      twice);
    cJSON_Delete(json);
    if (twice)
        return NULL;
    stream_status(s, 400, "BadRequest", NULL,
                  "the object provided is unrecognized (must be of type %s): couldn't get "
                  "version/kind; json parse error: unexpected end of JSON input (%s)",
                  r->resource->kind, strbuf_cstr(&s->in));
    return NULL;
}

static void refuse_method(struct stream *s)
{
    stream_status(s, 405, "MethodNotAllowed", "{}",
                  "the server does not allow this method on the requested resource");
}

/* metadata.name from metadata.generateName, as the server makes it. */
static void make_name(struct server *server, cJSON *metadata)
{
    char name[300];
    const char *prefix = json_member(metadata, "generateName");
    if (json_member(metadata, "name")[0] || !prefix[0])
        return;
    (void)snprintf(name, sizeof(name), "%.250s%05llx", prefix,
                   (unsigned long long)(objects_version(server->objects) * 2654435761u & 0xfffff));
    json_set_text(metadata, "name", name);
}

static void refuse_second(struct stream *s, const struct route *r, const char *name)
{
    struct strbuf details = STRBUF_INIT(4096);
    const char *group = r->resource->group;
    strbuf_addf(&details, "{\"name\":\"%s\",", name);
    if (group[0])
        strbuf_addf(&details, "\"group\":\"%s\",", group);
    strbuf_addf(&details, "\"kind\":\"%s\"}", r->resource->plural);
    stream_status(s, 409, "AlreadyExists", strbuf_cstr(&details), "%s%s%s \"%s\" already exists",
                  r->resource->plural, group[0] ? "." : "", group, name);
    strbuf_clear(&details);
}

/* There is no such namespace to make it in: it was answered. */
static bool refuse_homeless(struct server *server, struct stream *s, const struct route *r)
{
    const struct resource *namespaces = resource_find(SPAN(""), SPAN("v1"), SPAN("namespaces"));
    struct strbuf details = STRBUF_INIT(4096);
    if (!r->resource->namespaced || objects_find(server->objects, namespaces, SPAN(""), r->ns))
        return false;
    strbuf_addf(&details, "{\"name\":\"%.*s\",\"kind\":\"namespaces\"}", SPAN_ARG(r->ns));
    stream_status(s, 404, "NotFound", strbuf_cstr(&details), "namespaces \"%.*s\" not found",
                  SPAN_ARG(r->ns));
    strbuf_clear(&details);
    return true;
}

/* What would have come of it. Takes json. */
static void send_dry(struct stream *s, int status, cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    stream_answer(s, status, "application/json", span_from(text ? text : "{}"));
    free(text);
    cJSON_Delete(json);
}

/* Wants another spec than before: counted, and its controller follows. */
static void count_generation(const cJSON *old, cJSON *json)
{
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(old, "spec");
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(json, "spec");
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    cJSON *n = cJSON_GetObjectItemCaseSensitive(metadata, "generation");
    if (n && cJSON_IsNumber(n) && !cJSON_Compare(before, after, true))
        cJSON_SetNumberValue(n, n->valuedouble + 1);
}

static int generation_of(const cJSON *json)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(json, "metadata"), "generation");
    return cJSON_IsNumber(n) ? n->valueint : 0;
}

/* Keeps what came of a change, and sends it. Takes json. */
static void keep(struct server *server, struct stream *s, const struct route *r,
                 const struct object *old, cJSON *json)
{
    int before = generation_of(old->json);
    count_generation(old->json, json);
    objects_note_spec(server->objects, old->json, json);
    if (route_dry(r)) {
        send_dry(s, 200, json);
        return;
    }
    struct object *o = objects_put(server->objects, r->resource, json);
    if (!o) {
        stream_status(s, 400, "BadRequest", NULL, "the object has no name");
        return;
    }
    if (remove_is_due(o->json)) { /* its last finalizer was taken off [recorded/162] */
        send_object(s, 200, o);
        (void)remove_object(server->objects, o, "");
        return;
    }
    o->asked = o->asked || generation_of(o->json) > before;
    rounds_wake(&server->rounds, clock_mono_ms(server->clock));
    if (span_is(r->sub, "scale"))
        answer_scale(server, s, r); /* of the object, not the object [recorded/167] */
    else
        send_object(s, 200, o);
}

static void create(struct server *server, struct stream *s, const struct route *r)
{
    char ns[300];
    cJSON *json = read_body(s, r);
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    if (!json)
        return;
    if (!cJSON_IsObject(metadata))
        metadata = cJSON_AddObjectToObject(json, "metadata");
    (void)snprintf(ns, sizeof(ns), "%.*s", SPAN_ARG(r->ns));
    if (r->resource->namespaced)
        json_set_text(metadata, "namespace", ns);
    make_name(server, metadata);
    const char *name = json_member(metadata, "name");
    if (objects_find(server->objects, r->resource, r->ns, span_from(name))) {
        refuse_second(s, r, name);
        cJSON_Delete(json);
        return;
    }
    if (refuse_homeless(server, s, r)) {
        cJSON_Delete(json);
        return;
    }
    if (route_dry(r) && name[0]) {
        send_dry(s, 201, json);
        return;
    }
    struct object *o = objects_put(server->objects, r->resource, json);
    rounds_wake(&server->rounds, clock_mono_ms(server->clock));
    if (o)
        send_object(s, 201, o);
    else
        stream_status(s, 422, "Invalid", NULL,
                      "%s \"\" is invalid: metadata.name: Required value: "
                      "name or generateName is required",
                      r->resource->kind);
}

/* Made of a version that is no longer the present one: it was answered. */
static bool conflicts(struct stream *s, const struct route *r, const struct object *o,
                      const cJSON *json)
{
    const char *made_of =
        json_member(cJSON_GetObjectItemCaseSensitive(json, "metadata"), "resourceVersion");
    const char *now =
        json_member(cJSON_GetObjectItemCaseSensitive(o->json, "metadata"), "resourceVersion");
    const char *group = r->resource->group;
    struct strbuf details = STRBUF_INIT(4096);
    if (!made_of[0] || strcmp(made_of, now) == 0)
        return false;
    strbuf_addf(&details, "{\"name\":\"%s\",", o->name);
    if (group[0])
        strbuf_addf(&details, "\"group\":\"%s\",", group);
    strbuf_addf(&details, "\"kind\":\"%s\"}", r->resource->plural);
    stream_status(s, 409, "Conflict", strbuf_cstr(&details),
                  "Operation cannot be fulfilled on %s%s%s \"%s\": the object has been modified; "
                  "please apply your changes to the latest version and try again",
                  r->resource->plural, group[0] ? "." : "", group, o->name);
    strbuf_clear(&details);
    return true;
}

/* Merge patches, and strategic ones of what is typed. */
static void patch(struct server *server, struct stream *s, const struct route *r, struct object *o)
{
    struct span type = span_from(s->content_type);
    bool merge = span_starts(type, "application/merge-patch+json");
    bool strategic = span_starts(type, "application/strategic-merge-patch+json");
    if (!merge && (!strategic || r->resource->custom)) {
        stream_status(s, 415, "UnsupportedMediaType", NULL,
                      "the body of the request was in an unknown format - accepted media types "
                      "include: application/json-patch+json, application/merge-patch+json, "
                      "application/apply-patch+yaml");
        return;
    }
    cJSON *with = read_body(s, r);
    if (!with)
        return;
    if (conflicts(s, r, o, with)) {
        cJSON_Delete(with);
        return;
    }
    cJSON *json = cJSON_Duplicate(o->json, true);
    (strategic ? merge_strategic : merge_patch)(json, with);
    cJSON_Delete(with);
    keep(server, s, r, o, json);
}

static void replace(struct server *server, struct stream *s, const struct route *r,
                    const struct object *old)
{
    cJSON *json = read_body(s, r);
    if (json && conflicts(s, r, old, json))
        cJSON_Delete(json);
    else if (json)
        keep(server, s, r, old, json);
}

/* A pod that had a controller is made anew, as controllers do. True: it is gone. */
static bool remove_kept(struct server *server, const struct object *o, const cJSON *options)
{
    bool pod = strcmp(o->resource->kind, "Pod") == 0, gone = true;
    if (pod)
        rollout_replace(server->objects, span_from(o->ns), span_from(o->name));
    else
        gone = remove_object(server->objects, o, json_member(options, "propagationPolicy"));
    rounds_wake(&server->rounds, clock_mono_ms(server->clock));
    return gone;
}

/* Another than the one that was meant, or one that has changed since: it was answered. */
static bool is_another(struct stream *s, const struct route *r, const struct object *o,
                       const cJSON *options)
{
    static const char *const members[][2] = {{"uid", "UID"},
                                             {"resourceVersion", "ResourceVersion"}};
    const cJSON *wants = cJSON_GetObjectItemCaseSensitive(options, "preconditions"),
                *metadata = cJSON_GetObjectItemCaseSensitive(o->json, "metadata");
    bool another = false;
    for (size_t i = 0; i < BN_COUNT(members) && !another; i++) {
        const char *wanted = json_member(wants, members[i][0]);
        const char *has = json_member(metadata, members[i][0]);
        another = wanted[0] && strcmp(wanted, has) != 0;
        if (another)
            stream_status(s, 409, "Conflict", NULL,
                          "Operation cannot be fulfilled on %s \"%s\": Precondition failed: %s in "
                          "precondition: %s, %s in object meta: %s",
                          r->resource->plural, o->name, members[i][1], wanted, members[i][1], has);
    }
    return another;
}

static void destroy(struct server *server, struct stream *s, const struct route *r,
                    const struct object *o)
{
    struct strbuf body = STRBUF_INIT(4096);
    cJSON *options = cJSON_ParseWithLength(strbuf_cstr(&s->in), s->in.len);
    bool another = is_another(s, r, o, options), dry = route_dry(r);
    bool gone = another || dry || remove_kept(server, o, options);
    struct object *held = gone ? NULL : objects_find(server->objects, r->resource, r->ns, r->name);
    if (held)
        send_object(s, 200, held);
    else if (!another) {
        strbuf_addf(
            &body,
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Success\","
            "\"details\":{\"name\":\"%.*s\",\"kind\":\"%s\"}}\n",
            SPAN_ARG(r->name), r->resource->plural);
        stream_answer(s, 200, "application/json", strbuf_span(&body));
    }
    strbuf_clear(&body);
    cJSON_Delete(options);
}

void answer_write(struct server *server, struct stream *s, const struct route *r)
{
    struct object *o = objects_find(server->objects, r->resource, r->ns, r->name);
    bool post = strcmp(s->method, "POST") == 0, put = strcmp(s->method, "PUT") == 0;
    bool patches = strcmp(s->method, "PATCH") == 0, deletes = strcmp(s->method, "DELETE") == 0;
    if (post && !r->name.len)
        create(server, s, r);
    else if (!r->name.len || (!put && !patches && !deletes))
        refuse_method(s);
    else if (!o)
        answer_not_found(s, r);
    else if (put)
        replace(server, s, r, o);
    else if (patches)
        patch(server, s, r, o);
    else
        destroy(server, s, r, o);
}
