/* What the simulated API server serves: groups, versions, resources. */
#ifndef BINNACLE_HARBOR_RESOURCES_H
#define BINNACLE_HARBOR_RESOURCES_H

#include "base/span.h"

struct resource {
    const char *group; /* "" is the core */
    const char *version;
    const char *plural, *singular, *kind;
    const char *short_names; /* separated by commas; "" */
    bool namespaced;
    bool custom; /* a custom resource: its JSON is ordered by key */
};

extern const struct resource resources[];
extern const size_t resource_count;

/* By path parts; NULL: not served. */
const struct resource *resource_find(struct span group, struct span version, struct span plural);
/* By "apps/v1" or "v1" and "Deployment"; NULL: not served. */
const struct resource *resource_of_object(struct span api_version, struct span kind);
/* As which its objects are kept: events of events.k8s.io are those of the core. */
const struct resource *resource_kept(const struct resource *r);
/* By plural or singular alone ("pods"), for the control socket. */
const struct resource *resource_named(struct span name);

#endif
