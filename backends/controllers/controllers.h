/* Controllers: the programs of this cluster that keep its custom resources, a row for each that is known
 * of, there or not. */
#ifndef BINNACLE_BACKENDS_CONTROLLERS_CONTROLLERS_H
#define BINNACLE_BACKENDS_CONTROLLERS_CONTROLLERS_H

#include "backends/discovery.h"
#include "backends/joined.h"

/* A controller's line (joined_part()). */
enum controller_part {
    CONTROLLER_NAME,
    CONTROLLER_WORKLOADS, /* keys, a list */
    CONTROLLER_READY,     /* pods */
    CONTROLLER_DESIRED,
    CONTROLLER_DOWN,  /* since when none of its workloads is available, wall ms */
    CONTROLLER_PARTS, /* joined_add_link() */
};

extern const struct kind kind_controller;

/* All that keepers[] knows, with the workloads that are theirs; none where not all workloads are seen. */
void controllers_discover(const struct store *st, struct discovery *d);

#endif
