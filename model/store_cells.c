/* Packed cells. A text is an id of four bytes: of an interned text, or of so many bytes at the
 * end of the row's key, which a name is. What no two rows share (COLUMN_ALONE) stands in the
 * row itself. */
#include <config.h>

#include "model/store_impl.h"

#include <string.h>

#define ID_BYTES  4
#define TAIL      (UINT32_C(1) << 31) /* of the key; INTERN_ID_MAX is below */
#define ELSEWHERE UINT8_MAX           /* in the place of a length: an id follows */

_Static_assert(INTERN_ID_MAX < TAIL, "an id is told from a part of a key");

static bool is_alone(const struct column *c)
{
    return c->flags & COLUMN_ALONE;
}

/* A length and room for so many bytes. */
static size_t alone_room(const struct column *c)
{
    return c->width > ID_BYTES ? c->width : ID_BYTES;
}

bool cell_has_text(enum value_type type)
{
    return value_type_is_text(type) || type == VALUE_QUANTITY;
}

size_t cell_size(const struct column *c)
{
    if (value_type_is_text(c->type))
        return is_alone(c) ? 1 + alone_room(c) : ID_BYTES;
    return c->type == VALUE_QUANTITY ? 8 + ID_BYTES : 8;
}

bool cell_present(const unsigned char *cells, size_t column)
{
    return cells[column / 8] >> (column % 8) & 1;
}

void cell_set_present(unsigned char *cells, size_t column, bool present)
{
    unsigned char bit = (unsigned char)(1u << (column % 8));
    cells[column / 8] =
        (unsigned char)(present ? cells[column / 8] | bit : cells[column / 8] & ~bit);
}

static uint32_t id_at(const unsigned char *at)
{
    uint32_t id;
    memcpy(&id, at, sizeof(id));
    return id;
}

/* Where a column has its text. */
static size_t text_place(const struct table *t, size_t column)
{
    return t->offsets[column] + (t->kind->columns[column].type == VALUE_QUANTITY ? 8u : 0u);
}

struct span cell_text(const struct store *st, const struct table *t, const unsigned char *cells,
                      size_t column)
{
    const unsigned char *at = cells + text_place(t, column);
    if (is_alone(&t->kind->columns[column]) && *at++ != ELSEWHERE)
        return (struct span){(const char *)at, at[-1]};
    uint32_t id = id_at(at);
    if (!(id & TAIL))
        return intern_text(st->texts, id);
    const struct row_head *head = (const void *)(cells - sizeof(*head));
    struct span key = intern_text(st->texts, head->key);
    return span_sub(key, key.len - (id & ~TAIL), key.len);
}

struct value cell_read(const struct store *st, const struct table *t, const unsigned char *cells,
                       size_t column)
{
    struct value v = {.type = VALUE_ABSENT};
    if (!cell_present(cells, column))
        return v;
    v.type = t->kind->columns[column].type;
    if (!value_type_is_text(v.type))
        memcpy(&v.num, cells + t->offsets[column], 8);
    if (cell_has_text(v.type))
        v.text = cell_text(st, t, cells, column);
    return v;
}

uint32_t cell_text_id(const struct table *t, const unsigned char *cells, size_t column)
{
    const struct column *c = &t->kind->columns[column];
    const unsigned char *at = cells + text_place(t, column);
    if (!cell_present(cells, column) || (is_alone(c) && *at++ != ELSEWHERE))
        return 0;
    uint32_t id = id_at(at);
    return id & TAIL ? 0 : id;
}

static bool ends_key(const struct store *st, const unsigned char *cells, struct span text)
{
    const struct row_head *head = (const void *)(cells - sizeof(*head));
    struct span key = intern_text(st->texts, head->key);
    return text.len <= key.len && span_eq(span_sub(key, key.len - text.len, key.len), text);
}

bool cell_set_text(struct store *st, const struct table *t, unsigned char *cells,
                   const unsigned char *old, size_t column, struct span text)
{
    const struct column *c = &t->kind->columns[column];
    unsigned char *at = cells + text_place(t, column);
    uint32_t own = cell_text_id(t, old, column), id = 0;
    uint32_t before = cell_text_id(t, cells, column); /* told twice: the last counts */
    bool alone = is_alone(c) && text.len <= alone_room(c) && text.len < ELSEWHERE;
    bool tail = (c->flags & COLUMN_IDENT) && ends_key(st, cells, text);
    if (tail)
        id = TAIL | (uint32_t)text.len;
    else if (own && span_eq(intern_text(st->texts, own), text))
        id = own;
    else if (!alone)
        id = intern_add(st->texts, text);
    if (!id && !alone)
        return false;
    if (before != own)
        intern_drop(st->texts, before);
    memset(at, 0, cell_size(c) - (size_t)(at - cells - t->offsets[column]));
    if (is_alone(c))
        *at++ = alone ? (unsigned char)text.len : ELSEWHERE;
    if (!alone)
        memcpy(at, &id, sizeof(id));
    else if (text.len)
        memcpy(at, text.data, text.len);
    return true;
}

void cells_drop(struct store *st, const struct table *t, const unsigned char *cells,
                const unsigned char *other)
{
    for (size_t i = 0; i < t->ntexts; i++) {
        uint32_t id = cell_text_id(t, cells, t->texts[i]);
        if (id && (!other || id != cell_text_id(t, other, t->texts[i])))
            intern_drop(st->texts, id);
    }
}
