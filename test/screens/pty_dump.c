/* Reading the screen of a pty: rows, styles, goldens. */
#include <config.h>

#include "test/screens/pty_dump.h"

#include "base/file.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define DUMP_MAX ((size_t)8 << 20)

static void get_cell(struct pty *p, int row, int col, VTermScreenCell *cell)
{
    VTermPos at = {.row = row, .col = col};
    (void)vterm_screen_get_cell(p->screen, at, cell);
}

static void add_cell_text(const VTermScreenCell *cell, struct strbuf *out)
{
    char bytes[4];
    if (!cell->chars[0])
        strbuf_addc(out, ' ');
    for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++)
        strbuf_add(out, span_make(bytes, utf8_encode(cell->chars[i], bytes)));
}

void pty_row(struct pty *p, int row, struct strbuf *out)
{
    size_t end = out->len;
    for (int col = 0; col < p->cols;) {
        VTermScreenCell cell;
        get_cell(p, row, col, &cell);
        add_cell_text(&cell, out);
        if (cell.chars[0] && cell.chars[0] != ' ')
            end = out->len;
        col += cell.width > 1 ? cell.width : 1;
    }
    strbuf_truncate(out, end);
}

int pty_find(struct pty *p, const char *text)
{
    int found = -1;
    for (int row = 0; row < p->rows && found < 0; row++) {
        struct strbuf line = STRBUF_INIT(65536);
        pty_row(p, row, &line);
        if (span_search(strbuf_span(&line), span_from(text), false) < line.len)
            found = row;
        strbuf_clear(&line);
    }
    return found;
}

bool pty_has(struct pty *p, const char *text)
{
    return pty_find(p, text) >= 0;
}

/* Line by line: cmocka cuts what is long. */
void pty_say_screen(struct pty *p)
{
    for (int row = 0; row < p->rows; row++) {
        struct strbuf line = STRBUF_INIT(65536);
        pty_row(p, row, &line);
        if (line.len)
            print_error("%2d|%s\n", row, strbuf_cstr(&line));
        strbuf_clear(&line);
    }
}

void pty_assert_has(struct pty *p, const char *text)
{
    if (pty_has(p, text))
        return;
    pty_say_screen(p);
    fail_msg("\"%s\" is not on the screen", text);
}

void pty_assert_lacks(struct pty *p, const char *text)
{
    if (!pty_has(p, text))
        return;
    pty_say_screen(p);
    fail_msg("\"%s\" is on the screen", text);
}

void pty_assert_row(struct pty *p, int row, const char *text)
{
    struct strbuf line = STRBUF_INIT(65536);
    pty_row(p, row, &line);
    if (!span_is(strbuf_span(&line), text))
        pty_say_screen(p);
    assert_string_equal(strbuf_cstr(&line), text);
    strbuf_clear(&line);
}

void pty_assert_row_has(struct pty *p, int row, const char *text)
{
    struct strbuf line = STRBUF_INIT(65536);
    pty_row(p, row, &line);
    bool has = span_search(strbuf_span(&line), span_from(text), false) < line.len;
    strbuf_clear(&line);
    if (has)
        return;
    pty_say_screen(p);
    fail_msg("\"%s\" is not in row %d", text, row);
}

void pty_cursor(struct pty *p, int *row, int *col)
{
    VTermPos at;
    vterm_state_get_cursorpos(vterm_obtain_state(p->vterm), &at);
    *row = p->stream.cursor_hidden ? -1 : at.row;
    *col = at.col;
}

static void add_colour(const char *what, const VTermColor *colour, bool is_default,
                       struct strbuf *out)
{
    if (is_default)
        return;
    if (VTERM_COLOR_IS_INDEXED(colour))
        strbuf_addf(out, " %s%d", what, colour->indexed.idx);
    else
        strbuf_addf(out, " %s#%02x%02x%02x", what, colour->rgb.red, colour->rgb.green,
                    colour->rgb.blue);
}

static void add_style(const VTermScreenCell *cell, struct strbuf *out)
{
    add_colour("fg", &cell->fg, VTERM_COLOR_IS_DEFAULT_FG(&cell->fg), out);
    add_colour("bg", &cell->bg, VTERM_COLOR_IS_DEFAULT_BG(&cell->bg), out);
    strbuf_adds(out, cell->attrs.bold ? " bold" : "");
    strbuf_adds(out, cell->attrs.underline ? " underline" : "");
    strbuf_adds(out, cell->attrs.reverse ? " reverse" : "");
}

static void dump_styles(struct pty *p, int row, struct strbuf *out)
{
    int from = 0;
    struct strbuf run = STRBUF_INIT(256), style = STRBUF_INIT(256);
    for (int col = 0; col <= p->cols; col++) {
        VTermScreenCell cell;
        strbuf_truncate(&style, 0);
        if (col < p->cols) {
            get_cell(p, row, col, &cell);
            add_style(&cell, &style);
        }
        if (col && col < p->cols && span_eq(strbuf_span(&run), strbuf_span(&style)))
            continue;
        if (run.len)
            strbuf_addf(out, "%d:%d-%d%s\n", row, from, col - 1, strbuf_cstr(&run));
        strbuf_truncate(&run, 0);
        strbuf_add(&run, strbuf_span(&style));
        from = col;
    }
    strbuf_clear(&run);
    strbuf_clear(&style);
}

static void dump(struct pty *p, int skip_from, int skip_to, struct strbuf *out)
{
    int row, col;
    pty_cursor(p, &row, &col);
    if (row < 0)
        strbuf_addf(out, "size %dx%d, no cursor\n", p->rows, p->cols);
    else
        strbuf_addf(out, "size %dx%d, cursor %d,%d\n", p->rows, p->cols, row, col);
    for (int i = 0; i < p->rows; i++) {
        strbuf_addc(out, '|');
        if (i < skip_from || i >= skip_to)
            pty_row(p, i, out);
        else
            strbuf_addc(out, '~');
        strbuf_addc(out, '\n');
    }
    strbuf_adds(out, "styles\n");
    for (int i = 0; i < p->rows; i++)
        if (i < skip_from || i >= skip_to)
            dump_styles(p, i, out);
}

void pty_dump(struct pty *p, struct strbuf *out)
{
    dump(p, p->rows, p->rows, out);
}

static void write_text(const char *path, const struct strbuf *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(strbuf_cstr(text), 1, text->len, f), text->len);
    assert_int_equal(fclose(f), 0);
}

/* The lines that differ, as a person would want them. */
static void say_difference(struct span wanted, struct span got)
{
    struct span a, b;
    for (int line = 1; line < 400; line++) {
        bool more_a = span_split(&wanted, '\n', &a), more_b = span_split(&got, '\n', &b);
        if (!more_a && !more_b)
            return;
        a = more_a ? a : (struct span){0};
        b = more_b ? b : (struct span){0};
        if (!span_eq(a, b))
            print_error("line %d\n- %.*s\n+ %.*s\n", line, SPAN_ARG(a), SPAN_ARG(b));
    }
}

static void assert_golden(struct pty *p, const char *name, int skip_from)
{
    char path[4096];
    struct strbuf got = STRBUF_INIT(DUMP_MAX), wanted = STRBUF_INIT(DUMP_MAX);
    snprintf(path, sizeof(path), "%s/test/screens/golden/%s.txt", getenv("top_srcdir"), name);
    dump(p, skip_from, p->rows - 1, &got);
    if (getenv("UPDATE_GOLDEN"))
        write_text(path, &got);
    if (!file_read(path, &wanted, NULL))
        print_error("%s does not exist: UPDATE_GOLDEN=1 writes it\n", path);
    bool same = span_eq(strbuf_span(&wanted), strbuf_span(&got));
    if (!same) {
        say_difference(strbuf_span(&wanted), strbuf_span(&got));
        snprintf(path, sizeof(path), "%s/test/screens/%s.got", getenv("top_builddir"), name);
        write_text(path, &got);
    }
    strbuf_clear(&got);
    strbuf_clear(&wanted);
    if (!same)
        fail_msg("the screen is not that of test/screens/golden/%s.txt; it is in %s", name, path);
}

void pty_assert_golden(struct pty *p, const char *name)
{
    assert_golden(p, name, p->rows);
}

void pty_assert_golden_but(struct pty *p, const char *name, const char *text)
{
    int row = pty_find(p, text);
    assert_golden(p, name, row < 0 ? p->rows : row);
}
