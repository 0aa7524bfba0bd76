/* The collectors of binary logs, which do not run: what their metrics say. */
#ifndef BINNACLE_HARBOR_COLLECTOR_H
#define BINNACLE_HARBOR_COLLECTOR_H

#include "harbor/server.h"

#define COLLECTOR_PORT 8080

/* True when the pod is one of them. */
bool collector_is(const struct object *pod);
/* Appends /metrics. */
void collector_metrics(const struct server *server, const struct object *pod, struct strbuf *out);

#endif
