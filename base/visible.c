/* What of a text from outside is shown, and how: the one place that decides. */
#include <config.h>

#include "base/visible.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

struct name {
    uint32_t code;
    const char *text;
};

/* Characters that show nothing but change what is seen around them. */
static const struct name hidden[] = {
    {0x00ad, "SHY"},  {0x034f, "CGJ"},  {0x061c, "ALM"},  {0x115f, "HCF"},  {0x1160, "HJF"},
    {0x17b4, "KIV"},  {0x17b5, "KIV"},  {0x180b, "FVS"},  {0x180c, "FVS"},  {0x180d, "FVS"},
    {0x180e, "MVS"},  {0x180f, "FVS"},  {0x200b, "ZWSP"}, {0x200c, "ZWNJ"}, {0x200d, "ZWJ"},
    {0x200e, "LRM"},  {0x200f, "RLM"},  {0x2028, "LSEP"}, {0x2029, "PSEP"}, {0x202a, "LRE"},
    {0x202b, "RLE"},  {0x202c, "PDF"},  {0x202d, "LRO"},  {0x202e, "RLO"},  {0x2060, "WJ"},
    {0x2061, "FA"},   {0x2062, "IT"},   {0x2063, "IS"},   {0x2064, "IP"},   {0x2066, "LRI"},
    {0x2067, "RLI"},  {0x2068, "FSI"},  {0x2069, "PDI"},  {0x206a, "ISS"},  {0x206b, "ASS"},
    {0x206c, "IAFS"}, {0x206d, "AAFS"}, {0x206e, "NADS"}, {0x206f, "NODS"}, {0x3164, "HF"},
    {0xfeff, "BOM"},  {0xffa0, "HHF"},  {0xfff9, "IAA"},  {0xfffa, "IAS"},  {0xfffb, "IAT"},
};

/* What stands for common characters where only ASCII can be shown: one for one,
 * so that columns stay where they are. Ascending. */
static const struct name ascii_of[] = {
    {0x00a0, " "}, {0x00a1, "!"}, {0x00a6, "|"}, {0x00a9, "c"},  {0x00ab, "<"},  {0x00ac, "-"},
    {0x00ae, "r"}, {0x00b0, "o"}, {0x00b1, "+"}, {0x00b5, "u"},  {0x00b7, "."},  {0x00bb, ">"},
    {0x00bf, "?"}, {0x2002, " "}, {0x2003, " "}, {0x2009, " "},  {0x200a, " "},  {0x2010, "-"},
    {0x2011, "-"}, {0x2012, "-"}, {0x2013, "-"}, {0x2014, "-"},  {0x2015, "-"},  {0x2018, "'"},
    {0x2019, "'"}, {0x201a, ","}, {0x201b, "'"}, {0x201c, "\""}, {0x201d, "\""}, {0x201e, "\""},
    {0x2022, "*"}, {0x2026, "~"}, {0x202f, " "}, {0x2032, "'"},  {0x2033, "\""}, {0x2039, "<"},
    {0x203a, ">"}, {0x2044, "/"}, {0x20ac, "E"}, {0x2190, "<"},  {0x2191, "^"},  {0x2192, ">"},
    {0x2193, "v"}, {0x2194, "-"}, {0x2195, "|"}, {0x21ba, "@"},  {0x21d0, "<"},  {0x21d2, ">"},
    {0x2212, "-"}, {0x2248, "~"}, {0x2260, "#"}, {0x2264, "<"},  {0x2265, ">"},  {0x25a0, "#"},
    {0x25a1, "o"}, {0x25b2, "!"}, {0x25b3, "^"}, {0x25b4, "^"},  {0x25b6, ">"},  {0x25b8, ">"},
    {0x25bc, "v"}, {0x25be, "v"}, {0x25c0, "<"}, {0x25c2, "<"},  {0x25c6, "*"},  {0x25cb, "-"},
    {0x25cf, "o"}, {0x25d0, "~"}, {0x26a0, "!"}, {0x2713, "v"},  {0x2714, "v"},  {0x2717, "X"},
    {0x2718, "X"}, {0x276f, ">"}, {0x3000, " "},
};

/* U+00C0 to U+017F without what is above and below them. */
static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTs"
                            "aaaaaaaceeeeiiiidnooooo/ouuuuyty"
                            "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg"
                            "GgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
                            "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSs"
                            "SsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

static const char *lookup(const struct name *names, size_t count, uint32_t code)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (names[middle].code == code)
            return names[middle].text;
        if (names[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Lines and blocks, U+2500 to U+259F, as what one draws them with. */
static const char boxes[] = "--||--||--||++++++++++++++++++++"
                            "++++++++++++++++++++++++++++++++"
                            "++++++++++++--||-|++++++++++++++"
                            "+++++++++++++++++/\\x-|-|-|-|-|-|"
                            "^_.-=+*%###==||||.:#-|##########";

/* One ASCII character for any other one. */
static uint32_t ascii_for(uint32_t code)
{
    const char *other = NULL;
    if (code >= 0xc0 && code < 0x180)
        other = &latin[code - 0xc0];
    else if (code >= 0x2500 && code < 0x25a0)
        other = &boxes[code - 0x2500];
    else if (code >= 0x2800 && code < 0x2900) /* Braille: charts */
        other = code == 0x2800 ? " " : ":";
    else
        other = lookup(ascii_of, BN_COUNT(ascii_of), code);
    return (unsigned char)(other ? other[0] : '?');
}

static const char *hidden_name(uint32_t code, char buffer[8])
{
    if (code < 0xad)
        return NULL;
    if (code >= 0xe0000 && code <= 0xe007f) {
        (void)snprintf(buffer, 8, "TAG%02X", (unsigned)(code - 0xe0000));
        return buffer;
    }
    if ((code >= 0xfe00 && code <= 0xfe0f) || (code >= 0xe0100 && code <= 0xe01ef))
        return ""; /* variation selectors: drawn as if they were not there */
    return lookup(hidden, BN_COUNT(hidden), code);
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Queues ASCII text to be given out glyph by glyph. */
static void queue(struct visible_state *state, const char *open, const char *text, const char *end)
{
    int n = snprintf(state->pending, sizeof(state->pending), "%s%s%s", open, text, end);
    state->at = 0;
    state->len = (uint8_t)(n < (int)sizeof(state->pending) ? n : (int)sizeof(state->pending) - 1);
}

static bool give_pending(struct visible_state *state, bool ascii, struct glyph *out)
{
    if (state->at >= state->len)
        return false;
    char c = state->pending[state->at++];
    uint32_t base = (unsigned char)c;
    if (!ascii && (c == '<' || c == '>')) /* the placeholder's own brackets */
        base = c == '<' ? 0x2039 : 0x203a;
    *out = (struct glyph){.base = base, .width = 1};
    return true;
}

/* ESC is U+241B, "^[" in ASCII; C1 has no pictures. */
static void control(struct visible_state *state, uint32_t code, bool ascii, struct glyph *out)
{
    state->flags |= VISIBLE_HIDDEN_CHARS;
    if (code >= 0x80) {
        *out = (struct glyph){.base = ascii ? '?' : UTF8_REPLACEMENT, .width = 1};
    } else if (!ascii) {
        *out = (struct glyph){.base = code == 0x7f ? 0x2421 : 0x2400 + code, .width = 1};
    } else {
        char name[2] = {(char)(code ^ 0x40), '\0'};
        queue(state, "", name, "");
        *out = (struct glyph){.base = '^', .width = 1};
    }
}

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC };

static enum script script_of(uint32_t code)
{
    if (code == 0x3bc || code == 0x3a9) /* micro and ohm stand beside Latin units */
        return SCRIPT_NONE;
    if ((code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
        (code >= 0xc0 && code < 0x250))
        return SCRIPT_LATIN;
    if (code >= 0x370 && code < 0x400)
        return SCRIPT_GREEK;
    return code >= 0x400 && code < 0x530 ? SCRIPT_CYRILLIC : SCRIPT_NONE;
}

static void note_script(struct visible_state *state, uint32_t code)
{
    enum script script = script_of(code);
    if (script == SCRIPT_NONE) {
        if (code < 0x80 && strchr(" /,;:=()[]{}<>|\"'`", (int)code))
            state->last_script = SCRIPT_NONE; /* another word; - . _ and digits stay in one */
        return;
    }
    if (state->last_script != SCRIPT_NONE && state->last_script != script)
        state->flags |= VISIBLE_MIXED_SCRIPT;
    state->last_script = script;
}

/* Marks after the base; what is over the limit is dropped. */
static void take_marks(struct visible_state *state, struct span *text, struct glyph *out)
{
    size_t n = 0;
    while (text->len && (unsigned char)text->data[0] >= 0xcc) {
        uint32_t code;
        char buffer[8];
        size_t used = utf8_decode(*text, &code);
        const char *selector = hidden_name(code, buffer);
        bool skipped = selector && !selector[0];
        if (skipped && code >= 0xe0100)
            state->flags |= VISIBLE_HIDDEN_CHARS;
        if (!skipped && (!utf8_is_combining(code) || utf8_width_disputed(code)))
            return;
        if (!skipped && n < VISIBLE_MARKS_MAX)
            out->marks[n++] = code;
        *text = span_sub(*text, used, text->len);
    }
}

/* What is wide here and narrow there, or not assigned, would shift the line. */
static void draw(struct visible_state *state, uint32_t code, bool ascii, struct glyph *out)
{
    *out = (struct glyph){.base = code, .width = 1};
    if (code < 0x80)
        return;
    int width = utf8_width(code);
    bool odd = width == 0 || utf8_width_disputed(code);
    if (odd)
        state->flags |= VISIBLE_HIDDEN_CHARS;
    if (ascii) {
        out->base = ascii_for(code);
    } else {
        out->base = odd ? UTF8_REPLACEMENT : code;
        out->width = odd ? 1 : (uint8_t)width;
    }
}

bool visible_next(struct visible_state *state, struct span *text, bool ascii, struct glyph *out)
{
    for (;;) {
        uint32_t code;
        char buffer[8];
        if (give_pending(state, ascii, out))
            return true;
        if (!text->len)
            return false;
        size_t used = utf8_decode(*text, &code);
        bool bad = code == UTF8_REPLACEMENT && used == 1;
        *text = span_sub(*text, used, text->len);
        if (bad)
            state->flags |= VISIBLE_BAD_BYTES;
        if (is_control(code)) {
            control(state, code, ascii, out);
            return true;
        }
        const char *name = hidden_name(code, buffer);
        if (name && !name[0]) {
            state->flags |= code >= 0xe0100 ? VISIBLE_HIDDEN_CHARS : 0;
            continue;
        }
        if (name) {
            state->flags |= VISIBLE_HIDDEN_CHARS;
            queue(state, "<", name, ">");
            continue;
        }
        note_script(state, code);
        draw(state, code, ascii, out);
        take_marks(state, text, out);
        if (ascii)
            memset(out->marks, 0, sizeof(out->marks));
        return true;
    }
}

int visible_width(struct span text, bool ascii)
{
    struct visible_state state = {0};
    struct glyph glyph;
    int width = 0;
    while (width < INT16_MAX && visible_next(&state, &text, ascii, &glyph))
        width += glyph.width;
    return width;
}

unsigned visible_text(struct span text, bool ascii, struct strbuf *out)
{
    struct visible_state state = {0};
    struct glyph glyph;
    char bytes[4];
    while (visible_next(&state, &text, ascii, &glyph)) {
        strbuf_add(out, span_make(bytes, utf8_encode(glyph.base, bytes)));
        for (size_t i = 0; i < VISIBLE_MARKS_MAX && glyph.marks[i]; i++)
            strbuf_add(out, span_make(bytes, utf8_encode(glyph.marks[i], bytes)));
    }
    return state.flags;
}
