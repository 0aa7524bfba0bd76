/* The application controller. */
#include <config.h>

#include "harbor/argocd.h"

#include "harbor/json_parts.h"

#include <string.h>

#define TAKES_MS 500
#define REFRESH  "argocd.argoproj.io/refresh"

static void compare(struct objects *o, const struct object *x)
{
    cJSON *json = cJSON_Duplicate(x->json, true);
    cJSON_DeleteItemFromObjectCaseSensitive(within(within(json, "metadata"), "annotations"),
                                            REFRESH);
    set_now(o, within(json, "status"), "reconciledAt");
    (void)objects_put(o, x->resource, json);
}

static void begin(struct objects *o, const struct object *x)
{
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    cJSON *state = cJSON_CreateObject();
    set_item(status, "operationState", state);
    (void)cJSON_AddItemToObject(state, "operation",
                                cJSON_Duplicate(member(json, "operation"), true));
    json_set_text(state, "phase", "Running");
    json_set_text(state, "message", "waiting for healthy state of the objects");
    set_now(o, state, "startedAt");
    (void)objects_put(o, x->resource, json);
}

/* Its operation is of all, or of this one too. */
static bool is_chosen(const cJSON *sync, const cJSON *r)
{
    const cJSON *chosen = member(sync, "resources"), *c;
    cJSON_ArrayForEach(c, chosen)
    {
        if (strcmp(json_member(c, "kind"), json_member(r, "kind")) == 0 &&
            strcmp(json_member(c, "name"), json_member(r, "name")) == 0)
            return true;
    }
    return chosen == NULL;
}

static void add_result(cJSON *results, const cJSON *r, const char *status, const char *message)
{
    static const char *const members[] = {"group", "kind", "namespace", "name", "version"};
    cJSON *result = cJSON_CreateObject();
    for (size_t i = 0; i < BN_COUNT(members); i++)
        json_set_text(result, members[i], json_member(r, members[i]));
    json_set_text(result, "status", status);
    json_set_text(result, "message", message);
    json_set_text(result, "syncPhase", "Sync");
    (void)cJSON_AddItemToArray(results, result);
}

static void note_result(cJSON *results, const cJSON *r, bool extra, bool prune)
{
    if (!extra)
        add_result(results, r, "Synced", "configured");
    else if (prune)
        add_result(results, r, "Pruned", "pruned");
    else
        add_result(results, r, "PruneSkipped", "ignored (requires pruning)");
}

/* What becomes of each resource; true: all are as git says. */
static bool apply(cJSON *status, const cJSON *sync, cJSON *results)
{
    const bool prune = cJSON_IsTrue(member(sync, "prune")),
               dry = cJSON_IsTrue(member(sync, "dryRun"));
    cJSON *r = member(status, "resources") ? member(status, "resources")->child : NULL;
    bool all = true;
    for (int at = 0; r;) {
        cJSON *next = r->next;
        const bool extra = cJSON_IsTrue(member(r, "requiresPruning")), chosen = is_chosen(sync, r);
        const bool goes = extra && chosen && prune;
        if (chosen)
            note_result(results, r, extra, prune);
        if (chosen && !extra && !dry)
            json_set_text(r, "status", "Synced");
        all = all && (goes || strcmp(json_member(r, "status"), "Synced") == 0);
        if (goes && !dry)
            cJSON_DeleteItemFromArray(member(status, "resources"), at);
        else
            at++;
        r = next;
    }
    return all;
}

static void note_history(const struct objects *o, cJSON *status, const cJSON *sync,
                         const char *revision, const cJSON *who)
{
    cJSON *history = member(status, "history"), *entry = cJSON_CreateObject();
    const cJSON *last =
        history ? cJSON_GetArrayItem(history, cJSON_GetArraySize(history) - 1) : NULL;
    const cJSON *source = member(sync, "source") ? member(sync, "source") : member(last, "source");
    (void)cJSON_AddNumberToObject(entry, "id", number_at(last, "id", -1) + 1);
    json_set_text(entry, "revision", revision);
    set_now(o, entry, "deployedAt");
    if (source)
        (void)cJSON_AddItemToObject(entry, "source", cJSON_Duplicate(source, true));
    (void)cJSON_AddItemToObject(entry, "initiatedBy", cJSON_Duplicate(who, true));
    if (!history)
        history = cJSON_AddArrayToObject(status, "history");
    (void)cJSON_AddItemToArray(history, entry);
}

static void end(struct objects *o, const struct object *x)
{
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    cJSON *state = within(status, "operationState"), *result = cJSON_CreateObject();
    const cJSON *operation = member(state, "operation"), *sync = member(operation, "sync");
    cJSON *results = cJSON_AddArrayToObject(result, "resources");
    const char *head = json_member(within(status, "sync"), "revision"),
               *asked = json_member(sync, "revision");
    const bool back = asked[0] && strcmp(asked, head) != 0;
    const bool all = apply(status, sync, results);
    cJSON_DeleteItemFromObjectCaseSensitive(json, "operation");
    json_set_text(result, "revision", asked[0] ? asked : head);
    set_item(state, "syncResult", result);
    json_set_text(state, "phase", "Succeeded");
    json_set_text(state, "message", "successfully synced (all tasks run)");
    set_now(o, state, "finishedAt");
    if (!cJSON_IsTrue(member(sync, "dryRun"))) {
        note_history(o, status, sync, asked[0] ? asked : head, member(operation, "initiatedBy"));
        json_set_text(within(status, "sync"), "status", all && !back ? "Synced" : "OutOfSync");
    }
    set_now(o, status, "reconciledAt");
    (void)objects_put(o, x->resource, json);
}

static void terminate(struct objects *o, const struct object *x)
{
    cJSON *json = cJSON_Duplicate(x->json, true);
    cJSON *state = within(within(json, "status"), "operationState");
    cJSON_DeleteItemFromObjectCaseSensitive(json, "operation");
    json_set_text(state, "phase", "Failed");
    json_set_text(state, "message", "Operation terminated");
    set_now(o, state, "finishedAt");
    (void)objects_put(o, x->resource, json);
}

void argocd_look(struct objects *o, struct object *x)
{
    const cJSON *state = member(member(x->json, "status"), "operationState");
    const cJSON *notes = member(member(x->json, "metadata"), "annotations");
    const char *phase = json_member(state, "phase");
    bool asked = member(x->json, "operation") != NULL;
    if (!has_ready(o, "statefulsets", "argocd", "argocd-application-controller"))
        return;
    if (json_member(notes, REFRESH)[0])
        compare(o, x);
    else if (asked && !cJSON_IsObject(state))
        begin(o, x);
    else if (asked && strcmp(phase, "Terminating") == 0)
        terminate(o, x);
    else if (asked && strcmp(phase, "Running") == 0 &&
             objects_now(o) - time_at(state, "startedAt") >= TAKES_MS)
        end(o, x);
}
