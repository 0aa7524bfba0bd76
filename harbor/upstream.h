/* What is behind pods and services: servers on loopback that a test has named,
 * and which pod a service leads to. */
#ifndef BINNACLE_HARBOR_UPSTREAM_H
#define BINNACLE_HARBOR_UPSTREAM_H

#include "harbor/server.h"

/* A command's words: "pods NAMESPACE NAME PORT LOOPBACK", or services; LOOPBACK 0: no more. */
bool upstream_command(struct server *server, struct span rest, struct strbuf *answer,
                      struct err *err);
/* The port on loopback; 0: none. */
int upstream_find(const struct server *server, const char *plural, struct span ns, struct span name,
                  int port);
void upstreams_free(struct server *server);

/* A service's port by number or name ("": its only one). */
struct service_port {
    char name[64];
    int number;
    bool found, any; /* any: the service has ports */
};

struct service_port service_port(const struct object *service, struct span port);
/* The first ready pod behind it, borrowed, and the port there; NULL: none. */
const struct object *service_pod(const struct server *server, const struct object *service,
                                 const char *port_name, int *pod_port);

#endif
