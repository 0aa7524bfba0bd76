/* UTF-8: decode, repair, width by our own frozen table (Unicode 15). */
#ifndef BINNACLE_BASE_UTF8_H
#define BINNACLE_BASE_UTF8_H

#include "base/strbuf.h"

#define UTF8_REPLACEMENT 0xFFFDu

/* Decodes one code point at s.data (s.len > 0): returns the bytes used. A bad
 * byte gives U+FFFD and 1. */
size_t utf8_decode(struct span s, uint32_t *code);
/* Writes 1 to 4 bytes. Surrogates and values over 0x10FFFF become U+FFFD. */
size_t utf8_encode(uint32_t code, char out[4]);
bool utf8_valid(struct span s);
/* Appends s with every bad byte as U+FFFD; returns how many there were. */
size_t utf8_repair(struct span s, struct strbuf *out);

/* Cells: 0 (combining, zero width), 1 or 2; never negative. Control codes: 1. */
int utf8_width(uint32_t code);
/* True where our width differs from what libc's wcwidth says or may say: such
 * a glyph is drawn as a one-cell U+FFFD. */
bool utf8_width_disputed(uint32_t code);
bool utf8_is_combining(uint32_t code);
/* Simple lower case of one code point (Latin, Greek, Cyrillic; others as they are). */
uint32_t utf8_lower(uint32_t code);

#endif
