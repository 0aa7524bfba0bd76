/* Which sources there are: what the configuration says, and what the backends' discover() reads
 * from the cluster's rows. Starts what is new, stops what is gone, leaves alone what is the same. */
#ifndef BINNACLE_APP_DISCOVER_H
#define BINNACLE_APP_DISCOVER_H

#include "app/sources.h"

struct config;
struct discover;

struct discover_options {
    const struct config *config; /* borrowed; may be NULL */
    const struct kind_list *kinds;
    struct store *store;
    struct sources *sources;
    const char *cluster;           /* the context */
    const char *const *reach;      /* settings that all get that are reached through the cluster:
                                      "kubeconfig=...", "context=..."; NULL ends */
    struct credential *credential; /* of the cluster */
    const struct clock *clock;
    bool once; /* readers: backends of which nothing is wanted are not looked for */
    /* Wants or no longer wants a kind that discovery reads. */
    void (*want)(void *context, uint16_t kind, bool wanted);
    void *context;
};

/* Adds the sources of the configuration. */
struct discover *discover_new(const struct discover_options *o, struct err *err) BN_MUST_USE;
void discover_free(struct discover *d); /* NULL is allowed; stops no source */
/* A kind is wanted for the first time. */
void discover_wanted(struct discover *d, uint16_t kind);
/* Looks when rows that are read have changed and have settled. */
void discover_look(struct discover *d);
/* Monotonic ms of the next look that is due; TIME_FOREVER: none. */
int64_t discover_next(const struct discover *d);
/* True while a source that fills the kind may yet be found. */
bool discover_pending(const struct discover *d, uint16_t kind);

#endif
