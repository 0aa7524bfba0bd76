/* What evicting a pod, deleting one and draining a node share. */
#ifndef BINNACLE_ACTIONS_EVICT_H
#define BINNACLE_ACTIONS_EVICT_H

#include "actions/kube.h"

/* Appends the step that evicts a pod. grace: seconds that it has to end; "": as it says. */
struct step *evict_step(struct plan *p, const struct json_node *pod, const char *grace);
/* Follows the step until the pod is gone: one of its name that came after is another, StatefulSets name
 * them so. What takes it back is said. */
void evict_follow(struct plan *p, struct step *s, const struct json_node *pod, const char *path);
/* A pod without a controller is gone for good: the plan destroys, and says so. */
void evict_warn_alone(struct plan *p, const struct json_node *pod);
/* For a step's await: done when the pod has begun to end. Until then the step's deed, which waits, is
 * sent again, and what its budget has against it is said. */
enum awaiting evict_await(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says);
/* It runs no more: Succeeded, Failed. */
bool evict_has_ended(const struct json_node *pod);
/* A static pod of a kubelet's own files: the API server has but its picture. */
bool evict_is_mirror(const struct json_node *pod);

#endif
