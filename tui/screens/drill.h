/* What stands below a row: the pods of a workload, the jobs of a cron job.
 * Found through the store's links whenever they are asked for. */
#ifndef BINNACLE_TUI_SCREENS_DRILL_H
#define BINNACLE_TUI_SCREENS_DRILL_H

#include "tui/ui.h"

/* Kind that stands below rows of a kind; -1: none. via: the kind between, -1: none. */
int drill_below(const struct ui *ui, uint16_t kind, int *via);

/* What stands below rows of the kind is what they have made. */
bool drill_is_maker(const struct ui *ui, uint16_t kind);

/* The rows below one row, in order of their handles. */
struct drill {
    struct handle *rows; /* owned */
    size_t count, cap;
};

void drill_done(struct drill *d);
bool drill_has(const struct drill *d, struct handle row);
/* Looks again at what stands below root. True: it is not what it was. Rows that
 * are gone stay as long as the store keeps them. */
bool drill_update(struct drill *d, const struct ui *ui, const struct row_name *root, uint16_t kind);

/* The place of the table below a row. False: nothing stands below its kind. */
bool drill_place(const struct ui *ui, struct handle row, struct place *out);

#endif
