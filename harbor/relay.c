/* Sockets to servers on loopback. */
#include <config.h>

#include "harbor/relay.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 32768

struct relay *relay_open(struct server *server, int port, void *owner)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                        .sin_port = htons((uint16_t)port)};
    const int on = 1;
    struct relay *r = xalloc_zero(1, sizeof(*r));
    r->fd = port < 0 ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r->in = (struct strbuf)STRBUF_INIT(4 * RELAY_FULL);
    r->out = (struct strbuf)STRBUF_INIT((size_t)64 << 20);
    r->due_ms = TIME_FOREVER;
    r->owner = owner;
    r->next = server->relays;
    server->relays = r;
    if (port < 0)
        return r;
    (void)setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (connect(r->fd, (const struct sockaddr *)&address, sizeof(address)) != 0 &&
        errno != EINPROGRESS) /* else the first recv() says what became of it */
        r->error = errno;
    return r;
}

void relay_drop(struct relay *r)
{
    if (r)
        r->dropped = true;
}

static bool wants_read(const struct relay *r)
{
    return r->fd >= 0 && !r->dropped && !r->over && !(r->full && r->full(r));
}

nfds_t relays_poll(const struct server *server, struct pollfd *fds, nfds_t n, nfds_t max)
{
    for (const struct relay *r = server->relays; r && n < max; r = r->next) {
        const int wants = (wants_read(r) ? POLLIN : 0) |
                          (r->out.len && r->fd >= 0 && !r->over && !r->dropped ? POLLOUT : 0);
        fds[n++] = (struct pollfd){.fd = wants ? r->fd : -1, .events = (short)wants};
    }
    return n;
}

static void write_bytes(struct relay *r)
{
    ssize_t n = r->out.len && r->fd >= 0 && !r->over
                    ? send(r->fd, r->out.data, r->out.len, MSG_NOSIGNAL)
                    : 0;
    if (n > 0)
        strbuf_consume(&r->out, (size_t)n);
}

static void read_bytes(struct relay *r)
{
    if (r->error && !r->over) {
        r->over = true;
        r->ended(r, r->error);
    }
    while (wants_read(r)) {
        char *to = strbuf_reserve(&r->in, READ_BYTES);
        ssize_t n = to ? recv(r->fd, to, READ_BYTES, 0) : -1;
        if (n > 0) {
            strbuf_commit(&r->in, (size_t)n);
            r->bytes(r);
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        r->over = true;
        r->ended(r, n < 0 ? errno : 0);
    }
}

static void relay_free(struct relay *r)
{
    if (r->fd >= 0)
        (void)close(r->fd);
    strbuf_clear(&r->in);
    strbuf_clear(&r->out);
    free(r);
}

void relays_turn(struct server *server)
{
    for (struct relay *r = server->relays; r; r = r->next) {
        if (!r->dropped)
            read_bytes(r);
        if (!r->dropped)
            write_bytes(r);
        if (!r->dropped && r->due_ms <= clock_mono_ms(server->clock)) {
            r->due_ms = TIME_FOREVER;
            r->due(r);
        }
    }
    for (struct relay **at = &server->relays; *at;) {
        struct relay *r = *at;
        if (!r->dropped) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        relay_free(r);
    }
}

int64_t relays_next(const struct server *server)
{
    int64_t next = TIME_FOREVER;
    for (const struct relay *r = server->relays; r; r = r->next)
        next = r->due_ms < next ? r->due_ms : next;
    return next;
}

void relays_free(struct server *server)
{
    while (server->relays) {
        struct relay *r = server->relays;
        server->relays = r->next;
        relay_free(r);
    }
}
