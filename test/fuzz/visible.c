/* Fuzz target: what of any bytes is shown. Nothing that acts on a terminal, in
 * bounded cells, and the same however the text is measured. */
#include <config.h>

#include "base/visible.h"

#include "base/utf8.h"
#include "test/fuzz/fuzz.h"

static void check(struct span text, bool ascii)
{
    struct visible_state state = {0};
    struct glyph g;
    struct strbuf out = STRBUF_INIT((size_t)64 << 20);
    struct span rest = text;
    long cells = 0;
    while (visible_next(&state, &rest, ascii, &g)) {
        bn_assert(g.base >= 0x20 && (g.base < 0x7f || (!ascii && g.base >= 0xa0)));
        bn_assert(utf8_width(g.base) == g.width && !utf8_width_disputed(g.base));
        for (size_t i = 0; i < VISIBLE_MARKS_MAX && g.marks[i]; i++)
            bn_assert(!ascii && utf8_is_combining(g.marks[i]));
        cells += g.width;
    }
    bn_assert(visible_width(text, ascii) == cells || cells > INT16_MAX);
    bn_assert(visible_text(text, ascii, &out) == state.flags);
    bn_assert(!out.failed && utf8_valid(strbuf_span(&out)));
    bn_assert(visible_width(strbuf_span(&out), ascii) == cells || cells > INT16_MAX);
    strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    struct strbuf repaired = STRBUF_INIT((size_t)64 << 20);
    check(text, false);
    check(text, true);
    size_t bad = utf8_repair(text, &repaired);
    bn_assert((bad == 0) == utf8_valid(text));
    bn_assert(utf8_valid(strbuf_span(&repaired)));
    strbuf_clear(&repaired);
    return 0;
}
