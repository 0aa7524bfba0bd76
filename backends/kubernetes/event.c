/* Events: the message first; a warning counts for an hour. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"
#include "backends/kubernetes/sentence.h"

enum {
    NAMESPACE,
    LAST_SEEN,
    TYPE,
    REASON,
    OBJECT,
    PART,
    MESSAGE,
    COUNT,
    SOURCE,
    NAME,
    LAST,
    FIRST,
    CREATED,
    UID
};

static const struct column columns[] = {
    [NAMESPACE] = {COLUMN_NAMESPACE_TEXT, VALUE_TEXT, 12, 20, COLUMN_IDENT, NULL, NULL},
    [LAST_SEEN] = {"age", "LAST", "Since it was last seen.", VALUE_DURATION, 5, 0, COLUMN_RIGHT,
                   "last", NULL},
    [TYPE] = {"type", "TYPE", "Normal or Warning.", VALUE_TEXT, 7, 10, 0, NULL, NULL},
    [REASON] = {"reason", "REASON", "A word for what happened.", VALUE_TEXT, 18, 0, 0, NULL, NULL},
    [OBJECT] = {"object", "OBJECT", "What it speaks of.", VALUE_TEXT, 30, 5, 0, NULL, NULL},
    [PART] = {"subobject", "SUBOBJECT", "The part of it: a container.", VALUE_TEXT, 20, 65,
              COLUMN_WIDE, NULL, NULL},
    [MESSAGE] = {"message", "MESSAGE", "What happened.", VALUE_TEXT, 60, 0, 0, NULL, NULL},
    [COUNT] = {"count", "COUNT", "How often.", VALUE_COUNT, 5, 15, COLUMN_RIGHT, NULL, NULL},
    [SOURCE] = {"reporter", "REPORTER", "Who says so.", VALUE_TEXT, 20, 60, COLUMN_WIDE, NULL,
                NULL},
    [NAME] = {COLUMN_NAME_TEXT, VALUE_TEXT, 30, 90, COLUMN_HIDDEN, NULL, NULL},
    [LAST] = {"last", "LAST-AT", "When it was last seen.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
              NULL, NULL},
    [FIRST] = {"first", "FIRST-AT", "When it was first seen.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
               NULL, NULL},
    [CREATED] = {COLUMN_CREATED_TEXT, VALUE_INSTANT, 5, 90, COLUMN_HIDDEN, NULL, NULL},
    [UID] = {COLUMN_UID_TEXT, VALUE_TEXT, 36, 99, COLUMN_UID_FLAGS, NULL, NULL},
};

/* Newer reporters use series and eventTime and leave the older fields empty
 * [core/v1 Event]. */
static int64_t last_of(struct kube_object *o)
{
    static const char *const paths[] = {"series.lastObservedTime", "lastTimestamp", "eventTime"};
    for (size_t i = 0; i < BN_COUNT(paths); i++) {
        int64_t ms = object_path_time(o, o->root, paths[i]);
        if (ms != TIME_NONE)
            return ms;
    }
    return o->created_ms;
}

static void link_object(struct kube_object *o, struct row_writer *w, struct json_value about)
{
    struct span version = object_text(o, json_get(about, "apiVersion"));
    size_t which;
    const struct kube_kind *k =
        kube_kind_named(object_text(o, json_get(about, "kind")),
                        version.len ? object_group(version) : (struct span){NULL, 0}, &which);
    if (k)
        row_link(w, LINK_ABOUT, 0, k->kind->name,
                 kube_key(o, k, which, object_text(o, json_get(about, "namespace")),
                          object_text(o, json_get(about, "name"))));
}

/* "kubelet, node-1" [kubernetes pkg/printers/internalversion/printers.go formatEventSource]. */
static struct span source_of(struct kube_object *o)
{
    struct span who = object_path_text(o, o->root, "source.component"),
                where = object_path_text(o, o->root, "source.host");
    if (!who.len)
        who = object_path_text(o, o->root, "reportingComponent");
    if (!where.len)
        where = object_path_text(o, o->root, "reportingInstance");
    return where.len ? object_format(o, "%.*s, %.*s", SPAN_ARG(who), SPAN_ARG(where)) : who;
}

static void parse(struct kube_object *o, struct row_writer *w, size_t which)
{
    struct json_value about = json_get(o->root, "involvedObject");
    struct span kind = object_text(o, json_get(about, "kind")),
                name = object_text(o, json_get(about, "name"));
    int64_t count = object_path_int(o->root, "series.count", object_path_int(o->root, "count", 1));
    (void)which;
    row_text(w, NAMESPACE, o->ns);
    put_text(w, TYPE, object_path_text(o, o->root, "type"));
    put_text(w, REASON, object_path_text(o, o->root, "reason"));
    row_text(w, OBJECT, object_format(o, "%.*s/%.*s", SPAN_ARG(kind), SPAN_ARG(name)));
    put_text(w, PART, object_text(o, json_get(about, "fieldPath")));
    put_text(w, MESSAGE, span_trim(object_path_text(o, o->root, "message")));
    row_num(w, COUNT, count);
    put_text(w, SOURCE, source_of(o));
    row_text(w, NAME, o->name);
    put_time(w, LAST, last_of(o));
    put_time(w, FIRST, object_path_time(o, o->root, "firstTimestamp"));
    put_time(w, CREATED, o->created_ms);
    put_text(w, UID, o->uid);
    link_object(o, w, about);
}

#define COUNTS_MS (60 * 60 * 1000)

static const struct rule rules[] = {
    {"event-warning", "A warning of the last hour: warning; older ones do not count."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t last = store_num(st, row, LAST, TIME_NONE);
    if (!span_is(store_text(st, row, TYPE), "Warning") || last == TIME_NONE ||
        now_ms - last > COUNTS_MS)
        return verdict_off();
    return verdict_until(LEVEL_WARNING, 0, last + COUNTS_MS + 1);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_addf(out, "%.*s on %.*s", SPAN_ARG(store_text(st, row, REASON)),
                SPAN_ARG(store_text(st, row, OBJECT)));
    sentence_cause(out, store_text(st, row, MESSAGE));
}

const struct kind kind_event = {
    .name = "event",
    .plural = "events",
    .aliases = "ev",
    .title = "Events",
    .help = "What the cluster's parts have reported within the last hour.",
    .namespaced = true,
    .unnamed = true,
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "age",
};

const struct kube_kind kube_event = {
    .kind = &kind_event,
    .resources = {{"", "v1", "events"}},
    .types = {"Event"},
    .parse = parse,
};
