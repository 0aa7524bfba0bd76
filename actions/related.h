/* What an object owns, and what names it: what else goes, or breaks, when it is deleted. */
#ifndef BINNACLE_ACTIONS_RELATED_H
#define BINNACLE_ACTIONS_RELATED_H

#include "actions/kube.h"

/* Of related_owned(): "Pod default/kimai-0". */
typedef void related_fn(void *context, const char *name);

/* Calls on_owned for all that the garbage collector counts as the object's, also below what it owns;
 * of a namespace all that is in it. *unread: kinds that may not be listed, or did not answer; 0. */
bool related_owned(struct target *t, struct plan *p, const struct kube_object *o,
                   related_fn *on_owned, void *context, size_t *unread,
                   struct err *err) BN_MUST_USE;
/* Names of pods and routes in its namespace that name a ConfigMap, Secret, claim, account, Service or
 * Middleware, joined by commas, ", ..." for those beyond some; *count: all of them. "": none. */
const char *related_users(struct target *t, struct plan *p, const struct kube_object *o,
                          size_t *count);
#define WORKLOADS_MAX 64

/* Each once; word: kubectl's for its kind. Texts are the plan's. Begins as {0}. */
struct related_workloads {
    const char *word[WORKLOADS_MAX], *ns[WORKLOADS_MAX], *name[WORKLOADS_MAX];
    size_t count;
};

/* Adds those of the Secret's namespace whose pods have it in their environment or as files, up to
 * WORKLOADS_MAX in all. */
bool related_workloads_add(struct target *t, struct plan *p, const struct kube_object *secret,
                           struct related_workloads *w, struct err *err) BN_MUST_USE;
/* Whether a node of an object, which stands below this member of it ("spec"), names another as pods,
 * their templates and routes do. */
bool related_names(const struct json_node *node, const char *parent, const struct kube_object *o);

#endif
