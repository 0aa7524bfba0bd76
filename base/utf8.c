/* UTF-8: decode, repair, width. */
#include <config.h>

#include "base/utf8.h"

#include "base/utf8_table.h"

/* Length by the first byte and the least code point that needs it; 0: no start. */
static size_t sequence(unsigned char first, uint32_t *code, uint32_t *least)
{
    if (first < 0x80) {
        *code = first;
        *least = 0;
        return 1;
    }
    if ((first & 0xe0) == 0xc0) {
        *code = first & 0x1f;
        *least = 0x80;
        return 2;
    }
    if ((first & 0xf0) == 0xe0) {
        *code = first & 0x0f;
        *least = 0x800;
        return 3;
    }
    if ((first & 0xf8) == 0xf0) {
        *code = first & 0x07;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

/* Bytes used, 0 when they are bad. */
static size_t decode(struct span s, uint32_t *code)
{
    uint32_t c, least;
    size_t n = sequence((unsigned char)s.data[0], &c, &least);
    if (n == 0 || n > s.len)
        return 0;
    for (size_t i = 1; i < n; i++) {
        unsigned char byte = (unsigned char)s.data[i];
        if ((byte & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (byte & 0x3f);
    }
    if (c < least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *code = c;
    return n;
}

size_t utf8_decode(struct span s, uint32_t *code)
{
    size_t n = decode(s, code);
    if (n)
        return n;
    *code = UTF8_REPLACEMENT;
    return 1;
}

size_t utf8_encode(uint32_t code, char out[4])
{
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = UTF8_REPLACEMENT;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* Bytes at the start of s that are ASCII. */
static size_t ascii_run(struct span s)
{
    size_t n = 0;
    while (n < s.len && (unsigned char)s.data[n] < 0x80)
        n++;
    return n;
}

bool utf8_valid(struct span s)
{
    while (s.len) {
        uint32_t code;
        size_t n = ascii_run(s);
        s = span_sub(s, n, s.len);
        if (!s.len)
            break;
        n = decode(s, &code);
        if (!n)
            return false;
        s = span_sub(s, n, s.len);
    }
    return true;
}

size_t utf8_repair(struct span s, struct strbuf *out)
{
    size_t bad = 0;
    while (s.len) {
        uint32_t code;
        size_t n = ascii_run(s);
        if (!n)
            n = decode(s, &code);
        if (n) {
            strbuf_add(out, span_sub(s, 0, n));
        } else {
            strbuf_adds(out, "\xef\xbf\xbd");
            bad++;
            n = 1;
        }
        s = span_sub(s, n, s.len);
    }
    return bad;
}

static bool in_ranges(const struct utf8_range *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code > ranges[middle].high)
            low = middle + 1;
        else if (code < ranges[middle].low)
            high = middle;
        else
            return true;
    }
    return false;
}

int utf8_width(uint32_t code)
{
    if (code < 0x300)
        return 1;
    if (in_ranges(utf8_wide, utf8_wide_count, code))
        return 2;
    return in_ranges(utf8_zero, utf8_zero_count, code) ? 0 : 1;
}

bool utf8_width_disputed(uint32_t code)
{
    return code >= 0xa0 && in_ranges(utf8_disputed, utf8_disputed_count, code);
}

bool utf8_is_combining(uint32_t code)
{
    return code >= 0x300 && in_ranges(utf8_marks, utf8_marks_count, code);
}

uint32_t utf8_lower(uint32_t code)
{
    enum { EVEN, ODD }; /* upper and lower take turns; the upper ones are these */

    static const struct {
        uint32_t low, high;
        int add; /* 32...: the distance; EVEN, ODD */
    } ranges[] = {
        {0x00c0, 0x00d6, 32},   {0x00d8, 0x00de, 32},   {0x0100, 0x012f, EVEN},
        {0x0132, 0x0137, EVEN}, {0x0139, 0x0148, ODD},  {0x014a, 0x0177, EVEN},
        {0x0178, 0x0178, -121}, {0x0179, 0x017e, ODD},  {0x01cd, 0x01dc, ODD},
        {0x01de, 0x01ef, EVEN}, {0x01f8, 0x021f, EVEN}, {0x0222, 0x0233, EVEN},
        {0x0386, 0x0386, 38},   {0x0388, 0x038a, 37},   {0x038c, 0x038c, 64},
        {0x038e, 0x038f, 63},   {0x0391, 0x03a1, 32},   {0x03a3, 0x03ab, 32},
        {0x03d8, 0x03ef, EVEN}, {0x0400, 0x040f, 80},   {0x0410, 0x042f, 32},
        {0x0460, 0x0481, EVEN}, {0x048a, 0x04bf, EVEN}, {0x04c0, 0x04c0, 15},
        {0x04c1, 0x04ce, ODD},  {0x04d0, 0x052f, EVEN}, {0x0531, 0x0556, 48},
        {0x1e00, 0x1e95, EVEN}, {0x1ea0, 0x1eff, EVEN},
    };

    if (code < 0x80)
        return code >= 'A' && code <= 'Z' ? code + 32 : code;
    for (size_t i = 0; i < BN_COUNT(ranges); i++) {
        if (code < ranges[i].low)
            break;
        if (code > ranges[i].high)
            continue;
        if (ranges[i].add == EVEN || ranges[i].add == ODD)
            return code + ((code & 1) == (uint32_t)ranges[i].add);
        return (uint32_t)((int)code + ranges[i].add);
    }
    return code;
}
