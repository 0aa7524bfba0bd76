/* How old the answers of the sources are, at one glance: so coarse that nothing is drawn again while
 * they come when they are due. */
#ifndef BINNACLE_TUI_AGES_H
#define BINNACLE_TUI_AGES_H

#include "tui/ui.h"

/* Answers have come so far, and the next one is late by more than a fourth of the bound that
 * ages_say() gives; it is not stale yet. */
bool ages_slow(const struct ui *ui, uint16_t source);
/* Appends "21 fresh: 14 within 20s, 4 within 1m, dns s3 within 5m" of all that are fresh and not slow:
 * names where there is room, the oldest first to have theirs. cols: what fits into so many cells;
 * nothing when nothing does. */
void ages_say(const struct ui *ui, int cols, struct strbuf *out);
/* The same in a few words, "20 fresh within 5m". */
void ages_say_briefly(const struct ui *ui, struct strbuf *out);
/* Another one when other sources are slow: what of this is shown and no message tells. */
uint64_t ages_mark(const struct ui *ui);

#endif
