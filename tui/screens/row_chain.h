/* Where a link leads on: from a path of a Vault through its ExternalSecret and its Secret to the
 * pods that have it, and back. */
#ifndef BINNACLE_TUI_SCREENS_ROW_CHAIN_H
#define BINNACLE_TUI_SCREENS_ROW_CHAIN_H

#include "tui/screens/row_lines.h"

/* Behind the line that leads from a row to another: lines of what that leads to, further in. None
 * where the two are of no chain. */
void row_chain_add(struct row_lines *l, const struct ui *ui, struct handle row, enum link_type type,
                   struct handle other);

#endif
