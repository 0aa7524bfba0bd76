/* What of an ExternalSecret's store goes where in its Secret. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_EXTERNALSECRET_MAP_H
#define BINNACLE_BACKENDS_KUBERNETES_EXTERNALSECRET_MAP_H

#include "backends/kubernetes/object.h"

/* A list of "KEY=PATH#PROPERTY": KEY "*" takes all properties, no PROPERTY all of the path as one text;
 * behind " !" stands why the value is not taken over as it is. Empty: there is nothing. */
struct span externalsecret_map(struct kube_object *o);

#endif
