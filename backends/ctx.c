/* What the runner lends to a backend: requests down, messages up. */
#include <config.h>

#include "backends/ctx.h"

#include "base/alloc.h"
#include "net/credential.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALIVE_EVERY_MS 1000
#define WAIT_MOST_MS   60000
#define REST_OF_MS     15000 /* what is looked at so often or more often takes its time at rest */

void ctx_ring(int fd)
{
    uint64_t one = 1;
    ssize_t done = write(fd, &one, sizeof(one));
    (void)done; /* full means readable */
}

void ctx_unring(int fd)
{
    uint64_t count;
    ssize_t done = read(fd, &count, sizeof(count));
    (void)done;
}

const char *ctx_name(const struct backend_ctx *ctx)
{
    return ctx->name;
}

const struct backend *ctx_backend(const struct backend_ctx *ctx)
{
    return ctx->backend;
}

const struct clock *ctx_clock(const struct backend_ctx *ctx)
{
    return ctx->clock;
}

const char *settings_get(const char *const *settings, const char *name)
{
    size_t len = strlen(name);
    for (; *settings; settings++)
        if (strncmp(*settings, name, len) == 0 && (*settings)[len] == '=')
            return *settings + len + 1;
    return NULL;
}

const char *ctx_setting(const struct backend_ctx *ctx, const char *name)
{
    const char *text = settings_get((const char *const *)ctx->settings, name);
    if (text)
        return text;
    for (const struct setting *s = ctx->backend->settings; s && s->name; s++)
        if (strcmp(s->name, name) == 0)
            return s->fallback;
    return NULL;
}

const char *ctx_setting_filled(const struct backend_ctx *ctx, const char *name)
{
    const char *text = ctx_setting(ctx, name);
    return text && *text ? text : NULL;
}

bool ctx_setting_true(const struct backend_ctx *ctx, const char *name)
{
    const char *text = ctx_setting(ctx, name);
    return text && strcmp(text, "true") == 0;
}

bool ctx_once(const struct backend_ctx *ctx)
{
    return ctx->once;
}

struct credential *ctx_credential(struct backend_ctx *ctx)
{
    (void)pthread_mutex_lock(&ctx->lock);
    struct credential *c = credential_ref(ctx->credential);
    (void)pthread_mutex_unlock(&ctx->lock);
    return c;
}

char *ctx_take_targets(struct backend_ctx *ctx)
{
    (void)pthread_mutex_lock(&ctx->lock);
    char *targets = ctx->new_targets && ctx->targets ? xalloc_text(ctx->targets) : NULL;
    ctx->new_targets = false;
    (void)pthread_mutex_unlock(&ctx->lock);
    return targets;
}

int ctx_wake_fd(const struct backend_ctx *ctx)
{
    return ctx->wake_fd;
}

int ctx_stop_fd(const struct backend_ctx *ctx)
{
    return ctx->stop_fd;
}

bool ctx_stopping(const struct backend_ctx *ctx)
{
    return atomic_load(&ctx->stopping);
}

bool ctx_next_request(struct backend_ctx *ctx, struct request *out)
{
    (void)pthread_mutex_lock(&ctx->lock);
    struct queued *q = ctx->first;
    if (q) {
        ctx->first = q->next;
        if (!ctx->first)
            ctx->last = NULL;
    }
    if (!ctx->first && !ctx_stopping(ctx))
        ctx_unring(ctx->wake_fd);
    (void)pthread_mutex_unlock(&ctx->lock);
    if (!q)
        return false;
    *out = q->request;
    free(q);
    return true;
}

bool ctx_wait_until(struct backend_ctx *ctx, int64_t mono_ms)
{
    struct pollfd wake = {.fd = ctx->wake_fd, .events = POLLIN};
    bool rung = false;
    int left;
    while (!ctx_stopping(ctx) && (left = clock_wait_ms(ctx->clock, mono_ms, WAIT_MOST_MS)) > 0) {
        (void)poll(&wake, 1, left);
        if (wake.revents)
            ctx_unring(ctx->wake_fd);
        rung = rung || wake.revents != 0;
    }
    if (rung) /* for whoever takes requests */
        ctx_ring(ctx->wake_fd);
    return !ctx_stopping(ctx);
}

uint16_t ctx_kind(const struct backend_ctx *ctx, const struct kind *kind)
{
    for (size_t i = 0; i < ctx->kinds->count; i++)
        if (ctx->kinds->kinds[i] == kind)
            return (uint16_t)i;
    return KIND_NONE;
}

bool ctx_wanted(const struct backend_ctx *ctx, uint16_t kind)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&ctx->lock;
    (void)pthread_mutex_lock(lock);
    bool wanted = ctx->wanted[kind];
    (void)pthread_mutex_unlock(lock);
    return wanted;
}

static struct told *told_of(struct backend_ctx *ctx, uint16_t kind)
{
    return &ctx->told[kind == KIND_NONE ? ctx->kinds->count : kind];
}

/* Takes m. False: the source must stop; also when there is no memory, since what
 * is lost here can only be made good by beginning anew. */
static bool push(struct backend_ctx *ctx, struct message *m)
{
    if (!m) {
        ctx->no_memory = true;
        return false;
    }
    if (outbox_push(ctx->outbox, m, ctx->stop_fd))
        return !ctx_stopping(ctx);
    message_free(m);
    return false;
}

bool ctx_push_rows(struct backend_ctx *ctx, uint16_t kind, struct row_writer *w)
{
    bool empty = w->rows == 0;
    struct message *m = row_writer_take(w, ctx->source, kind);
    row_writer_clear(w);
    return empty && !m ? !ctx_stopping(ctx) : push(ctx, m);
}

static bool begin(struct backend_ctx *ctx, uint16_t kind, bool polled)
{
    struct message *m = message_new(MESSAGE_SYNC_BEGIN, ctx->source, kind);
    if (m) {
        m->generation = ++told_of(ctx, kind)->generation;
        m->polled = polled;
    }
    return push(ctx, m);
}

bool ctx_sync_begin(struct backend_ctx *ctx, uint16_t kind)
{
    return begin(ctx, kind, false);
}

bool ctx_poll_begin(struct backend_ctx *ctx, uint16_t kind)
{
    return begin(ctx, kind, true);
}

bool ctx_sync_end(struct backend_ctx *ctx, uint16_t kind, const struct err *why)
{
    struct message *m = message_new(MESSAGE_SYNC_END, ctx->source, kind);
    if (m) {
        m->generation = told_of(ctx, kind)->generation;
        m->complete = why == NULL;
        if (why)
            m->why = *why;
    }
    return push(ctx, m);
}

void ctx_hold(struct backend_ctx *ctx)
{
    outbox_hold(ctx->outbox);
}

void ctx_release(struct backend_ctx *ctx)
{
    (void)outbox_release(ctx->outbox, ctx->stop_fd);
}

static bool is_well(enum source_state state)
{
    return state == SOURCE_FRESH || state == SOURCE_PARTIAL;
}

static void send_state(struct backend_ctx *ctx, uint16_t kind, const struct err *err, bool proof)
{
    const struct told *told = told_of(ctx, kind);
    struct message *m = message_new(MESSAGE_STATE, ctx->source, kind);
    if (m) {
        m->report.state = told->state;
        m->report.paced = told->paced;
        m->report.every_ms = told->every_ms;
        m->report.at_rest = told->at_rest;
        if (err)
            m->report.why = *err;
        (void)memcpy(m->report.note, told->note, sizeof(m->report.note));
        if (proof)
            m->report.proof_ms = clock_wall_ms(ctx->clock);
        m->report.requests = kind == KIND_NONE ? ctx->requests : 0;
        m->report.bytes_in = kind == KIND_NONE ? ctx->bytes_in : 0;
    }
    (void)push(ctx, m);
}

void ctx_state(struct backend_ctx *ctx, uint16_t kind, enum source_state state,
               const struct err *err, const char *note)
{
    struct told *told = told_of(ctx, kind);
    if (kind == KIND_NONE && is_well(state) && !is_well(told->state))
        ctx->fresh_ms = clock_mono_ms(ctx->clock);
    told->state = state;
    told->said = true;
    (void)snprintf(told->note, sizeof(told->note), "%s", note ? note : "");
    send_state(ctx, kind, err, is_well(state));
}

void ctx_alive(struct backend_ctx *ctx, uint16_t kind)
{
    struct told *told = told_of(ctx, kind);
    int64_t now = clock_mono_ms(ctx->clock);
    bool first = !told->said || told->state == SOURCE_CONNECTING;
    if (told->state > SOURCE_PARTIAL) /* an error stands until the backend says otherwise */
        return;
    if (first) {
        ctx_state(ctx, kind, SOURCE_FRESH, NULL, NULL);
        return;
    }
    if (told->alive && now - told->alive_ms < ALIVE_EVERY_MS)
        return;
    told->alive = true;
    told->alive_ms = now;
    send_state(ctx, kind, NULL, true);
}

void ctx_paced(struct backend_ctx *ctx)
{
    struct told *told = told_of(ctx, KIND_NONE);
    if (told->paced || !is_well(told->state))
        return;
    told->paced = true;
    send_state(ctx, KIND_NONE, NULL, false);
}

int64_t ctx_pace(const struct backend_ctx *ctx, int64_t usual_ms)
{
    return usual_ms <= REST_OF_MS && atomic_load(&ctx->resting) ? REST_TIMES * usual_ms : usual_ms;
}

void ctx_say_pace(struct backend_ctx *ctx, int64_t usual_ms)
{
    struct told *told = told_of(ctx, KIND_NONE);
    int64_t every_ms = ctx_pace(ctx, usual_ms);
    if (told->every_ms == every_ms && told->at_rest == (every_ms != usual_ms))
        return;
    told->every_ms = every_ms;
    told->at_rest = every_ms != usual_ms;
    if (is_well(told->state)) /* else it goes with what is said next */
        send_state(ctx, KIND_NONE, NULL, false);
}

void ctx_figures(struct backend_ctx *ctx, uint64_t requests, uint64_t bytes_in)
{
    ctx->requests = requests;
    ctx->bytes_in = bytes_in;
}

void ctx_asked(struct backend_ctx *ctx, uint64_t requests, uint64_t bytes_in)
{
    ctx_figures(ctx, ctx->requests + requests, ctx->bytes_in + bytes_in);
}

static struct message *text_message(struct backend_ctx *ctx, enum message_type type, uint32_t id,
                                    struct span text, const struct err *err)
{
    struct message *m = message_new(type, ctx->source, KIND_NONE);
    if (!m)
        return NULL;
    m->request = id;
    if (err)
        m->why = *err;
    m->bytes = alloc_try(text.len + 1);
    if (!m->bytes) {
        message_free(m);
        return NULL;
    }
    if (text.len)
        memcpy(m->bytes, text.data, text.len);
    m->len = text.len;
    return m;
}

bool ctx_document(struct backend_ctx *ctx, uint32_t id, struct span text, const struct err *err)
{
    return push(ctx, text_message(ctx, MESSAGE_DOCUMENT, id, text, err));
}

bool ctx_lines(struct backend_ctx *ctx, uint32_t id, struct span bytes, uint64_t dropped, bool last,
               const struct err *err)
{
    struct message *m = text_message(ctx, MESSAGE_LINES, id, bytes, err);
    if (m) {
        m->dropped = dropped;
        m->last = last;
    }
    return push(ctx, m);
}

void request_done(struct request *r)
{
    free(r->key);
    r->key = NULL;
}
