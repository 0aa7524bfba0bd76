/* A table's rows as `get` would write them, or as a table in Markdown. */
#include <config.h>

#include "tui/export.h"

#include "base/alloc.h"
#include "cli/plain.h"
#include "cli/rows.h"
#include "tui/screens/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A bar would end the cell. */
static void md_cell(struct span text, struct strbuf *out)
{
    struct strbuf visible = STRBUF_INIT(256 * 1024);
    plain_visible(text, &visible);
    struct span v = strbuf_span(&visible);
    for (size_t i = 0; i < v.len; i++)
        strbuf_addf(out, "%s%c", v.data[i] == '|' ? "\\" : "", v.data[i]);
    strbuf_clear(&visible);
    strbuf_adds(out, " | ");
}

static void md_line(const struct rows *r, struct strbuf *out, const struct handle *row)
{
    struct strbuf text = STRBUF_INIT(64 * 1024);
    strbuf_adds(out, "| ");
    for (size_t i = 0; i < r->kind->ncolumns; i++) {
        const struct column *c = &r->kind->columns[i];
        if (c->flags & (COLUMN_HIDDEN | COLUMN_WIDE))
            continue;
        strbuf_truncate(&text, 0);
        if (row) {
            struct value v = store_cell(r->store, *row, i, r->now_ms);
            value_format(&v, &text);
        } else {
            strbuf_adds(&text, c->title);
        }
        md_cell(strbuf_span(&text), out);
    }
    strbuf_truncate(&text, 0);
    if (row)
        store_says(r->store, *row, r->now_ms, &text);
    md_cell(row ? strbuf_span(&text) : SPAN("WHY"), out);
    strbuf_addc(out, '\n');
    strbuf_clear(&text);
}

static void write_md(const struct rows *r, struct out *o)
{
    md_line(r, &o->text, NULL);
    strbuf_adds(&o->text, "|");
    for (size_t i = 0; i < r->kind->ncolumns; i++)
        if (!(r->kind->columns[i].flags & (COLUMN_HIDDEN | COLUMN_WIDE)))
            strbuf_adds(&o->text, " --- |");
    strbuf_adds(&o->text, " --- |\n");
    for (size_t i = 0; i < r->npicked && out_turn(o); i++)
        md_line(r, &o->text, &r->picked[i]);
}

static const struct {
    const char *name;
    void (*write)(const struct rows *r, struct out *o);
} forms[] = {{"csv", rows_write_csv}, {"jsonl", rows_write_jsonl}, {"md", write_md}};

/* "~/x" is in the home folder, as in a shell. */
static int create(struct span path, struct err *err)
{
    const char *home = getenv("HOME");
    struct strbuf name = STRBUF_INIT(4096);
    bool tilde = home && span_starts(path, "~/");
    strbuf_addf(&name, "%s%.*s", tilde ? home : "", SPAN_ARG(span_sub(path, tilde, path.len)));
    int fd = open(strbuf_cstr(&name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        (void)err_code(err, ERR_IO, errno, "cannot write %.*s: %s", SPAN_ARG(path),
                       strerror(errno));
    strbuf_clear(&name);
    return fd;
}

/* Rows of the table that are not gone. Owned. */
static struct handle *pick(const struct ui *ui, const struct table *t, size_t *count)
{
    struct handle *rows = xalloc_zero(view_count(t->view) + 1, sizeof(*rows));
    *count = 0;
    for (size_t i = 0; i < view_count(t->view); i++)
        if (store_alive(ui->store, view_at(t->view, i)))
            rows[(*count)++] = view_at(t->view, i);
    return rows;
}

bool export_rows(struct ui *ui, struct span form, struct span path, struct err *err)
{
    const struct table *t = ui_top(ui)->state;
    size_t f = 0;
    while (f < BN_COUNT(forms) && !span_is(form, forms[f].name))
        f++;
    if (f == BN_COUNT(forms) || !path.len)
        return err_set(err, ERR_CONFIG,
                       "export how, and where to? `:export csv pods.csv`; jsonl, md");
    int fd = create(path, err);
    if (fd < 0)
        return false;
    struct rows rows = {.store = ui->store,
                        .view = t->view,
                        .kind = store_kind(ui->store, view_kind(t->view)),
                        .now_ms = ui->now_ms};
    struct handle *picked = pick(ui, t, &rows.npicked);
    struct out o;
    rows.picked = picked;
    out_init_file(&o, fd);
    forms[f].write(&rows, &o);
    int failed = out_end(&o, 0);
    free(picked);
    if (close(fd) != 0 || failed)
        return err_set(err, ERR_IO, "%.*s could not be written whole", SPAN_ARG(path));
    ui_say(ui, ROLE_OK, "%zu %s written to %.*s", rows.npicked, rows.kind->plural, SPAN_ARG(path));
    return true;
}
