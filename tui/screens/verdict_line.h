/* A row in one line: what it is, whose, why it stands as it stands. Home's list
 * of what is wrong and the pins are made of these. */
#ifndef BINNACLE_TUI_SCREENS_VERDICT_LINE_H
#define BINNACLE_TUI_SCREENS_VERDICT_LINE_H

#include "tui/ui.h"

#define VERDICT_LABEL_WIDTH 12

/* Cells that the name of a row wants. */
int verdict_line_name(const struct ui *ui, struct handle row);
/* named: the row whose name is shown; row: whose verdict. names: cells for the
 * name; end: cells at the right that are left free. */
void verdict_line_draw(struct ui *ui, struct canvas *c, struct rect line, struct handle named,
                       struct handle row, int names, int end);

#endif
