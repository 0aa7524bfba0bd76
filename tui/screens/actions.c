/* What can be done with a row: Enter makes the plan. */
#include <config.h>

#include "actions/action.h"
#include "tui/commands.h"
#include "tui/row_object.h"
#include "tui/screens/list.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

#define HELP_ROWS     3 /* a line, two of the chosen action's help */
#define OFFERED_MAX   128
#define NAME_MAX_COLS 30

struct actions {
    struct list list;
    size_t count; /* as they were drawn last */
    const struct action *offered[OFFERED_MAX];
    struct handle about[OFFERED_MAX]; /* the row that each is about; of no row: nothing */
    struct handle row;                /* the row that was chosen, where it is there */
    bool has_row;
};

static bool actions_selected(const struct screen *s, const struct ui *ui, struct handle *row);

/* What can be done with the row as it is now; with one that is gone, nothing. */
static void look_up(struct actions *x, const struct screen *s, const struct ui *ui)
{
    struct row_meant meant;
    x->count = 0;
    x->has_row = actions_selected(s, ui, &x->row);
    if (x->has_row)
        row_means(ui->store, x->row, &meant);
    else if (s->place.kind >= 0)
        return;
    for (const struct action *const *a = action_registry; *a && x->count < OFFERED_MAX; a++)
        if (!x->has_row || row_of_action(ui->store, &meant, *a, &x->about[x->count]))
            x->offered[x->count++] = *a;
}

/* "workload default/kimai: ", where an action is not about the row itself. */
static void add_about(const struct actions *x, const struct ui *ui, size_t i, struct strbuf *out)
{
    if (!x->has_row || handle_equal(x->about[i], x->row))
        return;
    strbuf_addf(out, "%s ", store_kind(ui->store, x->about[i].kind)->name);
    strbuf_add(out, store_key(ui->store, x->about[i]));
    strbuf_adds(out, ": ");
}

static void draw_help(const struct actions *x, const struct ui *ui, struct canvas *c,
                      struct rect at)
{
    const struct action *a = x->offered[x->list.cursor];
    struct strbuf text = STRBUF_INIT(4096);
    canvas_line(c, rect_make(at.top, at.left, 1, at.cols), '-', ROLE_DIM);
    strbuf_addf(&text, "%s: ", a->name);
    add_about(x, ui, x->list.cursor, &text);
    strbuf_adds(&text, a->help);
    canvas_text_wrapped(c, rect_make(at.top + 1, at.left + 1, at.rows - 1, at.cols - 1),
                        strbuf_span(&text), ROLE_TEXT);
    strbuf_clear(&text);
}

static int name_cols(const struct actions *x)
{
    int cols = 0;
    for (size_t i = 0; i < x->count; i++) {
        int own = (int)strlen(x->offered[i]->name);
        cols = own > cols ? own : cols;
    }
    return cols < NAME_MAX_COLS ? cols : NAME_MAX_COLS;
}

static void actions_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct actions *x = s->state;
    struct rect line, lines = body;
    int help = body.rows > 2 * HELP_ROWS ? HELP_ROWS : 0;
    look_up(x, s, ui);
    int names = name_cols(x);
    lines.rows -= help;
    list_lay(&x->list, x->count, lines);
    if (!x->count && !x->has_row)
        canvas_textf(c, body, 0, 1, ROLE_WARNING, "It is gone: Esc goes back.");
    else if (!x->count)
        canvas_textf(c, body, 0, 1, ROLE_DIM, "There is no action for it; all: `:actions`.");
    for (size_t i = x->list.top; list_line(&x->list, i, &line); i++) {
        struct strbuf text = STRBUF_INIT(4096);
        add_about(x, ui, i, &text);
        strbuf_adds(&text, x->offered[i]->help);
        canvas_textf(c, line, 0, 1, ROLE_KEY, "%-*s", names, x->offered[i]->name);
        canvas_text_cut(c, line, 0, names + 2, line.cols - names - 2, 0, strbuf_span(&text),
                        ROLE_TEXT);
        strbuf_clear(&text);
    }
    list_show_cursor(&x->list, c);
    if (help && x->count)
        draw_help(x, ui, c, rect_make(body.top + lines.rows, body.left, help, body.cols));
    list_draw_more(&x->list, c, (struct rect){0},
                   rect_make(body.top + lines.rows, body.left, help > 0, body.cols));
}

static bool actions_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    return s->place.kind >= 0 && store_find(ui->store, s->place.source, (uint16_t)s->place.kind,
                                            span_make(s->place.key, s->place.key_len), row);
}

static void actions_enter(struct screen *s, struct ui *ui)
{
    struct actions *x = s->state;
    if (!x->count) /* typed ahead of the first frame; else what was seen is what is done */
        look_up(x, s, ui);
    const struct action *a = x->list.cursor < x->count ? x->offered[x->list.cursor] : NULL;
    struct span word = span_from(a ? a->name : "");
    struct handle row;
    struct err err;
    if (s->place.kind >= 0 && !actions_selected(s, ui, &row)) /* also since it was drawn */
        ui_say(ui, ROLE_WARNING, "%.*s is gone", (int)s->place.key_len, s->place.key);
    else if (a && !run_do(ui, 1, &word, &err))
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
