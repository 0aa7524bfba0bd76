/* Drives one source: its thread, its back-off. */
#include <config.h>

#include "backends/runner.h"

#include "backends/ctx.h"
#include "base/alloc.h"
#include "base/log.h"
#include "net/credential.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MOST_MS  30000
#define GOOD_MS          60000 /* well for this long: the back-off starts anew */
#define OUTBOX_CAP       ((size_t)2 << 20)
#define SLICE_MS         500 /* of a back-off: a clock that is stepped wakes nobody */

struct runner {
    struct backend_ctx ctx;
    pthread_t thread;
    bool joined; /* or never started */
    int done_fd; /* owned; readable when the thread is about to end */
    void *state; /* owned; the backend's own */
};

static char **copy_settings(const char *const *settings)
{
    size_t n = 0;
    while (settings && settings[n])
        n++;
    char **copy = xalloc_zero(n + 1, sizeof(char *));
    for (size_t i = 0; i < n; i++)
        copy[i] = xalloc_text(settings[i]);
    return copy;
}

struct runner *runner_new(const struct runner_options *o, struct err *err)
{
    struct runner *r = xalloc_zero(1, sizeof(*r));
    struct backend_ctx *c = &r->ctx;
    c->backend = o->backend;
    c->name = xalloc_text(o->name);
    c->source = o->source;
    c->kinds = o->kinds;
    c->clock = o->clock;
    c->once = o->once;
    c->credential = credential_ref(o->credential);
    c->settings = copy_settings(o->settings);
    c->wanted = xalloc_zero(o->kinds->count + 1, sizeof(bool));
    c->told = xalloc_zero(o->kinds->count + 1, sizeof(struct told));
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->outbox = outbox_new(o->inbox, OUTBOX_CAP);
    (void)pthread_mutex_init(&c->lock, NULL);
    r->state = xalloc_zero(1, o->backend->state_size);
    r->joined = true;
    if (c->wake_fd >= 0 && c->stop_fd >= 0 && r->done_fd >= 0 && c->outbox)
        return r;
    (void)err_set(err, ERR_IO, "%s: there are no file descriptors left for another source",
                  o->name);
    runner_free(r);
    return NULL;
}

/* 1 2 4 8 16 30 s, a fifth more or less so that many do not come at once; where time is told by
 * steps there is nothing that chance says. */
static int64_t jitter(const struct clock *clock, int64_t ms)
{
    unsigned char random = 128;
    if (clock_is_stopped(clock))
        return ms;
    ssize_t n = getrandom(&random, 1, GRND_NONBLOCK);
    (void)n; /* without it, no jitter */
    ms = ms * 8 / 10 + ms * 4 / 10 * random / 255;
    return ms < BACKOFF_MOST_MS ? ms : BACKOFF_MOST_MS;
}

/* A request that came while the source is away: nobody waits for an answer
 * longer than for the sentence why there is none. True: look again now. */
static bool refuse(struct backend_ctx *c, struct request *r, const struct err *why)
{
    bool again = r->type == REQUEST_REFRESH;
    if (r->type == REQUEST_FETCH)
        (void)ctx_document(c, r->id, span_from(""), why);
    else if (r->type == REQUEST_STREAM)
        (void)ctx_lines(c, r->id, span_from(""), 0, true, why);
    request_done(r);
    return again;
}

/* Waits out a back-off; end TIME_FOREVER: until somebody asks for another look. */
static void wait_until(struct backend_ctx *c, int64_t end, const struct err *why)
{
    struct request request;
    bool again = false;
    while (!again && !ctx_stopping(c)) {
        int left = end == TIME_FOREVER ? -1 : clock_wait_ms(c->clock, end, SLICE_MS);
        if (left == 0)
            break;
        struct pollfd wake = {.fd = c->wake_fd, .events = POLLIN};
        (void)poll(&wake, 1, left);
        while (ctx_next_request(c, &request))
            again = refuse(c, &request, why) || again;
    }
}

/* Nothing to do until something is asked for. */
static void wait_for_request(struct backend_ctx *c)
{
    struct pollfd wake = {.fd = c->wake_fd, .events = POLLIN};
    while (poll(&wake, 1, -1) < 0 && errno == EINTR)
        ;
}

/* What a run learns by ctx_wanted() need not be told again. */
static void begin_run(struct backend_ctx *c)
{
    (void)pthread_mutex_lock(&c->lock);
    struct queued **at = &c->first;
    c->last = NULL;
    while (*at) {
        struct queued *q = *at;
        if (q->request.type == REQUEST_FETCH || q->request.type == REQUEST_STREAM ||
            q->request.type == REQUEST_CANCEL) {
            c->last = q;
            at = &q->next;
            continue;
        }
        *at = q->next;
        request_done(&q->request);
        free(q);
    }
    c->new_credential = false;
    c->new_targets = true;
    if (!c->first && !ctx_stopping(c))
        ctx_unring(c->wake_fd);
    (void)pthread_mutex_unlock(&c->lock);
    c->no_memory = false;
    c->told[c->kinds->count].said =
        false; /* of the last run; its sentence stays until this is well */
    c->told[c->kinds->count].state = SOURCE_CONNECTING;
    c->told[c->kinds->count].paced = false;
}

static enum source_state state_of(const struct err *err)
{
    if (err->kind == ERR_AUTH)
        return SOURCE_LOGIN;
    if (err->kind == ERR_DENIED)
        return SOURCE_DENIED;
    return SOURCE_FAILING;
}

static void report(struct backend_ctx *c, const struct err *err, int64_t wait)
{
    struct told *told = &c->told[c->kinds->count];
    struct message *m = message_new(MESSAGE_STATE, c->source, KIND_NONE);
    told->state = state_of(err);
    told->note[0] = '\0';
    log_write(LOG_WARNING, c->name, "%s", err->msg);
    if (!m)
        return;
    m->report.state = told->state;
    m->report.why = *err;
    m->report.requests = c->requests;
    m->report.bytes_in = c->bytes_in;
    if (wait >= 0)
        m->report.retry_ms = clock_wall_ms(c->clock) + wait;
    if (!outbox_push(c->outbox, m, c->stop_fd))
        message_free(m);
}

/* How long to wait after a failed run; -1: wrong credentials do not get right
 * by asking again. */
static int64_t next_wait(struct backend_ctx *c, const struct err *err, int64_t *backoff)
{
    const struct told *told = &c->told[c->kinds->count];
    bool was_well = told->state == SOURCE_FRESH || told->state == SOURCE_PARTIAL;
    if (was_well && clock_mono_ms(c->clock) - c->fresh_ms > GOOD_MS)
        *backoff = BACKOFF_FIRST_MS;
    if (err->kind == ERR_AUTH) {
        (void)pthread_mutex_lock(&c->lock);
        bool changed = c->new_credential;
        (void)pthread_mutex_unlock(&c->lock);
        return changed ? 0 : -1;
    }
    int64_t wait = jitter(c->clock, *backoff);
    *backoff = *backoff * 2 > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : *backoff * 2;
    return wait;
}

static void *run(void *arg)
{
    struct runner *r = arg;
    struct backend_ctx *c = &r->ctx;
    int64_t backoff = BACKOFF_FIRST_MS;
    ctx_state(c, KIND_NONE, SOURCE_CONNECTING, NULL, NULL);
    while (!ctx_stopping(c)) {
        struct err err;
        err_clear(&err);
        begin_run(c);
        bool ok = c->backend->run(r->state, c, &err);
        if (ctx_stopping(c))
            break;
        if (c->no_memory)
            ok = err_set(&err, ERR_NOMEM, "%s: there is no memory for what it sends", c->name);
        if (ok) {
            wait_for_request(c);
            continue;
        }
        int64_t wait = next_wait(c, &err, &backoff);
        /* counted from before it is said: whoever hears of it may step the clock */
        int64_t end = wait < 0 ? TIME_FOREVER : clock_mono_ms(c->clock) + wait;
        report(c, &err, wait);
        wait_until(c, end, &err);
    }
    if (c->backend->close)
        c->backend->close(r->state);
    ctx_ring(r->done_fd);
    return NULL;
}

/* Signals are for the thread that has the terminal. */
bool runner_start(struct runner *r, struct err *err)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int why = pthread_create(&r->thread, NULL, run, r);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (why)
        return err_code(err, ERR_IO, why, "%s: cannot start its thread: %s", r->ctx.name,
                        strerror(why));
    r->joined = false;
    char name[16]; /* so that top -H says which source takes what */
    (void)snprintf(name, sizeof(name), "%s", r->ctx.name);
    (void)pthread_setname_np(r->thread, name);
    return true;
}

void runner_request(struct runner *r, struct request *request)
{
    struct backend_ctx *c = &r->ctx;
    struct queued *q = xalloc_zero(1, sizeof(*q));
    q->request = *request;
    request->key = NULL;
    (void)pthread_mutex_lock(&c->lock);
    if (q->request.type == REQUEST_WANT || q->request.type == REQUEST_UNWANT)
        c->wanted[q->request.kind] = q->request.type == REQUEST_WANT;
    if (c->last)
        c->last->next = q;
    else
        c->first = q;
    c->last = q;
    ctx_ring(c->wake_fd);
    (void)pthread_mutex_unlock(&c->lock);
}

void runner_retry(struct runner *r)
{
    struct request request = {.type = REQUEST_REFRESH, .kind = KIND_NONE};
    runner_request(r, &request);
}

void runner_wake(struct runner *r)
{
    ctx_ring(r->ctx.wake_fd);
}

void runner_set_credential(struct runner *r, struct credential *credential)
{
    struct backend_ctx *c = &r->ctx;
    (void)pthread_mutex_lock(&c->lock);
    struct credential *old = c->credential;
    c->credential = credential_ref(credential);
    c->new_credential = true;
    (void)pthread_mutex_unlock(&c->lock);
    credential_unref(old);
}

void runner_set_targets(struct runner *r, const char *targets)
{
    struct backend_ctx *c = &r->ctx;
    if (!targets)
        return;
    (void)pthread_mutex_lock(&c->lock);
    free(c->targets);
    c->targets = xalloc_text(targets);
    c->new_targets = true;
    ctx_ring(c->wake_fd);
    (void)pthread_mutex_unlock(&c->lock);
}

void runner_set_rest(struct runner *r, bool rest)
{
    if (atomic_exchange(&r->ctx.resting, rest) != rest)
        ctx_ring(r->ctx.wake_fd);
}

void runner_stop(struct runner *r)
{
    atomic_store(&r->ctx.stopping, true);
    ctx_ring(r->ctx.stop_fd);
    ctx_ring(r->ctx.wake_fd);
}

void runner_leave(struct runner *r)
{
    runner_stop(r);
    outbox_close(r->ctx.outbox);
}

bool runner_join(struct runner *r, int64_t ms)
{
    struct pollfd done = {.fd = r->done_fd, .events = POLLIN};
    int64_t end = clock_machine_ms() + ms, left = ms;
    if (r->joined)
        return true;
    while (poll(&done, 1, left < 0 ? 0 : (int)left) < 0 && errno == EINTR)
        left = end - clock_machine_ms();
    if (!done.revents)
        return false;
    r->joined = pthread_join(r->thread, NULL) == 0;
    return r->joined;
}

void runner_free(struct runner *r)
{
    if (!r)
        return;
    struct backend_ctx *c = &r->ctx;
    while (c->first) {
        struct queued *q = c->first;
        c->first = q->next;
        request_done(&q->request);
        free(q);
    }
    outbox_free(c->outbox);
    credential_unref(c->credential);
    if (c->wake_fd >= 0)
        (void)close(c->wake_fd);
    if (c->stop_fd >= 0)
        (void)close(c->stop_fd);
    if (r->done_fd >= 0)
        (void)close(r->done_fd);
    (void)pthread_mutex_destroy(&c->lock);
    for (char **s = c->settings; *s; s++)
        free(*s);
    free(c->settings);
    free(c->targets);
    free(c->wanted);
    free(c->told);
    free(c->name);
    free(r->state);
    free(r);
}
