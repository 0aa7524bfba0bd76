/* External Secrets' controller: what ExternalSecrets that are new, or that are asked to be read again,
 * come to, by what Vault has; and PushSecrets that are asked to be written again. */
#ifndef BINNACLE_HARBOR_EXTERNAL_H
#define BINNACLE_HARBOR_EXTERNAL_H

#include "harbor/server.h"

void external_turn(struct server *server);
/* Looks at one PushSecret. */
void external_push(struct objects *o, struct object *x);

#endif
