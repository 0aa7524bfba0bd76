/* Sparklines. */
#include <config.h>

#include "widgets/spark.h"

#include "base/base.h"

#include <math.h>

static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const signs[] = {"_", ".", "-", "=", "^", "#"};

size_t spark_range(const double *samples, size_t n, double *least, double *greatest)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(samples[i]))
            continue;
        *least = count && *least < samples[i] ? *least : samples[i];
        *greatest = count && *greatest > samples[i] ? *greatest : samples[i];
        count++;
    }
    return count;
}

/* The nearest of so many heights. Halves, since a difference may be more than a double holds. */
static size_t height_of(double sample, double bottom, double top, size_t heights)
{
    double share = (sample / 2 - bottom / 2) / (top / 2 - bottom / 2);
    if (!(share > 0))
        return 0;
    return share < 1 ? (size_t)(share * (double)(heights - 1) + 0.5) : heights - 1;
}

void spark_add(struct strbuf *out, const double *samples, size_t n, int cols, bool ascii)
{
    const char *const *shapes = ascii ? signs : blocks;
    size_t heights = ascii ? BN_COUNT(signs) : BN_COUNT(blocks);
    double least = 0, greatest = 0, of_cell_least, of_cell;
    (void)spark_range(samples, n, &least, &greatest);
    double bottom = least == greatest ? least : least < 0 ? least : 0;
    size_t cells = cols < 1 ? 1 : (size_t)cols < n ? (size_t)cols : n;
    for (size_t i = 0; i < cells; i++) {
        size_t from = i * n / cells, to = (i + 1) * n / cells;
        if (spark_range(samples + from, to - from, &of_cell_least, &of_cell))
            strbuf_adds(out, shapes[height_of(of_cell, bottom, greatest, heights)]);
        else
            strbuf_addc(out, ' ');
    }
}
