/* What a program writes to its terminal, cut into tokens: whether each is one
 * that a screen program may write, and what modes the terminal is in after it. */
#ifndef BINNACLE_TEST_SCREENS_STREAM_H
#define BINNACLE_TEST_SCREENS_STREAM_H

#include "base/strbuf.h"

enum stream_state { STREAM_GROUND, STREAM_ESCAPE, STREAM_CSI, STREAM_STRING, STREAM_STRING_ESCAPE };

struct stream {
    enum stream_state state;
    struct strbuf token;  /* the sequence under way, from its ESC on */
    struct strbuf fault;  /* the first sequences that may not be there; "" is good */
    struct strbuf copied; /* payload of the last OSC 52 */
    struct strbuf title;  /* of the last OSC 2 */
    struct strbuf mark;   /* of the last OSC 7777 */
    uint64_t entered;     /* the other screen, how often */
    uint64_t marks, copies, titles, frames; /* frames: synchronised updates ended */
    uint64_t bytes;                         /* all, marks not counted */
    bool ascii_only;                        /* a byte over 0x7e is a fault */
    bool cursor_hidden, other_screen, keypad, mouse, paste, synchronised, coloured, region;
    char last[8]; /* the last character shown; UTF-8 */
    size_t last_len;
    int64_t repeat;  /* REP has just ended: show last so many times more */
    bool wrapped;    /* the last OSC 52 came inside a DCS */
    bool asked_sync; /* DECRQM 2026 came since this was cleared */
};

void stream_init(struct stream *s);
void stream_done(struct stream *s);
/* Takes one byte. True: a mark has just ended. */
bool stream_take(struct stream *s, char byte);
/* What is not as a shell wants it: "cursor hidden, mouse on"; "" is good. */
void stream_leftovers(const struct stream *s, struct strbuf *out);

#endif
