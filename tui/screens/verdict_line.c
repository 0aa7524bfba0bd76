/* Glyph, label, name, sentence. */
#include <config.h>

#include "tui/screens/verdict_line.h"

#define NARROW_COLS 50 /* below, there is no label */

int verdict_line_name(const struct ui *ui, struct handle row)
{
    struct strbuf name = STRBUF_INIT(4096);
    naming_name(store_key(ui->store, row), &name);
    int cells = visible_width(strbuf_span(&name), ui_ascii(ui));
    strbuf_clear(&name);
    return cells;
}

void verdict_line_draw(struct ui *ui, struct canvas *c, struct rect line, struct handle named,
                       struct handle row, int names, int end)
{
    struct span key = store_key(ui->store, named);
    struct strbuf name = STRBUF_INIT(4096), says = STRBUF_INIT(4096);
    char label[LABEL_MAX];
    enum role role;
    enum level level = ui_level(ui, row, &role);
    int name_at = line.cols < NARROW_COLS ? 3 : 3 + VERDICT_LABEL_WIDTH + 1;
    int at = name_at + names + 1;
    naming_label(store_kind(ui->store, named.kind), key, label);
    naming_name(key, &name);
    ui_says(ui, row, &says);
    if (!says.len)
        strbuf_adds(&says, level_name(level));
    canvas_text(c, line, 0, 1, 1, span_from(role_glyph(level, ui_ascii(ui))), role_of_level(level));
    if (name_at > 3)
        canvas_text_cut(c, line, 0, 3, VERDICT_LABEL_WIDTH, 0, span_from(label), ROLE_DIM);
    canvas_text_cut(c, line, 0, name_at, names, names / 3, strbuf_span(&name), ROLE_TEXT);
    canvas_text_cut(c, line, 0, at, line.cols - at - end, 0, strbuf_span(&says), role);
    strbuf_clear(&name);
    strbuf_clear(&says);
}
