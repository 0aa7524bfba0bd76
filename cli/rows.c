/* Rows as table, CSV, JSON lines and items. */
#include <config.h>

#include "cli/rows.h"

#include "cli/plain.h"

#include <ctype.h>

#define CELL_MAX ((size_t)1 << 20)

size_t rows_count(const struct rows *r)
{
    return r->picked ? r->npicked : view_count(r->view);
}

struct handle rows_at(const struct rows *r, size_t i)
{
    return r->picked ? r->picked[i] : view_at(r->view, i);
}

static bool is_shown(const struct rows *r, const struct column *c, bool wide)
{
    if (c->flags & COLUMN_HIDDEN)
        return false;
    if ((c->flags & COLUMN_WIDE) && !wide)
        return false;
    return r->with_namespace || !span_is(span_from(c->name), "namespace");
}

/* kubectl's header is the column's name in capitals. */
static void add_title(const struct column *c, struct strbuf *out)
{
    for (const char *p = c->name; *p; p++)
        strbuf_addc(out, *p == '_' ? '-' : (char)toupper((unsigned char)*p));
}

static void add_cell(const struct rows *r, struct handle row, size_t column, struct strbuf *out)
{
    struct value v = store_cell(r->store, row, column, r->now_ms);
    if (v.type == VALUE_ABSENT || (value_type_is_text(v.type) && !v.text.len))
        strbuf_adds(out, "<none>");
    else
        value_format(&v, out);
}

static void table_header(const struct rows *r, bool wide, struct plain *p, struct strbuf *cell)
{
    for (size_t c = 0; c < r->kind->ncolumns && !r->no_headers; c++) {
        if (!is_shown(r, &r->kind->columns[c], wide))
            continue;
        strbuf_truncate(cell, 0);
        add_title(&r->kind->columns[c], cell);
        plain_cell(p, strbuf_span(cell));
    }
    if (!r->no_headers)
        plain_end_row(p);
}

static void table_round(const struct rows *r, bool wide, struct plain *p, struct out *o)
{
    struct strbuf cell = STRBUF_INIT(CELL_MAX);
    table_header(r, wide, p, &cell);
    for (size_t i = 0; i < rows_count(r) && out_turn(o); i++) {
        for (size_t c = 0; c < r->kind->ncolumns; c++) {
            if (!is_shown(r, &r->kind->columns[c], wide))
                continue;
            strbuf_truncate(&cell, 0);
            add_cell(r, rows_at(r, i), c, &cell);
            plain_cell(p, strbuf_span(&cell));
        }
        plain_end_row(p);
    }
    strbuf_clear(&cell);
}

void rows_write_table(const struct rows *r, bool wide, struct out *o)
{
    struct plain p;
    size_t ncolumns = 0;
    for (size_t c = 0; c < r->kind->ncolumns; c++)
        ncolumns += is_shown(r, &r->kind->columns[c], wide);
    plain_init(&p, &o->text, ncolumns);
    table_round(r, wide, &p, o);
    plain_measured(&p);
    table_round(r, wide, &p, o);
}

/* RFC 4180: quoted where a comma, a quote or a line end would be misread. */
static void csv_field(struct span text, struct strbuf *visible, struct strbuf *out)
{
    strbuf_truncate(visible, 0);
    plain_visible(text, visible);
    struct span v = strbuf_span(visible);
    if (span_find(v, ',', 0) == v.len && span_find(v, '"', 0) == v.len) {
        strbuf_add(out, v);
        return;
    }
    strbuf_addc(out, '"');
    for (size_t i = 0; i < v.len; i++) {
        if (v.data[i] == '"')
            strbuf_addc(out, '"');
        strbuf_addc(out, v.data[i]);
    }
    strbuf_addc(out, '"');
}

static void csv_row(const struct rows *r, struct handle row, struct strbuf *scratch,
                    struct strbuf *visible, struct strbuf *out)
{
    struct verdict v = store_verdict(r->store, row);
    for (size_t c = 0; c < r->kind->ncolumns; c++) {
        struct value cell = store_cell(r->store, row, c, r->now_ms);
        strbuf_truncate(scratch, 0);
        if (cell.type == VALUE_DURATION) /* base units: a spreadsheet counts with them */
            strbuf_addf(scratch, "%lld", (long long)cell.num);
        else if (cell.type == VALUE_BYTES)
            strbuf_addf(scratch, "%lld", (long long)cell.num);
        else if (cell.type != VALUE_ABSENT)
            value_format(&cell, scratch);
        csv_field(strbuf_span(scratch), visible, out);
        strbuf_addc(out, ',');
    }
    strbuf_adds(out, level_name(v.level));
    strbuf_addc(out, ',');
    strbuf_truncate(scratch, 0);
    store_says(r->store, row, r->now_ms, scratch);
    csv_field(strbuf_span(scratch), visible, out);
    strbuf_adds(out, "\r\n");
}

void rows_write_csv(const struct rows *r, struct out *o)
{
    struct strbuf scratch = STRBUF_INIT(CELL_MAX), visible = STRBUF_INIT(4 * CELL_MAX);
    for (size_t c = 0; c < r->kind->ncolumns && !r->no_headers; c++)
        strbuf_addf(&o->text, "%s,", r->kind->columns[c].name);
    if (!r->no_headers)
        strbuf_adds(&o->text, "level,says\r\n");
    for (size_t i = 0; i < rows_count(r) && out_turn(o); i++)
        csv_row(r, rows_at(r, i), &scratch, &visible, &o->text);
    strbuf_clear(&scratch);
    strbuf_clear(&visible);
}

static void write_list(struct data_out *d, struct span text)
{
    struct span one;
    data_array(d);
    while (text.len && span_split(&text, LIST_SEPARATOR, &one))
        data_text(d, one);
    data_array_end(d);
}

static void write_value(struct data_out *d, const struct value *v)
{
    switch (v->type) {
    case VALUE_ABSENT:
        data_null(d);
        break;
    case VALUE_BOOL:
        data_bool(d, v->num != 0);
        break;
    case VALUE_COUNT:
    case VALUE_BYTES:
    case VALUE_DURATION:
        data_int(d, v->num);
        break;
    case VALUE_RATIO:
    case VALUE_RATE:
        data_real(d, v->real);
        break;
    case VALUE_INSTANT:
        data_instant(d, v->num);
        break;
    case VALUE_LEVEL:
        data_cstr(d, level_name((enum level)v->num));
        break;
    case VALUE_TEXT:
        data_text(d, v->text);
        break;
    case VALUE_LIST:
        write_list(d, v->text);
        break;
    case VALUE_QUANTITY:
        data_real(d, (double)v->num / 1000);
        break;
    }
}

static void write_verdict(const struct rows *r, struct data_out *d, struct handle row)
{
    struct verdict v = store_verdict(r->store, row);
    bool ruled = v.level > LEVEL_OK && v.rule < r->kind->nrules;
    struct strbuf says = STRBUF_INIT(4096);
    store_says(r->store, row, r->now_ms, &says);
    data_key(d, "verdict");
    data_object(d);
    data_key(d, "level");
    data_cstr(d, level_name(v.level));
    data_key(d, "rule");
    data_cstr(d, ruled ? r->kind->rules[v.rule].id : NULL);
    data_key(d, "says");
    data_text(d, strbuf_span(&says));
    data_object_end(d);
    strbuf_clear(&says);
}

static void write_row(const struct rows *r, struct data_out *d, struct handle row)
{
    const struct source_info *source = store_source(r->store, store_row_source(r->store, row));
    data_object(d);
    data_key(d, "kind");
    data_cstr(d, r->kind->name);
    data_key(d, "cluster");
    data_cstr(d, source->cluster);
    data_key(d, "source");
    data_cstr(d, source->name);
    data_key(d, "key");
    data_text(d, store_key(r->store, row));
    for (size_t c = 0; c < r->kind->ncolumns; c++) {
        struct value v = store_cell(r->store, row, c, r->now_ms);
        data_key(d, r->kind->columns[c].name);
        write_value(d, &v);
    }
    write_verdict(r, d, row);
    data_key(d, "stale");
    data_bool(d, store_stale(r->store, row));
    data_object_end(d);
}

void rows_write_items(const struct rows *r, struct data_out *d, struct out *o)
{
    data_key(d, "items");
    data_array(d);
    for (size_t i = 0; i < rows_count(r) && out_turn(o); i++)
        write_row(r, d, rows_at(r, i));
    data_array_end(d);
}

void rows_write_jsonl(const struct rows *r, struct out *o)
{
    for (size_t i = 0; i < rows_count(r) && out_turn(o); i++) {
        struct data_out d;
        data_init(&d, &o->text, false, 0);
        write_row(r, &d, rows_at(r, i));
        data_end(&d);
    }
}
