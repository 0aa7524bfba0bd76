/* What the platform costs in a month: what there is of each component, times a price of the
 * configuration, from low to high. What has no price, or no size, stays unknown. */
#ifndef BINNACLE_BACKENDS_COSTS_COSTS_H
#define BINNACLE_BACKENDS_COSTS_COSTS_H

#include "backends/discovery.h"
#include "backends/joined.h"

#define COST_MAX INT64_C(1000000000000000) /* thousandths */

/* A component's line (joined_part()). */
enum cost_part {
    COST_KEY,       /* "node/io1-60", "total/USD" */
    COST_COMPONENT, /* "node", "volume", "bucket", "zone", "total" */
    COST_NAME,
    COST_COUNT,
    COST_BYTES,
    COST_LOW, /* thousandths of the currency */
    COST_HIGH,
    COST_CURRENCY,
    COST_HOW,
    COST_SOURCE,
    COST_UNKNOWN, /* of a total: components that are not in it */
    COST_FAULT,   /* why it is not known, a sentence */
    COST_PARTS,   /* joined_add_link() */
};

/* What there is of a component. */
struct component {
    char *name;           /* owned; "io1-60", "sata", "reyem-db-backup", "reyem.tech" */
    const char *sort;     /* "node", "volume", "bucket", "zone" */
    int64_t count, bytes; /* bytes -1: not known, or it has none */
    struct strbuf parts;  /* joined_add_link() */
};

/* What a component comes to. */
struct estimate {
    bool known;
    int64_t low, high; /* thousandths a month */
    const char *currency, *source;
    char how[160]; /* "3 x 25-50 USD", or why it is not known */
};

/* By the entry of the price table that is named "SORT/NAME", else by the longest pattern that fits it
 * ("node/io1-*"). */
struct estimate cost_estimate(const struct declared *prices, const struct component *c);

extern const struct declares costs_declares;
void costs_discover(const struct store *st, struct discovery *d);

#endif
