/* The platform's HAProxies before its databases, which do not run: what their metrics say. */
#ifndef BINNACLE_HARBOR_HAPROXY_H
#define BINNACLE_HARBOR_HAPROXY_H

#include "harbor/server.h"

#define HAPROXY_PORT 8404

/* True when the pod is one of them, and runs. */
bool haproxy_is(const struct object *pod);
/* Appends /metrics, by how the databases are. */
void haproxy_metrics(const struct server *server, const struct object *pod, struct strbuf *out);

#endif
