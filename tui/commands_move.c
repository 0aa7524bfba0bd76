/* Commands that move the cursor: each screen does with it what fits. */
#include <config.h>

#include "tui/commands.h"
#include "tui/ui.h"

#define MOVE_COMMAND(name, what) \
    COMMAND_RUN(name)            \
    {                            \
        ui_move(ui, what);       \
        return true;             \
    }

MOVE_COMMAND(up, MOVE_UP)
MOVE_COMMAND(down, MOVE_DOWN)
MOVE_COMMAND(left, MOVE_LEFT)
MOVE_COMMAND(right, MOVE_RIGHT)
MOVE_COMMAND(page_up, MOVE_PAGE_UP)
MOVE_COMMAND(page_down, MOVE_PAGE_DOWN)
MOVE_COMMAND(half_up, MOVE_HALF_UP)
MOVE_COMMAND(half_down, MOVE_HALF_DOWN)
MOVE_COMMAND(first, MOVE_FIRST)
MOVE_COMMAND(last, MOVE_LAST)
MOVE_COMMAND(next, MOVE_NEXT_PROBLEM)
MOVE_COMMAND(previous_match, MOVE_PREVIOUS_PROBLEM)
