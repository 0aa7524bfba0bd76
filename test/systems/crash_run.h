/* Runs of the program that are killed at a moment of their own work, the same each time: moments are
 * counted where something of it becomes known outside: the audit log is put on the disk, bytes are sent
 * to somebody; and of each both before the kernel does it and after. */
#ifndef BINNACLE_TEST_SYSTEMS_CRASH_RUN_H
#define BINNACLE_TEST_SYSTEMS_CRASH_RUN_H

#include "test/systems/cli_run.h"

#define CRASHED (-1)

/* Runs it with these words (NULL ends) and kills it (SIGKILL) at the moment-th moment, from 1, since
 * the audit log was first written. CRASHED; or its exit status, when it ended before. */
int crash_run(const struct cli_place *p, unsigned moment, const char *const *words);
#define CRASH_LINES_MAX 64

/* Where a run is between two lines of the audit log. */
struct crash_at {
    unsigned line;  /* that so many of its lines are on the disk, from 1; */
    unsigned sends; /* and so many times since then it has sent something. */
};

/* What a run has done. */
struct crash_seen {
    unsigned lines;                  /* of the audit log */
    unsigned sends[CRASH_LINES_MAX]; /* how often it has sent something after each, by its number */
};

/* Runs it and kills it there; where it sends less often by then, when the next line is on the disk. at NULL: it
 * is not. The audit log has been written to before. */
int crash_run_there(const struct cli_place *p, const struct crash_at *at, struct crash_seen *seen,
                    const char *const *words);

#endif
