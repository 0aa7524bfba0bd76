/* One row: its fields, links both ways, events, and the object as YAML. */
#include <config.h>

#include "tui/screens/list.h"
#include "tui/screens/row_lines.h"
#include "tui/screens/row_past.h"
#include "tui/screens/text.h"
#include "tui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YAML_CAP ((size_t)16 << 20)

static const char *const parts[] = {"fields", "why", "links", "events", "yaml"};

struct detail {
    struct handle row;
    bool found;
    struct row_lines lines;
    struct list list;
    struct pager *pager; /* the YAML; owned; NULL until asked for */
    uint32_t request;    /* of the YAML; 0: none */
    struct row_past past;
    bool arrived, failed, only;
    struct err why; /* failed: what was said */
    char search[128];
    int tab_row, tab_ends[BN_COUNT(parts)]; /* where they were last drawn, for the mouse */
};

static bool is_yaml(const struct screen *s)
{
    return strcmp(s->place.part, "yaml") == 0;
}

static bool is_fields(const struct screen *s)
{
    return strcmp(s->place.part, "fields") == 0;
}

static unsigned parts_of(const struct screen *s)
{
    static const struct {
        const char *name;
        unsigned parts;
    } of[] = {
        {"why", ROW_VERDICT | ROW_EVIDENCE | ROW_EVENTS | ROW_CHANGES},
        {"links", ROW_VERDICT | ROW_LINKS},
        {"events", ROW_VERDICT | ROW_EVENTS | ROW_CHANGES},
    };

    for (size_t i = 0; i < BN_COUNT(of); i++)
        if (strcmp(s->place.part, of[i].name) == 0)
            return of[i].parts;
    return ROW_EVENTS | ROW_CHANGES | ROW_LINKS | ROW_ALL_FIELDS; /* behind verdict and past */
}

/* The row may be replaced by another of the same name: the newest is shown. */
static void find_row(struct screen *s, struct ui *ui)
{
    struct detail *d = s->state;
    struct handle row;
    if (d->found && store_alive(ui->store, d->row))
        return;
    if (store_find(ui->store, s->place.source, (uint16_t)s->place.kind,
                   span_make(s->place.key, s->place.key_len), &row)) {
        d->row = row;
        d->found = true;
    }
}

static void ask_yaml(struct screen *s, struct ui *ui)
{
    struct detail *d = s->state;
    if (!is_yaml(s) || d->request || !d->found)
        return;
    if (!d->pager)
        d->pager = pager_new(YAML_CAP);
    d->request = session_fetch(ui->session, d->row, DOCUMENT_YAML);
    d->arrived = d->failed = false;
}

static bool detail_open(struct screen *s, struct ui *ui, struct err *err)
{
    struct detail *d = s->state;
    if (s->place.kind < 0)
        return err_set(err, ERR_CONFIG, "there is no row to show");
    row_lines_init(&d->lines);
    if (!s->place.part[0])
        (void)snprintf(s->place.part, sizeof(s->place.part), "fields");
    session_want(ui->session, (uint16_t)s->place.kind);
    find_row(s, ui);
    ask_yaml(s, ui);
    return true;
}

static bool detail_changed(struct screen *s, struct ui *ui, struct err *err)
{
    (void)err;
    ask_yaml(s, ui);
    return true;
}

static void detail_close(struct screen *s, struct ui *ui)
{
    struct detail *d = s->state;
    if (s->place.kind < 0)
        return;
    session_unwant(ui->session, (uint16_t)s->place.kind);
    if (d->request)
        session_cancel(ui->session, d->request);
    row_past_drop(&d->past, ui);
    pager_free(d->pager);
    row_lines_done(&d->lines);
}

static bool detail_turn(struct screen *s, struct ui *ui)
{
    struct detail *d = s->state;
    struct session_document doc;
    find_row(s, ui);
    if (d->found && is_fields(s) && row_past_turn(&d->past, ui, d->row))
        return true;
    if (!d->request || d->arrived || !session_document(ui->session, d->request, &doc) || !doc.done)
        return false;
    d->arrived = true;
    pager_clear(d->pager);
    d->failed = doc.err.kind != ERR_NONE;
    d->why = doc.err;
    if (!d->failed)
        pager_add(d->pager, doc.text);
    pager_first(d->pager);
    return true;
}

static void draw_tabs(const struct screen *s, struct canvas *c, struct rect line)
{
    struct detail *d = s->state;
    int col = 1;
    canvas_fill(c, line, ROLE_HEADER);
    d->tab_row = line.top;
    for (size_t i = 0; i < BN_COUNT(parts); i++) {
        bool here = strcmp(parts[i], s->place.part) == 0;
        col += canvas_textf(c, line, 0, col, here ? ROLE_SORTED : ROLE_HEADER,
                            here ? "[%s]" : " %s ", parts[i]) +
               1;
        d->tab_ends[i] = col;
    }
}

static void draw_lines(struct screen *s, struct ui *ui, struct canvas *c, struct rect area)
{
    struct detail *d = s->state;
    struct rect line;
    row_lines_begin(&d->lines, ui, area.cols);
    if (is_fields(s)) {
        row_lines_add(&d->lines, ui, d->row, ROW_VERDICT);
        row_past_add(&d->past, &d->lines, ui);
    }
    row_lines_add(&d->lines, ui, d->row, parts_of(s));
    list_lay(&d->list, d->lines.count, area);
    for (size_t i = d->list.top; list_line(&d->list, i, &line); i++)
        row_lines_draw(&d->lines, i, c, line);
    list_show_cursor(&d->list, c);
}

static void draw_yaml(const struct screen *s, struct ui *ui, struct canvas *c, struct rect area)
{
    struct detail *d = s->state;
    struct rect text = rect_make(area.top, area.left + 1, area.rows, area.cols - 1);
    (void)ui;
    if (d->failed)
        canvas_text_wrapped(c, text, span_from(d->why.msg), ROLE_FAULT);
    else if (!d->arrived)
        canvas_textf(c, area, 0, 1, ROLE_DIM, "asking for the object (Ctrl-C stops waiting)");
    else
        pager_draw(d->pager, c, area, text_paint_yaml);
}

static void detail_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct detail *d = s->state;
    struct rect rest = rect_make(body.top + 1, body.left, body.rows - 1, body.cols);
    draw_tabs(s, c, rect_make(body.top, body.left, 1, body.cols));
    d->list.area.rows = 0; /* no lines to click on, until they are drawn */
    d->lines.count = is_yaml(s) ? 0 : d->lines.count;
    if (rest.rows <= 0)
        return;
    if (!d->found && !store_synced(ui->store, (uint16_t)s->place.kind))
        canvas_textf(c, rest, 0, 1, ROLE_DIM, "loading %s",
                     store_kind(ui->store, (uint16_t)s->place.kind)->plural);
    else if (!d->found)
        canvas_textf(c, rest, 0, 1, ROLE_DIM, "%.*s is not (or no longer) there: Esc goes back",
                     (int)s->place.key_len, s->place.key);
    else if (is_yaml(s))
        draw_yaml(s, ui, c, rest);
    else
        draw_lines(s, ui, c, rest);
}

static void detail_crumb(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    strbuf_addf(out, "%s ", kind->name);
    strbuf_add(out, kind_key_parts(kind, span_make(s->place.key, s->place.key_len)).name);
}

static void detail_figures(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    (void)ui;
    const struct detail *d = s->state;
    if (is_yaml(s) && d->pager)
        pager_position(d->pager, out);
    else if (d->found && !store_alive(ui->store, d->row))
        strbuf_adds(out, "gone");
}

/* The next line that holds the search text. */
static void next_line(struct detail *d, int dir)
{
    struct span word = span_from(d->search);
    for (size_t i = 1; word.len && i <= d->lines.count; i++) {
        size_t n = d->lines.count;
        size_t at = (d->list.cursor + (dir > 0 ? i : n - i)) % n;
        const struct row_line *r = &d->lines.lines[at];
        struct span text =
            span_make(strbuf_cstr(&d->lines.text) + r->label, r->label_len + r->text_len);
        if (span_search(text, word, true) < text.len) {
            d->list.cursor = at;
            return;
        }
    }
}

static void detail_move(struct screen *s, struct ui *ui, enum move move)
{
    struct detail *d = s->state;
    if (is_yaml(s) && d->pager)
        text_move(d->pager, move);
    else if (!list_move(&d->list, move))
        next_line(d, move == MOVE_PREVIOUS_PROBLEM ? -1 : 1);
    ui->dirty = true;
}

static bool detail_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    (void)ui;
    const struct detail *d = s->state;
    *row = d->row;
    return d->found;
}

/* Follows the link under the cursor. */
static void detail_enter(struct screen *s, struct ui *ui)
{
    const struct detail *d = s->state;
    struct err err;
    if (is_yaml(s) || d->list.cursor >= d->lines.count ||
        !d->lines.lines[d->list.cursor].has_target)
        return;
    if (!ui_open_row(ui, &screen_detail, d->lines.lines[d->list.cursor].target, "fields", &err))
        ui_say_err(ui, &err);
}

static bool to_part(struct screen *s, struct ui *ui, size_t part)
{
    struct detail *d = s->state;
    struct err err;
    (void)snprintf(s->place.part, sizeof(s->place.part), "%s", parts[part]);
    d->list.cursor = d->list.top = 0;
    return detail_changed(s, ui, &err);
}

static bool step_part(struct screen *s, struct ui *ui, int step)
{
    const size_t n = BN_COUNT(parts);
    for (size_t i = 0; i < n; i++)
        if (strcmp(parts[i], s->place.part) == 0)
            return to_part(s, ui, (i + (step > 0 ? 1 : n - 1)) % n);
    return to_part(s, ui, 0);
}

/* Stops waiting for the object. */
static bool cancel(struct detail *d, struct ui *ui)
{
    if (!d->request || d->arrived)
        return false;
    session_cancel(ui->session, d->request);
    d->request = 0;
    d->arrived = d->failed = true;
    (void)err_set(&d->why, ERR_CONFIG, "no longer waiting for the object: r asks again");
    return true;
}

static bool again(struct screen *s, struct ui *ui)
{
    struct detail *d = s->state;
    if (is_fields(s))
        row_past_drop(&d->past, ui);
    if (!is_yaml(s))
        return false;
    if (d->request)
        session_cancel(ui->session, d->request);
    d->request = 0;
    ask_yaml(s, ui);
    return true;
}

static bool detail_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct detail *d = s->state;
    if (strcmp(verb, "next-part") == 0 || strcmp(verb, "previous-part") == 0)
        return step_part(s, ui, verb[0] == 'n' ? 1 : -1);
    if (strcmp(verb, "cancel") == 0)
        return cancel(d, ui);
    if (strcmp(verb, "again") == 0)
        return again(s, ui);
    return is_yaml(s) && d->pager && text_verb(ui, d->pager, &d->only, verb, arg);
}

static bool detail_mouse(struct screen *s, struct ui *ui, const struct input_event *ev)
{
    struct detail *d = s->state;
    if (ev->what != MOUSE_PRESS || ev->button != 1)
        return false;
    if (ev->row == d->tab_row) {
        for (size_t i = 0; i < BN_COUNT(parts); i++)
            if (ev->col < d->tab_ends[i])
                return to_part(s, ui, i);
        return true;
    }
    enum list_click click = list_click(&d->list, ui, ev);
    if (click == LIST_OPENED)
        detail_enter(s, ui);
    return true;
}

static unsigned detail_context(const struct screen *s)
{
    return CONTEXT_DETAIL | (is_yaml(s) ? CONTEXT_PAGER : 0);
}

static void detail_typed(struct screen *s, struct ui *ui, struct span text)
{
    struct detail *d = s->state;
    (void)snprintf(d->search, sizeof(d->search), "%.*s", SPAN_ARG(text));
    if (is_yaml(s) && d->pager)
        pager_search(d->pager, text);
    else
        next_line(d, 1);
    ui->dirty = true;
}

const struct screen_class screen_detail = {
    .name = "detail",
    .context = CONTEXT_DETAIL,
    .state_size = sizeof(struct detail),
    .open = detail_open,
    .close = detail_close,
    .changed = detail_changed,
    .draw = detail_draw,
    .crumb = detail_crumb,
    .figures = detail_figures,
    .move = detail_move,
    .selected = detail_selected,
    .enter = detail_enter,
    .verb = detail_verb,
    .mouse = detail_mouse,
    .context_now = detail_context,
    .typed = detail_typed,
    .turn = detail_turn,
};
