/* The terminal as the program wants it: size, frames out, events in. Never
 * blocks: frames go through a pump, input through our own parser. */
#ifndef BINNACLE_TUI_TERM_H
#define BINNACLE_TUI_TERM_H

#include "base/err.h"
#include "tui/input.h"
#include "tui/theme.h"
#include "widgets/canvas.h"

struct term;

struct term_options {
    const struct theme *theme; /* borrowed for the life of the term, see term_set_theme() */
    bool mouse;
    bool test_marks; /* writes an in-band mark (OSC 7777) after each frame */
};

/* Takes the terminal on standard input and output: alternate screen, raw mode,
 * bracketed paste. NULL with a sentence when there is none, TERM is dumb,
 * unknown or lacks cursor addressing (ERR_CONFIG). Restores it on every kind of
 * death. One at a time in a process. */
struct term *term_open(const struct term_options *options, struct err *err) BN_MUST_USE;
/* Restores the terminal. */
void term_close(struct term *t);
/* For SIGTSTP, $EDITOR, a login: back to cooked mode and the main screen, and
 * to ours again (everything is drawn anew). */
void term_leave(struct term *t);
void term_return(struct term *t);

void term_size(const struct term *t, int *rows, int *cols);
bool term_ascii(const struct term *t);  /* not a UTF-8 locale */
int term_colours(const struct term *t); /* 256, 16, 8 or 0 */
void term_set_theme(struct term *t, const struct theme *theme);
void term_set_mouse(struct term *t, bool on);

/* Descriptors and what to wait for: input always; output while a frame is pending. */
int term_input_fd(const struct term *t);
int term_output_fd(const struct term *t);
/* True while a frame has not yet left: compose none meanwhile. */
bool term_busy(const struct term *t);

/* Shows a canvas: only lines that differ from the last frame are handed on;
 * nothing is written when nothing changed. mark: what the in-band mark says. */
void term_show(struct term *t, const struct canvas *c, const char *mark);
/* Tests: writes a mark without a frame, unless it is the one written last. */
void term_mark(struct term *t, const char *mark);
/* Writes what the pump holds, as far as the terminal takes it. False: the
 * terminal is gone (hang-up). */
bool term_pump(struct term *t);
/* Everything is drawn again with the next frame (Ctrl-L). */
void term_repaint(struct term *t);
/* OSC 52 copy; false when too long (74,994 encoded bytes). */
bool term_copy(struct term *t, struct span text);
/* OSC 2 window title; text is made visible first. */
void term_title(struct term *t, struct span text);

/* Reads what has arrived. False at end of input (hang-up). */
bool term_read(struct term *t);
/* Next event; false: none now. A lone Esc is given after its delay: see
 * term_next_ms(). */
bool term_event(struct term *t, int64_t mono_ms, struct input_event *out);
int64_t term_next_ms(const struct term *t); /* monotonic; TIME_FOREVER: none due */
/* Takes up a new size after SIGWINCH. */
void term_resized(struct term *t);

#endif
