/* Events by their newer name: what is kept as core/v1 is told as events.k8s.io/v1
 * [recorded/037, 075]. */
#include <config.h>

#include "harbor/answer.h"

static const struct {
    const char *core, *newer;
} names[] = {
    {"eventTime", "eventTime"},
    {"reportingComponent", "reportingController"},
    {"reportingInstance", "reportingInstance"},
    {"action", "action"},
    {"reason", "reason"},
    {"involvedObject", "regarding"},
    {"related", "related"},
    {"message", "note"},
    {"type", "type"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
};

static bool is_empty(const cJSON *value)
{
    return !value || (cJSON_IsString(value) && !value->valuestring[0]);
}

void event_print_newer(const struct object *o, struct strbuf *out)
{
    cJSON *event = cJSON_CreateObject();
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(o->json, "metadata");
    (void)cJSON_AddItemToObject(event, "metadata", cJSON_Duplicate(metadata, true));
    for (size_t i = 0; i < BN_COUNT(names); i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(o->json, names[i].core);
        if (!is_empty(value))
            (void)cJSON_AddItemToObject(event, names[i].newer, cJSON_Duplicate(value, true));
    }
    char *text = cJSON_PrintUnformatted(event);
    strbuf_adds(out, text ? text : "{}");
    cJSON_free(text);
    cJSON_Delete(event);
}
