/* The table screen's state, and the parts it is made of. */
#ifndef BINNACLE_TUI_SCREENS_TABLE_H
#define BINNACLE_TUI_SCREENS_TABLE_H

#include "tui/screens/drill.h"
#include "tui/screens/list.h"
#include "tui/screens/row_lines.h"
#include "widgets/table.h"

/* What has changed lately in the rows on view. */
#define TABLE_NEWS_MAX 256

struct table_news {
    struct {
        struct handle row;
        uint16_t column; /* COLUMN_NONE: the row itself is new */
        int64_t wall_ms;
    } items[TABLE_NEWS_MAX];

    size_t count;
};

#define COLUMN_NONE UINT16_MAX

/* Sums of the marked rows, else of those that a filter leaves; "": none. */
struct table_sum {
    char text[256];
    uint64_t view, store; /* versions that it was made of */
    size_t marks;
};

/* What a pod in trouble has said last. */
struct table_tail {
    struct handle row;
    int64_t since_ms; /* wall: the cursor rests on it since then */
    bool asked, previous;
    uint32_t request;   /* 0: none */
    struct strbuf text; /* owned */
    struct err why;     /* it cannot be had */
};

struct table {
    struct ui *ui;     /* borrowed; for the view's scope */
    struct view *view; /* owned */
    bool wanted;       /* the kind is watched for us */
    int via;           /* the kind between a root and its rows is, too; -1: none */
    struct drill drill;
    struct list list;
    struct handle cursor; /* the row under the cursor */
    bool has_cursor;
    bool moved;       /* by the person: it follows its row from then on */
    size_t mark_from; /* where a range of marks begins */
    char typed[PLACE_TEXT_MAX];
    bool typing;
    uint16_t sorted; /* column of the order; VIEW_COLUMN_LEVEL: the verdict */
    bool descending;
    size_t first_column;                 /* columns scrolled away to the left */
    int widths[TABLE_COLUMNS_MAX];       /* widest content seen; never shrinks, so nothing jumps */
    uint16_t columns[TABLE_COLUMNS_MAX]; /* the kind's columns that are shown */
    struct table_column shown[TABLE_COLUMNS_MAX];
    size_t nshown;
    struct table_layout layout;
    struct rect header; /* where it was last drawn; no rows: nowhere */
    struct table_news news;
    struct table_sum sum;
    struct table_tail tail;
    struct row_lines preview;
    struct list preview_list; /* its lines: top alone counts */
    bool in_preview;          /* keys move the preview */
};

/* table.c: takes up the screen's place; lenient: bad filter terms are left out. */
bool table_take_place(struct screen *s, struct ui *ui, bool lenient, struct err *err);

/* table_list.c: chooses and measures columns for rows on view: how many cells the
 * list wants; then draws header and rows. The list has been laid out. */
int table_list_measure(struct screen *s, struct ui *ui);
void table_list_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect area);
/* Rows on view that are not gone. */
size_t table_list_count(const struct screen *s, const struct ui *ui);

/* table_news.c: what has changed in the rows on view; a cell's age of change. */
void table_news_find(struct table *t, struct ui *ui);
/* TIME_NONE: it has not changed lately. */
int64_t table_news_of(const struct table_news *n, struct handle row, uint16_t column);

/* table_tail.c: follows the cursor; true: there is something new to show. */
bool table_tail_turn(struct table_tail *tail, struct ui *ui, struct handle row);
/* Appends what is known to the preview's lines. */
void table_tail_add(const struct table_tail *tail, struct ui *ui, struct row_lines *l);
void table_tail_end(struct table_tail *tail, struct ui *ui);

/* table_sum.c: what the marked rows, or the filtered ones, come to together. */
const char *table_sum_text(struct screen *s, const struct ui *ui);

/* table_empty.c: an empty table says why. */
void table_empty_draw(const struct screen *s, const struct ui *ui, struct canvas *c,
                      struct rect area);

/* table_input.c: what keys and mouse do. */
void table_move(struct screen *s, struct ui *ui, enum move move);
void table_enter(struct screen *s, struct ui *ui);
bool table_verb(struct screen *s, struct ui *ui, const char *verb, struct span arg);
void table_typed(struct screen *s, struct ui *ui, struct span text);
bool table_back(struct screen *s, struct ui *ui);
bool table_mouse(struct screen *s, struct ui *ui, const struct input_event *ev);

#endif
