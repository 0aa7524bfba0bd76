/* Frozen tables of code point ranges (see tools/make-width-table). */
#ifndef BINNACLE_BASE_UTF8_TABLE_H
#define BINNACLE_BASE_UTF8_TABLE_H

#include "base/base.h"

struct utf8_range {
    uint32_t low, high; /* inclusive; in ascending order */
};

extern const struct utf8_range utf8_wide[], utf8_zero[], utf8_marks[], utf8_disputed[];
extern const size_t utf8_wide_count, utf8_zero_count, utf8_marks_count, utf8_disputed_count;

#endif
