/* What keys and mouse do in a table. */
#include <config.h>

#include "tui/marks.h"
#include "tui/screens/table.h"

#include <stdio.h>
#include <string.h>

/* Text without a cursor: a list whose cursor is the line at its edge. */
static void scroll_preview(struct table *t, enum move move)
{
    struct list *l = &t->preview_list;
    bool up = move == MOVE_UP || move == MOVE_PAGE_UP || move == MOVE_HALF_UP || move == MOVE_FIRST;
    size_t page = l->page > 0 ? (size_t)l->page : 1;
    l->cursor = up ? l->top : l->top + page - 1;
    if (list_move(l, move))
        list_lay(l, l->count, l->area);
}

void table_move(struct screen *s, struct ui *ui, enum move move)
{
    struct table *t = s->state;
    size_t at;
    ui->dirty = true;
    if (t->in_preview) {
        scroll_preview(t, move);
        return;
    }
    if (move == MOVE_LEFT) {
        t->first_column -= t->first_column > 0;
    } else if (move == MOVE_RIGHT) {
        t->first_column += t->layout.dropped > 0 || t->first_column > 0;
        if (t->first_column >= store_kind(ui->store, (uint16_t)s->place.kind)->ncolumns)
            t->first_column--;
    } else if (move == MOVE_NEXT_PROBLEM || move == MOVE_PREVIOUS_PROBLEM) {
        int dir = move == MOVE_NEXT_PROBLEM ? 1 : -1;
        if (!view_next_problem(t->view, t->list.cursor, dir, LEVEL_UNKNOWN, &at)) {
            ui_say(ui, ROLE_DIM, "no row has a problem");
            return;
        }
        t->list.cursor = at;
    } else {
        t->list.count = view_count(t->view);
        (void)list_move(&t->list, move);
    }
    if (t->list.cursor < view_count(t->view)) {
        t->cursor = view_at(t->view, t->list.cursor);
        t->has_cursor = true;
    }
    t->moved = move != MOVE_FIRST;
    t->preview_list.top = 0;
}

/* Enter goes down: to the containers of a pod, to the rows that another owns,
 * serves or holds, else to the details. */
void table_enter(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    struct place place;
    struct err err;
    bool ok;
    if (!t->has_cursor)
        return;
    if (!store_alive(ui->store, t->cursor)) {
        ui_say(ui, ROLE_DIM, "this row is gone");
        return;
    }
    if (store_kind(ui->store, t->cursor.kind)->containers_log)
        ok = ui_open_row(ui, &screen_containers, t->cursor, NULL, &err);
    else if (drill_place(ui, t->cursor, &place))
        ok = ui_open(ui, &place, &err);
    else
        ok = ui_open_row(ui, &screen_detail, t->cursor, "fields", &err);
    if (!ok)
        ui_say_err(ui, &err);
}

static void mark_range(struct ui *ui, struct table *t)
{
    size_t from = t->mark_from < view_count(t->view) ? t->mark_from : t->list.cursor;
    size_t to = t->list.cursor;
    size_t low = from < to ? from : to, high = from < to ? to : from;
    for (size_t i = low; i <= high; i++)
        marks_set(ui, view_at(t->view, i), true);
}

/* A filter that asks for marks or pins sees what has become of them. */
static void look_again(struct screen *s, struct ui *ui)
{
    struct err err;
    if (strstr(s->place.filter, "is:") && !table_take_place(s, ui, true, &err))
        ui_say_err(ui, &err);
}

/* The next pinned row of the table, from the cursor on. */
static void to_pin(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    size_t n = view_count(t->view);
    for (size_t i = 1; i <= n; i++) {
        size_t at = (t->list.cursor + i) % n;
        if (!pins_has(ui, view_at(t->view, at)))
            continue;
        t->list.cursor = at;
        t->cursor = view_at(t->view, at);
        t->moved = true;
        return;
    }
}

static void to_pane(struct table *t, struct ui *ui)
{
    if (!t->preview_list.area.rows)
        ui_say(ui, ROLE_DIM, "there is no room for a preview here: d shows the details");
    else
        t->in_preview = !t->in_preview;
}

bool table_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct table *t = s->state;
    (void)arg;
    if (strcmp(verb, "mark") == 0 && t->has_cursor) {
        marks_set(ui, t->cursor, !marks_has(ui, t->cursor));
        t->mark_from = t->list.cursor;
        table_move(s, ui, MOVE_DOWN);
        look_again(s, ui);
    } else if (strcmp(verb, "mark-range") == 0 && t->has_cursor) {
        mark_range(ui, t);
        look_again(s, ui);
    } else if (strcmp(verb, "pin") == 0 && t->has_cursor) {
        pins_set(ui, t->cursor, !pins_has(ui, t->cursor));
        look_again(s, ui);
    } else if (strcmp(verb, "next-pin") == 0) {
        to_pin(s, ui);
    } else if (strcmp(verb, "freeze") == 0) {
        t->moved = !t->moved;
        ui_say(ui, ROLE_DIM,
               t->moved ? "the cursor stays on its row" : "the cursor stays in its place");
    } else if (strcmp(verb, "pane") == 0) {
        to_pane(t, ui);
    } else {
        return !t->has_cursor;
    }
    return true;
}

/* As it is typed: bad terms are left out and underlined; Enter keeps it. */
void table_typed(struct screen *s, struct ui *ui, struct span text)
{
    struct table *t = s->state;
    struct err err;
    const struct filter_fault *faults;
    size_t marks[8][2], n;
    (void)snprintf(t->typed, sizeof(t->typed), "%.*s", SPAN_ARG(text));
    t->typing = true;
    if (!table_take_place(s, ui, true, &err))
        ui_say_err(ui, &err);
    (void)snprintf(s->place.filter, sizeof(s->place.filter), "%s", t->typed);
    t->typing = false;
    n = view_faults(t->view, &faults);
    n = n < BN_COUNT(marks) ? n : BN_COUNT(marks);
    for (size_t i = 0; i < n; i++) {
        marks[i][0] = faults[i].from;
        marks[i][1] = faults[i].len;
    }
    prompt_mark(ui->prompt, (const size_t(*)[2])marks, n);
    if (n)
        ui_say(ui, ROLE_DIM, "%s", faults[0].why);
}

bool table_back(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    if (t->in_preview) {
        t->in_preview = false;
        return true;
    }
    if (!marks_count(ui))
        return false;
    marks_clear(ui);
    look_again(s, ui);
    return true;
}

static void sort_by_header(struct screen *s, struct ui *ui, int col)
{
    struct table *t = s->state;
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    struct err err;
    for (size_t i = 0; i < t->layout.count; i++) {
        const struct table_place *p = &t->layout.places[i];
        if (col < p->left || col > p->left + p->width) /* the gap belongs to it */
            continue;
        struct place place = s->place;
        uint16_t column = t->columns[p->column];
        bool again = t->sorted == column && !t->descending;
        (void)snprintf(place.sort, sizeof(place.sort), "%s%s", kind->columns[column].name,
                       again ? "!" : "");
        if (!ui_change(ui, &place, &err))
            ui_say_err(ui, &err);
        return;
    }
}

static bool wheel(struct screen *s, struct ui *ui, const struct input_event *ev)
{
    struct table *t = s->state;
    bool focus = t->in_preview;
    t->in_preview = rect_has(t->preview_list.area, ev->row, ev->col);
    for (int i = 0; i < 3; i++)
        table_move(s, ui, ev->what == MOUSE_WHEEL_UP ? MOVE_UP : MOVE_DOWN);
    t->in_preview = focus;
    return true;
}

/* A link in the preview is gone to as in the details. */
static void click_preview(struct table *t, struct ui *ui, int row)
{
    size_t line = t->preview_list.top + (size_t)(row - t->preview_list.area.top);
    struct err err;
    if (line < t->preview.count && t->preview.lines[line].has_target &&
        !ui_open_row(ui, &screen_detail, t->preview.lines[line].target, "fields", &err))
        ui_say_err(ui, &err);
}

bool table_mouse(struct screen *s, struct ui *ui, const struct input_event *ev)
{
    struct table *t = s->state;
    if (ev->what == MOUSE_WHEEL_UP || ev->what == MOUSE_WHEEL_DOWN)
        return wheel(s, ui, ev);
    if (ev->what != MOUSE_PRESS || ev->button != 1)
        return false;
    if (rect_has(t->preview_list.area, ev->row, ev->col)) {
        click_preview(t, ui, ev->row);
        return true;
    }
    if (rect_has(t->header, ev->row, ev->col)) {
        sort_by_header(s, ui, ev->col);
        return true;
    }
    t->list.count = view_count(t->view);
    enum list_click click = list_click(&t->list, ui, ev);
    if (click == LIST_ELSEWHERE)
        return true;
    t->cursor = view_at(t->view, t->list.cursor);
    t->has_cursor = t->moved = true;
    t->in_preview = false;
    if (click == LIST_OPENED)
        table_enter(s, ui);
    return true;
}
