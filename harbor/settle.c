/* Kubelets and controllers, as far as stories need them. */
#include <config.h>

#include "harbor/settle.h"

#include "base/alloc.h"
#include "base/timetext.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/operators.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Counts of nothing are left out, as an API server does. */
static void set_count(cJSON *status, const char *key, int n)
{
    if (n > 0)
        set_item(status, key, cJSON_CreateNumber(n));
    else
        cJSON_DeleteItemFromObjectCaseSensitive(status, key);
}

/* ---- Conditions. */

/* reason and message "": none. The time is now when the status is another. */
static void set_condition(const struct objects *o, cJSON *status, const char *type, bool is,
                          const char *reason, const char *message)
{
    const char *word = is ? "True" : "False";
    cJSON *c = condition_of(status, type), *list = member(status, "conditions");
    char now[TIMETEXT_MAX];
    if (!list)
        list = cJSON_AddArrayToObject(status, "conditions");
    if (!c) {
        c = cJSON_CreateObject();
        json_set_text(c, "type", type);
        (void)cJSON_AddItemToArray(list, c);
    }
    if (strcmp(json_member(c, "status"), word) != 0) {
        time_format(objects_now(o) / 1000 * 1000, now);
        json_set_text(c, "lastTransitionTime", now);
    }
    json_set_text(c, "status", word);
    cJSON_DeleteItemFromObjectCaseSensitive(c, "reason");
    cJSON_DeleteItemFromObjectCaseSensitive(c, "message");
    if (reason[0])
        json_set_text(c, "reason", reason);
    if (message[0])
        json_set_text(c, "message", message);
}

void settle_conditions(const struct objects *o, cJSON *pod)
{
    cJSON *status = within(pod, "status"), *c;
    struct strbuf message = STRBUF_INIT(4096);
    size_t unready = 0;
    strbuf_adds(&message, "containers with unready status: [");
    cJSON_ArrayForEach(c, member(status, "containerStatuses"))
    {
        if (cJSON_IsTrue(member(c, "ready")))
            continue;
        strbuf_addf(&message, "%s%s", unready++ ? " " : "", json_member(c, "name"));
    }
    strbuf_addc(&message, ']');
    const char *reason = unready ? "ContainersNotReady" : "";
    const char *text = unready ? strbuf_cstr(&message) : "";
    set_condition(o, status, "Ready", !unready, reason, text);
    set_condition(o, status, "ContainersReady", !unready, reason, text);
    strbuf_clear(&message);
}

static bool is_ready(const cJSON *pod)
{
    return condition_is(member(pod, "status"), "Ready", "True");
}

/* ---- Owners. */

static bool is_owned(const cJSON *object, const char *kind, const char *name)
{
    const cJSON *owner = controller_of(object);
    return owner && strcmp(json_member(owner, "kind"), kind) == 0 &&
           strcmp(json_member(owner, "name"), name) == 0;
}

struct tally {
    int all, ready, failed, succeeded;
};

static struct tally count_pods(const struct objects *o, const char *ns, const char *kind,
                               const char *name)
{
    const struct resource *pods = resource_named(SPAN("pods"));
    const struct object *pod;
    struct tally t = {0};
    size_t at = 0;
    while ((pod = next_in(o, pods, ns, &at))) {
        const char *phase = json_member(member(pod->json, "status"), "phase");
        if (!is_owned(pod->json, kind, name))
            continue;
        bool failed = strcmp(phase, "Failed") == 0, succeeded = strcmp(phase, "Succeeded") == 0;
        t.failed += failed;
        t.succeeded += succeeded;
        t.all += !failed && !succeeded;
        t.ready += !failed && !succeeded && is_ready(pod->json);
    }
    return t;
}

/* As the controller counts over its replica sets, of which the newest is what is
 * being rolled out. */
static void settle_deployment(struct objects *o, const char *ns, const char *name)
{
    const struct resource *sets = resource_named(SPAN("replicasets"));
    const struct object *d =
        objects_find(o, resource_named(SPAN("deployments")), span_from(ns), span_from(name));
    const struct object *set;
    int all = 0, ready = 0, wanted = 0, updated = 0;
    long newest = -1;
    size_t at = 0;
    if (!d)
        return;
    while ((set = next_in(o, sets, ns, &at))) {
        const cJSON *status = member(set->json, "status");
        const cJSON *notes = member(member(set->json, "metadata"), "annotations");
        long revision = strtol(json_member(notes, "deployment.kubernetes.io/revision"), NULL, 10);
        if (!is_owned(set->json, "Deployment", name))
            continue;
        all += number_at(status, "replicas", 0);
        ready += number_at(status, "readyReplicas", 0);
        wanted += number_at(member(set->json, "spec"), "replicas", 1);
        if (revision > newest)
            updated = number_at(status, "replicas", 0);
        newest = revision > newest ? revision : newest;
    }
    cJSON *json = cJSON_Duplicate(d->json, true), *status = within(json, "status");
    int desired = number_at(member(json, "spec"), "replicas", 1);
    bool enough = ready >= desired - desired / 4; /* maxUnavailable of 25 % */
    set_count(status, "replicas", all);
    set_count(status, "readyReplicas", ready);
    set_count(status, "availableReplicas", ready);
    set_count(status, "updatedReplicas", updated);
    set_count(status, "unavailableReplicas", wanted - ready);
    set_condition(o, status, "Available", enough,
                  enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                  enough ? "Deployment has minimum availability."
                         : "Deployment does not have minimum availability.");
    put_changed(o, d, json);
}

static void count_owner(cJSON *status, const char *kind, const struct tally *t)
{
    if (strcmp(kind, "Job") == 0) {
        set_count(status, "active", t->all);
        set_count(status, "failed", t->failed);
        set_count(status, "succeeded", t->succeeded);
    } else if (strcmp(kind, "DaemonSet") == 0) {
        int desired = number_at(status, "desiredNumberScheduled", 0);
        set_item(status, "numberReady", cJSON_CreateNumber(t->ready));
        set_count(status, "numberAvailable", t->ready);
        set_count(status, "numberUnavailable", desired - t->ready);
    } else {
        set_item(status, "replicas", cJSON_CreateNumber(t->all));
        set_count(status, "readyReplicas", t->ready);
        set_count(status, "availableReplicas", t->ready);
        if (strcmp(kind, "ReplicaSet") == 0)
            set_count(status, "fullyLabeledReplicas", t->all);
    }
}

static void settle_owner(struct objects *o, const cJSON *pod, const char *ns)
{
    static const char *const kinds[] = {"ReplicaSet", "StatefulSet", "DaemonSet", "Job"};
    const cJSON *reference = controller_of(pod);
    const char *kind = json_member(reference, "kind"), *name = json_member(reference, "name");
    bool known = false;
    for (size_t i = 0; i < BN_COUNT(kinds); i++)
        known = known || strcmp(kinds[i], kind) == 0;
    const struct resource *r =
        known ? resource_of_object(span_from(json_member(reference, "apiVersion")), span_from(kind))
              : NULL;
    const struct object *owner = r ? objects_find(o, r, span_from(ns), span_from(name)) : NULL;
    if (!owner)
        return;
    struct tally t = count_pods(o, ns, kind, name);
    cJSON *json = cJSON_Duplicate(owner->json, true);
    const cJSON *above = controller_of(json);
    char *deployment = NULL, *cluster = NULL;
    if (strcmp(json_member(above, "kind"), "Deployment") == 0)
        deployment = xalloc_text(json_member(above, "name"));
    if (strcmp(json_member(above, "kind"), "PerconaXtraDBCluster") == 0)
        cluster = xalloc_text(json_member(above, "name"));
    count_owner(within(json, "status"), kind, &t);
    put_changed(o, owner, json);
    if (deployment)
        settle_deployment(o, ns, deployment);
    if (cluster)
        operators_settle(o, ns, cluster);
    free(deployment);
    free(cluster);
}

/* ---- Endpoints. */

bool settle_selects(const cJSON *selector, const cJSON *pod)
{
    const cJSON *labels = member(member(pod, "metadata"), "labels"), *s;
    cJSON_ArrayForEach(s, selector)
    {
        if (strcmp(json_member(labels, s->string), s->valuestring) != 0)
            return false;
    }
    return selector && selector->child;
}

static cJSON *make_endpoint(const cJSON *pod)
{
    const cJSON *metadata = member(pod, "metadata");
    const char *address = json_member(member(pod, "status"), "podIP");
    cJSON *e = cJSON_CreateObject();
    (void)cJSON_AddItemToObject(e, "addresses", cJSON_CreateStringArray(&address, 1));
    (void)cJSON_AddObjectToObject(e, "conditions");
    (void)cJSON_AddStringToObject(e, "nodeName", json_member(member(pod, "spec"), "nodeName"));
    cJSON *target = cJSON_AddObjectToObject(e, "targetRef");
    (void)cJSON_AddStringToObject(target, "kind", "Pod");
    (void)cJSON_AddStringToObject(target, "namespace", json_member(metadata, "namespace"));
    (void)cJSON_AddStringToObject(target, "name", json_member(metadata, "name"));
    (void)cJSON_AddStringToObject(target, "uid", json_member(metadata, "uid"));
    return e;
}

static cJSON *endpoint_of(cJSON *list, const char *pod, int *at)
{
    cJSON *e;
    *at = 0;
    cJSON_ArrayForEach(e, list)
    {
        if (strcmp(json_member(member(e, "targetRef"), "name"), pod) == 0)
            return e;
        (*at)++;
    }
    return NULL;
}

/* The pod's place in one slice. there: it runs, and has an address. */
static void settle_slice(struct objects *o, const struct object *slice, const cJSON *service,
                         const cJSON *pod, bool there)
{
    const char *name = json_member(member(pod, "metadata"), "name");
    bool ready =
        is_ready(pod) || cJSON_IsTrue(member(member(service, "spec"), "publishNotReadyAddresses"));
    cJSON *json = cJSON_Duplicate(slice->json, true), *list = member(json, "endpoints");
    int at = 0;
    if (!cJSON_IsArray(list)) {
        set_item(json, "endpoints", cJSON_CreateArray());
        list = member(json, "endpoints");
    }
    cJSON *e = endpoint_of(list, name, &at);
    if (e && !there)
        cJSON_DeleteItemFromArray(list, at);
    if (!e && there)
        (void)cJSON_AddItemToArray(list, e = make_endpoint(pod));
    if (there) {
        cJSON *conditions = within(e, "conditions");
        set_item(conditions, "ready", cJSON_CreateBool(ready));
        set_item(conditions, "serving", cJSON_CreateBool(ready));
        set_item(conditions, "terminating", cJSON_CreateFalse());
    }
    put_changed(o, slice, json);
}

static void settle_endpoints(struct objects *o, const cJSON *pod, const char *ns, bool there)
{
    const struct resource *slices = resource_named(SPAN("endpointslices"));
    const struct object *slice;
    size_t at = 0;
    while ((slice = next_in(o, slices, ns, &at))) {
        const char *name = json_member(member(member(slice->json, "metadata"), "labels"),
                                       "kubernetes.io/service-name");
        const struct object *service =
            objects_find(o, resource_named(SPAN("services")), span_from(ns), span_from(name));
        if (service && settle_selects(member(member(service->json, "spec"), "selector"), pod))
            settle_slice(o, slice, service->json, pod, there);
    }
}

/* ---- Disruption budgets. */

/* A number, or "50%" of all, rounded up [kubernetes pkg/controller/disruption/disruption.go]. */
static int bound_of(const cJSON *v, int all)
{
    if (cJSON_IsString(v))
        return ((int)strtol(v->valuestring, NULL, 10) * all + 99) / 100;
    return v ? v->valueint : 0;
}

static void settle_budget(struct objects *o, const struct object *budget, const char *ns)
{
    const cJSON *spec = member(budget->json, "spec"), *most = member(spec, "maxUnavailable");
    const cJSON *selector = member(member(spec, "selector"), "matchLabels");
    const struct object *pod;
    int all = 0, ready = 0;
    for (size_t at = 0; (pod = next_in(o, resource_named(SPAN("pods")), ns, &at));) {
        const char *phase = json_member(member(pod->json, "status"), "phase");
        if (!settle_selects(selector, pod->json) || strcmp(phase, "Failed") == 0 ||
            strcmp(phase, "Succeeded") == 0)
            continue;
        all++;
        ready += is_ready(pod->json);
    }
    int needed = most ? all - bound_of(most, all) : bound_of(member(spec, "minAvailable"), all);
    int allowed = ready - needed > 0 ? ready - needed : 0;
    cJSON *json = cJSON_Duplicate(budget->json, true), *status = within(json, "status");
    set_item(status, "expectedPods", cJSON_CreateNumber(all));
    set_item(status, "currentHealthy", cJSON_CreateNumber(ready));
    set_item(status, "desiredHealthy", cJSON_CreateNumber(needed > 0 ? needed : 0));
    set_item(status, "disruptionsAllowed", cJSON_CreateNumber(allowed));
    set_condition(o, status, "DisruptionAllowed", allowed > 0,
                  allowed ? "SufficientPods" : "InsufficientPods", "");
    put_changed(o, budget, json);
}

static void settle_budgets(struct objects *o, const cJSON *pod, const char *ns)
{
    const struct resource *budgets = resource_named(SPAN("poddisruptionbudgets"));
    const struct object *budget;
    for (size_t at = 0; (budget = next_in(o, budgets, ns, &at));)
        if (settle_selects(member(member(member(budget->json, "spec"), "selector"), "matchLabels"),
                           pod))
            settle_budget(o, budget, ns);
}

void settle_pod(struct objects *o, const cJSON *pod)
{
    const cJSON *metadata = member(pod, "metadata"), *status = member(pod, "status");
    const char *ns = json_member(metadata, "namespace"), *phase = json_member(status, "phase");
    bool there = objects_find(o, resource_named(SPAN("pods")), span_from(ns),
                              span_from(json_member(metadata, "name"))) != NULL &&
                 strcmp(phase, "Failed") != 0 && strcmp(phase, "Succeeded") != 0 &&
                 json_member(status, "podIP")[0];
    settle_owner(o, pod, ns);
    settle_endpoints(o, pod, ns, there);
    settle_budgets(o, pod, ns);
}
