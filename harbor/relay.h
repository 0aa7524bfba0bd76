/* Connections that harbor makes itself, to servers on loopback that stand for
 * what runs in pods. Bytes without TLS, never waiting. */
#ifndef BINNACLE_HARBOR_RELAY_H
#define BINNACLE_HARBOR_RELAY_H

#include "harbor/server.h"

#include <poll.h>

#define RELAYS_MAX 64
#define RELAY_FULL ((size_t)1 << 20) /* bytes that may wait on either side */

struct relay {
    struct relay *next;
    int fd;                                    /* -1: its owner answers itself */
    int error;                                 /* of connect(); 0: none */
    bool over;                                 /* nothing more will come */
    bool dropped;                              /* freed in the next turn */
    struct strbuf in, out;                     /* come and not taken; not gone yet */
    int64_t due_ms;                            /* monotonic; TIME_FOREVER: never */
    void *owner;                               /* borrowed */
    bool (*full)(const struct relay *r);       /* its bytes cannot be taken now; NULL: always */
    void (*bytes)(struct relay *r);            /* some have come into `in` */
    void (*ended)(struct relay *r, int error); /* errno, or 0: it has closed */
    void (*due)(struct relay *r);
};

/* To a port of loopback; also when nobody listens there: ended() says so. port < 0: nowhere. */
struct relay *relay_open(struct server *server, int port, void *owner);
void relay_drop(struct relay *r); /* none of its functions is called again; NULL is allowed */

/* Adds to n descriptors of at most max; the new n. */
nfds_t relays_poll(const struct server *server, struct pollfd *fds, nfds_t n, nfds_t max);
void relays_turn(struct server *server);
int64_t relays_next(const struct server *server); /* monotonic ms when one is due */
void relays_free(struct server *server);

#endif
