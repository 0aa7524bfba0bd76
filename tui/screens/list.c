/* A cursor in a list of lines. */
#include <config.h>

#include "tui/screens/list.h"

#include "tui/ui.h"

void list_lay(struct list *l, size_t count, struct rect area)
{
    size_t page = area.rows > 0 ? (size_t)area.rows : 1;
    l->area = area;
    l->count = count;
    l->page = (int)page;
    if (l->cursor >= count)
        l->cursor = count ? count - 1 : 0;
    if (l->cursor < l->top)
        l->top = l->cursor;
    if (l->cursor >= l->top + page)
        l->top = l->cursor - page + 1;
    if (l->top + page > count)
        l->top = count > page ? count - page : 0;
}

bool list_line(const struct list *l, size_t i, struct rect *line)
{
    if (i < l->top || i >= l->count || i - l->top >= (size_t)l->area.rows)
        return false;
    *line = rect_make(l->area.top + (int)(i - l->top), l->area.left, 1, l->area.cols);
    return true;
}

void list_draw_more(const struct list *l, struct canvas *c, struct rect above, struct rect below)
{
    size_t end = l->top + (size_t)l->page;
    if (above.rows && l->top)
        canvas_textf(c, above, 0, 3, ROLE_DIM, " %zu more above ", l->top);
    if (below.rows && end < l->count)
        canvas_textf(c, below, 0, 3, ROLE_DIM, " %zu more ", l->count - end);
}

void list_show_cursor(const struct list *l, struct canvas *c)
{
    struct rect line;
    if (!list_line(l, l->cursor, &line))
        return;
    canvas_flag(c, line, CELL_CURSOR_ROW);
    canvas_cursor(c, line.top, line.left);
}

static void list_step(struct list *l, long step)
{
    long at = (long)l->cursor + step, last = l->count ? (long)l->count - 1 : 0;
    l->cursor = (size_t)(at < 0 ? 0 : at > last ? last : at);
}

bool list_move(struct list *l, enum move move)
{
    long page = l->page > 1 ? l->page - 1 : 1, half = l->page > 1 ? l->page / 2 : 1;
    long all = (long)l->count;
    const long steps[] = {
        [MOVE_UP] = -1,          [MOVE_DOWN] = 1,        [MOVE_PAGE_UP] = -page,
        [MOVE_PAGE_DOWN] = page, [MOVE_HALF_UP] = -half, [MOVE_HALF_DOWN] = half,
        [MOVE_FIRST] = -all,     [MOVE_LAST] = all,
    };
    if ((size_t)move >= BN_COUNT(steps))
        return false;
    list_step(l, steps[move]);
    return true;
}

enum list_click list_click(struct list *l, struct ui *ui, const struct input_event *ev)
{
    if (ev->what != MOUSE_PRESS || ev->button != 1 || !rect_has(l->area, ev->row, ev->col))
        return LIST_ELSEWHERE;
    size_t line = l->top + (size_t)(ev->row - l->area.top);
    if (line >= l->count)
        return LIST_ELSEWHERE;
    bool again = line == l->cursor && ui->clicked == ev->row;
    l->cursor = line;
    ui->clicked = ev->row;
    return again ? LIST_OPENED : LIST_CHOSEN;
}
