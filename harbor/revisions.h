/* What a workload wanted before, as its controller keeps it: replica sets of a Deployment,
 * ControllerRevisions of StatefulSets and DaemonSets. */
#ifndef BINNACLE_HARBOR_REVISIONS_H
#define BINNACLE_HARBOR_REVISIONS_H

#include "harbor/objects.h"

/* The template of a workload or set without the hash that its controller adds; owned. */
cJSON *revision_template(const cJSON *json);
bool revision_same(const cJSON *a, const cJSON *b);
/* The replica set that has a Deployment's newest revision; NULL: none. */
struct object *revision_newest(const struct objects *o, const struct object *d);
/* The set with the deployment's template, or another, one revision on; the old one wants none. Its
 * name, owned; NULL: there was none. */
char *revision_next(struct objects *o, const struct object *d, int wanted);
/* The ControllerRevision of what it wants now is the newest; its name, owned. */
char *revision_keep(struct objects *o, const struct object *x);
/* StatefulSets and DaemonSets get their first; once, at the start. */
void revision_begin(struct objects *o);

#endif
