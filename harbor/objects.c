/* The objects of the simulated cluster. */
#include <config.h>

#include "harbor/objects.h"

#include "base/alloc.h"
#include "base/timetext.h"
#include "base/yaml.h"
#include "harbor/defaults.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_VERSION 1000 /* of an empty history */

struct objects {
    struct object *list; /* owned; sorted */
    size_t count, cap;
    struct event *events; /* owned; in order */
    size_t nevents, events_cap;
    uint64_t version, oldest;
    int64_t epoch_ms, started_ms;
    const struct clock *clock; /* borrowed */
    unsigned swallow;
    uint64_t deleted; /* how many were: another of the same name has another uid */
};

const char *json_member(const cJSON *json, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(json, key);
    return cJSON_IsString(v) ? v->valuestring : "";
}

struct objects *objects_new(const struct clock *clock, int64_t epoch_ms)
{
    struct objects *o = xalloc_zero(1, sizeof(*o));
    o->clock = clock;
    o->epoch_ms = epoch_ms;
    o->started_ms = clock_mono_ms(o->clock);
    o->version = o->oldest = FIRST_VERSION;
    return o;
}

static void event_done(struct event *e)
{
    free(e->ns);
    free(e->name);
    free(e->text);
}

static void object_done(struct object *o)
{
    free(o->ns);
    free(o->name);
    free(o->text);
    cJSON_Delete(o->json);
}

void objects_free(struct objects *o)
{
    for (size_t i = 0; i < o->count; i++)
        object_done(&o->list[i]);
    for (size_t i = 0; i < o->nevents; i++)
        event_done(&o->events[i]);
    free(o->list);
    free(o->events);
    free(o);
}

int64_t objects_passed(const struct objects *o)
{
    return clock_mono_ms(o->clock) - o->started_ms;
}

int64_t objects_now(const struct objects *o)
{
    return o->epoch_ms + objects_passed(o);
}

uint64_t objects_version(const struct objects *o)
{
    return o->version;
}

uint64_t objects_oldest(const struct objects *o)
{
    return o->oldest;
}

void objects_compact(struct objects *o)
{
    for (size_t i = 0; i < o->nevents; i++)
        event_done(&o->events[i]);
    o->nevents = 0;
    o->oldest = o->version;
}

size_t objects_count(const struct objects *o)
{
    return o->count;
}

struct object *objects_at(const struct objects *o, size_t i)
{
    return &o->list[i];
}

size_t objects_events(const struct objects *o)
{
    return o->nevents;
}

const struct event *objects_event(const struct objects *o, size_t i)
{
    return &o->events[i];
}

size_t objects_event_after(const struct objects *o, uint64_t version)
{
    size_t low = 0, high = o->nevents;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->events[middle].version <= version)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t objects_next_version(struct objects *o)
{
    return ++o->version;
}

void objects_swallow_deletes(struct objects *o, unsigned n)
{
    o->swallow = n;
}

static int compare(const struct object *a, const struct resource *r, struct span ns,
                   struct span name)
{
    if (a->resource != r)
        return a->resource < r ? -1 : 1;
    int order = span_compare(span_from(a->ns), ns);
    return order ? order : span_compare(span_from(a->name), name);
}

/* Index of the object, or where it would stand. */
static size_t locate(const struct objects *o, const struct resource *r, struct span ns,
                     struct span name, bool *found)
{
    size_t low = 0, high = o->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(&o->list[middle], r, ns, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t objects_from(const struct objects *o, const struct resource *r, struct span ns,
                    struct span name)
{
    bool found;
    return locate(o, r, ns, name, &found);
}

struct object *objects_find(const struct objects *o, const struct resource *r, struct span ns,
                            struct span name)
{
    bool found;
    size_t i = locate(o, r, ns, name, &found);
    return found ? &o->list[i] : NULL;
}

/* A typed object is printed with kind and apiVersion first; a custom one by key. */
static const char *text_of(struct object *o)
{
    if (!o->text && !o->resource->custom) {
        cJSON *kind = cJSON_DetachItemFromObjectCaseSensitive(o->json, "kind");
        cJSON *version = cJSON_DetachItemFromObjectCaseSensitive(o->json, "apiVersion");
        o->text = cJSON_PrintUnformatted(o->json);
        (void)cJSON_AddItemToObject(o->json, "kind", kind);
        (void)cJSON_AddItemToObject(o->json, "apiVersion", version);
    } else if (!o->text) {
        o->text = cJSON_PrintUnformatted(o->json);
    }
    return o->text;
}

void object_print(struct object *o, bool item, struct strbuf *out)
{
    const struct resource *r = o->resource;
    const char *text = text_of(o);
    if (item || r->custom) {
        strbuf_adds(out, text);
        return;
    }
    strbuf_addf(out, "{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\",", r->kind, r->group,
                r->group[0] ? "/" : "", r->version);
    strbuf_adds(out, text + 1);
}

void object_print_metadata(const cJSON *json, struct strbuf *out)
{
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(json, "metadata"));
    strbuf_addf(out,
                "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\","
                "\"metadata\":%s}",
                text ? text : "{}");
    free(text);
}

static void add_event(struct objects *o, enum event_type type, struct object *object)
{
    struct strbuf text = STRBUF_INIT((size_t)16 << 20);
    object_print(object, false, &text);
    if (o->nevents == o->events_cap) {
        o->events_cap = o->events_cap * 2 + 64;
        o->events = xalloc_resize(o->events, o->events_cap, sizeof(*o->events));
    }
    o->events[o->nevents++] = (struct event){.version = object->version,
                                             .type = type,
                                             .resource = object->resource,
                                             .ns = xalloc_text(object->ns),
                                             .name = xalloc_text(object->name),
                                             .text = strbuf_take(&text)};
}

void objects_note_spec(const struct objects *o, const cJSON *old, cJSON *json)
{
    char text[TIMETEXT_MAX];
    const cJSON *spec = cJSON_GetObjectItemCaseSensitive(json, "spec");
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    if (!spec || cJSON_Compare(cJSON_GetObjectItemCaseSensitive(old, "spec"), spec, true))
        return;
    cJSON *entry = cJSON_CreateObject(), *all = cJSON_CreateArray();
    time_format(objects_now(o) / 1000 * 1000, text);
    json_set_text(entry, "manager", "harbor");
    json_set_text(entry, "operation", "Update");
    json_set_text(entry, "time", text);
    (void)cJSON_AddObjectToObject(cJSON_AddObjectToObject(entry, "fieldsV1"), "f:spec");
    (void)cJSON_AddItemToArray(all, entry);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "managedFields");
    (void)cJSON_AddItemToObject(metadata, "managedFields", all);
}

static void stamp(struct objects *o, struct object *object)
{
    char text[TIMETEXT_MAX];
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(object->json, "metadata");
    object->version = ++o->version;
    free(object->text);
    object->text = NULL;
    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)object->version);
    json_set_text(metadata, "resourceVersion", text);
    if (!json_member(metadata, "creationTimestamp")[0]) {
        time_format(objects_now(o) / 1000 * 1000, text);
        json_set_text(metadata, "creationTimestamp", text);
    }
    if (!json_member(metadata, "uid")[0]) {
        uint64_t h = span_hash(span_from(object->name)) ^ span_hash(span_from(object->ns)) << 1 ^
                     span_hash(span_from(object->resource->plural)) ^
                     o->deleted * 0x9e3779b97f4a7c15u;
        char uid[40];
        (void)snprintf(uid, sizeof(uid), "%08x-%04x-4%03x-8%03x-%012llx", (unsigned)(h >> 32),
                       (unsigned)(h >> 16 & 0xffff), (unsigned)(h & 0xfff),
                       (unsigned)(h >> 20 & 0xfff),
                       (unsigned long long)(h * 0x9e3779b97f4a7c15u >> 16));
        json_set_text(metadata, "uid", uid);
    }
    if (object->resource->custom)
        json_order_keys(object->json);
}

struct object *objects_put(struct objects *o, const struct resource *r, cJSON *json)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(json, "metadata");
    const char *name = json_member(metadata, "name");
    const char *ns = r->namespaced ? json_member(metadata, "namespace") : "";
    bool found;
    if (!name[0]) {
        cJSON_Delete(json);
        return NULL;
    }
    size_t i = locate(o, r, span_from(ns), span_from(name), &found);
    defaults_add(r, json);
    if (found) {
        if (o->list[i].json != json)
            cJSON_Delete(o->list[i].json);
        o->list[i].json = json;
    } else {
        if (o->count == o->cap) {
            o->cap = o->cap * 2 + 256;
            o->list = xalloc_resize(o->list, o->cap, sizeof(*o->list));
        }
        memmove(&o->list[i + 1], &o->list[i], (o->count - i) * sizeof(*o->list));
        o->list[i] = (struct object){
            .resource = r, .ns = xalloc_text(ns), .name = xalloc_text(name), .json = json};
        o->count++;
    }
    stamp(o, &o->list[i]);
    add_event(o, found ? EVENT_MODIFIED : EVENT_ADDED, &o->list[i]);
    return &o->list[i];
}

/* A pod is first marked, as the kubelet sees it, then gone [recorded/132]. */
static void mark_deleted(struct objects *o, struct object *object, bool told)
{
    char text[TIMETEXT_MAX];
    cJSON *metadata = cJSON_GetObjectItemCaseSensitive(object->json, "metadata");
    time_format(objects_now(o) / 1000 * 1000, text);
    json_set_text(metadata, "deletionTimestamp", text);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "deletionGracePeriodSeconds");
    (void)cJSON_AddNumberToObject(metadata, "deletionGracePeriodSeconds", 0);
    stamp(o, object);
    if (told)
        add_event(o, EVENT_MODIFIED, object);
}

bool objects_delete(struct objects *o, const struct resource *r, struct span ns, struct span name)
{
    bool found;
    size_t i = locate(o, r, ns, name, &found);
    if (!found)
        return false;
    struct object gone = o->list[i];
    o->deleted++;
    memmove(&o->list[i], &o->list[i + 1], (o->count - i - 1) * sizeof(*o->list));
    o->count--;
    bool told = !o->swallow;
    o->swallow -= !told;
    if (strcmp(r->kind, "Pod") == 0)
        mark_deleted(o, &gone, told);
    stamp(o, &gone);
    if (told)
        add_event(o, EVENT_DELETED, &gone);
    object_done(&gone);
    return true;
}

static bool load_document(struct objects *o, const struct yaml_node *root, const char *path,
                          struct err *err)
{
    struct strbuf text = STRBUF_INIT((size_t)16 << 20);
    yaml_to_json(root, &text);
    cJSON *json = text.failed ? NULL : cJSON_Parse(strbuf_cstr(&text));
    strbuf_clear(&text);
    const struct resource *r = resource_of_object(span_from(json_member(json, "apiVersion")),
                                                  span_from(json_member(json, "kind")));
    if (!json || !r) {
        bool config =
            json && strcmp(json_member(json, "kind"), "Config") == 0; /* a kubeconfig lies beside */
        cJSON_Delete(json);
        return config || err_set(err, ERR_CONFIG, "%s:%d: no resource of this kind is served", path,
                                 root->line);
    }
    return objects_put(o, r, json) != NULL ||
           err_set(err, ERR_CONFIG, "%s:%d: no name", path, root->line);
}

static bool load_file(struct objects *o, const char *path, struct err *err)
{
    struct yaml_doc *doc = yaml_load(path, err);
    bool ok = doc != NULL;
    for (size_t i = 0; ok && i < yaml_count(doc); i++)
        if (yaml_root(doc, i))
            ok = load_document(o, yaml_root(doc, i), path, err);
    yaml_doc_free(doc);
    return ok;
}

static int is_manifest(const struct dirent *entry)
{
    return span_ends(span_from(entry->d_name), ".yaml");
}

bool objects_load(struct objects *o, const char *folder, struct err *err)
{
    struct dirent **names;
    int n = scandir(folder, &names, is_manifest, alphasort);
    bool ok = n > 0 || err_set(err, ERR_CONFIG, "there are no manifests in %s", folder);
    for (int i = 0; i < n; i++) {
        char path[4200];
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        ok = ok && load_file(o, path, err);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    objects_compact(o);
    return ok;
}
