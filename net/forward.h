/* Port-forward to a pod through the API server: one WebSocket, one connection to
 * one port, as a stream [kube-streaming/notes.md "Port-forward"]. */
#ifndef BINNACLE_NET_FORWARD_H
#define BINNACLE_NET_FORWARD_H

#include "net/stream.h"

/* Opens it. http: the client of the cluster (net/kube.h), borrowed until stream_close() and not
 * to be asked meanwhile. That a stream was opened says nothing about the port: that nobody
 * listens there is what the first stream_read() says, in one sentence. */
struct stream *forward_open(struct http *http, const char *ns, const char *pod, int port,
                            const struct stream_wait *wait, struct err *err) BN_MUST_USE;

/* A ready pod behind a port of a service, and the port it listens at there, from the service and
 * its EndpointSlices as they are now. *pod: owned. */
bool forward_resolve(struct http *http, const char *ns, const char *service, int port,
                     const struct stream_wait *wait, char **pod, int *pod_port,
                     struct err *err) BN_MUST_USE;

#endif
