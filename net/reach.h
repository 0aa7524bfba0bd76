/* How a server is reached, as one text says it: directly, or through a cluster's
 * API server. Discovery and configuration write such texts. */
#ifndef BINNACLE_NET_REACH_H
#define BINNACLE_NET_REACH_H

#include "net/kubeconfig.h"
#include "net/stream.h"

#define REACH_FORMS                                                                             \
    "tcp:HOST:PORT, tls:HOST:PORT, http(s)://HOST..., pod:NS/NAME:PORT, service:NS/NAME:PORT, " \
    "tls-pod:, tls-service:, proxy:NS/SERVICE:PORT, proxy-https:, proxy-pod:, "                 \
    "proxy-https-pod:"

struct reach;
struct credential; /* net/credential.h */

/* The cluster that is gone through. All borrowed. */
struct reach_cluster {
    const struct kubeconfig *config;
    const struct kube_context *context;
    struct credential *credential; /* shared; NULL: anonymous */
};

/* What stands beside the text. Texts are borrowed. */
struct reach_options {
    const char *name;                    /* who is reached, for sentences: "redis redis-master" */
    const char *ca_file;                 /* NULL: the system's CAs */
    const char *tls_server_name;         /* NULL: the host; of a service NAME.NS.svc */
    bool insecure;                       /* the certificate is not verified */
    const char *addresses;               /* of HTTP that is asked directly, as in struct
                                            probe_options; NULL: where its name leads */
    struct credential *credential;       /* of HTTP that is asked directly; NULL: none */
    const char *const *headers;          /* of HTTP, "X-Vault-Token: ...", NULL ends; NULL: none */
    const struct reach_cluster *cluster; /* NULL: there is none */
};

/* One of REACH_FORMS; PORT of a service is a number or, for the proxies, its name. NULL:
 * ERR_CONFIG. */
struct reach *reach_parse(const char *text, struct err *err) BN_MUST_USE;
void reach_free(struct reach *r);              /* NULL is allowed */
const char *reach_text(const struct reach *r); /* as it was given; borrowed */
bool reach_is_http(const struct reach *r);
bool reach_needs_cluster(const struct reach *r);
/* "port-forward to service operators/redis-master:6379", "TLS to db.example.org:3306" */
void reach_describe(const struct reach *r, struct strbuf *out);

/* Opens a stream; a service is looked up anew each time. how: NULL, or emptied and filled with
 * what it came to be: "port-forward to pod operators/redis-master-0:6379". ERR_CONFIG for HTTP. */
struct stream *reach_stream(const struct reach *r, const struct reach_options *o,
                            const struct stream_wait *wait, struct strbuf *how,
                            struct err *err) BN_MUST_USE;
/* An HTTP client for one thread; *prefix, emptied first, goes before each path. Through pod:,
 * service: and their tls- forms HTTP or HTTPS goes over a port-forward, which leaves the request's
 * Authorization alone, where the API server's proxy takes it for a login of its own
 * [apiserver pkg/endpoints/filters/authentication.go]. r and what the options point to outlive it.
 * cancel_fd: as in http_options. ERR_CONFIG for tcp: and tls:. */
struct http *reach_http(const struct reach *r, const struct reach_options *o, int cancel_fd,
                        struct strbuf *prefix, struct err *err) BN_MUST_USE;
/* The two halves of it, for a client that is made elsewhere: appends "https://NAME.NS.svc:PORT" of a
 * port-forward, or the address as it is; and what its connections go over, open NULL but for
 * a port-forward. */
void reach_origin(const struct reach *r, struct strbuf *out);
struct http_way reach_way(const struct reach *r, const struct reach_options *o);

#endif
