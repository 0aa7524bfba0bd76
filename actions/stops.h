/* What a change stops meanwhile, and for how long: said in plans, of what is there now. */
#ifndef BINNACLE_ACTIONS_STOPS_H
#define BINNACLE_ACTIONS_STOPS_H

#include "actions/kube.h"

/* Of a Deployment, StatefulSet or DaemonSet that has been read and whose pods are replaced: how many are
 * missing at a time by its strategy, how long such pods took to be ready, and whether the rollout before
 * is stuck. Notes, and warnings where what it serves stops. What may not be read is left out. */
void stops_rollout(struct target *t, struct plan *p, const struct kube_object *o);
/* Of pods that are ended at once, n of them: a warning that names the workloads of which none is ready
 * meanwhile. */
void stops_pods(struct target *t, struct plan *p, const struct json_node *const *ended, size_t n);

#endif
