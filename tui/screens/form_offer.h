/* What rows offer for the field that is being filled in: chosen by Right and Left as the words of a choice
 * are, narrowed by what is typed. */
#ifndef BINNACLE_TUI_SCREENS_FORM_OFFER_H
#define BINNACLE_TUI_SCREENS_FORM_OFFER_H

#include "tui/offers.h"
#include "tui/ui.h"

struct form_offer {
    struct offers all;
    size_t at;        /* the field; SIZE_MAX: none yet */
    uint64_t hash;    /* of the form, as of then */
    int64_t until_ms; /* rows come and go: they are looked at again then */
    size_t picked;    /* of those, stands in the field */
    bool picks, typed;
};

void form_offer_init(struct form_offer *o);
void form_offer_done(struct form_offer *o);
/* ns: as offers_of(). Called before drawing. */
void form_offer_look(struct form_offer *o, const struct ui *ui, const struct form *f, size_t at,
                     const char *ns);
/* Right (step 1) at the end of what is typed, or Left (-1) once one was chosen. False: the key means
 * something else. */
bool form_offer_step(struct form_offer *o, struct form *f, size_t at, int step);
/* Draws them into what is left of the field's line. */
void form_offer_draw(const struct form_offer *o, const struct form *f, struct canvas *c,
                     struct rect line);

#endif
