/* The view's insides, for model/view*.c alone. */
#ifndef BINNACLE_MODEL_VIEW_IMPL_H
#define BINNACLE_MODEL_VIEW_IMPL_H

#include "base/clock.h"
#include "model/pool.h"
#include "model/view.h"

#define CHUNK_ROWS     64
#define SORT_KEY_BYTES 47

/* The beginning of what a row is ordered by, in bytes that compare as the rows do. */
struct sort_key {
    uint8_t len;
    unsigned char bytes[SORT_KEY_BYTES];
};

struct chunk {
    struct sort_key fence; /* rows of this chunk do not stand behind it, those of the next not
                              before; not used of the last chunk */
    struct handle rows[CHUNK_ROWS];
};

/* A chunk in its place. */
struct part {
    uint32_t chunk; /* number of it */
    uint32_t count; /* rows in it */
};

/* Rows in order. Where a row stands is found by its chunk, which is known by its slot, and a
 * look through that chunk; where it belongs by the fences, which are read alone, and by few
 * comparisons with rows, which at many rows are far. */
struct order {
    struct pool chunks;
    struct part *parts; /* owned; in order */
    size_t nparts, cap, count;
    uint32_t *part_of; /* owned; by number of chunk: where it stands in parts */
    size_t part_of_cap;
    uint32_t *chunk_of; /* owned; by slot: number of its chunk + 1, 0: not in here */
    size_t slots;
};

void order_init(struct order *o);
void order_clear(struct order *o);
struct handle order_at(const struct order *o, size_t i);
bool order_find(const struct order *o, struct handle row, size_t *i);
bool order_has(const struct order *o, struct handle row);
/* The part and place in it of a row; false: not in here. */
bool order_locate(const struct order *o, struct handle row, size_t *part, uint32_t *place);
void order_remove(struct order *o, struct handle row);
void order_remove_at(struct order *o, size_t part, uint32_t place);
/* False: it would stand elsewhere by the view's comparison. */
bool order_in_place(const struct order *o, const struct view *v, size_t part, uint32_t place);
/* Inserts by the view's comparison. False: no memory. */
bool order_insert(struct order *o, const struct view *v, struct handle row);
/* Appends behind all others; once all are in order, order_seal() allows insertions. */
bool order_append(struct order *o, struct handle row);
void order_seal(struct order *o, const struct view *v);
/* The rows of a part. */
const struct handle *order_rows(const struct order *o, size_t part);

enum build_stage { BUILD_COLLECT, BUILD_SORT, BUILD_PLACE, BUILD_DONE };

/* A new order in the making. */
struct build {
    enum build_stage stage;
    struct handle *rows, *spare; /* owned; merge sort goes back and forth */
    size_t count, cap;
    uint32_t at;        /* COLLECT: where in the store */
    bool gone;          /* COLLECT: among the gone rows */
    size_t width, done; /* SORT: length of sorted runs, rows merged in this pass */
    size_t left, right, left_end, right_end, out; /* the merge at hand */
    bool merging;
    struct order order; /* PLACE: the new one, as far as it is */
    size_t placed;      /* PLACE: rows looked at */
};

struct until {
    int64_t when;
    struct handle row;
};

/* A part of a sort specification, as it is compared. */
struct view_key {
    enum { KEY_LEVEL, KEY_TEXT, KEY_NUM, KEY_REAL } what;

    bool flip; /* the greater comes first */
    uint16_t column;
};

struct view {
    struct store *store;
    uint16_t kind;
    struct view_spec spec;
    struct view_key keys[VIEW_SORT_MAX];
    uint64_t order_columns;         /* whose change can move a row, */
    uint64_t columns;               /* or make it come or go as well */
    char *filter_text, *namespaces; /* owned */
    struct filter *filter;          /* owned; NULL: all */
    struct filter_scope scope;
    struct filter_fault faults[8];
    size_t nfaults;
    struct order order;
    struct build build;
    struct handle *late; /* owned; rows that changed during the build */
    size_t nlate, late_cap;
    uint8_t *late_bits; /* owned; by slot: is in late */
    size_t late_slots;
    struct until *untils; /* owned; a heap */
    size_t nuntils, untils_cap;
    int64_t next_ms;
    uint64_t version;
};

bool view_wants(struct view *v, struct handle row, int64_t now_ms, int64_t *until);
int view_compare(const struct view *v, struct handle a, struct handle b);
void view_sort_key(const struct view *v, struct handle row, struct sort_key *key);
/* <0, >0 as view_compare() would say; 0: the keys do not tell. */
int sort_key_compare(const struct sort_key *a, const struct sort_key *b);
/* Begin to bring in what is compared of a row: its head, then, each once the one before is
 * here, its cells and key, and its texts. */
void view_prefetch_head(const struct view *v, struct handle row);
void view_prefetch_cells(const struct view *v, struct handle row);
void view_prefetch_texts(const struct view *v, struct handle row);
/* What the specification asks to be compared, and what it depends on. */
void view_set_keys(struct view *v);
/* Throws away what is in the making and begins anew. */
void view_restart(struct view *v);
/* A glob against a namespace. */
bool filter_match_glob(struct span pattern, struct span text);

#endif
