/* Which sources there are beside the cluster: what the configuration says, and what the backends'
 * discover() reads from the cluster's rows. Starts what is new, stops what is gone, leaves alone
 * what is the same. */
#ifndef BINNACLE_APP_DISCOVER_H
#define BINNACLE_APP_DISCOVER_H

#include "app/sources.h"

struct config;
struct discover;

struct discover_options {
    const struct config *config; /* borrowed, as all here; may be NULL */
    const struct kind_list *kinds;
    struct store *store;
    struct sources *sources;
    const struct clock *clock;
    const char *cluster;         /* the context */
    const char *const *settings; /* that each source gets beside its own: where the cluster is,
                                      through which it may be reached; NULL ends; copied */
    const char *const *granted;  /* that go before what is found: "ask=true"; NULL: none; static */
    struct credential *credential; /* of the cluster */
    bool outward;                  /* hosts out in the world may be asked */
    bool once; /* readers: what nothing is wanted of is not looked for, and the rest once */
    /* Wants a kind that discovery reads, until the connection ends. */
    void (*want)(void *context, uint16_t kind);
    void *context;
};

/* Adds the sources of the configuration. */
struct discover *discover_new(const struct discover_options *o) BN_MUST_USE;
void discover_free(struct discover *d); /* NULL is allowed; stops no source */
/* A kind is wanted. */
void discover_wanted(struct discover *d, uint16_t kind);
/* Looks where rows that are read have changed a second ago: once for all that has changed since. */
void discover_look(struct discover *d);
/* Monotonic ms of the next look that is due; TIME_FOREVER: none. */
int64_t discover_next(const struct discover *d);
/* True while a source that fills the kind may yet be found. */
bool discover_pending(const struct discover *d, uint16_t kind);

#endif
