/* One buffer and an index of lines; when it is full the oldest quarter goes. */
#include <config.h>

#include "widgets/pager_text.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define TAB 8

void pager_text_init(struct pager_text *t, size_t byte_cap)
{
    *t = (struct pager_text){.byte_cap = byte_cap};
    t->bytes.limit = byte_cap + 2 * PAGER_LINE_MAX;
}

void pager_text_done(struct pager_text *t)
{
    strbuf_clear(&t->bytes);
    free(t->lines);
}

void pager_text_clear(struct pager_text *t)
{
    size_t byte_cap = t->byte_cap;
    pager_text_done(t);
    pager_text_init(t, byte_cap);
}

struct span pager_text_line(const struct pager_text *t, size_t i)
{
    bn_assert(i < t->count);
    return span_sub(strbuf_span(&t->bytes), t->lines[i].at, t->lines[i].len);
}

static void begin_line(struct pager_text *t)
{
    if (t->count == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->lines = xalloc_resize(t->lines, t->cap, sizeof(*t->lines));
    }
    t->lines[t->count++] = (struct pager_line){t->bytes.len, 0};
    t->open = true;
    t->column = 0;
}

static void end_line(struct pager_text *t)
{
    if (!t->open)
        begin_line(t);
    struct pager_line *line = &t->lines[t->count - 1];
    if (line->len && t->bytes.data[line->at + line->len - 1] == '\r')
        line->len--;
    t->open = false;
}

static void put(struct pager_text *t, char byte)
{
    if (!t->open)
        begin_line(t);
    struct pager_line *line = &t->lines[t->count - 1];
    bool starts = ((unsigned char)byte & 0xc0) != 0x80;
    if (line->len >= PAGER_LINE_MAX - 4 && starts) { /* cut between characters */
        end_line(t);
        begin_line(t);
        line = &t->lines[t->count - 1];
    } else if (line->len >= PAGER_LINE_MAX) {
        return;
    }
    strbuf_addc(&t->bytes, byte);
    line->len = t->bytes.len - line->at;
    t->column += starts;
}

static void put_pending(struct pager_text *t)
{
    size_t count = t->npending;
    t->npending = 0;
    for (size_t i = 0; i < count; i++)
        put(t, t->pending[i]);
}

/* True while the pending bytes may yet be a colour or a hyperlink. */
static bool may_be_colour(const struct pager_text *t, char next)
{
    if (t->npending == sizeof(t->pending))
        return false;
    if (t->npending == 1)
        return next == '[' || next == ']';
    if (t->pending[1] == ']')
        return (t->npending == 2 && next == '8') || (t->npending == 3 && next == ';');
    return (next >= '0' && next <= '9') || next == ';' || next == ':' || next == 'm';
}

static void take_escape(struct pager_text *t, char byte)
{
    if (!may_be_colour(t, byte)) {
        put_pending(t);
        if (byte == '\033')
            t->pending[t->npending++] = byte;
        else
            put(t, byte);
        return;
    }
    t->pending[t->npending++] = byte;
    if (byte == 'm' && t->pending[1] == '[')
        t->npending = 0;
    if (t->npending == 4 && t->pending[1] == ']') {
        t->npending = 0;
        t->in_link = true;
    }
}

/* The address of a hyperlink, up to BEL or ESC \. */
static void skip_link(struct pager_text *t, char byte)
{
    bool after_escape = t->npending == 1;
    t->npending = byte == '\033';
    t->pending[0] = byte;
    if (byte == '\a' || (after_escape && byte == '\\'))
        t->in_link = false;
}

static void take_byte(struct pager_text *t, char byte)
{
    if (byte == '\n') {
        t->in_link = false;
        put_pending(t);
        end_line(t);
    } else if (t->in_link) {
        skip_link(t, byte);
    } else if (t->npending) {
        take_escape(t, byte);
    } else if (byte == '\033') {
        t->pending[t->npending++] = byte;
    } else if (byte == '\t') {
        for (size_t blanks = TAB - (t->open ? t->column % TAB : 0); blanks; blanks--)
            put(t, ' ');
    } else {
        put(t, byte);
    }
}

/* Makes room by dropping whole lines, a quarter of the cap at once so that it
 * is rare. */
static size_t forget(struct pager_text *t)
{
    size_t drop = 0, goal = t->byte_cap - t->byte_cap / 4;
    if (t->bytes.len <= t->byte_cap)
        return 0;
    while (drop + 1 < t->count && t->bytes.len - t->lines[drop + 1].at > goal)
        drop++;
    drop += drop + 1 < t->count;
    size_t bytes = t->lines[drop].at;
    strbuf_consume(&t->bytes, bytes);
    t->count -= drop;
    memmove(t->lines, t->lines + drop, t->count * sizeof(*t->lines));
    for (size_t i = 0; i < t->count; i++)
        t->lines[i].at -= bytes;
    t->forgotten += drop;
    return drop;
}

size_t pager_text_add(struct pager_text *t, struct span bytes)
{
    size_t forgotten = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        take_byte(t, bytes.data[i]);
        if (t->bytes.len > t->byte_cap)
            forgotten += forget(t);
    }
    return forgotten;
}

void pager_text_drop(struct pager_text *t, size_t lines)
{
    bn_assert(!t->open || !lines);
    t->count -= lines < t->count ? lines : t->count;
    if (lines)
        strbuf_truncate(&t->bytes,
                        t->count ? t->lines[t->count - 1].at + t->lines[t->count - 1].len : 0);
}
