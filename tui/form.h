/* What a person fills in before an action makes its plan: a line of text for each of its fields. A
 * secret that is typed here is drawn as dots, and wiped with the form. */
#ifndef BINNACLE_TUI_FORM_H
#define BINNACLE_TUI_FORM_H

#include "actions/action.h"
#include "widgets/prompt.h"

struct form {
    const struct action *action;
    size_t count;                            /* of its fields */
    struct prompt *typed[ACTION_FIELDS_MAX]; /* owned; of a choice, its word */
    bool asked[ACTION_FIELDS_MAX]; /* of a secret: typed here; else it is said where it is */
};

/* Filled with what is answered already. */
struct form *form_new(const struct answers *known) BN_MUST_USE;
void form_free(struct form *f); /* NULL is allowed */

/* What stands there, borrowed until the next change. */
struct span form_text(const struct form *f, size_t i);
/* Empty, and it must not be; the context knows the namespace where none is said. */
bool form_wants(const struct form *f, size_t i);
/* Whether what stands in the field may stand there; what must be said and is not yet may. */
bool form_check(const struct form *f, size_t i, struct err *err);
/* The next word of a choice, or the one before (step -1); of a secret whether it is typed or it is
 * said where it is. False: the field is another. */
bool form_choose(struct form *f, size_t i, int step);
/* The next word of a choice that begins so; the word stays where none does. */
void form_choose_letter(struct form *f, size_t i, char letter);
/* What is answered, without secrets: those stay in the form. False: *wrong is the first field that
 * cannot stay as it is. */
bool form_answers(const struct form *f, struct answers *out, size_t *wrong, struct err *err);
/* Of all that stands in it: the same as long as nothing is changed. */
uint64_t form_hash(const struct form *f);
/* Secrets are typed anew from now on. */
void form_forget_secrets(struct form *f);

#endif
