/* What the operator of the database clusters does when a client has made, changed or deleted one of
 * its objects: backups with their Jobs, pods and what they leave in the bucket, restores, the
 * collector of binary logs. States and their order are the real operator's [pxco
 * pkg/controller/pxcbackup/controller.go, pkg/controller/pxcrestore/controller.go]; what it does not
 * do while its own pod is not ready waits. */
#ifndef BINNACLE_HARBOR_DATABASE_H
#define BINNACLE_HARBOR_DATABASE_H

#include "harbor/objects.h"
#include "harbor/outside.h"

/* Does what is due; called some times a second. outside: NULL is allowed. */
void database_turn(struct objects *o, struct outside *outside);

#endif
