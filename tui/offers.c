/* Values of rows for the fields of a form. */
#include <config.h>

#include "tui/offers.h"

#include "base/alloc.h"
#include "base/strbuf.h"
#include "tui/row_object.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  20000 /* that are looked at */
#define VALUE_MAX 253   /* bytes of a value that is offered */
#define SOURCE    "@source"

/* Fields that the action's row says nothing of: "KIND:COLUMN", as in actions/action.h. */
static const struct {
    const char *field, *from;
} others[] = {
    {"namespace", "namespace:name"},    {"store", "secretstore:name clustersecretstore:name"},
    {"storage", "backup-storage:name"}, {"vault", "vault:" SOURCE},
    {"mount", "vault-path:mount"},      {"path", "vault-path:path externalsecret:remote"},
    {"database", "mysql-db:name"},      {"user", "mysql-user:name"},
    {"host", "mysql-user:host"},
};

/* own: the kind is one that the action is about, whose columns need no kind before them. */
static int column_of(const struct kind *kind, struct span from, bool own)
{
    struct span rest = from, one;
    int column = -1;
    while (column < 0 && span_split(&rest, ' ', &one)) {
        size_t colon = span_find(one, ':', 0);
        if (colon == one.len)
            column = own ? kind_column(kind, one) : -1;
        else if (span_is(span_sub(one, 0, colon), kind->name))
            column = kind_column(kind, span_sub(one, colon + 1, one.len));
    }
    return column;
}

int offers_column(const struct kind *kind, const struct field *f)
{
    return column_of(kind, span_from(f->column), true);
}

static struct span from_of(const struct field *f)
{
    for (size_t i = 0; !f->column && i < BN_COUNT(others); i++)
        if (strcmp(others[i].field, f->name) == 0)
            return span_from(others[i].from);
    return span_from(f->column);
}

/* ---- Those that are found. */

static size_t place_of(const struct offers *o, struct span value)
{
    size_t at = 0;
    while (at < o->count && span_compare(span_from(o->all[at]), value) < 0)
        at++;
    return at;
}

static bool is_plain(struct span value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7f)
            return false;
    return value.len > 0 && value.len <= VALUE_MAX;
}

static void put(struct offers *o, struct span value)
{
    size_t at = place_of(o, value);
    if (!is_plain(value) || at == OFFERS_MAX || (at < o->count && span_is(value, o->all[at])))
        return;
    if (o->count == OFFERS_MAX)
        free(o->all[--o->count]);
    memmove(o->all + at + 1, o->all + at, (o->count - at) * sizeof(o->all[0]));
    o->all[at] = xalloc_bytes(value.data, value.len);
    o->count++;
}

void offers_clear(struct offers *o)
{
    for (size_t i = 0; i < o->count; i++)
        free(o->all[i]);
    o->count = 0;
}

/* Those that begin so come first; each part stays in its order. */
static void bring_forward(struct offers *o, struct span text)
{
    char *sorted[OFFERS_MAX];
    size_t n = 0;
    for (int begins = 1; begins >= 0; begins--)
        for (size_t i = 0; i < o->count; i++)
            if ((span_search(span_from(o->all[i]), text, true) == 0) == (begins == 1))
                sorted[n++] = o->all[i];
    memcpy(o->all, sorted, n * sizeof(sorted[0]));
}

/* ---- Where they are looked for. */

struct search {
    const struct store *st;
    const struct form *form;
    size_t field;
    const char *ns;
    struct span text;
    struct offers *out;
    size_t left; /* rows that may be looked at yet */
};

static const struct field *field_at(const struct search *s, size_t i)
{
    return &s->form->action->fields[i];
}

static void cell_text(const struct search *s, struct handle row, size_t column, struct strbuf *out)
{
    struct value v = store_cell(s->st, row, column, 0);
    strbuf_truncate(out, 0);
    if (v.type == VALUE_LIST)
        strbuf_add(out, v.text);
    else if (v.type != VALUE_ABSENT)
        value_format(&v, out);
}

/* What the other fields say is so in the row, where it has such a column. */
static bool fits(const struct search *s, const struct kind *kind, struct handle row)
{
    struct strbuf cell = STRBUF_INIT(4096);
    bool ok = true, own = span_lists(span_from(s->form->action->kind), ' ', span_from(kind->name));
    for (size_t i = 0; ok && i < s->form->count; i++) {
        const struct field *f = field_at(s, i);
        bool ns = strcmp(f->name, "namespace") == 0;
        int column = ns ? kind_column(kind, SPAN("namespace")) : column_of(kind, from_of(f), own);
        struct span said = form_text(s->form, i);
        if (ns && !said.len)
            said = span_from(s->ns);
        if (i == s->field || column < 0 || !said.len || s->form->asked[i])
            continue;
        cell_text(s, row, (size_t)column, &cell);
        ok = span_eq_nocase(strbuf_span(&cell), said) || !cell.len;
    }
    strbuf_clear(&cell);
    return ok;
}

/* Of a list each part. */
static void take(const struct search *s, struct span value)
{
    struct span one;
    while (span_split(&value, LIST_SEPARATOR, &one))
        if (span_search(one, s->text, true) < one.len || !s->text.len)
            put(s->out, one);
}

/* Of an object of the cluster its own key, else how its source is called. */
static void take_source(const struct search *s, const struct kind *kind, struct handle row)
{
    if (!row_is_object(kind))
        take(s, span_from(store_source(s->st, store_row_source(s->st, row))->name));
    else if (kind->namespaced)
        take(s, store_key(s->st, row));
}

/* column NULL: the rows' source. */
static void look_in(struct search *s, int which, const char *column)
{
    const struct kind *kind = which >= 0 ? store_kind(s->st, (uint16_t)which) : NULL;
    int at = kind && column ? kind_column(kind, span_from(column)) : -1;
    struct strbuf cell = STRBUF_INIT(4096);
    struct handle row;
    uint32_t next = 0;
    while (kind && (at >= 0 || !column) && s->left &&
           store_next(s->st, (uint16_t)which, &next, &row)) {
        s->left--;
        if (!column)
            take_source(s, kind, row);
        else if (fits(s, kind, row)) {
            cell_text(s, row, (size_t)at, &cell);
            take(s, strbuf_span(&cell));
        }
    }
    strbuf_clear(&cell);
}

/* "COLUMN", "KIND:COLUMN", "@source"; without a kind of those that the action is about. */
static void look_for(struct search *s, struct span from)
{
    char column[64];
    size_t colon = span_find(from, ':', 0);
    bool own = colon == from.len;
    struct span name = own ? from : span_sub(from, colon + 1, from.len), one,
                kinds = own ? span_from(s->form->action->kind) : span_sub(from, 0, colon);
    if (name.len >= sizeof(column))
        return;
    memcpy(column, name.data, name.len);
    column[name.len] = '\0';
    while (span_split(&kinds, ' ', &one))
        look_in(s, kind_find(store_kinds(s->st), one), strcmp(column, SOURCE) == 0 ? NULL : column);
}

/* OBJECT_FIELDS: names of what `resource` says. */
static bool look_for_object(struct search *s, const struct field *f)
{
    bool object = strcmp(field_at(s, 0)->name, "resource") == 0 && strcmp(f->name, "name") == 0;
    if (object && form_text(s->form, 0).len)
        look_in(s, kind_find(store_kinds(s->st), form_text(s->form, 0)), "name");
    return object;
}

void offers_of(const struct store *st, const struct form *f, size_t i, const char *ns,
               struct span text, struct offers *out)
{
    const struct field *field = &f->action->fields[i];
    struct search s = {st, f, i, ns, text, out, ROWS_MAX};
    struct span rest = from_of(field), one;
    offers_clear(out);
    if (field->type == FIELD_CHOICE || field->type == FIELD_SECRET || f->asked[i] ||
        look_for_object(&s, field)) {
        bring_forward(out, text);
        return;
    }
    while (span_split(&rest, ' ', &one))
        look_for(&s, one);
    bring_forward(out, text);
}
