/* Fuzz target: lists and watches. Whatever comes, and in whatever pieces, the
 * answer is the same as for the whole, and what json_valid() accepts is cut. */
#include <config.h>

#include "net/json_stream.h"
#include "test/fuzz/fuzz.h"

struct seen {
    uint64_t items, hash;
};

/* Reads an object to its last byte by the walk. */
static uint64_t walk(struct json_value v, unsigned depth)
{
    struct strbuf scratch = STRBUF_INIT((size_t)1 << 20);
    struct json_value key, value;
    struct json_iter it;
    uint64_t hash = (uint64_t)v.type;

    for (json_iter_init(&it, v); json_next(&it, &key, &value);) {
        hash = hash * 31 + span_hash(json_as_text(key, &scratch));
        hash = hash * 31 + span_hash(json_as_text(value, &scratch));
        if (depth > 0 && (value.type == JSON_OBJECT || value.type == JSON_ARRAY))
            hash = hash * 31 + walk(value, depth - 1);
    }
    strbuf_clear(&scratch);
    return hash;
}

static bool on_item(void *context, struct json_value item)
{
    struct seen *s = context;

    s->items++;
    s->hash = s->hash * 31 + walk(item, 3);
    return true;
}

static bool on_event(void *context, enum json_event type, struct json_value object)
{
    struct seen *s = context;

    s->items++;
    s->hash = s->hash * 31 + (uint64_t)type + walk(object, 3);
    return true;
}

static bool run_list(struct span text, size_t piece, struct seen *s)
{
    struct json_list list;
    bool ok = true;

    *s = (struct seen){0, 0};
    json_list_init(&list, "list");
    list.on_item = on_item;
    list.context = s;
    for (size_t at = 0; at < text.len && ok; at += piece)
        ok = json_list_feed(&list, span_sub(text, at, piece), NULL);
    ok = ok && json_list_end(&list, NULL);
    s->hash = s->hash * 31 + span_hash(strbuf_span(&list.head.next));
    json_list_clear(&list);
    return ok;
}

static bool run_watch(struct span text, size_t piece, struct seen *s)
{
    struct json_watch watch;
    bool ok = true;

    *s = (struct seen){0, 0};
    json_watch_init(&watch, "watch");
    watch.on_event = on_event;
    watch.context = s;
    for (size_t at = 0; at < text.len && ok; at += piece)
        ok = json_watch_feed(&watch, span_sub(text, at, piece), NULL);
    ok = ok && json_watch_end(&watch, NULL);
    json_watch_clear(&watch);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = span_make((const char *)data, size);
    const struct json_value v = json_value(text);
    const bool valid = json_valid(text, NULL);
    struct seen whole, pieces;
    bool ok;

    ok = run_list(text, size + 1, &whole);
    for (size_t piece = 1; piece < 100; piece = piece * 5 + 2)
        bn_assert(run_list(text, piece, &pieces) == ok && pieces.items == whole.items &&
                  pieces.hash == whole.hash);
    bn_assert(ok || !valid || v.type != JSON_OBJECT);
    ok = run_watch(text, size + 1, &whole);
    for (size_t piece = 1; piece < 100; piece = piece * 5 + 2)
        bn_assert(run_watch(text, piece, &pieces) == ok && pieces.items == whole.items &&
                  pieces.hash == whole.hash);
    bn_assert(!valid || v.type != JSON_OBJECT || json_whole(v).len > 0);
    return 0;
}
