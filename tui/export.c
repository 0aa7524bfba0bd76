/* A table's rows into a file, some each turn: as `get` writes them, with the columns on the screen. */
#include <config.h>

#include "tui/export.h"

#include "base/alloc.h"
#include "base/file.h"
#include "cli/reader.h"
#include "cli/rows.h"
#include "tui/screens/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TURN_US   4000
#define TURN_ROWS 32
#define SHOWN_MAX 200 /* of a path, in a sentence */

struct export
{
    struct rows rows;
    struct rows_out writer;
    struct out out;
    struct file_new file;
    struct handle *picked;               /* owned */
    uint16_t columns[TABLE_COLUMNS_MAX]; /* as they were on the screen */
    bool over;
    char path[SHOWN_MAX]; /* as it was typed */
};

/* ---- Words. */

static int form_of(struct span word)
{
    struct span rest = span_from(ROWS_FORMS), one;
    for (int form = 0; span_split(&rest, '|', &one); form++)
        if (span_eq_nocase(word, one))
            return form;
    return -1;
}

/* By what the name ends in; CSV where that says nothing. */
static int form_by_name(struct span path)
{
    size_t slash = span_find_last(path, '/'), dot = span_find_last(path, '.');
    bool has = dot < path.len && (slash == path.len || dot > slash);
    struct span end = has ? span_sub(path, dot + 1, path.len) : SPAN("csv");
    if (span_eq_nocase(end, SPAN("yml")))
        return ROWS_YAML;
    if (span_eq_nocase(end, SPAN("txt")))
        return ROWS_TABLE;
    int form = form_of(end);
    return form < 0 ? ROWS_CSV : form;
}

/* "~/x" is in the home folder, as in a shell. */
static void add_path(struct span path, struct strbuf *out)
{
    const char *home = getenv("HOME");
    bool tilde = home && span_starts(path, "~/");
    strbuf_addf(out, "%s%.*s", tilde ? home : "", SPAN_ARG(span_sub(path, tilde, path.len)));
}

static bool open_file(struct export *e, struct span path, struct err *err)
{
    struct strbuf name = STRBUF_INIT(PATH_MAX);
    struct stat st;
    add_path(path, &name);
    bool there = lstat(strbuf_cstr(&name), &st) == 0, ok = true;
    if (there && !e->over)
        ok = err_set(err, ERR_CONFLICT, "%s is there already: `:export!` writes over it", e->path);
    else if (there && !S_ISREG(st.st_mode))
        ok = err_set(err, ERR_CONFIG, "%s is no file that could be written over", e->path);
    ok = ok && file_new_open(&e->file, strbuf_cstr(&name), err);
    strbuf_clear(&name);
    return ok;
}

/* ---- The list's head. */

/* Whether what is on the screen is all there is. */
static bool is_complete(const struct ui *ui, uint16_t kind)
{
    for (size_t i = 0; i < store_sources(ui->store); i++) {
        const struct source_info *info = store_source(ui->store, (uint16_t)i);
        const struct source_kind *k = store_source_kind(ui->store, (uint16_t)i, kind);
        if (!info->gone && k && k->wanted && info->report.state != SOURCE_OFF &&
            (!k->synced || !k->complete || info->report.state >= SOURCE_STALE ||
             k->report.state >= SOURCE_PARTIAL))
            return false;
    }
    return true;
}

static void begin(struct export *e, const struct ui *ui, enum rows_form form, uint16_t kind)
{
    rows_begin(&e->writer, &e->rows, form, &e->out);
    if (form != ROWS_JSON && form != ROWS_YAML)
        return;
    struct data_out *d = &e->writer.data;
    bool complete = is_complete(ui, kind);
    data_key(d, "complete");
    data_bool(d, complete);
    data_key(d, "missing");
    data_array(d);
    if (!complete) {
        struct err why;
        reader_why_missing(ui->store, kind, "", &why);
        reader_write_why(d, e->rows.kind->name, &why);
    }
    data_array_end(d);
}

/* ---- Life. */

/* Rows of the table as they stand now: those that come or move later are not of it. */
static void pick(struct export *e, const struct table *t)
{
    e->picked = xalloc_zero(view_count(t->view) + 1, sizeof(*e->picked));
    for (size_t i = 0; i < view_count(t->view); i++)
        if (store_alive(e->rows.store, view_at(t->view, i)))
            e->picked[e->rows.npicked++] = view_at(t->view, i);
    e->rows.picked = e->picked;
    memcpy(e->columns, t->columns, t->nshown * sizeof(e->columns[0]));
    e->rows.columns = e->columns;
    e->rows.ncolumns = t->nshown;
}

void export_drop(struct export *e)
{
    if (!e)
        return;
    file_new_drop(&e->file);
    strbuf_clear(&e->out.text);
    strbuf_clear(&e->writer.scratch);
    strbuf_clear(&e->writer.visible);
    free(e->picked);
    free(e);
}

bool export_rows(struct ui *ui, bool over, struct span form, struct span path, struct err *err)
{
    const struct table *t = ui_top(ui)->state;
    if (!path.len) {
        path = form;
        form = SPAN("");
    }
    int f = form.len ? form_of(form) : form_by_name(path);
    if (f < 0 || !path.len || (!form.len && form_of(path) >= 0))
        return err_set(err, ERR_CONFIG,
                       "export where to? `:export pods.csv`, `:export FORM FILE`: " ROWS_FORMS);
    if (ui->export)
        return err_set(err, ERR_CONFIG, "%s is still being written", ui->export->path);
    uint16_t kind = view_kind(t->view);
    struct export *e = xalloc_zero(1, sizeof(*e));
    e->over = over;
    e->file.fd = -1;
    (void)snprintf(e->path, sizeof(e->path), "%.*s", SPAN_ARG(path));
    e->rows = (struct rows){.store = ui->store,
                            .view = t->view,
                            .kind = store_kind(ui->store, kind),
                            .now_ms = ui->now_ms};
    if (!open_file(e, path, err)) {
        export_drop(e);
        return false;
    }
    pick(e, t);
    out_init_file(&e->out, e->file.fd);
    begin(e, ui, (enum rows_form)f, kind);
    ui->export = e;
    return true;
}

static void finish(struct ui *ui, struct export *e)
{
    struct err err;
    rows_end(&e->writer);
    size_t rows = e->rows.npicked;
    if (!out_flush(&e->out))
        (void)err_code(&err, ERR_IO, e->out.error, "%s could not be written: %s", e->path,
                       strerror(e->out.error));
    else if (file_new_keep(&e->file, e->over, &err))
        err_clear(&err);
    if (err.kind != ERR_NONE)
        ui_say_err(ui, &err);
    else
        ui_say(ui, ROLE_OK, "%zu %s written to %s", rows, e->rows.kind->plural, e->path);
    ui->export = NULL;
    export_drop(e);
}

void export_forget(struct ui *ui)
{
    if (ui->export)
        ui_say(ui, ROLE_FAULT, "%s was not written: its rows are not there any more",
               ui->export->path);
    export_drop(ui->export);
    ui->export = NULL;
}

bool export_turn(struct ui *ui)
{
    struct export *e = ui->export;
    int64_t end = clock_machine_us() + TURN_US;
    if (!e)
        return false;
    do {
        if (!rows_step(&e->writer, TURN_ROWS)) {
            finish(ui, e);
            return false;
        }
    } while (clock_machine_us() < end);
    return true;
}
