/* The columns of a pod, for the files that fill and judge them. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_POD_H
#define BINNACLE_BACKENDS_KUBERNETES_POD_H

#include "backends/kubernetes/kube_kind.h"

enum pod_column {
    POD_NAMESPACE,
    POD_NAME,
    POD_READY,
    POD_STATUS,
    POD_RESTARTS,
    POD_DEATH,
    POD_LAST_RESTART,
    POD_AGE,
    POD_IP,
    POD_NODE,
    POD_OWNER,
    POD_NOMINATED,
    POD_GATES,
    POD_CPU_REQUEST,
    POD_CPU_LIMIT,
    POD_MEMORY_REQUEST,
    POD_MEMORY_LIMIT,
    POD_IMAGES,
    POD_IMAGE_IDS,
    POD_CONTAINERS,
    POD_QOS,
    POD_PHASE,
    POD_READY_NOW,
    POD_READY_SINCE,
    POD_EXIT_CODE,
    POD_DIED,
    POD_RESTARTED,
    POD_STARTED,
    POD_HELD_BACK,
    POD_SCHEDULED,
    POD_REASON,
    POD_DEATH_SAYS,
    POD_CREATED,
    POD_DELETED,
    POD_LABELS,
    POD_UID,
};

#define POD_RULES 16
extern const struct rule pod_rules[POD_RULES];

struct verdict pod_judge(const struct store *st, struct handle row, int64_t now_ms);
void pod_says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
              struct strbuf *out);

enum { POD_ASKS_CPU, POD_ASKS_CPU_LIMIT, POD_ASKS_MEMORY, POD_ASKS_MEMORY_LIMIT, POD_ASKS };

/* What a pod asks for, as the scheduler counts: thousandths of cores, bytes; -1:
 * nothing. */
void pod_asks(struct kube_object *o, int64_t out[POD_ASKS]);

#endif
