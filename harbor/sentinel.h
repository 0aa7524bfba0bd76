/* The platform's Sentinels, which do not run. */
#ifndef BINNACLE_HARBOR_SENTINEL_H
#define BINNACLE_HARBOR_SENTINEL_H

#include "harbor/server.h"

#define SENTINEL_PORT 26379

/* Appends what the sentinel in a pod answers to SENTINEL what. fields: "NAME:VALUE\n" that were set of
 * it: sentinel_master (which pod's number it takes for the master), sentinel_flags,
 * sentinel_usable. */
void sentinel_answer(const struct server *server, const struct object *pod, struct span fields,
                     struct span what, struct strbuf *out);

#endif
