/* What running and taking back share. */
#ifndef BINNACLE_ACTIONS_RUN_IMPL_H
#define BINNACLE_ACTIONS_RUN_IMPL_H

#include "actions/run.h"

struct running {
    const struct run_options *o;
    const char *id;
    const struct step *step; /* NULL: none of a plan */
};

void run_tell(const struct running *r, enum run_event event, const char *title, const char *says);
/* That it begins, and since when; gives when, for run_tell_ended(), which says how long it took. */
int64_t run_tell_begun(const struct running *r, enum run_event event, const char *title);
void run_tell_ended(const struct running *r, enum run_event event, const char *title,
                    int64_t begun_ms);
/* Looks at r->step until it is as it should be. */
bool run_await(const struct running *r, struct err *err) BN_MUST_USE;

/* ---- Taking back: whose what a step has changed or made is now. */

enum undo_whose {
    WHOSE_OURS,
    WHOSE_BACK,    /* it is as it was before the step */
    WHOSE_GONE,    /* it is not there */
    WHOSE_THEIRS,  /* somebody has changed it since: *err says what */
    WHOSE_ANOTHER, /* what was made is gone, and another has its name */
};

/* Looks at it. What other systems have is OURS: they refuse by themselves (Vault: check-and-set), or
 * cannot tell. anyway: that it is THEIRS is not looked at. *version: of the object that was looked at, for
 * undo_body(), appended; nothing where there is none. */
bool undo_whose(struct target *t, const struct audit_step *s, bool anyway, enum undo_whose *whose,
                struct strbuf *version, struct err *err) BN_MUST_USE;
/* Appends the body of what takes the step back, for this version (of what was made: this object)
 * alone. False: it cannot be said, and the body stays as it is. */
bool undo_body(const struct audit_step *s, const char *version, struct strbuf *out) BN_MUST_USE;

#endif
