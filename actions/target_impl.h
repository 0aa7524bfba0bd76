/* What a target is made of. For actions/target*.c and the channels alone. */
#ifndef BINNACLE_ACTIONS_TARGET_IMPL_H
#define BINNACLE_ACTIONS_TARGET_IMPL_H

#include "actions/channel.h"
#include "actions/secrets.h"
#include "net/reach.h"

#define TARGET_LINKS_MAX 16

/* A connection that is kept until the target is closed. */
struct target_link {
    char *key; /* owned */
    void *what;
    void (*close)(void *what);
};

struct target {
    struct kubeconfig *config;
    struct credential *credential;
    struct http *http;
    const struct kube_context *context; /* borrowed from config */
    struct reach_cluster cluster;
    struct kube_discovery *served; /* owned; NULL: not asked yet */
    const struct clock *clock;
    int cancel_fd;
    struct secrets *secrets;
    struct sites said,
        found; /* by the configuration; in the cluster, per system as it is asked for */
    const struct channel *looked[CHANNELS]; /* whose find() has been called; NULL ends */
    struct target_link links[TARGET_LINKS_MAX];
    size_t nlinks;
};

/* Appends what a recipe (net/recipe.h) says; *out to be wiped by the caller. */
bool target_recipe(struct target *t, const char *recipe, struct strbuf *out,
                   struct err *err) BN_MUST_USE;

/* What was kept under a key; NULL: nothing. */
void *target_link(struct target *t, const char *key);
/* Keeps it; the target closes it. When there are too many the oldest goes. */
void target_keep(struct target *t, const char *key, void *what, void (*close)(void *what));
/* It is of no more use: closed and forgotten. */
void target_drop(struct target *t, const char *key);

#endif
