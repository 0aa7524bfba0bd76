/* What the rest of a cluster writes when a pod has changed: its kubelet the pod's
 * own conditions, the controllers their counts, the endpoints of its services. So
 * a story tells what happens to a pod, and all that follows is as in a cluster. */
#ifndef BINNACLE_HARBOR_SETTLE_H
#define BINNACLE_HARBOR_SETTLE_H

#include "harbor/objects.h"

/* Ready and ContainersReady of a pod, from its containers' states. */
void settle_conditions(const struct objects *o, cJSON *pod);
/* Owners, endpoint slices and disruption budgets of a pod that has come, changed or gone. pod is no
 * object of *o itself, but a copy of what it is, or last was. */
void settle_pod(struct objects *o, const cJSON *pod);

/* All of a selector's labels are the pod's, and there is one. */
bool settle_selects(const cJSON *labels, const cJSON *pod);

#endif
