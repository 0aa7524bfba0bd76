/* The operator of the database clusters, as far as stories need it. */
#include <config.h>

#include "harbor/operators.h"

#include "harbor/json_parts.h"

#include <stdio.h>

#define SECOND_MS ((int64_t)1000)

/* Ready pods of `<cluster>-<component>` into status.<component>; false: not all are. */
static bool count_component(struct objects *o, const char *ns, const char *cluster, cJSON *status,
                            const char *component, int *ready)
{
    char name[256];
    (void)snprintf(name, sizeof(name), "%s-%s", cluster, component);
    const struct object *set =
        objects_find(o, resource_named(SPAN("statefulsets")), span_from(ns), span_from(name));
    if (!set)
        return true;
    cJSON *part = within(status, component);
    int there = number_at(member(set->json, "status"), "readyReplicas", 0);
    int size = number_at(member(set->json, "spec"), "replicas", 0);
    set_item(part, "ready", cJSON_CreateNumber(there));
    json_set_text(part, "status", there >= size ? "ready" : "initializing");
    *ready += there;
    return there >= size;
}

/* Its conditions are a log of its states [pxco pxc_types.go AddCondition]. */
static void set_state(const struct objects *o, cJSON *status, const char *state)
{
    cJSON *list = member(status, "conditions"), *condition;
    if (strcmp(json_member(status, "state"), state) == 0)
        return;
    json_set_text(status, "state", state);
    if (!list)
        list = cJSON_AddArrayToObject(status, "conditions");
    condition = cJSON_CreateObject();
    set_now(o, condition, "lastTransitionTime");
    json_set_text(condition, "status", "True");
    json_set_text(condition, "type", state);
    (void)cJSON_AddItemToArray(list, condition);
}

void operators_settle(struct objects *o, const char *ns, const char *cluster)
{
    const struct object *object = objects_find(o, resource_named(SPAN("perconaxtradbclusters")),
                                               span_from(ns), span_from(cluster));
    int ready = 0;
    if (!object)
        return;
    cJSON *json = cJSON_Duplicate(object->json, true), *status = within(json, "status");
    bool nodes = count_component(o, ns, cluster, status, "pxc", &ready);
    bool proxies = count_component(o, ns, cluster, status, "haproxy", &ready);
    set_item(status, "ready", cJSON_CreateNumber(ready));
    bool paused = cJSON_IsTrue(member(member(json, "spec"), "pause"));
    set_state(o, status,
              paused             ? (ready ? "stopping" : "paused")
              : nodes && proxies ? "ready"
                                 : "initializing");
    put_changed(o, object, json);
}

/* ---- Binary logs. */

bool operators_gap(const cJSON *backup)
{
    return condition_of(member(backup, "status"), "PITRReady") != NULL;
}

/* The newest good backup of a cluster; NULL: none. */
static const struct object *newest_backup(const struct objects *o, const struct object *cluster)
{
    const struct resource *backups = resource_named(SPAN("perconaxtradbclusterbackups"));
    const struct object *backup, *newest = NULL;
    const char *latest = "";
    size_t at = 0;
    while ((backup = next_in(o, backups, cluster->ns, &at))) {
        const cJSON *status = member(backup->json, "status");
        const char *when = json_member(status, "completed");
        if (strcmp(json_member(status, "state"), "Succeeded") != 0 || strcmp(when, latest) <= 0 ||
            strcmp(json_member(member(backup->json, "spec"), "pxcCluster"), cluster->name) != 0)
            continue;
        latest = when;
        newest = backup;
    }
    return newest;
}

static bool collector_runs(const struct objects *o, const struct object *cluster)
{
    char name[256];
    (void)snprintf(name, sizeof(name), "%s-pitr", cluster->name);
    const struct object *d = objects_find(o, resource_named(SPAN("deployments")),
                                          span_from(cluster->ns), span_from(name));
    return d && number_at(member(d->json, "status"), "availableReplicas", 0) > 0;
}

static int64_t interval_of(const struct object *cluster)
{
    const cJSON *pitr = member(member(member(cluster->json, "spec"), "backup"), "pitr");
    return number_at(pitr, "timeBetweenUploads", 60) * SECOND_MS;
}

static void upload(struct objects *o, const struct object *cluster)
{
    const struct object *backup = newest_backup(o, cluster);
    int64_t last = 0, every = interval_of(cluster);
    if (!backup || operators_gap(backup->json) || !collector_runs(o, cluster))
        return;
    (void)!time_parse(
        span_from(json_member(member(backup->json, "status"), "latestRestorableTime")), &last);
    if (objects_now(o) - last < every)
        return;
    cJSON *json = cJSON_Duplicate(backup->json, true);
    set_now(o, within(json, "status"), "latestRestorableTime");
    put_changed(o, backup, json);
}

void operators_upload(struct objects *o)
{
    const struct resource *clusters = resource_named(SPAN("perconaxtradbclusters"));
    for (size_t at = objects_from(o, clusters, SPAN(""), SPAN(""));
         at < objects_count(o) && objects_at(o, at)->resource == clusters; at++)
        upload(o, objects_at(o, at));
}

int64_t operators_collected(const struct objects *o, const char *ns, const char *name, bool idle,
                            int64_t *uploaded_ms)
{
    const struct object *cluster = object_named(o, "perconaxtradbclusters", ns, name);
    const struct object *backup = cluster ? newest_backup(o, cluster) : NULL;
    int64_t last = backup ? time_at(member(backup->json, "status"), "latestRestorableTime") : 0;
    int64_t every = cluster ? interval_of(cluster) : SECOND_MS;
    int64_t looked = last && every > 0 ? last + (objects_now(o) - last) / every * every : 0;
    *uploaded_ms = idle ? last : looked;
    return looked;
}
