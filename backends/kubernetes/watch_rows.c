/* Objects to rows. */
#include <config.h>

#include "backends/kubernetes/cluster.h"
#include "base/alloc.h"
#include "base/log.h"

#include <stdlib.h>

#define GROWN_BYTES 4096
#define AGAIN_MS    1000 /* an object is not read again earlier */

/* An object with any number of rows: which there are, so that those that a new version of
 * it has not are dropped, and its text, where time alone changes them. */
struct kept {
    char *keys[KUBE_WATCHED_MAX]; /* owned; of each kind, as a list; NULL: none */
    char *text;                   /* owned; NULL: time changes nothing */
    size_t len;
    size_t which;
    int64_t again_ms; /* wall; TIME_FOREVER */
};

static void kept_free(void *value)
{
    struct kept *k = value;
    for (size_t i = 0; k && i < KUBE_WATCHED_MAX; i++)
        free(k->keys[i]);
    if (k)
        free(k->text);
    free(k);
}

void watch_forget(struct watch *w)
{
    if (!w->kept || !map_count(w->kept))
        return;
    map_free(w->kept, kept_free);
    w->kept = map_new();
    w->rewrite_ms = TIME_FOREVER;
}

void watched_clear(struct watched *m)
{
    row_writer_clear(&m->rows);
    row_writer_init(&m->rows, m->kind->kind, PENDING_ROWS_BYTES * 16);
}

static bool flush(struct watch *w, struct watched *m)
{
    if (!m->rows.rows)
        return true;
    size_t len = m->rows.bytes.len;
    bool ok = ctx_push_rows(w->cluster->ctx, m->number, &m->rows);
    row_writer_init(&m->rows, m->kind->kind, PENDING_ROWS_BYTES * 16);
    if (w->syncing &&
        len > GROWN_BYTES) /* the next batch will be like it: no growing by doubling */
        (void)!strbuf_reserve(&m->rows.bytes, len);
    return ok;
}

bool watch_flush(struct watch *w)
{
    bool ok = true;
    for (size_t i = 0; i < w->nwatched; i++)
        ok = flush(w, &w->watched[i]) && ok;
    return ok;
}

/* An object that cannot be read is passed over: one bad one must not hide the
 * others. */
static bool read_object(const struct watch *w, struct json_value object, struct kube_object *o)
{
    bool ok = object_read(o, object, w->cluster->arena);
    if (w->kept) /* others do not look at it */
        o->now_ms = clock_wall_ms(ctx_clock(w->cluster->ctx));
    o->keeper_unseen = w->keeper_unseen;
    return ok;
}

/* Drops the rows that there were and are no more. */
static bool drop_old(struct watched *m, const char *before, struct span after)
{
    struct span rest = span_from(before ? before : ""), key;
    bool ok = true;
    while (rest.len && span_split(&rest, LIST_SEPARATOR, &key))
        if (!span_lists(after, LIST_SEPARATOR, key))
            ok = row_drop(&m->rows, key) && ok;
    return ok;
}

static bool put(struct watch *w, struct watched *m, struct kube_object *o, size_t which)
{
    if (!kube_write(m->kind, o, &m->rows, which))
        log_write(LOG_WARNING, ctx_name(w->cluster->ctx), "%s %.*s is too large to be shown",
                  m->kind->kind->name, SPAN_ARG(o->key));
    return m->rows.bytes.len < PENDING_ROWS_BYTES || flush(w, m);
}

static void keep_text(struct watch *w, struct kept *k, struct kube_object *o, size_t which,
                      struct span text)
{
    k->again_ms = o->again_ms > o->now_ms ? o->again_ms : o->now_ms + AGAIN_MS;
    if (o->again_ms == TIME_FOREVER)
        return;
    k->text = xalloc_bytes(text.data, text.len);
    k->len = text.len;
    k->which = which;
    w->rewrite_ms = k->again_ms < w->rewrite_ms ? k->again_ms : w->rewrite_ms;
}

/* Puts the rows of all its kinds, and keeps what the next version of it needs. */
static bool put_all(struct watch *w, size_t which, struct kube_object *o, struct span text)
{
    struct kept *before = map_get(w->kept, o->key), *k = xalloc_zero(1, sizeof(*k));
    bool ok = true;
    for (size_t i = 0; i < w->nwatched; i++) {
        struct watched *m = &w->watched[i];
        if (m->number == KIND_NONE)
            continue;
        o->rows = (struct span){"", 0};
        ok = put(w, m, o, which) && ok;
        ok = drop_old(m, before ? before->keys[i] : NULL, o->rows) && ok;
        k->keys[i] = o->rows.len ? xalloc_bytes(o->rows.data, o->rows.len) : NULL;
    }
    keep_text(w, k, o, which, text);
    kept_free(map_set(w->kept, o->key, k));
    return ok;
}

bool watch_put(struct watch *w, size_t which, struct json_value object)
{
    struct kube_object o;
    if (!read_object(w, object, &o))
        return true;
    if (w->kept)
        return put_all(w, which, &o, json_whole(object));
    return put(w, &w->watched[0], &o, which);
}

bool watch_drop(struct watch *w, size_t which, struct json_value object)
{
    struct kube_object o;
    bool ok = true;
    if (!read_object(w, object, &o))
        return true;
    struct kept *before = w->kept ? map_remove(w->kept, o.key) : NULL;
    for (size_t i = 0; i < w->nwatched; i++) {
        struct watched *m = &w->watched[i];
        if (m->number == KIND_NONE)
            continue;
        if (m->kind->rows)
            ok = drop_old(m, before ? before->keys[i] : NULL, (struct span){"", 0}) && ok;
        else
            ok = row_drop(&m->rows, kube_row_key(m->kind, &o, which)) && ok;
        ok = ok && (m->rows.bytes.len < PENDING_ROWS_BYTES || flush(w, m));
    }
    kept_free(before);
    return ok;
}

/* The first of those kept that is due, and when the next is. */
static struct kept *find_due(const struct watch *w, int64_t wall_ms, int64_t *next_ms)
{
    struct kept *due = NULL;
    void *value;
    size_t at = 0;
    *next_ms = TIME_FOREVER;
    while (map_next(w->kept, &at, NULL, &value)) {
        struct kept *k = value;
        if (k->again_ms <= wall_ms)
            due = k;
        else if (k->again_ms < *next_ms)
            *next_ms = k->again_ms;
    }
    return due;
}

int64_t watch_rewrite(struct watch *w)
{
    int64_t wall = clock_wall_ms(ctx_clock(w->cluster->ctx));
    if (wall < w->rewrite_ms)
        return w->rewrite_ms;
    for (struct kept *k; (k = find_due(w, wall, &w->rewrite_ms)) != NULL;) {
        char *text = k->text; /* it is kept anew, and for later */
        k->text = NULL;
        k->again_ms = TIME_FOREVER;
        (void)watch_put(w, k->which, json_value(span_make(text, k->len)));
        free(text);
    }
    return w->rewrite_ms;
}
