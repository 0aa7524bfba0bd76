/* Revisions of workloads. */
#include <config.h>

#include "harbor/revisions.h"

#include "base/alloc.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Revisions of a Deployment: its replica sets. */

#define REVISION "deployment.kubernetes.io/revision"
#define HISTORY  "deployment.kubernetes.io/revision-history"
#define CAUSE    "kubernetes.io/change-cause"

static long revision_of(const struct object *set)
{
    return strtol(json_member(member(member(set->json, "metadata"), "annotations"), REVISION), NULL,
                  10);
}

static bool is_set_of(const struct object *set, const struct object *d)
{
    const cJSON *c = controller_of(set->json);
    return strcmp(json_member(c, "kind"), d->resource->kind) == 0 &&
           strcmp(json_member(c, "name"), d->name) == 0;
}

struct object *revision_newest(const struct objects *o, const struct object *d)
{
    struct object *set, *best = NULL;
    size_t at = 0;
    while ((set = next_in(o, resource_named(SPAN("replicasets")), d->ns, &at)))
        if (is_set_of(set, d) && (!best || revision_of(set) > revision_of(best)))
            best = set;
    return best;
}

cJSON *revision_template(const cJSON *json)
{
    cJSON *copy = cJSON_Duplicate(member(member(json, "spec"), "template"), true);
    cJSON_DeleteItemFromObjectCaseSensitive(member(member(copy, "metadata"), "labels"),
                                            "pod-template-hash");
    return copy;
}

bool revision_same(const cJSON *a, const cJSON *b)
{
    cJSON *x = revision_template(a), *y = revision_template(b);
    bool same = cJSON_Compare(x, y, true);
    cJSON_Delete(x);
    cJSON_Delete(y);
    return same;
}

/* The set that has the template already; NULL: none. */
static const struct object *set_with(const struct objects *o, const struct object *d)
{
    const struct object *set;
    size_t at = 0;
    while ((set = next_in(o, resource_named(SPAN("replicasets")), d->ns, &at)))
        if (is_set_of(set, d) && revision_same(set->json, d->json))
            return set;
    return NULL;
}

/* What was revision 1 and becomes 3 keeps "1" in its history
 * [kubernetes pkg/controller/deployment/util/deployment_util.go SetNewReplicaSetAnnotations]. */
static void count_up(cJSON *set, long revision, const char *cause)
{
    cJSON *notes = within(within(set, "metadata"), "annotations");
    char number[32], *was = xalloc_text(json_member(notes, REVISION));
    const char *history = json_member(notes, HISTORY);
    struct strbuf all = STRBUF_INIT(4096);
    strbuf_addf(&all, "%s%s%s", history, history[0] ? "," : "", was);
    (void)snprintf(number, sizeof(number), "%ld", revision);
    if (was[0])
        json_set_text(notes, HISTORY, strbuf_cstr(&all));
    json_set_text(notes, REVISION, number);
    cJSON_DeleteItemFromObjectCaseSensitive(notes, CAUSE);
    if (cause[0])
        json_set_text(notes, CAUSE, cause);
    strbuf_clear(&all);
    free(was);
}

static void new_set(cJSON *json, const struct object *d, long revision)
{
    cJSON *metadata = within(json, "metadata");
    char name[300];
    (void)snprintf(name, sizeof(name), "%.250s-r%ld", d->name, revision);
    set_item(within(json, "spec"), "template",
             cJSON_Duplicate(member(member(d->json, "spec"), "template"), true));
    json_set_text(metadata, "name", name);
    cJSON_DeleteItemFromObjectCaseSensitive(within(metadata, "annotations"), REVISION);
    cJSON_DeleteItemFromObjectCaseSensitive(within(metadata, "annotations"), HISTORY);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "uid");
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "creationTimestamp");
}

char *revision_next(struct objects *o, const struct object *d, int wanted)
{
    const struct resource *sets = resource_named(SPAN("replicasets"));
    const struct object *old = revision_newest(o, d), *known = set_with(o, d);
    if (!old)
        return NULL;
    long revision = revision_of(old) + 1;
    cJSON *before = cJSON_Duplicate(old->json, true);
    cJSON *json = cJSON_Duplicate((known ? known : old)->json, true);
    set_item(within(before, "spec"), "replicas", cJSON_CreateNumber(0));
    set_item(within(json, "spec"), "replicas", cJSON_CreateNumber(wanted));
    if (!known)
        new_set(json, d, revision);
    count_up(json, revision,
             json_member(member(member(d->json, "metadata"), "annotations"), CAUSE));
    char *name = xalloc_text(json_member(member(json, "metadata"), "name"));
    (void)objects_put(o, sets, before);
    (void)objects_put(o, sets, json);
    return name;
}

/* ---- Revisions of StatefulSets and DaemonSets: ControllerRevisions
 * [kubernetes pkg/controller/history]. */

static cJSON *revision_data(const cJSON *json)
{
    cJSON *data = cJSON_CreateObject();
    cJSON *copy = cJSON_Duplicate(member(member(json, "spec"), "template"), true);
    json_set_text(copy, "$patch", "replace");
    (void)cJSON_AddItemToObject(cJSON_AddObjectToObject(data, "spec"), "template", copy);
    return data;
}

static cJSON *new_revision(const struct object *x, const char *name, cJSON *data)
{
    cJSON *json = cJSON_CreateObject(), *metadata = cJSON_AddObjectToObject(json, "metadata");
    cJSON *owner = cJSON_CreateObject();
    json_set_text(json, "apiVersion", "apps/v1");
    json_set_text(json, "kind", "ControllerRevision");
    json_set_text(metadata, "name", name);
    json_set_text(metadata, "namespace", x->ns);
    json_set_text(owner, "apiVersion", "apps/v1");
    json_set_text(owner, "kind", x->resource->kind);
    json_set_text(owner, "name", x->name);
    json_set_text(owner, "uid", json_member(member(x->json, "metadata"), "uid"));
    (void)cJSON_AddTrueToObject(owner, "controller");
    (void)cJSON_AddItemToArray(cJSON_AddArrayToObject(metadata, "ownerReferences"), owner);
    (void)cJSON_AddItemToObject(json, "data", data);
    return json;
}

char *revision_keep(struct objects *o, const struct object *x)
{
    const struct resource *r = resource_named(SPAN("controllerrevisions"));
    const struct object *c, *known = NULL;
    cJSON *data = revision_data(x->json);
    int newest = 0;
    size_t at = 0;
    char name[300];
    while ((c = next_in(o, r, x->ns, &at))) {
        if (!is_set_of(c, x))
            continue;
        newest =
            number_at(c->json, "revision", 0) > newest ? number_at(c->json, "revision", 0) : newest;
        known = cJSON_Compare(member(c->json, "data"), data, true) ? c : known;
    }
    const char *own = json_member(member(x->json, "status"), "updateRevision");
    if (known)
        (void)snprintf(name, sizeof(name), "%s", known->name);
    else if (!newest && own[0])
        (void)snprintf(name, sizeof(name), "%s", own);
    else
        (void)snprintf(name, sizeof(name), "%.250s-r%d", x->name, newest + 1);
    bool is_newest = known && number_at(known->json, "revision", 0) == newest;
    cJSON *json = known ? cJSON_Duplicate(known->json, true)
                        : new_revision(x, name, cJSON_Duplicate(data, true));
    set_item(json, "revision", cJSON_CreateNumber(is_newest ? newest : newest + 1));
    cJSON_Delete(data);
    if (is_newest)
        cJSON_Delete(json);
    else
        (void)objects_put(o, r, json);
    return xalloc_text(name);
}

void revision_begin(struct objects *o)
{
    static const char *const kinds[] = {"statefulsets", "daemonsets"};
    for (size_t i = 0; i < BN_COUNT(kinds); i++) {
        const struct resource *r = resource_named(span_from(kinds[i]));
        char *ns = xalloc_text(""), *name = xalloc_text("");
        for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
             at < objects_count(o) && objects_at(o, at)->resource == r;
             at = objects_from(o, r, span_from(ns), span_from(name)) + 1) {
            const struct object *x = objects_at(o, at);
            free(ns);
            free(name);
            ns = xalloc_text(x->ns);
            name = xalloc_text(x->name);
            free(revision_keep(o, x));
        }
        free(ns);
        free(name);
    }
    objects_compact(o);
}
