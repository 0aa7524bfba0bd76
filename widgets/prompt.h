/* One line of text being edited: UTF-8, cursor, the shell's keys. */
#ifndef BINNACLE_WIDGETS_PROMPT_H
#define BINNACLE_WIDGETS_PROMPT_H

#include "widgets/canvas.h"
#include "widgets/keysym.h"

#define PROMPT_BYTES_MAX 4096

struct prompt;

struct prompt *prompt_new(void) BN_MUST_USE;
void prompt_free(struct prompt *p); /* NULL is allowed; wipes the text */
/* A secret is drawn as dots, one for each character. */
void prompt_set_secret(struct prompt *p, bool secret);
/* Replaces the text; cursor at its end. Longer text is cut at a character. */
void prompt_set(struct prompt *p, struct span text);
struct span prompt_text(const struct prompt *p); /* borrowed until the next change */
/* The cursor stands behind all of it. */
bool prompt_at_end(const struct prompt *p);
/* Takes a key of widgets/keysym.h: characters, Left, Right, Home, End,
 * Backspace, Delete, C-a, C-e, C-b, C-f, C-w, C-u, C-k, C-d, and by words C-Left,
 * C-Right, A-b, A-f, A-Backspace. False: not one of these. */
bool prompt_input(struct prompt *p, uint32_t key);
/* Inserts text at the cursor; control characters in it become blanks. */
void prompt_paste(struct prompt *p, struct span text);
/* Parts to underline as faults (byte offsets from, to); count 0 clears, as does
 * every edit. At most 8. */
void prompt_mark(struct prompt *p, const size_t (*faults)[2], size_t count);
/* Draws into one line, scrolled so that the cursor shows, and puts the
 * terminal's cursor there. */
void prompt_draw(const struct prompt *p, struct canvas *c, struct rect line);

#endif
