/* Parts of the frame, shared by the files that draw it. */
#ifndef BINNACLE_TUI_UI_DRAW_H
#define BINNACLE_TUI_UI_DRAW_H

#include "tui/ui.h"

/* A place of this frame that a click acts on. */
void ui_add_hit(struct ui *ui, struct ui_hit hit);
/* The keys that are worth most for the row under the cursor. */
void ui_draw_keys(struct ui *ui, struct canvas *c, struct rect line);
/* What can complete the prompt, above it, the best lowest. */
void ui_draw_completions(const struct ui *ui, struct canvas *c, struct rect body);

#endif
