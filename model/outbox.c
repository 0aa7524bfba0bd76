/* From the sources' threads to the store's. One lock per inbox, never held
 * across a wait. What waits is bounded: a newer put of a key marks the older
 * one dead, and a batch that is mostly dead is packed. */
#include <config.h>

#include "model/outbox.h"

#include "base/alloc.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Kinds above are taken to be syncing always: nothing of them is superseded. */
#define KINDS_KNOWN 256

struct outbox {
    struct inbox *inbox;          /* borrowed */
    struct outbox *next;          /* of the inbox */
    struct message *first, *last; /* owned; waiting */
    bool syncing[KINDS_KNOWN];    /* by kind: a whole picture is being pushed */
    size_t bytes, cap;
    int room_fd; /* readable when there is room again; owned */
    bool closed;
    /* The source's thread's alone: */
    bool holding;
    struct message *held, **held_end; /* owned; kept back */
};

struct inbox {
    pthread_mutex_t lock;
    struct outbox *outboxes;
    struct outbox *turn; /* whose turn it is */
    size_t waiting;      /* messages; fd is readable while there are any */
    int fd;
    bool closed;
};

struct inbox *inbox_new(struct err *err)
{
    struct inbox *in = xalloc_zero(1, sizeof(*in));
    in->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (in->fd < 0) {
        (void)err_code(err, ERR_IO, errno, "cannot make a queue: %s", strerror(errno));
        free(in);
        return NULL;
    }
    (void)pthread_mutex_init(&in->lock, NULL);
    return in;
}

void inbox_free(struct inbox *in)
{
    if (!in)
        return;
    bn_assert(!in->outboxes);
    (void)pthread_mutex_destroy(&in->lock);
    (void)close(in->fd);
    free(in);
}

int inbox_fd(const struct inbox *in)
{
    return in->fd;
}

static void ring(int fd)
{
    uint64_t one = 1;
    ssize_t done = write(fd, &one, sizeof(one));
    (void)done; /* full means it is readable already */
}

static void unring(int fd)
{
    uint64_t count;
    ssize_t done = read(fd, &count, sizeof(count));
    (void)done;
}

static struct message *take_first(struct outbox *out)
{
    struct message *m = out->first;
    bool was_full = out->bytes >= out->cap;
    out->first = m->next;
    if (!out->first)
        out->last = NULL;
    m->next = NULL;
    out->bytes -= m->len + sizeof(*m);
    if (was_full && out->bytes < out->cap)
        ring(out->room_fd);
    return m;
}

static void note_gone(struct inbox *in, size_t n)
{
    in->waiting -= n;
    if (n && !in->waiting)
        unring(in->fd);
}

struct message *inbox_pop(struct inbox *in)
{
    struct message *m = NULL;
    (void)pthread_mutex_lock(&in->lock);
    struct outbox *from = in->turn ? in->turn : in->outboxes, *start = from;
    while (from) {
        struct outbox *next = from->next ? from->next : in->outboxes;
        if (from->first) {
            m = take_first(from);
            in->turn = m->more ? from : next;
            note_gone(in, 1);
            break;
        }
        from = next == start ? NULL : next;
    }
    (void)pthread_mutex_unlock(&in->lock);
    return m;
}

void inbox_close(struct inbox *in)
{
    (void)pthread_mutex_lock(&in->lock);
    in->closed = true;
    for (struct outbox *out = in->outboxes; out; out = out->next)
        ring(out->room_fd);
    (void)pthread_mutex_unlock(&in->lock);
}

struct outbox *outbox_new(struct inbox *in, size_t byte_cap)
{
    struct outbox *out = alloc_try_zero(1, sizeof(*out));
    if (!out)
        return NULL;
    out->inbox = in;
    out->cap = byte_cap;
    out->room_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (out->room_fd < 0) {
        free(out);
        return NULL;
    }
    (void)pthread_mutex_lock(&in->lock);
    out->next = in->outboxes;
    in->outboxes = out;
    (void)pthread_mutex_unlock(&in->lock);
    return out;
}

/* Takes what waits, to be freed outside the lock. */
static struct message *take_all(struct outbox *out)
{
    struct message *all = out->first;
    for (const struct message *m = all; m; m = m->next)
        note_gone(out->inbox, 1);
    out->first = out->last = NULL;
    out->bytes = 0;
    return all;
}

static void free_all(struct message *first)
{
    while (first) {
        struct message *m = first;
        first = m->next;
        message_free(m);
    }
}

void outbox_close(struct outbox *out)
{
    (void)pthread_mutex_lock(&out->inbox->lock);
    struct message *all = take_all(out);
    out->closed = true;
    ring(out->room_fd);
    (void)pthread_mutex_unlock(&out->inbox->lock);
    free_all(all);
}

void outbox_free(struct outbox *out)
{
    if (!out)
        return;
    struct inbox *in = out->inbox;
    (void)pthread_mutex_lock(&in->lock);
    for (struct outbox **at = &in->outboxes; *at; at = &(*at)->next) {
        if (*at == out) {
            *at = out->next;
            break;
        }
    }
    in->turn = NULL;
    struct message *all = take_all(out);
    (void)pthread_mutex_unlock(&in->lock);
    free_all(all);
    free_all(out->held);
    (void)close(out->room_fd);
    free(out);
}

size_t outbox_pending_bytes(const struct outbox *out)
{
    (void)pthread_mutex_lock(&out->inbox->lock);
    size_t bytes = out->bytes;
    (void)pthread_mutex_unlock(&out->inbox->lock);
    return bytes;
}

/* While a kind is listed, no key comes twice. */
static bool is_syncing(const struct outbox *out, uint16_t kind)
{
    return kind >= KINDS_KNOWN || out->syncing[kind];
}

static void note_sync(struct outbox *out, const struct message *m)
{
    bool begin = m->type == MESSAGE_SYNC_BEGIN;
    if ((begin || m->type == MESSAGE_SYNC_END) && m->kind < KINDS_KNOWN)
        out->syncing[m->kind] = begin;
}

/* Removes from old what newer says anew; true when anything was removed. Both
 * are batches of one kind with no SYNC between them. Small newer batches only:
 * a batch of many rows is a list, whose keys are not there twice. */
#define COALESCE_ROWS 64

static bool supersede(struct message *old, const struct message *newer)
{
    struct record fresh, stale;
    size_t kept = 0, at = 0, rows = 0;
    while (at < old->len) {
        size_t from = at, other = 0;
        bool dead = false;
        (void)record_next(old, &at, &stale);
        while (!dead && record_next(newer, &other, &fresh))
            dead = span_eq(stale.key, fresh.key);
        if (dead)
            continue;
        memmove(old->bytes + kept, old->bytes + from, at - from);
        kept += at - from;
        rows++;
    }
    bool removed = kept < old->len;
    old->len = kept;
    old->rows = rows;
    return removed;
}

/* A newer state of the same thing stands for the older one that waits. */
static bool replaces(const struct message *newer, const struct message *old)
{
    return newer->type == MESSAGE_STATE && old->type == MESSAGE_STATE && newer->kind == old->kind;
}

/* Looks back through what waits, up to the last SYNC of the kind. */
static void coalesce(struct outbox *out, const struct message *m)
{
    struct message *since = out->first;
    if (m->type != MESSAGE_BATCH && m->type != MESSAGE_STATE)
        return;
    if (m->type == MESSAGE_BATCH && (m->rows > COALESCE_ROWS || is_syncing(out, m->kind)))
        return;
    for (struct message *old = out->first; old; old = old->next)
        if (old->kind == m->kind &&
            (old->type == MESSAGE_SYNC_BEGIN || old->type == MESSAGE_SYNC_END))
            since = old->next;
    for (struct message *old = since; old; old = old->next) {
        if (old->kind != m->kind)
            continue;
        size_t before = old->len;
        if (old->type == MESSAGE_BATCH && m->type == MESSAGE_BATCH && old->rows <= COALESCE_ROWS)
            (void)supersede(old, m);
        else if (replaces(m, old))
            old->type = MESSAGE_BATCH; /* without rows: sweep() takes it out */
        out->bytes -= before - old->len;
    }
}

/* Batches that were emptied go. */
static void sweep(struct outbox *out)
{
    struct message **at = &out->first, *last = NULL;
    while (*at) {
        struct message *m = *at;
        if (m->type == MESSAGE_BATCH && !m->rows) {
            *at = m->next;
            out->bytes -= m->len + sizeof(*m);
            message_free(m);
            note_gone(out->inbox, 1);
        } else {
            last = m;
            at = &m->next;
        }
    }
    out->last = last;
}

static bool wait_for_room(struct outbox *out, int cancel_fd)
{
    struct pollfd fds[] = {{.fd = out->room_fd, .events = POLLIN},
                           {.fd = cancel_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR)
        ;
    unring(out->room_fd);
    return !(fds[1].revents & (POLLIN | POLLHUP | POLLERR));
}

static void append(struct outbox *out, struct message *m)
{
    struct inbox *in = out->inbox;
    if (out->bytes > out->cap / 4) { /* the store is behind: what is out of date goes */
        coalesce(out, m);
        sweep(out);
    }
    note_sync(out, m);
    m->next = NULL;
    if (out->last)
        out->last->next = m;
    else
        out->first = m;
    out->last = m;
    out->bytes += m->len + sizeof(*m);
    if (in->waiting++ == 0)
        ring(in->fd);
}

/* All of first, or none. */
static bool push_all(struct outbox *out, struct message *first, int cancel_fd)
{
    struct inbox *in = out->inbox;
    (void)pthread_mutex_lock(&in->lock);
    while (!in->closed && !out->closed && out->bytes >= out->cap) {
        (void)pthread_mutex_unlock(&in->lock);
        if (!wait_for_room(out, cancel_fd))
            return false;
        (void)pthread_mutex_lock(&in->lock);
    }
    bool open = !in->closed && !out->closed;
    while (open && first) {
        struct message *m = first;
        first = m->next;
        append(out, m);
    }
    (void)pthread_mutex_unlock(&in->lock);
    return open;
}

bool outbox_push(struct outbox *out, struct message *m, int cancel_fd)
{
    m->next = NULL;
    if (!out->holding)
        return push_all(out, m, cancel_fd);
    *out->held_end = m;
    out->held_end = &m->next;
    return true;
}

void outbox_hold(struct outbox *out)
{
    out->holding = true;
    out->held_end = &out->held;
}

bool outbox_release(struct outbox *out, int cancel_fd)
{
    struct message *all = out->held;
    out->holding = false;
    out->held = NULL;
    for (struct message *m = all; m; m = m->next)
        m->more = m->next != NULL;
    if (!all || push_all(out, all, cancel_fd))
        return true;
    free_all(all);
    return false;
}
