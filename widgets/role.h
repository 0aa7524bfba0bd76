/* What a piece of text means. Widgets name roles; only a theme names colours. */
#ifndef BINNACLE_WIDGETS_ROLE_H
#define BINNACLE_WIDGETS_ROLE_H

#include "model/value.h"

enum role {
    ROLE_TEXT,
    ROLE_DIM,
    ROLE_TITLE,      /* the title line */
    ROLE_PRODUCTION, /* the title line of a production context */
    ROLE_HEADER,     /* column headers */
    ROLE_SORTED,     /* header of the column that orders the table */
    ROLE_SELECTED,   /* the row under the cursor */
    ROLE_MARKED,     /* rows marked with Space */
    ROLE_MATCH,      /* the part of a text that a search found */
    ROLE_KEY,        /* a key in the key line */
    ROLE_HINT,       /* what the key does */
    ROLE_INPUT,      /* text being typed */
    ROLE_FAULT,      /* an error message, a bad filter term */
    ROLE_LINK,       /* can be followed */
    ROLE_CHANGED,    /* a cell that has just changed */
    ROLE_STALE,
    ROLE_OFF,
    ROLE_OK,
    ROLE_NOTICE,
    ROLE_PROGRESS,
    ROLE_UNKNOWN,
    ROLE_WARNING,
    ROLE_CRITICAL,
    ROLE_COUNT,
};

enum role role_of_level(enum level level);
/* The mark that stands before a row at this level: "x" family as UTF-8 or ASCII
 * (product: crit, warn, unknown, ok, off, progress). One cell. */
const char *role_glyph(enum level level, bool ascii);
/* The name that theme files use, such as "header". */
const char *role_name(enum role r);
bool role_parse(struct span name, enum role *out) BN_MUST_USE;

#endif
