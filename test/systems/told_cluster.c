/* Stories of the cluster itself: nodes, pods, volumes, budgets. */
#include <config.h>

#include "base/base.h"
#include "test/systems/told.h"

const struct told told_cluster[] = {
    {"drain-blocked",
     60000,
     "pdbs",
     "default/reyemtech",
     "warning",
     "pdb-blocks-drain",
     {"no pod may be evicted, 2 of 2 healthy and minAvailable 2 (InsufficientPods)",
      "node prod-instance-1764022710301 is cordoned and has reyemtech-jqn6rfsnv-6dnlh"},
     NULL},
    {"drain-blocked", 110000, "pdbs", "default/reyemtech", "ok", NULL, {NULL}, NULL},
    {"drain-blocked",
     END,
     "pdbs",
     "default/reyemtech",
     "notice",
     "pdb-blocks",
     {"no pod may be evicted, 2 of 2 healthy and minAvailable 2"},
     NULL},
};

const size_t told_cluster_count = BN_COUNT(told_cluster);
