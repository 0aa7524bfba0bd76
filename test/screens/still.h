/* When nothing moves any more: what a test has asked for has had all its consequences. */
#ifndef BINNACLE_TEST_SCREENS_STILL_H
#define BINNACLE_TEST_SCREENS_STILL_H

#include "test/screens/live.h"

/* A program with neither platform nor terminal yet, whose clock stands; live_teardown ends it. */
int still_setup(void **state);
/* Waits until all threads of the program and of its platform sleep and have done nothing from one
 * look to the next, and no script runs; then the screen is drawn. What only a clock would move stays
 * where it is: both clocks stand. */
void still_wait(struct live *l, int harbor_pid);

#endif
