/* How two rows of a view compare: what sorting and each change cost, so it reads the
 * packed cells themselves. */
#include <config.h>

#include "model/store_impl.h"
#include "model/view_impl.h"

#include <string.h>

static struct view_key key_of(const struct table *t, const struct view_sort *sort)
{
    struct view_key key = {.column = sort->column, .flip = sort->descending};
    if (sort->column == VIEW_COLUMN_LEVEL) {
        key.what = KEY_LEVEL;
        return key;
    }
    const struct column *c = &t->kind->columns[sort->column];
    if (c->since) { /* by its instant, which never changes; an age turned round */
        int from = kind_column(t->kind, span_from(c->since));
        bn_assert(from >= 0);
        key.column = (uint16_t)from;
        key.flip = c->flags & COLUMN_LEFT ? key.flip : !key.flip;
        c = &t->kind->columns[from];
    }
    key.what = value_type_is_text(c->type)   ? KEY_TEXT
               : value_type_is_real(c->type) ? KEY_REAL
                                             : KEY_NUM;
    return key;
}

void view_set_keys(struct view *v)
{
    const struct table *t = &v->store->tables[v->kind];
    v->order_columns = 0;
    for (size_t i = 0; i < v->spec.nsort; i++) {
        v->keys[i] = key_of(t, &v->spec.sort[i]);
        v->order_columns |=
            v->keys[i].what == KEY_LEVEL ? COLUMNS_LEVEL : UINT64_C(1) << v->keys[i].column;
    }
    v->columns = v->order_columns;
    if (v->spec.only_problems)
        v->columns |= COLUMNS_LEVEL;
    if (v->scope.is_within)
        v->columns = COLUMNS_ALL;
    if (v->filter)
        v->columns |= filter_columns(v->filter);
}

/* Interned texts that are the same need no look at their bytes. */
static int compare_texts(const struct store *st, const struct table *t, size_t column,
                         const struct cells *a, const struct cells *b)
{
    uint32_t x = cell_text_id(t, a, column);
    if (x && x == cell_text_id(t, b, column))
        return 0;
    return text_compare(cell_text(st, t, a, column), cell_text(st, t, b, column));
}

static int compare_cells(const struct view *v, const struct view_key *key, const struct cells *a,
                         const struct cells *b)
{
    const struct store *st = v->store;
    const struct table *t = &st->tables[v->kind];
    bool here = cell_present(a, key->column), there = cell_present(b, key->column);
    int64_t x, y;
    double p, q;
    if (!here || !there) /* what is not known stands last either way */
        return key->flip ? (int)here - (int)there : (int)there - (int)here;
    switch (key->what) {
    case KEY_TEXT:
        return compare_texts(st, t, key->column, a, b);
    case KEY_REAL:
        memcpy(&p, cell_at(t, a, key->column), sizeof(p));
        memcpy(&q, cell_at(t, b, key->column), sizeof(q));
        return (p > q) - (p < q);
    case KEY_NUM:
    case KEY_LEVEL:
        memcpy(&x, cell_at(t, a, key->column), sizeof(x));
        memcpy(&y, cell_at(t, b, key->column), sizeof(y));
        return (x > y) - (x < y);
    }
    return 0;
}

int view_compare(const struct view *v, struct handle a, struct handle b)
{
    const struct store *st = v->store;
    const struct row_head *x = row_known(st, a), *y = row_known(st, b);
    int order = 0;
    if (!x || !y) /* freed while a new order is being made: put right at its end */
        return x ? -1 : y ? 1 : (a.slot > b.slot) - (a.slot < b.slot);
    struct cells here = row_cells(st, x), there = row_cells(st, y);
    for (size_t i = 0; !order && i < v->spec.nsort; i++) {
        const struct view_key *key = &v->keys[i];
        if (key->what == KEY_LEVEL)
            order = (x->level > y->level) - (x->level < y->level);
        else
            order = compare_cells(v, key, &here, &there);
        order = key->flip ? -order : order;
    }
    if (!order)
        order = (x->source > y->source) - (x->source < y->source);
    if (!order && x->key != y->key)
        order = span_compare(intern_text(st->texts, x->key), intern_text(st->texts, y->key));
    return order ? order : (a.slot > b.slot) - (a.slot < b.slot);
}

int sort_key_compare(const struct sort_key *a, const struct sort_key *b)
{
    return memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
}

static bool add_byte(struct sort_key *key, bool flip, unsigned char byte)
{
    if (key->len == SORT_KEY_BYTES)
        return false;
    key->bytes[key->len++] = flip ? (unsigned char)~byte : byte;
    return true;
}

static bool add_number(struct sort_key *key, bool flip, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        if (!add_byte(key, flip, (unsigned char)(number >> shift)))
            return false;
    return true;
}

/* Bits that are ordered as the numbers are. */
static uint64_t real_bits(double real)
{
    uint64_t bits;
    real += 0.0; /* one zero */
    memcpy(&bits, &real, sizeof(bits));
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* A text ends with a byte that none has in it. Where case or a NUL decides, the key must
 * end: what comes behind would count too soon. */
static bool add_text(struct sort_key *key, bool flip, struct span text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool upper = byte >= 'A' && byte <= 'Z';
        plain = plain && !upper;
        if (!byte || !add_byte(key, flip, upper ? (unsigned char)(byte + 32) : byte))
            return false;
    }
    return add_byte(key, flip, 0) && plain;
}

static bool add_cell(const struct view *v, const struct view_key *k, const struct cells *cells,
                     struct sort_key *key)
{
    const struct store *st = v->store;
    const struct table *t = &st->tables[v->kind];
    bool present = cell_present(cells, k->column);
    int64_t num;
    double real;
    if (!add_byte(key, false, !present) || !present)
        return !present;
    switch (k->what) {
    case KEY_TEXT:
        return add_text(key, k->flip, cell_text(st, t, cells, k->column));
    case KEY_REAL:
        memcpy(&real, cell_at(t, cells, k->column), sizeof(real));
        return real == real && add_number(key, k->flip, real_bits(real));
    case KEY_NUM:
    case KEY_LEVEL:
        memcpy(&num, cell_at(t, cells, k->column), sizeof(num));
        return add_number(key, k->flip, (uint64_t)num ^ UINT64_C(1) << 63);
    }
    return false;
}

void view_sort_key(const struct view *v, struct handle row, struct sort_key *key)
{
    const struct row_head *head = row_known(v->store, row);
    key->len = 0;
    if (!head)
        return;
    struct cells cells = row_cells(v->store, head);
    for (size_t i = 0; i < v->spec.nsort; i++) {
        const struct view_key *k = &v->keys[i];
        bool fits = k->what == KEY_LEVEL ? add_byte(key, k->flip, head->level)
                                         : add_cell(v, k, &cells, key);
        if (!fits)
            return;
    }
}

void view_prefetch_head(const struct view *v, struct handle row)
{
    __builtin_prefetch(row_head(v->store, row));
}

void view_prefetch_cells(const struct view *v, struct handle row)
{
    const struct row_head *head = row_known(v->store, row);
    if (!head || head->cells == ROOMS_NONE) /* freed while a new order is being made */
        return;
    struct cells cells = row_cells(v->store, head);
    __builtin_prefetch(cells.bytes);
    __builtin_prefetch(cells.bytes + 64);
    intern_prefetch(v->store->texts, head->key);
}

void view_prefetch_texts(const struct view *v, struct handle row)
{
    const struct store *st = v->store;
    const struct row_head *head = row_known(st, row);
    if (!head)
        return;
    struct cells cells = row_cells(st, head);
    for (size_t i = 0; i < v->spec.nsort; i++)
        if (v->keys[i].what == KEY_TEXT)
            intern_prefetch(st->texts,
                            cell_text_id(&st->tables[v->kind], &cells, v->keys[i].column));
}
