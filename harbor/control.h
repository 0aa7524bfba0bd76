/* The control socket: a Unix socket that takes commands, a line each, and
 * answers each with a line. */
#ifndef BINNACLE_HARBOR_CONTROL_H
#define BINNACLE_HARBOR_CONTROL_H

#include "harbor/server.h"

#include <poll.h>

#define CONTROL_FDS 9 /* the listener and its clients */

struct control;

struct control *control_new(const char *path, struct err *err) BN_MUST_USE;
void control_free(struct control *c); /* removes the socket; NULL is allowed */
/* Fills CONTROL_FDS places; fd -1 where there is nothing. c may be NULL. */
void control_poll(const struct control *c, struct pollfd *fds);
/* After poll(): takes clients, runs commands, answers. */
void control_turn(struct control *c, struct server *server, const struct pollfd *fds);

#endif
