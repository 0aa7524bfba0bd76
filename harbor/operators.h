/* What the operators of the simulated platform write by themselves. */
#ifndef BINNACLE_HARBOR_OPERATORS_H
#define BINNACLE_HARBOR_OPERATORS_H

#include "harbor/objects.h"

/* A database cluster counts the pods of its StatefulSets. */
void operators_settle(struct objects *o, const char *ns, const char *cluster);
/* Whether it was found that binary logs behind a backup are missing. */
bool operators_gap(const cJSON *backup);
/* Binary logs are uploaded as often as the cluster says, by a collector that runs: from
 * then on the newest good backup can be restored until then. */
void operators_upload(struct objects *o);

#endif
