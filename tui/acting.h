/* What the commands and the screens of actions share: the form, the plan, what runs. */
#ifndef BINNACLE_TUI_ACTING_H
#define BINNACLE_TUI_ACTING_H

#include "actions/doing.h"
#include "tui/form.h"
#include "tui/ui.h"

/* Opens the form of what is answered so far. */
bool acting_ask(struct ui *ui, const struct answers *known, struct err *err);
/* What the last form or plan was made of, without secrets; borrowed. NULL: of another action. */
const struct answers *acting_answers(const struct ui *ui, const char *action);
/* Begins the plan and opens its screen. form: where they come from, which has the secrets that were
 * typed; NULL: none was needed. */
bool acting_start(struct ui *ui, const struct answers *answers, const struct form *form,
                  struct err *err);
/* Begins ui->preview, which another one ends. */
bool acting_preview(struct ui *ui, const struct answers *answers, const struct form *form,
                    struct err *err);
void acting_preview_end(struct ui *ui);
/* Opens the plan of going on with a run or of taking it back, or follows one that goes on; id "" or
 * NULL: the newest. */
bool acting_take_up(struct ui *ui, enum doing_what what, const char *id, struct err *err);
/* A run without an end is left as it is. */
bool acting_let_be(struct ui *ui, const char *id, struct err *err);
/* True: the log has no end of that run; *back: and something of it can be taken back. */
bool acting_is_unended(const struct ui *ui, const char *id, bool *back);
/* A run that was begun here has not ended. */
bool acting_goes_on(const struct ui *ui);
/* Says of runs that have no end, or that go on without us. */
void acting_notice(struct ui *ui);
/* False: nothing may be begun now, and why. */
bool acting_may(struct ui *ui, struct err *err);
/* Leaves the screens of this action, and what led to them. */
void acting_leave(struct ui *ui);
/* What runs has the secrets: the forms below forget them. */
void acting_forget(const struct ui *ui);
/* The same of one form's screen (screens/form.c). */
void form_forget(const struct screen *s);
/* The next word of that field's choice. */
void form_turn_choice(const struct screen *s, size_t field);
/* The plan that waits for its answer, made anew with its field `wait` turned over: whether it begins when
 * what it changes is whole. */
bool acting_turn_wait(struct ui *ui, struct err *err) BN_MUST_USE;
void acting_end(struct ui *ui);

#endif
