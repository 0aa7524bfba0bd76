/* Applications: what stands behind the cluster's public routes, each with all that makes it up. */
#ifndef BINNACLE_BACKENDS_APPS_APPS_H
#define BINNACLE_BACKENDS_APPS_APPS_H

#include "backends/discovery.h"
#include "backends/joined.h"

/* An application's line (joined_part()). */
enum app_part {
    APP_KEY,
    APP_NAMESPACE,
    APP_NAME,
    APP_HOSTS, /* a list, as the next two */
    APP_WORKLOADS,
    APP_IMAGES,
    APP_READY, /* pods */
    APP_DESIRED,
    APP_STATUS,  /* of HTTP, of the host that is worst */
    APP_EXPIRES, /* the first certificate of its hosts to do so, wall ms */
    APP_FROM,    /* "routes", "configuration" */
    APP_PARTS,   /* joined_add_link() */
};

extern const struct kind kind_app;
extern const struct declares apps_declares;

/* Which there are: workloads that a public route leads to, and what the configuration says. */
void apps_discover(const struct store *st, struct discovery *d);

#endif
