/* What a story of the demonstration must have come to at a time. */
#ifndef BINNACLE_TEST_SYSTEMS_TOLD_H
#define BINNACLE_TEST_SYSTEMS_TOLD_H

#include <stddef.h>
#include <stdint.h>

#define END INT64_MAX /* the whole story */

struct told {
    const char *scenario;
    int64_t until_ms;
    const char *kind, *key, *level, *rule; /* rule NULL: none */
    const char *says[2];                   /* that the sentence has; NULL ends */
    const char *status;                    /* a line of `status` has it; NULL: not looked at */
};

/* Of what runs on the cluster. */
extern const struct told told_platform[];
extern const size_t told_platform_count;
/* Of services that run beside the cluster's own objects: Traefik, MinIO, Typesense; and of those out in
 * the world: HCP Terraform, a registry. */
extern const struct told told_services[];
extern const size_t told_services_count;
/* Of the world outside: names, buckets, certificates that are served. */
extern const struct told told_outside[];
extern const size_t told_outside_count;
/* Of the cluster itself: nodes, pods, volumes, budgets. */
extern const struct told told_cluster[];
extern const size_t told_cluster_count;

#endif
