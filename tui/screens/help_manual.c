/* The manual page, from the tables of kinds, systems and roles: it cannot lie. */
#include <config.h>

#include "tui/screens/help.h"

static void add_line(struct row_lines *l, const char *label, const char *text)
{
    (void)row_line_add(l, label, ROLE_TEXT);
    strbuf_adds(&l->text, text);
    row_line_end(l);
}

static void add_kind(struct row_lines *l, const struct kind *k)
{
    row_line_heading(l, k->title);
    add_line(l, "", k->help);
    row_line_heading(l, "COLUMNS");
    for (size_t i = 0; i < k->ncolumns; i++) {
        const struct column *c = &k->columns[i];
        (void)row_line_add(l, c->title, ROLE_TEXT);
        strbuf_addf(&l->text, "%s  (%s%s%s)", c->help, c->name,
                    c->flags & COLUMN_HIDDEN ? ", in details and filters"
                    : c->flags & COLUMN_WIDE ? ", with w"
                                             : "",
                    c->flags & COLUMN_SERIES ? ", its last ten minutes in details" : "");
        row_line_end(l);
    }
    if (k->nrules)
        row_line_heading(l, "VERDICTS");
    for (size_t i = 0; i < k->nrules; i++)
        add_line(l, k->rules[i].id, k->rules[i].help);
}

static void add_systems(struct row_lines *l, const struct ui *ui)
{
    const struct system_list *systems = session_systems(ui->session);
    row_line_heading(l, "SYSTEMS");
    for (size_t i = 0; i < systems->count; i++)
        add_line(l, systems->systems[i].name, systems->systems[i].help);
}

static void add_signs(struct row_lines *l, const struct ui *ui)
{
    static const struct {
        enum level level;
        const char *text;
    } levels[] = {
        {LEVEL_CRITICAL, "critical: broken now"},
        {LEVEL_WARNING, "warning: will break, or is broken in part"},
        {LEVEL_UNKNOWN, "unknown: not proven any more, or not to be seen"},
        {LEVEL_PROGRESS, "on its way"},
        {LEVEL_NOTICE, "worth a look, nothing to do"},
        {LEVEL_OK, "ok"},
        {LEVEL_OFF, "off: completed, not wanted, or not judged"},
    };

    bool ascii = ui_ascii(ui);
    row_line_heading(l, "SIGNS BEFORE A ROW");
    for (size_t i = 0; i < BN_COUNT(levels); i++)
        add_line(l, role_glyph(levels[i].level, ascii), levels[i].text);
    add_line(l, ascii ? "*" : "\xe2\x96\x8c", "marked with Space");
    add_line(l, ascii ? "." : "\xe2\x80\xa2",
             "changed in the last 15 minutes; a changed cell is bold "
             "for 30 seconds");
    add_line(l, "+", "new");
    add_line(l, "-", "gone; kept for a minute");
}

void help_manual(struct row_lines *l, const struct ui *ui, const struct place *place, int cols)
{
    row_lines_begin(l, ui, cols);
    if (place->kind >= 0)
        add_kind(l, store_kind(ui->store, (uint16_t)place->kind));
    else
        add_systems(l, ui);
    add_signs(l, ui);
}
