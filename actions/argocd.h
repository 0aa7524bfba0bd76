/* What actions on Argo CD's Applications share. */
#ifndef BINNACLE_ACTIONS_ARGOCD_H
#define BINNACLE_ACTIONS_ARGOCD_H

#include "actions/kube.h"

/* The Application that the fields name and namespace say. */
struct kube_object argocd_application(const struct answers *in);
/* As the command `argocd` takes it: of another namespace than its own, NAMESPACE/NAME. */
const char *argocd_word(struct plan *p, const struct kube_object *o);
/* An operation to its end, its failing resources named. */
enum awaiting argocd_look(struct target *t, const struct step *step, const struct json_node *object,
                          struct strbuf *says);
/* An operation is asked for or goes on. */
bool argocd_is_busy(const struct json_node *root);
/* What this run began is what it waits for. */
bool argocd_is_ours(const struct json_node *root, const struct answers *in);
/* The members of a patch that begins an operation; sync: the members of its "sync"; policy: whether
 * the Application's retries count. NULL and *err. */
const char *argocd_operation(struct target *t, struct plan *p, const struct kube_object *o,
                             const char *sync, bool policy, struct err *err);

/* Notes where Argo CD deploys the namespace: what is made there by hand is in no git. */
void argocd_note_namespace(struct target *t, struct plan *p, const char *ns, const char *what);

#endif
