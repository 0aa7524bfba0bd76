/* What the tests of rows that are made of other rows share: objects through the real decoder, what
 * others see as rows, and a backend's discover() and `joined` as the session would call them. */
#ifndef BINNACLE_TEST_UNIT_JOINED_TEST_H
#define BINNACLE_TEST_UNIT_JOINED_TEST_H

#include "backends/discovery.h"
#include "test/unit/kube_judge.h"

#define JOINED_KINDS 160

struct joined_world {
    const struct kind
        *kinds[JOINED_KINDS]; /* those of Kubernetes first, as kube_put() wants them */
    struct kind_list list;
    struct store *st;
    uint32_t generation;
    char text[4096];
};

static inline uint16_t joined_number(const struct joined_world *w, const char *kind)
{
    int n = kind_find(&w->list, span_from(kind));
    if (n < 0)
        fail_msg("there is no kind %s", kind);
    return (uint16_t)n;
}

/* Each backend is a source of its number in the registry. */
static inline uint16_t joined_source(const struct backend *backend)
{
    uint16_t n = 0;
    while (backend_registry[n] != backend)
        n++;
    return n;
}

/* Everything of the cluster is known, and there is none of it. */
static inline void joined_begin(struct joined_world *w)
{
    size_t n = 0;
    *w = (struct joined_world){.generation = 0};
    for (const struct backend *const *b = backend_registry; *b; b++)
        for (size_t i = 0; (*b)->kinds[i]; i++) {
            assert_true(n < JOINED_KINDS);
            w->kinds[n++] = (*b)->kinds[i];
        }
    w->list = (struct kind_list){w->kinds, n};
    w->st = store_new(&w->list);
    for (const struct backend *const *b = backend_registry; *b; b++)
        store_set_joined(
            w->st,
            store_add_source(w->st, (*b)->name, (*b)->name, "test", (*b)->joined ? 0 : SOURCE_NONE),
            (*b)->joined != NULL);
    for (size_t i = 0; kube_kinds[i]; i++)
        kube_synced(w->st, kube_kinds[i]->kind->name, kube_time(NOW));
}

static inline void joined_done(struct joined_world *w)
{
    store_free(w->st);
}

/* One for each case, with what begins and ends it. */
#define JOINED_WORLD(world)           \
    static struct joined_world world; \
    static int begin(void **state)    \
    {                                 \
        (void)state;                  \
        joined_begin(&world);         \
        return 0;                     \
    }                                 \
    static int end(void **state)      \
    {                                 \
        (void)state;                  \
        joined_done(&world);          \
        return 0;                     \
    }

/* A whole picture of a kind of a source: what is in rows. */
static inline void joined_tell(struct joined_world *w, uint16_t source, uint16_t kind,
                               struct row_writer *rows)
{
    const enum message_type around[] = {MESSAGE_SYNC_BEGIN, MESSAGE_SYNC_END};

    w->generation++;
    for (int i = 0; i < 2; i++) {
        struct message *m = message_new(around[i], source, kind);
        m->generation = w->generation;
        m->complete = m->polled = true;
        kube_apply(w->st, m, kube_time(NOW));
        m = i == 0 ? row_writer_take(rows, source, kind) : NULL;
        if (m)
            kube_apply(w->st, m, kube_time(NOW));
    }
    work(w->st, kube_time(NOW));
}

/* Looks again, as discovery does when rows have changed. */
static inline void joined_look(struct joined_world *w, const struct backend *backend,
                               const struct declared *declared)
{
    struct discovery d = {.declared = declared, .now_ms = kube_time(NOW)};
    uint16_t kind = joined_number(w, backend->kinds[0]->name);
    struct row_writer rows;
    work(w->st, kube_time(NOW));
    backend->discover(w->st, &d);
    assert_true(d.count <= 1);
    row_writer_init(&rows, backend->kinds[0], KUBE_JSON_MAX);
    struct span rest = span_from(d.count ? d.findings[0].targets : NULL), line;
    while (rest.len && span_split(&rest, '\n', &line))
        assert_true(!line.len || backend->joined(line, &rows));
    joined_tell(w, joined_source(backend), kind, &rows);
    row_writer_clear(&rows);
    discovery_done(&d);
}

static inline struct handle joined_row(struct joined_world *w, const char *kind, const char *key)
{
    struct handle row;
    if (!store_find(w->st, SOURCE_ANY, joined_number(w, kind), span_from(key), &row))
        fail_msg("there is no %s %s", kind, key);
    return row;
}

static inline bool joined_has(struct joined_world *w, const char *kind, const char *key)
{
    struct handle row;
    return store_find(w->st, SOURCE_ANY, joined_number(w, kind), span_from(key), &row);
}

/* A cell as a person reads it; borrowed until the next call. */
static inline const char *joined_cell(struct joined_world *w, const char *kind, const char *key,
                                      const char *column)
{
    struct strbuf text = STRBUF_INIT(4096);
    kube_cell(w->st, joined_row(w, kind, key), column, &text);
    (void)snprintf(w->text, sizeof(w->text), "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return w->text;
}

static inline void joined_judged(struct joined_world *w, const char *kind, const char *key,
                                 enum level level, const char *rule, const char *says)
{
    expect(w->st, joined_row(w, kind, key), key, level, rule, says);
}

/* What a system says of itself. */
static inline const char *joined_system(struct joined_world *w, const struct backend *backend)
{
    struct system_parts parts = {.text = STRBUF_INIT(4096)};
    backend->systems[0].says(w->st, kube_time(NOW), &parts);
    (void)snprintf(w->text, sizeof(w->text), "%s", strbuf_cstr(&parts.text));
    strbuf_clear(&parts.text);
    return w->text;
}

#endif
