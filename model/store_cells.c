/* Packed cells. A text is an id of four bytes: of an interned text, or of so many bytes at the
 * end of the row's key, which a name is. What no two rows share (COLUMN_ALONE) stands in the
 * row itself. */
#include <config.h>

#include "base/alloc.h"
#include "model/store_impl.h"

#include <string.h>

#define ID_BYTES  4
#define TAIL      (UINT32_C(1) << 31) /* of the key; INTERN_ID_MAX is below */
#define ELSEWHERE UINT8_MAX           /* in the place of a length: an id follows */

_Static_assert(INTERN_ID_MAX < TAIL, "an id is told from a part of a key");

static bool is_alone(const struct column *col)
{
    return col->flags & COLUMN_ALONE;
}

/* A length and room for so many bytes. */
static size_t alone_room(const struct column *col)
{
    return col->width > ID_BYTES ? col->width : ID_BYTES;
}

bool cell_has_text(enum value_type type)
{
    return value_type_is_text(type) || type == VALUE_QUANTITY;
}

size_t cell_size(const struct column *col)
{
    if (value_type_is_text(col->type))
        return is_alone(col) ? 1 + alone_room(col) : ID_BYTES;
    return col->type == VALUE_QUANTITY ? 8 + ID_BYTES : 8;
}

bool cells_init(struct table *t)
{
    t->bytes = alloc_try_zero(t->kind->ncolumns / 8 + 1, sizeof(*t->bytes));
    if (!t->bytes)
        return false;
    for (size_t i = 0; i < t->kind->ncolumns; i++) {
        const struct column *col = &t->kind->columns[i];
        if (col->since)
            continue;
        for (size_t set = 0; set < 256; set++)
            if (set >> i % 8 & 1)
                t->bytes[i / 8][set] = (uint16_t)(t->bytes[i / 8][set] + cell_size(col));
        t->folded |= (uint64_t)(col->fold != NULL) << i;
        t->texts |= (uint64_t)cell_has_text(col->type) << i;
    }
    return true;
}

static uint32_t units_of(const struct table *t, uint64_t present)
{
    return (uint32_t)((cells_size(t, present) + CELL_UNIT - 1) / CELL_UNIT);
}

/* Where a column has its text. */
static unsigned char *text_at(const struct table *t, const struct cells *c, size_t column)
{
    return cell_at(t, c, column) + (t->kind->columns[column].type == VALUE_QUANTITY ? 8 : 0);
}

static uint32_t id_at(const unsigned char *at)
{
    uint32_t id;
    memcpy(&id, at, sizeof(id));
    return id;
}

struct span cell_text(const struct store *st, const struct table *t, const struct cells *c,
                      size_t column)
{
    const unsigned char *at = text_at(t, c, column);
    if (is_alone(&t->kind->columns[column]) && *at++ != ELSEWHERE)
        return (struct span){(const char *)at, at[-1]};
    uint32_t id = id_at(at);
    if (!(id & TAIL))
        return intern_text(st->texts, id);
    struct span key = intern_text(st->texts, c->key);
    return span_sub(key, key.len - (id & ~TAIL), key.len);
}

struct value cell_read(const struct store *st, const struct table *t, const struct cells *c,
                       size_t column)
{
    struct value v = {.type = VALUE_ABSENT};
    if (!cell_present(c, column))
        return v;
    v.type = t->kind->columns[column].type;
    if (!value_type_is_text(v.type))
        memcpy(&v.num, cell_at(t, c, column), 8);
    if (cell_has_text(v.type))
        v.text = cell_text(st, t, c, column);
    return v;
}

uint32_t cell_text_id(const struct table *t, const struct cells *c, size_t column)
{
    if (!cell_present(c, column))
        return 0;
    const unsigned char *at = text_at(t, c, column);
    bn_assert(at != NULL);
    if (is_alone(&t->kind->columns[column]) && *at++ != ELSEWHERE)
        return 0;
    uint32_t id = id_at(at);
    return id & TAIL ? 0 : id;
}

static bool ends_key(const struct store *st, const struct cells *c, struct span text)
{
    struct span key = intern_text(st->texts, c->key);
    return text.len <= key.len && span_eq(span_sub(key, key.len - text.len, key.len), text);
}

bool cell_set_text(struct store *st, const struct table *t, struct cells *c,
                   const struct cells *old, size_t column, struct span text)
{
    const struct column *col = &t->kind->columns[column];
    unsigned char *at = text_at(t, c, column);
    uint32_t own = cell_text_id(t, old, column), id = 0;
    uint32_t before = cell_text_id(t, c, column); /* told twice: the last counts */
    bool alone = is_alone(col) && text.len <= alone_room(col) && text.len < ELSEWHERE;
    if ((col->flags & COLUMN_IDENT) && ends_key(st, c, text))
        id = TAIL | (uint32_t)text.len;
    else if (own && span_eq(intern_text(st->texts, own), text))
        id = own;
    else if (!alone)
        id = intern_add(st->texts, text);
    if (!id && !alone)
        return false;
    if (before != own)
        intern_drop(st->texts, before);
    if (is_alone(col)) {
        memset(at, 0, cell_size(col));
        *at++ = id ? ELSEWHERE : (unsigned char)text.len;
    }
    if (id)
        memcpy(at, &id, sizeof(id));
    else if (text.len)
        memcpy(at, text.data, text.len);
    return true;
}

void cells_drop(struct store *st, const struct table *t, const struct cells *c,
                const struct cells *other)
{
    for (uint64_t left = c->present & t->texts; left; left &= left - 1) {
        size_t column = (size_t)__builtin_ctzll(left);
        uint32_t id = cell_text_id(t, c, column);
        if (id && (!other || id != cell_text_id(t, other, column)))
            intern_drop(st->texts, id);
    }
}

bool cells_replace(struct store *st, const struct table *t, struct row_head *head,
                   const struct cells *packed)
{
    struct cells old = row_cells(st, head);
    uint32_t had = head->cells == ROOMS_NONE ? 0 : units_of(t, head->present);
    uint32_t units = units_of(t, packed->present), room = head->cells;
    if (units != had)
        room = units ? rooms_take(&st->cells, units) : ROOMS_NONE;
    if (units && room == ROOMS_NONE) {
        cells_drop(st, t, packed, &old);
        return false;
    }
    cells_drop(st, t, &old, packed);
    if (units != had && had)
        rooms_give(&st->cells, head->cells, had);
    head->cells = room;
    head->present = packed->present;
    if (units)
        memcpy(rooms_at(&st->cells, room), packed->bytes, cells_size(t, packed->present));
    return true;
}

void cells_free(struct store *st, const struct table *t, struct row_head *head)
{
    struct cells c = row_cells(st, head);
    cells_drop(st, t, &c, NULL);
    if (c.bytes)
        rooms_give(&st->cells, head->cells, units_of(t, head->present));
    head->cells = ROOMS_NONE;
    head->present = 0;
}
