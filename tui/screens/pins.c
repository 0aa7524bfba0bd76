/* Rows pinned with `m`, of all kinds, worst first: a watch list. */
#include <config.h>

#include "tui/marks.h"
#include "tui/screens/list.h"
#include "tui/screens/verdict_line.h"
#include "tui/ui.h"

#define PINS_MAX 512

struct pins {
    struct list list;
    struct handle rows[PINS_MAX];
};

static bool before(const struct store *st, struct handle a, struct handle b)
{
    enum level x = store_verdict(st, a).level, y = store_verdict(st, b).level;
    if (x != y)
        return x > y;
    if (a.kind != b.kind)
        return a.kind < b.kind;
    return span_compare(store_key(st, a), store_key(st, b)) < 0;
}

static size_t collect(struct pins *p, const struct ui *ui)
{
    struct handle row;
    size_t at = 0, n = 0;
    while (n < PINS_MAX && pins_next(ui, &at, &row)) {
        size_t i = n++;
        while (i && before(ui->store, row, p->rows[i - 1])) {
            p->rows[i] = p->rows[i - 1];
            i--;
        }
        p->rows[i] = row;
    }
    return n;
}

static void pins_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct pins *p = s->state;
    size_t n = collect(p, ui);
    struct rect line;
    int names = body.cols / 2 - 14 > 24 ? body.cols / 2 - 14 : 24;
    list_lay(&p->list, n, body);
    if (!n)
        canvas_text_wrapped(c, rect_make(body.top, body.left + 1, body.rows, body.cols - 1),
                            SPAN("nothing is pinned: m pins the row under the cursor of a table"),
                            ROLE_DIM);
    for (size_t i = p->list.top; list_line(&p->list, i, &line); i++)
        verdict_line_draw(ui, c, line, p->rows[i], p->rows[i], names, 0);
    list_show_cursor(&p->list, c);
}

static void pins_figures(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    (void)s;
    strbuf_addf(out, "%zu pinned", pins_count(ui));
}

static bool pins_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    const struct pins *p = s->state;
    (void)ui;
    if (p->list.cursor >= p->list.count)
        return false;
    *row = p->rows[p->list.cursor];
    return true;
}

static void pins_enter(struct screen *s, struct ui *ui)
{
    struct handle row;
    struct err err;
    if (pins_selected(s, ui, &row) && store_alive(ui->store, row) &&
        !ui_open_row(ui, &screen_detail, row, "fields", &err))
        ui_say_err(ui, &err);
}

static bool pins_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg)
{
    struct handle row;
    (void)arg;
    if (!span_is(span_from(verb), "pin"))
        return false;
    if (pins_selected(s, ui, &row))
        pins_set(ui, row, false);
    return true;
}

const struct screen_class screen_pins = {
    .name = "pins",
    .context = CONTEXT_ROWS,
    .state_size = sizeof(struct pins),
    .aside = true,
    .is_list = true,
    .draw = pins_draw,
    .figures = pins_figures,
    .selected = pins_selected,
    .enter = pins_enter,
    .verb = pins_verb,
};
