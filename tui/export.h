/* Writing a table's rows into a file. */
#ifndef BINNACLE_TUI_EXPORT_H
#define BINNACLE_TUI_EXPORT_H

#include "tui/ui.h"

/* Begins to write the rows of the top screen's table with their filter, order and columns; what has
 * come of it is said on the screen. form: of ROWS_FORMS; "": by the file's name. A file that is there
 * is only replaced when over says so. */
bool export_rows(struct ui *ui, bool over, struct span form, struct span path, struct err *err);
/* Some rows more. True: there are others. */
bool export_turn(struct ui *ui);
/* The store goes: says so, and forgets it. */
void export_forget(struct ui *ui);
/* Forgets what is not yet written. NULL is allowed. */
void export_drop(struct export *e);

#endif
