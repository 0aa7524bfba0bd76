/* Drawing a table's list: columns as wide as what is on screen, the state as
 * glyph and colour, what is not there said in words. */
#include <config.h>

#include "base/timetext.h"
#include "model/change.h"
#include "tui/marks.h"
#include "tui/screens/table.h"

#include <stdio.h>
#include <string.h>

#define GUTTER      3      /* mark, state, space */
#define WIDTH_MAX   64     /* of one column, until it is alone on the line */
#define TEXT_LEAST  16     /* a longer text can do with so many cells */
#define NARROW_COLS 50     /* below, a row is its name and its state */
#define GONE_MAX    4096   /* after a great leave the count is not exact for a minute */
#define FLASH_MS    1000   /* a change of a cell is shown reversed for so long, */
#define FRESH_MS    30000  /* bold for so long, */
#define SECONDS_MS  10000  /* how exact ages in seconds are */
#define TRACE_MS    900000 /* and leaves a dot before the row for so long */

/* An age with seconds in it is drawn again when it differs. */
static void add_age(struct ui *ui, int64_t ms, struct strbuf *out)
{
    char age[TIMETEXT_MAX];
    duration_format(ms, age);
    strbuf_adds(out, age);
    if (strchr(age, 's'))
        ui_wake(ui, ui->now_ms + SECONDS_MS);
}

static void cell_text(struct ui *ui, struct handle row, uint16_t column, struct strbuf *out)
{
    struct value v = store_cell(ui->store, row, column, ui->now_ms);
    strbuf_truncate(out, 0);
    switch (v.type) {
    case VALUE_ABSENT:
        strbuf_adds(out, ui_ascii(ui) ? "-" : "\xe2\x94\x80");
        return;
    case VALUE_INSTANT:
        if (v.num > ui->now_ms)
            strbuf_adds(out, "in ");
        add_age(ui, v.num > ui->now_ms ? v.num - ui->now_ms : ui->now_ms - v.num, out);
        return;
    case VALUE_DURATION:
        if (v.num >= 0 && store_kind(ui->store, row.kind)->columns[column].since) {
            add_age(ui, v.num, out);
            return;
        }
        value_format(&v, out);
        if (v.num < 0 && v.num > -60000) /* what is past, in seconds */
            ui_wake(ui, ui->now_ms + SECONDS_MS);
        return;
    case VALUE_LEVEL:
        strbuf_adds(out, level_name((enum level)v.num));
        return;
    case VALUE_BOOL:
    case VALUE_COUNT:
    case VALUE_BYTES:
    case VALUE_RATIO:
    case VALUE_RATE:
    case VALUE_TEXT:
    case VALUE_LIST:
    case VALUE_QUANTITY:
        value_format(&v, out);
        return;
    }
}

/* '+' or '-' when the person has asked for it, else 0. */
static char asked(const struct place *place, const char *column)
{
    struct span rest = span_from(place->columns), word;
    char found = 0;
    while (span_split(&rest, ' ', &word))
        if (word.len && span_is(span_sub(word, 1, word.len), column))
            found = word.data[0];
    return found;
}

static bool is_shown(const struct place *place, const struct column *col)
{
    char wish = asked(place, col->name);
    if (wish)
        return wish == '+';
    return !(col->flags & COLUMN_HIDDEN) && (place->wide || !(col->flags & COLUMN_WIDE));
}

static void choose_columns(struct table *t, const struct kind *kind, const struct place *place)
{
    t->nshown = 0;
    for (size_t i = 0; i < kind->ncolumns && t->nshown < TABLE_COLUMNS_MAX; i++) {
        const struct column *col = &kind->columns[i];
        if (!is_shown(place, col))
            continue;
        bool text = col->type == VALUE_TEXT || col->type == VALUE_LIST;
        bool name = (col->flags & COLUMN_IDENT) && strcmp(col->name, "name") == 0;
        t->columns[t->nshown] = (uint16_t)i;
        t->shown[t->nshown++] = (struct table_column){
            .title = col->title,
            .least = name                                   ? TABLE_NAME_MIN
                     : text && !(col->flags & COLUMN_IDENT) ? TEXT_LEAST
                                                            : 0,
            .weight = asked(place, col->name) ? 1 : col->weight,
            .right = (col->flags & COLUMN_RIGHT) != 0,
            .name = name,
            .stays = (col->flags & COLUMN_IDENT) != 0,
        };
    }
}

/* Widths follow the rows on screen and grow only, until the view changes. */
static void measure(struct table *t, struct ui *ui)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    size_t count = view_count(t->view), end = t->list.top + (size_t)t->list.page;
    for (size_t k = 0; k < t->nshown; k++) {
        int need = (int)strlen(t->shown[k].title) + (t->sorted == t->columns[k]);
        t->widths[k] = t->widths[k] > need ? t->widths[k] : need;
    }
    for (size_t i = t->list.top; i < count && i < end; i++) {
        for (size_t k = 0; k < t->nshown; k++) {
            cell_text(ui, view_at(t->view, i), t->columns[k], &text);
            int need = visible_width(strbuf_span(&text), ui_ascii(ui));
            need = need > WIDTH_MAX ? WIDTH_MAX : need;
            t->widths[k] = t->widths[k] > need ? t->widths[k] : need;
        }
    }
    for (size_t k = 0; k < t->nshown; k++)
        t->shown[k].width = t->widths[k];
    strbuf_clear(&text);
}

int table_list_measure(struct screen *s, struct ui *ui)
{
    struct table *t = s->state;
    choose_columns(t, store_kind(ui->store, (uint16_t)s->place.kind), &s->place);
    measure(t, ui);
    return GUTTER + table_wanted(t->shown, t->nshown);
}

size_t table_list_count(const struct screen *s, const struct ui *ui)
{
    const struct table *t = s->state;
    const struct place *p = &s->place;
    uint16_t kind = (uint16_t)p->kind;
    size_t gone = 0, at, looked = 0;
    struct handle row;
    uint32_t next = 0;
    bool all = !p->filter[0] && !p->scope[0] && !p->problems && !p->root.set && !t->typing;
    if (all && !view_pending(t->view))
        return store_count(ui->store, kind);
    while (looked++ < GONE_MAX && store_gone_next(ui->store, kind, &next, &row))
        gone += view_find(t->view, row, &at);
    return view_count(t->view) - gone;
}

static const char *arrow_of(const struct table *t, const struct ui *ui)
{
    if (ui_ascii(ui))
        return t->descending ? "v" : "^";
    return t->descending ? "\xe2\x96\xbe" : "\xe2\x96\xb4";
}

static void draw_header(struct table *t, const struct ui *ui, struct canvas *c, struct rect line)
{
    canvas_fill(c, line, ROLE_HEADER);
    if (t->sorted == VIEW_COLUMN_LEVEL)
        canvas_text(c, line, 0, 1, 1, span_from(arrow_of(t, ui)), ROLE_HEADER);
    for (size_t i = 0; i < t->layout.count; i++) {
        const struct table_place *p = &t->layout.places[i];
        bool sorted = t->sorted == t->columns[p->column];
        char title[64];
        (void)snprintf(title, sizeof(title), "%s%s", t->shown[p->column].title,
                       sorted ? arrow_of(t, ui) : "");
        table_cell_draw(c, line, 0, p, &t->shown[p->column], span_from(title),
                        sorted ? ROLE_SORTED : ROLE_HEADER);
    }
}

/* When what is shown of a change made then becomes another. */
static void wake_for_change(struct ui *ui, int64_t changed)
{
    static const int64_t stages[] = {FLASH_MS, FRESH_MS, TRACE_MS};
    for (size_t i = 0; i < BN_COUNT(stages); i++)
        if (ui->now_ms < changed + stages[i]) {
            ui_wake(ui, changed + stages[i]);
            return;
        }
}

/* A mark, '+' new, '-' gone, a dot where something changed lately; then the state. */
static void draw_gutter(const struct table *t, struct ui *ui, struct canvas *c, struct rect line,
                        struct handle row)
{
    bool alive = store_alive(ui->store, row), ascii = ui_ascii(ui);
    int64_t changed = change_of_row(ui->store, row);
    enum role role;
    enum level level = ui_level(ui, row, &role);
    const char *mark = " ";
    if (!alive)
        mark = "-";
    else if (marks_has(ui, row))
        mark = ascii ? "*" : "\xe2\x96\x8c";
    else if (table_news_of(&t->news, row, COLUMN_NONE) != TIME_NONE)
        mark = "+";
    else if (changed != TIME_NONE && ui->now_ms - changed < TRACE_MS)
        mark = ascii ? "." : "\xe2\x80\xa2";
    if (changed != TIME_NONE)
        wake_for_change(ui, changed);
    canvas_text(c, line, 0, 0, 1, span_from(mark), marks_has(ui, row) ? ROLE_MARKED : ROLE_DIM);
    canvas_text(c, line, 0, 1, 1, span_from(alive ? role_glyph(level, ascii) : " "),
                role_of_level(level));
}

static enum role role_of_row(const struct ui *ui, struct handle row)
{
    if (!store_alive(ui->store, row))
        return ROLE_OFF;
    if (store_stale(ui->store, row))
        return ROLE_STALE;
    return marks_has(ui, row) ? ROLE_MARKED : ROLE_TEXT;
}

/* What names a row that is gone, and since when it is. */
static void draw_gone(const struct table *t, struct ui *ui, struct canvas *c, struct rect line,
                      struct handle row)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    char clock[TIMETEXT_MAX];
    size_t i = 0;
    for (; i < t->layout.count && t->shown[t->layout.places[i].column].stays; i++) {
        const struct table_place *p = &t->layout.places[i];
        cell_text(ui, row, t->columns[p->column], &text);
        table_cell_draw(c, line, 0, p, &t->shown[p->column], strbuf_span(&text), ROLE_OFF);
    }
    int at = i < t->layout.count ? t->layout.places[i].left : line.cols;
    time_format_clock(change_of_row(ui->store, row), true, clock);
    canvas_textf(c, line, 0, at - line.left, ROLE_OFF, "gone %s", clock);
    strbuf_clear(&text);
}

/* Bytes that a name begins with as its neighbour does, where both would be the same once they are cut. */
static size_t alike_to(struct span name, struct span neighbour, int width)
{
    size_t head = 0, tail = 0, most = name.len < neighbour.len ? name.len : neighbour.len;
    while (head < most && name.data[head] == neighbour.data[head])
        head++;
    while (tail < most &&
           name.data[name.len - 1 - tail] == neighbour.data[neighbour.len - 1 - tail])
        tail++;
    int end = width / 3, begin = width - end - 1;
    bool same = head == name.len && head == neighbour.len;
    return !same && width > 0 && head >= (size_t)begin && tail >= (size_t)end ? head : 0;
}

/* Of the rows above and below, of the column that names them. */
static size_t begins_alike(const struct table *t, struct ui *ui, uint16_t column, size_t at,
                           struct span name, int width)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    size_t alike = 0;
    for (int below = 0; below < 2; below++) {
        if (below ? at + 1 >= view_count(t->view) : !at)
            continue;
        cell_text(ui, view_at(t->view, below ? at + 1 : at - 1), column, &text);
        size_t one = alike_to(name, strbuf_span(&text), width);
        alike = one > alike ? one : alike;
    }
    strbuf_clear(&text);
    return alike;
}

static void draw_cells(const struct table *t, struct ui *ui, struct canvas *c, struct rect line,
                       struct handle row, size_t at)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    enum role role = role_of_row(ui, row);
    enum level level = store_verdict(ui->store, row).level;
    const struct kind *kind = store_kind(ui->store, row.kind);
    for (size_t i = 0; i < t->layout.count; i++) {
        const struct table_place *p = &t->layout.places[i];
        const struct column *col = &kind->columns[t->columns[p->column]];
        int64_t changed = table_news_of(&t->news, row, t->columns[p->column]);
        bool state = level >= LEVEL_PROGRESS && (col->flags & COLUMN_NOTABLE) && role == ROLE_TEXT;
        enum role look = state ? role_of_level(level) : role;
        bool flash = changed != TIME_NONE && ui->now_ms - changed < FLASH_MS;
        cell_text(ui, row, t->columns[p->column], &text);
        struct table_column shown = t->shown[p->column];
        if (shown.name && visible_width(strbuf_span(&text), ui_ascii(ui)) > p->width)
            shown.alike =
                begins_alike(t, ui, t->columns[p->column], at, strbuf_span(&text), p->width);
        table_cell_draw(c, line, 0, p, &shown, strbuf_span(&text), flash ? ROLE_CHANGED : look);
        if (changed != TIME_NONE && ui->now_ms - changed < FRESH_MS)
            canvas_flag(c, rect_make(line.top, p->left, 1, p->width), CELL_BOLD);
    }
    strbuf_clear(&text);
}

/* Below a certain width a row is one column: its name, then how it is. */
static void draw_narrow(struct ui *ui, struct canvas *c, struct rect line, struct handle row)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    struct strbuf text = STRBUF_INIT(64 * 1024);
    const struct span name = naming_row(ui->store, row);
    enum role role;
    (void)ui_level(ui, row, &role);
    int status = kind_column(kind, SPAN("status"));
    int most = line.cols - GUTTER, need = visible_width(name, ui_ascii(ui));
    int names = line.cols < 30 ? most : most * 3 / 5;
    names = need < names ? need : names;
    int used = canvas_text_cut(c, line, 0, GUTTER, names, names / 3, name, role_of_row(ui, row));
    if (status >= 0)
        cell_text(ui, row, (uint16_t)status, &text);
    else
        ui_says(ui, row, &text);
    canvas_text_cut(c, line, 0, GUTTER + used + 1, most - used - 1, 0, strbuf_span(&text), role);
    strbuf_clear(&text);
}

/* What the filter's words have found. */
static void draw_matches(const struct table *t, struct canvas *c)
{
    struct span word;
    for (size_t i = 0; filter_word(view_filter(t->view), i, &word); i++)
        (void)canvas_highlight(c, t->list.area, word, ROLE_MATCH);
}

void table_list_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect area)
{
    struct table *t = s->state;
    bool narrow = area.cols < NARROW_COLS;
    bool scrolled = t->first_column ||
                    (s->place.wide && table_wanted(t->shown, t->nshown) > area.cols - GUTTER);
    struct rect line;
    t->header = rect_make(area.top, area.left, !narrow, area.cols);
    if (scrolled)
        table_lay_scrolled(t->shown, t->nshown, GUTTER, area.cols - GUTTER, t->first_column,
                           &t->layout);
    else
        table_lay(t->shown, t->nshown, GUTTER, area.cols - GUTTER, &t->layout);
    if (!narrow)
        draw_header(t, ui, c, t->header);
    table_news_find(t, ui);
    if (!t->list.count && t->list.area.rows > 0)
        table_empty_draw(s, ui, c, t->list.area);
    for (size_t i = t->list.top; list_line(&t->list, i, &line); i++) {
        struct handle row = view_at(t->view, i);
        draw_gutter(t, ui, c, line, row);
        if (narrow)
            draw_narrow(ui, c, line, row);
        else if (!store_alive(ui->store, row))
            draw_gone(t, ui, c, line, row);
        else
            draw_cells(t, ui, c, line, row, i);
    }
    draw_matches(t, c);
    list_show_cursor(&t->list, c);
}
