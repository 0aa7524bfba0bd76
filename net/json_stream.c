/* Cutting lists and watches into objects as the bytes come. */
#include <config.h>

#include "net/json_stream.h"

#include "net/json_scan.h"

#include <string.h>

/* Bytes taken at once: bounds what waits in the buffer beside one object. */
#define SLICE            ((size_t)64 << 10)
#define STATUS_MAX       ((size_t)64 << 10)
#define STATUS_VALUE_MAX ((size_t)32 << 10)
#define CONTINUE_MAX     ((size_t)32 << 10)

/* ---- One value. */

size_t json_scan(struct json_scan *scan, const char *p, size_t len, bool *done)
{
    size_t used = 0;

    *done = false;
    if (len == 0)
        return 0;
    if (!scan->started) {
        scan->started = true;
        if (*p == '"') {
            scan->in_string = true;
            used = 1;
        } else if (*p != '{' && *p != '[') {
            scan->scalar = true;
        }
    }
    if (scan->scalar) {
        while (used < len && !json_is_delimiter(p[used]))
            used++;
        *done = used < len;
        return used;
    }
    if (scan->in_string && scan->depth == 0) {
        while (used < len) {
            const char c = p[used++];
            if (scan->escape)
                scan->escape = false;
            else if (c == '\\')
                scan->escape = true;
            else if (c == '"') {
                *done = true;
                break;
            }
        }
        return used;
    }
    struct json_brackets b = {scan->depth, scan->in_string, scan->escape, false};
    used = json_brackets_scan(&b, p, len, done);
    scan->depth = b.depth;
    scan->in_string = b.in_string;
    scan->escape = b.escape;
    scan->too_deep = b.too_deep;
    return used;
}

/* What stands where JSON should begin or go on. */
static bool no_json(const char *what, struct span rest, struct err *err)
{
    if (rest.len > 0 && *rest.data == '<')
        return err_set(err, ERR_PROTO,
                       "%s: a web page came where JSON was expected: a proxy or a login portal "
                       "stands in between, or the address is not an API's",
                       what);
    return err_set(err, ERR_PROTO,
                   "%s: what came is not JSON: the peer or something between is broken", what);
}

static bool too_large(const char *what, struct err *err)
{
    return err_set(err, ERR_PROTO,
                   "%s: one object is larger than %zu MiB, which no API server stores", what,
                   JSON_OBJECT_MAX >> 20);
}

static bool too_deep(const char *what, struct err *err)
{
    return err_set(err, ERR_PROTO, "%s: an object is nested deeper than %d levels", what,
                   JSON_DEPTH_MAX);
}

/* Copies a short text; a longer one is cut. */
static void copy_text(struct json_value v, char *out, size_t size)
{
    struct strbuf text = STRBUF_INIT(size - 1);
    const struct span s = json_as_text(v, &text);
    const size_t len = s.len < size ? s.len : size - 1;

    if (len > 0)
        memcpy(out, s.data, len);
    out[len] = 0;
    strbuf_clear(&text);
}

/* ---- Lists. */

enum state {
    STATE_START,
    STATE_KEY_OR_END,
    STATE_KEY,
    STATE_COLON,
    STATE_VALUE,
    STATE_COMMA_OR_END,
    STATE_ITEM_OR_END,
    STATE_ITEM,
    STATE_ITEM_COMMA_OR_END,
    STATE_DONE,
};

void json_list_init(struct json_list *list, const char *what)
{
    *list = (struct json_list){.array = "items", .what = what};
    list->head.next = (struct strbuf)STRBUF_INIT(CONTINUE_MAX);
    list->head.remaining = -1;
    list->pending = (struct strbuf)STRBUF_INIT(JSON_OBJECT_MAX + 2 * SLICE);
    list->status = (struct strbuf)STRBUF_INIT(STATUS_MAX);
}

void json_list_clear(struct json_list *list)
{
    strbuf_clear(&list->head.next);
    strbuf_clear(&list->pending);
    strbuf_clear(&list->status);
}

/* A continue token that is lost would make this page look like the last. */
static bool read_metadata(struct json_list_head *head, struct json_value metadata)
{
    struct json_value key, value;
    struct json_iter it;

    for (json_iter_init(&it, metadata); json_next(&it, &key, &value);) {
        if (json_is(key, "resourceVersion")) {
            copy_text(value, head->resource_version, sizeof head->resource_version);
        } else if (json_is(key, "continue")) {
            strbuf_truncate(&head->next, 0);
            (void)json_text_add(value, &head->next);
        } else if (json_is(key, "remainingItemCount")) {
            (void)!json_as_int(value, &head->remaining);
        }
    }
    return !head->next.failed;
}

/* Keeps a member: the whole may turn out to be a Status. */
static void keep_member(struct json_list *list, struct span value)
{
    if (list->items > 0 || list->key[0] == 0 || value.len > STATUS_VALUE_MAX)
        return;
    strbuf_adds(&list->status, list->status.len ? ",\"" : "{\"");
    strbuf_adds(&list->status, list->key);
    strbuf_adds(&list->status, "\":");
    strbuf_add(&list->status, value);
}

static bool list_stopped(struct json_list *list, struct err *err)
{
    return err_set(err, ERR_CANCELLED, "%s: stopped", list->what);
}

static bool take_member(struct json_list *list, struct span text, struct err *err)
{
    const struct json_value v = json_value(text);

    keep_member(list, text);
    if (strcmp(list->key, "kind") == 0) {
        copy_text(v, list->head.kind, sizeof list->head.kind);
        list->head.is_status = strcmp(list->head.kind, "Status") == 0;
    } else if (strcmp(list->key, "metadata") == 0) {
        if (!read_metadata(&list->head, v))
            return err_set(err, ERR_NOMEM, "%s: no memory for its continue token", list->what);
        if (list->on_head && !list->on_head(list->context, &list->head))
            return list_stopped(list, err);
    }
    return true;
}

/* A key, a value or an item is complete. */
static bool take_token(struct json_list *list, struct span text, struct err *err)
{
    const struct json_value v = json_value(text);

    if (v.type == JSON_NONE)
        return no_json(list->what, text, err);
    switch ((enum state)list->state) {
    case STATE_KEY:
    case STATE_KEY_OR_END:
        list->key[0] = 0;
        if (v.text.len < sizeof list->key)
            copy_text((struct json_value){JSON_STRING, false, v.text}, list->key, sizeof list->key);
        list->state = STATE_COLON;
        return true;
    case STATE_VALUE:
        list->state = STATE_COMMA_OR_END;
        return take_member(list, text, err);
    case STATE_ITEM:
    case STATE_ITEM_OR_END:
        list->state = STATE_ITEM_COMMA_OR_END;
        list->items++;
        if (list->on_item && !list->on_item(list->context, v))
            return list_stopped(list, err);
        return true;
    case STATE_START:
    case STATE_COLON:
    case STATE_COMMA_OR_END:
    case STATE_ITEM_COMMA_OR_END:
    case STATE_DONE:
        break;
    }
    return no_json(list->what, text, err);
}

/* A byte between tokens. True: taken. False: a token begins here, or it is wrong (*wrong). */
static bool take_mark(struct json_list *list, char c, bool *wrong)
{
    static const struct {
        int from;
        char mark;
        int to;
    } marks[] = {
        {STATE_START, '{', STATE_KEY_OR_END},
        {STATE_KEY_OR_END, '}', STATE_DONE},
        {STATE_COLON, ':', STATE_VALUE},
        {STATE_COMMA_OR_END, ',', STATE_KEY},
        {STATE_COMMA_OR_END, '}', STATE_DONE},
        {STATE_ITEM_OR_END, ']', STATE_COMMA_OR_END},
        {STATE_ITEM_COMMA_OR_END, ',', STATE_ITEM},
        {STATE_ITEM_COMMA_OR_END, ']', STATE_COMMA_OR_END},
    };

    for (size_t i = 0; i < BN_COUNT(marks); i++) {
        if (marks[i].from == list->state && marks[i].mark == c) {
            list->state = marks[i].to;
            return true;
        }
    }
    if (list->state == STATE_VALUE && c == '[' && strcmp(list->key, list->array) == 0) {
        list->state = STATE_ITEM_OR_END;
        return true;
    }
    if (list->state == STATE_KEY || list->state == STATE_KEY_OR_END)
        *wrong = c != '"';
    else
        *wrong = (list->state != STATE_VALUE && list->state != STATE_ITEM &&
                  list->state != STATE_ITEM_OR_END) ||
                 json_is_delimiter(c);
    return false;
}

/* Reads on in the buffer. False: *err. */
static bool list_process(struct json_list *list, struct err *err)
{
    const char *data = list->pending.data;
    const size_t len = list->pending.len;

    while (list->at < len) {
        bool wrong = false, done = false;

        if (!list->scan.started) {
            if (json_is_space(data[list->at]) || take_mark(list, data[list->at], &wrong)) {
                list->at++;
                continue;
            }
            if (wrong)
                return no_json(list->what, span_make(data + list->at, len - list->at), err);
            list->value_at = list->at;
        }
        list->at += json_scan(&list->scan, data + list->at, len - list->at, &done);
        if (list->scan.too_deep)
            return too_deep(list->what, err);
        if (!done && list->at - list->value_at > JSON_OBJECT_MAX)
            return too_large(list->what, err);
        if (done) {
            list->scan = (struct json_scan){.depth = 0};
            if (!take_token(list, span_make(data + list->value_at, list->at - list->value_at), err))
                return false;
        }
    }
    return true;
}

/* Forgets what was given out. */
static void list_consume(struct json_list *list)
{
    const size_t keep_from = list->scan.started ? list->value_at : list->at;

    strbuf_consume(&list->pending, keep_from);
    list->at -= keep_from;
    list->value_at = 0;
}

bool json_list_feed(struct json_list *list, struct span bytes, struct err *err)
{
    if (list->failed)
        return err_set(err, ERR_PROTO, "%s: it was broken before", list->what);
    while (bytes.len > 0) {
        const struct span slice = span_sub(bytes, 0, SLICE);

        bytes = span_sub(bytes, slice.len, bytes.len);
        strbuf_add(&list->pending, slice);
        if (list->pending.failed) {
            list->failed = true;
            return err_set(err, ERR_NOMEM, "%s: no memory for an object", list->what);
        }
        if (!list_process(list, err)) {
            list->failed = true;
            return false;
        }
        list_consume(list);
    }
    return true;
}

bool json_list_end(struct json_list *list, struct err *err)
{
    if (!list->failed && list->state == STATE_DONE) {
        if (list->head.is_status)
            strbuf_addc(&list->status, '}');
        if (list->head.is_status && list->status.failed)
            return err_set(err, ERR_NOMEM, "%s: no memory for the error that came", list->what);
        return true;
    }
    return err_set(err, ERR_PROTO,
                   "%s: the answer was cut short after %llu objects: the connection broke",
                   list->what, (unsigned long long)list->items);
}

/* ---- Watches. */

void json_watch_init(struct json_watch *watch, const char *what)
{
    *watch = (struct json_watch){.what = what};
    watch->pending = (struct strbuf)STRBUF_INIT(JSON_OBJECT_MAX + 2 * SLICE);
}

void json_watch_clear(struct json_watch *watch)
{
    strbuf_clear(&watch->pending);
}

void json_watch_restart(struct json_watch *watch)
{
    strbuf_truncate(&watch->pending, 0);
    watch->scan = (struct json_scan){.depth = 0};
    watch->at = 0;
    watch->failed = false;
}

static enum json_event event_type(struct json_value type)
{
    static const struct {
        const char *name;
        enum json_event event;
    } events[] = {
        {"ADDED", JSON_EVENT_ADDED},     {"MODIFIED", JSON_EVENT_MODIFIED},
        {"DELETED", JSON_EVENT_DELETED}, {"BOOKMARK", JSON_EVENT_BOOKMARK},
        {"ERROR", JSON_EVENT_ERROR},
    };

    for (size_t i = 0; i < BN_COUNT(events); i++)
        if (json_is(type, events[i].name))
            return events[i].event;
    return JSON_EVENT_OTHER;
}

static bool take_event(struct json_watch *watch, struct span text, struct err *err)
{
    struct json_value key, value, type = {JSON_NONE, false, {NULL, 0}}, object = type, version;
    struct json_iter it;
    enum json_event event;

    for (json_iter_init(&it, json_value(text)); json_next(&it, &key, &value);) {
        if (json_is(key, "type"))
            type = value;
        else if (json_is(key, "object"))
            object = value;
    }
    if (it.bad)
        return no_json(watch->what, text, err);
    event = event_type(type);
    if (type.type == JSON_NONE && json_is(json_get(json_value(text), "kind"), "Status")) {
        event = JSON_EVENT_ERROR; /* some proxies and servers send it bare */
        object = json_value(text);
    }
    watch->events++;
    version = json_path(object, "metadata.resourceVersion");
    if (event != JSON_EVENT_ERROR && version.type == JSON_STRING && version.text.len > 0)
        copy_text(version, watch->resource_version, sizeof watch->resource_version);
    if (watch->on_event && !watch->on_event(watch->context, event, object))
        return err_set(err, ERR_CANCELLED, "%s: stopped", watch->what);
    return true;
}

static bool watch_process(struct json_watch *watch, size_t *keep_from, struct err *err)
{
    const char *data = watch->pending.data;
    const size_t len = watch->pending.len;
    size_t start = 0;

    while (watch->at < len) {
        bool done = false;

        if (!watch->scan.started) {
            start = watch->at;
            if (json_is_space(data[watch->at])) {
                start = ++watch->at;
                continue;
            }
            if (data[watch->at] != '{')
                return no_json(watch->what, span_make(data + start, len - start), err);
        }
        watch->at += json_scan(&watch->scan, data + watch->at, len - watch->at, &done);
        if (watch->scan.too_deep)
            return too_deep(watch->what, err);
        if (!done && watch->at - start > JSON_OBJECT_MAX)
            return too_large(watch->what, err);
        if (done) {
            watch->scan = (struct json_scan){.depth = 0};
            if (!take_event(watch, span_make(data + start, watch->at - start), err))
                return false;
            start = watch->at;
        }
    }
    *keep_from = start;
    return true;
}

bool json_watch_feed(struct json_watch *watch, struct span bytes, struct err *err)
{
    if (watch->failed)
        return err_set(err, ERR_PROTO, "%s: it was broken before", watch->what);
    while (bytes.len > 0) {
        const struct span slice = span_sub(bytes, 0, SLICE);
        size_t keep_from = 0;

        bytes = span_sub(bytes, slice.len, bytes.len);
        strbuf_add(&watch->pending, slice);
        if (watch->pending.failed) {
            watch->failed = true;
            return err_set(err, ERR_NOMEM, "%s: no memory for an object", watch->what);
        }
        if (!watch_process(watch, &keep_from, err)) {
            watch->failed = true;
            return false;
        }
        strbuf_consume(&watch->pending, keep_from);
        watch->at -= keep_from;
    }
    return true;
}

bool json_watch_end(struct json_watch *watch, struct err *err)
{
    if (!watch->failed && watch->pending.len == 0)
        return true;
    return err_set(err, ERR_PROTO, "%s: the stream was cut within an event", watch->what);
}
