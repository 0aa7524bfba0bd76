/* A list of lines with a cursor: what moves it, where its lines are, what a
 * click on them means. */
#ifndef BINNACLE_TUI_SCREENS_LIST_H
#define BINNACLE_TUI_SCREENS_LIST_H

#include "tui/screen.h"

struct list {
    size_t count;     /* lines there are */
    size_t cursor;    /* the line that is selected */
    size_t top;       /* first line on view */
    int page;         /* lines on view when last laid out, at least 1 */
    struct rect area; /* where they stand; no rows: nowhere */
};

/* Puts count lines into an area: cursor and top are kept in range. */
void list_lay(struct list *l, size_t count, struct rect area);
/* Where line i stands; false: it is not on view. Loop: i = l->top, i++. */
bool list_line(const struct list *l, size_t i, struct rect *line);
/* Shows which line is selected. Drawn last: it only changes the look of cells. */
void list_show_cursor(const struct list *l, struct canvas *c);
/* Says how many lines are above and below those on view, each in a line of its own; no rows: nowhere. */
void list_draw_more(const struct list *l, struct canvas *c, struct rect above, struct rect below);
/* True when the move is one of a list's. */
bool list_move(struct list *l, enum move move);

enum list_click { LIST_ELSEWHERE, LIST_CHOSEN, LIST_OPENED };

/* A press of the first button on a line chooses it; a second one, with no key
 * between, opens it. */
enum list_click list_click(struct list *l, struct ui *ui, const struct input_event *ev);

#endif
