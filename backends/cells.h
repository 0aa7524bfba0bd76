/* Cells that are left out when there is nothing, for writers of rows. */
#ifndef BINNACLE_BACKENDS_CELLS_H
#define BINNACLE_BACKENDS_CELLS_H

#include "base/clock.h"
#include "base/number.h"
#include "model/message.h"

static inline void put_text(struct row_writer *w, size_t column, struct span text)
{
    if (text.len)
        row_text(w, column, text);
}

static inline void put_time(struct row_writer *w, size_t column, int64_t ms)
{
    if (ms != TIME_NONE)
        row_num(w, column, ms);
}

/* A count, bytes and the like; below 0: it is not known. */
static inline void put_amount(struct row_writer *w, size_t column, int64_t n)
{
    if (n >= 0)
        row_num(w, column, n);
}

/* A number as a server writes it; nothing where it is none. */
static inline void put_number(struct row_writer *w, size_t column, struct span text)
{
    int64_t n;
    if (number_parse(text, INT64_MIN, INT64_MAX, &n))
        row_num(w, column, n);
}

#endif
