/* CSI and SS3 sequences as xterm writes them (ctlseqs.txt: "PC-Style Function
 * Keys", "Mouse Tracking", "Bracketed Paste Mode", DECRPM), the linux console's
 * ESC [ [ A, and the u form of fixterms and kitty. */
#include <config.h>

#include "tui/input_csi.h"

#define PARAMS_MAX 8
#define PARAM_MAX  0x10ffff

struct csi {
    char prefix; /* '<', '=', '>', '?' or 0 */
    char intermediate;
    char final;
    int count;
    int params[PARAMS_MAX]; /* -1: empty */
};

static const struct {
    int number;
    uint32_t key;
} tilde_keys[] = {
    {1, KEYSYM_HOME},    {2, KEYSYM_INSERT},    {3, KEYSYM_DELETE},   {4, KEYSYM_END},
    {5, KEYSYM_PAGE_UP}, {6, KEYSYM_PAGE_DOWN}, {7, KEYSYM_HOME},     {8, KEYSYM_END},
    {11, KEYSYM_F1},     {12, KEYSYM_F1 + 1},   {13, KEYSYM_F1 + 2},  {14, KEYSYM_F1 + 3},
    {15, KEYSYM_F1 + 4}, {17, KEYSYM_F1 + 5},   {18, KEYSYM_F1 + 6},  {19, KEYSYM_F1 + 7},
    {20, KEYSYM_F1 + 8}, {21, KEYSYM_F1 + 9},   {23, KEYSYM_F1 + 10}, {24, KEYSYM_F12},
};

static const struct {
    char final;
    uint32_t key;
} letter_keys[] = {
    {'A', KEYSYM_UP},     {'B', KEYSYM_DOWN},   {'C', KEYSYM_RIGHT},   {'D', KEYSYM_LEFT},
    {'H', KEYSYM_HOME},   {'F', KEYSYM_END},    {'P', KEYSYM_F1},      {'Q', KEYSYM_F1 + 1},
    {'R', KEYSYM_F1 + 2}, {'S', KEYSYM_F1 + 3}, {'Z', KEYSYM_BACKTAB}, {'M', KEYSYM_ENTER},
};

uint32_t key_of_control(unsigned char byte)
{
    switch (byte) {
    case '\0':
        return KEYSYM_CTRL_KEY | ' ';
    case '\t':
        return KEYSYM_TAB;
    case '\n':
    case '\r':
        return KEYSYM_ENTER;
    case '\b':
    case 0x7f:
        return KEYSYM_BACKSPACE;
    case 0x1b:
        return KEYSYM_ESC;
    default:
        return byte < 0x1b ? KEYSYM_CTRL + 'a' + byte - 1u : KEYSYM_CTRL_KEY | (byte + 0x40u);
    }
}

static void add_digit(struct csi *c, char digit)
{
    int *p = &c->params[c->count - 1];
    int n = (*p < 0 ? 0 : *p) * 10 + (digit - '0');
    *p = n > PARAM_MAX ? PARAM_MAX : n;
}

/* False: too many parameters, or bytes where they may not stand. */
static bool split(struct span body, struct csi *c)
{
    bool skip = false; /* sub-parameters (after ':') are not needed */
    *c = (struct csi){.count = 1};
    for (int i = 0; i < PARAMS_MAX; i++)
        c->params[i] = -1;
    if (!body.len)
        return false;
    c->final = body.data[body.len - 1];
    for (size_t i = 0; i + 1 < body.len; i++) {
        char b = body.data[i];
        if (b >= '<' && b <= '?' && i == 0)
            c->prefix = b;
        else if (b >= '0' && b <= '9' && !c->intermediate && !skip)
            add_digit(c, b);
        else if (b == ';' && c->count < PARAMS_MAX) {
            c->count++;
            skip = false;
        } else if (b == ':')
            skip = true;
        else if (b >= ' ' && b <= '/')
            c->intermediate = b;
        else if (!(b >= '0' && b <= '9'))
            return false;
    }
    return true;
}

static int param(const struct csi *c, int i, int absent)
{
    return i < c->count && c->params[i] >= 0 ? c->params[i] : absent;
}

/* Modifiers are 1 + bits: 1 Shift, 2 Alt, 4 Ctrl, 8 Meta. */
static uint32_t with_modifiers(uint32_t key, int modifiers)
{
    unsigned bits = modifiers > 0 ? (unsigned)modifiers - 1 : 0;
    bool letter = (key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z');
    if (bits & 1 && key == KEYSYM_TAB)
        key = KEYSYM_BACKTAB;
    if (bits & 1 && !(bits & 4) && key >= 'a' && key <= 'z')
        key = key - 'a' + 'A';
    if (bits & 4)
        key = letter ? KEYSYM_CTRL + (key | 0x20) : KEYSYM_CTRL_KEY | key;
    return bits & 10 ? key | KEYSYM_ALT : key;
}

static enum csi_meaning key_event(struct input_event *out, uint32_t key, int modifiers)
{
    *out = (struct input_event){.type = INPUT_KEY, .key = with_modifiers(key, modifiers)};
    return CSI_EVENT;
}

/* A key by its code point (CSI code ; modifiers u, CSI 27 ; modifiers ; code ~). */
static enum csi_meaning code_event(struct input_event *out, int code, int modifiers)
{
    if (code < 0 || code > 0x10ffff || (code >= 0x80 && code < 0xa0) ||
        (code >= 0xd800 && code < 0xf900)) /* surrogates; kitty's keys of its own */
        return CSI_NOTHING;
    uint32_t key =
        code < ' ' || code == 0x7f ? key_of_control((unsigned char)code) : (uint32_t)code;
    return key_event(out, key, modifiers);
}

static enum csi_meaning tilde(const struct csi *c, struct input_event *out)
{
    int number = param(c, 0, 0);
    if (number == 200)
        return CSI_PASTE_START;
    if (number == 27)
        return code_event(out, param(c, 2, -1), param(c, 1, 1));
    for (size_t i = 0; i < BN_COUNT(tilde_keys); i++)
        if (tilde_keys[i].number == number)
            return key_event(out, tilde_keys[i].key, param(c, 1, 1));
    return CSI_NOTHING;
}

static enum csi_meaning letter(char final, int modifiers, struct input_event *out)
{
    for (size_t i = 0; i < BN_COUNT(letter_keys); i++)
        if (letter_keys[i].final == final)
            return key_event(out, letter_keys[i].key, modifiers);
    return CSI_NOTHING;
}

/* SGR: CSI < button ; column ; row M or m. Bits: 4 Shift, 8 Meta, 16 Ctrl, 32
 * motion, 64 wheel, 128 further buttons. */
static enum csi_meaning mouse(const struct csi *c, struct input_event *out)
{
    int code = param(c, 0, -1), col = param(c, 1, 0), row = param(c, 2, 0);
    if (code < 0 || code >= 128 || col < 1 || row < 1 || c->count != 3)
        return CSI_NOTHING;
    struct input_event e = {.type = INPUT_MOUSE, .row = row - 1, .col = col - 1};
    int button = code & 3;
    if (code & 64) {
        if (button > 1 || c->final == 'm')
            return CSI_NOTHING;
        e.what = button ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
    } else {
        if (button == 3)
            return CSI_NOTHING; /* motion without a button */
        e.button = button + 1;
        e.what = c->final == 'm' ? MOUSE_RELEASE : code & 32 ? MOUSE_DRAG : MOUSE_PRESS;
    }
    *out = e;
    return CSI_EVENT;
}

static enum csi_meaning answer(const struct csi *c, struct input_event *out)
{
    if (c->prefix != '?' || c->intermediate != '$' || c->final != 'y' || c->count != 2)
        return CSI_NOTHING;
    *out = (struct input_event){.key = (uint32_t)param(c, 0, 0), .button = param(c, 1, 0)};
    return CSI_MODE;
}

enum csi_meaning csi_decode(struct span body, struct input_event *out)
{
    struct csi c;
    if (body.len == 2 && body.data[0] == '[') /* linux console: F1 to F5 */
        return body.data[1] >= 'A' && body.data[1] <= 'E'
                   ? key_event(out, KEYSYM_F1 + (uint32_t)(body.data[1] - 'A'), 1)
                   : CSI_NOTHING;
    if (!split(body, &c))
        return CSI_NOTHING;
    if (c.prefix == '<' && !c.intermediate && (c.final == 'M' || c.final == 'm'))
        return mouse(&c, out);
    if (c.prefix || c.intermediate)
        return answer(&c, out);
    if (body.len == 1 && (c.final == 'I' || c.final == 'O')) {
        *out = (struct input_event){.type = INPUT_FOCUS, .focused = c.final == 'I'};
        return CSI_EVENT;
    }
    if (c.final == 'M')
        return body.len == 1 ? CSI_X10_MOUSE : CSI_NOTHING;
    if (c.final == '~')
        return tilde(&c, out);
    if (c.final == 'u')
        return code_event(out, param(&c, 0, -1), param(&c, 1, 1));
    /* CSI row ; col R is also the answer to a cursor position request: it is
     * never taken for F3, which has other forms. */
    if (c.final == 'R' && body.len > 1)
        return CSI_NOTHING;
    return letter(c.final, param(&c, 1, 1), out);
}

/* The keypad in application mode types what its keys show. */
enum csi_meaning ss3_decode(struct span body, struct input_event *out)
{
    struct csi c;
    if (!split(body, &c) || c.prefix || c.intermediate)
        return CSI_NOTHING;
    if (c.final >= 'j' && c.final <= 'y')
        return key_event(out, (uint32_t)(c.final - 'j') + '*', 1);
    if (c.final == 'X')
        return key_event(out, '=', 1);
    /* Old xterms write ESC O 5 P for Ctrl-F1. */
    return letter(c.final, param(&c, c.count > 1 ? 1 : 0, 1), out);
}
