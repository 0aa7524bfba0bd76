/* The plain-text writer: tables with aligned columns, as kubectl prints them.
 * The only part of the command line that decides what of a text is shown. */
#ifndef BINNACLE_CLI_PLAIN_H
#define BINNACLE_CLI_PLAIN_H

#include "base/strbuf.h"

#define PLAIN_COLUMNS_MAX 64

/* A table is written in two rounds over the same cells: the first measures. */
struct plain {
    struct strbuf *out;
    int widths[PLAIN_COLUMNS_MAX];
    size_t ncolumns, at;
    int pending; /* cells of padding before the next cell */
    bool measured;
};

void plain_init(struct plain *p, struct strbuf *out, size_t ncolumns);
/* The next cell; after the last of a row plain_end_row(). */
void plain_cell(struct plain *p, struct span text);
void plain_end_row(struct plain *p);
/* Ends the measuring round: from now on cells are written. */
void plain_measured(struct plain *p);

/* Appends text as it may be shown on a terminal. */
void plain_visible(struct span text, struct strbuf *out);

#endif
