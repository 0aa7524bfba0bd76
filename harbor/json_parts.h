/* Parts of the simulated cluster's objects, for what writes their status. */
#ifndef BINNACLE_HARBOR_JSON_PARTS_H
#define BINNACLE_HARBOR_JSON_PARTS_H

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
