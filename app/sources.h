/* A connection's sources: a runner each, all into one store by one inbox. The cluster is the
 * first; others are found (app/discover.h) or stand in the configuration. A source's thread starts
 * when somebody first wants a kind that its backend fills. One thread calls. */
#ifndef BINNACLE_APP_SOURCES_H
#define BINNACLE_APP_SOURCES_H

#include "backends/runner.h"
#include "model/store.h"

struct sources;

struct sources_options {
    const struct kind_list *kinds; /* borrowed, as all here */
    const struct clock *clock;
    struct store *store;
    struct inbox *inbox;
    bool once;
};

struct source_spec {
    const struct backend *backend;
    const char *name;              /* unique among those that are there */
    const char *cluster;           /* the context: what JSON says under "cluster" */
    const char *missing;           /* as in struct found; NULL: nothing */
    uint16_t parent;               /* reached through it; SOURCE_NONE: directly */
    bool at_once;                  /* its thread starts though nothing is wanted */
    struct credential *credential; /* a reference is taken; may be NULL */
    const char *targets;           /* as in struct found; NULL: none */
    const char *const *settings;   /* "name=value", NULL ends; copied, as all texts here */
};

/* The text of the first setting of this type in a list of "name=value", NULL ends; NULL: none. */
const char *sources_setting(const struct backend *backend, char *const *settings,
                            enum setting_type type);

struct sources *sources_new(const struct sources_options *o) BN_MUST_USE;
/* Adds a source. SOURCE_NONE and *err when its thread cannot be started. */
uint16_t sources_add(struct sources *s, const struct source_spec *spec, struct err *err);
/* A line for what cannot be a source at all, and why. backend: static. */
void sources_add_broken(struct sources *s, const char *name, const char *backend,
                        const char *cluster, const struct err *why);
/* It stops, its rows go, and it is no longer listed. Returns at once. */
void sources_remove(struct sources *s, uint16_t source);
/* One that is there, by name; SOURCE_NONE: none. */
uint16_t sources_find(const struct sources *s, const char *name);
/* True when the source is reached and told the same as one added like this would be. */
bool sources_same(const struct sources *s, uint16_t source, const struct source_spec *spec);
/* What is said to be missing has changed. */
void sources_set_missing(struct sources *s, uint16_t source, const char *missing);
/* What it is to look at has changed. */
void sources_set_targets(struct sources *s, uint16_t source, const char *targets);
/* True when one that is there fills the kind. */
bool sources_fill(const struct sources *s, uint16_t kind);

/* Whether a kind is wanted, of each source that fills it: of those that are added later too. */
void sources_want(struct sources *s, uint16_t kind, bool wanted);
/* Hands a request to a source, whose thread it starts where nothing has yet, and takes what *r owns.
 * False: it is not there any more. */
bool sources_request(struct sources *s, uint16_t source, struct request *r);
/* The backend of the first that keeps a past, and *source; NULL: none does. */
const struct backend *sources_keeper(const struct sources *s, uint16_t *source);
/* One, or all with SOURCE_ANY: look again, end back-offs. */
void sources_retry(struct sources *s, uint16_t source);
/* The clock was stepped: all look at it again. */
void sources_wake(struct sources *s);
/* Nobody is there who would see what comes, or somebody is again: see runner_set_rest(). */
void sources_set_rest(struct sources *s, bool rest);
/* Of all that have one: it has changed. */
void sources_set_credential(struct sources *s, struct credential *credential);

/* A STATE that the store has taken. */
void sources_heard(struct sources *s, const struct message *m);
/* What is due now and then: marks as stale what has been quiet for too long, clears up after what
 * was removed. */
void sources_look(struct sources *s);

/* Asks all to stop; returns at once. */
void sources_stop(struct sources *s);
/* True when the threads of all that were removed or stopped have ended; waits at most ms. */
bool sources_join(struct sources *s, int64_t ms);
/* After sources_stop(), and sources_join() said true. */
void sources_free(struct sources *s);

#endif
