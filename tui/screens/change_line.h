/* A line of the feed of changes, as home and the changes screen show it. */
#ifndef BINNACLE_TUI_SCREENS_CHANGE_LINE_H
#define BINNACLE_TUI_SCREENS_CHANGE_LINE_H

#include "tui/feed.h"
#include "tui/ui.h"

/* name: of feed_lines(). */
void change_line_draw(struct ui *ui, uint64_t name, struct canvas *c, struct rect line);

#endif
