/* The ring of the last notable changes: home's feed, is:changed, @15m. */
#ifndef BINNACLE_MODEL_CHANGE_H
#define BINNACLE_MODEL_CHANGE_H

#include "model/store.h"

#define CHANGE_RING 10000

enum change_what { CHANGE_NEW, CHANGE_GONE, CHANGE_CELL, CHANGE_LEVEL };

struct change {
    uint64_t seq; /* 1, 2, 3... */
    int64_t wall_ms;
    enum change_what what;
    struct handle row;
    uint16_t source;
    uint16_t kind;
    struct span key;            /* borrowed until the next apply or turn */
    uint16_t column;            /* CELL */
    struct value before, after; /* CELL; LEVEL: VALUE_LEVEL. Texts borrowed as key */
};

uint64_t change_last(const struct store *st);  /* 0: none */
uint64_t change_first(const struct store *st); /* oldest kept */
bool change_get(const struct store *st, uint64_t seq, struct change *out);
/* Wall time of the last notable change of a row; TIME_NONE: none kept. */
int64_t change_of_row(const struct store *st, struct handle row);
/* The owner at the end of the chain of LINK_OWNER, and of LINK_LOADED the other way (the row itself
 * when it has none): changes are folded by it. Of a row that is gone, as it was when it went. */
struct handle change_owner(const struct store *st, struct handle row);
/* Whether LINK_LOADED is among that chain: what is wrong with the row is of the object that it was
 * made of, which says so itself. */
bool change_is_echo(const struct store *st, struct handle row);

#endif
