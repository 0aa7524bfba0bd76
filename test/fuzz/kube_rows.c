/* Fuzz target: objects as rows. A line names the kind, the rest is what an API
 * server sent: read into cells and links, stored, judged, said, shown as YAML. */
#include <config.h>

#include "backends/kubernetes/cluster.h"
#include "model/store.h"
#include "net/yaml_out.h"
#include "test/fuzz/fuzz.h"

#define NOW_MS INT64_C(1770973200000)

static struct store *new_store(uint16_t *number, const struct kube_kind *kind)
{
    static struct kind_list kinds;
    kinds.kinds = kube_kind_schemas;
    for (kinds.count = 0; kube_kind_schemas[kinds.count];)
        kinds.count++;
    struct store *st = store_new(&kinds);
    (void)store_add_source(st, "test", "kubernetes", "test", SOURCE_NONE);
    *number = (uint16_t)kind_find(&kinds, span_from(kind->kind->name));
    store_set_wanted(st, 0, *number, true);
    return st;
}

/* Everything that a reader can ask of a row. */
static void read_row(struct store *st, struct handle row)
{
    const struct kind *k = store_kind(st, row.kind);
    struct strbuf text = STRBUF_INIT((size_t)1 << 22);
    struct link link;
    size_t at = 0;
    for (size_t i = 0; i < k->ncolumns; i++) {
        struct value v = store_cell(st, row, i, NOW_MS);
        value_format(&v, &text);
    }
    while (store_link_next(st, row, &at, &link))
        strbuf_add(&text, link.key);
    store_says(st, row, NOW_MS, &text);
    strbuf_clear(&text);
}

static void read_yaml(struct span object)
{
    struct strbuf text = STRBUF_INIT((size_t)1 << 24);
    struct err err;
    (void)!yaml_of_object(object, &text, &err);
    strbuf_clear(&text);
}

static void take_object(const struct kube_kind *kind, struct json_value object)
{
    struct arena *arena = arena_new((size_t)16 << 20);
    uint16_t number;
    struct store *st = new_store(&number, kind);
    const struct kube_resource *resources = (kind->from ? kind->from : kind)->resources;
    for (size_t which = 0; which < KUBE_RESOURCES_MAX && resources[which].plural; which++) {
        struct kube_object o;
        struct row_writer w;
        struct err err;
        uint32_t at = 0;
        struct handle row;
        if (!object_read(&o, object, arena))
            break;
        row_writer_init(&w, kind->kind, (size_t)16 << 20);
        o.now_ms = NOW_MS;
        struct message *m = kube_write(kind, &o, &w, which) ? row_writer_take(&w, 0, number) : NULL;
        if (m)
            (void)store_apply(st, m, NOW_MS, &err);
        message_free(m);
        row_writer_clear(&w);
        (void)store_turn(st, NOW_MS, 1000000);
        while (store_next(st, number, &at, &row))
            read_row(st, row);
    }
    store_free(st);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = span_make((const char *)data, size);
    const size_t line = span_find(text, '\n', 0);
    const struct span name = span_sub(text, 0, line), body = span_sub(text, line + 1, text.len);
    for (size_t i = 0; kube_kinds[i]; i++)
        if (span_is(name, kube_kinds[i]->kind->name) && json_valid(body, NULL)) {
            take_object(kube_kinds[i], json_value(body));
            read_yaml(body);
        }
    return 0;
}
