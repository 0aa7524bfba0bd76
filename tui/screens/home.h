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

/* Lines of the first pane that stand for several systems. */
#define HOME_AWAY (SIZE_MAX - 1)
#define HOME_WELL (SIZE_MAX - 2)

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
    size_t *lines; /* owned; of the first pane: a system's place, HOME_AWAY or HOME_WELL */
    uint16_t away; /* the source that systems are folded under, or SOURCE_NONE */
    size_t well;   /* from this place on systems are folded into HOME_WELL; SIZE_MAX: none are */
    struct row_lines preview;
};

/* home.c: the row that the cursor stands for; false: none. */
bool home_row(const struct home *h, const struct ui *ui, struct handle *row);
/* A line of the first pane: the system, or NULL where it stands for several. */
const struct system_state *home_line(const struct home *h, const struct ui *ui, size_t line);
/* The system under the cursor; NULL: it is elsewhere, or none. */
const struct system_state *home_system(const struct home *h, const struct ui *ui);

/* home_draw.c */
void home_draw(struct screen *s, struct ui *ui, struct canvas *c, struct rect body);

#endif
