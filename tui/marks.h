/* Rows marked with Space ("is:marked") and pinned with m ("is:pinned"). */
#ifndef BINNACLE_TUI_MARKS_H
#define BINNACLE_TUI_MARKS_H

#include "tui/ui.h"

bool marks_has(const struct ui *ui, struct handle row);
void marks_set(struct ui *ui, struct handle row, bool marked);
void marks_clear(struct ui *ui);
size_t marks_count(const struct ui *ui);
/* Marked rows that still exist: *at = 0 starts. */
bool marks_next(const struct ui *ui, size_t *at, struct handle *row);
/* Rows pinned with `m`: watched over all kinds (the pins screen), "is:pinned". */
bool pins_has(const struct ui *ui, struct handle row);
void pins_set(struct ui *ui, struct handle row, bool pinned);
void pins_clear(struct ui *ui);
size_t pins_count(const struct ui *ui);
bool pins_next(const struct ui *ui, size_t *at, struct handle *row);

#endif
