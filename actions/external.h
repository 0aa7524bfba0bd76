/* ExternalSecrets that actions make: the store they read, their manifest, what they come to. */
#ifndef BINNACLE_ACTIONS_EXTERNAL_H
#define BINNACLE_ACTIONS_EXTERNAL_H

#include "actions/kube.h"

/* A SecretStore or ClusterSecretStore of Vault. Texts are the plan's. */
struct store_ref {
    const char *kind, *name;
    const char *mount; /* of the KV engine that it reads; "": its keys name it */
};

/* asked: "NAME", "KIND/NAME", or "": the only one of Vault that is ready, of the cluster or the
 * namespace. */
bool external_store(struct target *t, struct plan *p, const char *ns, const char *asked,
                    struct store_ref *out, struct err *err) BN_MUST_USE;

/* What one is to be. Texts are the plan's. */
struct external {
    const char *ns, *name; /* its Secret's too */
    struct store_ref store;
    const char *key;            /* as the store takes it: "apps/kimai-db" */
    const char *const *members; /* of it, each a key of the Secret; NULL ends */
    const char *secret;         /* the value that the Secret's "password" must have, by its name
                                   (actions/secrets.h) */
};

/* Appends a step that makes it, or, where it is there already, looks at it; both until its Secret has
 * the keys. False: it is there and differs, and in what. */
bool external_step(struct target *t, struct plan *p, const struct external *e,
                   struct err *err) BN_MUST_USE;
/* Appends a step that takes it away, where it is there or will be. */
bool external_remove(struct target *t, struct plan *p, const struct external *e, bool will_be,
                     struct err *err) BN_MUST_USE;

#endif
