/* How far a workload's rollout is. */
#include <config.h>

#include "actions/kube.h"

#include <string.h>

static int64_t number(const struct json_node *root, const char *path, int64_t fallback)
{
    int64_t n;
    return json_node_int(json_node_path(root, path), &n) ? n : fallback;
}

static enum awaiting deployment(const struct json_node *d, struct strbuf *says)
{
    int64_t wanted = number(d, "spec.replicas", 1);
    int64_t updated = number(d, "status.updatedReplicas", 0);
    int64_t all = number(d, "status.replicas", 0);
    int64_t available = number(d, "status.availableReplicas", 0);
    const struct json_node *progressing = kube_condition(d, "Progressing");
    if (strcmp(json_node_path_text(progressing, "reason", ""), "ProgressDeadlineExceeded") == 0) {
        strbuf_addf(says, "ProgressDeadlineExceeded: %s",
                    json_node_path_text(progressing, "message", ""));
        return AWAIT_FAILED;
    }
    strbuf_addf(says, "%lld of %lld new, %lld available, %lld old left", (long long)updated,
                (long long)wanted, (long long)available, (long long)(all - updated));
    return updated >= wanted && all == updated && available >= updated ? AWAIT_DONE : AWAIT_MORE;
}

static enum awaiting statefulset(const struct json_node *s, struct strbuf *says)
{
    int64_t wanted = number(s, "spec.replicas", 1);
    int64_t ready = number(s, "status.readyReplicas", 0);
    int64_t all = number(s, "status.replicas", 0);
    int64_t updated = number(s, "status.updatedReplicas", 0);
    int64_t kept = number(s, "spec.updateStrategy.rollingUpdate.partition", 0);
    bool one = strcmp(json_node_path_text(s, "status.updateRevision", ""),
                      json_node_path_text(s, "status.currentRevision", "")) == 0;
    strbuf_addf(says, "%lld of %lld new, %lld ready", (long long)(one ? all : updated),
                (long long)wanted, (long long)ready);
    if (kept > 0) /* pods of lower numbers stay: there is no one revision */
        return updated >= wanted - kept && ready >= wanted ? AWAIT_DONE : AWAIT_MORE;
    return one && all == wanted && ready == wanted ? AWAIT_DONE : AWAIT_MORE;
}

static enum awaiting daemonset(const struct json_node *d, struct strbuf *says)
{
    int64_t wanted = number(d, "status.desiredNumberScheduled", 0);
    int64_t updated = number(d, "status.updatedNumberScheduled", 0);
    int64_t available = number(d, "status.numberAvailable", 0);
    strbuf_addf(says, "%lld of %lld new, %lld available", (long long)updated, (long long)wanted,
                (long long)available);
    return updated >= wanted && available >= wanted ? AWAIT_DONE : AWAIT_MORE;
}

enum awaiting rollout_await(BN_UNUSED struct target *t, const struct step *step,
                            const struct json_node *object, struct strbuf *says)
{
    const char *kind = json_node_path_text(object, "kind", "");
    (void)step;
    if (number(object, "status.observedGeneration", 0) < number(object, "metadata.generation", 0)) {
        strbuf_adds(says, "its controller has not seen it yet");
        return AWAIT_MORE;
    }
    return strcmp(kind, "StatefulSet") == 0 ? statefulset(object, says)
           : strcmp(kind, "DaemonSet") == 0 ? daemonset(object, says)
                                            : deployment(object, says);
}
