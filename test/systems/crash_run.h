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
/* The same, of moments where the audit log is put on the disk alone: before each of its lines is, and
 * after. */
int crash_run_at_line(const struct cli_place *p, unsigned moment, const char *const *words);

#endif
