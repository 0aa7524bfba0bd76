/* Drives one source: its thread, its state, its back-off (1 to 30 s, jitter),
 * its requests. Called from the session's thread. */
#ifndef BINNACLE_BACKENDS_RUNNER_H
#define BINNACLE_BACKENDS_RUNNER_H

#include "backends/backend.h"
#include "model/outbox.h"

struct runner;

struct runner_options {
    const struct backend *backend;
    const char *name; /* copied */
    uint16_t source;  /* number in the store */
    const struct kind_list *kinds;
    const struct clock *clock;
    struct inbox *inbox;
    bool once;
    struct credential *credential; /* borrowed: the runner takes a reference; may be NULL */
    /* name=value pairs, NULL ends; copied */
    const char *const *settings;
};

/* Starts nothing yet. NULL and *err when the thread's things cannot be made. */
struct runner *runner_new(const struct runner_options *o, struct err *err) BN_MUST_USE;
bool runner_start(struct runner *r, struct err *err);
/* Hands a request down; never waits. Takes what *request owns. */
void runner_request(struct runner *r, struct request *request);
/* The machine has slept, or a person asks: connections are dropped and all is
 * looked at again, back-off or not. */
void runner_retry(struct runner *r);
/* The clock was stepped: what waits for a time looks at it again. */
void runner_wake(struct runner *r);
/* From the next run on; a run that waits for a login begins at once. */
void runner_set_credential(struct runner *r, struct credential *credential);
/* Nobody is there who would see what comes, or somebody is again: what was put off is then looked at
 * at once. */
void runner_set_rest(struct runner *r, bool rest);
#define REST_TIMES 3 /* so many times less often (ctx_pace()) */
/* What is to be looked at (ctx_take_targets()); copied. NULL is ignored. */
void runner_set_targets(struct runner *r, const char *targets);
/* Asks to stop; returns at once. */
void runner_stop(struct runner *r);
/* The same, and forgets what it has said and may yet say. */
void runner_leave(struct runner *r);
/* True when the thread has ended (and was joined); waits up to ms. */
bool runner_join(struct runner *r, int64_t ms);
/* After runner_join() said true or when it was never started; else the runner is
 * left to the exit. */
void runner_free(struct runner *r);

#endif
