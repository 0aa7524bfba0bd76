/* The past of a row's figures, asked for once when its details are opened: sparklines above those of the
 * last ten minutes, longer ones. */
#ifndef BINNACLE_TUI_SCREENS_ROW_PAST_H
#define BINNACLE_TUI_SCREENS_ROW_PAST_H

#include "tui/screens/row_lines.h"

/* All zero: it was not asked for yet. */
struct row_past {
    uint32_t request; /* 0: none */
    bool arrived;
    struct session_past asked;
    struct past past; /* arrived, and why.kind is ERR_NONE */
    struct err why;
};

/* Asks, unless it has asked already or nobody would know. True: something has arrived, or begun. */
bool row_past_turn(struct row_past *p, const struct ui *ui, struct handle row);
/* Appends what is known, what it is waited for, or why there is nothing. */
void row_past_add(const struct row_past *p, struct row_lines *l, const struct ui *ui);
/* Forgets it: it can be asked for again. */
void row_past_drop(struct row_past *p, const struct ui *ui);

#endif
