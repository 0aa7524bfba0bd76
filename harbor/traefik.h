/* The platform's Traefik, which does not run: what its API says of the routes that there are, and
 * its figures. */
#ifndef BINNACLE_HARBOR_TRAEFIK_H
#define BINNACLE_HARBOR_TRAEFIK_H

#include "harbor/server.h"

#define TRAEFIK_API_PORT     9000
#define TRAEFIK_METRICS_PORT 9100

/* True when the pod is one of them. */
bool traefik_is(const struct object *pod);
/* What it answers at one of its ports to a path and query; appended to out. Returns the status. */
int traefik_answer(struct server *server, const struct object *pod, int port, struct span target,
                   struct strbuf *out, const char **type);
/* "NAME failing PERCENT": of requests to services whose name begins so; "NAME down N": its first N
 * servers fail their health checks; "NAME lost": it has no router whose name begins so, or no
 * certificate with this name; of "api", it does not serve that. "NAME well": none of it. */
bool traefik_command(struct server *server, struct span rest, struct strbuf *answer,
                     struct err *err);
void traefik_states_free(struct server *server);

/* ---- For harbor/traefik.c, of harbor/traefik_config.c. */

/* What /api/rawdata says, by the objects that there are [Traefik v3.6
 * pkg/provider/kubernetes/crd, ingress]; owned. */
cJSON *traefik_config(const struct server *server, const struct object *pod) BN_MUST_USE;
/* Whether its container was started with this argument; "--x=": what stands behind, "" when it was
 * not. Borrowed. */
bool traefik_has(const struct object *pod, const char *argument);
const char *traefik_said(const struct object *pod, const char *argument);

#endif
