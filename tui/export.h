/* Writing a table's rows into a file. */
#ifndef BINNACLE_TUI_EXPORT_H
#define BINNACLE_TUI_EXPORT_H

#include "tui/ui.h"

/* form: csv, jsonl or md. A file that is there is not replaced. */
bool export_rows(struct ui *ui, struct span form, struct span path, struct err *err);

#endif
