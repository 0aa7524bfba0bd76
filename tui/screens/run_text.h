/* What a run says, as its screen shows it: its steps, of which the one that runs counts up; and apart from
 * them the log of the pod that does the work. */
#ifndef BINNACLE_TUI_SCREENS_RUN_TEXT_H
#define BINNACLE_TUI_SCREENS_RUN_TEXT_H

#include "tui/ui.h"
#include "widgets/pager.h"

struct run_text {
    struct pager *steps, *log; /* owned */
    struct strbuf open;        /* of a line whose end has not come */
    struct strbuf running;     /* the line of the step that runs; "": none does */
    struct strbuf says;        /* what it said last */
    size_t live;               /* lines at the end of `steps` that are of it, to be drawn anew */
    int64_t second;            /* that it is drawn with */
    bool whole;                /* the log alone is shown */
};

void run_text_init(struct run_text *r);
void run_text_done(struct run_text *r);
void run_text_clear(struct run_text *r);
/* More of what it says; lines may come in pieces. */
void run_text_add(struct run_text *r, struct span text, int64_t now_ms);
/* It has ended: nothing counts up any more. */
void run_text_end(struct run_text *r);
/* Wakes the screen when it counts on. True: it has. */
bool run_text_turn(struct run_text *r, struct ui *ui);
bool run_text_has_log(const struct run_text *r);
/* What moves and is searched. */
struct pager *run_text_pager(const struct run_text *r);
/* Steps and log: beside each other where it is wide, one above the other where there is room. */
void run_text_draw(struct run_text *r, struct canvas *c, struct rect area);

#endif
