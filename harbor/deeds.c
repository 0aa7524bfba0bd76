/* Custom resources and Jobs: what their controllers do when they are asked. */
#include <config.h>

#include "harbor/deeds.h"

#include "harbor/argocd.h"
#include "harbor/certificates.h"
#include "harbor/database.h"
#include "harbor/defaults.h"
#include "harbor/external.h"
#include "harbor/json_parts.h"
#include "harbor/mysql_catalog.h"
#include "harbor/remove.h"
#include "harbor/server.h"

#include <string.h>

#define TAKES_MS   500 /* what a deed takes */
#define MANUAL_JOB "cronjob.kubernetes.io/instantiate"

static const char *note(const struct object *x, const char *key)
{
    return json_member(member(member(x->json, "metadata"), "annotations"), key);
}

/* ---- Jobs that a person has made of a CronJob. */

static void add_condition(const struct objects *o, cJSON *status, const char *type)
{
    cJSON *list = member(status, "conditions"), *c = cJSON_CreateObject();
    if (!list)
        list = cJSON_AddArrayToObject(status, "conditions");
    json_set_text(c, "type", type);
    json_set_text(c, "status", "True");
    set_now(o, c, "lastTransitionTime");
    (void)cJSON_AddItemToArray(list, c);
}

static void run_job(struct objects *o, struct object *x)
{
    const cJSON *now = member(x->json, "status");
    if (strcmp(note(x, MANUAL_JOB), "manual") != 0 || json_member(now, "completionTime")[0])
        return;
    int64_t began = time_at(now, "startTime");
    if (began && objects_now(o) - began < TAKES_MS)
        return;
    cJSON *json = cJSON_Duplicate(x->json, true), *status = within(json, "status");
    if (!began) {
        set_now(o, status, "startTime");
        set_item(status, "active", cJSON_CreateNumber(1));
    } else {
        cJSON_DeleteItemFromObjectCaseSensitive(status, "active");
        set_item(status, "succeeded", cJSON_CreateNumber(1));
        set_now(o, status, "completionTime");
        add_condition(o, status, "Complete");
    }
    (void)objects_put(o, x->resource, json);
}

void deeds_turn(struct server *server)
{
    static const struct {
        const char *resource;
        void (*look)(struct objects *o, struct object *x);
    } looks[] = {
        {"pushsecrets", external_push},
        {"applications", argocd_look},
        {"certificates", certificates_look},
        {"jobs", run_job},
    };
    struct objects *o = server->objects;

    external_turn(server);
    mysql_jobs_turn(server);
    for (size_t i = 0; i < BN_COUNT(looks); i++) {
        const struct resource *r = resource_named(span_from(looks[i].resource));
        for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
             at < objects_count(o) && objects_at(o, at)->resource == r; at++)
            looks[i].look(o, objects_at(o, at));
    }
    database_turn(o, server->outside);
    rollout_turn(o);
    remove_turn(o);
}
