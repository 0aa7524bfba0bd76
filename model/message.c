/* Messages, and the records that batches are made of. A record is
 *   u8 op, u32 length of what follows, u32 key length, key,
 *   cells: u16 column + 1, u8 type, payload; u16 0 ends them,
 *   links: u8 type + 1, u8 flags, u8 kind length, kind, u32 key length, key; u8 0 ends.
 * They never leave the process, so numbers are in its own byte order. */
#include <config.h>

#include "model/message.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { OP_PUT = 1, OP_DROP = 2 };

#define HEAD_BYTES  (1 + 4)
#define INSTANT_MAX (INT64_MAX / 4)

const char *source_state_name(enum source_state state)
{
    switch (state) {
    case SOURCE_OFF:
        return "off";
    case SOURCE_FRESH:
        return "fresh";
    case SOURCE_CONNECTING:
        return "connecting";
    case SOURCE_PARTIAL:
        return "partial";
    case SOURCE_STALE:
        return "stale";
    case SOURCE_LOGIN:
        return "login";
    case SOURCE_DENIED:
        return "denied";
    case SOURCE_FAILING:
        return "failing";
    }
    return "?";
}

struct message *message_new(enum message_type type, uint16_t source, uint16_t kind)
{
    struct message *m = alloc_try_zero(1, sizeof(*m));
    if (!m)
        return NULL;
    m->type = type;
    m->source = source;
    m->kind = kind;
    m->report.proof_ms = m->report.retry_ms = TIME_NONE;
    return m;
}

void message_free(struct message *m)
{
    if (!m)
        return;
    free(m->bytes);
    free(m);
}

void row_writer_init(struct row_writer *w, const struct kind *kind, size_t limit)
{
    *w = (struct row_writer){.kind = kind, .bytes = STRBUF_INIT(limit)};
}

void row_writer_clear(struct row_writer *w)
{
    strbuf_clear(&w->bytes);
    w->rows = 0;
}

static void put(struct row_writer *w, const void *bytes, size_t len)
{
    strbuf_add(&w->bytes, span_make(bytes, len));
}

static void put_u8(struct row_writer *w, unsigned n)
{
    uint8_t byte = (uint8_t)n;
    put(w, &byte, 1);
}

static void put_u16(struct row_writer *w, size_t n)
{
    uint16_t two = (uint16_t)n;
    put(w, &two, 2);
}

static void put_span(struct row_writer *w, struct span s)
{
    uint32_t len = (uint32_t)s.len;
    put(w, &len, 4);
    put(w, s.data, s.len);
}

static void begin(struct row_writer *w, unsigned op, struct span key)
{
    uint32_t later = 0;
    w->start = w->bytes.len;
    w->failed = key.len > ROW_TEXT_MAX;
    w->links = 0;
    put_u8(w, op);
    put(w, &later, 4);
    put_span(w, w->failed ? (struct span){NULL, 0} : key);
}

void row_begin(struct row_writer *w, struct span key)
{
    begin(w, OP_PUT, key);
}

static void put_cell(struct row_writer *w, size_t column, enum value_type type)
{
    bn_assert(!w->links && column < w->kind->ncolumns);
    bn_assert(w->kind->columns[column].type == type);
    put_u16(w, column + 1);
    put_u8(w, type);
}

void row_num(struct row_writer *w, size_t column, int64_t num)
{
    enum value_type type = w->kind->columns[column].type;
    bn_assert(!value_type_is_text(type) && !value_type_is_real(type) && type != VALUE_QUANTITY);
    if (type == VALUE_INSTANT) /* so that no age overflows */
        num = num > INSTANT_MAX ? INSTANT_MAX : num < -INSTANT_MAX ? -INSTANT_MAX : num;
    put_cell(w, column, type);
    put(w, &num, 8);
}

void row_real(struct row_writer *w, size_t column, double real)
{
    enum value_type type = w->kind->columns[column].type;
    bn_assert(value_type_is_real(type));
    put_cell(w, column, type);
    put(w, &real, 8);
}

/* Cut at a character, bad bytes replaced. */
static void put_text(struct row_writer *w, struct span text)
{
    if (text.len > ROW_TEXT_MAX) {
        text.len = ROW_TEXT_MAX;
        while (text.len && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    if (utf8_valid(text)) {
        put_span(w, text);
        return;
    }
    struct strbuf good = STRBUF_INIT(ROW_TEXT_MAX * 3 + 16);
    (void)utf8_repair(text, &good);
    w->failed = w->failed || good.failed;
    put_span(w, strbuf_span(&good));
    strbuf_clear(&good);
}

void row_text(struct row_writer *w, size_t column, struct span text)
{
    enum value_type type = w->kind->columns[column].type;
    bn_assert(value_type_is_text(type));
    put_cell(w, column, type);
    put_text(w, text);
}

void row_quantity(struct row_writer *w, size_t column, int64_t thousandths, struct span text)
{
    put_cell(w, column, VALUE_QUANTITY);
    put(w, &thousandths, 8);
    put_text(w, text);
}

void row_link(struct row_writer *w, enum link_type type, unsigned flags, const char *kind,
              struct span key)
{
    size_t len = strlen(kind);
    if (w->links >= ROW_LINKS_MAX || !key.len || key.len > ROW_TEXT_MAX || len > UINT8_MAX)
        return;
    if (!w->links++)
        put_u16(w, 0);
    put_u8(w, (unsigned)type + 1);
    put_u8(w, flags);
    put_u8(w, (unsigned)len);
    put(w, kind, len);
    put_span(w, key);
}

bool row_end(struct row_writer *w)
{
    if (!w->links)
        put_u16(w, 0);
    put_u8(w, 0);
    if (w->failed || w->bytes.failed || w->bytes.len - w->start > ROW_MAX) {
        strbuf_truncate(&w->bytes, w->start);
        w->bytes.failed = false;
        return false;
    }
    uint32_t len = (uint32_t)(w->bytes.len - w->start - HEAD_BYTES);
    memcpy(w->bytes.data + w->start + 1, &len, 4);
    w->rows++;
    return true;
}

bool row_drop(struct row_writer *w, struct span key)
{
    begin(w, OP_DROP, key);
    return row_end(w);
}

struct message *row_writer_take(struct row_writer *w, uint16_t source, uint16_t kind)
{
    if (!w->rows)
        return NULL;
    struct message *m = message_new(MESSAGE_BATCH, source, kind);
    if (!m)
        return NULL;
    m->len = w->bytes.len;
    m->rows = w->rows;
    m->bytes = strbuf_take(&w->bytes);
    w->rows = 0;
    return m;
}

static uint32_t get_u32(const char *at)
{
    uint32_t n;
    memcpy(&n, at, 4);
    return n;
}

bool record_next(const struct message *m, size_t *at, struct record *out)
{
    if (*at >= m->len)
        return false;
    const char *p = m->bytes + *at;
    size_t len = get_u32(p + 1);
    bn_assert(*at + HEAD_BYTES + len <= m->len);
    out->drop = p[0] == OP_DROP;
    out->key = span_make(p + HEAD_BYTES + 4, get_u32(p + HEAD_BYTES));
    size_t skip = 4 + out->key.len;
    out->body = span_make(p + HEAD_BYTES + skip, len - skip);
    *at += HEAD_BYTES + len;
    return true;
}

bool record_cell_next(const struct record *r, size_t *at, struct record_cell *out)
{
    const char *p = r->body.data + *at;
    uint16_t column;
    memcpy(&column, p, 2);
    if (!column)
        return false;
    out->column = (uint16_t)(column - 1);
    out->value = (struct value){.type = (enum value_type)p[2]};
    p += 3;
    *at += 3;
    if (!value_type_is_text(out->value.type)) {
        memcpy(&out->value.num, p, 8);
        p += 8;
        *at += 8;
    }
    if (value_type_is_text(out->value.type) || out->value.type == VALUE_QUANTITY) {
        out->value.text = span_make(p + 4, get_u32(p));
        *at += 4 + out->value.text.len;
    }
    return true;
}

/* The two zero bytes that end the cells are skipped on the first call: a link's
 * first byte is never 0. */
bool record_link_next(const struct record *r, size_t *at, struct link *out)
{
    const char *p = r->body.data + *at;
    if (!p[0] && *at + 1 < r->body.len) {
        *at += 2;
        p += 2;
    }
    if (!p[0])
        return false;
    out->type = (enum link_type)(p[0] - 1);
    out->flags = (unsigned char)p[1];
    size_t n = (unsigned char)p[2];
    out->kind = span_make(p + 3, n);
    out->key = span_make(p + 3 + n + 4, get_u32(p + 3 + n));
    *at += 3 + n + 4 + out->key.len;
    return true;
}
