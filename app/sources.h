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
    const char *missing;           /* as in struct found */
    uint16_t parent;               /* SOURCE_NONE: reached directly */
    struct credential *credential; /* a reference is taken; may be NULL */
    const char *const *settings;   /* "name=value"; copied, as all texts here */
};

struct sources *sources_new(const struct sources_options *o) BN_MUST_USE;
/* Adds a source. One of this name that has ended gets its number back. SOURCE_NONE and *err:
 * there are no descriptors left. */
uint16_t sources_add(struct sources *s, const struct source_spec *spec, struct err *err);
/* It stops, its rows go, and it is no longer listed. Returns at once. */
void sources_remove(struct sources *s, uint16_t source);
/* One that is there, by name; SOURCE_NONE: none. */
uint16_t sources_find(const struct sources *s, const char *name);
/* True when a source added like this would be what is there already. */
bool sources_same(const struct sources *s, uint16_t source, const struct source_spec *spec);

/* Whether a kind is wanted, of each source that fills it; now and of those that are added later. */
void sources_want(struct sources *s, uint16_t kind, bool wanted);
/* Hands a request to a source (takes what *r owns); false: it is not there. */
bool sources_request(struct sources *s, uint16_t source, struct request *r);
void sources_cancel(struct sources *s, uint32_t id); /* of a FETCH or STREAM */
/* One, or all with SOURCE_ANY: look again, end back-offs. */
void sources_retry(struct sources *s, uint16_t source);
void sources_set_credential(struct sources *s,
                            struct credential *credential); /* of all that have one */

/* A message from the inbox. False: of a source that is not there any more, to be dropped. */
bool sources_heard(struct sources *s, const struct message *m);
/* Marks as stale what has been quiet for too long. */
void sources_look(struct sources *s, int64_t now_ms);
enum source_state sources_state(const struct sources *s, uint16_t source);

/* Asks all to stop; returns at once. */
void sources_stop(struct sources *s);
/* True when all threads have ended; waits at most ms for all together. Also reaps those that were
 * removed. */
bool sources_join(struct sources *s, int64_t ms);
void sources_free(struct sources *s); /* after sources_join() said true */

#endif
