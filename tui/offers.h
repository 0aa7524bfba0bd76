/* What a form's field may be answered with: values that rows have. Nothing is asked for. */
#ifndef BINNACLE_TUI_OFFERS_H
#define BINNACLE_TUI_OFFERS_H

#include "model/store.h"
#include "tui/form.h"

#define OFFERS_MAX 200

struct offers {
    char *all[OFFERS_MAX]; /* owned; in order: first what begins so, then what has it amid */
    size_t count;
};

/* Which of a kind's columns fills an action's field (actions/action.h: column); -1: none. */
int offers_column(const struct kind *kind, const struct field *f);
/* Those for field i that have this text. Rows count that fit what the other fields say; ns: in which
 * namespace where none is said, "": not known. Out is cleared before. */
void offers_of(const struct store *st, const struct form *f, size_t i, const char *ns,
               struct span text, struct offers *out);
void offers_clear(struct offers *o);

#endif
