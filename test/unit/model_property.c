/* Store and views against a naive model: whatever is put, dropped, linked, synced,
 * filtered and sorted, in slices of any size, no cell is ever another row's, folds are what
 * a count from nothing says, and a view kept up by changes equals one built from nothing. */
#include <config.h>

#include "base/alloc.h"
#include "model/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    COL_NAMESPACE,
    COL_NAME,
    COL_STATUS,
    COL_RESTARTS,
    COL_CREATED,
    COL_AGE,
    COL_NODE,
    COL_NOTE
};

static const struct column pod_columns[] = {
    [COL_NAMESPACE] = {"namespace", "NAMESPACE", "", VALUE_TEXT, 10, 0, COLUMN_IDENT, NULL, NULL},
    [COL_NAME] = {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [COL_STATUS] = {"status", "STATUS", "", VALUE_TEXT, 10, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_RESTARTS] = {"restarts", "RST", "", VALUE_COUNT, 4, 0, COLUMN_NOTABLE, NULL, NULL},
    [COL_CREATED] = {"created", "CREATED", "", VALUE_INSTANT, 4, 0, COLUMN_HIDDEN, NULL, NULL},
    [COL_AGE] = {"age", "AGE", "", VALUE_DURATION, 4, 0, 0, "created", NULL},
    [COL_NODE] = {"node", "NODE", "", VALUE_TEXT, 10, 0, 0, NULL, NULL},
    [COL_NOTE] = {"note", "NOTE", "", VALUE_TEXT, 150, 0, COLUMN_ALONE, NULL, NULL},
};

static struct verdict pod_judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t created = store_num(st, row, COL_CREATED, 0);
    if (span_is(store_text(st, row, COL_STATUS), "Failed"))
        return (struct verdict){LEVEL_CRITICAL, 0, TIME_FOREVER};
    if (now_ms < created + 5000) /* young ones are on their way */
        return (struct verdict){LEVEL_PROGRESS, 0, created + 5000};
    return (struct verdict){LEVEL_OK, 0, TIME_FOREVER};
}

static void pod_says(const struct store *st, struct handle row, const struct verdict *v,
                     int64_t now_ms, struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_add(out, store_text(st, row, COL_STATUS));
}

static const struct rule pod_rules[] = {{"pod-failed", "The pod failed."}};
static const struct kind pod = {.name = "pod",
                                .plural = "pods",
                                .aliases = "po",
                                .title = "Pods",
                                .help = "",
                                .namespaced = true,
                                .columns = pod_columns,
                                .ncolumns = BN_COUNT(pod_columns),
                                .rules = pod_rules,
                                .nrules = 1,
                                .judge = pod_judge,
                                .says = pod_says,
                                .sort = "namespace,name"};

enum {
    NODE_NAME,
    NODE_PODS,
    NODE_RESTARTS,
    NODE_MOST,
    NODE_LEAST,
    NODE_FAILED,
    NODE_BAD,
    NODE_WORST
};

static const struct fold count_pods = {FOLD_COUNT, LINK_NODE, "pod", NULL, NULL};
static const struct fold sum_restarts = {FOLD_SUM, LINK_NODE, "pod", "restarts", NULL};
static const struct fold max_restarts = {FOLD_MAX, LINK_NODE, "pod", "restarts", NULL};
static const struct fold min_restarts = {FOLD_MIN, LINK_NODE, "pod", "restarts", NULL};
static const struct fold count_failed = {FOLD_COUNT, LINK_NODE, "pod", NULL, "status=Failed"};
static const struct fold count_bad = {FOLD_COUNT, LINK_NODE, "pod", NULL, "is:bad"};
static const struct fold worst_pod = {FOLD_WORST, LINK_NODE, "pod", NULL, NULL};
static const struct column node_columns[] = {
    [NODE_NAME] = {"name", "NAME", "", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [NODE_PODS] = {"pods", "PODS", "", VALUE_COUNT, 4, 0, 0, NULL, &count_pods},
    [NODE_RESTARTS] = {"restarts", "RST", "", VALUE_COUNT, 4, 0, 0, NULL, &sum_restarts},
    [NODE_MOST] = {"most", "MOST", "", VALUE_COUNT, 4, 0, 0, NULL, &max_restarts},
    [NODE_LEAST] = {"least", "LEAST", "", VALUE_COUNT, 4, 0, 0, NULL, &min_restarts},
    [NODE_FAILED] = {"failed", "FAILED", "", VALUE_COUNT, 4, 0, 0, NULL, &count_failed},
    [NODE_BAD] = {"bad", "BAD", "", VALUE_COUNT, 4, 0, 0, NULL, &count_bad},
    [NODE_WORST] = {"worst", "WORST", "", VALUE_LEVEL, 4, 0, 0, NULL, &worst_pod},
};
static const struct kind node = {.name = "node",
                                 .plural = "nodes",
                                 .aliases = "",
                                 .title = "Nodes",
                                 .help = "",
                                 .columns = node_columns,
                                 .ncolumns = BN_COUNT(node_columns),
                                 .sort = "name"};
static const struct kind *const kinds[] = {&pod, &node};
static const struct kind_list list = {kinds, 2};

#define SOURCES 2
#define KEYS    1200
#define NODES   7

/* What the naive model knows of a row. */
struct truth {
    bool there, seen;
    char status[16];
    int64_t restarts, created;
    int node, second; /* nodes it is linked to; -1: no second one */
    unsigned note;    /* length of a text */
};

struct world {
    struct store *st;
    struct truth rows[SOURCES][KEYS];
    bool syncing[SOURCES];
    int64_t now;
    unsigned seed;
};

static unsigned dice(struct world *w, unsigned n)
{
    w->seed = w->seed * 1664525u + 1013904223u;
    return (w->seed >> 8) % n;
}

static size_t key_of(unsigned key, char out[64])
{
    int n = snprintf(out, 64, "ns%u/pod-%c%u", key % 5, 'a' + (int)(key % 3), key);
    return (size_t)n;
}

static void apply(struct world *w, struct message *m)
{
    struct err err;
    assert_non_null(m);
    assert_true(store_apply(w->st, m, w->now, &err));
    message_free(m);
}

static void put(struct world *w, unsigned source, unsigned key)
{
    static const char *const statuses[] = {"Running", "Failed", "Pending", "Evicted"};
    struct truth *t = &w->rows[source][key];
    struct row_writer writer;
    char text[64], node_name[16], note[300];
    size_t len = key_of(key, text);
    if (!t->there)
        t->created = w->now - (int64_t)dice(w, 20000);
    t->there = t->seen = true;
    (void)snprintf(t->status, sizeof(t->status), "%s", statuses[dice(w, 4)]);
    t->restarts = dice(w, 5) ? (int64_t)dice(w, 9) : -1;
    if (dice(w, 2)) /* else it stays where it is */
        t->node = (int)dice(w, NODES);
    t->second = dice(w, 4) ? -1 : (int)dice(w, NODES);
    t->note = dice(w, sizeof(note));
    memset(note, 'a' + (int)(key % 26), sizeof(note));
    row_writer_init(&writer, &pod, 1 << 20);
    row_begin(&writer, span_make(text, len));
    row_text(&writer, COL_NAMESPACE, span_make(text, 3));
    row_text(&writer, COL_NAME, span_make(text + 4, len - 4));
    row_text(&writer, COL_STATUS, span_from(t->status));
    if (t->restarts >= 0)
        row_num(&writer, COL_RESTARTS, t->restarts);
    row_num(&writer, COL_CREATED, t->created);
    row_text(&writer, COL_NOTE, span_make(note, t->note));
    (void)snprintf(node_name, sizeof(node_name), "n%d", t->node);
    row_text(&writer, COL_NODE, span_from(node_name));
    row_link(&writer, LINK_OWNER, 0, "owner", span_make(text, dice(w, 2) + 3));
    row_link(&writer, LINK_NODE, LINK_AFFECTS, "node", span_from(node_name));
    (void)snprintf(node_name, sizeof(node_name), "n%d", t->second);
    if (t->second >= 0)
        row_link(&writer, LINK_NODE, 0, "node", span_from(node_name));
    assert_true(row_end(&writer));
    apply(w, row_writer_take(&writer, (uint16_t)source, 0));
    row_writer_clear(&writer);
}

static void put_node(struct world *w, unsigned source, unsigned n)
{
    struct row_writer writer;
    char name[16];
    (void)snprintf(name, sizeof(name), "n%u", n);
    row_writer_init(&writer, &node, 1 << 20);
    row_begin(&writer, span_from(name));
    row_text(&writer, 0, span_from(name));
    assert_true(row_end(&writer));
    apply(w, row_writer_take(&writer, (uint16_t)source, 1));
    row_writer_clear(&writer);
}

static void drop_node(struct world *w, unsigned source, unsigned n)
{
    struct row_writer writer;
    char name[16];
    (void)snprintf(name, sizeof(name), "n%u", n);
    row_writer_init(&writer, &node, 1 << 20);
    assert_true(row_drop(&writer, span_from(name)));
    apply(w, row_writer_take(&writer, (uint16_t)source, 1));
    row_writer_clear(&writer);
}

static void drop(struct world *w, unsigned source, unsigned key)
{
    struct row_writer writer;
    char text[64];
    row_writer_init(&writer, &pod, 1 << 20);
    assert_true(row_drop(&writer, span_make(text, key_of(key, text))));
    apply(w, row_writer_take(&writer, (uint16_t)source, 0));
    row_writer_clear(&writer);
    w->rows[source][key].there = false;
}

static void sync_begin(struct world *w, unsigned source)
{
    apply(w, message_new(MESSAGE_SYNC_BEGIN, (uint16_t)source, 0));
    w->syncing[source] = true;
    for (unsigned k = 0; k < KEYS; k++)
        w->rows[source][k].seen = false;
}

static void sync_end(struct world *w, unsigned source, bool complete)
{
    struct message *m = message_new(MESSAGE_SYNC_END, (uint16_t)source, 0);
    m->complete = complete;
    apply(w, m);
    w->syncing[source] = false;
    for (unsigned k = 0; complete && k < KEYS; k++)
        w->rows[source][k].there = w->rows[source][k].there && w->rows[source][k].seen;
}

static enum level level_of(const struct world *w, const struct truth *t)
{
    return strcmp(t->status, "Failed") == 0 ? LEVEL_CRITICAL
           : w->now < t->created + 5000     ? LEVEL_PROGRESS
                                            : LEVEL_OK;
}

static void check_row(struct world *w, unsigned source, unsigned key)
{
    const struct truth *t = &w->rows[source][key];
    struct handle row;
    char text[64], note[300];
    size_t len = key_of(key, text);
    bool found = store_find(w->st, (uint16_t)source, 0, span_make(text, len), &row);
    assert_int_equal(found, t->there);
    if (!found)
        return;
    memset(note, 'a' + (int)(key % 26), sizeof(note));
    assert_true(span_eq(store_key(w->st, row), span_make(text, len)));
    assert_int_equal(store_row_source(w->st, row), source);
    assert_true(span_is(store_text(w->st, row, COL_STATUS), t->status));
    assert_true(span_eq(store_text(w->st, row, COL_NAME), span_make(text + 4, len - 4)));
    assert_true(span_eq(store_text(w->st, row, COL_NOTE), span_make(note, t->note)));
    assert_int_equal(store_num(w->st, row, COL_RESTARTS, -1), t->restarts);
    assert_int_equal(store_cell(w->st, row, COL_AGE, w->now).num, w->now - t->created);
    assert_int_equal(store_verdict(w->st, row).level, level_of(w, t));
}

/* What a node's folds are by going through all that is linked to it. */
static void count(const struct world *w, unsigned source, int n, int64_t folds[NODE_WORST + 1])
{
    for (int i = 0; i <= NODE_WORST; i++)
        folds[i] = i == NODE_MOST || i == NODE_LEAST || i == NODE_WORST ? -1 : 0;
    for (unsigned k = 0; k < KEYS; k++) {
        const struct truth *t = &w->rows[source][k];
        int64_t links = (t->node == n) + (t->second == n), level = (int64_t)level_of(w, t);
        if (!t->there || !links)
            continue;
        folds[NODE_PODS] += links;
        folds[NODE_FAILED] += strcmp(t->status, "Failed") == 0 ? links : 0;
        folds[NODE_BAD] += level >= LEVEL_UNKNOWN ? links : 0;
        folds[NODE_WORST] = level > folds[NODE_WORST] ? level : folds[NODE_WORST];
        if (t->restarts < 0)
            continue;
        folds[NODE_RESTARTS] += links * t->restarts;
        if (t->restarts > folds[NODE_MOST])
            folds[NODE_MOST] = t->restarts;
        if (folds[NODE_LEAST] < 0 || t->restarts < folds[NODE_LEAST])
            folds[NODE_LEAST] = t->restarts;
    }
}

static void check_folds(struct world *w, unsigned source)
{
    for (int n = 0; n < NODES; n++) {
        struct handle row;
        char name[16];
        int64_t folds[NODE_WORST + 1];
        (void)snprintf(name, sizeof(name), "n%d", n);
        if (!store_find(w->st, (uint16_t)source, 1, span_from(name), &row))
            continue;
        count(w, source, n, folds);
        for (size_t i = NODE_PODS; i <= NODE_WORST; i++)
            assert_int_equal(store_num(w->st, row, i, -1), folds[i]);
    }
}

static void settle(struct world *w)
{
    while (store_turn(w->st, w->now, 1000000))
        ;
}

static void check_all(struct world *w)
{
    size_t there = 0;
    settle(w);
    for (unsigned s = 0; s < SOURCES; s++) {
        for (unsigned k = 0; k < KEYS; k++) {
            check_row(w, s, k);
            there += w->rows[s][k].there;
        }
        check_folds(w, s);
    }
    assert_int_equal(store_count(w->st, 0), there);
    assert_int_equal(store_figures(w->st).miscounts, 0);
}

/* At any time, in the middle of whatever is being worked on: a row on view is one thing. */
static void check_some(struct world *w, const struct view *v)
{
    struct handle row;
    size_t i, count = view_count(v);
    if (!count)
        return;
    row = view_at(v, dice(w, (unsigned)count));
    struct span key = store_key(w->st, row), name = store_text(w->st, row, COL_NAME);
    assert_true(view_find(v, row, &i));
    assert_true(handle_equal(view_at(v, i), row));
    assert_true(key.len > 4);
    assert_true(span_eq(name, span_sub(key, 4, key.len)));
    assert_true(span_eq(store_text(w->st, row, COL_NAMESPACE), span_sub(key, 0, 3)));
}

/* The same view made anew must show the same rows in the same order. */
static void check_view(struct world *w, struct view *v, const struct view_spec *spec)
{
    struct err err;
    settle(w);
    assert_false(view_pending(v));
    struct view *fresh = view_new(w->st, 0);
    assert_true(view_set(fresh, spec, false, &err));
    view_finish(fresh, w->now);
    assert_int_equal(view_count(v), view_count(fresh));
    for (size_t i = 0; i < view_count(v); i++) {
        size_t at;
        assert_true(handle_equal(view_at(v, i), view_at(fresh, i)));
        assert_true(view_find(v, view_at(v, i), &at));
        assert_int_equal(at, i);
    }
    view_free(fresh);
}

static void random_spec(struct world *w, struct view_spec *spec)
{
    static const char *const sorts[] = {"namespace,name",  "level desc,name",
                                        "restarts!,name",  "age",
                                        "status,restarts", "node!,age!"};
    static const char *const filters[] = {"",
                                          "pod-a",
                                          "restarts>3",
                                          "age<10s",
                                          "is:bad",
                                          "status=Failed|restarts=0",
                                          "!Running age>3s",
                                          "/pod-[ab]1/",
                                          "@10s"};
    static const char *const scopes[] = {"", "ns1,ns2", "!ns3"};
    struct err err;
    assert_true(view_parse_sort(&pod, span_from(sorts[dice(w, BN_COUNT(sorts))]), spec, &err));
    spec->filter = span_from(filters[dice(w, BN_COUNT(filters))]);
    spec->namespaces = span_from(scopes[dice(w, BN_COUNT(scopes))]);
    spec->only_problems = dice(w, 5) == 0;
    spec->with_gone = dice(w, 3) == 0;
}

static void step(struct world *w)
{
    unsigned source = dice(w, SOURCES), key = dice(w, KEYS);
    switch (dice(w, 16)) {
    case 0:
    case 1:
        drop(w, source, key);
        break;
    case 2:
        w->now += (int64_t)dice(w, 3000);
        break;
    case 3:
        if (!w->syncing[source] && dice(w, 10) == 0)
            sync_begin(w, source);
        else if (w->syncing[source] && dice(w, 6) == 0)
            sync_end(w, source, dice(w, 4) != 0);
        break;
    case 4:
        put_node(w, source, dice(w, NODES));
        break;
    case 5:
        if (dice(w, 30) == 0)
            drop_node(w, source, dice(w, NODES));
        break;
    case 6:
    case 7:
    case 8:
        (void)store_turn(w->st, w->now, 1);
        break;
    default:
        put(w, source, key);
        break;
    }
}

static void run(unsigned seed, int steps)
{
    struct world w = {.now = 1770973200000, .seed = seed};
    struct view_spec spec = {.filter = {"", 0}, .namespaces = {"", 0}};
    struct err err;
    w.st = store_new(&list);
    for (unsigned s = 0; s < SOURCES; s++)
        (void)store_add_source(w.st, s ? "b" : "a", "test", "c", SOURCE_NONE);
    struct view *v = view_new(w.st, 0);
    random_spec(&w, &spec);
    assert_true(view_set(v, &spec, false, &err));
    for (int i = 0; i < steps; i++) {
        step(&w);
        check_some(&w, v);
        if (dice(&w, 200) == 0) {
            random_spec(&w, &spec);
            assert_true(view_set(v, &spec, false, &err));
        }
        if (dice(&w, 300) == 0) {
            check_all(&w);
            check_view(&w, v, &spec);
        }
    }
    check_all(&w);
    check_view(&w, v, &spec);
    view_free(v);
    store_free(w.st);
}

static void test_random_histories(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 25; seed++)
        run(seed * 7919, 12000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_histories),
    };
    return cmocka_run_group_tests_name("model property", tests, NULL, NULL);
}
