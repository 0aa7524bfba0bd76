/* What the tests of Kubernetes kinds share: objects written as YAML in braces,
 * through the real decoder into a real store. */
#ifndef BINNACLE_TEST_UNIT_KUBE_TEST_H
#define BINNACLE_TEST_UNIT_KUBE_TEST_H

#include "backends/kubernetes/kube_kind.h"
#include "base/timetext.h"
#include "base/yaml.h"
#include "model/store.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define KUBE_JSON_MAX ((size_t)1 << 20)

/* "{a: 1}" as JSON, appended to *out. */
static inline void kube_json(const char *yaml, struct strbuf *out)
{
    struct err err;
    struct yaml_doc *doc = yaml_parse(span_from(yaml), "object", &err);
    if (!doc)
        fail_msg("%s in %s", err.msg, yaml);
    yaml_to_json(yaml_root(doc, 0), out);
    yaml_doc_free(doc);
}

static inline uint16_t kube_number(const char *kind)
{
    uint16_t n = 0;
    while (kube_kinds[n] && strcmp(kube_kinds[n]->kind->name, kind) != 0)
        n++;
    if (!kube_kinds[n])
        fail_msg("no kind %s", kind);
    return n;
}

static inline int64_t kube_time(const char *text)
{
    int64_t ms = 0;
    if (!time_parse(span_from(text), &ms))
        fail_msg("%s is no time", text);
    return ms;
}

static struct kind_list kube_test_kinds __attribute__((unused));

static inline struct store *kube_store(void)
{
    size_t n = 0;
    while (kube_kind_schemas[n])
        n++;
    kube_test_kinds = (struct kind_list){kube_kind_schemas, n};
    struct store *st = store_new(&kube_test_kinds);
    assert_non_null(st);
    (void)store_add_source(st, "test", "kubernetes", "test", SOURCE_NONE);
    return st;
}

#define KUBE_BESIDE 1 /* the number of the other source of kube_store_beside() */

/* A store with the kinds of the cluster, at the numbers that they have there, and behind them those of
 * another source, which NULL ends. */
static inline struct store *kube_store_beside(const char *name, const char *backend,
                                              uint16_t parent, const struct kind *const *kinds)
{
    static const struct kind *all[128];
    size_t n = 0;
    for (; kube_kind_schemas[n]; n++)
        all[n] = kube_kind_schemas[n];
    while (*kinds && n < BN_COUNT(all))
        all[n++] = *kinds++;
    assert_null(*kinds);
    kube_test_kinds = (struct kind_list){all, n};
    struct store *st = store_new(&kube_test_kinds);
    assert_non_null(st);
    (void)store_add_source(st, "test", "kubernetes", "test", SOURCE_NONE);
    assert_int_equal(store_add_source(st, name, backend, "test", parent), KUBE_BESIDE);
    return st;
}

static inline void kube_apply(struct store *st, struct message *m, int64_t now_ms)
{
    struct err err;
    assert_non_null(m);
    if (!store_apply(st, m, now_ms, &err))
        fail_msg("%s", err.msg);
    message_free(m);
}

/* A whole picture of a kind that is what is there already. */
static inline void kube_synced(struct store *st, const char *kind, int64_t now_ms)
{
    struct message *m = message_new(MESSAGE_SYNC_END, 0, kube_number(kind));
    store_set_wanted(st, 0, kube_number(kind), true);
    m->complete = true;
    kube_apply(st, m, now_ms);
}

/* Puts an object of a kind (of its which-th resource), written as YAML. */
static inline struct handle kube_put(struct store *st, const char *kind, size_t which,
                                     const char *yaml, int64_t now_ms)
{
    const struct kube_kind *k = kube_kinds[kube_number(kind)];
    struct arena *arena = arena_new((size_t)1 << 20);
    struct strbuf json = STRBUF_INIT(KUBE_JSON_MAX);
    struct row_writer w;
    struct kube_object o;
    struct handle row;
    char key[512];
    kube_json(yaml, &json);
    assert_true(object_read(&o, json_value(strbuf_span(&json)), arena));
    row_writer_init(&w, k->kind, KUBE_JSON_MAX);
    o.now_ms = now_ms;
    assert_true(kube_write(k, &o, &w, which));
    struct span all = k->rows ? o.rows : kube_row_key(k, &o, which); /* the first is meant */
    (void)snprintf(key, sizeof(key), "%.*s",
                   SPAN_ARG(span_sub(all, 0, span_find(all, LIST_SEPARATOR, 0))));
    kube_apply(st, row_writer_take(&w, 0, kube_number(kind)), now_ms);
    row_writer_clear(&w);
    arena_free(arena);
    strbuf_clear(&json);
    assert_true(store_find(st, 0, kube_number(kind), span_from(key), &row));
    return row;
}

static inline void kube_drop(struct store *st, const char *kind, const char *key, int64_t now_ms)
{
    const struct kube_kind *k = kube_kinds[kube_number(kind)];
    struct row_writer w;
    assert_non_null(k);
    row_writer_init(&w, k->kind, 65536);
    assert_true(row_drop(&w, span_from(key)));
    kube_apply(st, row_writer_take(&w, 0, kube_number(kind)), now_ms);
    row_writer_clear(&w);
}

/* A cell as a person reads it. */
static inline void kube_cell(const struct store *st, struct handle row, const char *column,
                             struct strbuf *out)
{
    int index = kind_column(store_kind(st, row.kind), span_from(column));
    if (index < 0)
        fail_msg("no column %s", column);
    struct value v = store_cell(st, row, (size_t)index, 0);
    strbuf_truncate(out, 0);
    value_format(&v, out);
}

#endif
