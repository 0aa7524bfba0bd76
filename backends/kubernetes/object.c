/* What all Kubernetes objects have. */
#include <config.h>

#include "backends/kubernetes/object.h"

#include "base/timetext.h"
#include "net/json_index.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct span object_text(struct kube_object *o, struct json_value v)
{
    struct span copy;
    if (v.type != JSON_STRING)
        return (struct span){"", 0};
    if (!v.escaped)
        return v.text;
    return json_text_copy(v, o->arena, &copy) ? copy : (struct span){"", 0};
}

static int64_t time_of(struct kube_object *o, struct json_value v)
{
    int64_t ms;
    return time_parse(object_text(o, v), &ms) ? ms : TIME_NONE;
}

static void read_metadata(struct kube_object *o, struct json_iter *outer)
{
    struct json_iter it;
    struct json_value key, v;
    for (json_iter_enter(&it, outer); json_next(&it, &key, &v);) {
        if (json_is(key, "name"))
            o->name = object_text(o, v);
        else if (json_is(key, "namespace"))
            o->ns = object_text(o, v);
        else if (json_is(key, "uid"))
            o->uid = object_text(o, v);
        else if (json_is(key, "creationTimestamp"))
            o->created_ms = time_of(o, v);
        else if (json_is(key, "deletionTimestamp"))
            o->deleted_ms = time_of(o, v);
        else if (json_is(key, "generation") && !json_as_int(v, &o->generation))
            o->generation = 0;
        else if (json_is(key, "labels"))
            o->labels = v;
        else if (json_is(key, "annotations"))
            o->annotations = v;
        else if (json_is(key, "ownerReferences"))
            o->owners = v;
    }
}

static void read_owner(struct kube_object *o)
{
    struct json_iter it;
    struct json_value owner;
    for (json_iter_init(&it, o->owners); json_next(&it, NULL, &owner);) {
        if (!json_is_true(json_get(owner, "controller")))
            continue;
        o->owner_kind = object_text(o, json_get(owner, "kind"));
        o->owner_group = object_group(object_text(o, json_get(owner, "apiVersion")));
        o->owner_name = object_text(o, json_get(owner, "name"));
        return;
    }
}

bool object_read(struct kube_object *o, struct json_value root, struct arena *arena)
{
    struct json_iter it;
    struct json_value key, v;
    *o = (struct kube_object){
        .arena = arena,
        .created_ms = TIME_NONE,
        .deleted_ms = TIME_NONE,
        .nconditions = SIZE_MAX,
        .now_ms = TIME_NONE,
        .again_ms = TIME_FOREVER,
    };
    arena_reset(arena);
    o->root = json_indexed(root, arena, "managedFields");
    for (json_iter_init(&it, o->root); json_next(&it, &key, &v);) {
        if (json_is(key, "metadata")) {
            read_metadata(o, &it);
        } else if (json_is(key, "spec")) {
            o->spec = v;
            o->spec.text = json_iter_whole(&it, v);
        } else if (json_is(key, "status")) {
            o->status = v;
            o->status.text = json_iter_whole(&it, v);
        }
    }
    if (!o->name.len)
        return false;
    read_owner(o);
    o->key = o->ns.len ? object_key(o, o->ns, o->name) : o->name;
    return true;
}

struct span object_group(struct span api_version)
{
    size_t slash = span_find(api_version, '/', 0);
    return slash < api_version.len ? span_sub(api_version, 0, slash) : (struct span){"", 0};
}

struct span object_path_text(struct kube_object *o, struct json_value v, const char *path)
{
    return object_text(o, json_path(v, path));
}

int64_t object_path_int(struct json_value v, const char *path, int64_t fallback)
{
    int64_t n;
    return json_as_int(json_path(v, path), &n) ? n : fallback;
}

int64_t object_path_count(struct json_value v, const char *path)
{
    int64_t n = object_path_int(v, path, 0);
    return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : n;
}

int64_t object_path_time(struct kube_object *o, struct json_value v, const char *path)
{
    return time_of(o, json_path(v, path));
}

/* [kubernetes reference/using-api/server-side-apply, managedFields] */
int64_t object_written_ms(struct kube_object *o, const char *part)
{
    struct json_iter it;
    struct json_value entry;
    int64_t last = TIME_NONE;
    for (json_iter_init(&it, json_path(o->root, "metadata.managedFields"));
         json_next(&it, NULL, &entry);) {
        int64_t when = object_path_time(o, entry, "time");
        if (json_get(json_get(entry, "fieldsV1"), part).type == JSON_OBJECT && when != TIME_NONE &&
            (last == TIME_NONE || when > last))
            last = when;
    }
    return last;
}

bool object_path_true(struct json_value v, const char *path)
{
    return json_is_true(json_path(v, path));
}

struct span object_key(struct kube_object *o, struct span ns, struct span name)
{
    char *to = arena_calloc(o->arena, ns.len + name.len + 1, 1);
    if (!to)
        return (struct span){"", 0};
    if (ns.len)
        memcpy(to, ns.data, ns.len);
    to[ns.len] = '/';
    if (name.len)
        memcpy(to + ns.len + 1, name.data, name.len);
    return span_make(to, ns.len + 1 + name.len);
}

void object_row(struct kube_object *o, struct row_writer *w, struct span part)
{
    struct span key = part.len ? object_key(o, o->key, part) : o->key;
    o->rows = object_list_add(o, o->rows, key);
    row_begin(w, key);
}

struct span object_format(struct kube_object *o, const char *fmt, ...)
{
    char text[1024];
    struct span out = {"", 0};
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (n < 0)
        return out;
    size_t len = (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
    return arena_copy(o->arena, span_make(text, len), &out) ? out : (struct span){"", 0};
}

struct span object_entry(struct kube_object *o, struct json_value map, const char *key)
{
    return object_text(o, json_get(map, key));
}

struct span object_pairs(struct kube_object *o, struct json_value map)
{
    struct strbuf text = STRBUF_INIT(ROW_TEXT_MAX);
    struct json_iter it;
    struct json_value key, v;
    struct span out = {"", 0};
    for (json_iter_init(&it, map); json_next(&it, &key, &v);) {
        if (text.len)
            strbuf_addc(&text, ',');
        strbuf_add(&text, object_text(o, key));
        strbuf_addc(&text, '=');
        strbuf_add(&text, object_text(o, v));
    }
    if (!arena_copy(o->arena, strbuf_span(&text), &out))
        out = (struct span){"", 0};
    strbuf_clear(&text);
    return out;
}

#define SELECTOR_MAX 32 /* requirements */

/* Each requirement as text, in the order of their keys, since that is how they
 * are printed [apimachinery pkg/labels/selector.go]. */
struct requirement {
    struct span key, text;
};

static void add_requirement(struct requirement *all, size_t *n, struct requirement one)
{
    size_t at = *n;
    if (at == SELECTOR_MAX)
        return;
    for (; at && span_compare(one.key, all[at - 1].key) < 0; at--)
        all[at] = all[at - 1];
    all[at] = one;
    ++*n;
}

static struct span values_of(struct kube_object *o, struct json_value expression)
{
    struct json_iter it;
    struct json_value v;
    struct span list = {"", 0};
    for (json_iter_init(&it, json_get(expression, "values")); json_next(&it, NULL, &v);) {
        struct span one = object_text(o, v);
        list = list.len ? object_format(o, "%.*s,%.*s", SPAN_ARG(list), SPAN_ARG(one)) : one;
    }
    return list;
}

static struct requirement expression_of(struct kube_object *o, struct json_value expression)
{
    struct json_value how = json_get(expression, "operator");
    struct span key = object_text(o, json_get(expression, "key")),
                values = values_of(o, expression);
    struct requirement r = {key, key};
    if (json_is(how, "DoesNotExist"))
        r.text = object_format(o, "!%.*s", SPAN_ARG(key));
    else if (!json_is(how, "Exists"))
        r.text = object_format(o, "%.*s %s (%.*s)", SPAN_ARG(key),
                               json_is(how, "NotIn") ? "notin" : "in", SPAN_ARG(values));
    return r;
}

struct span object_selector(struct kube_object *o, struct json_value selector)
{
    struct requirement all[SELECTOR_MAX];
    struct json_iter it;
    struct json_value key, v;
    struct strbuf list = STRBUF_INIT(ROW_TEXT_MAX);
    struct span out = {"", 0};
    size_t n = 0;
    for (json_iter_init(&it, json_get(selector, "matchLabels")); json_next(&it, &key, &v);) {
        struct span name = object_text(o, key);
        add_requirement(all, &n,
                        (struct requirement){name, object_format(o, "%.*s=%.*s", SPAN_ARG(name),
                                                                 SPAN_ARG(object_text(o, v)))});
    }
    for (json_iter_init(&it, json_get(selector, "matchExpressions")); json_next(&it, NULL, &v);)
        add_requirement(all, &n, expression_of(o, v));
    for (size_t i = 0; i < n; i++) {
        strbuf_adds(&list, i ? "," : "");
        strbuf_add(&list, all[i].text);
    }
    if (!arena_copy(o->arena, strbuf_span(&list), &out))
        out = (struct span){"", 0};
    strbuf_clear(&list);
    return out;
}

struct span object_access_modes(struct kube_object *o, struct json_value list)
{
    static const struct {
        const char *mode, *letters;
    } modes[] = {{"ReadWriteOnce", "RWO"},
                 {"ReadOnlyMany", "ROX"},
                 {"ReadWriteMany", "RWX"},
                 {"ReadWriteOncePod", "RWOP"}};
    struct span all = {"", 0};
    for (size_t i = 0; i < BN_COUNT(modes); i++) {
        struct json_iter it;
        struct json_value v;
        bool has = false;
        for (json_iter_init(&it, list); json_next(&it, NULL, &v);)
            has = has || json_is(v, modes[i].mode);
        if (has)
            all = all.len ? object_format(o, "%.*s,%s", SPAN_ARG(all), modes[i].letters)
                          : span_from(modes[i].letters);
    }
    return all;
}

struct span object_containers(struct kube_object *o, struct json_value list, const char *field)
{
    struct json_iter it;
    struct json_value c;
    struct span all = {"", 0};
    for (json_iter_init(&it, list); json_next(&it, NULL, &c);)
        all = object_list_add(o, all, object_text(o, json_get(c, field)));
    return all;
}

static void find_conditions(struct kube_object *o)
{
    struct json_iter it;
    struct json_value condition;
    o->nconditions = 0;
    for (json_iter_init(&it, json_get(o->status, "conditions")); json_next(&it, NULL, &condition);
         o->nconditions++) {
        if (o->nconditions == OBJECT_CONDITIONS)
            continue;
        o->conditions[o->nconditions] = condition;
        o->condition_types[o->nconditions] = json_get(condition, "type");
    }
}

static bool read_condition(struct kube_object *o, struct json_value condition,
                           struct condition *out)
{
    *out = (struct condition){
        .status = object_text(o, json_get(condition, "status")),
        .reason = object_text(o, json_get(condition, "reason")),
        .message = object_text(o, json_get(condition, "message")),
        .since_ms = time_of(o, json_get(condition, "lastTransitionTime")),
    };
    return true;
}

bool object_condition(struct kube_object *o, const char *type, struct condition *out)
{
    struct json_iter it;
    struct json_value condition;
    struct span wanted = span_from(type);
    if (o->nconditions == SIZE_MAX)
        find_conditions(o);
    for (size_t i = 0; i < o->nconditions && i < OBJECT_CONDITIONS; i++)
        if (json_means(o->condition_types[i], wanted))
            return read_condition(o, o->conditions[i], out);
    if (o->nconditions > OBJECT_CONDITIONS)
        for (json_iter_init(&it, json_get(o->status, "conditions"));
             json_next(&it, NULL, &condition);)
            if (json_means(json_get(condition, "type"), wanted))
                return read_condition(o, condition, out);
    *out = (struct condition){
        .status = {"", 0}, .reason = {"", 0}, .message = {"", 0}, .since_ms = TIME_NONE};
    return false;
}

struct span object_list_add(struct kube_object *o, struct span list, struct span item)
{
    if (!list.len)
        return item;
    char *to = list.len + item.len > ROW_TEXT_MAX
                   ? NULL
                   : arena_calloc(o->arena, list.len + item.len + 1, 1);
    if (!to)
        return list;
    memcpy(to, list.data, list.len);
    to[list.len] = LIST_SEPARATOR;
    if (item.len)
        memcpy(to + list.len + 1, item.data, item.len);
    return span_make(to, list.len + 1 + item.len);
}

void put_num(struct row_writer *w, size_t column, struct json_value v)
{
    int64_t n;
    if (json_as_int(v, &n))
        row_num(w, column, n);
}
