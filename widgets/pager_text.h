/* The lines of a pager: bytes in, lines out, the oldest going first. */
#ifndef BINNACLE_WIDGETS_PAGER_TEXT_H
#define BINNACLE_WIDGETS_PAGER_TEXT_H

#include "base/strbuf.h"

#define PAGER_LINE_MAX ((size_t)16 * 1024)

struct pager_line {
    size_t at, len; /* in the text */
};

struct pager_text {
    struct strbuf bytes;      /* owned */
    struct pager_line *lines; /* owned */
    size_t count, cap;
    size_t byte_cap;
    uint64_t forgotten;
    bool open;        /* the last line is not ended yet */
    size_t column;    /* characters of the open line, for tabs */
    char pending[32]; /* an escape sequence that may be a colour */
    size_t npending;
    bool in_link; /* inside OSC 8 */
};

void pager_text_init(struct pager_text *t, size_t byte_cap);
void pager_text_done(struct pager_text *t);
void pager_text_clear(struct pager_text *t);
/* Returns how many lines the cap pushed out. Colours (SGR) and hyperlinks (OSC
 * 8) are taken out, tabs become blanks; everything else stays as it came. */
size_t pager_text_add(struct pager_text *t, struct span bytes);
/* Takes the last lines away again; the last one has its end. */
void pager_text_drop(struct pager_text *t, size_t lines);
struct span pager_text_line(const struct pager_text *t, size_t i);

#endif
