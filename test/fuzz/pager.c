/* Text from outside on the canvas: the first byte is the width; every cell is
 * printable, wide glyphs are whole, lines do not depend on the pieces. */
#include <config.h>

#include "widgets/pager.h"

#include "base/strbuf.h"
#include "test/fuzz/fuzz.h"

static void check_cells(const struct canvas *c)
{
    int cols = canvas_cols(c);
    for (int row = 0; row < canvas_rows(c); row++) {
        const struct cell *cells = canvas_row(c, row);
        for (int i = 0; i < cols; i++) {
            uint32_t base = cells[i].glyph.base;
            bool wide = cells[i].glyph.width == 2;
            bn_assert(base >= ' ' && !(base >= 0x7f && base < 0xa0));
            bn_assert(!canvas_ascii(c) || base < 0x7f);
            bn_assert(!wide || (i + 1 < cols && cells[i + 1].glyph.width == 0));
            bn_assert(cells[i].glyph.width || (i && cells[i - 1].glyph.width == 2));
        }
    }
}

static void show(struct pager *p, int cols, bool ascii, struct strbuf *out)
{
    struct canvas *c = canvas_new(5, cols, ascii);
    for (int turn = 0; turn < 6; turn++) {
        pager_wrap(p, turn % 2);
        pager_scroll_columns(p, turn);
        pager_draw(p, c, rect_make(0, 0, 5, cols), NULL);
        check_cells(c);
        canvas_dump(c, out);
        pager_scroll(p, turn * 3 - 4);
        (void)pager_next(p, turn % 3 - 1);
    }
    canvas_free(c);
}

static void run(struct span bytes, size_t piece, struct strbuf *out)
{
    struct pager *p = pager_new(512);
    int cols = bytes.len ? (unsigned char)bytes.data[0] % 40 + 1 : 1;
    for (size_t at = 0; at < bytes.len; at += piece)
        pager_add(p, span_sub(bytes, at, piece));
    show(p, cols, false, out);
    pager_search(p, span_sub(bytes, bytes.len / 2, 2));
    pager_only(p, bytes.len % 2);
    show(p, cols, true, out);
    pager_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_make((const char *)data, size < 4096 ? size : 4096);
    struct strbuf whole = STRBUF_INIT(1 << 20), pieces = STRBUF_INIT(1 << 20);
    run(bytes, bytes.len ? bytes.len : 1, &whole);
    run(bytes, 3, &pieces);
    bn_assert(span_eq(strbuf_span(&whole), strbuf_span(&pieces)));
    strbuf_clear(&whole);
    strbuf_clear(&pieces);
    return 0;
}
