/* What every reader of a Kubernetes API server needs: the client of a context,
 * paths, errors of the API, and which resources are served. */
#ifndef BINNACLE_NET_KUBE_H
#define BINNACLE_NET_KUBE_H

#include "net/credential.h"
#include "net/http.h"
#include "net/json.h"

#define KUBE_PATH_MAX ((size_t)64 << 10) /* a continue token can be kilobytes */

/* "cluster spot" for sentences; the credential takes "user NAME". */
struct credential *kube_credential(const struct kubeconfig *config,
                                   const struct kube_context *context, const struct clock *clock,
                                   struct err *err) BN_MUST_USE;
/* Client for one thread. credential: shared by all clients of the context; may be NULL.
 * cancel_fd: see http_options. */
struct http *kube_client(const struct kubeconfig *config, const struct kube_context *context,
                         struct credential *credential, int cancel_fd, struct err *err) BN_MUST_USE;

/* A resource: "", "v1", "pods" or "apps", "v1", "deployments". */
struct kube_resource {
    const char *group, *version, *plural;
};

/* Appends "/api/v1/namespaces/NS/pods/NAME/log". ns: NULL or "" for all namespaces or cluster
 * scope; name, subresource: NULL when not wanted. Every part is percent-encoded. */
void kube_path(struct strbuf *out, const struct kube_resource *resource, const char *ns,
               const char *name, const char *subresource);
/* Appends "?key=value" or, after the first, "&key=value", value percent-encoded. */
void kube_query(struct strbuf *path, const char *key, const char *value);
void kube_query_int(struct strbuf *path, const char *key, int64_t value);
/* Appends text percent-encoded (RFC 3986 unreserved bytes stay). */
void kube_escape(struct strbuf *out, struct span text);
/* The same of each part between '/'. */
void kube_escape_path(struct strbuf *out, struct span path);

/* The error that a Status object states (HTTP body, or object of an ERROR event): 403 gives
 * ERR_DENIED, 410 ERR_GONE, 429 ERR_BUSY with its retryAfterSeconds in code, ... False when v is
 * no Status of failure. Fits http_explain_fn through kube_explain(). */
bool kube_status(struct json_value v, struct err *err);
bool kube_explain(int status, struct span body, struct err *err);

/* What a 410 of a list page offers to go on with; empty span: nothing. */
struct span kube_status_continue(struct json_value status, struct strbuf *scratch);

enum kube_verb {
    KUBE_LIST = 1 << 0,
    KUBE_WATCH = 1 << 1,
    KUBE_GET = 1 << 2,
    KUBE_CREATE = 1 << 3,
    KUBE_PATCH = 1 << 4,
    KUBE_DELETE = 1 << 5,
};

struct kube_served {
    const char *group, *version, *plural, *singular, *kind; /* owned by the discovery */
    const char *short_names;                                /* joined by commas; "" */
    bool namespaced;
    bool preferred; /* the group's first version */
    unsigned verbs; /* enum kube_verb */
};

struct kube_discovery;

/* Aggregated discovery in two requests, or the older way where the server has none. Groups that
 * an aggregated API server does not answer for are left out and named by kube_discovery_missing().
 * Waits; cancel_fd as in http_fetch(). */
struct kube_discovery *kube_discover(struct http *http, int deadline_ms, int cancel_fd,
                                     struct err *err) BN_MUST_USE;
void kube_discovery_free(struct kube_discovery *d);
size_t kube_discovery_count(const struct kube_discovery *d);
const struct kube_served *kube_discovery_at(const struct kube_discovery *d, size_t i);
/* version NULL: the preferred one. NULL: not served. */
const struct kube_served *kube_discovery_find(const struct kube_discovery *d, const char *group,
                                              const char *version, const char *plural);
/* "metrics.k8s.io/v1beta1, ..." that did not answer; "" */
const char *kube_discovery_missing(const struct kube_discovery *d);

#endif
