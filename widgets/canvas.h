/* What everything draws on: a rectangle of cells in memory. The only user,
 * beside the plain-text writer, of base/visible.h: whatever is drawn here is
 * safe to show. */
#ifndef BINNACLE_WIDGETS_CANVAS_H
#define BINNACLE_WIDGETS_CANVAS_H

#include "base/visible.h"
#include "widgets/role.h"

struct rect {
    int top, left, rows, cols; /* terminal cells; rows and cols are never negative */
};

struct cell {
    struct glyph glyph; /* width 0: right half of the wide glyph before it */
    uint8_t role;       /* enum role */
    uint8_t flags;      /* enum cell_flag */
};

enum cell_flag {
    CELL_BOLD = 1 << 0,
    CELL_UNDERLINE = 1 << 1,
    CELL_CURSOR_ROW = 1 << 2, /* over the role: drawn as selected */
    CELL_REVERSE = 1 << 3,
};

struct canvas;

/* Owned; 0x0 is allowed. ascii: only ASCII glyphs are ever stored. */
struct canvas *canvas_new(int rows, int cols, bool ascii) BN_MUST_USE;
void canvas_free(struct canvas *c);
/* New size, all blank. At most 1,000 x 1,000 cells are kept. */
void canvas_resize(struct canvas *c, int rows, int cols);
bool canvas_ascii(const struct canvas *c);
int canvas_rows(const struct canvas *c);
int canvas_cols(const struct canvas *c);
/* Row of cells, borrowed until the next resize. */
const struct cell *canvas_row(const struct canvas *c, int row);

/* All drawing is clipped to `area` as well as the canvas. Where a row and a
 * column are asked for beside an area, they count from the area's top left
 * corner; a negative column cuts the text's start off (scrolled text). */
void canvas_fill(struct canvas *c, struct rect area, enum role role);
/* Writes text at (row, col) inside area, at most max cells; a wide glyph that
 * does not fit becomes a space. Returns the cells used from col on. */
int canvas_text(struct canvas *c, struct rect area, int row, int col, int max, struct span text,
                enum role role);
/* As canvas_text(), cut in the middle with an ellipsis when too long, so that
 * both ends stay ("track-api-…-x7k2p"); tail: cells kept at the end, 0 cuts the end. */
int canvas_text_cut(struct canvas *c, struct rect area, int row, int col, int max, int tail,
                    struct span text, enum role role);
/* Bytes of text that stand in a line of cols cells: up to the last blank or comma
 * that fits, or as many as fit; at least one character. */
size_t canvas_fitting(struct span text, bool ascii, int cols);
/* Writes text from the area's top left corner on, broken so, as far as its rows
 * go; of what is longer the end is kept, on the last of several. Returns the rows used. */
int canvas_text_wrapped(struct canvas *c, struct rect area, struct span text, enum role role);
int canvas_textf(struct canvas *c, struct rect area, int row, int col, enum role role,
                 const char *fmt, ...) BN_PRINTF(6, 7);
/* Sets role or adds flags on cells that are already drawn. */
void canvas_role(struct canvas *c, struct rect area, enum role role);
void canvas_flag(struct canvas *c, struct rect area, unsigned flags);
/* Sets role where needle stands in what is drawn on a row; ASCII case is
 * folded unless needle has capitals. Returns how often it was found. */
int canvas_highlight(struct canvas *c, struct rect area, struct span needle, enum role role);
/* Fills area with one of the few line glyphs, with its ASCII pair: '-' horizontal, '|' vertical,
 * '+' crossing. */
void canvas_line(struct canvas *c, struct rect area, char shape, enum role role);

/* Where the terminal's cursor stands (the selected row, the prompt); row < 0: hidden. */
void canvas_cursor(struct canvas *c, int row, int col);
void canvas_cursor_get(const struct canvas *c, int *row, int *col);

struct rect rect_make(int top, int left, int rows, int cols);
/* What of a lies in b. */
struct rect rect_clip(struct rect a, struct rect b);
bool rect_has(struct rect r, int row, int col);

/* Rows as text for tests: trailing blanks cut, lines ended by '\n'. */
void canvas_dump(const struct canvas *c, struct strbuf *out);
/* Runs of cells that are not plain text, a line each: "3:10-14 critical bold". */
void canvas_dump_roles(const struct canvas *c, struct strbuf *out);
/* Adds what is shown of one row, without trailing blanks. */
void canvas_dump_row(const struct canvas *c, int row, struct strbuf *out);

#endif
