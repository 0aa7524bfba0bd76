/* The operator of the database clusters: backups, restores, the collector. */
#include <config.h>

#include "harbor/database.h"

#include "base/alloc.h"
#include "harbor/deeds.h"
#include "harbor/json_parts.h"
#include "harbor/operators.h"

#include <stdio.h>
#include <stdlib.h>

#define TAKES_MS     500 /* until a backup runs; until it ends, twice that */
#define BACKUP_BYTES INT64_C(2341470208)
#define NODE         "prod-instance-1759301204118"

/* Pods of clusters that are stopped, Deployments that are switched off: they come again. */
static cJSON *kept;

static const struct object *cluster_of(const struct objects *o, const struct object *x)
{
    return object_named(o, "perconaxtradbclusters", x->ns,
                        json_member(member(x->json, "spec"), "pxcCluster"));
}

/* ---- Jobs, and their one pod. */

struct job {
    const char *ns, *name, *kind, *owner; /* of whom it is */
    const char *container;
    const char *label, *value; /* what it is found by: "job-name" */
};

static cJSON *print_json(const char *text, const char *at, const struct job *j, const char *owner)
{
    struct strbuf out = STRBUF_INIT(65536);
    struct span rest = span_from(text), part;
    const char *const words[] = {j->ns, j->name,      j->label, j->kind,
                                 owner, j->container, at,       j->value};
    for (bool first = true; span_split(&rest, '@', &part); first = false) {
        size_t which = part.len && part.data[0] >= '0' && part.data[0] <= '7' && !first
                           ? (size_t)(part.data[0] - '0')
                           : BN_COUNT(words);
        if (which < BN_COUNT(words))
            strbuf_adds(&out, words[which]);
        strbuf_add(&out, which < BN_COUNT(words) ? span_sub(part, 1, part.len) : part);
    }
    cJSON *json = cJSON_Parse(strbuf_cstr(&out));
    strbuf_clear(&out);
    return json;
}

/* As recorded of the backups' own [recorded/055, recorded/025]. */
#define OWNED                                                                                \
    "{\"metadata\":{\"name\":\"@1%s\",\"namespace\":\"@0\",\"labels\":{\"@2\":\"@7\"},"      \
    "\"ownerReferences\":[{\"controller\":true,\"blockOwnerDeletion\":true,\"kind\":\"%s\"," \
    "\"name\":\"%s\",\"apiVersion\":\"%s\"}]},"

#define CONTAINERS                                                                       \
    "\"containers\":[{\"name\":\"@5\",\"image\":\"docker.io/percona/percona-xtrabackup:" \
    "8.4.0-5.1\"}],\"restartPolicy\":\"Never\""

static void begin_job(struct objects *o, const struct job *j)
{
    char at[TIMETEXT_MAX], job[4096], pod[4096];
    if (object_named(o, "jobs", j->ns, j->name))
        return;
    time_format(objects_now(o) / 1000 * 1000, at);
    (void)snprintf(job, sizeof(job),
                   OWNED
                   "\"apiVersion\":\"batch/v1\",\"kind\":\"Job\",\"spec\":{\"backoffLimit\":2,"
                   "\"completions\":1,\"parallelism\":1,\"template\":{\"spec\":{" CONTAINERS
                   "}}},\"status\":{\"active\":1,\"ready\":1,\"startTime\":\"@6\"}}",
                   "", j->kind, j->owner, "pxc.percona.com/v1");
    (void)snprintf(pod, sizeof(pod),
                   OWNED "\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"nodeName\":\"" NODE
                         "\"," CONTAINERS
                         "},\"status\":{\"phase\":\"Running\",\"startTime\":\"@6\","
                         "\"containerStatuses\":[{\"name\":\"@5\",\"ready\":true,\"started\":true,"
                         "\"restartCount\":0,\"state\":{\"running\":{\"startedAt\":\"@6\"}}}]}}",
                   "-k8x2p", "Job", j->name, "batch/v1");
    (void)objects_put(o, resource_named(SPAN("jobs")), print_json(job, at, j, j->owner));
    (void)objects_put(o, resource_named(SPAN("pods")), print_json(pod, at, j, j->owner));
}

static void pod_of(const struct job *j, char out[320])
{
    (void)snprintf(out, 320, "%.300s-k8x2p", j->name);
}

static void end_job(struct objects *o, const struct job *j)
{
    char pod[320], at[TIMETEXT_MAX];
    pod_of(j, pod);
    const struct object *x = object_named(o, "jobs", j->ns, j->name);
    time_format(objects_now(o) / 1000 * 1000, at);
    if (x) {
        cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
        cJSON *c = cJSON_CreateObject();
        cJSON_DeleteItemFromObjectCaseSensitive(status, "active");
        set_item(status, "ready", cJSON_CreateNumber(0));
        set_item(status, "succeeded", cJSON_CreateNumber(1));
        json_set_text(status, "completionTime", at);
        json_set_text(c, "type", "Complete");
        json_set_text(c, "status", "True");
        json_set_text(c, "lastTransitionTime", at);
        (void)cJSON_AddItemToArray(cJSON_AddArrayToObject(status, "conditions"), c);
        (void)objects_put(o, x->resource, json);
    }
    x = object_named(o, "pods", j->ns, pod);
    if (!x)
        return;
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    cJSON *container = cJSON_GetArrayItem(member(status, "containerStatuses"), 0);
    cJSON *state = cJSON_Parse("{\"terminated\":{\"exitCode\":0,\"reason\":\"Completed\"}}");
    json_set_text(status, "phase", "Succeeded");
    set_item(container, "ready", cJSON_CreateFalse());
    json_set_text(within(state, "terminated"), "finishedAt", at);
    set_item(container, "state", state);
    (void)objects_put(o, x->resource, json);
}

/* What an owner had goes with it. */
static void drop_job(struct objects *o, const struct job *j)
{
    char pod[320];
    pod_of(j, pod);
    (void)objects_delete(o, resource_named(SPAN("pods")), span_from(j->ns), span_from(pod));
    (void)objects_delete(o, resource_named(SPAN("jobs")), span_from(j->ns), span_from(j->name));
}

/* ---- Backups. */

static void begin_backup(const struct object *cluster, cJSON *json)
{
    const char *storage = json_member(member(json, "spec"), "storageName");
    const cJSON *s =
        member(member(member(member(cluster->json, "spec"), "backup"), "storages"), storage);
    cJSON *status = within(json, "status");
    char at[TIMETEXT_MAX], destination[512];
    time_format(time_at(member(json, "metadata"), "creationTimestamp"), at);
    json_set_text(status, "storageName", storage);
    if (!s) {
        (void)snprintf(destination, sizeof(destination), "storage %s doesn't exist", storage);
        json_set_text(status, "state", "Failed");
        json_set_text(status, "error", destination);
        return;
    }
    (void)snprintf(destination, sizeof(destination), "s3://%s/%s-%.10s-%.8s-full",
                   json_member(member(s, "s3"), "bucket"), cluster->name, at, at + 11);
    json_set_text(status, "destination", destination);
    json_set_text(status, "state", "Starting");
    json_set_text(status, "storage_type", "s3");
    set_item(status, "s3", cJSON_Duplicate(member(s, "s3"), true));
}

/* "s3://BUCKET/NAME-full": what is done with NAME-full in the bucket. */
static void tell_bucket(const struct objects *o, struct outside *outside, const cJSON *backup,
                        const char *format)
{
    struct span destination = span_from(json_member(member(backup, "status"), "destination"));
    size_t slash = span_find_last(destination, '/');
    char name[300], words[512];
    struct err err;
    if (!outside || slash >= destination.len)
        return;
    (void)snprintf(name, sizeof(name), "%.*s",
                   SPAN_ARG(span_sub(destination, slash + 1, destination.len)));
    (void)snprintf(words, sizeof(words), "%s %s %lld", format, name, (long long)BACKUP_BYTES);
    if (strcmp(format, "object") == 0)
        (void)snprintf(words, sizeof(words), "object %s -", name);
    (void)!outside_set(outside, span_from(words), objects_now(o), &err);
}

/* Its finalizers are seen to, then it is gone with its Job [recorded/161, 162]. */
static void finish_backup(struct objects *o, struct outside *outside, const struct object *x,
                          const struct job *j)
{
    const cJSON *f;
    cJSON_ArrayForEach(f, member(member(x->json, "metadata"), "finalizers"))
    {
        const char *name = cJSON_GetStringValue(f);
        if (name && (strcmp(name, "percona.com/delete-backup") == 0 ||
                     strcmp(name, "delete-s3-backup") == 0))
            tell_bucket(o, outside, x->json, "object");
    }
    (void)objects_delete(o, x->resource, span_from(x->ns), span_from(j->owner));
    drop_job(o, j);
}

/* Others than those that a client has made are as they were recorded, or as a story has them. */
static bool is_asked_for(const struct object *x)
{
    return span_starts(span_from(x->name), "manual-") ||
           span_starts(span_from(x->name), "restore-2");
}

/* "" Starting Running Succeeded. */
static void run_backup(struct objects *o, struct outside *outside, const struct object *x)
{
    char *ns = xalloc_text(x->ns), *name = xalloc_text(x->name), job[300];
    const char *state = json_member(member(x->json, "status"), "state");
    const struct object *cluster = cluster_of(o, x);
    const struct job j = {
        ns, job, "PerconaXtraDBClusterBackup", name, "xtrabackup", "percona.com/backup-name", name};
    int64_t age = objects_now(o) - time_at(member(x->json, "metadata"), "creationTimestamp");
    (void)snprintf(job, sizeof(job), "xb-%.60s", name);
    bool ready =
        cluster && strcmp(json_member(member(cluster->json, "status"), "state"), "ready") == 0;
    bool mine = is_asked_for(x) && ready;
    bool begins = mine && !state[0];
    bool runs = mine && strcmp(state, "Starting") == 0 && age >= TAKES_MS;
    bool ends = mine && strcmp(state, "Running") == 0 && age >= 2 * TAKES_MS;
    cJSON *json = begins || runs || ends ? cJSON_Duplicate(x->json, true) : NULL;
    if (json_member(member(x->json, "metadata"), "deletionTimestamp")[0]) {
        cJSON_Delete(json);
        finish_backup(o, outside, x, &j);
    } else if (json) {
        cJSON *status = within(json, "status");
        if (begins)
            begin_backup(cluster, json);
        if (runs) {
            json_set_text(status, "state", "Running");
            begin_job(o, &j);
        }
        if (ends) {
            json_set_text(status, "state", "Succeeded");
            set_now(o, status, "completed");
            set_now(o, status, "latestRestorableTime");
            tell_bucket(o, outside, json, "backup");
            end_job(o, &j);
        }
        (void)objects_put(o, resource_named(SPAN("perconaxtradbclusterbackups")), json);
    }
    free(ns);
    free(name);
}

/* ---- Stopping and starting clusters. */

static void set_replicas(struct objects *o, const char *ns, const char *cluster,
                         const char *component, int n)
{
    char name[300];
    (void)snprintf(name, sizeof(name), "%.200s-%s", cluster, component);
    const struct object *set = object_named(o, "statefulsets", ns, name);
    if (!set)
        return;
    cJSON *json = cJSON_Duplicate(set->json, true);
    int now = number_at(member(json, "spec"), "replicas", 0);
    set_item(within(json, "spec"), "replicas", cJSON_CreateNumber(n));
    put_changed(o, set, json);
    if (n == 0)
        rollout_stop(o, ns, "StatefulSet", name, kept);
    else if (n > now)
        rollout_start(o, ns, name, kept, n - now);
}

/* pause, and its sizes; -1: as it is. */
static void set_cluster(struct objects *o, const char *ns, const char *name, bool pause, int nodes,
                        int proxies)
{
    const struct object *x = object_named(o, "perconaxtradbclusters", ns, name);
    cJSON *json = cJSON_Duplicate(x->json, true), *spec = within(json, "spec");
    set_item(spec, "pause", cJSON_CreateBool(pause));
    if (nodes >= 0)
        set_item(within(spec, "pxc"), "size", cJSON_CreateNumber(nodes));
    if (proxies >= 0)
        set_item(within(spec, "haproxy"), "size", cJSON_CreateNumber(proxies));
    if (!cJSON_Compare(member(x->json, "spec"), spec, true)) {
        int n = number_at(member(json, "metadata"), "generation", 0) + 1;
        set_item(within(json, "metadata"), "generation", cJSON_CreateNumber(n));
        set_item(within(json, "status"), "observedGeneration", cJSON_CreateNumber(n));
    }
    put_changed(o, x, json);
    set_replicas(o, ns, name, "pxc", pause ? 0 : nodes);
    set_replicas(o, ns, name, "haproxy", pause ? 0 : proxies);
    operators_settle(o, ns, name);
}

/* ---- Restores. */

static void fail_restore(cJSON *status, const char *comments)
{
    json_set_text(status, "state", "Failed");
    json_set_text(status, "comments", comments);
}

static bool other_restore(const struct objects *o, const struct object *x)
{
    const struct object *other;
    size_t at = 0;
    while ((other = next_in(o, x->resource, x->ns, &at))) {
        const char *state = json_member(member(other->json, "status"), "state");
        if (strcmp(other->name, x->name) != 0 && state[0] && strcmp(state, "Failed") != 0 &&
            strcmp(state, "Succeeded") != 0)
            return true;
    }
    return false;
}

/* Its checks come before anything is stopped. */
static void check_restore(const struct objects *o, const struct object *x,
                          const struct object *cluster, cJSON *status)
{
    const cJSON *spec = member(x->json, "spec"), *sizes = member(cluster->json, "spec");
    const struct object *backup =
        object_named(o, "perconaxtradbclusterbackups", x->ns, json_member(spec, "backupName"));
    const cJSON *notes = member(member(x->json, "metadata"), "annotations");
    if (other_restore(o, x))
        fail_restore(status, "unable to continue, concurrent restore job running now");
    else if (!backup)
        fail_restore(status, "get backup: not found");
    else if (member(spec, "pitr") && operators_gap(backup->json) &&
             !json_member(notes, "percona.com/unsafe-pitr")[0])
        fail_restore(status,
                     "Backup doesn't guarantee consistent recovery with PITR. Annotate "
                     "PerconaXtraDBClusterRestore with percona.com/unsafe-pitr to force it.");
    else
        json_set_text(status, "state", "Stopping Cluster");
    set_item(status, "clusterSize", cJSON_CreateNumber(number_at(member(sizes, "pxc"), "size", 0)));
    set_item(status, "haproxySize",
             cJSON_CreateNumber(number_at(member(sizes, "haproxy"), "size", 0)));
}

/* One state a turn: Starting, Stopping Cluster, Restoring, then Point-in-time recovering or Preparing
 * Cluster, Starting Cluster, Succeeded. */
static void step_restore(struct objects *o, const char *ns, const char *cluster, const char *name,
                         const char *state, cJSON *json)
{
    cJSON *status = within(json, "status");
    const bool pitr = member(member(json, "spec"), "pitr") != NULL;
    char restore[300], second[300];
    const struct job first = {
        ns, restore, "PerconaXtraDBClusterRestore", name, "xtrabackup", "job-name", restore};
    const struct job then = {ns,         second, "PerconaXtraDBClusterRestore", name, "xtrabackup",
                             "job-name", second};
    (void)snprintf(restore, sizeof(restore), "restore-job-%.120s-%.120s", name, cluster);
    (void)snprintf(second, sizeof(second), "%s-job-%.120s-%.120s", pitr ? "pitr" : "prepare", name,
                   cluster);
    if (strcmp(state, "Stopping Cluster") == 0) {
        set_cluster(o, ns, cluster, true, -1, -1);
        begin_job(o, &first);
        json_set_text(status, "state", "Restoring");
    } else if (strcmp(state, "Restoring") == 0) {
        end_job(o, &first);
        if (pitr) /* one node, which the binary logs are applied to */
            set_cluster(o, ns, cluster, false, 1, 0);
        begin_job(o, &then);
        json_set_text(status, "state", pitr ? "Point-in-time recovering" : "Preparing Cluster");
    } else if (strcmp(state, "Starting Cluster") == 0) {
        set_cluster(o, ns, cluster, false, number_at(status, "clusterSize", 3),
                    number_at(status, "haproxySize", 2));
        json_set_text(status, "state", "Succeeded");
        set_now(o, status, "completed");
    } else {
        end_job(o, &then);
        json_set_text(status, "state", "Starting Cluster");
    }
}

static void run_restore(struct objects *o, const struct object *x)
{
    const char *state = json_member(member(x->json, "status"), "state");
    const struct object *cluster = cluster_of(o, x);
    if (strcmp(state, "Failed") == 0 || strcmp(state, "Succeeded") == 0 || !cluster ||
        !is_asked_for(x))
        return;
    char *ns = xalloc_text(x->ns), *name = xalloc_text(x->name), *of = xalloc_text(cluster->name),
         *was = xalloc_text(state);
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    if (!was[0]) {
        json_set_text(status, "state", "Starting");
        set_now(o, status, "lastscheduled");
    } else if (strcmp(was, "Starting") == 0) {
        check_restore(o, x, cluster, status);
    } else {
        step_restore(o, ns, of, name, was, json);
    }
    (void)objects_put(o, resource_named(SPAN("perconaxtradbclusterrestores")), json);
    free(ns);
    free(name);
    free(of);
    free(was);
}

/* ---- The collector of binary logs: a Deployment that is there while it is wanted. */

static void keep_collector(struct objects *o, const char *ns, const char *name)
{
    static const char *const looked_at[] = {"deployments", "replicasets"};
    const struct object *set;
    for (size_t i = 0; i < BN_COUNT(looked_at); i++) {
        const struct resource *r = resource_named(span_from(looked_at[i]));
        size_t at = 0;
        while ((set = next_in(o, r, ns, &at))) {
            char *own = xalloc_text(set->name);
            bool meant = strcmp(own, name) == 0 ||
                         strcmp(json_member(controller_of(set->json), "name"), name) == 0;
            if (meant) {
                cJSON *copy = cJSON_Duplicate(set->json, true);
                rollout_stop(o, ns, "ReplicaSet", own, kept);
                (void)cJSON_AddItemToArray(kept, copy);
                (void)objects_delete(o, r, span_from(ns), span_from(own));
                at = 0;
            }
            free(own);
        }
    }
}

static void bring_collector(struct objects *o, const char *ns, const char *name)
{
    cJSON *one = kept->child;
    for (int at = 0; one;) {
        cJSON *next = one->next;
        const struct resource *r = resource_of_object(span_from(json_member(one, "apiVersion")),
                                                      span_from(json_member(one, "kind")));
        const char *own = json_member(member(one, "metadata"), "name");
        bool meant =
            r && strcmp(r->kind, "Pod") != 0 &&
            (strcmp(own, name) == 0 || strcmp(json_member(controller_of(one), "name"), name) == 0);
        if (meant) {
            cJSON *copy = cJSON_Duplicate(one, true);
            char *set = xalloc_text(own);
            cJSON_DeleteItemFromArray(kept, at);
            cJSON_DeleteItemFromObjectCaseSensitive(within(copy, "metadata"), "resourceVersion");
            (void)objects_put(o, r, copy);
            rollout_start(o, ns, set, kept, 1);
            free(set);
            at = 0;
            next = kept->child;
        } else {
            at++;
        }
        one = next;
    }
}

static void run_collector(struct objects *o, const struct object *x)
{
    const cJSON *spec = member(x->json, "spec");
    bool wanted = cJSON_IsTrue(member(member(member(spec, "backup"), "pitr"), "enabled")) &&
                  !cJSON_IsTrue(member(spec, "pause"));
    char name[300], *ns = xalloc_text(x->ns);
    (void)snprintf(name, sizeof(name), "%.200s-pitr", x->name);
    bool there = object_named(o, "deployments", ns, name) != NULL;
    if (there && !wanted)
        keep_collector(o, ns, name);
    else if (!there && wanted)
        bring_collector(o, ns, name);
    free(ns);
}

/* ---- */

void database_turn(struct objects *o, struct outside *outside)
{
    static const char *const looked_at[] = {
        "perconaxtradbclusterbackups", "perconaxtradbclusterrestores", "perconaxtradbclusters"};
    if (!kept)
        kept = cJSON_CreateArray();
    for (size_t i = 0; i < BN_COUNT(looked_at); i++) {
        const struct resource *r = resource_named(span_from(looked_at[i]));
        for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
             at < objects_count(o) && objects_at(o, at)->resource == r &&
             has_ready(o, "deployments", "operators", "pxc-operator");
             at++) {
            const struct object *x = objects_at(o, at);
            if (i == 0)
                run_backup(o, outside, x);
            else if (i == 1)
                run_restore(o, x);
            else
                run_collector(o, x);
        }
    }
}
