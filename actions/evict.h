/* What evicting a pod and draining a node share. */
#ifndef BINNACLE_ACTIONS_EVICT_H
#define BINNACLE_ACTIONS_EVICT_H

#include "actions/kube.h"

/* Appends the step that evicts a pod. grace: seconds that it has to end; "": as it says. */
struct step *evict_step(struct plan *p, const struct json_node *pod, const char *grace);
/* For a step's await: done when the pod has begun to end. Until then the step's deed, which waits, is
 * sent again, and what its budget has against it is said. */
enum awaiting evict_await(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says);
/* A static pod of a kubelet's own files: the API server has but its picture. */
bool evict_is_mirror(const struct json_node *pod);

#endif
