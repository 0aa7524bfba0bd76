/* Growing text with a ceiling. */
#include <config.h>

#include "base/strbuf.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64
#define WIPED_MAX ((size_t)1 << 20)

/* Small buffers leave nothing behind when they move: the text may be a secret,
 * and strbuf_wipe() can reach only the last place. */
static bool move_to(struct strbuf *sb, size_t cap)
{
    char *data;
    if (sb->cap > WIPED_MAX) {
        data = alloc_try_resize(sb->data, cap, 1);
    } else {
        data = alloc_try(cap);
        if (data && sb->data) {
            memcpy(data, sb->data, sb->len);
            alloc_wipe(sb->data, sb->cap);
            free(sb->data);
        }
    }
    if (!data) {
        sb->failed = true;
        return false;
    }
    data[sb->len] = '\0';
    sb->data = data;
    sb->cap = cap;
    return true;
}

char *strbuf_reserve(struct strbuf *sb, size_t len)
{
    if (sb->failed)
        return NULL;
    if (sb->len > sb->limit || len > sb->limit - sb->len) {
        sb->failed = true;
        return NULL;
    }
    size_t need = sb->len + len + 1;
    if (need > sb->cap) {
        size_t cap = sb->cap ? sb->cap : FIRST_CAP;
        while (cap < need)
            cap = cap > SIZE_MAX / 2 ? need : cap * 2;
        if (cap > sb->limit)
            cap = need > sb->limit ? need : sb->limit + 1;
        if (!move_to(sb, cap))
            return NULL;
    }
    return sb->data + sb->len;
}

void strbuf_commit(struct strbuf *sb, size_t len)
{
    sb->len += len;
    sb->data[sb->len] = '\0';
}

void strbuf_add(struct strbuf *sb, struct span text)
{
    bool fits = !sb->failed && sb->cap - sb->len > text.len; /* cap is within the limit */
    char *to = fits ? sb->data + sb->len : strbuf_reserve(sb, text.len);
    if (!to)
        return;
    if (text.len)
        memcpy(to, text.data, text.len);
    sb->len += text.len;
    sb->data[sb->len] = '\0';
}

void strbuf_adds(struct strbuf *sb, const char *text)
{
    strbuf_add(sb, span_from(text));
}

void strbuf_addc(struct strbuf *sb, char c)
{
    strbuf_add(sb, span_make(&c, 1));
}

void strbuf_fill(struct strbuf *sb, char c, size_t count)
{
    char *to = strbuf_reserve(sb, count);
    if (!to)
        return;
    memset(to, c, count);
    strbuf_commit(sb, count);
}

void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list args)
{
    char small[512];
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(small, sizeof(small), fmt, args);
    if (n < 0) {
        sb->failed = true;
    } else if ((size_t)n < sizeof(small)) {
        strbuf_add(sb, span_make(small, (size_t)n));
    } else {
        char *to = strbuf_reserve(sb, (size_t)n);
        if (to) {
            (void)vsnprintf(to, (size_t)n + 1, fmt, again);
            strbuf_commit(sb, (size_t)n);
        }
    }
    va_end(again);
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    strbuf_vaddf(sb, fmt, args);
    va_end(args);
}

void strbuf_consume(struct strbuf *sb, size_t len)
{
    if (!sb->len)
        return;
    if (len > sb->len)
        len = sb->len;
    memmove(sb->data, sb->data + len, sb->len - len + 1);
    sb->len -= len;
}

void strbuf_truncate(struct strbuf *sb, size_t len)
{
    if (len < sb->len) {
        sb->len = len;
        sb->data[len] = '\0';
    }
    if (!len)
        sb->failed = false;
}

const char *strbuf_cstr(const struct strbuf *sb)
{
    return sb->data ? sb->data : "";
}

struct span strbuf_span(const struct strbuf *sb)
{
    return span_make(strbuf_cstr(sb), sb->len);
}

char *strbuf_take(struct strbuf *sb)
{
    char *text = NULL;
    if (!sb->failed)
        text = sb->data ? sb->data : calloc(1, 1);
    if (text)
        sb->data = NULL;
    strbuf_clear(sb);
    return text;
}

void strbuf_clear(struct strbuf *sb)
{
    free(sb->data);
    sb->data = NULL;
    sb->len = sb->cap = 0;
    sb->failed = false;
}

void strbuf_wipe(struct strbuf *sb)
{
    if (sb->data)
        alloc_wipe(sb->data, sb->cap);
    strbuf_clear(sb);
}

/* A password may hold all that ends a host: what stands before the last @ is hidden. */
void strbuf_add_address(struct strbuf *s, struct span address)
{
    size_t scheme = span_search(address, SPAN("://"), false);
    size_t host = scheme < address.len ? scheme + 3 : 0, at = span_find_last(address, '@');
    if (at < address.len && at >= host) {
        strbuf_add(s, span_sub(address, 0, host));
        strbuf_adds(s, "***");
        address = span_sub(address, at, address.len);
    }
    size_t query = span_find(address, '?', 0);
    strbuf_add(s, span_sub(address, 0, query));
    if (query < address.len)
        strbuf_adds(s, "?***");
}
