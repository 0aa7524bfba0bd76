/* The frame around a screen: title, sources, message and key lines. */
#include <config.h>

#include "tui/ui_draw.h"

#include "base/timetext.h"
#include "tui/ages.h"
#include "tui/overview.h"
#include "tui/strip.h"
#include "tui/ui.h"

#include <stdio.h>
#include <string.h>

#define WHOLE_ROWS 24 /* from here on every line of the frame has its place */
#define LEAST_ROWS 6  /* below, the body stands alone */
#define BIG_ROWS   48 /* from here on the whole is kept in sight */
#define BIG_COLS   180
#define TITLE_LEFT 36 /* cells that the crumbs want */

/* Where the lines around a body are; no rows: not there. */
struct frame {
    struct rect title, strip, body, message, keys;
};

/* Low screens give the body what they can: the strip is there when a source is
 * not well, and one line serves for messages and keys. */
static void lay_frame(const struct ui *ui, bool trouble, bool talking, struct frame *f)
{
    int rows = canvas_rows(ui->canvas), cols = canvas_cols(ui->canvas);
    bool alone = ui->zoomed || rows < LEAST_ROWS;
    int title = !alone, strip = !alone && (rows >= WHOLE_ROWS || trouble);
    int message = alone ? talking && rows > 1 : rows >= WHOLE_ROWS;
    int keys = !alone;
    int body = rows - title - strip - message - keys;
    f->title = rect_make(0, 0, title, cols);
    f->strip = rect_make(title, 0, strip, cols);
    f->body = rect_make(title + strip, 0, body, cols);
    f->message = rect_make(rows - keys - message, 0, message, cols);
    f->keys = rect_make(rows - keys, 0, keys, cols);
    if (!message && keys && talking) {
        f->message = f->keys;
        f->keys.rows = 0;
    }
}

void ui_add_hit(struct ui *ui, struct ui_hit hit)
{
    if (ui->nhits < UI_HITS && hit.to > hit.from)
        ui->hits[ui->nhits++] = hit;
}

/* Systems at each bad level: "x2 !3 ?1". */
static void add_levels(struct ui *ui, struct strbuf *out)
{
    static const enum level bad[] = {LEVEL_CRITICAL, LEVEL_WARNING, LEVEL_UNKNOWN};

    size_t counts[LEVEL_COUNT] = {0}, n = session_systems(ui->session)->count;
    const struct system_state *systems = ui_systems(ui);
    for (size_t i = 0; i < n; i++)
        counts[systems[i].level]++;
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        if (counts[bad[i]])
            strbuf_addf(out, "%s%zu ", role_glyph(bad[i], ui_ascii(ui)), counts[bad[i]]);
}

/* "paused 12s, 31 changes": what one does not see. */
static void add_pause(const struct ui *ui, struct strbuf *out)
{
    char age[TIMETEXT_MAX];
    duration_format_short(ui->mono_ms - ui->paused_ms, age);
    strbuf_addf(out, " paused %s, %llu changes ", age,
                (unsigned long long)(store_figures(ui->store).puts - ui->paused_changes));
}

/* "WRITE 14m": for how long a production context may still be changed. */
static void add_arming(const struct ui *ui, struct strbuf *out)
{
    char left[TIMETEXT_MAX];
    if (!session_production(ui->session) || ui->mono_ms >= ui->write_until_ms)
        return;
    duration_format_short(ui->write_until_ms - ui->mono_ms, left);
    strbuf_addf(out, " WRITE %s ", left);
}

/* The right end of the title; less: without what can be missed. */
static void title_right(struct ui *ui, const struct span figures, bool less, struct strbuf *out)
{
    char clock[TIMETEXT_MAX], day[TIMETEXT_MAX];
    if (figures.len)
        strbuf_addf(out, "%.*s  ", SPAN_ARG(figures));
    add_levels(ui, out);
    if (session_read_only(ui->session))
        strbuf_adds(out, less ? " ro " : " read-only ");
    add_arming(ui, out);
    if (ui->paused)
        add_pause(ui, out);
    if (less)
        return;
    time_format_clock(ui->now_ms, false, clock);
    time_format(ui->now_ms, day);
    if (clock_is_shifted(session_clock(ui->session)))
        strbuf_addf(out, " demo %.10s", day);
    strbuf_addf(out, " %sZ", clock);
}

static void crumb_of(const struct ui *ui, size_t depth, struct strbuf *out)
{
    const struct screen *s = ui->stack[depth];
    if (s->cls->crumb)
        s->cls->crumb(s, ui, out);
    else
        strbuf_adds(out, s->cls->name);
}

/* Crumbs from the last back to the first that fits; each leads back to its screen. */
static void draw_crumbs(struct ui *ui, struct canvas *c, struct rect line, int col, enum role role)
{
    struct span arrow = ui_ascii(ui) ? SPAN(" > ") : SPAN(" \xe2\x80\xba ");
    struct strbuf crumb[UI_DEPTH];
    int width[UI_DEPTH], room = line.cols - col;
    size_t first = ui->depth;
    for (size_t i = 0; i < ui->depth; i++) {
        crumb[i] = (struct strbuf)STRBUF_INIT(4096);
        crumb_of(ui, i, &crumb[i]);
        width[i] = visible_width(strbuf_span(&crumb[i]), ui_ascii(ui)) + 3;
    }
    while (first && room + 3 >= width[first - 1] + (first > 1 ? 4 : 0))
        room -= width[--first];
    if (first == ui->depth)
        first--; /* the last is cut where it must be */
    if (first)
        col +=
            canvas_text(c, line, 0, col, 1, ui_ascii(ui) ? SPAN("~") : SPAN("\xe2\x80\xa6"), role);
    for (size_t i = first; i < ui->depth; i++) {
        if (i)
            col += canvas_text(c, line, 0, col, 3, arrow, role);
        int used = canvas_text_cut(c, line, 0, col, line.cols - col, (line.cols - col) / 3,
                                   strbuf_span(&crumb[i]), role);
        ui_add_hit(ui, (struct ui_hit){line.top, line.left + col, line.left + col + used, NULL,
                                       i + 1, NULL});
        col += used;
    }
    for (size_t i = 0; i < ui->depth; i++)
        strbuf_clear(&crumb[i]);
}

static void draw_title(struct ui *ui, struct canvas *c, struct rect line, struct span figures)
{
    bool production = session_production(ui->session), ascii = ui_ascii(ui);
    enum role role = production ? ROLE_PRODUCTION : ROLE_TITLE;
    struct strbuf right = STRBUF_INIT(1024);
    title_right(ui, figures, false, &right);
    if (line.cols - visible_width(strbuf_span(&right), ascii) < TITLE_LEFT) {
        strbuf_truncate(&right, 0);
        title_right(ui, figures, true, &right);
    }
    canvas_fill(c, line, role);
    int wide = visible_width(strbuf_span(&right), ascii);
    wide = line.cols - wide < TITLE_LEFT / 2 ? 0 : wide;
    int room = line.cols - wide - (wide > 0);
    struct rect left = rect_make(line.top, line.left, 1, room);
    int col = line.cols >= 60 ? canvas_text(c, left, 0, 0, room, SPAN("binnacle  "), role) : 0;
    col += canvas_text_cut(c, left, 0, col, room / 3, 0, span_from(session_context(ui->session)),
                           role);
    col += canvas_textf(c, left, 0, col, role, "%s  ", production ? " (prod)" : "");
    draw_crumbs(ui, c, left, col, role);
    if (wide)
        canvas_text(c, line, 0, line.cols - wide, wide, strbuf_span(&right), role);
    strbuf_clear(&right);
}

/* The window's title says which cluster this is and how it is, in a task bar too. */
static void tell_window(struct ui *ui)
{
    struct strbuf text = STRBUF_INIT(sizeof(ui->title));
    strbuf_addf(&text, "binnacle %s%s ", session_context(ui->session),
                session_production(ui->session) ? " (prod)" : "");
    add_levels(ui, &text);
    struct span title = span_trim(strbuf_span(&text));
    if (!span_is(title, ui->title)) {
        (void)snprintf(ui->title, sizeof(ui->title), "%.*s", SPAN_ARG(title));
        term_title(ui->term, span_from(ui->title));
    }
    strbuf_clear(&text);
}

static void draw_message(const struct ui *ui, struct canvas *c, struct rect line)
{
    canvas_text_cut(c, line, 0, 0, line.cols, 0, span_from(ui->message.text), ui->message.role);
}

/* The command line with what can complete it, or the message. */
static void draw_prompt_or_message(const struct ui *ui, struct canvas *c, struct rect line)
{
    if (!line.rows)
        return;
    if (ui->prompting == PROMPT_NONE) {
        draw_message(ui, c, line);
        return;
    }
    static const char *const leads[] = {"", ":", "/", "/"};
    int used = canvas_text(c, line, 0, 0, 1, span_from(leads[ui->prompting]), ROLE_KEY);
    struct rect field = rect_make(line.top, line.left + used, 1, line.cols - used);
    prompt_draw(ui->prompt, c, field);
}

/* Text is left to the terminal's own selection. */
static void settle_mouse(struct ui *ui)
{
    bool on = ui->mouse && !(ui_context(ui) & (CONTEXT_PAGER | CONTEXT_LOG));
    if (on != ui->mouse_on)
        term_set_mouse(ui->term, on);
    ui->mouse_on = on;
}

/* What does not follow from the body: the title, who is not well, what is said. */
static void draw_around(struct ui *ui, struct canvas *c, const struct frame *f)
{
    struct screen *top = ui_top(ui);
    struct strbuf figures = STRBUF_INIT(1024);
    if (top->cls->figures)
        top->cls->figures(top, ui, &figures);
    if (f->title.rows)
        draw_title(ui, c, f->title, f->strip.rows ? SPAN("") : strbuf_span(&figures));
    if (f->strip.rows)
        strip_draw(ui, c, f->strip, strbuf_span(&figures));
    strbuf_clear(&figures);
    if (ui->prompting != PROMPT_NONE)
        ui_draw_completions(ui, c, f->body);
    draw_prompt_or_message(ui, c, f->message);
    if (f->keys.rows && ui->prompting != PROMPT_NONE && ui->message.text[0])
        draw_message(ui, c, f->keys); /* what is said of what is typed */
    else if (f->keys.rows)
        ui_draw_keys(ui, c, f->keys);
}

static void frame_of(const struct ui *ui, struct frame *f)
{
    bool talking = ui->prompting != PROMPT_NONE || ui->message.text[0];
    lay_frame(ui, strip_has_news(ui), talking, f);
}

/* Big screens keep an eye on the whole: systems and kinds beside a table, how the
 * systems have been below. Text has the screen for itself. */
static void draw_overview(struct ui *ui, struct canvas *c, struct rect *body)
{
    unsigned context = ui_context(ui);
    int axis = overview_axis_rows(ui);
    if (ui->zoomed || canvas_rows(c) < BIG_ROWS || canvas_cols(c) < BIG_COLS ||
        (context & (CONTEXT_PAGER | CONTEXT_LOG | CONTEXT_HELP)))
        return;
    body->rows -= axis;
    overview_draw_axis(ui, c, rect_make(body->top + body->rows, body->left, axis, body->cols));
    if (!(context & CONTEXT_TABLE))
        return;
    overview_draw_rail(ui, c, rect_make(body->top, body->left, body->rows, RAIL_COLS));
    body->left += RAIL_COLS;
    body->cols -= RAIL_COLS;
}

void ui_draw(struct ui *ui)
{
    struct canvas *c = ui->canvas;
    struct frame f;
    ui->nhits = 0;
    ui->wake_ms = TIME_FOREVER;
    ui->ages_mark = ages_mark(ui);
    settle_mouse(ui);
    tell_window(ui);
    canvas_fill(c, rect_make(0, 0, canvas_rows(c), canvas_cols(c)), ROLE_TEXT);
    canvas_cursor(c, -1, 0);
    frame_of(ui, &f);
    draw_overview(ui, c, &f.body);
    ui_top(ui)->cls->draw(ui_top(ui), ui, c, f.body);
    draw_around(ui, c, &f); /* last: figures are those of what was drawn */
}

void ui_draw_frame(struct ui *ui)
{
    struct canvas *c = ui->canvas;
    struct frame f;
    frame_of(ui, &f);
    ui->nhits = 0;
    canvas_fill(c, f.strip, ROLE_TEXT);
    canvas_fill(c, f.message, ROLE_TEXT);
    canvas_fill(c, f.keys, ROLE_TEXT);
    draw_around(ui, c, &f);
}
