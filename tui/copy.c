/* Copying: OSC 52 reaches the person's own clipboard through ssh and tmux. */
#include <config.h>

#include "tui/copy.h"

#include "actions/doing.h"
#include "base/file.h"
#include "tui/marks.h"

#include <stdlib.h>

/* Control characters would act in the shell that the text is pasted into. */
static void add_printable(struct strbuf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        strbuf_addc(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
    }
}

static void add_name(struct ui *ui, struct handle row, bool flag, struct strbuf *out)
{
    const struct key_parts key =
        kind_key_parts(store_kind(ui->store, row.kind), store_key(ui->store, row));
    if (flag && key.ns.len) {
        strbuf_adds(out, "-n ");
        add_printable(out, key.ns);
        strbuf_addc(out, ' ');
    }
    add_printable(out, key.name);
}

static void add_row(struct ui *ui, struct handle row, struct strbuf *out)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    struct strbuf cell = STRBUF_INIT(64 * 1024);
    bool first = true;
    for (size_t i = 0; i < kind->ncolumns; i++) {
        if (kind->columns[i].flags & COLUMN_HIDDEN)
            continue;
        struct value v = store_cell(ui->store, row, i, ui->now_ms);
        strbuf_truncate(&cell, 0);
        value_format(&v, &cell);
        if (!first)
            strbuf_addc(out, '\t');
        first = false;
        add_printable(out, strbuf_span(&cell));
    }
    strbuf_clear(&cell);
}

/* The cell of the column that the table is sorted by. */
static bool add_cell(struct ui *ui, struct handle row, struct strbuf *out, struct err *err)
{
    const struct place *place = &ui_top(ui)->place;
    const struct kind *kind = store_kind(ui->store, row.kind);
    struct view_spec spec = {0};
    struct strbuf cell = STRBUF_INIT(64 * 1024);
    struct span sort = span_from(place->sort[0] ? place->sort : kind->sort);
    if (!view_parse_sort(kind, sort, &spec, err))
        return false;
    if (!spec.nsort || spec.sort[0].column == VIEW_COLUMN_LEVEL) {
        strbuf_adds(out, level_name(store_verdict(ui->store, row).level));
        return true;
    }
    struct value v = store_cell(ui->store, row, spec.sort[0].column, ui->now_ms);
    value_format(&v, &cell);
    add_printable(out, strbuf_span(&cell));
    strbuf_clear(&cell);
    return true;
}

static void add_command(struct ui *ui, struct handle row, struct strbuf *out)
{
    const struct kind *kind = store_kind(ui->store, row.kind);
    int type = kind_column(kind, SPAN("type"));
    struct span resource =
        type >= 0 ? store_text(ui->store, row, (size_t)type) : span_from(kind->name);
    strbuf_adds(out, "kubectl --context ");
    add_printable(out, span_from(session_context(ui->session)));
    strbuf_adds(out, " get ");
    const struct key_parts key = kind_key_parts(kind, store_key(ui->store, row));
    if (key.ns.len) {
        strbuf_adds(out, "-n ");
        add_printable(out, key.ns);
        strbuf_addc(out, ' ');
    }
    add_printable(out, resource);
    strbuf_addc(out, ' ');
    add_printable(out, key.name);
}

static void add_marks(struct ui *ui, struct strbuf *out)
{
    struct handle row;
    size_t at = 0;
    while (marks_next(ui, &at, &row)) {
        add_name(ui, row, true, out);
        strbuf_addc(out, '\n');
    }
}

static bool add_plan(const struct ui *ui, struct strbuf *out, struct err *err)
{
    struct span rest = ui->doing ? doing_shell(ui->doing) : SPAN(""), line;
    while (rest.len && span_split(&rest, '\n', &line)) {
        add_printable(out, line);
        strbuf_addc(out, '\n');
    }
    return out->len || err_set(err, ERR_CONFIG, "there is no plan to copy");
}

bool copy_text(struct ui *ui, struct span what, struct strbuf *out, struct err *err)
{
    struct screen *top = ui_top(ui);
    if (span_is(what, "screen")) {
        canvas_dump(ui->canvas, out);
        return true;
    }
    if (span_is(what, "marks")) {
        add_marks(ui, out);
        return out->len || err_set(err, ERR_CONFIG, "nothing is marked (Space marks)");
    }
    if (span_is(what, "plan"))
        return add_plan(ui, out, err);
    struct handle row;
    if (!ui_selected(ui, &row))
        return err_set(err, ERR_CONFIG, "there is no row under the cursor of %s", top->cls->name);
    if (span_is(what, "name"))
        add_name(ui, row, true, out);
    else if (span_is(what, "bare"))
        add_name(ui, row, false, out);
    else if (span_is(what, "row"))
        add_row(ui, row, out);
    else if (span_is(what, "cell"))
        return add_cell(ui, row, out, err);
    else if (span_is(what, "command"))
        add_command(ui, row, out);
    else
        return err_set(err, ERR_CONFIG,
                       "copy what? name, bare, row, cell, command, marks, plan or screen");
    return true;
}

bool copy_out(struct ui *ui, struct span text, struct err *err)
{
    char *path = file_runtime_path("clip");
    struct err file_err;
    bool kept = path && file_replace(path, text, &file_err);
    bool sent = term_copy(ui->term, text);
    if (sent && text.len <= 60)
        ui_say(ui, ROLE_OK, "copied: %.*s", SPAN_ARG(text));
    else if (sent)
        ui_say(ui, ROLE_OK, "copied %zu bytes%s%s", text.len, kept ? ", also in " : "",
               kept ? path : "");
    else if (kept)
        ui_say(ui, ROLE_NOTICE, "too long for the terminal's clipboard: it is in %s", path);
    else
        (void)err_set(err, ERR_IO, "%zu bytes are too long for the terminal's clipboard", text.len);
    free(path);
    return sent || kept;
}
