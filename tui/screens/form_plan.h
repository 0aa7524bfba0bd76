/* The plan beside a form, where the terminal is wide: of what is filled in, made by reading alone. */
#ifndef BINNACLE_TUI_SCREENS_FORM_PLAN_H
#define BINNACLE_TUI_SCREENS_FORM_PLAN_H

#include "tui/form.h"
#include "tui/screens/run_text.h"

#define FORM_PLAN_COLS 120 /* from here on it stands beside the form */

struct form_plan {
    struct run_text text;
    uint64_t of;        /* what it was made of: form_hash(); 0: there is none */
    size_t at;          /* the field that was being filled in then */
    unsigned number;    /* which preview's text it is */
    size_t fed;         /* bytes of its text that are shown */
    struct strbuf lack; /* why there is none yet */
    bool exact, wide;
};

void form_plan_init(struct form_plan *p);
void form_plan_done(struct form_plan *p, struct ui *ui);
/* at: the field that is being filled in. When one is left, and all is filled in, the plan is made anew: not
 * at each key, as it is read from the systems themselves, over connections that are made for it. True: it
 * is to be drawn. */
bool form_plan_turn(struct form_plan *p, struct ui *ui, const struct form *f, size_t at);
/* With the requests, or its steps alone. */
void form_plan_exact(struct form_plan *p, const struct ui *ui);
void form_plan_draw(struct form_plan *p, const struct ui *ui, const struct form *f,
                    struct canvas *c, struct rect area);

#endif
