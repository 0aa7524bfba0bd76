/* The one table screen that serves every kind. */
#include <config.h>

#include "tui/screens/table.h"

#include "base/timetext.h"
#include "model/change.h"
#include "tui/marks.h"

#include <stdio.h>
#include <string.h>

/* Wide screens show the row beside or below the list. */
#define PREVIEW_COLS       138 /* of 140 and more; beside the rail of big screens too */
#define PREVIEW_ENOUGH     56  /* a wider one takes from names that are cut */
#define PREVIEW_BELOW_COLS 100
#define PREVIEW_BELOW_ROWS 34
#define NARROW_COLS        50 /* below, there is no header */
#define PREVIEW_LEFT_ROWS  9  /* or where a short list leaves so many */
#define SUM_ROWS           5  /* of a list with a line of sums, at least */
#define SENTENCE_ROWS      10 /* from here on a line for the row under the cursor, */
#define SENTENCE_MORE_ROWS 20 /* and from here on two */

static void spec_of(const struct screen *s, const struct table *t, struct view_spec *spec)
{
    spec->filter = span_from(t->typing ? t->typed : s->place.filter);
    spec->namespaces = span_from(s->place.scope);
    spec->only_problems = s->place.problems;
    spec->with_gone = true;
}

/* The view anew, its columns as wide as they are. */
static bool set_view(struct screen *s, struct ui *ui, bool lenient, struct err *err)
{
    struct table *t = s->state;
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    struct view_spec spec = {0};
    struct span sort = span_from(s->place.sort[0] ? s->place.sort : kind->sort);
    if (!view_parse_sort(kind, sort, &spec, err))
        return false;
    spec_of(s, t, &spec);
    if (!view_set(t->view, &spec, lenient, err))
        return false;
    t->sorted = spec.nsort ? spec.sort[0].column : VIEW_COLUMN_LEVEL;
    t->descending = spec.nsort && spec.sort[0].descending;
    return true;
}

bool table_take_place(struct screen *s, struct ui *ui, bool lenient, struct err *err)
{
    struct table *t = s->state;
    if (!set_view(s, ui, lenient, err))
        return false;
    memset(t->widths, 0, sizeof(t->widths));
    t->first_column = 0;
    return true;
}

/* What belongs to the root changes as its links do, not as the rows do. */
static void follow_links(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    struct err err;
    if (s->place.root.set && drill_update(&t->drill, ui, &s->place.root, (uint16_t)s->place.kind) &&
        !set_view(s, ui, true, &err))
        ui_say_err(ui, &err);
}

static bool is_marked(void *self, struct handle row)
{
    const struct table *t = self;
    return marks_has(t->ui, row);
}

static bool is_pinned(void *self, struct handle row)
{
    const struct table *t = self;
    return pins_has(t->ui, row);
}

static bool is_within(void *self, struct handle row)
{
    const struct table *t = self;
    return drill_has(&t->drill, row);
}

static void set_scope(const struct screen *s, struct table *t)
{
    const struct filter_scope scope = {
        .is_marked = is_marked,
        .is_pinned = is_pinned,
        .is_within = s->place.root.set ? is_within : NULL,
        .self = t,
    };
    view_set_scope(t->view, &scope);
}

/* Tables start with the namespaces that were chosen last. */
static void start_scope(struct screen *s, struct ui *ui)
{
    const struct kind *kind = store_kind(ui->store, (uint16_t)s->place.kind);
    if (kind->namespaced && !s->place.root.set && !s->place.scoped && !s->place.scope[0])
        (void)snprintf(s->place.scope, sizeof(s->place.scope), "%s", ui->scope);
    s->place.scoped = true;
}

static bool table_open(struct screen *s, struct ui *ui, struct err *err)
{
    struct table *t = s->state;
    if (s->place.kind < 0)
        return err_set(err, ERR_CONFIG, "which kind?");
    session_want(ui->session, (uint16_t)s->place.kind);
    t->wanted = true;
    t->ui = ui;
    t->via = -1;
    if (s->place.root.set)
        (void)drill_below(ui, s->place.root.kind, &t->via);
    if (t->via >= 0)
        session_want(ui->session, (uint16_t)t->via);
    row_lines_init(&t->preview);
    table_tail_end(&t->tail, ui);
    t->view = view_new(ui->store, (uint16_t)s->place.kind);
    if (!t->view)
        return err_set(err, ERR_NOMEM, "there is no memory for another table");
    start_scope(s, ui);
    set_scope(s, t);
    if (s->place.key_len)
        t->has_cursor = t->moved =
            store_find(ui->store, s->place.source, (uint16_t)s->place.kind,
                       span_make(s->place.key, s->place.key_len), &t->cursor);
    if (s->place.root.set)
        (void)drill_update(&t->drill, ui, &s->place.root, (uint16_t)s->place.kind);
    return table_take_place(s, ui, false, err);
}

static void table_close(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    view_free(t->view);
    row_lines_done(&t->preview);
    table_tail_end(&t->tail, ui);
    drill_done(&t->drill);
    if (!t->wanted)
        return;
    session_unwant(ui->session, (uint16_t)s->place.kind);
    if (t->via >= 0)
        session_unwant(ui->session, (uint16_t)t->via);
}

static bool table_changed(struct screen *s, struct ui *ui, struct err *err)
{
    struct table *t = s->state;
    t->typing = false;
    return table_take_place(s, ui, false, err);
}

/* The cursor stays in its place until it was moved; from then on it stays on
 * its row, wherever that goes; where the row is gone, near where it was. */
static void place_cursor(struct table *t, struct rect area)
{
    size_t count = view_count(t->view), at;
    if (t->moved && t->has_cursor && view_find(t->view, t->cursor, &at))
        t->list.cursor = at;
    list_lay(&t->list, count, area);
    t->has_cursor = count > 0;
    if (count)
        t->cursor = view_at(t->view, t->list.cursor);
}

static void remember_cursor(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    if (!t->has_cursor)
        return;
    struct span key = store_key(ui->store, t->cursor);
    s->place.source = store_row_source(ui->store, t->cursor);
    s->place.key_len = key.len < sizeof(s->place.key) ? key.len : 0;
    memcpy(s->place.key, key.data, s->place.key_len);
}

static void draw_preview(struct screen *s, struct ui *ui, struct canvas *c, struct rect area,
                         bool beside)
{
    struct table *t = s->state;
    struct rect in;
    enum role edge = t->in_preview ? ROLE_SELECTED : ROLE_DIM;
    if (beside) {
        canvas_line(c, rect_make(area.top, area.left, area.rows, 1), '|', edge);
        in = rect_make(area.top, area.left + 1, area.rows, area.cols - 1);
    } else {
        canvas_line(c, rect_make(area.top, area.left, 1, area.cols), '-', edge);
        in = rect_make(area.top + 1, area.left, area.rows - 1, area.cols);
    }
    row_lines_begin(&t->preview, ui, in.cols);
    if (t->has_cursor) {
        row_lines_add(&t->preview, ui, t->cursor,
                      ROW_NAME | ROW_VERDICT | ROW_EVENTS | ROW_CHANGES);
        table_tail_add(&t->tail, ui, &t->preview);
        row_lines_add(&t->preview, ui, t->cursor, ROW_LINKS | ROW_FIELDS);
    }
    list_lay(&t->preview_list, t->preview.count, in);
    row_lines_draw_all(&t->preview, t->preview_list.top, c, in);
}

/* Without a preview the sentence of the row under the cursor takes a line or two. */
static void draw_sentence(struct screen *s, struct ui *ui, struct canvas *c, struct rect area)
{
    struct table *t = s->state;
    struct strbuf says = STRBUF_INIT(4096);
    enum role role;
    if (!t->has_cursor)
        return;
    (void)ui_level(ui, t->cursor, &role);
    strbuf_add(&says, naming_row(ui->store, t->cursor));
    strbuf_adds(&says, ": ");
    size_t before = says.len;
    ui_says(ui, t->cursor, &says);
    if (says.len > before)
        canvas_text_wrapped(c, area, strbuf_span(&says), role);
    strbuf_clear(&says);
}

/* The list with its header, and the line of sums below it where there are any. */
static void draw_list(struct screen *s, struct ui *ui, struct canvas *c, struct rect area)
{
    struct table *t = s->state;
    int header = area.cols >= NARROW_COLS;
    const char *sum = area.rows >= SUM_ROWS ? table_sum_text(s, ui) : "";
    struct rect rows =
        rect_make(area.top + header, area.left, area.rows - header - (*sum != 0), area.cols);
    place_cursor(t, rows);
    (void)table_list_measure(s, ui);
    table_list_draw(s, ui, c, area);
    if (*sum)
        canvas_text_cut(c, rect_make(area.top + area.rows - 1, area.left, 1, area.cols), 0, 1,
                        area.cols - 1, 0, span_from(sum), ROLE_MARKED);
}

/* Rows of the list where a preview stands below it; 0: there is no room for one. A small screen has but
 * what a short list leaves. */
static int rows_above(struct screen *s, struct ui *ui, struct rect body)
{
    const struct table *t = s->state;
    size_t count = view_count(t->view);
    if (body.cols >= PREVIEW_BELOW_COLS && body.rows >= PREVIEW_BELOW_ROWS)
        return body.rows * 55 / 100;
    if (!count || count > (size_t)body.rows || body.cols < NARROW_COLS)
        return 0;
    int rows = 1 + (int)count;
    if (*table_sum_text(s, ui))
        rows = rows + 1 < SUM_ROWS ? SUM_ROWS : rows + 1;
    return body.rows - rows >= PREVIEW_LEFT_ROWS ? rows : 0;
}

/* The list takes what its columns want, the row beside it the rest. */
static int list_share(struct screen *s, struct ui *ui, struct rect body)
{
    struct table *t = s->state;
    int least = body.cols / 2, most = body.cols * 62 / 100;
    most = body.cols - PREVIEW_ENOUGH > most ? body.cols - PREVIEW_ENOUGH : most;
    place_cursor(t, rect_make(body.top + 1, body.left, body.rows - 1, body.cols));
    int wanted = table_list_measure(s, ui);
    return wanted < least ? least : wanted > most ? most : wanted;
}

static void table_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body)
{
    struct table *t = s->state;
    struct rect list = body, rest = body;
    follow_links(s, ui);
    t->preview_list.area.rows = 0;
    if (body.cols >= PREVIEW_COLS) {
        list.cols = list_share(s, ui, body);
        rest.left += list.cols;
        rest.cols -= list.cols;
        draw_list(s, ui, c, list);
        draw_preview(s, ui, c, rest, true);
    } else if ((list.rows = rows_above(s, ui, body)) != 0) {
        rest.top += list.rows;
        rest.rows -= list.rows;
        draw_list(s, ui, c, list);
        draw_preview(s, ui, c, rest, false);
    } else {
        list.rows = body.rows;
        int lines = (body.rows >= SENTENCE_ROWS) + (body.rows >= SENTENCE_MORE_ROWS);
        list.rows -= lines;
        draw_list(s, ui, c, list);
        draw_sentence(s, ui, c,
                      rect_make(body.top + list.rows, body.left + 1, lines, body.cols - 1));
    }
    remember_cursor(s, ui);
}

static bool table_turn(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    bool shown = t->has_cursor && t->preview_list.area.rows;
    return shown && table_tail_turn(&t->tail, ui, t->cursor);
}

static void table_crumb(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct row_name *root = &s->place.root;
    strbuf_adds(out, store_kind(ui->store, (uint16_t)s->place.kind)->plural);
    if (root->set) {
        strbuf_adds(out, " of ");
        strbuf_add(out, kind_key_parts(store_kind(ui->store, root->kind),
                                       span_make(root->key, root->key_len))
                            .name);
    }
}

/* "+ 3 namespaces denied": there is more than can be seen. ", 2 folders may not be read": there is
 * not. */
static void add_hidden(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    for (size_t i = 0; i < store_sources(ui->store); i++) {
        const struct source_kind *k =
            store_source_kind(ui->store, (uint16_t)i, (uint16_t)s->place.kind);
        if (k && k->report.state == SOURCE_PARTIAL)
            strbuf_addf(out, "+ %s", k->report.note);
        else if (k && k->report.state == SOURCE_FRESH && k->report.note[0])
            strbuf_addf(out, ", %s", k->report.note);
    }
}

/* What hides rows, or is not as usual. */
static void table_chips(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct table *t = s->state;
    const char *filter = t->typing ? t->typed : s->place.filter;
    if (marks_count(ui))
        strbuf_addf(out, "%zu marked\n", marks_count(ui));
    if (s->place.sort[0])
        strbuf_addf(out, "sort %s\n", s->place.sort);
    if (s->place.scope[0])
        strbuf_addf(out, "ns %s\n", s->place.scope);
    if (s->place.problems)
        strbuf_adds(out, "problems\n");
    if (filter[0])
        strbuf_addf(out, "%s\n", filter);
}

static void table_figures(const struct screen *s, const struct ui *ui, struct strbuf *out)
{
    const struct table *t = s->state;
    size_t all = store_count(ui->store, (uint16_t)s->place.kind);
    if (s->place.root.set)
        all = t->drill.count;
    if (view_pending(t->view))
        strbuf_adds(out, "... ");
    if (ui_loading(ui, (uint16_t)s->place.kind))
        strbuf_adds(out, "loading ");
    strbuf_addf(out, "%zu/%zu", table_list_count(s, ui), all);
    add_hidden(s, ui, out);
    if (t->layout.dropped && t->header.rows)
        strbuf_addf(out, "  +%zu columns %s", t->layout.dropped,
                    ui_ascii(ui) ? "->" : "\xe2\x86\x92");
}

static bool table_selected(const struct screen *s, const struct ui *ui, struct handle *row)
{
    (void)ui;
    const struct table *t = s->state;
    *row = t->cursor;
    return t->has_cursor;
}

const struct screen_class screen_table = {
    .name = "table",
    .context = CONTEXT_TABLE,
    .state_size = sizeof(struct table),
    .open = table_open,
    .close = table_close,
    .changed = table_changed,
    .draw = table_draw,
    .crumb = table_crumb,
    .chips = table_chips,
    .figures = table_figures,
    .move = table_move,
    .selected = table_selected,
    .enter = table_enter,
    .verb = table_verb,
    .typed = table_typed,
    .mouse = table_mouse,
    .back = table_back,
    .turn = table_turn,
};
