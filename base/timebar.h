/* A stretch of time as a line of cells: what is covered of it, and marks. */
#ifndef BINNACLE_BASE_TIMEBAR_H
#define BINNACLE_BASE_TIMEBAR_H

#include "base/base.h"

struct timebar {
    char *cells;               /* the caller's: count characters, and a NUL behind them */
    size_t count;              /* at least 1 */
    int64_t from_ms, until_ms; /* of the whole line; from < until */
};

/* All cells say that nothing is covered: '.'. */
void timebar_begin(const struct timebar *bar);
/* '=' in the cells whose middle lies between these times. */
void timebar_cover(const struct timebar *bar, int64_t from_ms, int64_t until_ms);
/* The cell of a time; what lies outside is at the nearer end. */
size_t timebar_cell(const struct timebar *bar, int64_t at_ms);

#endif
