/* What is wrong now, over all kinds that systems are made of: rows that are not
 * well, folded by their owner, worst first. */
#ifndef BINNACLE_TUI_PROBLEMS_H
#define BINNACLE_TUI_PROBLEMS_H

#include "app/session.h"

struct problem {
    struct handle owner; /* whose problem it is */
    struct handle row;   /* the worst row of it, whose sentence says why */
    enum level level;
    size_t rows; /* that are not well */
};

struct problems;

/* Views of the session's store, kept up by it. Owned. */
struct problems *problems_new(struct session *session) BN_MUST_USE;
void problems_free(struct problems *p);
/* Collects; how many there are now. */
size_t problems_collect(struct problems *p, const struct store *st);
const struct problem *problems_get(const struct problems *p, size_t i);
/* Since when: of the row whose sentence it is; else of its owner; TIME_NONE: not known. */
int64_t problem_since(const struct problem *p, const struct store *st);

#endif
