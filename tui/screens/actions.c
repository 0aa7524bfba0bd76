/* What can be done with a row: Enter makes the plan. */
#include <config.h>

#include "actions/action.h"
#include "tui/commands.h"
#include "tui/row_object.h"
#include "tui/screens/list.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

struct actions {
    struct list list;
};

static const struct action *action_at(const struct screen *s, const struct ui *ui, size_t i)
{
    const struct kind *kind =
        s->place.kind < 0 ? NULL : store_kind(ui->store, (uint16_t)s->place.kind);
    for (const struct action *const *a = action_registry; *a; a++)
        if ((!kind || row_takes(kind, *a)) && i-- == 0)
            return *a;
    return NULL;
}

static void actions_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct actions *x = s->state;
    const struct action *a;
    struct rect line;
    size_t n = 0;
    while (action_at(s, ui, n))
        n++;
    list_lay(&x->list, n, body);
    if (!n)
        canvas_textf(c, body, 0, 1, ROLE_DIM, "There is no action for it; all: `:actions`.");
    for (size_t i = x->list.top; list_line(&x->list, i, &line) && (a = action_at(s, ui, i)); i++) {
        canvas_textf(c, line, 0, 1, ROLE_KEY, "%-18s", a->name);
        canvas_text_cut(c, line, 0, 20, line.cols - 20, 0, span_from(a->help), ROLE_TEXT);
    }
    list_show_cursor(&x->list, c);
}

static bool actions_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    return s->place.kind >= 0 && store_find(ui->store, s->place.source, (uint16_t)s->place.kind,
                                            span_make(s->place.key, s->place.key_len), row);
}

static void actions_enter(struct screen *s, struct ui *ui)
{
    const struct actions *x = s->state;
    const struct action *a = action_at(s, ui, x->list.cursor);
    struct span word = span_from(a ? a->name : "");
    struct err err;
    if (a && !run_do(ui, 1, &word, &err))
        ui_say_err(ui, &err);
}

static void actions_crumb(const struct screen *s, BN_UNUSED const struct ui *ui, struct strbuf *out)
{
    strbuf_addf(out, "actions%s%.*s", s->place.key_len ? " of " : "", (int)s->place.key_len,
                s->place.key);
}

const struct screen_class screen_actions = {
    .name = "actions",
    .context = CONTEXT_LIST,
    .state_size = sizeof(struct actions),
    .aside = true,
    .is_list = true,
    .draw = actions_draw,
    .crumb = actions_crumb,
    .selected = actions_selected,
    .enter = actions_enter,
};
