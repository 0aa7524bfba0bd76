/* Rows as table, CSV, JSON lines and items. */
#include <config.h>

#include "cli/rows.h"

#include <ctype.h>
#include <string.h>

#define CELL_MAX ((size_t)1 << 20)

size_t rows_count(const struct rows *r)
{
    return r->picked ? r->npicked : view_count(r->view);
}

struct handle rows_at(const struct rows *r, size_t i)
{
    return r->picked ? r->picked[i] : view_at(r->view, i);
}

/* ---- Columns. */

static bool is_usual(const struct rows *r, const struct column *c, enum rows_form form)
{
    if (form == ROWS_CSV)
        return true;
    if (c->flags & COLUMN_HIDDEN)
        return false;
    if ((c->flags & COLUMN_WIDE) && form != ROWS_WIDE)
        return false;
    return form == ROWS_MD || r->with_namespace || !span_is(span_from(c->name), "namespace");
}

/* The column that is written at this place or, counted up, the next one. False: there is none. */
static bool next_column(const struct rows_out *w, size_t *place, size_t *column)
{
    const struct rows *r = w->rows;
    if (r->columns) {
        *column = *place < r->ncolumns ? r->columns[*place] : 0;
        return *place < r->ncolumns;
    }
    while (*place < r->kind->ncolumns && !is_usual(r, &r->kind->columns[*place], w->form))
        ++*place;
    *column = *place;
    return *place < r->kind->ncolumns;
}

/* ---- Tables, as kubectl prints them. */

/* kubectl's header is the column's name in capitals. */
static void add_title(const struct column *c, struct strbuf *out)
{
    for (const char *p = c->name; *p; p++)
        strbuf_addc(out, *p == '_' ? '-' : (char)toupper((unsigned char)*p));
}

static void table_header(struct rows_out *w)
{
    for (size_t place = 0, c; !w->rows->no_headers && next_column(w, &place, &c); place++) {
        strbuf_truncate(&w->scratch, 0);
        add_title(&w->rows->kind->columns[c], &w->scratch);
        plain_cell(&w->plain, strbuf_span(&w->scratch));
    }
    if (!w->rows->no_headers)
        plain_end_row(&w->plain);
}

static void table_row(struct rows_out *w, struct handle row)
{
    const struct rows *r = w->rows;
    for (size_t place = 0, c; next_column(w, &place, &c); place++) {
        struct value v = store_cell(r->store, row, c, r->now_ms);
        strbuf_truncate(&w->scratch, 0);
        if (v.type == VALUE_ABSENT || (value_type_is_text(v.type) && !v.text.len))
            strbuf_adds(&w->scratch, "<none>");
        else
            value_format(&v, &w->scratch);
        plain_cell(&w->plain, strbuf_span(&w->scratch));
    }
    plain_end_row(&w->plain);
}

static void table_begin(struct rows_out *w)
{
    size_t n = 0;
    for (size_t place = 0, c; next_column(w, &place, &c); place++)
        n++;
    plain_init(&w->plain, &w->out->text, n);
    table_header(w);
}

/* ---- CSV. */

/* What a spreadsheet would take for a formula, and perhaps work out, gets an apostrophe before it.
 * Only texts: numbers may be below nothing. [OWASP, CSV Injection] */
static bool is_formula(struct span text)
{
    return text.len > 1 && strchr("=+-@", text.data[0]) != NULL;
}

/* RFC 4180: quoted where a comma, a quote or a line end would be misread. */
static void csv_field(struct rows_out *w, struct span text, bool free_text)
{
    struct strbuf *out = &w->out->text;
    strbuf_truncate(&w->visible, 0);
    if (free_text && is_formula(text))
        strbuf_addc(&w->visible, '\'');
    plain_visible(text, &w->visible);
    struct span v = strbuf_span(&w->visible);
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

static void csv_header(struct rows_out *w)
{
    for (size_t place = 0, c; !w->rows->no_headers && next_column(w, &place, &c); place++)
        strbuf_addf(&w->out->text, "%s,", w->rows->kind->columns[c].name);
    if (!w->rows->no_headers)
        strbuf_adds(&w->out->text, "level,says\r\n");
}

static void csv_row(struct rows_out *w, struct handle row)
{
    const struct rows *r = w->rows;
    struct strbuf *out = &w->out->text;
    for (size_t place = 0, c; next_column(w, &place, &c); place++) {
        struct value v = store_cell(r->store, row, c, r->now_ms);
        strbuf_truncate(&w->scratch, 0);
        if (v.type == VALUE_DURATION || v.type == VALUE_BYTES) /* base units: to count with */
            strbuf_addf(&w->scratch, "%lld", (long long)v.num);
        else if (v.type != VALUE_ABSENT)
            value_format(&v, &w->scratch);
        csv_field(w, strbuf_span(&w->scratch), value_type_is_text(v.type));
        strbuf_addc(out, ',');
    }
    strbuf_adds(out, level_name(store_verdict(r->store, row).level));
    strbuf_addc(out, ',');
    strbuf_truncate(&w->scratch, 0);
    store_says(r->store, row, r->now_ms, &w->scratch);
    csv_field(w, strbuf_span(&w->scratch), true);
    strbuf_adds(out, "\r\n");
}

/* ---- A table in Markdown. */

/* A bar would end the cell, and what stands for a bar must be told from what is one. */
static void md_cell(struct rows_out *w, struct span text)
{
    strbuf_truncate(&w->visible, 0);
    plain_visible(text, &w->visible);
    for (size_t i = 0; i < w->visible.len; i++) {
        if (w->visible.data[i] == '|' || w->visible.data[i] == '\\')
            strbuf_addc(&w->out->text, '\\');
        strbuf_addc(&w->out->text, w->visible.data[i]);
    }
    strbuf_adds(&w->out->text, " | ");
}

static void md_header(struct rows_out *w)
{
    struct strbuf line = STRBUF_INIT(4096);
    strbuf_adds(&w->out->text, "| ");
    for (size_t place = 0, c; next_column(w, &place, &c); place++) {
        md_cell(w, span_from(w->rows->kind->columns[c].title));
        strbuf_adds(&line, " --- |");
    }
    md_cell(w, SPAN("WHY"));
    strbuf_addf(&w->out->text, "\n|%s --- |\n", strbuf_cstr(&line));
    strbuf_clear(&line);
}

static void md_row(struct rows_out *w, struct handle row)
{
    const struct rows *r = w->rows;
    strbuf_adds(&w->out->text, "| ");
    for (size_t place = 0, c; next_column(w, &place, &c); place++) {
        struct value v = store_cell(r->store, row, c, r->now_ms);
        strbuf_truncate(&w->scratch, 0);
        value_format(&v, &w->scratch);
        md_cell(w, strbuf_span(&w->scratch));
    }
    strbuf_truncate(&w->scratch, 0);
    store_says(r->store, row, r->now_ms, &w->scratch);
    md_cell(w, strbuf_span(&w->scratch));
    strbuf_addc(&w->out->text, '\n');
}

/* ---- JSON and YAML. */

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

static void list_items(struct rows_out *w)
{
    if (w->items)
        return;
    w->items = true;
    data_key(&w->data, "items");
    data_array(&w->data);
}

/* ---- All of them. */

void rows_begin(struct rows_out *w, const struct rows *r, enum rows_form form, struct out *o)
{
    *w = (struct rows_out){.rows = r,
                           .form = form,
                           .out = o,
                           .scratch = STRBUF_INIT(CELL_MAX),
                           .visible = STRBUF_INIT(4 * CELL_MAX)};
    data_init(&w->data, &o->text, form == ROWS_YAML, form == ROWS_JSONL ? 0 : 2);
    if (form == ROWS_TABLE || form == ROWS_WIDE)
        table_begin(w);
    else if (form == ROWS_CSV)
        csv_header(w);
    else if (form == ROWS_MD)
        md_header(w);
    else if (form != ROWS_JSONL) {
        data_object(&w->data);
        data_key(&w->data, "schema");
        data_int(&w->data, 1);
    }
}

static void write_one(struct rows_out *w, struct handle row)
{
    switch (w->form) {
    case ROWS_TABLE:
    case ROWS_WIDE:
        table_row(w, row);
        break;
    case ROWS_CSV:
        csv_row(w, row);
        break;
    case ROWS_MD:
        md_row(w, row);
        break;
    case ROWS_JSONL:
        data_init(&w->data, &w->out->text, false, 0);
        write_row(w->rows, &w->data, row);
        data_end(&w->data);
        break;
    case ROWS_JSON:
    case ROWS_YAML:
        list_items(w);
        write_row(w->rows, &w->data, row);
        break;
    }
}

/* A table is gone through twice: the first round measures. */
static bool again(struct rows_out *w)
{
    if ((w->form != ROWS_TABLE && w->form != ROWS_WIDE) || w->plain.measured)
        return false;
    plain_measured(&w->plain);
    w->at = 0;
    table_header(w);
    return true;
}

bool rows_step(struct rows_out *w, size_t count)
{
    size_t all = rows_count(w->rows);
    for (; count && out_turn(w->out); count--) {
        if (w->at == all && (!again(w) || !all))
            return false;
        struct handle row = rows_at(w->rows, w->at++);
        if (store_alive(w->rows->store, row))
            write_one(w, row);
    }
    return !w->out->error;
}

void rows_end(struct rows_out *w)
{
    if (w->form == ROWS_JSON || w->form == ROWS_YAML) {
        list_items(w);
        data_array_end(&w->data);
        data_object_end(&w->data);
        data_end(&w->data);
    }
    strbuf_clear(&w->scratch);
    strbuf_clear(&w->visible);
}
