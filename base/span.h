/* Borrowed text with a length; may hold NUL and any other byte. */
#ifndef BINNACLE_BASE_SPAN_H
#define BINNACLE_BASE_SPAN_H

#include "base/base.h"

#include <string.h>

struct span {
    const char *data; /* borrowed; may be NULL when len is 0 */
    size_t len;
};

/* For printf's "%.*s". Cuts at INT_MAX. */
#define SPAN_ARG(s) ((s).len > 0x7fffffff ? 0x7fffffff : (int)(s).len), ((s).data ? (s).data : "")
/* A span of a string literal, usable in static tables. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})

/* The small ones are here so that lengths of literals are known when compiled:
 * decoders compare millions of keys a second. */

/* NULL gives the empty span. */
static inline struct span span_from(const char *text)
{
    return (struct span){text, text ? strlen(text) : 0};
}

static inline struct span span_make(const char *data, size_t len)
{
    return (struct span){data, len};
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool span_is(struct span a, const char *text)
{
    return span_eq(a, span_from(text));
}

/* A letter of ASCII as a small one. */
static inline unsigned char span_fold(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u + 32) : u;
}

bool span_eq_nocase(struct span a, struct span b); /* ASCII case only */
int span_compare(struct span a, struct span b);    /* byte order, shorter first: <0, 0, >0 */
bool span_starts(struct span s, const char *prefix);
bool span_ends(struct span s, const char *suffix);
struct span span_trim(struct span s); /* without ASCII white space at both ends */
/* Index of the first byte c at or after from, or s.len. */
size_t span_find(struct span s, char c, size_t from);
/* Index of the last byte c, or s.len. */
size_t span_find_last(struct span s, char c);
/* First occurrence of needle, or haystack.len; nocase folds ASCII. */
size_t span_search(struct span haystack, struct span needle, bool nocase);
struct span span_sub(struct span s, size_t from, size_t len); /* clipped to s */
/* Takes the part before sep from *rest (and sep away). False when *rest is
 * exhausted: data == NULL. "a,,b" gives "a", "", "b"; "" gives "" once. */
bool span_split(struct span *rest, char sep, struct span *part);
/* Whether an item, which is not empty, is one of the parts of a list: "b" of "a,b". */
bool span_lists(struct span list, char sep, struct span item);
uint64_t span_hash(struct span s);
/* How far apart two words are, for "did you mean": characters more, less, other, or
 * changed with the next one. */
size_t span_distance(struct span a, struct span b);

#endif
