/* A guided action in a process of its own (served.h), for who must not wait: the plan is made and
 * checked, and, once it is confirmed, run. It goes on when who began it is gone, and can be watched
 * again. What it has to say is text that can be copied at any time. */
#ifndef BINNACLE_ACTIONS_DOING_H
#define BINNACLE_ACTIONS_DOING_H

#include "actions/action.h"

struct doing;

enum doing_state {
    DOING_PLANS,   /* reads the present state, asks for rights, rehearses */
    DOING_PLANNED, /* waits for doing_confirm() */
    DOING_NOTHING, /* it is so already */
    DOING_REFUSED, /* it cannot be done; nothing was changed */
    DOING_RUNS,
    DOING_WATCHED, /* it runs, begun by somebody else */
    DOING_DONE,
    DOING_FAILED,
    DOING_PARTLY, /* taken back but for what cannot be; the run has ended */
    DOING_OPEN,   /* what was sent may yet come to be; the run has no end */
};

/* PREVIEW: no more than the plan, made by reading alone: nothing is checked, rehearsed or confirmed. */
enum doing_what { DO_NEW, DO_RESUME, DO_UNDO, DO_WATCH, DO_PREVIEW };

/* A secret that was typed, by its field's name. */
struct doing_secret {
    const char *field;
    struct span value;
};

struct doing_options {
    const char *program;              /* NULL: this one, whatever has become of its file */
    const char *kubeconfig, *context; /* as in struct target_options */
    const char *ns;                   /* for an action's namespace where none was said */
    int64_t wall_ms;                  /* 0, or where the clock stands (demo) */
    const char *audit;                /* path of the audit log */
    const struct sites *sites;        /* as in struct target_options */
    enum doing_what what;
    const char *run; /* of RESUME, UNDO and WATCH: its id */
    const struct doing_secret *secrets;
    size_t nsecrets;
};

/* answers: whose action it is; of a new run all of them are handed over. */
struct doing *doing_start(const struct doing_options *o, const struct answers *answers,
                          struct err *err) BN_MUST_USE;
/* Readable when there is news; -1: there will be none. doing_state() takes it. */
int doing_fd(const struct doing *d);
enum doing_state doing_state(struct doing *d);
/* Appends what it has said so far, a line each, without the first `from` bytes. exact: the plan with
 * each request as it is sent. */
void doing_text(const struct doing *d, bool exact, size_t from, struct strbuf *out);
const struct action *doing_action(const struct doing *d);
/* From DOING_PLANNED on: whether it destroys; where, and the plan as commands for a shell. */
bool doing_destroys(const struct doing *d);
const char *doing_context(const struct doing *d);
struct span doing_shell(const struct doing *d);
/* And what it makes and leaves, as YAML (plan_manifest()); empty: nothing. */
struct span doing_manifest(const struct doing *d);
/* Whether it takes up a run of before: to go on with it, or to take it back. */
bool doing_is_again(const struct doing *d);
/* From DOING_RUNS on; "": not yet. */
const char *doing_run(const struct doing *d);
/* From DOING_DONE on: the name of a secret that was made and can be asked for; NULL: there is none. */
const char *doing_made(const struct doing *d);
void doing_ask_secret(struct doing *d);
/* Moves its value out, once; *out to be wiped by the caller. False: it has not come. */
bool doing_take_secret(struct doing *d, struct strbuf *out);
/* Runs the plan that is shown. */
void doing_confirm(struct doing *d);
/* Gives up: the plan, or the waiting; what was sent goes on. */
void doing_cancel(struct doing *d);
/* Leaves: a plan is given up, a run goes on. Never waits. NULL is allowed. */
void doing_end(struct doing *d);

#endif
