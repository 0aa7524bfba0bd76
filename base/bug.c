/* The end of the program by its own fault. */
#include <config.h>

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

/* Set once by whoever holds the terminal; read when all is lost. */
static void (*restore_terminal)(void);

void bug_on_abort(void (*restore)(void))
{
    restore_terminal = restore;
}

void bug_restore(void)
{
    if (restore_terminal)
        restore_terminal();
}

void bug_found(const char *condition, const char *file, int line)
{
    bug_restore();
    (void)fprintf(stderr, "binnacle: this is a bug: `%s` does not hold at %s:%d\n", condition, file,
                  line);
    abort();
}
