/* What is seen of stories of the demonstration while they are played. */
#ifndef BINNACLE_TEST_SCREENS_SEEN_H
#define BINNACLE_TEST_SCREENS_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a row of a table must show once the story has gone so far. */
struct seen {
    int64_t at_ms;
    const char *table;  /* the command that opens it */
    const char *filter; /* leaves the one row, or few; "": none */
    const char *row;    /* a text of the row that is meant */
    const char *text;
    bool ask; /* its source asks seldom: it is asked to */
};

struct seen_story {
    const char *scenario;
    const struct seen *seen; /* ends with a NULL text */
    bool outside;            /* hosts and names out in the world are asked: those of harbor */
    bool refresh;            /* asked so seldom that a clock that is stepped does not reach it */
};

/* Beside those of live_demo.c. */
extern const struct seen_story seen_more[];
extern const size_t seen_more_count;

#endif
