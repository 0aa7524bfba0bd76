/* The filter's insides, for model/filter*.c alone. */
#ifndef BINNACLE_MODEL_FILTER_IMPL_H
#define BINNACLE_MODEL_FILTER_IMPL_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/filter.h"

#include <pcre2.h>

enum node_type {
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_WORD,  /* in any visible text */
    NODE_FUZZY, /* letters in order in any visible text */
    NODE_REGEX,
    NODE_COMPARE, /* a column with a value */
    NODE_TEXT,    /* a column with texts or globs */
    NODE_FLAG,
};

enum filter_op { OP_EQ, OP_NE, OP_LIKE, OP_UNLIKE, OP_LT, OP_LE, OP_GT, OP_GE };

enum filter_flag {
    FLAG_BAD,   /* UNKNOWN or worse */
    FLAG_LEVEL, /* at one level */
    FLAG_STALE,
    FLAG_CHANGED, /* within number ms */
    FLAG_MARKED,
    FLAG_PINNED,
    FLAG_HAS, /* column is there and not empty */
    FLAG_GONE,
};

#define COLUMN_LEVEL (-2) /* the verdict */
#define COLUMN_ANY   (-1)

struct filter_node {
    enum node_type type;
    enum filter_op op;
    enum filter_flag flag;
    int column; /* of the kind; COLUMN_ANY, COLUMN_LEVEL */
    bool exact_case;
    char separator;                   /* TEXT, REGEX of a column: of its items */
    double number;                    /* COMPARE; FLAG_CHANGED: ms; FLAG_LEVEL: the level */
    struct span text;                 /* WORD, FUZZY, TEXT: borrowed from the filter's own copy */
    pcre2_code *regex;                /* owned */
    struct filter_node *left, *right; /* owned; NOT: left */
    size_t offset, len;               /* in the text, for faults */
};

/* What is known of a text by id for one node: 2 bits. */
struct memo {
    uint8_t *bits; /* owned */
    uint32_t ids;
};

struct filter {
    const struct kind *kind;
    char *text;               /* owned copy, unescaped words point into it */
    struct filter_node *root; /* owned; NULL matches everything */
    struct filter_scope scope;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    bool too_costly;
    struct strbuf cell; /* scratch for formatted cells */
    int64_t now_ms;
    int64_t *until;
};

/* filter_parse.c */
struct filter_parser {
    const struct kind *kind;
    struct span text;
    size_t at;
    int depth, terms;
    bool lenient;
    struct filter_fault *faults;
    size_t max, nfaults;
    size_t where;
    struct err *err;
};

/* The tree of a text; NULL with p->err set when not lenient and faulty; *empty
 * when there is no term. */
struct filter_node *filter_parse(struct filter_parser *p, bool *empty);
void filter_node_free(struct filter_node *n);

/* filter_value.c: what stands behind an operator, by the column's type. False: fault. */
bool filter_value(const struct column *c, struct span text, double *out, struct err *err);
/* Shell glob with * and ?; case folded unless exact. */
bool filter_glob(struct span pattern, struct span text, bool exact_case);

#endif
