/* Borrowed text with a length. */
#include <config.h>

#include "base/span.h"

#define WORD_LEN_MAX 64 /* longer words are like nothing */

bool span_eq_nocase(struct span a, struct span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (span_fold(a.data[i]) != span_fold(b.data[i]))
            return false;
    return true;
}

int span_compare(struct span a, struct span b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.data, b.data, n) : 0;
    if (order)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool span_starts(struct span s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.len >= n && (n == 0 || memcmp(s.data, prefix, n) == 0);
}

bool span_ends(struct span s, const char *suffix)
{
    size_t n = strlen(suffix);
    return s.len >= n && (n == 0 || memcmp(s.data + s.len - n, suffix, n) == 0);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

struct span span_trim(struct span s)
{
    while (s.len && is_blank(s.data[0])) {
        s.data++;
        s.len--;
    }
    while (s.len && is_blank(s.data[s.len - 1]))
        s.len--;
    return s;
}

size_t span_find(struct span s, char c, size_t from)
{
    const char *at = from < s.len ? memchr(s.data + from, c, s.len - from) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

size_t span_find_last(struct span s, char c)
{
    const char *at = s.len ? memrchr(s.data, c, s.len) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

size_t span_search(struct span haystack, struct span needle, bool nocase)
{
    if (needle.len == 0)
        return 0;
    if (needle.len > haystack.len)
        return haystack.len;
    if (!nocase) {
        const char *at = memmem(haystack.data, haystack.len, needle.data, needle.len);
        return at ? (size_t)(at - haystack.data) : haystack.len;
    }
    unsigned char first = span_fold(needle.data[0]);
    for (size_t i = 0; i + needle.len <= haystack.len; i++)
        if (span_fold(haystack.data[i]) == first &&
            span_eq_nocase(span_make(haystack.data + i, needle.len), needle))
            return i;
    return haystack.len;
}

struct span span_sub(struct span s, size_t from, size_t len)
{
    if (from >= s.len)
        return (struct span){s.data ? s.data + s.len : NULL, 0};
    return (struct span){s.data + from, len < s.len - from ? len : s.len - from};
}

bool span_split(struct span *rest, char sep, struct span *part)
{
    if (!rest->data)
        return false;
    size_t end = span_find(*rest, sep, 0);
    *part = span_sub(*rest, 0, end);
    if (end == rest->len)
        *rest = (struct span){NULL, 0};
    else
        *rest = span_make(rest->data + end + 1, rest->len - end - 1);
    return true;
}

bool span_lists(struct span list, char sep, struct span item)
{
    struct span one;
    while (list.len && span_split(&list, sep, &one))
        if (span_eq(one, item))
            return true;
    return false;
}

/* FNV-1a over words with a final mix: keys are short names. */
uint64_t span_hash(struct span s)
{
    uint64_t h = 0xcbf29ce484222325u ^ s.len;
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t word;
        memcpy(&word, s.data + i, 8);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (; i < s.len; i++)
        h = (h ^ (unsigned char)s.data[i]) * 0x100000001b3u;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ (h >> 32);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment, by three rows of the table. */
size_t span_distance(struct span a, struct span b)
{
    size_t rows[3][WORD_LEN_MAX + 1];
    if (a.len > WORD_LEN_MAX || b.len > WORD_LEN_MAX)
        return a.len + b.len;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *two = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t change = a.data[i - 1] != b.data[j - 1];
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + change);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = least(row[j], two[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}
