/* What the files of the probes share. */
#ifndef BINNACLE_BACKENDS_PROBE_PROBE_H
#define BINNACLE_BACKENDS_PROBE_PROBE_H

#include "backends/discovery.h"
#include "backends/rota.h"
#include "net/probe.h"

/* A host's line of the targets, part by part (rota_part()). */
enum probe_part {
    PART_HOST,
    PART_PATH,
    PART_SCHEME,      /* "https", "http" */
    PART_ROUTES,      /* "ingressroute:shop/web,ingress:shop/old" */
    PART_MIDDLEWARES, /* "shop/headers,traefik/oauth2-proxy", in order */
    PART_SIGN_IN,     /* the middleware that asks for it, "" */
};

/* Which hosts the rows of routes name; a line each. */
void probe_discover(const struct store *st, struct discovery *d);

extern const struct kind kind_http_probe, kind_served_cert;
/* Write the row of a host; as row_end(). */
bool http_probe_put(const struct rota_item *item, const struct probe_answer *a,
                    struct row_writer *w) BN_MUST_USE;
bool served_cert_put(const struct rota_item *item, const struct probe_answer *a,
                     struct row_writer *w) BN_MUST_USE;

#endif
