/* Rounds of controllers. */
#include <config.h>

#include "harbor/rounds.h"

#include "base/timetext.h"
#include "harbor/deeds.h"
#include "harbor/defaults.h"
#include "harbor/json_parts.h"
#include "harbor/operators.h"
#include "harbor/outside.h"
#include "harbor/server.h"

#define LOOK_MS      5000
#define DEEDS_MS     200
#define DEEDS_FOR_MS 60000

static const struct {
    const char *resource;        /* what is looked at */
    const char *time;            /* the member of its status that says when */
    int64_t every_ms;            /* 0: as spec.refreshInterval says */
    const char *set, *ns, *name; /* the workload that does it */
} rounds[] = {
    {"applications", "reconciledAt", 120000, "statefulsets", "argocd",
     "argocd-application-controller"},
    {"externalsecrets", "refreshTime", 0, "deployments", "operators", "external-secrets"},
    {"pushsecrets", "refreshTime", 0, "deployments", "operators", "external-secrets"},
};

/* What fails is not noted down as done. */
static bool fails(const cJSON *status)
{
    return condition_of(status, "Ready") && !condition_is(status, "Ready", "True");
}

static void look_at(struct objects *o, struct object *object, size_t round)
{
    const cJSON *status = member(object->json, "status");
    int64_t last, every = rounds[round].every_ms, now = objects_now(o);
    char text[TIMETEXT_MAX];
    if (!time_parse(span_from(json_member(status, rounds[round].time)), &last) || fails(status))
        return;
    if (!every &&
        !duration_parse(span_from(json_member(member(object->json, "spec"), "refreshInterval")),
                        &every))
        return;
    if (every <= 0 || now - last < every)
        return;
    cJSON *json = cJSON_Duplicate(object->json, true);
    time_format(now / 1000 * 1000, text);
    json_set_text(member(json, "status"), rounds[round].time, text);
    (void)objects_put(o, object->resource, json);
}

void rounds_wake(struct rounds *due, int64_t mono_ms)
{
    due->deeds_ms = mono_ms;
    due->until_ms = mono_ms + DEEDS_FOR_MS;
}

int64_t rounds_next(const struct rounds *due)
{
    return due->deeds_ms < due->until_ms && due->deeds_ms < due->rounds_ms ? due->deeds_ms
                                                                           : due->rounds_ms;
}

void rounds_turn(struct server *server)
{
    const int64_t mono_ms = clock_mono_ms(server->clock);
    struct objects *o = server->objects;
    struct rounds *due = &server->rounds;
    if (due->deeds_ms < due->until_ms && mono_ms >= due->deeds_ms) {
        deeds_turn(server);
        due->deeds_ms = mono_ms + DEEDS_MS;
    }
    if (mono_ms < due->rounds_ms)
        return;
    for (size_t i = 0; i < BN_COUNT(rounds); i++) {
        const struct resource *r = resource_named(span_from(rounds[i].resource));
        if (!has_ready(o, rounds[i].set, rounds[i].ns, rounds[i].name))
            continue;
        for (size_t at = objects_from(o, r, SPAN(""), SPAN(""));
             at < objects_count(o) && objects_at(o, at)->resource == r; at++)
            look_at(o, objects_at(o, at), i);
    }
    if (!outside_idle(server->outside))
        operators_upload(o);
    due->rounds_ms = mono_ms + LOOK_MS;
}
