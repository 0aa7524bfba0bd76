/* The list of what may be written is by hand, and short: what ncurses uses of
 * the terminals tested here, and the few private modes of tui/term.c. */
#include <config.h>

#include "test/screens/stream.h"

#include "base/number.h"

#include <string.h>

#define TOKEN_MAX ((size_t)1024 * 1024)

void stream_init(struct stream *s)
{
    *s = (struct stream){.state = STREAM_GROUND};
    s->token.limit = s->copied.limit = s->title.limit = s->mark.limit = TOKEN_MAX;
    s->fault.limit = 2000;
}

void stream_done(struct stream *s)
{
    strbuf_clear(&s->token);
    strbuf_clear(&s->fault);
    strbuf_clear(&s->copied);
    strbuf_clear(&s->title);
    strbuf_clear(&s->mark);
}

static void add_fault(struct stream *s, struct span bytes)
{
    for (size_t i = 0; i < bytes.len && i < 60; i++) {
        unsigned char b = (unsigned char)bytes.data[i];
        strbuf_addf(&s->fault, b > ' ' && b < 0x7f ? "%c" : "\\x%02x", b);
    }
    strbuf_addc(&s->fault, ' ');
}

static bool set_mode(struct stream *s, struct span number, bool on)
{
    int64_t n;
    if (!number_parse(number, 0, 9999, &n))
        return false;
    switch (n) {
    case 25:
        s->cursor_hidden = !on;
        return true;
    case 1049:
        s->entered += on;
        s->other_screen = on;
        return true;
    case 1000:
    case 1002:
    case 1006:
        s->mouse = on;
        return true;
    case 2004:
        s->paste = on;
        return true;
    case 2026:
        s->frames += s->synchronised && !on;
        s->synchronised = on;
        return true;
    case 1: /* cursor keys */
    case 7: /* margins */
    case 12:
        return true;
    default:
        return false;
    }
}

static bool take_private(struct stream *s, struct span body)
{
    char final = body.data[body.len - 1];
    struct span part, rest = span_sub(body, 1, body.len - 2);
    if (span_is(body, "?2026$p")) {
        s->asked_sync = true;
        return true;
    }
    if (final == 'c') /* the linux console's cursor shape: CSI ? 0 c, CSI ? 1 c */
        return span_is(rest, "0") || span_is(rest, "1");
    if (final != 'h' && final != 'l')
        return false;
    while (span_split(&rest, ';', &part))
        if (!set_mode(s, part, final == 'h'))
            return false;
    return true;
}

/* body: behind "ESC [". */
static bool take_csi(struct stream *s, struct span body)
{
    char final = body.data[body.len - 1];
    if (body.data[0] == '?')
        return take_private(s, body);
    struct span parameters = span_sub(body, 0, body.len - 1);
    for (size_t i = 0; i < parameters.len; i++)
        if (!strchr("0123456789;", parameters.data[i]))
            return false;
    if (final == 'm') {
        s->coloured = parameters.len && !span_is(parameters, "0");
        return true;
    }
    if (final == 'r') {
        s->region = parameters.len > 0;
        return true;
    }
    if (final == 'b')
        return number_parse(parameters, 1, 1000, &s->repeat);
    if (final == 't') /* window title kept and given back: xterm's smcup, rmcup */
        return span_is(body, "22;0;0t") || span_is(body, "23;0;0t");
    if (final == 'h' || final == 'l') /* insert mode; 34 is screen's cursor */
        return span_is(parameters, "4") || span_is(parameters, "34");
    return strchr("ABCDGHJKLMPSTXd@", final) != NULL;
}

static bool take_string(struct stream *s, struct span body)
{
    if (span_starts(body, "]7777;")) {
        strbuf_truncate(&s->mark, 0);
        strbuf_add(&s->mark, span_sub(body, 6, body.len));
        s->marks++;
        return true;
    }
    bool wrapped = span_starts(body, "P\033]52;c;"); /* for screen, which passes it on */
    if (wrapped || span_starts(body, "]52;c;")) {
        strbuf_truncate(&s->copied, 0);
        strbuf_add(&s->copied, span_sub(body, wrapped ? 8 : 6, body.len));
        s->wrapped = wrapped;
        s->copies++;
        return true;
    }
    if (span_starts(body, "]2;")) {
        strbuf_truncate(&s->title, 0);
        strbuf_add(&s->title, span_sub(body, 3, body.len));
        s->titles++;
        return true;
    }
    return false;
}

/* Two bytes behind ESC at most. */
static bool take_escape(struct stream *s, struct span body)
{
    if (span_is(body, "=") || span_is(body, ">")) {
        s->keypad = span_is(body, "=");
        return true;
    }
    return span_is(body, "7") || span_is(body, "8") || span_is(body, "M") || span_is(body, "D") ||
           span_is(body, "(B") || span_is(body, ")0") || span_is(body, "\\");
}

/* Marks do not count as bytes of the screen. */
static bool end_token(struct stream *s, bool (*take)(struct stream *, struct span), size_t tail)
{
    struct span body = span_sub(strbuf_span(&s->token), 1, s->token.len - 1 - tail);
    uint64_t marks = s->marks;
    if (take == take_csi)
        body = span_sub(body, 1, body.len);
    if (!body.len || !take(s, body))
        add_fault(s, strbuf_span(&s->token));
    s->bytes -= s->marks != marks ? s->token.len : 0;
    strbuf_truncate(&s->token, 0);
    s->state = STREAM_GROUND;
    return s->marks != marks;
}

static void take_ground(struct stream *s, char byte)
{
    unsigned char b = (unsigned char)byte;
    if (b == 033) {
        s->state = STREAM_ESCAPE;
        strbuf_addc(&s->token, byte);
    } else if (b < ' ') {
        /* Movements, character sets of the vt100, and CAN before restoring. */
        if (!strchr("\r\n\b\t\016\017\030", byte) || !byte)
            add_fault(s, span_make(&byte, 1));
    } else if (b == 0x7f || (s->ascii_only && b > 0x7f)) {
        add_fault(s, span_make(&byte, 1));
    } else {
        if ((b & 0xc0) != 0x80 || s->last_len == sizeof(s->last))
            s->last_len = 0;
        s->last[s->last_len++] = byte;
    }
}

static bool take_after_escape(struct stream *s, char byte)
{
    if (byte == '[')
        s->state = STREAM_CSI;
    else if (strchr("]P_^X", byte))
        s->state = STREAM_STRING;
    else if (!(byte >= ' ' && byte <= '/'))
        return end_token(s, take_escape, 0);
    return false;
}

bool stream_take(struct stream *s, char byte)
{
    s->bytes++;
    if (s->state == STREAM_GROUND) {
        take_ground(s, byte);
        return false;
    }
    if (byte == '\030' || (byte == '\033' && s->state < STREAM_STRING)) { /* cancelled */
        strbuf_truncate(&s->token, 0);
        s->state = STREAM_GROUND;
        take_ground(s, byte);
        return false;
    }
    strbuf_addc(&s->token, byte);
    switch (s->state) {
    case STREAM_ESCAPE:
        return take_after_escape(s, byte);
    case STREAM_CSI:
        return byte >= '@' && byte <= '~' ? end_token(s, take_csi, 0) : false;
    case STREAM_STRING:
        if (byte == '\a')
            return end_token(s, take_string, 1);
        s->state = byte == '\033' ? STREAM_STRING_ESCAPE : STREAM_STRING;
        return false;
    case STREAM_STRING_ESCAPE:
        s->state = STREAM_STRING;
        return byte == '\\' ? end_token(s, take_string, 2) : false;
    case STREAM_GROUND:
        return false;
    }
    return false;
}

void stream_leftovers(const struct stream *s, struct strbuf *out)
{
    static const char *const words[] = {"cursor hidden ", "other screen ",  "keypad on ",
                                        "mouse on ",      "paste on ",      "synchronised ",
                                        "coloured ",      "scroll region ", "sequence unfinished "};
    const bool set[] = {s->cursor_hidden, s->other_screen, s->keypad,
                        s->mouse,         s->paste,        s->synchronised,
                        s->coloured,      s->region,       s->state != STREAM_GROUND};
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (set[i])
            strbuf_adds(out, words[i]);
}
