/* Rows of a kind in the forms that `get` writes. */
#ifndef BINNACLE_CLI_ROWS_H
#define BINNACLE_CLI_ROWS_H

#include "cli/data_out.h"
#include "cli/out.h"
#include "cli/plain.h"
#include "model/view.h"

/* In the order of ROWS_FORMS. */
enum rows_form { ROWS_TABLE, ROWS_WIDE, ROWS_JSON, ROWS_JSONL, ROWS_CSV, ROWS_YAML, ROWS_MD };

#define ROWS_FORMS "table|wide|json|jsonl|csv|yaml|md"

struct rows {
    const struct store *store;
    const struct view *view;
    const struct kind *kind;
    int64_t now_ms;
    bool with_namespace; /* TABLE, WIDE */
    bool no_headers;
    const struct handle *picked; /* NULL: all of the view; those that are gone are left out */
    size_t npicked;
    const uint16_t
        *columns; /* TABLE, WIDE, CSV, MD: these in this order; NULL: as usual for those */
    size_t ncolumns;
};

/* Rows on their way out, some at a time. */
struct rows_out {
    const struct rows *rows; /* borrowed, as what follows */
    enum rows_form form;
    struct out *out;
    struct plain plain;             /* TABLE, WIDE */
    struct data_out data;           /* JSON, YAML: a list, in which members may be put first */
    struct strbuf scratch, visible; /* of a cell */
    size_t at;
    bool items; /* JSON, YAML: they have begun */
};

size_t rows_count(const struct rows *r);
struct handle rows_at(const struct rows *r, size_t i);

/* JSON and YAML begin an object with `schema`; what else is said of the list is put into w->data
 * before rows_step(). */
void rows_begin(struct rows_out *w, const struct rows *r, enum rows_form form, struct out *o);
/* Writes at most so many more. False: all are written, or nobody takes them any more. */
bool rows_step(struct rows_out *w, size_t count);
void rows_end(struct rows_out *w);

#endif
