/* The schema of a sort of thing: columns, verdict rules, what it is folded
 * from. Kinds are constants; nothing allocates them. */
#ifndef BINNACLE_MODEL_KIND_H
#define BINNACLE_MODEL_KIND_H

#include "model/link.h"
#include "model/value.h"

struct store;

/* A row of one store. Stays valid after the row is gone (store_alive() says);
 * never reused for another row. */
struct handle {
    uint32_t slot;
    uint16_t generation;
    uint16_t kind; /* index of the kind in its store */
};

bool handle_equal(struct handle a, struct handle b);

enum column_flag {
    COLUMN_WIDE = 1 << 0,    /* only with `w` / -o wide */
    COLUMN_HIDDEN = 1 << 1,  /* never by itself: for filters, JSON, detail */
    COLUMN_NOTABLE = 1 << 2, /* a change of it goes into the ring of changes */
    COLUMN_RIGHT = 1 << 3,   /* aligned to the right */
    COLUMN_IDENT = 1 << 4,   /* part of what names the row (namespace, name) */
    COLUMN_LEFT =
        1 << 5, /* with `since`: what is left until that instant, negative once it is past */
    COLUMN_ALONE = 1 << 6,  /* a text of at most `width` bytes, of another value in each row, as a
                                uid: kept in the row, not shared */
    COLUMN_SERIES = 1 << 7, /* a number whose last ten minutes are kept: where rows are few */
};

/* How a cell is computed from the rows whose links of this type point here. */
enum fold_op {
    FOLD_COUNT,
    FOLD_SUM,
    FOLD_MIN,
    FOLD_MAX,
    FOLD_WORST,
    FOLD_DERIVED, /* what the kind's derive() makes of the rows that this one leads to, or that lead here */
};

struct fold {
    enum fold_op op;
    enum link_type link;
    const char *kind;   /* kind of the rows folded over, "pod" */
    const char *column; /* SUM, MIN, MAX: their column, no age; else NULL */
    const char *where;  /* NULL, or a filter by cells and level that a row must match to count */
};

struct column {
    const char *name;  /* stable: filters, JSON, sorting: "restarts" */
    const char *title; /* header, "RST" */
    const char *help;  /* one sentence for the help screen and the manual */
    enum value_type type;
    uint8_t width;           /* preferred cells */
    uint8_t weight;          /* 0: never dropped when narrow; else higher goes first */
    unsigned flags;          /* enum column_flag */
    const char *since;       /* DURATION never stored: age of this INSTANT column of the row */
    const struct fold *fold; /* NULL, or kept up by the store */
};

/* A set of a kind's columns: a bit each, and one for the verdict. */
#define COLUMNS_MAX   62
#define COLUMNS_LEVEL (UINT64_C(1) << 63)
#define COLUMNS_ALL   UINT64_MAX /* and whatever else there is to a row */

struct verdict {
    enum level level;
    uint16_t rule; /* index into the kind's rules; meaningless for OFF and OK */
    int64_t
        until_ms; /* judge again at this wall time though nothing changed; TIME_FOREVER: never */
};

/* A reason why a row is not OK: what `x` and the manual print. */
struct rule {
    const char *id;   /* "pod-crash-loop" */
    const char *help; /* the rule and its threshold, a sentence */
    bool cause;       /* what the row has made is bad because of it, and says less */
    uint8_t since; /* INSTANT column of since when it is so; 0: what we saw is all that is known */
};

/* Judges one row. Pure: reads the store, allocates nothing, no clock but now. */
typedef struct verdict judge_fn(const struct store *st, struct handle row, int64_t now_ms);
/* Appends the sentence of a verdict; called only when it is shown. */
typedef void says_fn(const struct store *st, struct handle row, const struct verdict *v,
                     int64_t now_ms, struct strbuf *out);

/* A FOLD_DERIVED column of one row: of its column's type, a number or real, or ABSENT. Pure, as judge.
 * Called when the row or what its AFFECTS links lead to has changed, or another of its folds has: what
 * is read of rows that lead here has to move one of these. */
typedef struct value derive_fn(const struct store *st, struct handle row, size_t column);

/* Appends lines with newlines between them; nothing: there is nothing to draw. Pure, as judge. */
typedef void says_lines_fn(const struct store *st, struct handle row, int64_t now_ms,
                           struct strbuf *out);

/* Words of others for a part of a kind's rows. */
struct kind_part {
    const char *words;  /* "sts statefulset statefulsets", aliases of the kind too; NULL ends */
    const char *filter; /* "type=StatefulSet" */
};

struct kind {
    const char *name;    /* "pod" */
    const char *plural;  /* "pods": `:pods`, `get pods` */
    const char *aliases; /* "po" and the like, separated by spaces; may be "" */
    const char *title;   /* "Pods" */
    const char *help;    /* one sentence */
    bool namespaced;     /* keys are "namespace/name"; else "name" */
    bool guarded;        /* many may not read it (Secrets): what else is shown is whole without */
    bool beside;  /* what it tells is beside what others do: that its source is not well is no
                            trouble of the systems that look at it, the sources screen has it */
    bool joined;  /* made of other rows: what becomes of it is told of these already */
    bool unnamed; /* its rows' names say nothing: their sentences stand without them */
    const struct column *columns;
    size_t ncolumns;
    const struct rule *rules;
    size_t nrules;
    judge_fn *judge;      /* NULL: rows have no verdict (LEVEL_OFF) */
    says_fn *says;        /* NULL when judge is */
    says_lines_fn *draws; /* what its details draw of a row; NULL: nothing */
    const char *drawn;    /* the heading above that */
    derive_fn *derive;    /* NULL: no column is FOLD_DERIVED */
    const char *quotes;   /* kinds that its sentences quote and say little without; NULL: none */
    const char *sort;     /* default order: "level desc,namespace,name"; "level" is the verdict */
    const char *unheard;  /* a column with a value while the row does not answer: that others are
                            empty then is no change of theirs; NULL: there is none */
    const char *containers_log;    /* non-NULL: rows have logs; reserved word "pod" */
    const struct kind_part *parts; /* NULL: there are none */
};

/* Index of the named column, or -1. */
int kind_column(const struct kind *k, struct span name);

/* The filter of the part that a word means; NULL: it means all rows. */
const char *kind_part(const struct kind *k, struct span word);

/* What a row's key says: "ns/name", "ns/type/name" of a kind whose rows a column `type` names too (its
 * COLUMN_IDENT); of a kind without namespaces all of it is the name, slashes and all. */
struct key_parts {
    struct span ns, type, name; /* what there is none of is empty */
};

struct key_parts kind_key_parts(const struct kind *k, struct span key);

/* A set of kinds in a fixed order, as given to store_new(). */
struct kind_list {
    const struct kind *const *kinds;
    size_t count;
};

/* Index by name, plural or alias (ASCII case folded), or -1. Where a store is at hand,
 * store_kind_find() is quicker. */
int kind_find(const struct kind_list *list, struct span word);

#endif
