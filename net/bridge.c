/* Copies between a stream and a local socket. */
#include <config.h>

#include "net/bridge.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#define COPY_BYTES 16384
#define WRITE_MS   30000 /* most time in which the other side takes nothing */

/* The thread owns all but `outside` from its start to its end. */
struct bridge {
    struct stream *stream; /* owned */
    int inside, outside;   /* the pair; outside is the caller's */
    int listener;          /* -1: it is a pair; until the library has connected */
    char *folder, *path;   /* owned; of the listener */
    int stop;              /* eventfd */
    int timer;             /* of bridge_until() */
    int ends;              /* epoll: what ends the bridge */
    int wakes;             /* epoll: that, and what the library says */
    int idle_ms;
    pthread_t thread;
    struct err err;
};

/* From the library. False: it has closed its end, or *err of the stream. */
static bool copy_out(struct bridge *b)
{
    const struct stream_wait wait = stream_wait_for(WRITE_MS, b->ends);
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
    const struct stream_wait wait = {TIME_FOREVER, b->ends};

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

static bool watch(int set, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};

    return fd < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool is_ending(const struct bridge *b)
{
    struct epoll_event event;

    return epoll_wait(b->ends, &event, 1, 0) != 0;
}

static void forget_listener(struct bridge *b)
{
    if (b->listener >= 0)
        (void)close(b->listener);
    if (b->path)
        (void)unlink(b->path);
    if (b->folder)
        (void)rmdir(b->folder);
    b->listener = -1;
}

/* The one connection. */
static bool take_library(struct bridge *b)
{
    const struct stream_wait wait = {TIME_FOREVER, b->ends};

    if (b->listener < 0)
        return true;
    if (stream_poll(b->listener, POLLIN, &wait, "bridge", NULL))
        b->inside = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC);
    forget_listener(b);
    return b->inside >= 0 && watch(b->wakes, b->inside);
}

static void *run(void *context)
{
    struct bridge *b = context;
    char bytes[COPY_BYTES];
    bool go_on = take_library(b);

    while (go_on) {
        /* What the library says ends the wait for what the stream says. */
        const struct stream_wait wait = stream_wait_for(b->idle_ms, b->wakes);
        size_t got = 0;

        if (stream_read(b->stream, bytes, sizeof bytes, &got, &wait, &b->err)) {
            go_on = got > 0 && copy_in(b, span_make(bytes, got)) && !is_ending(b);
        } else if (b->err.kind == ERR_CANCELLED) {
            err_clear(&b->err);
            go_on = !is_ending(b) && copy_out(b);
        } else {
            go_on = false;
        }
    }
    if (b->err.kind == ERR_NONE && b->inside >= 0) /* what the library said last: good-bye */
        (void)copy_out(b);
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
    const int fds[] = {b->inside, b->stop, b->timer, b->ends, b->wakes};

    forget_listener(b);
    for (size_t i = 0; i < BN_COUNT(fds); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    stream_close(b->stream);
    free(b->folder);
    free(b->path);
    free(b);
}

static struct bridge *prepare(struct stream *stream, int idle_ms)
{
    struct bridge *b = xalloc_zero(1, sizeof *b);

    b->stream = stream;
    b->inside = b->outside = b->listener = -1;
    b->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    b->ends = epoll_create1(EPOLL_CLOEXEC);
    b->wakes = epoll_create1(EPOLL_CLOEXEC);
    b->idle_ms = idle_ms > 0 ? idle_ms : BRIDGE_IDLE_MS;
    err_clear(&b->err);
    return b;
}

static struct bridge *begin(struct bridge *b, bool ok, int cancel_fd, struct err *err)
{
    ok = ok && watch(b->ends, b->stop) && watch(b->ends, b->timer) && watch(b->ends, cancel_fd) &&
         watch(b->wakes, b->ends) && watch(b->wakes, b->inside);
    if (ok && start(b))
        return b;
    (void)err_code(err, ERR_IO, errno, "cannot make a local connection: %s", strerror(errno));
    if (b->outside >= 0)
        (void)close(b->outside);
    drop(b);
    return NULL;
}

struct bridge *bridge_open(struct stream *stream, int idle_ms, struct err *err)
{
    struct bridge *b = prepare(stream, idle_ms);
    int pair[2] = {-1, -1};
    bool ok = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0;

    b->inside = pair[0];
    b->outside = pair[1];
    return begin(b, ok, -1, err);
}

static bool listen_at(struct bridge *b)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct strbuf path = STRBUF_INIT(sizeof address.sun_path);

    strbuf_addf(&path, "%s/binnacle-XXXXXX", folder && folder[0] == '/' ? folder : "/tmp");
    b->folder = xalloc_text(strbuf_cstr(&path));
    strbuf_clear(&path);
    if (!mkdtemp(b->folder))
        return false;
    strbuf_addf(&path, "%s/s", b->folder);
    b->path = xalloc_text(strbuf_cstr(&path));
    memcpy(address.sun_path, b->path, path.len + 1);
    strbuf_clear(&path);
    b->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return b->listener >= 0 &&
           bind(b->listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
           listen(b->listener, 1) == 0;
}

struct bridge *bridge_listen(struct stream *stream, int cancel_fd, struct err *err)
{
    struct bridge *b = prepare(stream, 0);
    bool ok = listen_at(b);

    return begin(b, ok, cancel_fd, err);
}

const char *bridge_path(const struct bridge *bridge)
{
    return bridge->path;
}

void bridge_until(struct bridge *bridge, int64_t until_ms)
{
    const bool never = until_ms == TIME_FOREVER;
    const int64_t at = until_ms > 0 ? until_ms : 1;
    const struct itimerspec when = {
        .it_value = {.tv_sec = never ? 0 : at / 1000, .tv_nsec = never ? 0 : at % 1000 * 1000000}};

    (void)timerfd_settime(bridge->timer, TFD_TIMER_ABSTIME, &when, NULL);
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
    (void)pthread_join(bridge->thread, NULL);
    ok = bridge->err.kind == ERR_NONE;
    if (!ok && err)
        *err = bridge->err;
    drop(bridge);
    return ok;
}
