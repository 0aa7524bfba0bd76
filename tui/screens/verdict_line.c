/* Glyph, label, name, sentence. */
#include <config.h>

#include "tui/screens/verdict_line.h"

#include <string.h>

#define NARROW_COLS 50 /* below, there is no label */

int verdict_line_name(const struct ui *ui, struct handle row)
{
    struct strbuf name = STRBUF_INIT(4096);
    naming_name(store_kind(ui->store, row.kind), store_key(ui->store, row), &name);
    int cells = visible_width(strbuf_span(&name), ui_ascii(ui));
    strbuf_clear(&name);
    return cells;
}

static bool has_kind(const struct system *system, const char *name)
{
    for (size_t i = 0; i < SYSTEM_KINDS_MAX && system->kinds[i]; i++)
        if (strcmp(system->kinds[i], name) == 0)
            return true;
    return false;
}

/* "certificate: ": what its sentence is about where that is of another system than what is named. */
static void add_whose(const struct ui *ui, struct handle named, struct handle row,
                      struct strbuf *out)
{
    const struct system_list *all = session_systems(ui->session);
    const struct kind *of = store_kind(ui->store, named.kind);
    const struct kind *kind = store_kind(ui->store, row.kind);
    char label[LABEL_MAX];
    if (kind == of || kind->containers_log || strcmp(kind->name, "event") == 0)
        return;
    for (size_t i = 0; i < all->count; i++)
        if (has_kind(&all->systems[i], of->name) && has_kind(&all->systems[i], kind->name))
            return;
    naming_label(kind, store_key(ui->store, row), label);
    strbuf_addf(out, "%s: ", label);
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
    naming_name(store_kind(ui->store, named.kind), key, &name);
    add_whose(ui, named, row, &says);
    size_t before = says.len;
    ui_says(ui, row, &says);
    if (says.len == before)
        strbuf_adds(&says, level_name(level));
    canvas_text(c, line, 0, 1, 1, span_from(role_glyph(level, ui_ascii(ui))), role_of_level(level));
    if (name_at > 3)
        canvas_text_cut(c, line, 0, 3, VERDICT_LABEL_WIDTH, 0, span_from(label), ROLE_DIM);
    canvas_text_cut(c, line, 0, name_at, names, names / 3, strbuf_span(&name), ROLE_TEXT);
    canvas_text_cut(c, line, 0, at, line.cols - at - end, 0, strbuf_span(&says), role);
    strbuf_clear(&name);
    strbuf_clear(&says);
}
