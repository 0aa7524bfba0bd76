/* A stream as a descriptor, for a library that wants one: a pair of local
 * sockets, whose other end a thread of the bridge copies to and from the stream. */
#ifndef BINNACLE_NET_BRIDGE_H
#define BINNACLE_NET_BRIDGE_H

#include "net/stream.h"

#define BRIDGE_IDLE_MS (10 * 60 * 1000) /* without a byte either way: ended */

struct bridge;

/* Takes the stream over. idle_ms 0: BRIDGE_IDLE_MS. */
struct bridge *bridge_open(struct stream *stream, int idle_ms, struct err *err) BN_MUST_USE;
/* The same for a library that takes no descriptor but connects to a path: a local socket in a
 * folder of its own that nobody else may enter, for one connection. cancel_fd: readable ends the
 * bridge; -1: none. */
struct bridge *bridge_listen(struct stream *stream, int cancel_fd, struct err *err) BN_MUST_USE;
const char *bridge_path(const struct bridge *bridge); /* borrowed */
/* The bridge ends at a monotonic time (clock_machine_ms()), and with it what the library waits for;
 * TIME_FOREVER: no more. */
void bridge_until(struct bridge *bridge, int64_t until_ms);
/* The descriptor, a connected stream socket. The caller closes it (or the library does, to
 * which it is handed), which ends the bridge; and vice versa. */
int bridge_fd(const struct bridge *bridge);
/* Passes on what the library said last, ends the thread and closes the stream, without waiting for
 * the other side. True: the stream
 * ended well. False: *err, if it is not NULL, says why it did not. NULL is allowed. */
bool bridge_close(struct bridge *bridge, struct err *err);

#endif
