/* Rows that a script prints in JSON, into the columns of its kind. */
#include <config.h>

#include "backends/exec/exec.h"
#include "base/number.h"
#include "base/timetext.h"
#include "net/json.h"
#include "net/plain.h"

#include <stdio.h>

#define KEY_MAX    ((size_t)4 << 10)
#define FLUSH_ROWS 500

/* A row on its way. */
struct making {
    struct exec_rows *rows;
    struct strbuf scratch, key;
};

static void note(struct exec_rows *r, const char *fmt, ...) BN_PRINTF(2, 3);

/* The first counts: the others are mostly the same. */
static void note(struct exec_rows *r, const char *fmt, ...)
{
    va_list args;
    if (r->note[0])
        return;
    va_start(args, fmt);
    (void)vsnprintf(r->note, sizeof(r->note), fmt, args);
    va_end(args);
}

/* ---- Cells. */

/* ok, warning, ... or the numbers of monitoring plug-ins. */
static bool read_level(struct json_value v, struct strbuf *scratch, int64_t *out)
{
    static const enum level by_number[] = {LEVEL_OK, LEVEL_WARNING, LEVEL_CRITICAL, LEVEL_UNKNOWN};
    struct span text = json_as_text(v, scratch);
    int64_t number;
    if (json_as_int(v, &number) && number >= 0 && number < (int64_t)BN_COUNT(by_number)) {
        *out = by_number[number];
        return true;
    }
    for (int level = LEVEL_OFF; level < LEVEL_COUNT && text.len; level++) {
        *out = level;
        if (span_eq_nocase(text, span_from(level_name((enum level)level))))
            return true;
    }
    return false;
}

/* Rounded, within what a cell holds. */
static bool whole_of(double real, int64_t *out)
{
    if (!(real > -9e18 && real < 9e18))
        return false;
    *out = (int64_t)(real < 0 ? real - 0.5 : real + 0.5);
    return true;
}

static bool read_whole(struct json_value v, double scale, int64_t *out)
{
    double real;
    if (scale == 1 && json_as_int(v, out))
        return true;
    return json_as_real(v, &real) && whole_of(real * scale, out);
}

static bool read_num(struct json_value v, enum value_type type, struct strbuf *scratch,
                     int64_t *out)
{
    struct span text = json_as_text(v, scratch);
    if (type == VALUE_BOOL) {
        *out = v.type == JSON_TRUE;
        return v.type == JSON_TRUE || v.type == JSON_FALSE;
    }
    if (type == VALUE_LEVEL)
        return read_level(v, scratch, out);
    if (type == VALUE_DURATION)
        return read_whole(v, 1000, out) || duration_parse(text, out);
    if (type == VALUE_INSTANT)
        return read_whole(v, 1000, out) || time_parse(text, out);
    return read_whole(v, 1, out) || (type == VALUE_BYTES && quantity_parse(text, 1, out));
}

/* A text, or a number or truth as it stands there. */
static bool read_text(struct json_value v, struct strbuf *scratch, struct span *out)
{
    if (v.type == JSON_STRING)
        *out = json_as_text(v, scratch);
    else if (v.type == JSON_NUMBER || v.type == JSON_TRUE || v.type == JSON_FALSE)
        *out = json_whole(v);
    else
        return false;
    return true;
}

static bool put_list(struct making *m, size_t column, struct json_value v)
{
    struct strbuf all = STRBUF_INIT(ROW_TEXT_MAX);
    struct json_iter it;
    struct json_value one;
    struct span text;
    bool ok = true;
    for (json_iter_init(&it, v); ok && json_next(&it, NULL, &one);) {
        ok = read_text(one, &m->scratch, &text);
        if (ok && all.len)
            strbuf_addc(&all, LIST_SEPARATOR);
        if (ok)
            strbuf_add(&all, text);
    }
    if (ok && v.type != JSON_ARRAY && (ok = read_text(v, &m->scratch, &text)))
        strbuf_add(&all, text);
    if (ok)
        row_text(m->rows->out, column, strbuf_span(&all));
    strbuf_clear(&all);
    return ok;
}

static bool put_cell(struct making *m, size_t column, struct json_value v)
{
    struct row_writer *w = m->rows->out;
    enum value_type type = m->rows->kind->columns[column].type;
    struct span text;
    int64_t num;
    double real;
    if (type == VALUE_TEXT && read_text(v, &m->scratch, &text))
        row_text(w, column, text);
    else if (type == VALUE_LIST)
        return put_list(m, column, v);
    else if (value_type_is_real(type) && json_as_real(v, &real))
        row_real(w, column, real);
    else if (type == VALUE_QUANTITY && read_text(v, &m->scratch, &text) &&
             quantity_parse(text, 1000, &num))
        row_quantity(w, column, num, text);
    else if (type < VALUE_TEXT && !value_type_is_real(type) && read_num(v, type, &m->scratch, &num))
        row_num(w, column, num);
    else
        return false;
    return true;
}

static void put_member(struct making *m, struct json_value key, struct json_value value)
{
    struct strbuf name = STRBUF_INIT(KEY_MAX);
    struct span text = json_as_text(key, &name);
    int column = kind_column(m->rows->kind, text);
    if (column < 0)
        note(m->rows, "`%.*s` is none of its columns", SPAN_ARG(text));
    else if (m->rows->kind->columns[column].flags & COLUMN_IDENT)
        return; /* it stands in the key */
    else if (m->rows->kind->columns[column].since)
        note(m->rows, "`%.*s` is worked out, not said", SPAN_ARG(text));
    else if (value.type != JSON_NULL && !put_cell(m, (size_t)column, value))
        note(m->rows, "`%.*s` of %.*s is no %s", SPAN_ARG(text), SPAN_ARG(strbuf_span(&m->key)),
             value_type_name(m->rows->kind->columns[column].type));
    strbuf_clear(&name);
}

/* ---- Rows. */

/* "name", or "namespace/name". */
static bool make_key(struct making *m, struct json_value row)
{
    struct span text;
    strbuf_truncate(&m->key, 0);
    if (m->rows->kind->namespaced) {
        if (!read_text(json_get(row, "namespace"), &m->scratch, &text) ||
            span_find(text, '/', 0) < text.len)
            return false;
        strbuf_addf(&m->key, "%.*s/", SPAN_ARG(text));
    }
    if (!read_text(json_get(row, "name"), &m->scratch, &text) || !text.len)
        return false;
    strbuf_add(&m->key, text);
    return !m->key.failed;
}

static void put_names(struct making *m)
{
    struct span key = strbuf_span(&m->key);
    size_t name = EXEC_NAMES;
    if (m->rows->kind->namespaced) {
        size_t slash = span_find(key, '/', 0);
        row_text(m->rows->out, name++, span_sub(key, 0, slash));
        key = span_sub(key, slash + 1, key.len);
    }
    row_text(m->rows->out, name, key);
}

static bool put_row(struct making *m, struct json_value row, struct err *err)
{
    struct exec_rows *r = m->rows;
    struct json_iter it;
    struct json_value key, value;
    r->count++;
    if (row.type != JSON_OBJECT)
        return err_set(err, ERR_PROTO, "row %zu is no object", r->count);
    if (!make_key(m, row))
        return err_set(err, ERR_PROTO, "row %zu has no `name`%s", r->count,
                       r->kind->namespaced ? " or no `namespace`" : "");
    if (r->count > EXEC_ROWS_MAX)
        return err_set(err, ERR_PROTO, "there are more than %d rows", EXEC_ROWS_MAX);
    row_begin(r->out, strbuf_span(&m->key));
    put_names(m);
    for (json_iter_init(&it, row); json_next(&it, &key, &value);)
        put_member(m, key, value);
    if (!row_end(r->out))
        return err_set(err, ERR_PROTO, "row %zu is too long", r->count);
    return !r->poll || r->count % FLUSH_ROWS || poll_flush(r->poll) ||
           err_set(err, ERR_CANCELLED, "stopped");
}

static bool put_list_of_rows(struct making *m, struct json_value list, struct err *err)
{
    struct json_iter it;
    struct json_value row;
    bool ok = true;
    for (json_iter_init(&it, list); ok && json_next(&it, NULL, &row);)
        ok = put_row(m, row, err);
    return ok;
}

/* Each line a row: JSON Lines. */
static bool put_lines(struct making *m, struct span text, struct err *err)
{
    struct span rest = text, line;
    size_t number = 0;
    while (span_split(&rest, '\n', &line)) {
        char begin[40];
        number++;
        line = span_trim(line);
        if (!line.len)
            continue;
        if (!json_valid(line, NULL))
            return err_set(err, ERR_PROTO, "line %zu is no JSON: %s", number,
                           plain_text(line, begin, sizeof(begin)));
        if (!put_row(m, json_value(line), err))
            return false;
    }
    return true;
}

static bool read_whole_text(struct making *m, struct span text, struct err *err)
{
    struct json_value v = json_value(text);
    struct json_value rows = v.type == JSON_OBJECT ? json_get(v, "rows") : v;
    struct json_value said = v.type == JSON_OBJECT ? json_get(v, "note") : (struct json_value){0};
    if (!json_valid(text, NULL))
        return put_lines(m, text, err);
    if (said.type == JSON_STRING && rows.type == JSON_ARRAY) {
        struct span words = json_as_text(said, &m->scratch);
        (void)plain_text(words, m->rows->note, sizeof(m->rows->note));
    }
    if (rows.type == JSON_ARRAY)
        return put_list_of_rows(m, rows, err);
    if (v.type == JSON_OBJECT && rows.type == JSON_NONE)
        return put_row(m, v, err);
    return err_set(err, ERR_PROTO, "it printed JSON, but neither rows nor a list of them");
}

bool exec_rows_read(struct exec_rows *rows, struct span text, struct err *err)
{
    struct making m = {rows, STRBUF_INIT(ROW_TEXT_MAX), STRBUF_INIT(KEY_MAX)};
    rows->count = 0;
    rows->note[0] = '\0';
    text = span_trim(text);
    bool ok = text.len ? read_whole_text(&m, text, err)
                       : err_set(err, ERR_PROTO, "it printed nothing; no rows at all are `[]`");
    strbuf_clear(&m.scratch);
    strbuf_clear(&m.key);
    return ok;
}
