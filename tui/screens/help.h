/* The two pages of help. */
#ifndef BINNACLE_TUI_SCREENS_HELP_H
#define BINNACLE_TUI_SCREENS_HELP_H

#include "tui/screens/row_lines.h"

/* The manual page of a view: what its columns mean, the rule behind each colour,
 * what the signs say. place: of the view. */
void help_manual(struct row_lines *l, const struct ui *ui, const struct place *place, int cols);

#endif
