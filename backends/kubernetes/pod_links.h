/* Where a pod leads to: its owner, node, namespace, volumes, secrets. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_POD_LINKS_H
#define BINNACLE_BACKENDS_KUBERNETES_POD_LINKS_H

#include "backends/kubernetes/kube_kind.h"

void pod_links(struct kube_object *o, struct row_writer *w);

#endif
