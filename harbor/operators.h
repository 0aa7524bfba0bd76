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
/* When the collector of a cluster, which runs, last looked for new ones, wall time; 0: it never did.
 * *uploaded_ms: when it last had one, which idle says that it has not had since. */
int64_t operators_collected(const struct objects *o, const char *ns, const char *name, bool idle,
                            int64_t *uploaded_ms);

#endif
