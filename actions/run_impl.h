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

#endif
