/* What restoring a database cluster is made of: restore.c finds out what is wanted and whether it can
 * be, restore_steps.c does it. */
#ifndef BINNACLE_ACTIONS_RESTORE_H
#define BINNACLE_ACTIONS_RESTORE_H

#include "actions/pxc.h"

struct restore {
    struct kube_object cluster, object; /* object: the restore's, perhaps not there yet */
    struct pxc_list l;
    const struct pxc_backup *base;
    const char *own; /* the backup that this run makes itself */
    const char *type, *gtid;
    int64_t at_ms; /* TIME_NONE: no date */
    bool pitr, force, first;
    const char *storage; /* of binary logs */
};

/* The newest backup that went well, but for the run's own; NULL: none. */
const struct pxc_backup *restore_newest(const struct restore *w, bool without_gap);
/* "2026-02-13 08:00:00 UTC", "the latest", ...: in the plan. */
const char *restore_target(struct plan *p, const struct restore *w);
/* Appends all steps, with the backup before where one is wanted. */
bool restore_add_steps(struct target *t, struct plan *p, const struct answers *in,
                       const struct restore *w, struct err *err) BN_MUST_USE;

#endif
