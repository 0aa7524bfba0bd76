/* A guided action on a thread of its own, for who must not wait: the plan is made and checked, and,
 * once it is confirmed, run. What it has to say is text that can be copied at any time. */
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
    DOING_DONE,
    DOING_FAILED,
    DOING_OPEN, /* what was sent may yet come to be; the run has no end */
};

struct doing_options {
    const char *kubeconfig, *context; /* as in struct target_options */
    const char *ns;                   /* for an action's namespace where none was said */
    int64_t wall_ms;                  /* 0, or where the clock stands (demo) */
    const char *audit;                /* path of the audit log */
    const struct sites *sites;        /* as in struct target_options; copied */
};

/* Takes the answers' values over (they are empty afterwards). Never waits. */
struct doing *doing_start(const struct doing_options *o, struct answers *answers,
                          struct err *err) BN_MUST_USE;
/* Readable when there is news; borrowed. doing_state() takes it. */
int doing_fd(const struct doing *d);
enum doing_state doing_state(struct doing *d);
/* Appends what it has said so far, a line each, without the first `from` bytes. */
void doing_text(struct doing *d, size_t from, struct strbuf *out);
const struct action *doing_action(const struct doing *d);
bool doing_destroys(struct doing *d); /* from DOING_PLANNED on */
/* Runs the plan that is shown. */
void doing_confirm(struct doing *d);
/* Gives up: the plan, or the waiting; what was sent goes on. */
void doing_cancel(struct doing *d);
/* Cancels and leaves: it is freed when its thread has ended. Never waits. NULL is allowed. */
void doing_end(struct doing *d);

#endif
