/* What rows of a database cluster's backups ask of it. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_PXC_H
#define BINNACLE_BACKENDS_KUBERNETES_PXC_H

#include "backends/kubernetes/kube_kind.h"

/* A kind that is read from the same objects. */
extern const struct kube_kind kube_pxc;

/* The row of the cluster that a row leads to; false: not known. */
bool pxc_of(const struct store *st, struct handle row, struct handle *cluster);
/* A backup of that cluster, of any schedule or by hand, has ended well since then. */
bool pxc_backed_up(const struct store *st, struct handle row, int64_t since_ms);

/* A column of what pxc_stored() is asked of: where buckets of one name are told apart by it. */
#define PXC_ENDPOINT "s3-endpoint", "S3-ENDPOINT", "The server of its bucket, where it is not AWS."

/* A cell of what a row's LINK_STORED leads to, of this kind of S3; ABSENT: nobody has listed it. */
struct value pxc_stored(const struct store *st, struct handle row, const char *kind,
                        const char *column);
/* When a backup ended well; TIME_NONE: it has not, or is no backup's row. */
int64_t backup_ended(const struct store *st, struct handle row);
/* Whether binary logs behind it are missing, and what is said of that. */
bool backup_gap(const struct store *st, struct handle row, struct span *says);
/* Appends what can be restored by the backups that lead to this row, as lines: a bar, its ends, its
 * holes. latest: the latest point; logs: the first event of the oldest binary log in the bucket;
 * TIME_NONE: not known. Nothing where there is no good backup. */
void pitr_draw(const struct store *st, struct handle row, int64_t latest_ms, int64_t logs_ms,
               int64_t now_ms, struct strbuf *out);
/* The same for a row of pitr, or for the one of a cluster's row. */
void pitr_draws(const struct store *st, struct handle row, int64_t now_ms, struct strbuf *out);

#endif
