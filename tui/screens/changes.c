/* All changes that are kept, or those of the last while, newest first. */
#include <config.h>

#include "base/timetext.h"
#include "tui/screens/change_line.h"
#include "tui/screens/list.h"

struct changes {
    struct list list;
    uint64_t names[FEED_LINES_MAX];
    uint64_t at; /* the line under the cursor; 0: the newest */
};

/* Nothing is said where nothing has happened: since when is. */
static void draw_none(const struct screen *s, struct canvas *c, struct rect body)
{
    struct rect line = rect_make(body.top, body.left + 1, body.rows, body.cols - 1);
    struct strbuf text = STRBUF_INIT(512);
    if (s->place.part[0])
        strbuf_addf(&text, "nothing notable has changed in the last %s (:changes shows all)",
                    s->place.part);
    else
        strbuf_adds(&text, "nothing notable has changed since binnacle looks");
    canvas_text_wrapped(c, line, strbuf_span(&text), ROLE_DIM);
    strbuf_clear(&text);
}

static void changes_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct changes *state = s->state;
    int64_t back = 0, since = INT64_MIN + 1;
    struct rect line;
    if (s->place.part[0] && duration_parse(span_from(s->place.part), &back))
        since = ui->now_ms - back;
    size_t count = feed_lines(ui->feed, since, true, state->names);
    for (size_t i = 0; i < count && state->at; i++)
        if (state->names[i] == state->at)
            state->list.cursor = i;
    list_lay(&state->list, count, body);
    if (!state->list.count)
        draw_none(s, c, body);
    for (size_t i = state->list.top; list_line(&state->list, i, &line); i++)
        change_line_draw(ui, state->names[i], c, line);
    list_show_cursor(&state->list, c);
}

/* The cursor stays on its line while newer ones come above it. */
static void changes_move(struct screen *s, BN_UNUSED struct ui *ui, enum move move)
{
    struct changes *state = s->state;
    (void)list_move(&state->list, move);
    state->at = state->list.cursor ? state->names[state->list.cursor] : 0;
}

static void changes_crumb(const struct screen *s, BN_UNUSED const struct ui *ui, struct strbuf *out)
{
    strbuf_adds(out, "changes");
    if (s->place.part[0])
        strbuf_addf(out, " %s", s->place.part);
}

static bool changes_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    const struct changes *state = s->state;
    struct feed_line line;
    if (state->list.cursor >= state->list.count ||
        !feed_line(ui->feed, state->names[state->list.cursor], &line))
        return false;
    *row = line.row;
    return true;
}

static void changes_enter(struct screen *s, struct ui *ui)
{
    struct handle row;
    struct err err;
    if (!changes_selected(s, ui, &row))
        return;
    if (!store_alive(ui->store, row))
        ui_say(ui, ROLE_DIM, "this is gone");
    else if (!ui_open_row(ui, &screen_detail, row, "events", &err))
        ui_say_err(ui, &err);
}

static void changes_figures(const struct screen *s, BN_UNUSED const struct ui *ui,
                            struct strbuf *out)
{
    const struct changes *state = s->state;
    strbuf_addf(out, "%zu", state->list.count);
}

const struct screen_class screen_changes = {
    .name = "changes",
    .context = CONTEXT_ROWS,
    .state_size = sizeof(struct changes),
    .aside = true,
    .is_list = true,
    .draw = changes_draw,
    .crumb = changes_crumb,
    .figures = changes_figures,
    .move = changes_move,
    .selected = changes_selected,
    .enter = changes_enter,
};
