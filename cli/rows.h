/* Rows of a kind in the forms that `get` writes. */
#ifndef BINNACLE_CLI_ROWS_H
#define BINNACLE_CLI_ROWS_H

#include "cli/data_out.h"
#include "cli/out.h"
#include "model/view.h"

enum rows_form { ROWS_TABLE, ROWS_WIDE, ROWS_JSON, ROWS_JSONL, ROWS_CSV, ROWS_YAML };

struct rows {
    const struct store *store;
    const struct view *view;
    const struct kind *kind;
    int64_t now_ms;
    bool with_namespace; /* TABLE, WIDE */
    bool no_headers;
    const struct handle *picked; /* NULL: all of the view */
    size_t npicked;
};

size_t rows_count(const struct rows *r);
struct handle rows_at(const struct rows *r, size_t i);

void rows_write_table(const struct rows *r, bool wide, struct out *o);
void rows_write_csv(const struct rows *r, struct out *o);
void rows_write_jsonl(const struct rows *r, struct out *o);
/* The items of a list. */
void rows_write_items(const struct rows *r, struct data_out *d, struct out *o);

#endif
