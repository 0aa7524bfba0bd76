/* Hosts that the world may ask for: as the cluster's routes name them, on entry points that are
 * public by their names. */
#ifndef BINNACLE_BACKENDS_PUBLIC_HOST_H
#define BINNACLE_BACKENDS_PUBLIC_HOST_H

#include "model/store.h"

/* A host as one rule of a route names it. */
struct public_host {
    struct handle row; /* the route's */
    char *host;        /* owned, as all here; lower case */
    char *path;        /* "/" */
    char *route;       /* "ingressroute:shop/web" */
    bool tls;
    char *middlewares; /* keys in order, "shop/headers,traefik/login" */
    /* The first of them that asks for sign-in, itself or in its chain; NULL: none. Of an Ingress also
     * "auth-url". Of which type it is, and whom a forwardAuth asks. */
    char *sign_in, *sign_in_type, *auth_address;
    /* One that is named and does not exist, or that another provider has ("auth@file"), so that what it
     * does is not seen; NULL: none. */
    char *missing;
    char *errors,
        *errors_service; /* the first that shows a service's pages for errors, and which */
};

struct public_hosts {
    struct public_host *all; /* owned */
    size_t count;
};

/* A host several times where several rules name it. */
void public_hosts_read(const struct store *st, struct public_hosts *out);
void public_hosts_free(struct public_hosts *h);

#endif
