/* One table cell, and the levels that verdicts speak in. */
#ifndef BINNACLE_MODEL_VALUE_H
#define BINNACLE_MODEL_VALUE_H

#include "base/span.h"
#include "base/strbuf.h"

/* Sorted in this order: what hurts most is greatest. Stale is a bit of the
 * source, never a level. */
enum level {
    LEVEL_OFF, /* not there, not wanted, completed */
    LEVEL_OK,
    LEVEL_NOTICE,   /* worth a look, nothing to do */
    LEVEL_PROGRESS, /* on its way */
    LEVEL_UNKNOWN,
    LEVEL_WARNING,
    LEVEL_CRITICAL,
};

#define LEVEL_COUNT 7

/* "off", "ok", "notice", "progress", "unknown", "warning", "critical". */
const char *level_name(enum level level);
bool level_parse(struct span name, enum level *out) BN_MUST_USE;

enum value_type {
    VALUE_ABSENT, /* the source did not say; shown as a dash, sorts last */
    VALUE_BOOL,
    VALUE_COUNT,    /* int64, no unit */
    VALUE_BYTES,    /* int64 bytes */
    VALUE_RATIO,    /* double, 0.0 to 1.0 (may exceed 1) */
    VALUE_RATE,     /* double, per second */
    VALUE_DURATION, /* int64 ms */
    VALUE_INSTANT,  /* int64 ms since the epoch, UTC */
    VALUE_LEVEL,    /* enum level */
    VALUE_TEXT,     /* UTF-8 */
    VALUE_LIST,     /* texts, joined by LIST_SEPARATOR */
    VALUE_QUANTITY, /* int64 thousandths of the base unit, with its text ("250m") */
};

#define LIST_SEPARATOR '\x1f'

struct value {
    enum value_type type;

    union {
        int64_t num; /* BOOL, COUNT, BYTES, DURATION, INSTANT, LEVEL, QUANTITY */
        double real; /* RATIO, RATE */
    };
    struct span text; /* TEXT, LIST, QUANTITY: borrowed; see who returns the value */
};

bool value_type_is_text(enum value_type type); /* TEXT, LIST: kept as text */
bool value_type_is_real(enum value_type type); /* RATIO, RATE */
const char *value_type_name(enum value_type type);

/* Total order within one column: absent last in ascending order, numbers by
 * size, text by byte order with ASCII case folded first. <0, 0 or >0.
 * Comparing cells of different types (absent aside) is a bug. */
int value_compare(const struct value *a, const struct value *b);
/* How texts compare in a column. */
int text_compare(struct span a, struct span b);
bool value_equal(const struct value *a, const struct value *b);

/* Appends the cell as a person reads it: "41%", "1.5Gi", "3d2h", "a,b", "-" for
 * absent, RFC 3339 for an instant. The text is as it came, not made visible. */
void value_format(const struct value *v, struct strbuf *out);

#endif
