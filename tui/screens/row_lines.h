/* One row as lines for people: verdict, fields, links both ways, events. The
 * detail screen and the previews show them. */
#ifndef BINNACLE_TUI_SCREENS_ROW_LINES_H
#define BINNACLE_TUI_SCREENS_ROW_LINES_H

#include "tui/ui.h"

enum row_part {
    ROW_NAME = 1,
    ROW_VERDICT = 2,
    ROW_EVIDENCE = 4, /* what it stands on and is not well */
    ROW_EVENTS = 8,
    ROW_CHANGES = 16,
    ROW_LINKS = 32,
    ROW_FIELDS = 64,
    ROW_ALL_FIELDS = 128, /* those too that no table shows */
};

struct row_line {
    enum role role;
    size_t label, label_len; /* offsets into the lines' text */
    size_t text, text_len;
    bool heading;
    bool whole;      /* it begins at the left */
    bool has_target; /* Enter leads to target */
    struct handle target;
};

struct row_lines {
    struct strbuf text;
    struct row_line *lines; /* owned */
    size_t count, cap;
    int cols; /* lines are no longer than this */
    bool ascii;
};

void row_lines_init(struct row_lines *l);
void row_lines_done(struct row_lines *l);
/* Fills *l anew for a row; what is longer than cols goes on in the next line.
 * parts: enum row_part. */
void row_lines_make(struct row_lines *l, struct ui *ui, struct handle row, unsigned parts,
                    int cols);
/* The same in steps: begins anew, appends parts. */
void row_lines_begin(struct row_lines *l, const struct ui *ui, int cols);
void row_lines_add(struct row_lines *l, struct ui *ui, struct handle row, unsigned parts);
/* Draws line i; all from the first on that fit into the area. */
void row_lines_draw(const struct row_lines *l, size_t i, struct canvas *c, struct rect line);
void row_lines_draw_all(const struct row_lines *l, size_t first, struct canvas *c,
                        struct rect area);

/* For row_parts.c, which makes the lines. row_line_add() begins one whose text
 * is then appended to l->text; row_line_end() ends it. */
struct row_line *row_line_add(struct row_lines *l, const char *label, enum role role);
void row_line_end(struct row_lines *l);
/* Cells of a text that stand in one line. */
int row_lines_room(const struct row_lines *l);
void row_line_heading(struct row_lines *l, const char *title);
/* Appends another row to the line that is being written: Enter there leads to it. */
void row_line_target(struct row_lines *l, const struct ui *ui, struct handle target);
/* Appends a number as a column of its type shows it. */
void row_number(struct strbuf *out, enum value_type type, double number);
/* A line of text without a label, as wide as there is room. */
void row_line_whole(struct row_lines *l, struct span text, enum role role);

#endif
