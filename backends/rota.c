/* Looking at things in turn. */
#include <config.h>

#include "backends/rota.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_BYTES ((size_t)4 << 20)
#define WAIT_MS    60000 /* at most in one wait; who steps a clock wakes the source */
#define ITEMS_MAX  1000
#define BESIDE     '\f' /* before what other sources say */

/* A kind, and how far its picture is. */
struct rota_kind {
    const struct kind *kind;
    uint16_t number;
    struct row_writer rows;
    bool begun, whole;
};

struct rota {
    const struct rota_options *o;
    struct rota_item *items;
    struct rota_kind *kinds; /* owned */
    size_t nkinds;
    unsigned busy;
    size_t left_out; /* that are too many */
    bool resting;
    bool lost; /* a row could not be written: there is no memory */
};

static struct span nth(struct span parts, unsigned n)
{
    struct span part;
    for (; span_split(&parts, '\t', &part); n--)
        if (n == 0)
            return part;
    return SPAN("");
}

/* How much of a line is what is to be looked at. */
static size_t own_len(struct span line)
{
    return span_find(line, BESIDE, 0);
}

struct span rota_part(const struct rota_item *item, unsigned n)
{
    struct span line = span_from(item->line);
    return nth(span_sub(line, 0, own_len(line)), n);
}

struct span rota_beside(const struct rota_item *item, unsigned n)
{
    struct span line = span_from(item->line);
    return nth(span_sub(line, own_len(line) + 1, line.len), n);
}

bool rota_is_off(const struct store *st, const char *backend)
{
    for (size_t i = 0; i < store_sources(st); i++) {
        const struct source_info *s = store_source(st, (uint16_t)i);
        if (!s->gone && strcmp(s->backend, backend) == 0)
            return false;
    }
    return true;
}

void rota_link(struct span list, unsigned flags, struct row_writer *w)
{
    static const char *const kinds[] = {"ingressroute", "ingressroutetcp", "ingress", "service",
                                        "dnsendpoint"};
    struct span one;
    while (list.len && span_split(&list, ',', &one)) {
        size_t colon = span_find(one, ':', 0);
        for (size_t i = 0; i < BN_COUNT(kinds); i++)
            if (span_is(span_sub(one, 0, colon), kinds[i]))
                row_link(w, LINK_ROUTE, flags, kinds[i], span_sub(one, colon + 1, one.len));
    }
}

static bool is_wanted(const struct rota *r)
{
    for (size_t i = 0; i < r->nkinds; i++)
        if (ctx_wanted(r->o->ctx, r->kinds[i].number))
            return true;
    return false;
}

static int64_t now_ms(const struct rota *r)
{
    return clock_mono_ms(ctx_clock(r->o->ctx));
}

static void put(struct rota *r, struct rota_kind *k, const struct rota_item *item)
{
    if (k->begun && item->seen && !r->o->put(r->o->self, item, k->kind, &k->rows))
        r->lost = true;
}

static void put_all(struct rota *r, const struct rota_item *item)
{
    for (size_t i = 0; i < r->nkinds; i++)
        put(r, &r->kinds[i], item);
}

/* ---- Which things there are. */

static void item_free(struct rota *r, struct rota_item *item)
{
    r->busy -= item->busy;
    r->o->drop(r->o->self, item);
    free(item->name);
    free(item->line);
    free(item);
}

static struct rota_item *find(const struct rota *r, struct span name)
{
    struct rota_item *item = r->items;
    while (item && !span_is(name, item->name))
        item = item->next;
    return item;
}

bool rota_has(const struct rota *r, struct span name)
{
    return find(r, name) != NULL;
}

/* The beginning of a line that is as good as its whole. */
static struct span asking_parts(const struct rota *r, struct span line)
{
    size_t at = 0;
    for (unsigned n = 0; r->o->parts && n < r->o->parts && at < line.len; n++)
        at = span_find(line, '\t', at ? at + 1 : 0);
    return r->o->parts ? span_sub(line, 0, at) : line;
}

static void take_line(struct rota *r, struct span line, size_t n)
{
    struct span name = span_sub(line, 0, span_find(line, '\t', 0));
    struct rota_item *item = find(r, name);
    if (!item && n >= ITEMS_MAX) {
        r->left_out++;
        return;
    }
    if (!item) {
        item = xalloc_zero(1, sizeof(*item));
        item->name = xalloc_bytes(name.data, name.len);
        item->next = r->items;
        r->items = item;
    }
    item->kept = true;
    if (item->line && span_is(line, item->line))
        return;
    struct span before = item->line ? span_from(item->line) : SPAN("");
    bool same = item->line && span_eq(asking_parts(r, span_sub(before, 0, own_len(before))),
                                      asking_parts(r, span_sub(line, 0, own_len(line))));
    free(item->line);
    item->line = xalloc_bytes(line.data, line.len);
    if (!same)
        item->due_ms = INT64_MIN;
    else
        put_all(r, item);
}

static void drop_rows(struct rota *r, const struct rota_item *item)
{
    for (size_t i = 0; i < r->nkinds && item->seen; i++)
        if (r->kinds[i].begun)
            r->lost = !row_drop(&r->kinds[i].rows, span_from(item->name)) || r->lost;
}

static void take_targets(struct rota *r)
{
    char *targets = ctx_take_targets(r->o->ctx);
    struct span rest = span_from(targets), line;
    struct rota_item **at = &r->items;
    size_t n = 0;
    if (!targets)
        return;
    for (struct rota_item *item = r->items; item; item = item->next)
        item->kept = false;
    r->left_out = 0;
    while (span_split(&rest, '\n', &line))
        if (line.len)
            take_line(r, line, n++);
    while (*at) {
        struct rota_item *item = *at;
        if (item->kept) {
            at = &item->next;
            continue;
        }
        *at = item->next;
        drop_rows(r, item);
        item_free(r, item);
    }
    free(targets);
}

/* ---- Rows. */

static void begin(struct rota *r, struct rota_kind *k)
{
    row_writer_init(&k->rows, k->kind, ROWS_BYTES);
    k->begun = true;
    k->whole = false;
    (void)ctx_poll_begin(r->o->ctx, k->number);
    for (struct rota_item *item = r->items; item; item = item->next) {
        item->seen = item->seen && item->due_ms > now_ms(r); /* else it was long ago */
        put(r, k, item);
    }
}

static void end(struct rota *r, struct rota_kind *k)
{
    char note[120] = "";
    k->whole = true;
    if (r->left_out)
        (void)snprintf(note, sizeof(note), "%zu more are not looked at: %d are the most",
                       r->left_out, ITEMS_MAX);
    (void)ctx_sync_end(r->o->ctx, k->number, NULL);
    ctx_state(r->o->ctx, k->number, note[0] ? SOURCE_PARTIAL : SOURCE_FRESH, NULL, note);
    ctx_alive(r->o->ctx, KIND_NONE);
}

static bool all_seen(const struct rota *r)
{
    for (const struct rota_item *item = r->items; item; item = item->next)
        if (!item->seen)
            return false;
    return true;
}

/* Begins and ends pictures, sends what was written. */
static void send_rows(struct rota *r)
{
    for (size_t i = 0; i < r->nkinds; i++) {
        struct rota_kind *k = &r->kinds[i];
        bool wanted = ctx_wanted(r->o->ctx, k->number);
        if (wanted && !k->begun)
            begin(r, k);
        if (!wanted && k->begun) {
            row_writer_clear(&k->rows);
            k->begun = false;
        }
        if (!k->begun)
            continue;
        (void)ctx_push_rows(r->o->ctx, k->number, &k->rows);
        if (!k->whole && all_seen(r))
            end(r, k);
    }
}

/* ---- Looking. */

/* A tenth more or less, so that they spread. */
static int64_t next_due(const struct rota *r, const struct rota_item *item)
{
    int64_t tenth = r->o->every_ms / 10;
    uint64_t chance = span_hash(span_from(item->name)) ^ item->looks * UINT64_C(0x9e3779b97f4a7c15);
    if (ctx_once(r->o->ctx))
        return TIME_FOREVER;
    return now_ms(r) + r->o->every_ms - tenth +
           (int64_t)((chance >> 16) % (uint64_t)(2 * tenth + 1));
}

void rota_pass(struct rota *r, struct rota_item *item)
{
    bn_assert(item->busy);
    item->busy = item->asked = false;
    item->seen = true;
    r->busy--;
    item->looks++;
    item->due_ms = next_due(r, item);
    put_all(r, item);
}

void rota_done(struct rota *r, struct rota_item *item)
{
    rota_pass(r, item);
    ctx_alive(r->o->ctx, KIND_NONE);
}

void rota_rewrite(struct rota *r)
{
    for (const struct rota_item *item = r->items; item; item = item->next)
        put_all(r, item);
}

/* The one that has waited longest; NULL: none is due. */
static struct rota_item *first_due(const struct rota *r, int64_t now)
{
    struct rota_item *first = NULL;
    for (struct rota_item *item = r->items; item; item = item->next)
        if (!item->busy && item->due_ms <= now && (!first || item->due_ms < first->due_ms))
            first = item;
    return first;
}

static bool start_due(struct rota *r, struct err *err)
{
    struct rota_item *item;
    while (is_wanted(r) && r->busy < r->o->at_once && (item = first_due(r, now_ms(r))) != NULL) {
        item->busy = true;
        r->busy++;
        if (!r->o->start(r->o->self, item, err))
            return false;
    }
    return true;
}

static int wait_of(const struct rota *r)
{
    int64_t due = now_ms(r) + WAIT_MS;
    bool free_hand = r->busy < r->o->at_once && is_wanted(r);
    for (const struct rota_item *item = r->items; free_hand && item; item = item->next)
        if (!item->busy && item->due_ms < due)
            due = item->due_ms;
    return clock_wait_ms(ctx_clock(r->o->ctx), due, WAIT_MS);
}

static void take_requests(struct rota *r)
{
    struct request request;
    struct err err;
    while (ctx_next_request(r->o->ctx, &request)) {
        if (request.type == REQUEST_REFRESH)
            for (struct rota_item *item = r->items; item; item = item->next) {
                item->due_ms = INT64_MIN;
                item->asked = true;
            }
        (void)err_set(&err, ERR_NOTFOUND, "there is nothing more to say of it");
        if (request.type == REQUEST_FETCH)
            (void)ctx_document(r->o->ctx, request.id, SPAN(""), &err);
        else if (request.type == REQUEST_STREAM)
            (void)ctx_lines(r->o->ctx, request.id, SPAN(""), 0, true, &err);
        request_done(&request);
    }
}

/* What nothing is wanted of is neither well nor ill. */
static void say_rest(struct rota *r)
{
    bool wanted = is_wanted(r);
    if (wanted == !r->resting)
        return;
    r->resting = !wanted;
    ctx_state(r->o->ctx, KIND_NONE, wanted ? SOURCE_CONNECTING : SOURCE_OFF, NULL, NULL);
}

static void make_kinds(struct rota *r)
{
    while (r->o->kinds[r->nkinds])
        r->nkinds++;
    r->kinds = xalloc_zero(r->nkinds + 1, sizeof(*r->kinds));
    for (size_t i = 0; i < r->nkinds; i++)
        r->kinds[i] = (struct rota_kind){.kind = r->o->kinds[i],
                                         .number = ctx_kind(r->o->ctx, r->o->kinds[i])};
}

bool rota_run(const struct rota_options *o, struct err *err)
{
    struct rota r = {.o = o};
    bool ok = true;
    make_kinds(&r);
    while (ok && !ctx_stopping(o->ctx)) {
        take_requests(&r); /* first: it takes the bell back */
        take_targets(&r);
        say_rest(&r);
        ok = start_due(&r, err);
        send_rows(&r);
        if (ok && r.lost)
            ok = err_set(err, ERR_NOMEM, "there is no memory for its rows");
        if (ok && !ctx_stopping(o->ctx))
            o->turn(o->self, &r, wait_of(&r), ctx_wake_fd(o->ctx));
    }
    while (r.items) {
        struct rota_item *item = r.items;
        r.items = item->next;
        item_free(&r, item);
    }
    for (size_t i = 0; i < r.nkinds; i++)
        if (r.kinds[i].begun)
            row_writer_clear(&r.kinds[i].rows);
    free(r.kinds);
    return ok;
}
