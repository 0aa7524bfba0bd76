/* The audit log: what was changed, by whom, with what came of it. It is written before what it
 * announces, so that it also says where a run stood that was cut short.
 *
 * A JSON object a line, appended, on disk before audit_write() returns; only its owner may read it.
 * Each line has the hash of the line before it ("prev") and ends with its own ("hash": SHA-256 of
 * the line's text up to there), so that a line changed, taken out or put in shows. Lines
 * cut off its end do not: what would tell of them could be cut by the same hand. It has no secret: what
 * it quotes of requests is what the plan shows. */
#ifndef BINNACLE_ACTIONS_AUDIT_H
#define BINNACLE_ACTIONS_AUDIT_H

#include "actions/action.h"
#include "net/hash_chain.h"

#define AUDIT_RUN_ID   33        /* 32 hexadecimal digits and a NUL */
#define AUDIT_SAYS_MAX 16        /* of an end */
#define AUDIT_ROLLOUT  "rollout" /* "undo_await" of a step: rollout_await() */

#define AUDIT_UNDONE_PARTLY "undone in part"

enum audit_event {
    AUDIT_BEGIN,  /* a confirmed plan is about to be run */
    AUDIT_STEP,   /* this step is about to be sent */
    AUDIT_SENT,   /* it was taken; what comes of it is awaited */
    AUDIT_DONE,   /* it is as it should be */
    AUDIT_FAILED, /* it is not, and why: refused or, where it was taken, what came of it is bad */
    AUDIT_UNDO,   /* this step is about to be taken back */
    AUDIT_UNDONE,
    AUDIT_NOTE, /* says: what else was done with it */
    AUDIT_END,  /* says: "done", "failed", "undone", "undone in part", "left" */
};

struct audit_run;

struct audit_line {
    enum audit_event event;
    const char *run;               /* id */
    const struct target *target;   /* NULL: nothing was asked of any; then */
    const struct audit_run *of;    /* it is about this run, as of the machine's time */
    const struct answers *answers; /* BEGIN, else NULL */
    const struct plan *plan;       /* BEGIN, else NULL */
    const struct step *step;       /* STEP, DONE, FAILED; else NULL */
    const char *title;             /* SENT, UNDO, UNDONE: the step's; else NULL */
    const char *says;              /* or NULL */
    const char *uid; /* SENT, DONE: of the object that was made; "": it is not known; or NULL */
    int64_t
        generation; /* of the object: STEP: as it was; SENT, DONE: as it came of it; 0: not known */
};

struct audit;

const char *audit_event_name(enum audit_event event); /* "begin", "step", ... */

/* Opens it (file_audit_path() in base/file.h), making it and its folder when they are not there. It is
 * an error when others may write it, when it is no file, or when it cannot be written: then nothing
 * may be changed. */
struct audit *audit_open(const char *path, struct err *err) BN_MUST_USE;
void audit_close(struct audit *a);              /* NULL is allowed */
const char *audit_where(const struct audit *a); /* its path */
/* Appends who is at work, as what a run makes says of itself: "ada@laptop". */
void audit_add_who(struct strbuf *out);
/* A new run's id. */
bool audit_run_id(char id[AUDIT_RUN_ID], struct err *err) BN_MUST_USE;
/* Whether a process has the run: see below. */
bool audit_is_held(const char *path, const char *id);
/* Marks the run as under way for as long as the log is open and this process lives (a lock on a
 * place of the log that the id names). False: another process has it. */
bool audit_hold(struct audit *a, const char *id, struct err *err) BN_MUST_USE;
bool audit_write(struct audit *a, const struct audit_line *line, struct err *err) BN_MUST_USE;

/* ---- Reading it: hash_chain_read() gives its lines, hash_chain_tail() whether its last is there. */

/* A step of a run as the log has it. Texts are owned. */
struct audit_step {
    char *title;
    enum audit_event state; /* STEP: begun, and nothing is known of its end */
    bool begun;             /* it had something to send; else it was looked at, no more */
    bool sent;              /* and that was taken */
    /* What takes it back, as in struct deed; method NULL: nothing does. */
    char *system, *at, *as, *with, *method, *path, *media, *body;
    bool secrets;
    char *why;  /* why nothing does, or what does, as the plan had it; NULL: an older log */
    bool apart; /* as in struct step */
    bool rolls; /* it was followed as a rollout is, and so is what takes it back */
    /* Where the step patched the object that its undo patches: what it set, the object's generation
     * when that was planned, and what it was after it; NULL, 0: not so, not known. */
    char *set;
    int64_t planned, came;
    /* Where the step made the object that its undo deletes: of what, and its uid; NULL: not so, not known. */
    char *posted, *made;
};

/* A run that has no end. */
struct audit_run {
    char id[AUDIT_RUN_ID];
    char *action, *context, *server, *at, *who;
    struct answers answers; /* action NULL: this program has no such action */
    struct audit_step steps[PLAN_STEPS_MAX];
    size_t count;
};

enum audit_whose {
    AUDIT_ANY,
    AUDIT_LOOSE,       /* no process has it */
    AUDIT_HELD,        /* it goes on */
    AUDIT_LOOSE_FIRST, /* that goes on only where there is no other */
};

/* The newest run without an end; id: or this one. False: ERR_NOTFOUND when there is none. */
bool audit_unfinished(const char *path, const char *id, enum audit_whose whose,
                      struct audit_run *out, struct err *err) BN_MUST_USE;
/* The id of the run that began last, ended or not. False: ERR_NOTFOUND. */
bool audit_newest(const char *path, char id[AUDIT_RUN_ID], struct err *err) BN_MUST_USE;
/* What the end of a run says: "done", ...; "" when it has none; false: there is no such run. */
bool audit_ended(const char *path, const char *id, char says[AUDIT_SAYS_MAX]);
void audit_run_clear(struct audit_run *r);

#endif
