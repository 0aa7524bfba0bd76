/* A Prometheus that does not run: it has been there for longer than the platform, and has kept what
 * kubelets, node_exporter, mysqld_exporter and redis_exporter would have told it. */
#ifndef BINNACLE_HARBOR_PROMETHEUS_H
#define BINNACLE_HARBOR_PROMETHEUS_H

#include "harbor/server.h"

/* True when the pod is one, by its label app.kubernetes.io/name. */
bool prometheus_is(const struct object *pod);
/* What it answers to a path and query; appended to out. Returns the status. It reads no PromQL: it looks
 * for a metric that it has and for the labels beside it, and says what the usual question for that comes
 * to: claims fill to what their kubelet says now, all else goes up and down. Of an hour ago it lacks some
 * minutes, in which it was moved to another node. */
int prometheus_answer(const struct server *server, struct span target, struct strbuf *out);

#endif
