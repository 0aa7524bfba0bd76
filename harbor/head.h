/* Header lines. */
#ifndef BINNACLE_HARBOR_HEAD_H
#define BINNACLE_HARBOR_HEAD_H

#include "base/span.h"

/* The value of the first such header among lines "Name: value"; empty: absent. */
static inline struct span head_value(struct span head, const char *name)
{
    struct span line;
    while (span_split(&head, '\n', &line)) {
        size_t colon = span_find(line, ':', 0);
        if (span_eq_nocase(span_sub(line, 0, colon), span_from(name)))
            return span_trim(span_sub(line, colon + 1, line.len));
    }
    return SPAN("");
}

#endif
