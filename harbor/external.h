/* External Secrets' controller: what ExternalSecrets that are new, or that are asked to be read again,
 * come to, by what Vault has. */
#ifndef BINNACLE_HARBOR_EXTERNAL_H
#define BINNACLE_HARBOR_EXTERNAL_H

#include "harbor/server.h"

void external_turn(struct server *server);

#endif
