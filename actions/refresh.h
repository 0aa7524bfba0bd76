/* External Secrets reading now what it reads from time to time. */
#ifndef BINNACLE_ACTIONS_REFRESH_H
#define BINNACLE_ACTIONS_REFRESH_H

#include "actions/kube.h"

/* Appends a step that has an ExternalSecret or PushSecret (read already) read its store, and waits
 * until it has. */
void refresh_step(struct target *t, const struct answers *in, struct plan *p,
                  const struct kube_object *o);

#endif
