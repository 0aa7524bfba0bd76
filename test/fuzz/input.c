/* Bytes of a terminal: the events do not depend on how they arrive in pieces,
 * and nothing waits for ever. */
#include <config.h>

#include "tui/input.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "test/fuzz/fuzz.h"

static void add_event(const struct input_event *e, struct strbuf *out)
{
    strbuf_addf(out, "%d %x %d %d %d,%d %d %lld %zu;", (int)e->type, (unsigned)e->key, (int)e->what,
                e->button, e->row, e->col, e->focused, (long long)e->step_ms, e->paste.len);
    bn_assert(e->type != INPUT_KEY ||
              (e->key & ~(uint32_t)(KEYSYM_ALT | KEYSYM_CTRL_KEY)) < KEYSYM_CTRL + 'z' + 1);
}

static void drain(struct input *in, int64_t now, struct strbuf *out)
{
    struct input_event e;
    while (input_next(in, now, &e))
        add_event(&e, out);
}

/* Feeds pieces of the given length, all at the same time. */
static void run(struct span bytes, size_t piece, struct strbuf *out)
{
    struct input *in = input_new(25);
    int64_t due;
    input_allow_control(in, true);
    input_define(in, "\033OP", KEYSYM_F1);
    input_define(in, "\033[[A", KEYSYM_F1);
    input_define(in, "\177", KEYSYM_BACKSPACE);
    for (size_t at = 0; at < bytes.len; at += piece) {
        input_feed(in, span_sub(bytes, at, piece), 1000);
        drain(in, 1000, out);
    }
    for (int rounds = 0; (due = input_next_ms(in)) != TIME_FOREVER; rounds++) {
        bn_assert((size_t)rounds < bytes.len + 10);
        drain(in, due, out);
    }
    input_free(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_make((const char *)data, size);
    struct strbuf whole = STRBUF_INIT((size_t)64 << 20), pieces = STRBUF_INIT((size_t)64 << 20);
    run(bytes, size ? size : 1, &whole);
    for (size_t piece = 1; piece < 8; piece += 3) {
        strbuf_truncate(&pieces, 0);
        run(bytes, piece, &pieces);
        bn_assert(span_eq(strbuf_span(&whole), strbuf_span(&pieces)));
    }
    strbuf_clear(&whole);
    strbuf_clear(&pieces);
    return 0;
}
