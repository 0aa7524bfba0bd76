/* Signals that end waiting. */
#ifndef BINNACLE_ACTIONS_CANCEL_H
#define BINNACLE_ACTIONS_CANCEL_H

/* A descriptor that is readable once one of the signals has come (0 ends them): who waits gives up, and
 * what was sent goes on. The same signal again ends the process. -1 and errno: there is none. Called
 * once; the descriptor is the process' until its end. */
int cancel_by_signals(const int *signals);

#endif
