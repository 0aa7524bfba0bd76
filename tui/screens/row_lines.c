/* Lines of a row: kept, broken where they are too long, drawn. */
#include <config.h>

#include "tui/screens/row_lines.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX    ((size_t)1 << 20)
#define VALUE_LINES 12 /* of one value; what is longer is cut */

void row_lines_init(struct row_lines *l)
{
    *l = (struct row_lines){.text = STRBUF_INIT(TEXT_MAX)};
}

void row_lines_done(struct row_lines *l)
{
    strbuf_clear(&l->text);
    free(l->lines);
    *l = (struct row_lines){0};
}

void row_lines_begin(struct row_lines *l, const struct ui *ui, int cols)
{
    strbuf_truncate(&l->text, 0);
    l->count = 0;
    l->cols = cols;
    l->ascii = ui_ascii(ui);
}

/* Where the text of a line begins: behind the widest label that is usual. */
static int text_column(int cols)
{
    return cols >= 60 ? 18 : cols >= 40 ? 14 : 11;
}

int row_lines_room(const struct row_lines *l)
{
    return l->cols - text_column(l->cols);
}

static struct row_line *new_line(struct row_lines *l)
{
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->lines = xalloc_resize(l->lines, l->cap, sizeof(*l->lines));
    }
    struct row_line *line = &l->lines[l->count++];
    *line = (struct row_line){.label = l->text.len, .text = l->text.len};
    return line;
}

struct row_line *row_line_add(struct row_lines *l, const char *label, enum role role)
{
    struct row_line *line = new_line(l);
    strbuf_adds(&l->text, label);
    line->role = role;
    line->label_len = strlen(label);
    line->text = l->text.len;
    return line;
}

void row_line_end(struct row_lines *l)
{
    struct row_line *line = &l->lines[l->count - 1];
    size_t at = line->text, end = l->text.len;
    int room = line->whole ? l->cols - 1 : row_lines_room(l);
    line->text_len = end - at;
    for (int i = 1; room > 0 && i < VALUE_LINES; i++) {
        struct span rest = span_sub(strbuf_span(&l->text), at, end);
        size_t n = canvas_fitting(rest, l->ascii, room);
        if (n >= rest.len)
            return;
        struct row_line same = l->lines[l->count - 1];
        l->lines[l->count - 1].text_len = n;
        line = new_line(l);
        *line = same;
        line->label_len = 0;
        at += n;
        at += at < end && strbuf_cstr(&l->text)[at] == ' ';
        line->text = at;
        line->text_len = end - at;
    }
}

void row_line_heading(struct row_lines *l, const char *title)
{
    if (l->count) {
        (void)row_line_add(l, "", ROLE_TEXT);
        row_line_end(l);
    }
    row_line_add(l, title, ROLE_HEADER)->heading = true;
    row_line_end(l);
}

void row_line_whole(struct row_lines *l, struct span text, enum role role)
{
    row_line_add(l, "", role)->whole = true;
    strbuf_add(&l->text, text);
    row_line_end(l);
}

void row_lines_draw(const struct row_lines *l, size_t i, struct canvas *c, struct rect line)
{
    const struct row_line *r = &l->lines[i];
    struct span label = span_make(strbuf_cstr(&l->text) + r->label, r->label_len);
    struct span text = span_make(strbuf_cstr(&l->text) + r->text, r->text_len);
    int at = r->whole ? 1 : text_column(line.cols);
    if (r->heading) {
        canvas_fill(c, line, ROLE_HEADER);
        canvas_text_cut(c, line, 0, 1, line.cols - 1, line.cols / 3, label, ROLE_HEADER);
        return;
    }
    canvas_text_cut(c, line, 0, 1,
                    r->whole   ? 0
                    : text.len ? at - 2
                               : line.cols - 1,
                    0, label, text.len ? ROLE_DIM : r->role);
    canvas_text_cut(c, line, 0, at, line.cols - at, 0, text, r->role);
}

void row_lines_draw_all(const struct row_lines *l, size_t first, struct canvas *c, struct rect area)
{
    for (int i = 0; i < area.rows && first + (size_t)i < l->count; i++)
        row_lines_draw(l, first + (size_t)i, c, rect_make(area.top + i, area.left, 1, area.cols));
}
