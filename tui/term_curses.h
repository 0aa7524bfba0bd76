/* What ncurses is used for: the terminal's strings, and the fewest bytes from
 * one frame to the next. It writes into memory, never to the terminal. */
#ifndef BINNACLE_TUI_TERM_CURSES_H
#define BINNACLE_TUI_TERM_CURSES_H

#include "base/err.h"
#include "tui/input.h"
#include "tui/theme.h"
#include "widgets/canvas.h"

struct paper;

/* Owned; NULL with ERR_CONFIG: the terminal is not known or cannot place the
 * cursor. One at a time in a process (ncurses). name is TERM. */
struct paper *paper_new(const char *name, struct err *err) BN_MUST_USE;
void paper_free(struct paper *p);

int paper_colours(const struct paper *p); /* 256, 16, 8 or 0 */
/* It takes xterm's private modes, titles and OSC 52, or ignores them whole. */
bool paper_like_xterm(const struct paper *p);
/* A string capability ("smcup"), "" when there is none. Borrowed. */
const char *paper_string(const struct paper *p, const char *capability);
/* Tells the parser how this terminal writes its keys. */
void paper_define_keys(const struct paper *p, struct input *in);

void paper_resize(struct paper *p, int rows, int cols);
/* Looks of the roles, already brought down to the terminal's colours. */
void paper_theme(struct paper *p, const struct theme *theme);
/* The next frame is drawn as if the screen held nothing known. */
void paper_forget(struct paper *p);
/* Appends the bytes that change the last frame into this one; none when they
 * look the same. */
void paper_frame(struct paper *p, const struct canvas *c, struct strbuf *out);

#endif
