/* The store's insides, for model/store*.c and model/change.c alone. */
#ifndef BINNACLE_MODEL_STORE_IMPL_H
#define BINNACLE_MODEL_STORE_IMPL_H

#include "model/change.h"
#include "model/filter.h"
#include "model/intern.h"
#include "model/lookup.h"
#include "model/pool.h"
#include "model/rooms.h"
#include "model/view.h"

#define GONE_MS    60000
#define NONE32     POOL_NONE
#define FOLDS_MAX  16 /* folds of a kind, and folds over a kind */
#define CELL_SIZES 8  /* different ones in a kind */

#define SERIES_ROWS 2000 /* whose figures are kept: in all, and at the first places of a kind */

struct map; /* base/map.h */

enum row_state { ROW_FREE, ROW_ALIVE, ROW_GONE };

/* A row but for its cells. */
struct BN_PACKED row_head {
    int64_t until_ms;   /* next judgement, or end of a gone row; TIME_FOREVER */
    int64_t since_ms;   /* at this level; TIME_NONE: since before we looked */
    int64_t changed_ms; /* last notable change; TIME_NONE */

    union {
        int64_t timer_ms;    /* earliest timer that waits for it; TIME_FOREVER: none */
        struct handle owner; /* of one that is gone: change_owner() when it went */
    };

    uint64_t present; /* a bit for each column whose cell is not absent */
    uint32_t cells;   /* number of the room they stand in; ROOMS_NONE: there are none */
    uint32_t key;     /* interned; of a free row: the next free slot */
    uint32_t mark;    /* of the sync that put it last */
    uint32_t links;   /* number of its first; NONE32 */
    uint16_t source;
    uint16_t generation;
    uint16_t rule;
    enum row_state state : 2;
    enum level level : 3;
    bool dirty : 1;      /* waits to be judged */
    bool fold_dirty : 1; /* its folds have changed and wait to be shown */
    bool recount : 1;    /* its folds wait to be counted anew */
    bool quiet : 1;      /* what it is judged to be is no news */
};

/* The cells of a row, or of one that is being packed: those that are present one behind the
 * other, and those that are kept up by folds, present or not. */
struct cells {
    uint64_t present;
    uint32_t key; /* of the row */
    unsigned char *bytes;
};

#define SLOT_MASK 0x7fffffffu /* no memory has room for as many rows */

/* A link: those of a row stand one behind the other, those to the same target in a list. */
struct __attribute__((packed, aligned(2))) link_node {
    uint32_t target;         /* number of it */
    uint32_t slot : 31;      /* of the row it belongs to */
    uint32_t last : 1;       /* of its row */
    uint32_t next, previous; /* to the same target */
    uint8_t kind;            /* of the row it belongs to */
    enum link_type type : 6;
    unsigned flags : 2; /* enum link_flag */
};

_Static_assert(LINK_TYPE_COUNT <= 1 << 6, "a type has room in a link");
_Static_assert(sizeof(struct link_node) == 18, "there are several for each row");

/* What links of one source lead to: a key, whether there is such a row or not. */
struct target {
    uint32_t key;   /* interned, a use of its own */
    uint32_t first; /* link that leads here */
    uint32_t count; /* of them; 0: this number is free */
    uint32_t sums;  /* what they add up to, among its kind's; NONE32: it has no folds */
    uint16_t source;
    uint16_t kind; /* by number in names[] */
};

/* What one row adds to a fold, or all rows together. */
struct sum {
    union {
        int64_t num;
        double real; /* where the column is RATIO or RATE */
    };

    bool any;  /* false: there is nothing to show */
    bool anew; /* not known any more: to be counted */
};

/* A fold seen from the rows that are folded over. */
struct fold_over {
    const struct fold *fold;
    struct filter *where; /* owned; NULL: all rows */
    uint16_t kind;        /* whose column it is */
    uint16_t over;        /* column of the rows, for SUM, MIN, MAX */
    uint8_t place;        /* among the sums of a target of that kind */
    bool real;
};

struct table {
    const struct kind *kind;
    struct pool rows;       /* heads; free ones are listed by themselves */
    struct lookup keys;     /* slot + 1 by source and key's text, of rows alive */
    uint32_t free_slot;     /* NONE32 */
    uint64_t version;       /* grows with each row put, changed or dropped */
    uint16_t (*bytes)[256]; /* owned; of the cells of eight columns, by which of them there are */
    uint64_t folded;        /* columns that are folds */
    uint64_t derived;       /* those among them that its kind derives */
    uint64_t texts;         /* columns that have texts */
    uint64_t series;        /* columns whose last ten minutes are kept */
    struct series_ring **kept; /* owned, so is each: of a row by its slot; NULL: of none */
    uint32_t alive, gone;
    size_t levels[LEVEL_COUNT];
    bool affects;            /* links with LINK_AFFECTS lead here, or did */
    struct fold_over *folds; /* owned; over rows of this kind */
    size_t nfolds;
    struct pool sums;      /* of targets of this kind: nsums each */
    uint16_t *sum_columns; /* owned; its columns that are folds, in order */
    size_t nsums;
};

/* How far the end of a picture has come. */
enum end_stage {
    END_NONE,
    END_SWEEP,   /* rows it did not show go */
    END_JUDGE,   /* the first picture: its rows are judged before it counts as seen */
    END_MISSING, /* links that lead nowhere are now known to */
};

struct kind_sync {
    struct source_kind info;
    uint32_t targets;  /* things of the kind that links of this source lead to */
    uint32_t mark;     /* of the present or last sync */
    uint32_t begun;    /* generation of the last SYNC_BEGIN */
    bool alive_before; /* the watch was proven when the sync began */
    enum end_stage end;
    uint64_t end_seq;  /* ends are worked on in the order of these */
    uint32_t end_mark; /* rows of older syncs go; 0: none */
    uint32_t end_at;   /* slot or target to look at next */
    bool end_complete; /* as the last end said */
    bool end_whole;    /* one of them was */
    bool end_drift;    /* what goes was missed by a live watch */
    uint64_t end_turn; /* JUDGE: rows that will have been judged then */
};

struct source_entry {
    struct source_info info;
    struct kind_sync *kinds; /* owned, one per kind */
    bool settled; /* all that is wanted of it was seen, and all that follows from it judged */
};

struct timer {
    int64_t when;
    struct handle row;
};

struct ring_entry {
    int64_t wall_ms;
    struct handle row;
    uint32_t key, before_text, after_text; /* interned */
    int64_t before_num, after_num;         /* bits of real for RATIO, RATE */
    uint16_t source, column;
    uint8_t what, before_type, after_type;
};

struct store {
    const struct kind_list *kinds;
    struct map *words; /* of kinds, small letters; the number of the first one, and one more */
    struct intern *texts;
    struct table *tables; /* one per kind */
    const char **
        names; /* kinds by number, then kinds that only links name; owned texts from kinds->count on */
    uint16_t nnames;
    struct source_entry *sources;
    size_t nsources;
    struct rooms nodes; /* of links; a unit each */
    struct pool targets;
    struct lookup target_numbers; /* + 1, by source, kind and key */
    struct handle *queue;         /* rows to judge or fold */
    size_t queue_len, queue_cap, queue_at;
    uint64_t judged;      /* rows taken from the queue ever */
    size_t endings;       /* pictures whose end is being worked on */
    uint64_t last_end;    /* end_seq of the last one */
    struct timer *timers; /* a heap by when */
    size_t ntimers, timers_cap;
    struct view **views;
    size_t nviews;
    struct ring_entry *ring;
    uint64_t ring_last;
    uint64_t version, puts, equal_puts, drops, miscounts;
    unsigned char *scratch; /* cells being packed */
    struct rooms cells;     /* units of CELL_UNIT bytes */
    size_t nseries;         /* rows whose figures are kept */
    size_t series_bytes;
    uint32_t mark;
    int64_t now_ms; /* of the last apply or turn */
};

/* store.c */
struct row_head *row_head(const struct store *st, struct handle row);
struct row_head *row_known(const struct store *st, struct handle row); /* NULL: freed */
void tell_views(struct store *st, struct handle row, uint64_t changed);

/* store_cells.c: packed cells */
#define CELL_UNIT 4
bool cell_has_text(enum value_type type);
bool cells_init(struct table *t) BN_MUST_USE; /* false: no memory */
size_t cell_size(const struct column *col);

/* Bytes of the cells of these columns. */
static inline size_t cells_bytes(const struct table *t, uint64_t columns)
{
    size_t bytes = 0;
    for (size_t i = 0; columns; i++, columns >>= 8)
        bytes += t->bytes[i][columns & 255];
    return bytes;
}

/* Bytes of the cells of a row of which these are present. */
static inline size_t cells_size(const struct table *t, uint64_t present)
{
    return cells_bytes(t, present | t->folded);
}

static inline struct cells row_cells(const struct store *st, const struct row_head *head)
{
    bool any = head->cells != ROOMS_NONE;
    return (struct cells){.present = head->present,
                          .key = head->key,
                          .bytes = any ? rooms_at(&st->cells, head->cells) : NULL};
}

static inline bool cell_present(const struct cells *c, size_t column)
{
    return c->present >> column & 1;
}

/* Where a cell stands that is present or a fold. */
static inline unsigned char *cell_at(const struct table *t, const struct cells *c, size_t column)
{
    uint64_t before = (UINT64_C(1) << column) - 1;
    return c->bytes + cells_bytes(t, (c->present | t->folded) & before);
}

struct value cell_read(const struct store *st, const struct table *t, const struct cells *c,
                       size_t column);
/* The text of a cell that is present. */
struct span cell_text(const struct store *st, const struct table *t, const struct cells *c,
                      size_t column);
/* The interned text of a cell that may have one, of which it has a use; 0: it has none. */
uint32_t cell_text_id(const struct table *t, const struct cells *c, size_t column);
/* Writes the text of a cell, taking a use of it where it is interned, unless it is the one
 * that the old cells have in this place. False: no memory. */
bool cell_set_text(struct store *st, const struct table *t, struct cells *c,
                   const struct cells *old, size_t column, struct span text);
/* Lets go of the texts of cells that the other ones (or NULL) do not have. */
void cells_drop(struct store *st, const struct table *t, const struct cells *c,
                const struct cells *other);
/* The packed cells become the row's own. False: no memory, and they are dropped. */
bool cells_replace(struct store *st, const struct table *t, struct row_head *head,
                   const struct cells *packed);
void cells_free(struct store *st, const struct table *t, struct row_head *head);

/* store_rows.c: places of rows */
bool rows_find(const struct store *st, uint16_t source, uint16_t kind, struct span key,
               struct handle *row);
/* Begins to bring in what rows_find() will read; and the row that it will probably find,
 * by which no more than memory may be brought in. */
void rows_prefetch(const struct store *st, uint16_t source, uint16_t kind, struct span key);
bool rows_guess(const struct store *st, uint16_t source, uint16_t kind, struct span key,
                struct handle *row);
bool rows_add(struct store *st, uint16_t source, uint16_t kind, uint32_t key, struct handle *row);
void rows_bury(struct store *st, struct handle row, int64_t now_ms); /* alive -> gone */
void rows_free(struct store *st, struct handle row);                 /* gone -> free */

/* store_series.c: figures that are kept */
void series_init(struct table *t);
/* A row was put, whether it changed or not. */
void series_heard(struct store *st, struct handle row);
void series_drop(struct store *st, struct handle row); /* with the row */
void series_free(struct table *t);

/* store_ahead.c: brings in what the next rows of a batch need */
#define AHEAD_ROWS 8
void ahead_of(const struct store *st, const struct message *m, size_t at);

/* store_apply.c */
void drop_row(struct store *st, struct handle row);

/* store_sync.c: whole pictures */
void sync_begin(struct store *st, const struct message *m);
void sync_end(struct store *st, const struct message *m);
/* True when a source was dropped and its rows have gone. */
bool sync_is_dropped(const struct store *st, uint16_t source);
/* A put of the picture at hand differs from what was known. */
void sync_drift(struct store *st, uint16_t source, uint16_t kind);
/* Goes on with the ends of pictures: st->endings says whether there are any left. */
void sync_work(struct store *st, int64_t deadline_us);

/* store_links.c */
static inline struct link_node *link_at(const struct store *st, uint32_t number)
{
    return rooms_at(&st->nodes, number);
}

/* The next link of the same row; NONE32: there is none. */
static inline uint32_t link_after(const struct store *st, uint32_t number)
{
    return link_at(st, number)->last ? NONE32 : number + 1;
}

bool links_set(struct store *st, struct handle row, const struct record *r, size_t at,
               bool *changed);
void links_clear(struct store *st, struct handle row);
struct handle links_row(const struct store *st, const struct link_node *node);
/* What links to this key are listed under; NULL: none. */
/* Sources whose links may lead to rows of one: itself, then those of other sorts that lead to
 * anything of the kind. after: SOURCE_NONE starts; SOURCE_NONE ends. */
uint16_t links_next_source(const struct store *st, uint16_t own, uint16_t kind, uint16_t after);
struct target *links_target(const struct store *st, uint16_t source, uint16_t kind, uint32_t key);
uint16_t links_name(struct store *st, struct span kind); /* UINT16_MAX: no room */

/* store_folds.c */
bool folds_init(struct store *st);
void folds_free(struct table *t);
/* Sums of nothing for a new target. False: no memory. */
bool folds_open(struct store *st, struct target *target);
void folds_close(struct store *st, struct target *target);
/* A link of a row was added or is about to be taken away. */
void folds_linked(struct store *st, const struct link_node *node, bool added);
/* What the row adds to each fold over its kind: read before it changes, and told
 * when it has. */
void folds_read(const struct store *st, struct handle row, struct sum shares[FOLDS_MAX]);
void folds_moved(struct store *st, struct handle row, const struct sum before[FOLDS_MAX]);
/* Shows what the row's folds add up to. Bits of the columns that changed; *cost
 * grows by the rows gone through. */
uint64_t folds_show(struct store *st, struct handle row, size_t *cost);
/* All of the kind are known anew: what was added up is compared with a count. */
void folds_recount(struct store *st, uint16_t source, uint16_t kind);

/* store_judge.c */
bool judge_later(struct store *st, struct handle row);
bool fold_later(struct store *st, struct handle row);
/* A row was put, dropped or judged anew: rows that look at it are next. */
void judge_neighbours(struct store *st, struct handle row);
/* A target is known to be missing. That is no news: it was so before. */
void judge_missing(struct store *st, const struct target *target);
/* A kind has been seen whole for the first time: what counts rows of it may say "none". */
void judge_folding(struct store *st, uint16_t source, uint16_t kind);
bool judge_work(struct store *st, int64_t now_ms, int64_t deadline_us);
bool timer_add(struct store *st, int64_t when, struct handle row);
int64_t judge_next(const struct store *st);

/* change.c */
void change_note(struct store *st, struct handle row, enum change_what what, uint16_t column,
                 const struct value *before, const struct value *after);
/* True while changes of the source's kind are worth telling (after the first sync). */
bool change_is_loud(const struct store *st, uint16_t source, uint16_t kind);

#endif
