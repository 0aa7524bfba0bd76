/* Running a plan: each step announced in the audit log, sent, looked at until it is as it should
 * be; and taking back what was done. Works on the caller's thread and waits. */
#ifndef BINNACLE_ACTIONS_RUN_H
#define BINNACLE_ACTIONS_RUN_H

#include "actions/audit.h"

enum run_event {
    RUN_STEP,   /* this step is about to be sent */
    RUN_SAYS,   /* how far it is, in other words than before */
    RUN_LOG,    /* a line of the log of the pod that does it */
    RUN_DONE,   /* it is as it should be */
    RUN_FAILED, /* it is not */
    RUN_LEFT,   /* nothing was begun of it, because one before it has failed */
    RUN_UNDO,   /* a step is about to be taken back */
    RUN_UNDONE,
};

/* How lines begin that who shows them tells apart; a step's own says when it began: RUN_SINCE. */
#define RUN_BEGINS "... "
#define RUN_LOGGED "  | "
#define RUN_SAID   "    "
#define RUN_SINCE  " (since " /* "09:00:12Z)" */

/* The event as a line, without its end: "ok  Restart Deployment default/kimai (12s)". */
void run_line(enum run_event event, const char *title, const char *says, struct strbuf *out);
/* From such a line of a step that has begun: how long that is ago, ms. False: it is none. */
bool run_line_age(struct span line, int64_t now_ms, int64_t *ms);

struct run_options {
    struct target *target;
    struct audit *audit;
    /* NULL: a new run; else the one without an end that is gone on with. */
    const char *id;
    struct span before; /* what that one has told, as record_read() gives it */
    /* The run is the caller's from now on, under this id; NULL: nothing to do. */
    void (*begun)(void *context, const char *id);
    void (*tell)(void *context, enum run_event event, const char *title, const char *says);
    void *context;
    bool anyway; /* run_take_back(): also what somebody else has changed since */
};

/* Asks each system for the rights that the plan needs, and has the API server go through each request
 * without keeping it (dryRun=All); steps say then what came of it. False: what is missing, and nothing
 * was changed (check.c). */
bool run_check(struct plan *plan, struct target *t, struct err *err) BN_MUST_USE;
/* False: the step that failed, why, and what came of the others stands in *err. The run has no end in
 * the log, so that it can be gone on with or taken back, where what was sent may yet come to be (no
 * answer came, waiting was given up), and where something of it stands. */
bool run_go(const struct run_options *o, const struct answers *answers, const struct plan *plan,
            struct err *err) BN_MUST_USE;
/* Whether after such an error what was sent may yet come to be: then the run has no end. */
bool run_is_open(const struct err *err);

/* ---- Back. */

enum undo_fate {
    UNDO_NONE,   /* nothing was sent, or it was taken back: there is nothing to do */
    UNDO_TAKE,   /* it is taken back */
    UNDO_STAYS,  /* nothing takes it back */
    UNDO_LEANED, /* it stays: a later step that stays may stand on it */
};

/* What becomes of a step when its run is taken back. A step counts that was sent, whatever came of it,
 * or may have been; one that only looked does not. */
enum undo_fate undo_fate(const struct audit_run *run, size_t i);
size_t undo_count(const struct audit_run *run, enum undo_fate fate);
/* What will be taken back of a run, and what stays, as a person reads it; and as JSON. */
void undo_text(const struct audit_run *run, struct strbuf *out);
void undo_json(const struct audit_run *run, struct strbuf *out);
/* Takes back what undo_fate() says, the last first, and ends the run. ERR_CONFLICT: somebody else has
 * changed what it would change (found of one, and nothing of any was begun, or amid it). */
bool run_take_back(const struct run_options *o, const struct audit_run *run,
                   struct err *err) BN_MUST_USE;

#endif
