/* Deleting objects, and the garbage collector. */
#include <config.h>

#include "harbor/remove.h"

#include "base/alloc.h"
#include "base/timetext.h"
#include "harbor/deeds.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/settle.h"

#include <stdlib.h>
#include <string.h>

#define FOREGROUND "foregroundDeletion"

/* What is gone, as its dependents name it. */
struct gone {
    char *ns, *name;
    const struct resource *resource;
};

static bool has_finalizers(const cJSON *json)
{
    return cJSON_GetArraySize(member(member(json, "metadata"), "finalizers")) > 0;
}

static bool is_marked(const cJSON *json)
{
    return json_member(member(json, "metadata"), "deletionTimestamp")[0];
}

bool remove_is_due(const cJSON *json)
{
    return is_marked(json) && !has_finalizers(json);
}

/* Its reference to what is gone; NULL: none. */
static cJSON *reference_to(const struct object *x, const struct gone *g)
{
    cJSON *r;
    if (g->ns[0] && strcmp(x->ns, g->ns) != 0)
        return NULL;
    cJSON_ArrayForEach(r, member(member(x->json, "metadata"), "ownerReferences"))
    {
        if (strcmp(json_member(r, "kind"), g->resource->kind) == 0 &&
            strcmp(json_member(r, "name"), g->name) == 0)
            return r;
    }
    return NULL;
}

static const struct object *next_dependent(const struct objects *o, const struct gone *g)
{
    for (size_t i = 0; i < objects_count(o); i++) {
        const struct object *x = objects_at(o, i);
        bool within = strcmp(g->resource->kind, "Namespace") == 0 && strcmp(x->ns, g->name) == 0;
        if ((within || reference_to(x, g)) && !is_marked(x->json))
            return x;
    }
    return NULL;
}

static void let_go(struct objects *o, const struct object *x, const struct gone *g)
{
    cJSON *json = cJSON_Duplicate(x->json, true), *metadata = within(json, "metadata");
    cJSON *list = member(metadata, "ownerReferences"), *r = list->child;
    while (r && (strcmp(json_member(r, "kind"), g->resource->kind) != 0 ||
                 strcmp(json_member(r, "name"), g->name) != 0))
        r = r->next;
    cJSON_Delete(cJSON_DetachItemViaPointer(list, r));
    if (!list->child)
        cJSON_DeleteItemFromObjectCaseSensitive(metadata, "ownerReferences");
    (void)objects_put(o, x->resource, json);
}

static void mark(struct objects *o, const struct object *x, bool foreground)
{
    char now[TIMETEXT_MAX];
    cJSON *json = cJSON_Duplicate(x->json, true), *metadata = within(json, "metadata");
    time_format(objects_now(o) / 1000 * 1000, now);
    json_set_text(metadata, "deletionTimestamp", now);
    set_item(metadata, "deletionGracePeriodSeconds", cJSON_CreateNumber(0));
    if (foreground && !member(metadata, "finalizers"))
        (void)cJSON_AddArrayToObject(metadata, "finalizers");
    if (foreground)
        (void)cJSON_AddItemToArray(member(metadata, "finalizers"), cJSON_CreateString(FOREGROUND));
    (void)objects_put(o, x->resource, json);
}

/* It and nothing else. */
static void erase(struct objects *o, const struct object *x)
{
    cJSON *was = cJSON_Duplicate(x->json, true);
    const struct resource *r = x->resource;
    char *ns = xalloc_text(x->ns), *name = xalloc_text(x->name);
    (void)objects_delete(o, r, span_from(ns), span_from(name));
    if (strcmp(r->kind, "Pod") == 0)
        settle_pod(o, was);
    cJSON_Delete(was);
    free(ns);
    free(name);
}

static void follow(struct objects *o, const struct gone *g, bool orphan)
{
    const struct object *x;
    while ((x = next_dependent(o, g))) {
        bool others =
            cJSON_GetArraySize(member(member(x->json, "metadata"), "ownerReferences")) > 1;
        if (orphan || others)
            let_go(o, x, g);
        else
            (void)remove_object(o, x, "");
    }
}

bool remove_object(struct objects *o, const struct object *x, const char *policy)
{
    struct gone g = {xalloc_text(x->ns), xalloc_text(x->name), x->resource};
    bool foreground = strcmp(policy, "Foreground") == 0 && next_dependent(o, &g);
    bool held = has_finalizers(x->json) || foreground;
    if (held && !is_marked(x->json))
        mark(o, x, foreground);
    if (!held) {
        erase(o, x);
        follow(o, &g, strcmp(policy, "Orphan") == 0);
    }
    free(g.ns);
    free(g.name);
    return !held;
}

/* What it owns has been told to go: the finalizer comes off. */
static void go_on(struct objects *o, const struct object *x)
{
    struct gone g = {xalloc_text(x->ns), xalloc_text(x->name), x->resource};
    const struct resource *r = x->resource;
    follow(o, &g, false);
    x = objects_find(o, r, span_from(g.ns), span_from(g.name));
    cJSON *json = x ? cJSON_Duplicate(x->json, true) : NULL;
    cJSON *list = member(member(json, "metadata"), "finalizers"), *f = list ? list->child : NULL;
    while (f && strcmp(f->valuestring, FOREGROUND) != 0)
        f = f->next;
    if (f)
        cJSON_Delete(cJSON_DetachItemViaPointer(list, f));
    const struct object *kept = json ? objects_put(o, r, json) : NULL;
    if (kept && remove_is_due(kept->json))
        erase(o, kept);
    free(g.ns);
    free(g.name);
}

static bool waits(const cJSON *json)
{
    const cJSON *f;
    cJSON_ArrayForEach(f, member(member(json, "metadata"), "finalizers"))
    {
        if (cJSON_IsString(f) && strcmp(f->valuestring, FOREGROUND) == 0)
            return is_marked(json);
    }
    return false;
}

void remove_turn(struct objects *o)
{
    for (size_t i = 0; i < objects_count(o); i++)
        if (waits(objects_at(o, i)->json))
            go_on(o, objects_at(o, i));
}
