/* Home: every system, worst first, a sentence each; what is wrong, row by row;
 * what has changed in the last 15 minutes. */
#include <config.h>

#include "tui/screens/home.h"

#include "base/alloc.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void want_kinds(struct home *h, struct ui *ui)
{
    const struct kind_list *kinds = session_kinds(ui->session);
    const struct system_list *systems = session_systems(ui->session);
    bool *seen = xalloc_zero(kinds->count + 1, sizeof(*seen));
    h->wanted = xalloc_zero(kinds->count + 1, sizeof(*h->wanted));
    for (size_t i = 0; i < systems->count; i++) {
        for (size_t k = 0; k < SYSTEM_KINDS_MAX && systems->systems[i].kinds[k]; k++) {
            int kind = kind_find(kinds, span_from(systems->systems[i].kinds[k]));
            if (kind >= 0 && !seen[kind]) {
                seen[kind] = true;
                h->wanted[h->nwanted++] = (uint16_t)kind;
                session_want(ui->session, (uint16_t)kind);
            }
        }
    }
    free(seen);
}

static bool home_open(struct screen *s, struct ui *ui, BN_UNUSED struct err *err)
{
    struct home *h = s->state;
    want_kinds(h, ui);
    h->problems = problems_new(ui->session);
    h->lines = xalloc_zero(session_systems(ui->session)->count + 1, sizeof(*h->lines));
    h->away = SOURCE_NONE;
    h->well = SIZE_MAX;
    row_lines_init(&h->preview);
    return true;
}

static void home_close(struct screen *s, struct ui *ui)
{
    struct home *h = s->state;
    for (size_t i = 0; i < h->nwanted; i++)
        session_unwant(ui->session, h->wanted[i]);
    problems_free(h->problems);
    row_lines_done(&h->preview);
    free(h->wanted);
    free(h->lines);
}

const struct system_state *home_line(const struct home *h, const struct ui *ui, size_t line)
{
    bool one = line < h->panes[HOME_SYSTEMS].count && h->lines[line] < HOME_WELL;
    return one ? &ui->systems[h->lines[line]] : NULL;
}

const struct system_state *home_system(const struct home *h, const struct ui *ui)
{
    return h->focus == HOME_SYSTEMS ? home_line(h, ui, h->panes[HOME_SYSTEMS].cursor) : NULL;
}

bool home_row(const struct home *h, const struct ui *ui, struct handle *row)
{
    const struct list *pane = &h->panes[h->focus];
    struct feed_line line;
    if (pane->cursor >= pane->count)
        return false;
    if (h->focus == HOME_PROBLEMS) {
        *row = problems_get(h->problems, pane->cursor)->row;
        return true;
    }
    if (h->focus == HOME_CHANGES) {
        bool known = feed_line(ui->feed, h->changes[pane->cursor], &line);
        *row = known ? line.row : (struct handle){0};
        return known;
    }
    const struct system_state *system = home_system(h, ui);
    if (!system || !system->has_worst)
        return false;
    *row = system->worst;
    return true;
}

/* The cursor stays on what it was on, wherever that goes. */
static void remember(struct home *h, const struct ui *ui)
{
    const struct list *pane = &h->panes[h->focus];
    if (pane->cursor >= pane->count)
        return;
    const struct system_state *system = home_system(h, ui);
    if (system)
        (void)snprintf(h->system, sizeof(h->system), "%s", system->system->name);
    else if (h->focus == HOME_PROBLEMS)
        h->problem = problems_get(h->problems, pane->cursor)->owner;
    else if (h->focus == HOME_CHANGES)
        h->change = pane->cursor ? h->changes[pane->cursor] : 0; /* at the top: the newest */
}

/* The next pane that has lines, in a direction; the same one when there is none. */
static int next_pane(const struct home *h, int from, int dir)
{
    for (int pane = from + dir; pane >= 0 && pane < HOME_PANES; pane += dir)
        if (h->panes[pane].count && h->panes[pane].area.rows)
            return pane;
    return from;
}

/* Down from the last line of a list leads to the next list, up from the first back. */
static void home_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct home *h = s->state;
    struct list *pane = &h->panes[h->focus];
    bool problem = move == MOVE_NEXT_PROBLEM || move == MOVE_PREVIOUS_PROBLEM;
    if (problem && h->panes[HOME_PROBLEMS].count && h->focus != HOME_PROBLEMS) {
        h->focus = HOME_PROBLEMS;
    } else if (problem) {
        (void)list_move(pane, move == MOVE_NEXT_PROBLEM ? MOVE_DOWN : MOVE_UP);
    } else if (move == MOVE_LEFT || move == MOVE_RIGHT) {
        h->unfolded = move == MOVE_RIGHT;
    } else if (move == MOVE_DOWN && pane->cursor + 1 >= pane->count) {
        int next = next_pane(h, h->focus, 1);
        if (next != h->focus)
            h->panes[next].cursor = 0;
        h->focus = next;
    } else if (move == MOVE_UP && !pane->cursor) {
        h->focus = next_pane(h, h->focus, -1);
        if (&h->panes[h->focus] != pane)
            h->panes[h->focus].cursor = h->panes[h->focus].count - 1;
    } else {
        (void)list_move(pane, move);
    }
    remember(h, ui);
}

static bool home_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    return home_row(s->state, ui, row);
}

static void open_row(struct home *h, struct ui *ui)
{
    const char *part = h->focus == HOME_PROBLEMS ? "why" : "events";
    struct handle row;
    struct err err;
    if (!home_row(h, ui, &row) || !store_alive(ui->store, row))
        ui_say(ui, ROLE_DIM, "this is gone");
    else if (!ui_open_row(ui, &screen_detail, row, part, &err))
        ui_say_err(ui, &err);
}

/* The system's table: that of its worst row where it is not well. */
static void open_system(struct home *h, struct ui *ui)
{
    const struct system_state *state = home_system(h, ui);
    struct err err;
    if (!state) {
        h->unfolded = true;
        return;
    }
    int kind = state->has_worst && state->level >= LEVEL_UNKNOWN
                   ? state->worst.kind
                   : kind_find(session_kinds(ui->session), span_from(state->system->kinds[0]));
    if (kind < 0)
        ui_say(ui, ROLE_DIM, "%s has no table", state->system->title);
    else if (!ui_open_table(ui, kind, NULL, &err))
        ui_say_err(ui, &err);
}

static void home_enter(struct screen *s, struct ui *ui)
{
    struct home *h = s->state;
    if (h->panes[h->focus].cursor >= h->panes[h->focus].count)
        return;
    if (h->focus == HOME_SYSTEMS)
        open_system(h, ui);
    else
        open_row(h, ui);
}

static bool home_verb(struct screen *s, struct ui *ui, const char *verb, BN_UNUSED struct span arg)
{
    struct home *h = s->state;
    if (strcmp(verb, "pane") != 0)
        return false;
    int next = next_pane(h, h->focus, 1);
    h->focus = next != h->focus ? next : HOME_SYSTEMS;
    if (h->focus == HOME_SYSTEMS && next_pane(h, HOME_SYSTEMS, 1) == HOME_SYSTEMS)
        ui_say(ui, ROLE_DIM, "nothing is wrong and nothing has changed: there is one list");
    return true;
}

static bool home_back(struct screen *s, BN_UNUSED struct ui *ui)
{
    struct home *h = s->state;
    bool was = h->focus != HOME_SYSTEMS || h->unfolded;
    h->focus = HOME_SYSTEMS;
    h->unfolded = false;
    return was;
}

static bool home_mouse(struct screen *s, struct ui *ui, const struct input_event *ev)
{
    struct home *h = s->state;
    for (int i = 0; i < HOME_PANES; i++) {
        if (!rect_has(h->panes[i].area, ev->row, ev->col))
            continue;
        bool here = h->focus == i;
        enum list_click click = list_click(&h->panes[i], ui, ev);
        if (click != LIST_ELSEWHERE || ev->what != MOUSE_PRESS)
            h->focus = i; /* the wheel turns the list below the pointer */
        remember(h, ui);
        if (click == LIST_OPENED && here)
            home_enter(s, ui);
        return click != LIST_ELSEWHERE;
    }
    return false;
}

const struct screen_class screen_home = {
    .name = "home",
    .context = CONTEXT_HOME,
    .state_size = sizeof(struct home),
    .open = home_open,
    .close = home_close,
    .draw = home_draw,
    .move = home_move,
    .selected = home_selected,
    .enter = home_enter,
    .mouse = home_mouse,
    .verb = home_verb,
    .back = home_back,
};
