/* The line below the title: which sources are not well, on home how old the answers of the others are, and
 * at its right what the screen has hidden. */
#ifndef BINNACLE_TUI_STRIP_H
#define BINNACLE_TUI_STRIP_H

#include "tui/ui.h"

/* How a source's state is coloured. */
enum role strip_role(enum source_state state);
/* There is a source to tell of: it is not well, for itself or for the kind on view. */
bool strip_has_news(const struct ui *ui);
/* figures stand at its right end. */
void strip_draw(struct ui *ui, struct canvas *c, struct rect line, struct span figures);
/* By time alone another source is to be told of, or one no more, than when it was drawn. */
bool strip_is_old(const struct ui *ui);

#endif
