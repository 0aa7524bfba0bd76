/* Home's state, and the parts it is made of. */
#ifndef BINNACLE_TUI_SCREENS_HOME_H
#define BINNACLE_TUI_SCREENS_HOME_H

#include "model/system.h"
#include "tui/feed.h"
#include "tui/problems.h"
#include "tui/screens/list.h"
#include "tui/screens/row_lines.h"

#define HOME_FEED_MS (15 * 60 * 1000)

/* Three lists that one cursor goes through. */
enum { HOME_SYSTEMS, HOME_PROBLEMS, HOME_CHANGES, HOME_PANES };

struct home {
    struct list panes[HOME_PANES];
    int focus;        /* the pane with the cursor */
    uint16_t *wanted; /* owned; kinds watched for home */
    size_t nwanted;
    struct problems *problems; /* owned */
    char system[32];           /* under the cursor of the first pane */
    struct handle problem;     /* the owner under that of the second */
    uint64_t change;           /* the line under that of the third; 0: the newest */
    uint64_t changes[FEED_LINES_MAX];
    bool unfolded; /* all systems are shown, though their cluster is away or they are well */
    uint16_t away; /* the source that the first pane is folded under, or SOURCE_NONE */
    size_t well;   /* the line that those which are well are folded into; SIZE_MAX: none */
    struct row_lines preview;
};

/* home.c: the row that the cursor stands for; false: none. */
bool home_row(const struct home *h, const struct ui *ui, struct handle *row);
/* The system under the cursor; NULL: it is elsewhere, or none. */
const struct system_state *home_system(const struct home *h, const struct ui *ui);

/* home_draw.c */
void home_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body);

#endif
