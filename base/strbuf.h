/* Growing text with a ceiling and a sticky failure: append freely, check once. */
#ifndef BINNACLE_BASE_STRBUF_H
#define BINNACLE_BASE_STRBUF_H

#include "base/span.h"

#include <stdarg.h>

struct strbuf {
    char *data;   /* owned; NULL while empty */
    size_t len;   /* bytes before the terminating NUL */
    size_t cap;   /* bytes allocated */
    size_t limit; /* most bytes this buffer may ever hold */
    bool failed;  /* an append was refused; content is a valid prefix */
};

#define STRBUF_INIT(max) \
    {                    \
        .limit = (max)   \
    }

void strbuf_add(struct strbuf *sb, struct span text);
void strbuf_adds(struct strbuf *sb, const char *text);
void strbuf_addc(struct strbuf *sb, char c);
void strbuf_fill(struct strbuf *sb, char c, size_t count);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) BN_PRINTF(2, 3);
void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list args) BN_PRINTF(2, 0);

/* Makes room for len more bytes and returns where they go, or NULL; the caller
 * writes and then calls strbuf_commit(). */
char *strbuf_reserve(struct strbuf *sb, size_t len) BN_MUST_USE;
void strbuf_commit(struct strbuf *sb, size_t len);

/* Removes the first len bytes; failed stays as it is. */
void strbuf_consume(struct strbuf *sb, size_t len);
/* Keeps the first len bytes (a no-op when there are fewer). Keeps memory. To 0
 * begins anew: failed is forgotten. */
void strbuf_truncate(struct strbuf *sb, size_t len);

/* The text, borrowed until the next append; "" while empty. */
const char *strbuf_cstr(const struct strbuf *sb);
struct span strbuf_span(const struct strbuf *sb);

/* Hands the text over: the caller owns the result and frees it with free().
 * NULL when any append failed. Either way *sb is empty afterwards. */
char *strbuf_take(struct strbuf *sb) BN_MUST_USE;

/* Frees the text and makes *sb ready for use again. _wipe overwrites it first. */
void strbuf_clear(struct strbuf *sb);
void strbuf_wipe(struct strbuf *sb);

/* Appends an address as it may be shown: where it has a user and a password, or a query, "***" stands
 * in their place. */
void strbuf_add_address(struct strbuf *s, struct span address);

#endif
