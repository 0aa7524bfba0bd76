/* What pods say in their logs where it is known: by a test's command, or by what they do. */
#ifndef BINNACLE_HARBOR_SAID_H
#define BINNACLE_HARBOR_SAID_H

#include "harbor/server.h"

/* A line "STAMP TEXT" more; "": it has said nothing yet. */
void said_add(struct server *server, struct span ns, struct span pod, struct span line);
/* "NAMESPACE POD STAMP TEXT": one line more of its log, which has these lines alone from then on; stamps
 * as a kubelet writes them, in any order. */
bool said_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err);
void said_free(struct server *server);

#endif
