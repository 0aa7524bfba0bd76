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
    PART_SECRET,      /* the Secret with the certificate that is to be served: "shop/web-tls", "" */
};

/* What cert-manager says of the certificate in that Secret, behind it in the line (rota_beside()). */
enum probe_beside {
    BESIDE_CERTIFICATE, /* "shop/web" */
    BESIDE_FROM,        /* since when it holds, wall ms */
    BESIDE_UNTIL,
};

/* What was seen of a host. */
struct probe_seen {
    struct probe_answer answer;
    int64_t differs_ms; /* wall: since when it is known to serve another certificate than the
                           Secret has; TIME_NONE: it does not, or that is not known */
    char secret[520];   /* that was read, "" */
    int64_t again_ms;   /* monotonic: when it is read again */
    bool has_dates;     /* the certificate in it holds */
    int64_t from_ms, until_ms;
};

/* Which hosts the rows of routes name; a line each. */
void probe_discover(const struct store *st, struct discovery *d);

extern const struct kind kind_http_probe, kind_served_cert;
/* Write the row of a host; as row_end(). */
bool http_probe_put(const struct rota_item *item, const struct probe_answer *a,
                    struct row_writer *w) BN_MUST_USE;
bool served_cert_put(const struct rota_item *item, const struct probe_seen *seen,
                     struct row_writer *w) BN_MUST_USE;
/* Reads the Secret of a host, where the configuration lets it, no Certificate speaks of it, and it was
 * not read within ten minutes. What cannot be read stays unknown. */
void probe_secret_look(struct backend_ctx *ctx, const struct rota_item *item,
                       struct probe_seen *seen);
/* Notes since when the certificate served is not the Secret's. */
void served_cert_compare(const struct rota_item *item, struct probe_seen *seen, int64_t now_ms);

#endif
