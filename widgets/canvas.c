/* Cells in memory: clipping, wide glyphs, cutting. */
#include <config.h>

#include "widgets/canvas.h"

#include "base/alloc.h"
#include "base/utf8.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX     1000
#define TEXTF_MAX    ((size_t)64 * 1024)
#define NEEDLE_MAX   128
#define ELLIPSIS     "…"
#define ELLIPSIS_ASC "~"

struct canvas {
    int rows, cols;
    int cursor_row, cursor_col;
    bool ascii;
    struct cell *cells; /* owned; rows * cols */
};

static const struct cell blank = {.glyph = {.base = ' ', .width = 1}, .role = ROLE_TEXT};

static int clamp_side(int n)
{
    return n < 0 ? 0 : n > SIDE_MAX ? SIDE_MAX : n;
}

static struct cell *cell_at(const struct canvas *c, int row, int col)
{
    return &c->cells[(size_t)row * (size_t)c->cols + (size_t)col];
}

struct canvas *canvas_new(int rows, int cols, bool ascii)
{
    struct canvas *c = xalloc_zero(1, sizeof(*c));
    c->ascii = ascii;
    canvas_resize(c, rows, cols);
    return c;
}

void canvas_free(struct canvas *c)
{
    if (!c)
        return;
    free(c->cells);
    free(c);
}

void canvas_resize(struct canvas *c, int rows, int cols)
{
    c->rows = clamp_side(rows);
    c->cols = clamp_side(cols);
    size_t count = (size_t)c->rows * (size_t)c->cols;
    free(c->cells);
    c->cells = xalloc_zero(count ? count : 1, sizeof(*c->cells));
    for (size_t i = 0; i < count; i++)
        c->cells[i] = blank;
    canvas_cursor(c, -1, 0);
}

bool canvas_ascii(const struct canvas *c)
{
    return c->ascii;
}

int canvas_rows(const struct canvas *c)
{
    return c->rows;
}

int canvas_cols(const struct canvas *c)
{
    return c->cols;
}

const struct cell *canvas_row(const struct canvas *c, int row)
{
    bn_assert(row >= 0 && row < c->rows);
    return cell_at(c, row, 0);
}

struct rect rect_make(int top, int left, int rows, int cols)
{
    return (struct rect){top, left, rows > 0 ? rows : 0, cols > 0 ? cols : 0};
}

/* Where a range of `count` from `from` ends, without overflow. */
static int end_of(int from, int count)
{
    return from > INT_MAX - count ? INT_MAX : from + count;
}

struct rect rect_clip(struct rect a, struct rect b)
{
    int top = a.top > b.top ? a.top : b.top;
    int left = a.left > b.left ? a.left : b.left;
    int bottom_a = end_of(a.top, a.rows), bottom_b = end_of(b.top, b.rows);
    int right_a = end_of(a.left, a.cols), right_b = end_of(b.left, b.cols);
    int bottom = bottom_a < bottom_b ? bottom_a : bottom_b;
    int right = right_a < right_b ? right_a : right_b;
    if (bottom <= top || right <= left)
        return rect_make(top, left, 0, 0);
    return rect_make(top, left, bottom - top, right - left);
}

bool rect_has(struct rect r, int row, int col)
{
    return row >= r.top && row - r.top < r.rows && col >= r.left && col - r.left < r.cols;
}

static struct rect on_canvas(const struct canvas *c, struct rect area)
{
    return rect_clip(area, rect_make(0, 0, c->rows, c->cols));
}

/* A wide glyph loses its place when one of its halves is drawn over: the half
 * that stays becomes a blank of the same look. */
static void split_wide(struct canvas *c, int row, int col)
{
    if (col <= 0 || col >= c->cols)
        return;
    struct cell *right = cell_at(c, row, col);
    if (right->glyph.width != 0)
        return;
    struct cell *left = cell_at(c, row, col - 1);
    left->glyph = right->glyph = blank.glyph;
}

static void put(struct canvas *c, int row, int col, const struct glyph *g, enum role role)
{
    struct cell *at = cell_at(c, row, col);
    at->glyph = *g;
    at->role = (uint8_t)role;
    at->flags = 0;
    if (g->width == 2) {
        at[1] = *at;
        at[1].glyph = (struct glyph){.base = ' ', .width = 0};
    }
}

/* Where a text goes: one row of cells, with what may be drawn of it. */
struct pen {
    struct canvas *c;
    int row;
    long col;        /* the next cell; may lie left of the visible part */
    int left, right; /* visible cells: left <= col < right */
    enum role role;
};

static void pen_cell(struct pen *p, const struct glyph *g)
{
    int col = (int)p->col;
    split_wide(p->c, p->row, col);
    split_wide(p->c, p->row, col + g->width);
    put(p->c, p->row, col, g, p->role);
}

/* Draws a glyph as far as it is visible: half of a wide one is a blank. */
static void pen_put(struct pen *p, const struct glyph *g)
{
    if (p->col >= p->left && p->col + g->width <= p->right) {
        pen_cell(p, g);
        p->col += g->width;
        return;
    }
    for (int i = 0; i < g->width; i++, p->col++)
        if (p->col >= p->left && p->col < p->right)
            pen_cell(p, &blank.glyph);
}

/* False: nothing of that row is visible. */
static bool pen_init(struct pen *p, struct canvas *c, struct rect area, int row, int col)
{
    struct rect seen = on_canvas(c, area);
    long at_row = (long)area.top + row;
    *p = (struct pen){.c = c, .col = (long)area.left + col, .left = seen.left};
    p->right = seen.left + seen.cols;
    if (row < 0 || row >= area.rows || at_row < seen.top || at_row >= seen.top + seen.rows)
        return false;
    p->row = (int)at_row;
    return seen.cols > 0;
}

int canvas_text(struct canvas *c, struct rect area, int row, int col, int max, struct span text,
                enum role role)
{
    struct pen pen;
    if (!pen_init(&pen, c, area, row, col) || max <= 0)
        return 0;
    long start = pen.col, end = start + max;
    struct visible_state state = {0};
    struct glyph g;
    pen.role = role;
    pen.right = pen.right < end ? pen.right : (int)end;
    while (pen.col < pen.right && visible_next(&state, &text, c->ascii, &g))
        pen_put(&pen, &g);
    return (int)((pen.col < pen.right ? pen.col : pen.right) - start);
}

/* Cells of text, or more than enough when it is longer. */
static int measure(struct span text, bool ascii, int enough)
{
    struct visible_state state = {0};
    struct glyph g;
    int cells = 0;
    while (cells <= enough && visible_next(&state, &text, ascii, &g))
        cells += g.width;
    return cells;
}

static void draw_cut(struct pen *pen, int max, int tail, int total, struct span text)
{
    struct visible_state state = {0};
    struct glyph g;
    long start = pen->col;
    int passed = 0;
    while (visible_next(&state, &text, pen->c->ascii, &g)) {
        if (pen->col - start + g.width > max - 1 - tail)
            break;
        pen_put(pen, &g);
        passed += g.width;
    }
    struct span dots = pen->c->ascii ? SPAN(ELLIPSIS_ASC) : SPAN(ELLIPSIS);
    struct visible_state dots_state = {0};
    struct glyph dot;
    if (visible_next(&dots_state, &dots, pen->c->ascii, &dot))
        pen_put(pen, &dot);
    for (passed += g.width; tail > 0 && visible_next(&state, &text, pen->c->ascii, &g);
         passed += g.width)
        if (total - passed <= tail)
            pen_put(pen, &g);
}

int canvas_text_cut(struct canvas *c, struct rect area, int row, int col, int max, int tail,
                    struct span text, enum role role)
{
    struct pen pen;
    if (!pen_init(&pen, c, area, row, col) || max <= 0)
        return 0;
    if (max > pen.right - pen.col)
        max = pen.right - pen.col > 0 ? (int)(pen.right - pen.col) : 0;
    if (measure(text, c->ascii, max) <= max)
        return canvas_text(c, area, row, col, max, text, role);
    if (max <= 0)
        return 0;
    tail = tail < 0 ? 0 : tail > (max - 1) / 2 ? (max - 1) / 2 : tail;
    int total = tail ? measure(text, c->ascii, INT_MAX - 2) : 0;
    long start = pen.col;
    pen.role = role;
    draw_cut(&pen, max, tail, total, text);
    return (int)(pen.col - start);
}

size_t canvas_fitting(struct span text, bool ascii, int cols)
{
    struct visible_state state = {0};
    struct span rest = text;
    struct glyph g;
    size_t fits = 0, good = 0;
    int used = 0;
    while (visible_next(&state, &rest, ascii, &g)) {
        used += g.width;
        if (used > cols)
            break;
        fits = text.len - rest.len;
        if (text.data[fits - 1] == ' ' || text.data[fits - 1] == ',')
            good = fits;
    }
    if (used <= cols)
        return text.len;
    if (text.data[fits] == ' ') /* the blank itself need not be seen */
        return fits;
    return good ? good : fits ? fits : text.len - rest.len;
}

int canvas_text_wrapped(struct canvas *c, struct rect area, struct span text, enum role role)
{
    int row = 0;
    text = span_trim(text);
    while (text.len && row < area.rows) {
        size_t n = canvas_fitting(text, c->ascii, area.cols);
        if (row + 1 == area.rows || n == text.len) { /* cut where there is more */
            int tail = row ? area.cols / 3 : 0;      /* of a single line the beginning counts */
            canvas_text_cut(c, area, row++, 0, area.cols, tail, text, role);
            break;
        }
        canvas_text(c, area, row++, 0, area.cols, span_sub(text, 0, n), role);
        text = span_trim(span_sub(text, n, text.len));
    }
    return row;
}

int canvas_textf(struct canvas *c, struct rect area, int row, int col, enum role role,
                 const char *fmt, ...)
{
    struct strbuf text = STRBUF_INIT(TEXTF_MAX);
    va_list args;
    va_start(args, fmt);
    strbuf_vaddf(&text, fmt, args);
    va_end(args);
    int cells = canvas_text(c, area, row, col, INT_MAX, strbuf_span(&text), role);
    strbuf_clear(&text);
    return cells;
}

static void fill_glyph(struct canvas *c, struct rect area, const struct glyph *g, enum role role)
{
    struct rect seen = on_canvas(c, area);
    for (int row = seen.top; row < seen.top + seen.rows; row++) {
        split_wide(c, row, seen.left);
        split_wide(c, row, seen.left + seen.cols);
        for (int col = seen.left; col < seen.left + seen.cols; col++)
            put(c, row, col, g, role);
    }
}

void canvas_fill(struct canvas *c, struct rect area, enum role role)
{
    fill_glyph(c, area, &blank.glyph, role);
}

void canvas_line(struct canvas *c, struct rect area, char shape, enum role role)
{
    struct glyph g = blank.glyph;
    g.base = (uint32_t)shape;
    if (!c->ascii)
        g.base = shape == '-' ? 0x2500 : shape == '|' ? 0x2502 : 0x253C;
    fill_glyph(c, area, &g, role);
}

void canvas_role(struct canvas *c, struct rect area, enum role role)
{
    struct rect seen = on_canvas(c, area);
    for (int row = seen.top; row < seen.top + seen.rows; row++)
        for (int col = seen.left; col < seen.left + seen.cols; col++)
            cell_at(c, row, col)->role = (uint8_t)role;
}

void canvas_flag(struct canvas *c, struct rect area, unsigned flags)
{
    struct rect seen = on_canvas(c, area);
    for (int row = seen.top; row < seen.top + seen.rows; row++)
        for (int col = seen.left; col < seen.left + seen.cols; col++)
            cell_at(c, row, col)->flags |= (uint8_t)flags;
}

/* The needle's glyphs as the canvas would show them. */
struct needle {
    uint32_t codes[NEEDLE_MAX];
    int count;
    bool fold;
};

static void needle_init(struct needle *n, struct span text, bool ascii)
{
    struct visible_state state = {0};
    struct glyph g;
    n->count = 0;
    n->fold = true;
    while (n->count < NEEDLE_MAX && visible_next(&state, &text, ascii, &g)) {
        n->codes[n->count++] = g.base;
        if (utf8_lower(g.base) != g.base)
            n->fold = false;
    }
}

/* Cells that the needle takes at (row, col); 0: it does not stand there. */
static int needle_at(const struct canvas *c, const struct needle *n, int row, int col, int end)
{
    int at = col;
    for (int i = 0; i < n->count; i++) {
        while (at < end && cell_at(c, row, at)->glyph.width == 0)
            at++;
        if (at >= end)
            return 0;
        uint32_t code = cell_at(c, row, at)->glyph.base;
        if ((n->fold ? utf8_lower(code) : code) != n->codes[i])
            return 0;
        at += cell_at(c, row, at)->glyph.width;
    }
    return at - col;
}

int canvas_highlight(struct canvas *c, struct rect area, struct span needle, enum role role)
{
    struct rect seen = on_canvas(c, area);
    struct needle n;
    int found = 0;
    needle_init(&n, needle, c->ascii);
    if (!n.count)
        return 0;
    for (int row = seen.top; row < seen.top + seen.rows; row++)
        for (int col = seen.left; col < seen.left + seen.cols;) {
            int cells = needle_at(c, &n, row, col, seen.left + seen.cols);
            if (cells) {
                /* NOLINTNEXTLINE(readability-suspicious-call-argument): col is the left */
                canvas_role(c, rect_make(row, col, 1, cells), role);
                found++;
            }
            col += cells ? cells : 1;
        }
    return found;
}

void canvas_cursor(struct canvas *c, int row, int col)
{
    bool on = row >= 0 && row < c->rows && col >= 0 && col < c->cols;
    c->cursor_row = on ? row : -1;
    c->cursor_col = on ? col : 0;
}

void canvas_cursor_get(const struct canvas *c, int *row, int *col)
{
    *row = c->cursor_row;
    *col = c->cursor_col;
}

static void add_glyph(const struct glyph *g, struct strbuf *out)
{
    char bytes[4];
    strbuf_add(out, span_make(bytes, utf8_encode(g->base, bytes)));
    for (size_t i = 0; i < VISIBLE_MARKS_MAX && g->marks[i]; i++)
        strbuf_add(out, span_make(bytes, utf8_encode(g->marks[i], bytes)));
}

void canvas_dump_row(const struct canvas *c, int row, struct strbuf *out)
{
    int last = c->cols;
    bn_assert(row >= 0 && row < c->rows);
    while (last > 0 && cell_at(c, row, last - 1)->glyph.base == ' ' &&
           cell_at(c, row, last - 1)->glyph.width == 1)
        last--;
    for (int col = 0; col < last; col++)
        if (cell_at(c, row, col)->glyph.width)
            add_glyph(&cell_at(c, row, col)->glyph, out);
}

void canvas_dump(const struct canvas *c, struct strbuf *out)
{
    for (int row = 0; row < c->rows; row++) {
        canvas_dump_row(c, row, out);
        strbuf_addc(out, '\n');
    }
}

static void dump_run(const struct cell *cell, int row, int from, int to, struct strbuf *out)
{
    if (cell->role == ROLE_TEXT && !cell->flags)
        return;
    strbuf_addf(out, "%d:%d-%d %s%s%s%s%s\n", row, from, to, role_name((enum role)cell->role),
                cell->flags & CELL_BOLD ? " bold" : "",
                cell->flags & CELL_UNDERLINE ? " underline" : "",
                cell->flags & CELL_CURSOR_ROW ? " cursor" : "",
                cell->flags & CELL_REVERSE ? " reverse" : "");
}

void canvas_dump_roles(const struct canvas *c, struct strbuf *out)
{
    for (int row = 0; row < c->rows; row++) {
        int from = 0;
        for (int col = 1; col <= c->cols; col++) {
            const struct cell *cells = canvas_row(c, row);
            if (col < c->cols && cells[col].role == cells[from].role &&
                cells[col].flags == cells[from].flags)
                continue;
            dump_run(&cells[from], row, from, col - 1, out);
            from = col;
        }
    }
}
