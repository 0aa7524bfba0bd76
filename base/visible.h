/* What of a text from outside is shown, and how. The only place that decides;
 * used by the canvas and by the plain-text writer, nobody else. */
#ifndef BINNACLE_BASE_VISIBLE_H
#define BINNACLE_BASE_VISIBLE_H

#include "base/strbuf.h"

enum visible_flag {
    VISIBLE_HIDDEN_CHARS = 1 << 0, /* controls, bidi, zero-width or unknown characters were there */
    VISIBLE_BAD_BYTES = 1 << 1,    /* invalid UTF-8 was there */
    VISIBLE_MIXED_SCRIPT = 1 << 2, /* Latin beside Cyrillic or Greek look-alikes in one word */
};

#define VISIBLE_MARKS_MAX 3

/* One cell group to draw. */
struct glyph {
    uint32_t base;                     /* code point, printable */
    uint32_t marks[VISIBLE_MARKS_MAX]; /* combining marks; 0 ends */
    uint8_t width;                     /* 1 or 2 */
};

/* Takes the next glyph from *text (UTF-8, possibly broken). ascii: everything
 * outside ASCII becomes '?' or a transliteration. Controls come as their
 * pictures (ESC: U+241B; ascii: '^' then '['), bidi and zero-width controls as
 * placeholders like "‹RLO›" in several glyphs. *state keeps what is pending
 * between calls: zero it first. False at the end. */
struct visible_state {
    char pending[16]; /* ASCII of a placeholder still to be given out */
    uint8_t at, len;
    unsigned flags; /* enum visible_flag seen so far */
    uint32_t last_script;
};

bool visible_next(struct visible_state *state, struct span *text, bool ascii, struct glyph *out);

/* Cells that the text takes when drawn. */
int visible_width(struct span text, bool ascii);

/* Appends the visible form as UTF-8 (or ASCII): for the plain-text writer.
 * Returns enum visible_flag. */
unsigned visible_text(struct span text, bool ascii, struct strbuf *out);

#endif
