/* Numbers over time in one line: a block for each time, as high as its number. */
#ifndef BINNACLE_WIDGETS_SPARK_H
#define BINNACLE_WIDGETS_SPARK_H

#include "base/strbuf.h"

/* Least and greatest of those that are numbers; untouched where none is. Returns how many are. */
size_t spark_range(const double *samples, size_t n, double *least, double *greatest);
/* Appends the samples in cols cells, at least 1 and at most n: heights from 0 (or the least, where
 * it is below) to the greatest; where all are equal, a flat line at the bottom. Where several share
 * a cell the greatest is shown, and where none of them is a number (NAN) a blank. */
void spark_add(struct strbuf *out, const double *samples, size_t n, int cols, bool ascii);

#endif
