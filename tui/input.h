/* Bytes of a terminal to events: UTF-8, terminfo and xterm sequences, SGR
 * mouse, bracketed paste. Pure; fuzzed; unknown sequences are swallowed whole. */
#ifndef BINNACLE_TUI_INPUT_H
#define BINNACLE_TUI_INPUT_H

#include "base/span.h"
#include "widgets/keysym.h"

enum input_type { INPUT_KEY, INPUT_MOUSE, INPUT_PASTE, INPUT_FOCUS, INPUT_CONTROL };

enum mouse_what { MOUSE_PRESS, MOUSE_RELEASE, MOUSE_DRAG, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

struct input_event {
    enum input_type type;
    uint32_t key;         /* KEY: code point or enum keysym */
    enum mouse_what what; /* MOUSE */
    int button;           /* MOUSE: 1 left, 2 middle, 3 right */
    int row, col;         /* MOUSE: from 0 */
    bool focused;         /* FOCUS */
    int64_t step_ms;      /* CONTROL: tests step the clock in band (OSC 7778) */
    struct span paste;    /* PASTE: borrowed until the next input_next() */
};

struct input;

/* escape_delay_ms: how long a lone ESC waits for more (25; 100 over ssh). */
struct input *input_new(int escape_delay_ms) BN_MUST_USE;
void input_free(struct input *in);
/* Tests: OSC 7778 ; step=MS becomes a CONTROL event; else it is swallowed. */
void input_allow_control(struct input *in, bool allow);
/* What the terminal answered about synchronised updates (DECRQM for 2026: 1 set,
 * 2 reset, 3 always; 0 and 4: no); -1: nothing yet. */
int input_sync_state(const struct input *in);
/* A key's terminfo string ("\033OP"); more than one may name a key. */
void input_define(struct input *in, const char *sequence, uint32_t key);
/* Feeds bytes that arrived at mono_ms. */
void input_feed(struct input *in, struct span bytes, int64_t mono_ms);
bool input_next(struct input *in, int64_t mono_ms, struct input_event *out);
/* When a pending lone ESC becomes an event; TIME_FOREVER: nothing pends. */
int64_t input_next_ms(const struct input *in);

#endif
