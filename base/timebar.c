/* A stretch of time as a line of cells. */
#include <config.h>

#include "base/timebar.h"

#include <string.h>

void timebar_begin(const struct timebar *bar)
{
    memset(bar->cells, '.', bar->count);
    bar->cells[bar->count] = '\0';
}

void timebar_cover(const struct timebar *bar, int64_t from_ms, int64_t until_ms)
{
    double cell = (double)(bar->until_ms - bar->from_ms) / (double)bar->count;
    for (size_t i = 0; i < bar->count; i++) {
        int64_t middle = bar->from_ms + (int64_t)(cell * ((double)i + 0.5));
        if (from_ms <= middle && middle <= until_ms)
            bar->cells[i] = '=';
    }
}

size_t timebar_cell(const struct timebar *bar, int64_t at_ms)
{
    if (at_ms <= bar->from_ms)
        return 0;
    if (at_ms >= bar->until_ms)
        return bar->count - 1;
    return (size_t)((double)(at_ms - bar->from_ms) / (double)(bar->until_ms - bar->from_ms) *
                    (double)bar->count);
}
