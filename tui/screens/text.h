/* What the screens of text share: moving and searching in a pager. */
#ifndef BINNACLE_TUI_SCREENS_TEXT_H
#define BINNACLE_TUI_SCREENS_TEXT_H

#include "tui/ui.h"
#include "widgets/pager.h"

void text_move(struct pager *p, enum move move);
/* follow, wrap, only; *on is the state of `only`. False: another verb. */
bool text_verb(struct ui *ui, struct pager *p, bool *on, const char *verb, struct span arg);
/* Keys apart from values. */
void text_paint_yaml(struct span line, struct pager_paint *out);

#endif
