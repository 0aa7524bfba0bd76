/* What a pod asks for [component-helpers resource/helpers.go PodRequests]. */
#include <config.h>

#include "backends/kubernetes/pod.h"
#include "base/number.h"

static const struct {
    const char *group, *name;
    int64_t scale;
} asked[POD_ASKS] = {
    [POD_ASKS_CPU] = {"requests", "cpu", 1000},
    [POD_ASKS_CPU_LIMIT] = {"limits", "cpu", 1000},
    [POD_ASKS_MEMORY] = {"requests", "memory", 1},
    [POD_ASKS_MEMORY_LIMIT] = {"limits", "memory", 1},
};

static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* What is said in resources, or in overhead, which has no groups; -1: nothing. */
static void amounts(struct kube_object *o, struct json_value holder, bool grouped,
                    int64_t out[POD_ASKS])
{
    for (size_t i = 0; i < POD_ASKS; i++) {
        struct json_value group = grouped ? json_get(holder, asked[i].group) : holder;
        int64_t n = -1;
        out[i] = -1;
        if (group.type == JSON_OBJECT &&
            quantity_parse(object_text(o, json_get(group, asked[i].name)), asked[i].scale, &n) &&
            n >= 0)
            out[i] = n;
    }
}

static void add_containers(struct kube_object *o, int64_t out[POD_ASKS])
{
    struct json_iter it;
    struct json_value c;
    int64_t one[POD_ASKS];
    for (json_iter_init(&it, json_get(o->spec, "containers")); json_next(&it, NULL, &c);) {
        amounts(o, json_get(c, "resources"), true, one);
        for (size_t i = 0; i < POD_ASKS; i++)
            if (one[i] >= 0)
                out[i] = add(out[i] < 0 ? 0 : out[i], one[i]);
    }
}

/* Sidecars are added to out; most: the largest of the others, with the sidecars
 * that were started before it. */
static void add_init_containers(struct kube_object *o, int64_t out[POD_ASKS],
                                int64_t most[POD_ASKS])
{
    struct json_iter it;
    struct json_value c;
    int64_t sidecars[POD_ASKS] = {0}, one[POD_ASKS];
    for (json_iter_init(&it, json_get(o->spec, "initContainers")); json_next(&it, NULL, &c);) {
        bool sidecar = json_is(json_get(c, "restartPolicy"), "Always");
        amounts(o, json_get(c, "resources"), true, one);
        for (size_t i = 0; i < POD_ASKS; i++) {
            if (one[i] < 0)
                continue;
            if (sidecar)
                out[i] = add(out[i] < 0 ? 0 : out[i], one[i]);
            one[i] = add(one[i], sidecars[i]);
            if (sidecar)
                sidecars[i] = one[i];
            else if (one[i] > most[i])
                most[i] = one[i];
        }
    }
}

/* The containers together, or the largest init container with the sidecars that
 * were started before it, where that is more; a sidecar counts with the
 * containers. What is said for the whole pod takes their place; what its runtime
 * needs comes on top. */
void pod_asks(struct kube_object *o, int64_t out[POD_ASKS])
{
    struct json_value whole = json_get(o->spec, "resources"),
                      overhead = json_get(o->spec, "overhead");
    int64_t most[POD_ASKS], one[POD_ASKS];
    for (size_t i = 0; i < POD_ASKS; i++)
        out[i] = most[i] = -1;
    add_containers(o, out);
    add_init_containers(o, out, most);
    for (size_t i = 0; i < POD_ASKS; i++)
        out[i] = out[i] > most[i] ? out[i] : most[i];
    if (whole.type == JSON_OBJECT) {
        amounts(o, whole, true, one);
        for (size_t i = 0; i < POD_ASKS; i++)
            out[i] = one[i] >= 0 ? one[i] : out[i];
    }
    if (overhead.type == JSON_OBJECT) {
        amounts(o, overhead, false, one);
        for (size_t i = 0; i < POD_ASKS; i++)
            if (one[i] >= 0 && out[i] >= 0)
                out[i] = add(out[i], one[i]);
    }
}
