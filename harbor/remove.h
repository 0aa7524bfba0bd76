/* Deleting objects: what finalizers hold stays until they are off, and what an object owns goes with
 * it, or stays without an owner [recorded/161, 162; kubernetes.io/docs/concepts/architecture/
 * garbage-collection]. */
#ifndef BINNACLE_HARBOR_REMOVE_H
#define BINNACLE_HARBOR_REMOVE_H

#include "harbor/objects.h"

/* Deletes it, or marks it where something holds it. policy: "Background", "Foreground", "Orphan";
 * "": Background. True: it is gone. */
bool remove_object(struct objects *o, const struct object *x, const char *policy);
/* It has been marked, and nothing holds it any more. */
bool remove_is_due(const cJSON *json);
/* The garbage collector's turn: what is deleted in the foreground goes after what it owns. */
void remove_turn(struct objects *o);

#endif
