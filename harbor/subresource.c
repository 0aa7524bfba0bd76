/* What stands below an object: its scale and its eviction [recorded/167,
 * 172, 173, 181, 182]. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/answer.h"
#include "harbor/deeds.h"
#include "harbor/defaults.h"
#include "harbor/settle.h"

#include <stdlib.h>
#include <string.h>

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static int number_of(const cJSON *object, const char *key)
{
    const cJSON *n = member(object, key);
    return n ? n->valueint : 0;
}

/* "a=b,c=d", by key. */
static char *selector_of(const cJSON *object)
{
    struct strbuf out = STRBUF_INIT(65536);
    cJSON *labels =
        cJSON_Duplicate(member(member(member(object, "spec"), "selector"), "matchLabels"), true);
    const cJSON *l;
    strbuf_adds(&out, "");
    json_order_keys(labels);
    cJSON_ArrayForEach(l, labels)
    {
        strbuf_addf(&out, "%s%s=%s", out.len ? "," : "", l->string, l->valuestring);
    }
    cJSON_Delete(labels);
    return strbuf_take(&out);
}

void answer_scale(struct server *server, struct stream *s, const struct route *r)
{
    const struct object *o = objects_find(server->objects, r->resource, r->ns, r->name);
    if (!o) {
        answer_not_found(s, r);
        return;
    }
    const cJSON *metadata = member(o->json, "metadata");
    struct strbuf body = STRBUF_INIT(65536);
    char *selector = selector_of(o->json);
    strbuf_addf(
        &body,
        "{\"kind\":\"Scale\",\"apiVersion\":\"autoscaling/v1\",\"metadata\":{\"name\":"
        "\"%s\",\"namespace\":\"%s\",\"uid\":\"%s\",\"resourceVersion\":\"%s\","
        "\"creationTimestamp\":\"%s\"},\"spec\":{\"replicas\":%d},\"status\":{"
        "\"replicas\":%d,\"selector\":\"%s\"}}\n",
        o->name, o->ns, json_member(metadata, "uid"), json_member(metadata, "resourceVersion"),
        json_member(metadata, "creationTimestamp"), number_of(member(o->json, "spec"), "replicas"),
        number_of(member(o->json, "status"), "replicas"), selector);
    stream_answer(s, 200, "application/json", strbuf_span(&body));
    strbuf_clear(&body);
    free(selector);
}

/* The budget that chooses a pod; NULL: none. */
static const struct object *budget_of(const struct objects *o, const struct object *pod)
{
    const struct resource *budgets = resource_named(SPAN("poddisruptionbudgets"));
    size_t i = objects_from(o, budgets, span_from(pod->ns), SPAN(""));
    for (; i < objects_count(o); i++) {
        const struct object *b = objects_at(o, i);
        if (b->resource != budgets || strcmp(b->ns, pod->ns) != 0)
            return NULL;
        if (settle_selects(member(member(member(b->json, "spec"), "selector"), "matchLabels"),
                           pod->json))
            return b;
    }
    return NULL;
}

static void refuse_eviction(struct stream *s, const struct object *budget)
{
    const cJSON *status = member(budget->json, "status");
    struct strbuf details = STRBUF_INIT(4096);
    strbuf_addf(&details,
                "{\"causes\":[{\"reason\":\"DisruptionBudget\",\"message\":\"The disruption budget "
                "%s needs %d healthy pods and has %d currently\"}]}",
                budget->name, number_of(status, "desiredHealthy"),
                number_of(status, "currentHealthy"));
    s->no_retry_after = true;
    stream_status(s, 429, "TooManyRequests", strbuf_cstr(&details),
                  "Cannot evict pod as it would violate the pod's disruption budget.");
    strbuf_clear(&details);
}

void answer_eviction(struct server *server, struct stream *s, const struct route *r)
{
    const struct object *pod = objects_find(server->objects, r->resource, r->ns, r->name);
    if (!pod) {
        answer_not_found(s, r);
        return;
    }
    const struct object *budget = budget_of(server->objects, pod);
    cJSON *asked = cJSON_Parse(strbuf_cstr(&s->in));
    /* [kubernetes pkg/registry/core/pod/storage/eviction.go propagateDryRun] */
    const bool dry = route_dry(r) || member(member(asked, "deleteOptions"), "dryRun") != NULL;
    cJSON_Delete(asked);
    if (budget && !number_of(member(budget->json, "status"), "disruptionsAllowed")) {
        refuse_eviction(s, budget);
        return;
    }
    if (!dry) {
        rollout_replace(server->objects, r->ns, r->name);
        rounds_wake(&server->rounds, clock_mono_ms(server->clock));
    }
    stream_answer(s, 201, "application/json",
                  SPAN("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                       "\"Success\",\"code\":201}\n"));
}
