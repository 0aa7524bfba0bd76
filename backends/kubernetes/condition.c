/* Conditions of custom resources. */
#include <config.h>

#include "backends/kubernetes/condition.h"

#include "backends/kubernetes/sentence.h"

bool condition_put(struct kube_object *o, struct row_writer *w, const char *type,
                   const struct condition_columns *columns)
{
    struct condition c;
    if (!object_condition(o, type, &c))
        return false;
    put_text(w, columns->status, c.status);
    put_text(w, columns->reason, c.reason);
    put_text(w, columns->message, span_trim(c.message));
    put_time(w, columns->since, c.since_ms);
    return true;
}

void condition_says(const struct store *st, struct handle row,
                    const struct condition_columns *columns, int64_t now_ms, struct strbuf *out)
{
    struct span status = store_text(st, row, columns->status),
                reason = store_text(st, row, columns->reason);
    if (!status.len) {
        strbuf_adds(out, "no status yet");
        sentence_event(out, st, row);
        return;
    }
    if (reason.len)
        strbuf_add(out, reason);
    else
        strbuf_addf(out, "Ready is %.*s", SPAN_ARG(status));
    sentence_for(out, store_num(st, row, columns->since, TIME_NONE), now_ms);
    if (!sentence_event_beside(out, st, row, reason)) /* which says the same, and more */
        sentence_cause(out, store_text(st, row, columns->message));
}
