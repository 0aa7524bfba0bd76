/* Hosts that the world may ask for: as the cluster's routes name them, on entry points that are
 * public by their names. */
#ifndef BINNACLE_BACKENDS_PUBLIC_HOST_H
#define BINNACLE_BACKENDS_PUBLIC_HOST_H

#include "model/store.h"

/* A host as one route names it. */
struct public_host {
    struct handle row; /* the route's */
    char *host;        /* owned, as all here; lower case */
    char *path;        /* "/" */
    char *route;       /* "ingressroute:shop/web" */
    bool tls;
    char *middlewares; /* keys in order, "shop/headers,traefik/login" */
    char *sign_in; /* the first of them that asks for sign-in, itself or in its chain; NULL: none */
};

struct public_hosts {
    struct public_host *all; /* owned */
    size_t count;
};

/* A host several times where several routes name it. */
void public_hosts_read(const struct store *st, struct public_hosts *out);
void public_hosts_free(struct public_hosts *h);

#endif
