/* Objects to rows. */
#include <config.h>

#include "backends/kubernetes/cluster.h"
#include "base/log.h"

#define GROWN_BYTES 4096

bool watch_flush(struct watch *w)
{
    if (!w->rows.rows)
        return true;
    size_t len = w->rows.bytes.len;
    bool ok = ctx_push_rows(w->cluster->ctx, w->number, &w->rows);
    row_writer_init(&w->rows, w->kind->kind, PENDING_ROWS_BYTES * 16);
    if (w->syncing &&
        len > GROWN_BYTES) /* the next batch will be like it: no growing by doubling */
        (void)!strbuf_reserve(&w->rows.bytes, len);
    return ok;
}

/* An object that cannot be read is passed over: one bad one must not hide the
 * others. */
bool watch_put(struct watch *w, size_t which, struct json_value object)
{
    struct kube_object o;
    if (!object_read(&o, object, w->cluster->arena))
        return true;
    row_begin(&w->rows, kube_row_key(w->kind, &o, which));
    w->kind->parse(&o, &w->rows, which);
    if (!row_end(&w->rows))
        log_write(LOG_WARNING, ctx_name(w->cluster->ctx), "%s %.*s is too large to be shown",
                  w->kind->kind->name, SPAN_ARG(o.key));
    return w->rows.bytes.len < PENDING_ROWS_BYTES || watch_flush(w);
}

bool watch_drop(struct watch *w, size_t which, struct json_value object)
{
    struct kube_object o;
    if (object_read(&o, object, w->cluster->arena) &&
        !row_drop(&w->rows, kube_row_key(w->kind, &o, which)))
        return false;
    return w->rows.bytes.len < PENDING_ROWS_BYTES || watch_flush(w);
}
