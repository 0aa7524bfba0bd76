/* Where a bucket is: address and path, from its settings. Pure. */
#ifndef BINNACLE_NET_S3_PLACE_H
#define BINNACLE_NET_S3_PLACE_H

#include "base/err.h"
#include "base/strbuf.h"

struct s3_place {
    struct span bucket;   /* borrowed from the setting */
    struct span prefix;   /* "" or "a/b/": before every name in it; borrowed */
    const char *endpoint; /* NULL: AWS's own, by region; borrowed */
    bool by_path;         /* the bucket's name stands in the path, not in the host's name */
};

/* where: "bucket" or "bucket/prefix", as the operator's settings have it. endpoint: NULL, or its
 * https:// or http:// address; one of AWS's own is found by region instead. style: "auto", "path",
 * "virtual"; auto is by path but at AWS. ERR_CONFIG. */
bool s3_place_read(struct s3_place *p, const char *where, const char *endpoint, const char *style,
                   struct err *err);
/* The origin in a region, and the path of the bucket there; both emptied first. */
void s3_place_origin(const struct s3_place *p, const char *region, struct strbuf *origin);
void s3_place_path(const struct s3_place *p, struct strbuf *path);
/* "s3://bucket/prefix/": as the destination of a backup begins. */
void s3_place_url(const struct s3_place *p, struct strbuf *url);

/* An endpoint that is a service of the cluster, "https://NAME.NS.svc.cluster.local:PORT"; the part
 * behind NS is left out as one likes [kubernetes.io dns-pod-service]. Spans are of the endpoint. */
struct s3_service {
    struct span ns, name, port;
    bool tls;
};

/* False: it cannot be one. Whether there is such a service, the caller looks. */
bool s3_place_service(struct span endpoint, struct s3_service *out);
/* Appends "tls-service:NS/NAME:PORT", as net/reach.h takes it. */
void s3_place_reach(const struct s3_service *s, struct strbuf *out);

#endif
