/* A place in the lines, and what is drawn from there on. */
#include <config.h>

#include "widgets/pager.h"

#include "base/alloc.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "widgets/pager_text.h"

#include <stdlib.h>
#include <string.h>

#define NEEDLE_MAX 256
#define SHIFT_MAX  (16 * 1024)
#define MORE_COLS  20 /* narrower areas have no room to say that a line goes on */

struct pager {
    struct pager_text text;
    char needle[NEEDLE_MAX];
    size_t needle_len;
    bool fold; /* the needle has no capitals */
    bool only;
    size_t *shown; /* owned; with `only`: lines that match, ascending */
    size_t nshown, shown_cap;
    size_t top; /* first line on view, counted in shown lines */
    size_t sub; /* row within it */
    size_t hit; /* the match last gone to; SIZE_MAX: none */
    int shift;  /* cells scrolled away at the left */
    bool wrap, words, follow;
    int rows, cols; /* of the last drawing */
    bool ascii;
    size_t bottom; /* last line on view then */
};

struct pager *pager_new(size_t cap)
{
    struct pager *p = xalloc_zero(1, sizeof(*p));
    pager_text_init(&p->text, cap);
    p->hit = SIZE_MAX;
    p->rows = 1;
    p->cols = 80;
    return p;
}

void pager_free(struct pager *p)
{
    if (!p)
        return;
    pager_text_done(&p->text);
    free(p->shown);
    free(p);
}

static bool filtering(const struct pager *p)
{
    return p->only && p->needle_len;
}

size_t pager_lines(const struct pager *p)
{
    return filtering(p) ? p->nshown : p->text.count;
}

uint64_t pager_forgotten(const struct pager *p)
{
    return p->text.forgotten;
}

static struct span line_at(const struct pager *p, size_t i)
{
    return pager_text_line(&p->text, filtering(p) ? p->shown[i] : i);
}

static bool matches(const struct pager *p, struct span line)
{
    return p->needle_len &&
           span_search(line, span_make(p->needle, p->needle_len), p->fold) < line.len;
}

static void show_matching(struct pager *p, size_t from)
{
    for (size_t i = from; filtering(p) && i < p->text.count; i++) {
        if (!matches(p, pager_text_line(&p->text, i)))
            continue;
        if (p->nshown == p->shown_cap) {
            p->shown_cap = p->shown_cap ? p->shown_cap * 2 : 64;
            p->shown = xalloc_resize(p->shown, p->shown_cap, sizeof(*p->shown));
        }
        p->shown[p->nshown++] = i;
    }
}

void pager_clear(struct pager *p)
{
    pager_text_clear(&p->text);
    p->nshown = p->top = p->sub = p->bottom = 0;
    p->hit = SIZE_MAX;
    p->shift = 0;
}

static size_t less(size_t n, size_t by)
{
    return n > by ? n - by : 0;
}

/* The place moves with the lines when the oldest go. */
static void shift_place(struct pager *p, size_t gone)
{
    if (gone > p->top)
        p->sub = 0;
    p->top = less(p->top, gone);
    p->bottom = less(p->bottom, gone);
    p->hit = p->hit == SIZE_MAX || p->hit < gone ? SIZE_MAX : p->hit - gone;
}

static void drop_shown(struct pager *p, size_t forgotten)
{
    size_t gone = 0, kept = 0;
    while (gone < p->nshown && p->shown[gone] < forgotten)
        gone++;
    for (size_t i = gone; i < p->nshown; i++)
        p->shown[kept++] = p->shown[i] - forgotten;
    p->nshown = kept;
    shift_place(p, gone);
}

void pager_drop(struct pager *p, size_t lines)
{
    pager_text_drop(&p->text, lines);
    while (p->nshown && p->shown[p->nshown - 1] >= p->text.count)
        p->nshown--;
    if (p->hit != SIZE_MAX && p->hit >= p->text.count)
        p->hit = SIZE_MAX;
}

void pager_add(struct pager *p, struct span bytes)
{
    size_t before = p->text.count;
    bool open = p->text.open;
    size_t forgotten = pager_text_add(&p->text, bytes);
    if (!filtering(p)) {
        shift_place(p, forgotten);
        return;
    }
    if (forgotten)
        drop_shown(p, forgotten);
    /* The line that was open is looked at again. */
    size_t from = less(before - (open && before), forgotten);
    while (p->nshown && p->shown[p->nshown - 1] >= from)
        p->nshown--;
    show_matching(p, from);
}

/* Where the rows of a line after its first begin: below its first word. */
static int indent_of(const struct pager *p, struct span line)
{
    size_t spaces = 0;
    while (spaces < line.len && line.data[spaces] == ' ')
        spaces++;
    return p->words && spaces < line.len && (int)spaces <= p->cols / 4 ? (int)spaces : 0;
}

/* How many cells the next character is shown in: a placeholder has several, which stay together. */
static int take_unit(struct span *rest, bool ascii)
{
    struct visible_state state = {0};
    struct glyph g;
    int width = 0;
    do {
        if (!visible_next(&state, rest, ascii, &g)) {
            rest->len = 0;
            break;
        }
        width += g.width;
    } while (state.at < state.len);
    return width;
}

/* One row of a wrapped line is taken from *rest. Where words stay whole, it ends after one, unless that
 * would leave a third of it empty. */
static struct span wrap_row(const struct pager *p, struct span line, struct span *rest)
{
    int cols = p->cols - (rest->data > line.data ? indent_of(p, line) : 0), used = 0;
    struct span row = *rest, word = *rest;
    while (rest->len) {
        struct span unit = *rest;
        int width = take_unit(rest, p->ascii);
        bool between = p->words && unit.data[0] == ' ';
        if (used && used + width > cols) {
            if (!between) /* a space that is cut off is not missed */
                *rest = word.len < row.len ? word : unit;
            break;
        }
        used += width;
        if (between && used * 3 >= cols * 2)
            word = *rest;
    }
    row.len -= rest->len;
    return row;
}

static size_t rows_of(const struct pager *p, size_t i)
{
    struct span line = line_at(p, i), rest = line;
    size_t rows = 0;
    if (!p->wrap || p->cols < 1)
        return 1;
    do {
        (void)wrap_row(p, line, &rest);
        rows++;
    } while (rest.len);
    return rows;
}

static void step_down(struct pager *p)
{
    if (p->sub + 1 < rows_of(p, p->top)) {
        p->sub++;
    } else if (p->top + 1 < pager_lines(p)) {
        p->top++;
        p->sub = 0;
    }
}

static void step_up(struct pager *p)
{
    if (p->sub) {
        p->sub--;
    } else if (p->top) {
        p->top--;
        p->sub = rows_of(p, p->top) - 1;
    }
}

/* The place from which the last row is the last on the page. */
static void end_place(const struct pager *p, size_t *top, size_t *sub)
{
    size_t need = p->rows > 0 ? (size_t)p->rows : 1, i = pager_lines(p);
    *top = *sub = 0;
    while (i > 0) {
        size_t rows = rows_of(p, --i);
        if (rows >= need) {
            *top = i;
            *sub = rows - need;
            return;
        }
        need -= rows;
    }
}

/* Keeps the place within the text. */
static void settle(struct pager *p)
{
    size_t top, sub, lines = pager_lines(p);
    if (p->top >= lines) {
        p->top = lines ? lines - 1 : 0;
        p->sub = 0;
    }
    if (lines && p->sub >= rows_of(p, p->top))
        p->sub = rows_of(p, p->top) - 1;
    end_place(p, &top, &sub);
    if (p->follow || p->top > top || (p->top == top && p->sub > sub)) {
        p->top = top;
        p->sub = sub;
    }
}

void pager_scroll(struct pager *p, long lines)
{
    if (lines < 0)
        p->follow = false;
    if (!pager_lines(p))
        return;
    for (; lines > 0; lines--)
        step_down(p);
    for (; lines < 0; lines++)
        step_up(p);
}

void pager_scroll_columns(struct pager *p, int columns)
{
    p->shift += columns;
    p->shift = p->shift < 0 ? 0 : p->shift > SHIFT_MAX ? SHIFT_MAX : p->shift;
}

void pager_page(struct pager *p, int halves)
{
    int rows = p->rows > 1 ? p->rows : 1;
    bool full = halves % 2 == 0;
    /* A full page keeps one line of the last, as less does not but people like. */
    int step = full ? (rows > 2 ? rows - 1 : 1) * (halves / 2) : (rows + 1) / 2 * halves;
    pager_scroll(p, step);
}

void pager_first(struct pager *p)
{
    p->follow = false;
    p->top = p->sub = 0;
}

void pager_last(struct pager *p)
{
    p->follow = true;
}

bool pager_following(const struct pager *p)
{
    return p->follow;
}

void pager_follow(struct pager *p, bool on)
{
    p->follow = on;
}

bool pager_wrapping(const struct pager *p)
{
    return p->wrap;
}

void pager_wrap(struct pager *p, bool on)
{
    p->wrap = on;
    p->sub = 0;
    p->shift = 0;
}

void pager_words(struct pager *p)
{
    p->words = true;
}

/* Position of a line of the text among those shown, or the next one. */
static size_t place_of(const struct pager *p, size_t line)
{
    size_t i = 0;
    if (!filtering(p))
        return line;
    while (i < p->nshown && p->shown[i] < line)
        i++;
    return i;
}

/* Runs a change of what is shown, keeping the line on view where it is. */
static void show_again(struct pager *p, size_t line)
{
    p->nshown = 0;
    show_matching(p, 0);
    p->top = place_of(p, line);
    p->sub = 0;
    p->hit = SIZE_MAX;
}

static size_t text_line(const struct pager *p)
{
    return filtering(p) ? p->top < p->nshown ? p->shown[p->top] : p->text.count : p->top;
}

void pager_search(struct pager *p, struct span text)
{
    size_t line = text_line(p);
    p->needle_len = text.len < sizeof(p->needle) ? text.len : sizeof(p->needle);
    if (p->needle_len)
        memcpy(p->needle, text.data, p->needle_len);
    p->fold = true;
    for (struct span rest = span_make(p->needle, p->needle_len); rest.len;) {
        uint32_t code;
        size_t used = utf8_decode(rest, &code);
        p->fold = p->fold && utf8_lower(code) == code;
        rest = span_sub(rest, used, rest.len);
    }
    show_again(p, line);
}

void pager_only(struct pager *p, bool on)
{
    size_t line = text_line(p);
    p->only = on;
    show_again(p, line);
}

/* A match that is not on view comes to a third of the page. */
static void show_hit(struct pager *p, size_t hit)
{
    p->hit = hit;
    if (hit >= p->top && hit <= p->bottom && !p->follow)
        return;
    p->follow = false;
    p->top = hit;
    p->sub = 0;
    for (int i = 0; i < p->rows / 3; i++)
        step_up(p);
}

bool pager_next(struct pager *p, int dir)
{
    size_t lines = pager_lines(p), at = p->hit;
    bool fresh = at == SIZE_MAX || at >= lines;
    if (!lines || !p->needle_len)
        return false;
    if (fresh)
        at = dir > 0 ? p->top : p->bottom;
    if (at >= lines)
        at = lines - 1;
    for (size_t i = 0; i < lines; i++) {
        if (i || !fresh)
            at = dir > 0 ? (at + 1) % lines : (at + lines - 1) % lines;
        if (matches(p, line_at(p, at))) {
            show_hit(p, at);
            return true;
        }
    }
    return false;
}

void pager_paint_add(struct pager_paint *p, size_t from, size_t to, enum role role)
{
    if (p->count == PAGER_PARTS_MAX || to <= from)
        return;
    p->parts[p->count].from = from;
    p->parts[p->count].to = to;
    p->parts[p->count++].role = role;
}

/* Bytes from..to-1 of the line, in the role that is theirs; the cells used. */
static int draw_piece(struct canvas *c, struct rect row, int col, struct span line, size_t from,
                      size_t to, enum role role)
{
    return canvas_text(c, row, 0, col, row.cols - col, span_sub(line, from, to - from), role);
}

/* text: what of the line stands in this row. */
static void draw_row(const struct pager *p, struct canvas *c, struct rect row, struct span line,
                     struct span text, const struct pager_paint *paint)
{
    int col = !p->wrap ? -p->shift : text.data > line.data ? indent_of(p, line) : 0;
    size_t at = (size_t)(text.data - line.data), end = at + text.len;
    for (size_t i = 0; i < paint->count && at < end && col < row.cols; i++) {
        size_t from = paint->parts[i].from < at ? at : paint->parts[i].from;
        size_t to = paint->parts[i].to < end ? paint->parts[i].to : end;
        if (to <= from || from >= end)
            continue;
        col += draw_piece(c, row, col, line, at, from, paint->role);
        col += draw_piece(c, row, col, line, from, to, paint->parts[i].role);
        at = to;
    }
    (void)draw_piece(c, row, col, line, at, end, paint->role);
    if (!p->wrap && row.cols >= MORE_COLS &&
        canvas_fitting(text, p->ascii, row.cols + p->shift) < text.len)
        canvas_text(c, row, 0, row.cols - 1, 1, p->ascii ? SPAN(">") : SPAN("\xe2\x80\xba"),
                    ROLE_KEY); /* there is more at the right */
    canvas_highlight(c, row, span_make(p->needle, p->needle_len), ROLE_MATCH);
}

static void draw_lines(struct pager *p, struct canvas *c, struct rect area, pager_paint_fn *paint)
{
    int row = 0;
    size_t skip = p->sub;
    for (size_t i = p->top; i < pager_lines(p) && row < area.rows; i++) {
        struct span line = line_at(p, i), rest = line;
        struct pager_paint look = {.role = ROLE_TEXT};
        if (paint)
            paint(line, &look);
        p->bottom = i;
        do {
            struct span part = p->wrap ? wrap_row(p, line, &rest) : rest;
            if (!p->wrap)
                rest.len = 0;
            if (skip) {
                skip--;
                continue;
            }
            if (line.len)
                draw_row(p, c, rect_make(area.top + row, area.left, 1, area.cols), line, part,
                         &look);
            row++;
        } while (rest.len && row < area.rows);
    }
}

void pager_draw(struct pager *p, struct canvas *c, struct rect area, pager_paint_fn *paint)
{
    if (area.rows < 1 || area.cols < 1)
        return;
    p->rows = area.rows;
    p->cols = area.cols;
    p->ascii = canvas_ascii(c);
    settle(p);
    p->bottom = p->top;
    draw_lines(p, c, area, paint);
}

bool pager_is_searched(const struct pager *p)
{
    return p->needle_len > 0;
}

void pager_position(const struct pager *p, struct strbuf *out)
{
    size_t lines = pager_lines(p);
    if (p->follow)
        strbuf_addf(out, "%zu lines, follow", lines);
    else
        strbuf_addf(out, "%zu-%zu/%zu", lines ? p->top + 1 : 0, lines ? p->bottom + 1 : 0, lines);
}
