/* A guided action from its answers to its end, the same from a command line as from a screen: plan,
 * checks, confirmation, steps; or a run that was cut short, gone on with or taken back. Works on the
 * caller's thread and waits. */
#ifndef BINNACLE_ACTIONS_WORK_H
#define BINNACLE_ACTIONS_WORK_H

#include "actions/run.h"

enum work_what { WORK_NEW, WORK_RESUME, WORK_UNDO };

enum work_end {
    WORK_DONE,
    WORK_NOTHING, /* it is so already */
    WORK_PLANNED, /* no more than that was wanted */
    WORK_WRONG,   /* a field is missing */
    WORK_REFUSED, /* nothing was changed */
    WORK_FAILED,  /* a step failed */
    WORK_PARTLY,  /* taken back but for what cannot be; the run has ended */
    WORK_OPEN,    /* what was sent may yet come to be; the run has no end */
};

struct work_options {
    struct target_options target;
    const char *ns;    /* NULL: the context's */
    const char *audit; /* path of the audit log */
    enum work_what what;
    const char *run; /* RESUME, UNDO: its id; NULL: the newest that has no end */
    bool anyway;     /* UNDO: also what somebody else has changed since */
    bool dry;        /* no more than the plan and its checks */
    bool
        unchecked; /* the plan alone, made by reading: nothing is asked for leave, nothing rehearsed */
    bool terminal; /* a person's: where an action asks for more than fields (an editor), it may */
};

/* Who it talks with. */
struct work_voice {
    void *context;
    /* Appends a value that has to be typed, to be wiped by who calls. False: it is not to be had. */
    bool (*typed)(void *context, const struct field *field, struct strbuf *value, struct err *err);
    /* Shows the plan; or of a run to be taken back what will be (plan NULL). */
    void (*plan)(void *context, struct target *t, const struct plan *plan,
                 const struct audit_run *run);
    /* Whether it is to be run in this context; not asked where nothing is sent. False: *err says why not. */
    bool (*confirm)(void *context, const char *cluster, bool destroys, struct err *err);
    /* It runs from now on, under this id. */
    void (*begun)(void *context, const char *id);
    void (*says)(void *context, const char *line);
    /* It has been done, and the target still has its secrets. NULL: nothing to do. */
    void (*done)(void *context, struct target *t, struct audit *audit, const char *id);
};

/* answers: of a new run; completed. Where it ends in no DONE, NOTHING or PLANNED, *err says why. */
enum work_end work_go(const struct work_options *o, struct answers *answers,
                      const struct work_voice *v, struct err *err);
/* A run without an end, that no process has, is left as it is; id NULL: the newest. left: which it was. */
bool work_leave(const char *audit, const char *id, char left[AUDIT_RUN_ID],
                struct err *err) BN_MUST_USE;
/* Appends what is known of the newest run that has no end and that no process has: "restart of
 * 2026-02-13 09:00Z in demo has no end: 1 of its steps were done"; or, where there is none, of the
 * newest that *goes_on. how NULL, or what can be done with one that has no end: then that stands
 * before what a narrow line may lose: "restart stopped after 1 step: HOW (2026-02-13 09:00Z in demo)".
 * False: there is neither. Reads all of the log. */
bool work_notice(const char *audit, const char *how, bool *goes_on, struct strbuf *out);

#endif
