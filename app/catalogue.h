/* All kinds and systems of all backends, in the registry's order: what there is
 * to ask for, with or without a cluster. */
#ifndef BINNACLE_APP_CATALOGUE_H
#define BINNACLE_APP_CATALOGUE_H

#include "backends/backend.h"

struct config; /* app/config.h */

struct catalogue {
    struct kind_list kinds;
    struct system_list systems;
    const struct kind **kind_array; /* owned; what the lists point to */
    struct system *system_array;    /* owned */
};

/* With those that the configuration's sources bring; it may be NULL, else it outlives the
 * catalogue. A script that is to say its columns is asked for them, once. */
void catalogue_init(struct catalogue *c, const struct config *config);
void catalogue_done(struct catalogue *c);

/* Whether the backend's sources have rows of the kind. */
bool catalogue_fills(const struct backend *backend, const struct kind *kind);

#endif
