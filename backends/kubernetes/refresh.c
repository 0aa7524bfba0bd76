/* Refreshes of External Secrets, and the stores they go through. */
#include <config.h>

#include "backends/kubernetes/refresh.h"

#include "backends/kubernetes/sentence.h"
#include "base/timetext.h"

void refresh_put(struct kube_object *o, struct row_writer *w, bool periodic,
                 const struct refresh_columns *columns)
{
    struct span interval = object_path_text(o, o->spec, "refreshInterval");
    int64_t ms;
    put_text(w, columns->interval, interval);
    if (periodic && duration_parse(interval, &ms) && ms > 0)
        row_num(w, columns->every, ms);
    put_time(w, columns->at, object_path_time(o, o->status, "refreshTime"));
}

int64_t refresh_late_ms(const struct store *st, struct handle row,
                        const struct refresh_columns *columns)
{
    int64_t last = store_num(st, row, columns->at, TIME_NONE),
            every = store_num(st, row, columns->every, 0);
    return last == TIME_NONE || !every ? TIME_FOREVER : last + 2 * every + 1;
}

void refresh_says(const struct store *st, struct handle row, const struct refresh_columns *columns,
                  int64_t now_ms, struct strbuf *out)
{
    strbuf_adds(out, "last refreshed");
    sentence_ago(out, store_num(st, row, columns->at, TIME_NONE), now_ms);
    strbuf_addf(out, ", though every %.*s is asked for",
                SPAN_ARG(store_text(st, row, columns->interval)));
}

void refresh_link_store(struct kube_object *o, struct row_writer *w, struct json_value ref)
{
    struct span name = object_text(o, json_get(ref, "name"));
    bool cluster = json_is(json_get(ref, "kind"), "ClusterSecretStore");
    if (name.len)
        row_link(w, LINK_STORE, LINK_EXPECTED | LINK_AFFECTS,
                 cluster ? "clustersecretstore" : "secretstore",
                 cluster ? name : object_key(o, o->ns, name));
}

void refresh_says_store(const struct store *st, struct handle row, int64_t now_ms,
                        struct strbuf *out)
{
    struct handle store;
    struct link l;
    size_t at = 0;
    while (store_link_next(st, row, &at, &l)) {
        if (l.type != LINK_STORE)
            continue;
        enum link_reach reach = store_follow(st, row, &l, &store);
        if (reach == LINK_MISSING) {
            strbuf_addf(out, "; %.*s %.*s does not exist", SPAN_ARG(l.kind), SPAN_ARG(l.key));
            return;
        }
        if (reach == LINK_FOUND && store_verdict(st, store).level >= LEVEL_WARNING) {
            sentence_row(out, st, store, now_ms);
            return;
        }
    }
}
