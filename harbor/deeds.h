/* What controllers make of a person's change: a rollout of new pods, a refresh, a sync, a renewal, a
 * Job's pod; databases are in database.h. As far as guided actions look at it, in the order and the
 * words of the real controllers (integrations: External Secrets force-sync, Argo CD's operation and
 * refresh annotation, cert-manager's Issuing condition, pxc-backup's states). */
#ifndef BINNACLE_HARBOR_DEEDS_H
#define BINNACLE_HARBOR_DEEDS_H

#include "harbor/objects.h"

struct server;

/* Does what is due; called some times a second. */
void deeds_turn(struct server *server);
/* The pods of a workload whose spec has changed become as it wants them (rollout.c). */
void rollout_turn(struct objects *o);
/* The pods of a StatefulSet or Deployment go, into kept (a list); and come again from there, at
 * most n of them (rollout.c). */
void rollout_stop(struct objects *o, const char *ns, const char *kind, const char *name,
                  cJSON *kept);
void rollout_start(struct objects *o, const char *ns, const char *name, cJSON *kept, int n);
/* A pod goes; where it had a controller, that makes another: by another name, or, of a
 * StatefulSet, by the same. */
void rollout_replace(struct objects *o, struct span ns, struct span name);

#endif
