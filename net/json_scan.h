/* The inner loops of the JSON readers: brackets and quotes of 64 bytes at a time. */
#ifndef BINNACLE_NET_JSON_SCAN_H
#define BINNACLE_NET_JSON_SCAN_H

#include "base/base.h"

#ifdef __SSE2__
#    include <emmintrin.h>
#endif

/* Where the scan of a container stands between pieces of text. */
struct json_brackets {
    unsigned depth; /* open brackets */
    bool in_string; /* the next byte is inside a string */
    bool escape;    /* the next byte is escaped by a backslash */
    bool too_deep;  /* depth was over JSON_DEPTH_MAX: the scan has stopped */
};

/* Reads on until depth falls to 0. Returns the bytes used; *done: it did fall. */
size_t json_brackets_scan(struct json_brackets *b, const char *p, size_t len, bool *done);
/* The same as processors without wide registers do it; for tests. */
size_t json_brackets_scan_plain(struct json_brackets *b, const char *p, size_t len, bool *done);

/* p is at an opening bracket. Returns what follows the matching one, or NULL. */
const char *json_skip_container(const char *p, const char *end);

/* p follows the opening quote. Returns where the closing one stands, or NULL.
 * *escaped is set when there is a backslash, else left alone. */
static inline const char *json_skip_string(const char *p, const char *end, bool *escaped)
{
    while (p < end) {
#ifdef __SSE2__
        if (end - p >= 16) {
            const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
            const int found =
                _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                               _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
            if (!found) {
                p += 16;
                continue;
            }
            p += __builtin_ctz((unsigned)found);
        }
#endif
        if (*p == '"')
            return p;
        if (*p == '\\') {
            *escaped = true;
            p++;
        }
        if (p < end)
            p++;
    }
    return NULL;
}

static inline bool json_is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline bool json_is_delimiter(char c)
{
    return json_is_space(c) || c == ',' || c == ']' || c == '}' || c == ':';
}

#endif
