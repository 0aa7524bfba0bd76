/* Keys as numbers and as names: characters are their code point, the others
 * stand above Unicode. */
#ifndef BINNACLE_WIDGETS_KEYSYM_H
#define BINNACLE_WIDGETS_KEYSYM_H

#include "base/span.h"

/* Ctrl-letters are KEYSYM_CTRL + 'a'... */
enum keysym {
    KEYSYM_NONE = 0x110000,
    KEYSYM_ESC,
    KEYSYM_ENTER,
    KEYSYM_TAB,
    KEYSYM_BACKTAB,
    KEYSYM_BACKSPACE,
    KEYSYM_DELETE,
    KEYSYM_INSERT,
    KEYSYM_UP,
    KEYSYM_DOWN,
    KEYSYM_LEFT,
    KEYSYM_RIGHT,
    KEYSYM_HOME,
    KEYSYM_END,
    KEYSYM_PAGE_UP,
    KEYSYM_PAGE_DOWN,
    KEYSYM_F1, /* F2 is KEYSYM_F1 + 1 ... F12 */
    KEYSYM_F12 = KEYSYM_F1 + 11,
    KEYSYM_CTRL = 0x110100,     /* + 'a' .. 'z' */
    KEYSYM_ALT = 0x400000,      /* flag: Alt with a character or key */
    KEYSYM_CTRL_KEY = 0x800000, /* flag: Ctrl with a key that is no letter (C-Left) */
};

#define KEY_NAME_MAX 24

/* "j", "C-d", "Enter", "F2", "Space", "A-x", "<": as key tables and help write it. */
bool key_parse(struct span name, uint32_t *key) BN_MUST_USE;
void key_format(uint32_t key, char out[KEY_NAME_MAX]);

/* True for what types a character: no control, no key, no modifier. */
bool key_is_text(uint32_t key);

#endif
