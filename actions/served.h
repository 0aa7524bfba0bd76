/* The process of an action that was begun on a screen. It is this program again, in a session of its own,
 * and talks over a socket that is its standard input; once the plan is confirmed it goes on to its end
 * whether the screen is there or not.
 *
 * Lines of JSON go both ways. The first says what is to be done: {"what": "new", "action", "answers",
 * "secrets", "context", ...}; then "confirm", and {"secret": NAME} for one that was made. Back come
 * {"text": ...} as it is to be shown, {"plan": ...}, {"run": ID}, {"state": ...} and {"value": ...} of such
 * a secret. Nothing of it stands in an argument. */
#ifndef BINNACLE_ACTIONS_SERVED_H
#define BINNACLE_ACTIONS_SERVED_H

#define SERVED_WORD "do-served" /* argv[1] of such a process */

/* The process from beginning to end; its exit status. */
int served_main(int fd);

#endif
