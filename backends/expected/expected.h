/* Expectations: what the configuration says should be there, should not, or is declared and not
 * deployed; and whether it is. */
#ifndef BINNACLE_BACKENDS_EXPECTED_EXPECTED_H
#define BINNACLE_BACKENDS_EXPECTED_EXPECTED_H

#include "backends/discovery.h"
#include "backends/joined.h"

/* An expectation's line (joined_part()). */
enum expected_part {
    EXPECTED_NAME,
    EXPECTED_KIND,
    EXPECTED_MATCH,
    EXPECTED_STATE, /* "declared", "deployed", "absent" */
    EXPECTED_FOUND, /* how many match; "" : it cannot be told */
    EXPECTED_FAULT, /* why not, a sentence */
    EXPECTED_NOTE,
    EXPECTED_PARTS, /* what matches: joined_add_link() */
};

/* Kinds that may be expected. */
extern const char *const expected_kinds[];

void expected_discover(const struct store *st, struct discovery *d);

#endif
