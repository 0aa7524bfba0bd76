/* Workloads whose spec has changed: their pods become new ones, or more, or fewer. Each pod is
 * there and ready at once; what takes its time in a cluster is told by scenarios. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/deeds.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PODS_MAX 64

/* A pod's copy by another name, or the same, as if it had just been made. */
static void make_pod(struct objects *o, const cJSON *shape, const char *name, const char *owner)
{
    cJSON *pod = cJSON_Duplicate(shape, true), *metadata = within(pod, "metadata");
    static const char *const own[] = {"uid", "creationTimestamp", "resourceVersion"};
    cJSON *r;
    char uid[40];
    for (size_t i = 0; i < BN_COUNT(own); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(metadata, own[i]);
    json_set_text(metadata, "name", name);
    (void)snprintf(uid, sizeof(uid), "%08llx-0000-4000-8000-%012llx",
                   (unsigned long long)(span_hash(span_from(name)) & 0xffffffff),
                   (unsigned long long)objects_next_version(o));
    json_set_text(metadata, "uid", uid);
    cJSON_ArrayForEach(r, member(metadata, "ownerReferences"))
    {
        if (owner && cJSON_IsTrue(member(r, "controller")))
            json_set_text(r, "name", owner);
    }
    const struct object *made = objects_put(o, resource_named(SPAN("pods")), pod);
    if (made) {
        cJSON *copy = cJSON_Duplicate(made->json, true);
        settle_pod(o, copy);
        cJSON_Delete(copy);
    }
}

static void end_pod(struct objects *o, const char *ns, const char *name)
{
    const struct resource *pods = resource_named(SPAN("pods"));
    const struct object *pod = objects_find(o, pods, span_from(ns), span_from(name));
    cJSON *copy = pod ? cJSON_Duplicate(pod->json, true) : NULL;
    if (!copy)
        return;
    (void)objects_delete(o, pods, span_from(ns), span_from(name));
    settle_pod(o, copy);
    cJSON_Delete(copy);
}

/* Names of the pods that a controller of this kind and name has; owned. */
static size_t pods_of(const struct objects *o, const char *ns, const char *kind, const char *owner,
                      char *names[PODS_MAX])
{
    const struct object *pod;
    size_t at = 0, n = 0;
    while (n < PODS_MAX && (pod = next_in(o, resource_named(SPAN("pods")), ns, &at))) {
        const cJSON *c = controller_of(pod->json);
        if (strcmp(json_member(c, "kind"), kind) == 0 && strcmp(json_member(c, "name"), owner) == 0)
            names[n++] = xalloc_text(pod->name);
    }
    return n;
}

static const cJSON *shape_of(const struct objects *o, const char *ns, const char *name)
{
    const struct object *pod =
        objects_find(o, resource_named(SPAN("pods")), span_from(ns), span_from(name));
    return pod ? pod->json : NULL;
}

/* The replica set that has a Deployment's newest revision; NULL: none. */
static struct object *newest_set(const struct objects *o, const struct object *d, long *revision)
{
    struct object *set, *best = NULL;
    size_t at = 0;
    *revision = 0;
    while ((set = next_in(o, resource_named(SPAN("replicasets")), d->ns, &at))) {
        const cJSON *notes = member(member(set->json, "metadata"), "annotations");
        long n = strtol(json_member(notes, "deployment.kubernetes.io/revision"), NULL, 10);
        const cJSON *c = controller_of(set->json);
        if (strcmp(json_member(c, "name"), d->name) != 0 || (best && n <= *revision))
            continue;
        *revision = n;
        best = set;
    }
    return best;
}

/* Another set with the deployment's template, one revision on; the old one wants none. */
static char *next_set(struct objects *o, const struct object *d, int wanted)
{
    const struct resource *sets = resource_named(SPAN("replicasets"));
    long revision;
    const struct object *old = newest_set(o, d, &revision);
    char name[300], number[32];
    if (!old)
        return NULL;
    cJSON *before = cJSON_Duplicate(old->json, true), *json = cJSON_Duplicate(old->json, true);
    cJSON *metadata = within(json, "metadata");
    (void)snprintf(name, sizeof(name), "%.250s-r%ld", d->name, revision + 1);
    (void)snprintf(number, sizeof(number), "%ld", revision + 1);
    set_item(within(before, "spec"), "replicas", cJSON_CreateNumber(0));
    set_item(within(json, "spec"), "replicas", cJSON_CreateNumber(wanted));
    set_item(within(json, "spec"), "template",
             cJSON_Duplicate(member(member(d->json, "spec"), "template"), true));
    json_set_text(metadata, "name", name);
    json_set_text(within(metadata, "annotations"), "deployment.kubernetes.io/revision", number);
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "uid");
    cJSON_DeleteItemFromObjectCaseSensitive(metadata, "creationTimestamp");
    (void)objects_put(o, sets, before);
    (void)objects_put(o, sets, json);
    return xalloc_text(name);
}

static void seen(struct objects *o, const struct object *x, int wanted)
{
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    set_item(status, "observedGeneration",
             cJSON_CreateNumber(number_at(member(json, "metadata"), "generation", 0)));
    if (strcmp(x->resource->kind, "StatefulSet") == 0) {
        set_item(status, "updatedReplicas", cJSON_CreateNumber(wanted));
        json_set_text(status, "currentRevision", json_member(status, "updateRevision"));
    }
    if (strcmp(x->resource->kind, "DaemonSet") == 0)
        set_item(status, "updatedNumberScheduled",
                 cJSON_CreateNumber(number_at(status, "desiredNumberScheduled", 0)));
    (void)objects_put(o, x->resource, json);
}

/* The template of a Deployment is not that of its newest set: a rollout. */
static bool is_new_template(const struct objects *o, const struct object *d)
{
    long revision;
    const struct object *set = newest_set(o, d, &revision);
    const char *stamp = "kubectl.kubernetes.io/restartedAt";
    const cJSON *a =
        member(member(member(member(d->json, "spec"), "template"), "metadata"), "annotations");
    const cJSON *b = set ? member(member(member(member(set->json, "spec"), "template"), "metadata"),
                                  "annotations")
                         : NULL;
    return set && strcmp(json_member(a, stamp), json_member(b, stamp)) != 0;
}

static void roll_deployment(struct objects *o, const struct object *d, int wanted)
{
    char *ns = xalloc_text(d->ns), *names[PODS_MAX], name[320];
    long revision;
    bool anew = is_new_template(o, d);
    const struct object *set = newest_set(o, d, &revision);
    char *from = set ? xalloc_text(set->name) : NULL;
    size_t n = from ? pods_of(o, ns, "ReplicaSet", from, names) : 0;
    char *to = anew ? next_set(o, d, wanted) : from ? xalloc_text(from) : NULL;
    cJSON *shape = n ? cJSON_Duplicate(shape_of(o, ns, names[0]), true) : NULL;
    for (int i = anew ? 0 : (int)n; shape && to && i < wanted; i++) {
        (void)snprintf(name, sizeof(name), "%.300s-%05d", to, i);
        make_pod(o, shape, name, to);
    }
    for (size_t i = n; i-- > 0;) {
        if (anew || (int)i >= wanted)
            end_pod(o, ns, names[i]);
        free(names[i]);
    }
    cJSON_Delete(shape);
    free(from);
    free(to);
    free(ns);
}

/* Pods of the same names, new. */
static void roll_named(struct objects *o, const struct object *x, int wanted)
{
    char *ns = xalloc_text(x->ns), *owner = xalloc_text(x->name), *names[PODS_MAX], name[320];
    const bool stateful = strcmp(x->resource->kind, "StatefulSet") == 0;
    size_t n = pods_of(o, ns, x->resource->kind, owner, names);
    cJSON *shape = n ? cJSON_Duplicate(shape_of(o, ns, names[0]), true) : NULL;
    for (size_t i = 0; i < n; i++) {
        cJSON *own = cJSON_Duplicate(shape_of(o, ns, names[i]), true);
        end_pod(o, ns, names[i]);
        if (!stateful || (int)i < wanted)
            make_pod(o, own, names[i], NULL);
        cJSON_Delete(own);
        free(names[i]);
    }
    for (int i = (int)n; stateful && shape && i < wanted; i++) {
        (void)snprintf(name, sizeof(name), "%.300s-%d", owner, i);
        make_pod(o, shape, name, NULL);
    }
    cJSON_Delete(shape);
    free(owner);
    free(ns);
}

static void look_at(struct objects *o, struct object *x)
{
    const struct resource *r = x->resource;
    int wanted = number_at(member(x->json, "spec"), "replicas", 1);
    if (!x->asked)
        return;
    char *ns = xalloc_text(x->ns), *name = xalloc_text(x->name);
    if (strcmp(r->kind, "Deployment") == 0)
        roll_deployment(o, x, wanted);
    else
        roll_named(o, x, wanted);
    x = objects_find(o, r, span_from(ns), span_from(name));
    if (x) {
        x->asked = false;
        seen(o, x, wanted);
    }
    free(ns);
    free(name);
}

void rollout_replace(struct objects *o, struct span ns, struct span name)
{
    const struct object *pod = objects_find(o, resource_named(SPAN("pods")), ns, name);
    const cJSON *controller = pod ? controller_of(pod->json) : NULL;
    const char *kind = json_member(controller, "kind");
    cJSON *shape = controller ? cJSON_Duplicate(pod->json, true) : NULL;
    char *in = xalloc_bytes(ns.data, ns.len), *old = xalloc_bytes(name.data, name.len), fresh[320];
    end_pod(o, in, old);
    (void)snprintf(fresh, sizeof(fresh), "%.*s-%05llu", (int)(name.len > 6 ? name.len - 6 : 0), old,
                   (unsigned long long)(objects_version(o) % 100000));
    if (shape && strcmp(kind, "Job") != 0)
        make_pod(o, shape, strcmp(kind, "StatefulSet") == 0 ? old : fresh, NULL);
    cJSON_Delete(shape);
    free(in);
    free(old);
}

void rollout_turn(struct objects *o)
{
    static const char *const kinds[] = {"deployments", "statefulsets", "daemonsets"};
    for (size_t i = 0; i < BN_COUNT(kinds); i++) {
        const struct resource *r = resource_named(span_from(kinds[i]));
        for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
             at < objects_count(o) && objects_at(o, at)->resource == r; at++)
            look_at(o, objects_at(o, at));
    }
}
