/* Argo CD's application controller, as far as guided actions look at it: comparisons that are asked for,
 * operations with their results, told to end or not [argo-cd controller/appcontroller.go]. */
#ifndef BINNACLE_HARBOR_ARGOCD_H
#define BINNACLE_HARBOR_ARGOCD_H

#include "harbor/objects.h"

/* Does what is due of an Application. */
void argocd_look(struct objects *o, struct object *x);

#endif
