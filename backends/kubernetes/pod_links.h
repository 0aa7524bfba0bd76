/* Where a pod leads to: its owner, node, namespace, volumes, secrets. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_POD_LINKS_H
#define BINNACLE_BACKENDS_KUBERNETES_POD_LINKS_H

#include "backends/kubernetes/object.h"

void pod_links(struct kube_object *o, struct row_writer *w);
/* Key of an owner's row and its kind's name; NULL: no kind of ours. */
const char *owner_link(struct kube_object *o, struct span *key);

#endif
