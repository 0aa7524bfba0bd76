/* Parts of the simulated cluster's objects, for what writes their status. */
#ifndef BINNACLE_HARBOR_JSON_PARTS_H
#define BINNACLE_HARBOR_JSON_PARTS_H

#include "base/timetext.h"
#include "harbor/defaults.h"
#include "harbor/objects.h"

#include <string.h>

static inline cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

/* The member that is an object, made where there is none. */
static inline cJSON *within(cJSON *object, const char *key)
{
    cJSON *found = member(object, key);
    return found ? found : cJSON_AddObjectToObject(object, key);
}

static inline int number_at(const cJSON *object, const char *key, int otherwise)
{
    const cJSON *n = member(object, key);
    return cJSON_IsNumber(n) ? n->valueint : otherwise;
}

static inline void set_item(cJSON *object, const char *key, cJSON *value)
{
    if (member(object, key))
        (void)cJSON_ReplaceItemInObjectCaseSensitive(object, key, value);
    else
        (void)cJSON_AddItemToObject(object, key, value);
}

static inline const char *label_of(const struct object *o, const char *key)
{
    return json_member(member(member(o->json, "metadata"), "labels"), key);
}

/* A pod of the databases' operator: "pxc", "haproxy", "pitr". */
static inline bool is_of_percona(const struct object *pod, const char *component)
{
    return pod && strcmp(label_of(pod, "app.kubernetes.io/name"), "percona-xtradb-cluster") == 0 &&
           strcmp(label_of(pod, "app.kubernetes.io/component"), component) == 0;
}

/* The platform's time, in whole seconds, as an API server writes it. */
static inline void set_now(const struct objects *o, cJSON *object, const char *key)
{
    char text[TIMETEXT_MAX];
    time_format(objects_now(o) / 1000 * 1000, text);
    json_set_text(object, key, text);
}

static inline int64_t time_at(const cJSON *object, const char *key)
{
    int64_t ms;
    return time_parse(span_from(json_member(object, key)), &ms) ? ms : 0;
}

static inline cJSON *condition_of(const cJSON *status, const char *type)
{
    cJSON *c;
    cJSON_ArrayForEach(c, member(status, "conditions"))
    {
        if (strcmp(json_member(c, "type"), type) == 0)
            return c;
    }
    return NULL;
}

/* It has a condition of this type, with this status: "True", "False", "Unknown". */
static inline bool condition_is(const cJSON *status, const char *type, const char *value)
{
    return strcmp(json_member(condition_of(status, type), "status"), value) == 0;
}

static inline struct object *object_named(const struct objects *o, const char *resource,
                                          const char *ns, const char *name)
{
    return objects_find(o, resource_named(span_from(resource)), span_from(ns), span_from(name));
}

/* A workload has a pod that is ready. */
static inline bool has_ready(const struct objects *o, const char *set, const char *ns,
                             const char *name)
{
    const struct object *w = object_named(o, set, ns, name);
    return w && number_at(member(w->json, "status"), "readyReplicas", 0) > 0;
}

static inline const cJSON *controller_of(const cJSON *object)
{
    const cJSON *r;
    cJSON_ArrayForEach(r, member(member(object, "metadata"), "ownerReferences"))
    {
        if (cJSON_IsTrue(member(r, "controller")))
            return r;
    }
    return NULL;
}

/* The next object of a resource in a namespace, from *at on. */
static inline struct object *next_in(const struct objects *o, const struct resource *r,
                                     const char *ns, size_t *at)
{
    if (*at == 0)
        *at = objects_from(o, r, span_from(ns), SPAN(""));
    if (*at >= objects_count(o))
        return NULL;
    struct object *found = objects_at(o, *at);
    if (found->resource != r || strcmp(found->ns, ns) != 0)
        return NULL;
    (*at)++;
    return found;
}

/* Takes json, a changed copy of the object; nothing happens when it is the same. */
static inline void put_changed(struct objects *o, const struct object *object, cJSON *json)
{
    if (cJSON_Compare(object->json, json, true))
        cJSON_Delete(json);
    else
        (void)objects_put(o, object->resource, json);
}

#endif
