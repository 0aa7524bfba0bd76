/* Columns of a table laid into the cells there are, and one cell drawn. Pure:
 * what the cells hold is the caller's. */
#ifndef BINNACLE_WIDGETS_TABLE_H
#define BINNACLE_WIDGETS_TABLE_H

#include "widgets/canvas.h"

#define TABLE_COLUMNS_MAX 64
#define TABLE_NAME_MIN    16 /* a column that names the row is never narrower */

struct table_column {
    const char *title;
    int width;       /* wanted cells: what the content on screen needs, at least the title */
    int least;       /* what it can do with; 0: it is not to be cut */
    unsigned weight; /* 0: never dropped; else the highest goes first when narrow */
    bool right;      /* aligned to the right */
    bool name;       /* names the row: keeps its tail when it is cut, */
    size_t alike;    /* and loses so many bytes first, which its neighbours begin with too */
    bool stays;      /* part of what names the row: not scrolled away */
};

struct table_place {
    size_t column; /* index of the caller's column */
    int left, width;
};

struct table_layout {
    struct table_place places[TABLE_COLUMNS_MAX];
    size_t count;
    size_t dropped; /* columns that did not fit */
};

/* Lays n columns (at most TABLE_COLUMNS_MAX) into cols cells from column left on,
 * one cell between two. Columns are dropped by weight until the rest fits with
 * what it can do with; the room left goes to those that are cut, by weight. */
void table_lay(const struct table_column *columns, size_t n, int left, int cols,
               struct table_layout *out);
/* The same in the order of the columns, the first ones scrolled away; what does
 * not fit at the right is dropped. */
void table_lay_scrolled(const struct table_column *columns, size_t n, int left, int cols,
                        size_t first, struct table_layout *out);
/* Cells that all columns want together. */
int table_wanted(const struct table_column *columns, size_t n);

/* Draws one cell's text, aligned and cut as its column wants; row counts from the area's top. */
void table_cell_draw(struct canvas *c, struct rect area, int row, const struct table_place *place,
                     const struct table_column *column, struct span text, enum role role);

#endif
