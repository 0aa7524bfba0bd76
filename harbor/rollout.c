/* Workloads whose spec has changed: their pods become new ones, or more, or fewer. Each pod is
 * there and ready at once; what takes its time in a cluster is told by scenarios. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/deeds.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/revisions.h"
#include "harbor/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PODS_MAX 64

static bool takes_pods(const struct object *node)
{
    return condition_is(member(node->json, "status"), "Ready", "True") &&
           !cJSON_IsTrue(member(member(node->json, "spec"), "unschedulable"));
}

/* Where its node takes no pods, on the first that does; of a DaemonSet it stays where it was. */
static void place_pod(const struct objects *o, cJSON *pod)
{
    const struct resource *nodes = resource_named(SPAN("nodes"));
    const char *at = json_member(member(pod, "spec"), "nodeName");
    const struct object *node = objects_find(o, nodes, SPAN(""), span_from(at)), *other;
    size_t i = 0;
    if (!node || takes_pods(node) ||
        strcmp(json_member(controller_of(pod), "kind"), "DaemonSet") == 0)
        return;
    while ((other = next_in(o, nodes, "", &i)) && !takes_pods(other))
        ;
    if (other)
        json_set_text(member(pod, "spec"), "nodeName", other->name);
}

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
    place_pod(o, pod);
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
    const struct object *pod = object_named(o, "pods", ns, name);
    return pod ? pod->json : NULL;
}

static void seen(struct objects *o, const struct object *x, int wanted, const char *revision)
{
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    set_item(status, "observedGeneration",
             cJSON_CreateNumber(number_at(member(json, "metadata"), "generation", 0)));
    cJSON *progressing = condition_of(status, "Progressing");
    if (progressing) { /* what had timed out has not any more */
        json_set_text(progressing, "status", "True");
        json_set_text(progressing, "reason", "NewReplicaSetAvailable");
    }
    if (strcmp(x->resource->kind, "StatefulSet") == 0) {
        set_item(status, "updatedReplicas", cJSON_CreateNumber(wanted));
        json_set_text(status, "updateRevision", revision);
        json_set_text(status, "currentRevision", revision);
    }
    if (strcmp(x->resource->kind, "DaemonSet") == 0)
        set_item(status, "updatedNumberScheduled",
                 cJSON_CreateNumber(number_at(status, "desiredNumberScheduled", 0)));
    (void)objects_put(o, x->resource, json);
}

/* A pod's copy takes the images of the template. */
static void dress(cJSON *pod, const cJSON *template)
{
    cJSON *c, *own, *list = member(member(pod, "spec"), "containers");
    cJSON *states = member(member(pod, "status"), "containerStatuses");
    cJSON_ArrayForEach(c, member(member(template, "spec"), "containers"))
    {
        cJSON_ArrayForEach(own, list)
        {
            if (strcmp(json_member(own, "name"), json_member(c, "name")) == 0)
                json_set_text(own, "image", json_member(c, "image"));
        }
        cJSON_ArrayForEach(own, states)
        {
            if (strcmp(json_member(own, "name"), json_member(c, "name")) == 0)
                json_set_text(own, "image", json_member(c, "image"));
        }
    }
}

static void roll_deployment(struct objects *o, const struct object *d, int wanted)
{
    char *ns = xalloc_text(d->ns), *names[PODS_MAX], name[320];
    cJSON *template = revision_template(d->json);
    const struct object *set = revision_newest(o, d);
    bool anew = set && !revision_same(set->json, d->json);
    char *from = set ? xalloc_text(set->name) : NULL;
    size_t n = from ? pods_of(o, ns, "ReplicaSet", from, names) : 0;
    char *to = anew ? revision_next(o, d, wanted) : from ? xalloc_text(from) : NULL;
    cJSON *shape = n ? cJSON_Duplicate(shape_of(o, ns, names[0]), true) : NULL;
    dress(shape, template);
    for (int i = anew ? 0 : (int)n, number = i; shape && to && i < wanted; i++) {
        do /* those that are left when it was made smaller have any of the numbers */
            (void)snprintf(name, sizeof(name), "%.300s-%05d", to, number++);
        while (shape_of(o, ns, name));
        make_pod(o, shape, name, to);
    }
    for (size_t i = n; i-- > 0;) {
        if (anew || (int)i >= wanted)
            end_pod(o, ns, names[i]);
        free(names[i]);
    }
    cJSON_Delete(shape);
    cJSON_Delete(template);
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
    cJSON *template = revision_template(x->json);
    dress(shape, template);
    for (size_t i = 0; i < n; i++) {
        cJSON *own = cJSON_Duplicate(shape_of(o, ns, names[i]), true);
        dress(own, template);
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
    cJSON_Delete(template);
    free(owner);
    free(ns);
}

static void look_at(struct objects *o, struct object *x)
{
    const struct resource *r = x->resource;
    int wanted = number_at(member(x->json, "spec"), "replicas", 1);
    if (!x->asked)
        return;
    char *ns = xalloc_text(x->ns), *name = xalloc_text(x->name), *revision = NULL;
    if (strcmp(r->kind, "Deployment") == 0) {
        roll_deployment(o, x, wanted);
    } else {
        roll_named(o, x, wanted);
        x = objects_find(o, r, span_from(ns), span_from(name));
        revision = revision_keep(o, x);
    }
    x = objects_find(o, r, span_from(ns), span_from(name));
    if (x) {
        x->asked = false;
        seen(o, x, wanted, revision);
    }
    free(revision);
    free(ns);
    free(name);
}

void rollout_replace(struct objects *o, struct span ns, struct span name)
{
    const struct object *pod = objects_find(o, resource_named(SPAN("pods")), ns, name);
    cJSON *shape = pod && controller_of(pod->json) ? cJSON_Duplicate(pod->json, true) : NULL;
    const char *kind = json_member(controller_of(shape), "kind");
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

void rollout_stop(struct objects *o, const char *ns, const char *kind, const char *name,
                  cJSON *kept)
{
    char *names[PODS_MAX];
    size_t n = pods_of(o, ns, kind, name, names);
    for (size_t i = 0; i < n; i++) {
        (void)cJSON_AddItemToArray(kept, cJSON_Duplicate(shape_of(o, ns, names[i]), true));
        end_pod(o, ns, names[i]);
        free(names[i]);
    }
}

void rollout_start(struct objects *o, const char *ns, const char *name, cJSON *kept, int n)
{
    int at = 0;
    cJSON *pod = kept->child;
    while (pod && n > 0) {
        const char *own = json_member(member(pod, "metadata"), "name");
        const char *owner = json_member(controller_of(pod), "name");
        cJSON *next = pod->next;
        bool meant = strcmp(owner, name) == 0 &&
                     strcmp(json_member(member(pod, "metadata"), "namespace"), ns) == 0;
        if (meant) {
            make_pod(o, pod, own, NULL);
            cJSON_DeleteItemFromArray(kept, at);
            n--;
        }
        at += !meant;
        pod = next;
    }
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
