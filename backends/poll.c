/* Asking every so often: whole pictures of the kinds that somebody wants. */
#include <config.h>

#include "backends/poll.h"

#include "base/alloc.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_BYTES   ((size_t)16 << 20)
#define DOCUMENT_MAX ((size_t)4 << 20)
#define WAIT_MS      60000 /* at most in one wait; who steps a clock wakes the source */
#define ONCE_MS      1000  /* between two readings of counters */

/* A kind of a part. */
struct poll_kind {
    const struct kind *kind;
    uint16_t number; /* in the session; KIND_NONE: unknown there */
    struct row_writer rows;
    char note[120];
    bool hides;     /* some of it, as note says */
    bool seen;      /* all of it was */
    struct err why; /* why it was not */
};

struct poll {
    const struct poll_options *o;
    struct poll_kind *kinds; /* owned; of the part at hand, behind those that wait for it */
    size_t count;
    int64_t *due_ms; /* owned; per part: monotonic, at the usual pace */
    bool *wanted;    /* owned; by number of the kind, as far as requests were taken */
    size_t parts;
    uint16_t numbers; /* places in wanted */
    bool resting;     /* nothing is wanted, and that was said */
};

struct backend_ctx *poll_ctx(const struct poll *p)
{
    return p->o->ctx;
}

static struct poll_kind *kind_of(struct poll *p, const struct kind *kind)
{
    size_t i = 0;
    while (i < p->count && p->kinds[i].kind != kind)
        i++;
    bn_assert(i < p->count);
    return &p->kinds[i];
}

struct row_writer *poll_rows(struct poll *p, const struct kind *kind)
{
    return &kind_of(p, kind)->rows;
}

void poll_note(struct poll *p, const struct kind *kind, const char *fmt, ...)
{
    struct poll_kind *k = kind_of(p, kind);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(k->note, sizeof(k->note), fmt, args);
    va_end(args);
    k->hides = true;
}

void poll_remark(struct poll *p, const struct kind *kind, const char *fmt, ...)
{
    struct poll_kind *k = kind_of(p, kind);
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(k->note, sizeof(k->note), fmt, args);
    va_end(args);
}

bool poll_flush(struct poll *p)
{
    bool go = true;
    for (size_t i = 0; i < p->count; i++)
        go = ctx_push_rows(p->o->ctx, p->kinds[i].number, &p->kinds[i].rows) && go;
    return go;
}

/* ---- One part. */

static void begin(struct poll *p, const struct poll_part *part)
{
    struct backend_ctx *ctx = p->o->ctx;
    for (size_t i = 0; part->kinds[i]; i++) {
        struct poll_kind *k = &p->kinds[p->count++];
        *k = (struct poll_kind){.kind = part->kinds[i], .number = ctx_kind(ctx, part->kinds[i])};
        row_writer_init(&k->rows, k->kind, ROWS_BYTES);
        (void)ctx_poll_begin(ctx, k->number);
    }
}

static void end(struct poll *p)
{
    struct backend_ctx *ctx = p->o->ctx;
    for (size_t i = 0; i < p->count; i++) {
        struct poll_kind *k = &p->kinds[i];
        enum source_state state = k->hides ? SOURCE_PARTIAL : SOURCE_FRESH;
        const struct err *why = k->seen ? NULL : &k->why;
        if (why)
            state = why->kind == ERR_DENIED ? SOURCE_DENIED : SOURCE_FAILING;
        (void)ctx_sync_end(ctx, k->number, why);
        ctx_state(ctx, k->number, state, why, k->note);
        row_writer_clear(&k->rows);
    }
    p->count = 0;
}

/* Of this part alone: what else is asked may still be answered. */
static bool is_partial(const struct poll *p, const struct err *err)
{
    if (p->o->reached && !p->o->reached(p->o->self))
        return false;
    return err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND || err->kind == ERR_BUSY ||
           err->kind == ERR_PROTO;
}

static bool is_wanted(const struct poll *p, const struct poll_part *part)
{
    for (size_t i = 0; part->kinds[i]; i++) {
        uint16_t number = ctx_kind(p->o->ctx, part->kinds[i]);
        if (number != KIND_NONE && p->wanted[number])
            return true;
    }
    return false;
}

/* *answered_ms: when it had been asked. False: the connection has failed. */
static bool ask(struct poll *p, const struct poll_part *part, int64_t *answered_ms, struct err *err)
{
    size_t first = p->count;
    begin(p, part);
    bool ok = part->ask(p->o->self, p, err);
    *answered_ms = clock_mono_ms(ctx_clock(p->o->ctx)); /* before anybody sees what has come */
    for (size_t i = first; i < p->count; i++) {
        p->kinds[i].seen = ok;
        if (!ok)
            p->kinds[i].why = *err;
    }
    return ok || is_partial(p, err);
}

/* Of what was not seen to its end nothing but why. */
static void send_up(struct poll *p)
{
    ctx_hold(p->o->ctx);
    for (size_t i = 0; i < p->count; i++)
        if (p->kinds[i].seen)
            (void)ctx_push_rows(p->o->ctx, p->kinds[i].number, &p->kinds[i].rows);
    if (!ctx_stopping(p->o->ctx))
        end(p);
    ctx_release(p->o->ctx);
}

/* ---- All parts. */

static void hurry_part(struct poll *p, size_t i)
{
    p->due_ms[i] = INT64_MIN;
    if (i > 0 && p->o->parts[i - 1].joined)
        p->due_ms[i - 1] = INT64_MIN;
    if (p->o->parts[i].joined)
        p->due_ms[i + 1] = INT64_MIN;
}

/* Look at once: all, or what fills a kind. */
static void hurry(struct poll *p, uint16_t kind)
{
    for (size_t i = 0; i < p->parts; i++)
        for (size_t k = 0; p->o->parts[i].kinds[k]; k++)
            if (kind == KIND_NONE || kind == ctx_kind(p->o->ctx, p->o->parts[i].kinds[k]))
                hurry_part(p, i);
}

/* A kind of another backend is none of its own. */
static void set_wanted(struct poll *p, uint16_t kind, bool wanted)
{
    if (kind < p->numbers)
        p->wanted[kind] = wanted;
}

static void send_document(const struct poll *p, const struct request *r)
{
    struct strbuf text = STRBUF_INIT(DOCUMENT_MAX);
    struct err err;
    bool ok = p->o->document ? p->o->document(p->o->self, r, &text, &err)
                             : err_set(&err, ERR_NOTFOUND, "there is no document of it");
    (void)ctx_document(p->o->ctx, r->id, strbuf_span(&text), ok ? NULL : &err);
    strbuf_clear(&text);
}

static void take_request(struct poll *p, struct request *r)
{
    struct err err;
    switch (r->type) {
    case REQUEST_WANT:
        set_wanted(p, r->kind, true);
        hurry(p, r->kind);
        break;
    case REQUEST_UNWANT:
        set_wanted(p, r->kind, false);
        break;
    case REQUEST_REFRESH:
        hurry(p, r->kind);
        break;
    case REQUEST_FETCH:
        send_document(p, r);
        break;
    case REQUEST_STREAM:
        (void)err_set(&err, ERR_NOTFOUND, "there are no lines of it to follow");
        (void)ctx_lines(p->o->ctx, r->id, span_from(""), 0, true, &err);
        break;
    case REQUEST_CANCEL:
        break;
    }
    request_done(r);
}

/* Counted from when it was asked; what takes long gets a pause too. err: why it failed. */
static int64_t next_due(const struct poll *p, const struct poll_part *part, int64_t asked_ms,
                        int64_t answered_ms, const struct err *err)
{
    int64_t pause = err->kind == ERR_BUSY ? (int64_t)err->code * 1000 : 0;
    int64_t rest = answered_ms + part->every_ms / 4;
    pause = pause > part->every_ms ? pause : part->every_ms;
    if (ctx_once(p->o->ctx))
        return TIME_FOREVER;
    return asked_ms + pause > rest ? asked_ms + pause : rest;
}

static int64_t pace_of(const struct poll *p, const struct poll_part *part)
{
    return p->o->steady ? part->every_ms : ctx_pace(p->o->ctx, part->every_ms);
}

/* At the pace of now: who comes back finds due what was put off. */
static int64_t due_of(const struct poll *p, size_t i)
{
    const struct poll_part *part = &p->o->parts[i];
    int64_t due = p->due_ms[i];
    return due == INT64_MIN || due == TIME_FOREVER ? due : due + pace_of(p, part) - part->every_ms;
}

static bool is_due(const struct poll *p, size_t i, int64_t now)
{
    return i < p->parts && now >= due_of(p, i) && is_wanted(p, &p->o->parts[i]);
}

static bool ask_what_is_due(struct poll *p, struct err *err)
{
    for (size_t i = 0; i < p->parts && !ctx_stopping(p->o->ctx); i++) {
        const struct poll_part *part = &p->o->parts[i];
        int64_t now = clock_mono_ms(ctx_clock(p->o->ctx)), answered;
        if (!is_due(p, i, now))
            continue;
        err_clear(err);
        bool ok = ask(p, part, &answered, err);
        p->due_ms[i] = next_due(p, part, now, answered, err);
        if (ok && part->joined && is_due(p, i + 1, now))
            continue;
        send_up(p);
        if (ctx_stopping(p->o->ctx))
            return true;
        if (!ok)
            return false;
        ctx_alive(p->o->ctx, KIND_NONE);
    }
    return true;
}

static void wait(const struct poll *p)
{
    const struct clock *clock = ctx_clock(p->o->ctx);
    int64_t due = clock_mono_ms(clock) + WAIT_MS;
    for (size_t i = 0; i < p->parts; i++)
        if (due_of(p, i) < due && is_wanted(p, &p->o->parts[i]))
            due = due_of(p, i);
    struct pollfd wake = {.fd = ctx_wake_fd(p->o->ctx), .events = POLLIN};
    (void)poll(&wake, 1, clock_wait_ms(clock, due, WAIT_MS));
}

/* What nothing is wanted of is neither well nor ill. */
static void say_rest(struct poll *p)
{
    bool wanted = false;
    for (size_t i = 0; i < p->parts && !wanted; i++)
        wanted = is_wanted(p, &p->o->parts[i]);
    if (wanted == !p->resting)
        return;
    p->resting = !wanted;
    ctx_state(p->o->ctx, KIND_NONE, wanted ? SOURCE_CONNECTING : SOURCE_OFF, NULL, NULL);
}

/* Of what is asked most often. */
static void say_pace(const struct poll *p)
{
    int64_t usual = 0;
    for (size_t i = 0; i < p->parts && !ctx_once(p->o->ctx); i++)
        if (is_wanted(p, &p->o->parts[i]) && (!usual || p->o->parts[i].every_ms < usual))
            usual = p->o->parts[i].every_ms;
    if (!p->o->steady)
        ctx_say_pace(p->o->ctx, usual);
}

/* What is wanted at the start was not asked for by a request. */
static void note_wanted(struct poll *p, uint16_t number)
{
    if (number == KIND_NONE)
        return;
    if (number >= p->numbers) {
        p->wanted = xalloc_resize(p->wanted, number + 1u, sizeof(*p->wanted));
        memset(p->wanted + p->numbers, 0, (number + 1u - p->numbers) * sizeof(*p->wanted));
        p->numbers = (uint16_t)(number + 1);
    }
    p->wanted[number] = ctx_wanted(p->o->ctx, number);
}

static void prepare(struct poll *p)
{
    const struct poll_options *o = p->o;
    size_t kinds = 0;
    for (; o->parts[p->parts].kinds; p->parts++) {
        size_t n = 0;
        for (; o->parts[p->parts].kinds[n]; n++)
            note_wanted(p, ctx_kind(o->ctx, o->parts[p->parts].kinds[n]));
        kinds += n;
    }
    p->kinds = xalloc_zero(kinds + 1, sizeof(*p->kinds));
    p->due_ms = xalloc_zero(p->parts + 1, sizeof(*p->due_ms));
    for (size_t i = 0; i < p->parts; i++)
        p->due_ms[i] = INT64_MIN;
}

bool poll_run(const struct poll_options *o, struct err *err)
{
    struct poll p = {.o = o};
    struct request r;
    bool ok = true;
    prepare(&p);
    while (ok && !ctx_stopping(o->ctx)) {
        while (ctx_next_request(o->ctx, &r))
            take_request(&p, &r);
        const struct kind *renewed = o->renewed ? o->renewed(o->self) : NULL;
        if (renewed)
            hurry(&p, ctx_kind(o->ctx, renewed));
        say_rest(&p);
        say_pace(&p);
        ok = ask_what_is_due(&p, err);
        if (ok && !ctx_stopping(o->ctx))
            wait(&p);
    }
    for (size_t i = 0; i < p.count; i++)
        row_writer_clear(&p.kinds[i].rows);
    free(p.kinds);
    free(p.due_ms);
    free(p.wanted);
    return ok;
}

/* Nothing is known of what it may not ask, and nothing will be: nobody need wait for it. */
static void say_nothing(struct backend_ctx *ctx)
{
    const struct kind *const *all = ctx_backend(ctx)->kinds;
    for (size_t i = 0; all[i]; i++) {
        uint16_t kind = ctx_kind(ctx, all[i]);
        if (kind == KIND_NONE || !ctx_wanted(ctx, kind))
            continue;
        (void)ctx_poll_begin(ctx, kind);
        (void)ctx_sync_end(ctx, kind, NULL);
        ctx_state(ctx, kind, SOURCE_OFF, NULL, NULL);
    }
    ctx_state(ctx, KIND_NONE, SOURCE_OFF, NULL, NULL);
}

bool poll_rest(struct backend_ctx *ctx)
{
    struct request r;
    struct pollfd wake = {.fd = ctx_wake_fd(ctx), .events = POLLIN};
    while (!ctx_stopping(ctx)) {
        say_nothing(ctx);
        (void)poll(&wake, 1, -1);
        while (ctx_next_request(ctx, &r))
            request_done(&r);
    }
    return true;
}

bool poll_rate(struct poll_rate *r, int64_t counter, int64_t mono_ms, double *per_second)
{
    struct poll_rate before = *r;
    *r = (struct poll_rate){counter, mono_ms, true};
    if (!before.known || counter < before.counter || mono_ms <= before.mono_ms)
        return false;
    *per_second = (double)(counter - before.counter) * 1000 / (double)(mono_ms - before.mono_ms);
    return true;
}

bool poll_once_more(const struct backend_ctx *ctx)
{
    struct pollfd stop = {.fd = ctx_stop_fd(ctx), .events = POLLIN};
    return ctx_once(ctx) && poll(&stop, 1, ONCE_MS) == 0;
}
