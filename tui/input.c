/* The byte parser: what is complete becomes an event, what is unknown is
 * swallowed whole, what is unfinished waits, but never for ever. */
#include <config.h>

#include "tui/input.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "tui/input_csi.h"

#include <stdlib.h>
#include <string.h>

#define ESC          '\033'
#define QUEUE_MAX    ((size_t)4 * 1024 * 1024) /* a caller that never asks for events */
#define PASTE_MAX    ((size_t)1024 * 1024)     /* the rest of a longer paste is dropped */
#define SEQUENCE_MAX 64                        /* a longer control sequence is swallowed */
#define STRING_KEPT  64                        /* of an OSC, DCS...: what we might read of it */
#define DEFINED_MAX  64

/* Waits, from the last byte: for the rest of a sequence that has begun; for
 * the end of a terminal's answer; for the end of a paste. */
#define SEQUENCE_WAIT_MS 250
#define STRING_WAIT_MS   500
#define PASTE_WAIT_MS    5000

#define PASTE_END     "\033[201~"
#define PASTE_END_LEN (sizeof(PASTE_END) - 1)

struct defined {
    char bytes[16];
    size_t len;
    uint32_t key;
};

enum mode { MODE_KEYS, MODE_STRING, MODE_PASTE };

struct input {
    int escape_delay_ms;
    bool allow_control;
    int sync_state; /* DECRQM's answer for 2026; -1: none yet */
    int64_t last_ms;
    enum mode mode;
    size_t skip;         /* bytes to swallow: the rest of an X10 mouse report */
    bool skip_sequence;  /* an overlong control sequence, up to its final byte */
    struct strbuf queue; /* owned; not yet understood */
    size_t at;           /* bytes of queue that are */
    struct strbuf paste; /* owned; the paste being received */
    size_t candidate;    /* where the last end mark in it begins; SIZE_MAX: none */
    struct strbuf given; /* owned; the paste of the last event */
    char string[STRING_KEPT];
    size_t string_len; /* may exceed STRING_KEPT: then it was longer */
    struct defined defined[DEFINED_MAX];
    size_t ndefined;
};

struct input *input_new(int escape_delay_ms)
{
    struct input *in = xalloc_zero(1, sizeof(*in));
    in->escape_delay_ms = escape_delay_ms;
    in->sync_state = -1;
    in->candidate = SIZE_MAX;
    in->queue.limit = QUEUE_MAX;
    in->paste.limit = in->given.limit = QUEUE_MAX + PASTE_MAX;
    return in;
}

/* What was typed or pasted may be a password. */
void input_free(struct input *in)
{
    if (!in)
        return;
    strbuf_wipe(&in->queue);
    strbuf_wipe(&in->paste);
    strbuf_wipe(&in->given);
    free(in);
}

void input_allow_control(struct input *in, bool allow)
{
    in->allow_control = allow;
}

int input_sync_state(const struct input *in)
{
    return in->sync_state;
}

void input_define(struct input *in, const char *sequence, uint32_t key)
{
    size_t len = strlen(sequence);
    if (len == 0 || len > sizeof(in->defined[0].bytes) || in->ndefined == DEFINED_MAX)
        return;
    /* A printing character or a lone ESC as a key would take it from typing. */
    if (len == 1 && ((unsigned char)sequence[0] >= ' ' || sequence[0] == ESC) &&
        sequence[0] != 0x7f)
        return;
    struct defined *d = &in->defined[in->ndefined++];
    memcpy(d->bytes, sequence, len);
    d->len = len;
    d->key = key;
}

/* The last end mark wins: a paste may hold one itself, to have what follows it
 * taken for typing. */
static void find_paste_end(struct input *in, size_t from)
{
    struct span text = strbuf_span(&in->paste);
    for (;;) {
        struct span rest = span_sub(text, from, text.len);
        size_t at = span_search(rest, SPAN(PASTE_END), false);
        if (at >= rest.len)
            return;
        in->candidate = from + at;
        from += at + PASTE_END_LEN;
    }
}

/* Drops the middle of what is too long; an end mark may straddle two feeds, so
 * the last bytes stay. */
static void cap_paste(struct input *in)
{
    char tail[PASTE_END_LEN];
    if (in->paste.len <= PASTE_MAX + sizeof(tail) || in->candidate != SIZE_MAX)
        return;
    memcpy(tail, in->paste.data + in->paste.len - sizeof(tail), sizeof(tail));
    strbuf_truncate(&in->paste, PASTE_MAX);
    strbuf_add(&in->paste, span_make(tail, sizeof(tail)));
}

static void paste_feed(struct input *in, struct span bytes)
{
    size_t from = in->paste.len > PASTE_END_LEN ? in->paste.len - PASTE_END_LEN : 0;
    if (in->candidate != SIZE_MAX && from < in->candidate + PASTE_END_LEN)
        from = in->candidate + PASTE_END_LEN;
    strbuf_add(&in->paste, bytes);
    find_paste_end(in, from);
    cap_paste(in);
}

void input_feed(struct input *in, struct span bytes, int64_t mono_ms)
{
    if (!bytes.len)
        return;
    if (mono_ms - in->last_ms > SEQUENCE_WAIT_MS) {
        in->skip = 0;
        in->skip_sequence = false;
    }
    in->last_ms = mono_ms;
    if (in->mode == MODE_PASTE)
        paste_feed(in, bytes);
    else
        strbuf_add(&in->queue, bytes);
}

static struct span unread(const struct input *in)
{
    return span_make(in->queue.len ? in->queue.data + in->at : "", in->queue.len - in->at);
}

static void take(struct input *in, size_t count)
{
    in->at += count;
    if (in->at < in->queue.len)
        return;
    in->at = 0;
    if (in->queue.len)
        alloc_wipe(in->queue.data, in->queue.len);
    strbuf_truncate(&in->queue, 0);
}

/* What one step of the parser came to. */
enum step { STEP_WAIT, STEP_AGAIN, STEP_EVENT };

static enum step give_key(struct input *in, size_t used, uint32_t key, struct input_event *out)
{
    take(in, used);
    *out = (struct input_event){.type = INPUT_KEY, .key = key};
    return STEP_EVENT;
}

static enum step swallow(struct input *in, size_t used)
{
    take(in, used);
    return STEP_AGAIN;
}

/* How long the bytes at hand may wait for more. A lone ESC is a key; a longer
 * beginning came from a terminal, perhaps in pieces. */
static int64_t keys_wait_ms(const struct input *in)
{
    struct span bytes = unread(in);
    bool lone = bytes.len == 1 && bytes.data[0] == ESC;
    int wait =
        lone || in->escape_delay_ms > SEQUENCE_WAIT_MS ? in->escape_delay_ms : SEQUENCE_WAIT_MS;
    return in->last_ms + wait;
}

static bool is_string_start(char c)
{
    return c == 'P' || c == ']' || c == '^' || c == '_';
}

static size_t utf8_need(unsigned char lead)
{
    return lead < 0x80   ? 1
           : lead < 0xc2 ? 0
           : lead < 0xe0 ? 2
           : lead < 0xf0 ? 3
           : lead < 0xf5 ? 4
                         : 0;
}

/* A character, with Alt when an ESC (skip = 1) stands before it. */
static enum step step_character(struct input *in, size_t skip, struct input_event *out)
{
    struct span bytes = unread(in);
    bytes = span_sub(bytes, skip, bytes.len - skip);
    uint32_t flag = skip ? KEYSYM_ALT : 0, code;
    unsigned char first = (unsigned char)bytes.data[0];
    if (first < ' ' || first == 0x7f)
        return give_key(in, skip + 1, key_of_control(first) | flag, out);
    size_t need = utf8_need(first);
    if (!need)
        return swallow(in, skip + 1);
    for (size_t i = 1; i < need; i++) {
        if (i >= bytes.len)
            return STEP_WAIT;
        if (((unsigned char)bytes.data[i] & 0xc0) != 0x80)
            return swallow(in, skip + i);
    }
    if (utf8_decode(span_sub(bytes, 0, need), &code) != need || (code >= 0x80 && code < 0xa0))
        return swallow(in, skip + need);
    return give_key(in, skip + need, code | flag, out);
}

/* Length of a control sequence at hand (introducer included); 0: unfinished.
 * *bad: the byte at that length does not belong to it. */
static size_t sequence_length(struct span bytes, bool *bad)
{
    *bad = false;
    size_t i = 2;
    if (bytes.len > 2 && bytes.data[1] == '[' && bytes.data[2] == '[')
        i = 3;
    for (; i < bytes.len; i++) {
        unsigned char b = (unsigned char)bytes.data[i];
        if (b >= 0x40 && b <= 0x7e)
            return i + 1;
        if (b < 0x20 || b > 0x7e) {
            *bad = true;
            return i;
        }
    }
    return 0;
}

static void enter_paste(struct input *in)
{
    struct span rest = unread(in);
    in->mode = MODE_PASTE;
    in->candidate = SIZE_MAX;
    strbuf_truncate(&in->paste, 0);
    paste_feed(in, rest);
    take(in, rest.len);
}

static enum step run_sequence(struct input *in, size_t len, struct input_event *out)
{
    struct span bytes = unread(in), body = span_sub(bytes, 2, len - 2);
    struct input_event e;
    enum csi_meaning meaning = bytes.data[1] == 'O' ? ss3_decode(body, &e) : csi_decode(body, &e);
    take(in, len);
    switch (meaning) {
    case CSI_EVENT:
        *out = e;
        return STEP_EVENT;
    case CSI_PASTE_START:
        enter_paste(in);
        return STEP_AGAIN;
    case CSI_X10_MOUSE:
        in->skip = 3;
        return STEP_AGAIN;
    case CSI_MODE:
        if (e.key == 2026)
            in->sync_state = e.button;
        return STEP_AGAIN;
    case CSI_NOTHING:
        return STEP_AGAIN;
    }
    return STEP_AGAIN;
}

static enum step step_sequence(struct input *in, struct input_event *out)
{
    bool bad;
    struct span bytes = unread(in);
    size_t len = sequence_length(bytes, &bad);
    if (bad || len > SEQUENCE_MAX)
        return swallow(in, len);
    if (len)
        return run_sequence(in, len, out);
    if (bytes.len >= SEQUENCE_MAX) {
        in->skip_sequence = true;
        return swallow(in, bytes.len);
    }
    return STEP_WAIT;
}

/* The key whose string is at hand; *partial: a longer one may still come. */
static const struct defined *find_defined(const struct input *in, struct span bytes, bool *partial)
{
    const struct defined *best = NULL;
    *partial = false;
    for (size_t i = 0; i < in->ndefined; i++) {
        const struct defined *d = &in->defined[i];
        size_t common = bytes.len < d->len ? bytes.len : d->len;
        if (memcmp(bytes.data, d->bytes, common) != 0)
            continue;
        if (common < d->len)
            *partial = true;
        else if (!best || d->len > best->len)
            best = d;
    }
    return best;
}

static enum step step_keys(struct input *in, struct input_event *out)
{
    struct span bytes = unread(in);
    bool partial;
    if (!bytes.len)
        return STEP_WAIT;
    const struct defined *d = find_defined(in, bytes, &partial);
    if (d && !(partial && bytes.len < SEQUENCE_MAX))
        return give_key(in, d->len, d->key, out);
    if (bytes.data[0] != ESC)
        return partial ? STEP_WAIT : step_character(in, 0, out);
    if (bytes.len == 1)
        return STEP_WAIT;
    char second = bytes.data[1];
    if (second == ESC)
        return give_key(in, 1, KEYSYM_ESC, out);
    if (partial && bytes.len == 2)
        return STEP_WAIT;
    if (second == '[' || second == 'O')
        return step_sequence(in, out);
    if (is_string_start(second)) {
        if (bytes.len == 2)
            return STEP_WAIT;
        in->mode = MODE_STRING;
        in->string_len = 0;
        if (second != ']') /* only an OSC is ever read */
            in->string_len = STRING_KEPT + 1;
        return swallow(in, 2);
    }
    return step_character(in, 1, out);
}

/* Nothing more came in time: what is at hand is what was meant. */
static enum step expire_keys(struct input *in, struct input_event *out)
{
    struct span bytes = unread(in);
    bool partial;
    const struct defined *d = find_defined(in, bytes, &partial);
    if (d)
        return give_key(in, d->len, d->key, out);
    if (bytes.data[0] == ESC && bytes.len == 1)
        return give_key(in, 1, KEYSYM_ESC, out);
    if (bytes.data[0] == ESC && bytes.len == 2 && (unsigned char)bytes.data[1] < 0x80)
        return give_key(in, 2, (unsigned char)bytes.data[1] | KEYSYM_ALT, out);
    return swallow(in, bytes.len);
}

static bool read_control(const struct input *in, struct input_event *out)
{
    struct span text = span_make(in->string, in->string_len), part;
    int64_t step;
    if (!in->allow_control || in->string_len > STRING_KEPT)
        return false;
    if (!span_split(&text, ';', &part) || !span_is(span_trim(part), "7778"))
        return false;
    text = span_trim(text);
    if (!span_starts(text, "step=") ||
        !number_parse(span_sub(text, 5, text.len - 5), 0, INT64_C(1) << 50, &step))
        return false;
    *out = (struct input_event){.type = INPUT_CONTROL, .step_ms = step};
    return true;
}

static enum step end_string(struct input *in, size_t used, struct input_event *out)
{
    in->mode = MODE_KEYS;
    take(in, used);
    return read_control(in, out) ? STEP_EVENT : STEP_AGAIN;
}

/* Inside OSC, DCS, APC, PM, SOS: up to ST or BEL. A control character cancels
 * it and keeps its meaning, so that Ctrl-C always works. */
static enum step step_string(struct input *in, struct input_event *out)
{
    struct span bytes = unread(in);
    size_t i = 0;
    for (; i < bytes.len && (unsigned char)bytes.data[i] >= ' '; i++) {
        if (in->string_len < STRING_KEPT)
            in->string[in->string_len] = bytes.data[i];
        if (in->string_len <= STRING_KEPT)
            in->string_len++;
    }
    take(in, i);
    bytes = unread(in);
    if (!bytes.len)
        return STEP_WAIT;
    if (bytes.data[0] == '\a')
        return end_string(in, 1, out);
    if (bytes.data[0] != ESC) {
        in->mode = MODE_KEYS;
        return STEP_AGAIN;
    }
    if (bytes.len == 1)
        return STEP_WAIT;
    if (bytes.data[1] == '\\')
        return end_string(in, 2, out);
    in->mode = MODE_KEYS;
    return STEP_AGAIN;
}

static int64_t paste_wait_ms(const struct input *in)
{
    bool ended = in->candidate != SIZE_MAX;
    return in->last_ms + (ended ? in->escape_delay_ms : PASTE_WAIT_MS);
}

static enum step step_paste(struct input *in, bool late, struct input_event *out)
{
    if (!late)
        return STEP_WAIT;
    bool ended = in->candidate != SIZE_MAX;
    size_t len = ended ? in->candidate : in->paste.len;
    struct span all = strbuf_span(&in->paste), text = span_sub(all, 0, len);
    in->mode = MODE_KEYS;
    if (ended)
        strbuf_add(&in->queue, span_sub(all, len + PASTE_END_LEN, all.len));
    text.len = text.len > PASTE_MAX ? PASTE_MAX : text.len;
    strbuf_wipe(&in->given);
    strbuf_add(&in->given, text);
    strbuf_wipe(&in->paste);
    *out = (struct input_event){.type = INPUT_PASTE, .paste = strbuf_span(&in->given)};
    return STEP_EVENT;
}

/* The rest of what is being swallowed. */
static void drop_skipped(struct input *in)
{
    struct span bytes = unread(in);
    size_t skipped = in->skip < bytes.len ? in->skip : bytes.len;
    in->skip -= skipped;
    take(in, skipped);
    bytes = unread(in);
    size_t i = 0;
    while (in->skip_sequence && i < bytes.len) {
        unsigned char b = (unsigned char)bytes.data[i];
        in->skip_sequence = b >= 0x20 && b < 0x40;
        if (b < 0x20 || b > 0x7e)
            break;
        i++;
    }
    take(in, i);
}

static enum step step_once(struct input *in, int64_t mono_ms, struct input_event *out)
{
    bool late = mono_ms >= input_next_ms(in);
    enum step step;
    switch (in->mode) {
    case MODE_PASTE:
        return step_paste(in, late, out);
    case MODE_STRING:
        step = step_string(in, out);
        if (step != STEP_WAIT || !late)
            return step;
        in->mode = MODE_KEYS; /* an ESC that pends is looked at again */
        return unread(in).len ? STEP_AGAIN : STEP_WAIT;
    case MODE_KEYS:
        drop_skipped(in);
        step = step_keys(in, out);
        return step == STEP_WAIT && late && unread(in).len ? expire_keys(in, out) : step;
    }
    return STEP_WAIT;
}

bool input_next(struct input *in, int64_t mono_ms, struct input_event *out)
{
    strbuf_wipe(&in->given);
    for (;;) {
        struct input_event e;
        switch (step_once(in, mono_ms, &e)) {
        case STEP_WAIT:
            return false;
        case STEP_AGAIN:
            break;
        case STEP_EVENT:
            *out = e;
            return true;
        }
    }
}

int64_t input_next_ms(const struct input *in)
{
    switch (in->mode) {
    case MODE_PASTE:
        return paste_wait_ms(in);
    case MODE_STRING:
        return in->last_ms + STRING_WAIT_MS;
    case MODE_KEYS:
        return unread(in).len ? keys_wait_ms(in) : TIME_FOREVER;
    }
    return TIME_FOREVER;
}
