/* What big screens show around a body: every system and every kind that has rows at its left, how the
 * systems have been lately below it. */
#ifndef BINNACLE_TUI_OVERVIEW_H
#define BINNACLE_TUI_OVERVIEW_H

#include "tui/ui.h"

#define RAIL_COLS 26

/* Rows that the time axis takes. */
int overview_axis_rows(const struct ui *ui);
/* How a system has been over the time up to now, the worst of each cell's part of it. */
void overview_draw_lane(const struct ui *ui, struct canvas *c, struct rect lane, int64_t span_ms,
                        const struct system *s);
/* A lane for each of the worst systems over the last half hour, and when something changed. */
void overview_draw_axis(struct ui *ui, struct canvas *c, struct rect area);
/* Systems and kinds with how many are bad; a click opens them. */
void overview_draw_rail(struct ui *ui, struct canvas *c, struct rect area);

#endif
