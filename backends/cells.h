/* Cells that are left out when there is nothing, for writers of rows. */
#ifndef BINNACLE_BACKENDS_CELLS_H
#define BINNACLE_BACKENDS_CELLS_H

#include "base/clock.h"
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

#endif
