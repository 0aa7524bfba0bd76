/* Names of keys, both ways. */
#include <config.h>

#include "widgets/keysym.h"

#include "base/number.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t key;
} names[] = {
    {"Esc", KEYSYM_ESC},
    {"Enter", KEYSYM_ENTER},
    {"Tab", KEYSYM_TAB},
    {"S-Tab", KEYSYM_BACKTAB},
    {"Backspace", KEYSYM_BACKSPACE},
    {"Del", KEYSYM_DELETE},
    {"Ins", KEYSYM_INSERT},
    {"Up", KEYSYM_UP},
    {"Down", KEYSYM_DOWN},
    {"Left", KEYSYM_LEFT},
    {"Right", KEYSYM_RIGHT},
    {"Home", KEYSYM_HOME},
    {"End", KEYSYM_END},
    {"PgUp", KEYSYM_PAGE_UP},
    {"PgDn", KEYSYM_PAGE_DOWN},
    {"Space", ' '},
    /* Other names that people write; the first above is what is shown. */
    {"PageUp", KEYSYM_PAGE_UP},
    {"PageDown", KEYSYM_PAGE_DOWN},
    {"Delete", KEYSYM_DELETE},
    {"Insert", KEYSYM_INSERT},
};

static bool parse_plain(struct span name, uint32_t *key)
{
    int64_t n;
    uint32_t code;
    for (size_t i = 0; i < BN_COUNT(names); i++)
        if (span_is(name, names[i].name)) {
            *key = names[i].key;
            return true;
        }
    if (name.len > 1 && name.data[0] == 'F' &&
        number_parse(span_sub(name, 1, name.len - 1), 1, 12, &n)) {
        *key = KEYSYM_F1 + (uint32_t)n - 1;
        return true;
    }
    if (!name.len || utf8_decode(name, &code) != name.len || code <= ' ' ||
        (code >= 0x7f && code < 0xa0) || code == UTF8_REPLACEMENT)
        return false;
    *key = code;
    return true;
}

static uint32_t with_ctrl(uint32_t key)
{
    if (key >= 'A' && key <= 'Z')
        key += 'a' - 'A';
    return key >= 'a' && key <= 'z' ? KEYSYM_CTRL + key : KEYSYM_CTRL_KEY | key;
}

bool key_parse(struct span name, uint32_t *key)
{
    bool ctrl = false, alt = false;
    uint32_t plain;
    for (; name.len > 2 && (span_starts(name, "C-") || span_starts(name, "A-"));
         name = span_sub(name, 2, name.len - 2)) {
        bool *flag = name.data[0] == 'C' ? &ctrl : &alt;
        if (*flag)
            return false;
        *flag = true;
    }
    if (!parse_plain(name, &plain))
        return false;
    *key = (ctrl ? with_ctrl(plain) : plain) | (alt ? KEYSYM_ALT : 0);
    return true;
}

static void format_plain(uint32_t key, char *out, size_t size)
{
    for (size_t i = 0; i < BN_COUNT(names); i++)
        if (names[i].key == key) {
            (void)snprintf(out, size, "%s", names[i].name);
            return;
        }
    if (key >= KEYSYM_F1 && key <= KEYSYM_F12) {
        (void)snprintf(out, size, "F%u", (unsigned)(key - KEYSYM_F1 + 1));
        return;
    }
    char bytes[4];
    size_t len = key < KEYSYM_NONE ? utf8_encode(key, bytes) : 0;
    (void)snprintf(out, size, "%.*s", (int)len, bytes);
}

void key_format(uint32_t key, char out[KEY_NAME_MAX])
{
    uint32_t plain = key & ~(uint32_t)(KEYSYM_ALT | KEYSYM_CTRL_KEY);
    bool letter = plain >= KEYSYM_CTRL + 'a' && plain <= KEYSYM_CTRL + 'z';
    if (letter)
        plain -= KEYSYM_CTRL;
    char name[KEY_NAME_MAX - 4];
    format_plain(plain, name, sizeof(name));
    (void)snprintf(out, KEY_NAME_MAX, "%s%s%s", key & KEYSYM_ALT ? "A-" : "",
                   letter || key & KEYSYM_CTRL_KEY ? "C-" : "", name);
}

bool key_is_text(uint32_t key)
{
    return key >= ' ' && key < KEYSYM_NONE && !(key >= 0x7f && key < 0xa0);
}
