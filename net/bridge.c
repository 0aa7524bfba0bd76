/* Copies between a stream and a local socket. */
#include <config.h>

#include "net/bridge.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define COPY_BYTES 16384
#define WRITE_MS   30000 /* most time in which the other side takes nothing */

/* The thread owns all but `outside` from its start to its end. */
struct bridge {
    struct stream *stream; /* owned */
    int inside, outside;   /* the pair; outside is the caller's */
    int stop;              /* eventfd */
    int idle_ms;
    pthread_t thread;
    struct err err;
};

/* From the library. False: it has closed its end, or *err of the stream. */
static bool copy_out(struct bridge *b)
{
    const struct stream_wait wait = stream_wait_for(WRITE_MS, b->stop);
    char bytes[COPY_BYTES];
    const ssize_t n = recv(b->inside, bytes, sizeof bytes, MSG_DONTWAIT);
    bool ok;

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    ok = n > 0 && stream_write(b->stream, span_make(bytes, (size_t)n), &wait, &b->err);
    alloc_wipe(bytes, (size_t)n);
    return ok;
}

/* To the library, which takes it when it likes to. */
static bool copy_in(struct bridge *b, struct span bytes)
{
    const struct stream_wait wait = {TIME_FOREVER, b->stop};

    while (bytes.len > 0) {
        const ssize_t n = send(b->inside, bytes.data, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0)
            bytes = span_sub(bytes, (size_t)n, bytes.len);
        else if (errno != EAGAIN && errno != EINTR)
            return false; /* it has closed its end */
        else if (!stream_poll(b->inside, POLLOUT, &wait, "bridge", NULL))
            return false;
    }
    return true;
}

static void *run(void *context)
{
    struct bridge *b = context;
    char bytes[COPY_BYTES];
    bool go_on = true;

    while (go_on) {
        /* What the library says ends the wait for what the stream says. */
        const struct stream_wait wait = stream_wait_for(b->idle_ms, b->inside);
        size_t got = 0;

        if (stream_read(b->stream, bytes, sizeof bytes, &got, &wait, &b->err)) {
            go_on = got > 0 && copy_in(b, span_make(bytes, got));
        } else if (b->err.kind == ERR_CANCELLED) {
            err_clear(&b->err);
            go_on = copy_out(b);
        } else {
            go_on = false;
        }
    }
    if (b->err.kind == ERR_CANCELLED) /* asked by bridge_close() */
        err_clear(&b->err);
    (void)shutdown(b->inside, SHUT_RDWR);
    return NULL;
}

/* Signals are for the thread of the screen. */
static bool start(struct bridge *b)
{
    sigset_t all, was;
    int result;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &was);
    result = pthread_create(&b->thread, NULL, run, b);
    (void)pthread_sigmask(SIG_SETMASK, &was, NULL);
    return result == 0;
}

static void drop(struct bridge *b)
{
    if (b->inside >= 0)
        (void)close(b->inside);
    if (b->stop >= 0)
        (void)close(b->stop);
    stream_close(b->stream);
    free(b);
}

struct bridge *bridge_open(struct stream *stream, int idle_ms, struct err *err)
{
    struct bridge *b = xalloc_zero(1, sizeof *b);
    int pair[2] = {-1, -1};
    bool ok = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0;

    b->stream = stream;
    b->inside = pair[0];
    b->outside = pair[1];
    b->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    b->idle_ms = idle_ms > 0 ? idle_ms : BRIDGE_IDLE_MS;
    err_clear(&b->err);
    if (ok && b->stop >= 0 && start(b))
        return b;
    (void)err_code(err, ERR_IO, errno, "cannot make a local connection: %s", strerror(errno));
    if (b->outside >= 0)
        (void)close(b->outside);
    drop(b);
    return NULL;
}

int bridge_fd(const struct bridge *bridge)
{
    return bridge->outside;
}

bool bridge_close(struct bridge *bridge, struct err *err)
{
    const uint64_t one = 1;
    bool ok;

    if (!bridge)
        return true;
    (void)!write(bridge->stop, &one, sizeof one);
    (void)shutdown(bridge->inside, SHUT_RDWR); /* its end is readable then */
    (void)pthread_join(bridge->thread, NULL);
    ok = bridge->err.kind == ERR_NONE;
    if (!ok && err)
        *err = bridge->err;
    drop(bridge);
    return ok;
}
