/* The store: what puts, drops, whole pictures, states and time do to rows. */
#include <config.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "test/unit/model_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect_text(const struct store *st, struct handle row, size_t column, const char *text)
{
    struct strbuf out = STRBUF_INIT(4096);
    struct value v = store_cell(st, row, column, NOW);
    value_format(&v, &out);
    assert_string_equal(strbuf_cstr(&out), text);
    strbuf_clear(&out);
}

static void test_every_type_comes_back(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW,
             "shop/api status=Running ready=true restarts=-3 created=90m cpu=250m used=0.41 "
             "disk=1536 hosts=a,b,c rate=2.5 took=61s health=notice");
    struct handle row = test_find(st, 0, KIND_THING, "shop/api");
    expect_text(st, row, COL_NAMESPACE, "shop");
    expect_text(st, row, COL_READY, "true");
    expect_text(st, row, COL_RESTARTS, "-3");
    expect_text(st, row, COL_CREATED, "2026-02-13T07:30:00Z");
    expect_text(st, row, COL_AGE, "90m");
    expect_text(st, row, COL_CPU, "250m");
    expect_text(st, row, COL_USED, "41%");
    expect_text(st, row, COL_DISK, "1.5Ki");
    expect_text(st, row, COL_HOSTS, "a,b,c");
    expect_text(st, row, COL_RATE, "2.5/s");
    expect_text(st, row, COL_TOOK, "61s");
    expect_text(st, row, COL_HEALTH, "notice");
    expect_text(st, row, COL_NODE, "-");
    assert_int_equal(store_num(st, row, COL_CPU, 0), 250);
    assert_int_equal(store_num(st, row, COL_NODE, 7), 7);
    assert_true(span_is(store_key(st, row), "shop/api"));
    assert_int_equal(store_cell(st, row, COL_AGE, NOW + 1000).num, 5401000);
    assert_int_equal(store_cell(st, row, COL_AGE, NOW - 86400000).num, 0); /* a clock that is off */
    store_free(st);
}

static void test_a_cell_not_sent_again_is_absent(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "shop/api status=Running restarts=3 cpu=1");
    test_put(st, 0, KIND_THING, NOW, "shop/api restarts=3");
    struct handle row = test_find(st, 0, KIND_THING, "shop/api");
    assert_int_equal(store_cell(st, row, COL_STATUS, NOW).type, VALUE_ABSENT);
    assert_int_equal(store_cell(st, row, COL_CPU, NOW).type, VALUE_ABSENT);
    assert_int_equal(store_num(st, row, COL_RESTARTS, 0), 3);
    assert_int_equal(store_text(st, row, COL_STATUS).len, 0);
    store_free(st);
}

/* A name is the end of its key, a short version stands in its row; both may be another. */
static void test_texts_that_are_not_shared(void **state)
{
    static const struct {
        const char *line, *name, *version;
    } puts[] = {
        {"shop/api version=1.2.3", "api", "1.2.3"},
        {"shop/api version=1.2.3-rc.1", "api", "1.2.3-rc.1"},
        {"shop/api name=other version=2", "other", "2"},
        {"shop/api name=other version=1 version=1.2.3-rc.2", "other", "1.2.3-rc.2"},
        {"shop/api name=p/api version=1.2.3-rc.2 version=1", "p/api", "1"},
        {"shop/api name=shop/api/v1", "shop/api/v1", "-"},
        {"shop/api version=1.2.4", "api", "1.2.4"},
    };
    struct store *st = test_store(1);
    size_t empty = store_figures(st).texts;
    (void)state;
    for (size_t i = 0; i < 3 * BN_COUNT(puts); i++) {
        size_t k = i * 5 % BN_COUNT(puts);
        test_put(st, 0, KIND_THING, NOW, puts[k].line);
        struct handle row = test_find(st, 0, KIND_THING, "shop/api");
        expect_text(st, row, COL_NAME, puts[k].name);
        expect_text(st, row, COL_VERSION, puts[k].version);
    }
    test_put(st, 0, KIND_THING, NOW, puts[0].line);
    assert_int_equal(store_figures(st).texts, empty + 2); /* key and namespace */
    test_drop(st, 0, KIND_THING, NOW, "shop/api");
    test_settle(st, NOW + 61000);
    assert_int_equal(store_figures(st).texts, empty);
    store_free(st);
}

static void test_an_equal_put_changes_nothing(void **state)
{
    struct store *st = test_store(1);
    const char *line = "shop/api status=Running cpu=250m labels=a,b node>n1 owner>owner:shop/o";
    (void)state;
    test_put(st, 0, KIND_THING, NOW, line);
    test_settle(st, NOW);
    uint64_t version = store_version(st);
    struct store_figures before = store_figures(st);
    for (int i = 0; i < 100; i++)
        test_put(st, 0, KIND_THING, NOW + i, line);
    test_settle(st, NOW + 100);
    assert_int_equal(store_version(st), version);
    assert_int_equal(store_figures(st).equal_puts, before.equal_puts + 100);
    assert_int_equal(store_figures(st).texts, before.texts);
    test_put(st, 0, KIND_THING, NOW, "shop/api status=Running cpu=250m labels=a,b node>n2");
    assert_true(store_version(st) > version); /* a link alone is a change */
    assert_int_equal(store_figures(st).equal_puts, before.equal_puts + 100);
    store_free(st);
}

static void test_rows_of_two_sources_are_two(void **state)
{
    struct store *st = test_store(2);
    struct handle any;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "shop/api status=here");
    test_put(st, 1, KIND_THING, NOW, "shop/api status=there");
    assert_int_equal(store_count(st, KIND_THING), 2);
    struct handle a = test_find(st, 0, KIND_THING, "shop/api");
    struct handle b = test_find(st, 1, KIND_THING, "shop/api");
    assert_false(handle_equal(a, b));
    assert_true(span_is(store_text(st, a, COL_STATUS), "here"));
    assert_true(span_is(store_text(st, b, COL_STATUS), "there"));
    assert_int_equal(store_row_source(st, b), 1);
    test_drop(st, 0, KIND_THING, NOW, "shop/api");
    assert_true(store_find(st, SOURCE_ANY, KIND_THING, SPAN("shop/api"), &any));
    assert_true(handle_equal(any, b));
    store_free(st);
}

/* A gone row is kept a minute for the screen; a handle never comes to name another. */
static void test_handles_of_gone_rows(void **state)
{
    struct store *st = test_store(1);
    struct handle old[200];
    (void)state;
    for (int round = 0; round < 200; round++) {
        int64_t now = NOW + round * 61000;
        test_put(st, 0, KIND_THING, now, "shop/api status=Running");
        old[round] = test_find(st, 0, KIND_THING, "shop/api");
        assert_true(store_alive(st, old[round]));
        test_drop(st, 0, KIND_THING, now, "shop/api");
        assert_false(store_alive(st, old[round]));
        test_settle(st, now + 59999);
        assert_true(span_is(store_text(st, old[round], COL_STATUS), "Running"));
        test_settle(st, now + 60000);
        assert_int_equal(store_cell(st, old[round], COL_STATUS, now).type, VALUE_ABSENT);
        assert_int_equal(store_key(st, old[round]).len, 0);
    }
    test_put(st, 0, KIND_THING, NOW, "shop/web status=New");
    for (int i = 0; i < 200; i++) {
        assert_false(store_alive(st, old[i]));
        assert_false(handle_equal(old[i], test_find(st, 0, KIND_THING, "shop/web")));
        assert_int_equal(store_verdict(st, old[i]).level, LEVEL_OFF);
        assert_int_equal(store_row_source(st, old[i]), SOURCE_NONE);
    }
    store_free(st);
}

/* 65,536 rows in one place: its generations are used up, not used again. */
static void test_generations_do_not_wrap(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "shop/api");
    struct handle first = test_find(st, 0, KIND_THING, "shop/api");
    int64_t now = NOW;
    for (int i = 0; i < 70000; i++) {
        test_drop(st, 0, KIND_THING, now, "shop/api");
        now += 60001;
        (void)store_turn(st, now, 1000000);
        test_put(st, 0, KIND_THING, now, "shop/api");
        if (handle_equal(first, test_find(st, 0, KIND_THING, "shop/api")))
            fail_msg("the first handle names another row after %d rows", i);
    }
    store_free(st);
}

static void test_a_gone_row_beside_its_successor(void **state)
{
    struct store *st = test_store(1);
    struct handle gone;
    uint32_t at = 0;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "shop/api status=old");
    test_drop(st, 0, KIND_THING, NOW, "shop/api");
    test_drop(st, 0, KIND_THING, NOW, "shop/api"); /* twice said is once gone */
    test_put(st, 0, KIND_THING, NOW, "shop/api status=new");
    assert_int_equal(store_count(st, KIND_THING), 1);
    assert_int_equal(store_figures(st).drops, 1);
    assert_true(store_gone_next(st, KIND_THING, &at, &gone));
    assert_true(span_is(store_text(st, gone, COL_STATUS), "old"));
    struct handle row = test_find(st, 0, KIND_THING, "shop/api");
    assert_true(span_is(store_text(st, row, COL_STATUS), "new"));
    test_settle(st, NOW + 60000);
    at = 0;
    assert_false(store_gone_next(st, KIND_THING, &at, &gone));
    assert_true(span_is(store_text(st, row, COL_STATUS), "new"));
    store_free(st);
}

static void test_a_whole_picture_sweeps(void **state)
{
    struct store *st = test_store(2);
    struct handle row;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/kept status=1");
    test_put(st, 0, KIND_THING, NOW, "a/lost status=1");
    test_put(st, 1, KIND_THING, NOW, "a/lost status=1");
    test_put(st, 0, KIND_NODE, NOW, "n1");
    test_sync_all(st, NOW);
    test_sync_begin(st, 0, KIND_THING, NOW);
    assert_true(store_source_kind(st, 0, KIND_THING)->syncing);
    assert_true(store_find(st, 0, KIND_THING, SPAN("a/lost"), &row)); /* nothing blanks */
    test_put(st, 0, KIND_THING, NOW, "a/kept status=1");
    test_put(st, 0, KIND_THING, NOW, "a/new status=1");
    test_sync_end(st, 0, KIND_THING, NOW, true);
    assert_false(store_find(st, 0, KIND_THING, SPAN("a/lost"), &row));
    assert_true(store_find(st, 1, KIND_THING, SPAN("a/lost"), &row)); /* another source's */
    assert_true(store_find(st, 0, KIND_NODE, SPAN("n1"), &row));      /* another kind */
    assert_true(store_find(st, 0, KIND_THING, SPAN("a/kept"), &row));
    assert_true(store_find(st, 0, KIND_THING, SPAN("a/new"), &row));
    store_free(st);
}

static void test_a_partial_picture_sweeps_nothing(void **state)
{
    struct store *st = test_store(1);
    struct handle row;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/one");
    test_sync_begin(st, 0, KIND_THING, NOW);
    test_sync_end(st, 0, KIND_THING, NOW, false);
    assert_true(store_find(st, 0, KIND_THING, SPAN("a/one"), &row));
    assert_false(store_source_kind(st, 0, KIND_THING)->complete);
    assert_false(store_source_kind(st, 0, KIND_THING)->synced);
    assert_false(store_synced(st, KIND_THING));
    test_sync_begin(st, 0, KIND_THING, NOW);
    test_sync_end(st, 0, KIND_THING, NOW, true);
    assert_false(store_find(st, 0, KIND_THING, SPAN("a/one"), &row));
    assert_true(store_synced(st, KIND_THING));
    store_free(st);
}

static void apply(struct store *st, struct message *m, int64_t now_ms)
{
    struct err err = {.msg = ""};
    assert_non_null(m);
    assert_true(store_apply(st, m, now_ms, &err));
    message_free(m);
}

/* A list that was begun anew: the end of the old one must not sweep what the new one
 * has not yet shown. */
static void test_the_end_of_an_older_picture(void **state)
{
    struct store *st = test_store(1);
    struct handle row;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/one");
    for (uint32_t generation = 1; generation <= 2; generation++) {
        struct message *m = message_new(MESSAGE_SYNC_BEGIN, 0, KIND_THING);
        m->generation = generation;
        apply(st, m, NOW);
    }
    for (uint32_t generation = 1; generation <= 2; generation++) {
        struct message *m = message_new(MESSAGE_SYNC_END, 0, KIND_THING);
        m->generation = generation;
        m->complete = true;
        apply(st, m, NOW);
        test_settle(st, NOW);
        assert_int_equal(store_find(st, 0, KIND_THING, SPAN("a/one"), &row), generation == 1);
        assert_int_equal(store_source_kind(st, 0, KIND_THING)->syncing, generation == 1);
    }
    store_free(st);
}

/* What a second look finds to be other than a live watch said is counted. */
static void test_drift(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/same status=1");
    test_put(st, 0, KIND_THING, NOW, "a/lost status=1");
    test_sync_all(st, NOW);
    test_state(st, 0, KIND_THING, NOW, SOURCE_FRESH, NULL);
    test_sync_begin(st, 0, KIND_THING, NOW);
    test_put(st, 0, KIND_THING, NOW, "a/same status=1");
    test_put(st, 0, KIND_THING, NOW, "a/missed status=1");
    test_sync_end(st, 0, KIND_THING, NOW, true);
    assert_int_equal(store_source_kind(st, 0, KIND_THING)->drift, 2);
    test_state(st, 0, KIND_THING, NOW, SOURCE_STALE, NULL);
    test_sync_begin(st, 0, KIND_THING, NOW); /* after a silence it is no drift */
    test_sync_end(st, 0, KIND_THING, NOW, true);
    assert_int_equal(store_source_kind(st, 0, KIND_THING)->drift, 2);
    store_free(st);
}

static void test_states_of_sources(void **state)
{
    struct store *st = test_store(2);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x");
    test_put(st, 1, KIND_THING, NOW, "a/x");
    struct handle row = test_find(st, 0, KIND_THING, "a/x");
    assert_false(store_stale(st, row));
    test_state(st, 0, KIND_NONE, NOW + 5000, SOURCE_FAILING, "connection refused");
    assert_true(store_stale(st, row));
    assert_false(store_stale(st, test_find(st, 1, KIND_THING, "a/x")));
    assert_int_equal(store_source(st, 0)->report.proof_ms, NOW); /* still the last proof */
    assert_string_equal(store_source(st, 0)->report.why.msg, "connection refused");
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    assert_false(store_stale(st, row));
    test_state(st, 0, KIND_THING, NOW, SOURCE_DENIED, "forbidden");
    assert_true(store_stale(st, row)); /* the kind alone */
    uint64_t version = store_version(st);
    test_state(st, 0, KIND_THING, NOW + 1, SOURCE_DENIED, "forbidden");
    assert_int_equal(store_version(st), version); /* nothing to paint */
    store_set_wanted(st, 0, KIND_THING, false);
    assert_true(store_alive(st, row)); /* not watched is not gone */
    store_free(st);
}

/* Links lead both ways, whichever end comes first, and say "missing" only when known. */
static void test_links_both_ways(void **state)
{
    struct store *st = test_store(1);
    struct handle target, from;
    struct link link;
    enum link_type type;
    size_t at = 0;
    uint32_t back = 0;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x node>n1 owner>owner:a/o config>configmap:a/c");
    test_put(st, 0, KIND_THING, NOW, "a/y node>n1");
    struct handle x = test_find(st, 0, KIND_THING, "a/x");
    assert_true(store_link_next(st, x, &at, &link));
    assert_int_equal(link.type, LINK_NODE);
    assert_int_equal(store_follow(st, x, &link, &target), LINK_UNKNOWN);
    test_put(st, 0, KIND_NODE, NOW, "n1");
    assert_int_equal(store_follow(st, x, &link, &target), LINK_FOUND);
    assert_true(handle_equal(target, test_find(st, 0, KIND_NODE, "n1")));
    assert_true(store_link_next(st, x, &at, &link));
    assert_true(span_is(link.kind, "owner") && span_is(link.key, "a/o"));
    test_sync_all(st, NOW);
    assert_int_equal(store_follow(st, x, &link, &target), LINK_MISSING);
    assert_true(store_link_next(st, x, &at, &link));
    assert_int_equal(store_follow(st, x, &link, &target), LINK_UNKNOWN); /* nobody knows the kind */
    assert_false(store_link_next(st, x, &at, &link));
    assert_false(store_link_next(st, x, &at, &link));

    struct handle n1 = test_find(st, 0, KIND_NODE, "n1");
    size_t users = 0;
    while (store_used_by_next(st, n1, &back, &from, &type)) {
        assert_int_equal(type, LINK_NODE);
        assert_int_equal(from.kind, KIND_THING);
        users++;
    }
    assert_int_equal(users, 2);
    test_put(st, 0, KIND_THING, NOW, "a/x node>n2"); /* moves */
    test_drop(st, 0, KIND_THING, NOW, "a/y");
    back = 0;
    assert_false(store_used_by_next(st, n1, &back, &from, &type));
    store_free(st);
}

/* Two clusters with the same names: a link stays in its own. */
static void test_links_stay_in_their_cluster(void **state)
{
    struct store *st = test_store(2);
    struct handle target, from;
    struct link link;
    enum link_type type;
    size_t at = 0;
    uint32_t back = 0;
    (void)state;
    uint16_t other = store_add_source(st, "vault", "vault", "vault", SOURCE_NONE);
    test_put(st, 0, KIND_THING, NOW, "a/x node>n1 owner>owner:a/o");
    test_put(st, 1, KIND_NODE, NOW, "n1");
    test_put(st, other, KIND_OWNER, NOW, "a/o");
    test_sync_all(st, NOW);
    struct handle x = test_find(st, 0, KIND_THING, "a/x");
    assert_true(store_link_next(st, x, &at, &link));
    assert_int_equal(store_follow(st, x, &link, &target), LINK_MISSING);
    assert_true(store_link_next(st, x, &at, &link));
    assert_int_equal(store_follow(st, x, &link, &target),
                     LINK_FOUND); /* a system of another sort */
    assert_false(store_used_by_next(st, test_find(st, 1, KIND_NODE, "n1"), &back, &from, &type));
    store_free(st);
}

/* What another sort of source knows lists who in the cluster leads there. */
static void test_links_lead_to_other_sorts(void **state)
{
    struct store *st = test_store(2);
    struct handle from;
    enum link_type type;
    uint32_t back = 0;
    (void)state;
    uint16_t other = store_add_source(st, "vault", "vault", "vault", SOURCE_NONE);
    test_put(st, 0, KIND_THING, NOW, "a/x owner>>owner:a/o");
    test_put(st, 1, KIND_THING, NOW, "a/x owner>>owner:a/o");
    test_put(st, other, KIND_THING, NOW, "a/y owner>>owner:a/o");
    test_put(st, other, KIND_OWNER, NOW, "a/o");
    test_settle(st, NOW);
    struct handle o = test_find(st, other, KIND_OWNER, "a/o");
    bool seen[3] = {false};
    while (store_used_by_next(st, o, &back, &from, &type))
        seen[store_row_source(st, from)] = true;
    assert_true(seen[0] && seen[1] && seen[other]);
    store_free(st);
}

/* A source that is let go takes its rows along, and no other's. */
static void test_a_dropped_source(void **state)
{
    struct store *st = test_store(2);
    struct handle row;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x node>n1");
    test_put(st, 1, KIND_THING, NOW, "a/x");
    test_put(st, 1, KIND_NODE, NOW, "n1");
    test_sync_all(st, NOW);
    uint64_t version = store_kind_version(st, KIND_THING);
    assert_int_equal(store_source_kind(st, 1, KIND_THING)->rows, 1);
    store_drop_source(st, 1);
    test_settle(st, NOW);
    assert_true(store_kind_version(st, KIND_THING) > version);
    assert_true(store_source(st, 1)->gone);
    assert_false(store_source_kind(st, 1, KIND_THING)->wanted);
    assert_true(store_find(st, 0, KIND_THING, SPAN("a/x"), &row));
    assert_false(store_find(st, 1, KIND_THING, SPAN("a/x"), &row));
    assert_int_equal(store_count(st, KIND_THING), 1);
    assert_int_equal(store_count(st, KIND_NODE), 0);
    assert_int_equal(store_source_kind(st, 0, KIND_THING)->rows, 1);
    assert_int_equal(store_source_kind(st, 1, KIND_THING)->rows, 0);
    assert_true(store_synced(st, KIND_THING)); /* the other has */
    assert_int_equal(store_add_source(st, "c", "test", "c", SOURCE_NONE), 2);
    assert_int_equal(store_add_source(st, "b", "test", "b", SOURCE_NONE), 1); /* is back */
    assert_false(store_source(st, 1)->gone);
    assert_int_equal(store_source(st, 1)->report.state, SOURCE_CONNECTING);
    test_put(st, 1, KIND_THING, NOW, "a/z");
    test_settle(st, NOW);
    assert_int_equal(store_count(st, KIND_THING), 2);
    store_free(st);
}

static void expect_folds(const struct store *st, int64_t things, int64_t sum, int64_t least,
                         int64_t most, int64_t worst, int64_t broken)
{
    struct handle n1 = test_find(st, 0, KIND_NODE, "n1");
    assert_int_equal(store_num(st, n1, NODE_THINGS, -1), things);
    assert_int_equal(store_num(st, n1, NODE_RESTARTS, -1), sum);
    assert_int_equal(store_num(st, n1, NODE_LEAST, -1), least);
    assert_int_equal(store_num(st, n1, NODE_MOST, -1), most);
    assert_int_equal(store_num(st, n1, NODE_WORST, -1), worst);
    assert_int_equal(store_num(st, n1, NODE_BROKEN, -1), broken);
}

static void test_folds(void **state)
{
    struct store *st = test_store(2);
    (void)state;
    test_put(st, 0, KIND_NODE, NOW, "n1");
    test_settle(st, NOW);
    expect_folds(st, 0, 0, -1, -1, -1, 0);
    test_put(st, 0, KIND_THING, NOW, "a/x restarts=3 node>n1");
    test_put(st, 0, KIND_THING, NOW, "a/y restarts=5 health=critical node>n1");
    test_put(st, 0, KIND_THING, NOW, "a/z node>n1");
    test_put(st, 0, KIND_THING, NOW, "a/w restarts=9 node>n2");
    test_put(st, 1, KIND_THING, NOW, "a/v restarts=9 node>n1");       /* another cluster's */
    test_put(st, 0, KIND_THING, NOW, "a/u restarts=9 owner>node:n1"); /* another link */
    test_settle(st, NOW);
    expect_folds(st, 3, 8, 3, 5, LEVEL_CRITICAL, 1);
    test_put(st, 0, KIND_NODE, NOW, "n1"); /* what sources say keeps the folds */
    expect_folds(st, 3, 8, 3, 5, LEVEL_CRITICAL, 1);
    test_put(st, 0, KIND_THING, NOW, "a/y restarts=1 node>n1");
    test_put(st, 0, KIND_THING, NOW, "a/x restarts=3 node>n2");
    test_settle(st, NOW);
    expect_folds(st, 2, 1, 1, 1, LEVEL_OK, 0);
    test_drop(st, 0, KIND_THING, NOW, "a/y");
    test_drop(st, 0, KIND_THING, NOW, "a/z");
    test_settle(st, NOW);
    expect_folds(st, 0, 0, -1, -1, -1, 0);
    store_free(st);
}

/* Things that come before their node, and sums that would overflow. */
static void test_folds_of_a_late_node(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x restarts=9223372036854774784 node>n1");
    test_put(st, 0, KIND_THING, NOW, "a/y restarts=9223372036854774784 node>n1");
    test_put(st, 0, KIND_NODE, NOW, "n1");
    test_settle(st, NOW);
    struct handle n1 = test_find(st, 0, KIND_NODE, "n1");
    assert_int_equal(store_num(st, n1, NODE_THINGS, -1), 2);
    assert_true(store_num(st, n1, NODE_RESTARTS, -1) == INT64_MAX);
    store_free(st);
}

/* Time is an input: a verdict turns at its `until`, neither before nor by itself. */
static void test_verdicts_until(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x until=-10m");
    test_settle(st, NOW);
    struct handle row = test_find(st, 0, KIND_THING, "a/x");
    assert_int_equal(store_next_turn(st), NOW + 600000);
    assert_int_equal(store_verdict(st, row).until_ms, NOW + 600000);
    test_settle(st, NOW + 599999);
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK);
    test_settle(st, NOW + 600000);
    assert_int_equal(store_verdict(st, row).level, LEVEL_CRITICAL);
    assert_int_equal(store_next_turn(st), TIME_FOREVER);
    test_put(st, 0, KIND_THING, NOW, "a/x until=-20m"); /* later after all */
    test_settle(st, NOW + 700000);
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK);
    test_put(st, 0, KIND_THING, NOW, "a/x until=-15m"); /* and earlier again */
    test_settle(st, NOW + 900000);
    assert_int_equal(store_verdict(st, row).level, LEVEL_CRITICAL);
    test_settle(st, NOW + 1200000);
    assert_int_equal(store_next_turn(st), TIME_FOREVER);
    store_free(st);
}

/* A row that changes often and is to be judged far ahead costs no more than one that
 * does not: memory does not grow with changes. */
static void test_timers_do_not_pile_up(void **state)
{
    struct store *st = test_store(1);
    char line[64];
    size_t before = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(line, sizeof(line), "a/x restarts=%d until=-%dd", i % 10, 30 + i % 3);
        test_put(st, 0, KIND_THING, NOW, line);
        test_settle(st, NOW);
        if (i == 1000)
            before = store_figures(st).bytes;
    }
    assert_int_equal(store_figures(st).bytes, before);
    store_free(st);
}

/* What the row says of its own: it was so before anybody looked. */
static void test_since_as_the_row_says(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x health=warning created=1m");
    test_put(st, 0, KIND_THING, NOW, "a/y health=warning created=-1m");
    test_put(st, 0, KIND_THING, NOW, "a/z created=1m");
    test_sync_all(st, NOW);
    assert_int_equal(store_level_since(st, test_find(st, 0, KIND_THING, "a/x")), NOW - 60000);
    assert_int_equal(store_level_since(st, test_find(st, 0, KIND_THING, "a/y")), TIME_NONE);
    assert_int_equal(store_level_since(st, test_find(st, 0, KIND_THING, "a/z")), TIME_NONE);
    store_free(st);
}

static void test_levels_and_since(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x health=warning");
    test_put(st, 0, KIND_THING, NOW, "a/y");
    test_sync_all(st, NOW);
    struct handle x = test_find(st, 0, KIND_THING, "a/x");
    struct handle y = test_find(st, 0, KIND_THING, "a/y");
    assert_int_equal(store_level_count(st, KIND_THING, LEVEL_WARNING), 1);
    assert_int_equal(store_level_count(st, KIND_THING, LEVEL_OK), 1);
    assert_int_equal(store_level_since(st, x), TIME_NONE); /* since before we looked */
    test_put(st, 0, KIND_THING, NOW + 1000, "a/y health=critical");
    test_settle(st, NOW + 1000);
    assert_int_equal(store_level_since(st, y), NOW + 1000);
    test_put(st, 0, KIND_THING, NOW + 2000, "a/y health=critical restarts=2");
    test_settle(st, NOW + 2000);
    assert_int_equal(store_level_since(st, y), NOW + 1000);
    test_drop(st, 0, KIND_THING, NOW + 3000, "a/x");
    assert_int_equal(store_level_count(st, KIND_THING, LEVEL_WARNING), 0);
    assert_int_equal(store_level_count(st, KIND_THING, LEVEL_CRITICAL), 1);
    store_free(st);
}

/* A row is judged again when what it is linked to comes, goes or is known to lack. */
static void test_verdicts_across_links(void **state)
{
    struct store *st = test_store(1);
    struct strbuf says = STRBUF_INIT(256);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x owner>>owner:a/o");
    test_settle(st, NOW);
    struct handle row = test_find(st, 0, KIND_THING, "a/x");
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK); /* not known to be missing */
    test_sync_all(st, NOW);
    assert_int_equal(store_verdict(st, row).level, LEVEL_WARNING);
    store_says(st, row, NOW, &says);
    assert_string_equal(strbuf_cstr(&says), "something is missing");
    test_put(st, 0, KIND_OWNER, NOW, "a/o");
    test_settle(st, NOW);
    assert_int_equal(store_verdict(st, row).level, LEVEL_OK);
    strbuf_truncate(&says, 0);
    store_says(st, row, NOW, &says);
    assert_int_equal(says.len, 0);
    test_drop(st, 0, KIND_OWNER, NOW, "a/o");
    test_settle(st, NOW);
    assert_int_equal(store_verdict(st, row).level, LEVEL_WARNING);
    strbuf_clear(&says);
    store_free(st);
}

static struct message *one_row(struct span key, struct span status, unsigned links, bool *ok)
{
    struct row_writer w;
    row_writer_init(&w, test_kinds.kinds[KIND_THING], (size_t)8 << 20);
    row_begin(&w, key);
    row_text(&w, COL_STATUS, status);
    for (unsigned i = 0; i < links; i++)
        row_link(&w, LINK_NODE, 0, "node", SPAN("n1"));
    *ok = row_end(&w);
    struct message *m = row_writer_take(&w, 0, KIND_THING);
    row_writer_clear(&w);
    return m;
}

/* What sources bring from outside: any size, any bytes. */
static void test_hostile_rows(void **state)
{
    struct store *st = test_store(1);
    char *big = malloc((size_t)3 << 20);
    struct handle row;
    size_t at = 0, links = 0;
    struct link link;
    bool ok;
    (void)state;
    assert_non_null(big);
    memset(big, 'x', (size_t)3 << 20);
    struct message *m = one_row(span_make(big, ROW_TEXT_MAX + 1), SPAN("s"), 0, &ok);
    assert_false(ok); /* such a key is no name */
    assert_null(m);
    memcpy(big + ROW_TEXT_MAX - 1, "\xc3\xa9", 2); /* a character across the limit */
    m = one_row(SPAN("a/big"), span_make(big, (size_t)3 << 20), 0, &ok);
    assert_true(ok);
    apply(st, m, NOW);
    struct span text = store_text(st, test_find(st, 0, KIND_THING, "a/big"), COL_STATUS);
    assert_int_equal(text.len, ROW_TEXT_MAX - 1);
    assert_true(utf8_valid(text));
    apply(st, one_row(SPAN("a/bad"), SPAN("\xff\xfe\xc3(\0!"), 0, &ok), NOW);
    text = store_text(st, test_find(st, 0, KIND_THING, "a/bad"), COL_STATUS);
    assert_true(utf8_valid(text));
    assert_int_equal(text.data[text.len - 1], '!');
    m = one_row(SPAN("a/\0\xff"), SPAN("s"), 1000, &ok); /* keys are raw bytes */
    apply(st, m, NOW);
    assert_true(store_find(st, 0, KIND_THING, SPAN("a/\0\xff"), &row));
    while (store_link_next(st, row, &at, &link))
        links++;
    assert_int_equal(links, ROW_LINKS_MAX);
    apply(st, one_row(SPAN(""), SPAN("no name"), 0, &ok), NOW);
    assert_true(store_find(st, 0, KIND_THING, SPAN(""), &row));
    test_settle(st, NOW);
    free(big);
    store_free(st);
}

/* A row over the limit is refused whole; those before and after it stay. */
static void test_a_row_too_big(void **state)
{
    struct row_writer w;
    struct store *st = test_store(1);
    char *text = malloc(ROW_TEXT_MAX);
    (void)state;
    assert_non_null(text);
    memset(text, 'x', ROW_TEXT_MAX);
    row_writer_init(&w, test_kinds.kinds[KIND_THING], (size_t)8 << 20);
    row_begin(&w, SPAN("a/before"));
    assert_true(row_end(&w));
    row_begin(&w, SPAN("a/big"));
    for (int i = 0; i < 20; i++)
        row_text(&w, COL_STATUS, span_make(text, ROW_TEXT_MAX));
    assert_false(row_end(&w));
    row_begin(&w, SPAN("a/after"));
    assert_true(row_end(&w));
    struct message *m = row_writer_take(&w, 0, KIND_THING);
    assert_int_equal(m->rows, 2);
    apply(st, m, NOW);
    assert_int_equal(store_count(st, KIND_THING), 2);
    (void)test_find(st, 0, KIND_THING, "a/after");
    row_writer_clear(&w);
    free(text);
    store_free(st);
}

static void test_extreme_numbers(void **state)
{
    static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX - 1, INT64_MAX};
    struct store *st = test_store(1);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(extremes); i++) {
        struct row_writer w;
        struct strbuf out = STRBUF_INIT(4096);
        row_writer_init(&w, test_kinds.kinds[KIND_THING], (size_t)1 << 20);
        row_begin(&w, SPAN("a/x"));
        row_num(&w, COL_RESTARTS, extremes[i]);
        row_num(&w, COL_CREATED, extremes[i]);
        row_num(&w, COL_TOOK, extremes[i]);
        row_quantity(&w, COL_CPU, extremes[i], SPAN(""));
        assert_true(row_end(&w));
        apply(st, row_writer_take(&w, 0, KIND_THING), NOW);
        row_writer_clear(&w);
        test_settle(st, NOW);
        struct handle row = test_find(st, 0, KIND_THING, "a/x");
        assert_true(store_num(st, row, COL_RESTARTS, 7) == extremes[i]);
        assert_true(store_cell(st, row, COL_AGE, NOW).num >= 0);
        for (size_t c = 0; c < test_kinds.kinds[KIND_THING]->ncolumns; c++) {
            struct value v = store_cell(st, row, c, NOW);
            value_format(&v, &out);
        }
        assert_true(out.len > 0 && !out.failed);
        strbuf_clear(&out);
    }
    store_free(st);
}

/* Messages that make no sense are passed over. */
static void test_senseless_messages(void **state)
{
    struct store *st = test_store(1);
    bool ok;
    (void)state;
    for (int type = MESSAGE_BATCH; type <= MESSAGE_LINES; type++) {
        apply(st, message_new((enum message_type)type, 99, KIND_THING), NOW);
        apply(st, message_new((enum message_type)type, 0, 999), NOW);
        apply(st, message_new((enum message_type)type, 0, KIND_NONE), NOW);
    }
    struct message *m = one_row(SPAN("a/x"), SPAN("s"), 0, &ok);
    m->source = 7;
    apply(st, m, NOW);
    test_drop(st, 0, KIND_THING, NOW, "a/never-was");
    assert_int_equal(store_count(st, KIND_THING), 0);
    test_settle(st, NOW);
    store_free(st);
}

/* The n-th allocation fails: the put says so, what was there stays, and once there is
 * memory again the same put works. */
static void test_no_memory(void **state)
{
    (void)state;
    for (long n = 1; n < 40; n++) {
        struct store *st = test_store(1);
        struct err err = {.msg = ""};
        bool ok;
        test_put(st, 0, KIND_THING, NOW, "a/old status=1");
        struct message *m = one_row(SPAN("a/new"), SPAN("a text not yet there"), 8, &ok);
        alloc_fail_at(n);
        bool applied = store_apply(st, m, NOW, &err);
        alloc_fail_at(0);
        assert_true(applied || err.kind == ERR_NOMEM);
        assert_true(store_apply(st, m, NOW, &err));
        message_free(m);
        test_settle(st, NOW);
        struct handle row = test_find(st, 0, KIND_THING, "a/new");
        assert_true(span_is(store_text(st, row, COL_STATUS), "a text not yet there"));
        assert_true(
            span_is(store_text(st, test_find(st, 0, KIND_THING, "a/old"), COL_STATUS), "1"));
        store_free(st);
    }
    for (long n = 1; n < 40; n++) {
        alloc_fail_at(n);
        struct store *st = store_new(&test_kinds);
        alloc_fail_at(0);
        store_free(st);
    }
}

/* Texts nobody holds any more give their memory back. */
static void test_memory_comes_back(void **state)
{
    struct store *st = test_store(1);
    struct strbuf line = STRBUF_INIT(8192);
    size_t empty = store_figures(st).texts, peak = 0;
    int64_t now = NOW;
    (void)state;
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 200; i++) {
            strbuf_truncate(&line, 0);
            strbuf_addf(&line, "a/x%d status=%d-%d-", i, round, i);
            strbuf_fill(&line, 'y', 200);
            test_put(st, 0, KIND_THING, now, strbuf_cstr(&line));
        }
        test_settle(st, now);
        if (round == 20)
            peak = store_figures(st).text_bytes;
    }
    assert_true(store_figures(st).text_bytes <= peak * 3 / 2);
    test_sync_begin(st, 0, KIND_THING, now);
    test_sync_end(st, 0, KIND_THING, now, true);
    now += 60000;
    test_settle(st, now);
    assert_int_equal(store_count(st, KIND_THING), 0);
    assert_int_equal(store_figures(st).texts, empty);
    strbuf_clear(&line);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_comes_back),
        cmocka_unit_test(test_a_cell_not_sent_again_is_absent),
        cmocka_unit_test(test_texts_that_are_not_shared),
        cmocka_unit_test(test_an_equal_put_changes_nothing),
        cmocka_unit_test(test_rows_of_two_sources_are_two),
        cmocka_unit_test(test_handles_of_gone_rows),
        cmocka_unit_test(test_generations_do_not_wrap),
        cmocka_unit_test(test_a_gone_row_beside_its_successor),
        cmocka_unit_test(test_a_whole_picture_sweeps),
        cmocka_unit_test(test_a_partial_picture_sweeps_nothing),
        cmocka_unit_test(test_the_end_of_an_older_picture),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_states_of_sources),
        cmocka_unit_test(test_links_both_ways),
        cmocka_unit_test(test_links_stay_in_their_cluster),
        cmocka_unit_test(test_links_lead_to_other_sorts),
        cmocka_unit_test(test_a_dropped_source),
        cmocka_unit_test(test_folds),
        cmocka_unit_test(test_folds_of_a_late_node),
        cmocka_unit_test(test_verdicts_until),
        cmocka_unit_test(test_timers_do_not_pile_up),
        cmocka_unit_test(test_levels_and_since),
        cmocka_unit_test(test_since_as_the_row_says),
        cmocka_unit_test(test_verdicts_across_links),
        cmocka_unit_test(test_hostile_rows),
        cmocka_unit_test(test_a_row_too_big),
        cmocka_unit_test(test_extreme_numbers),
        cmocka_unit_test(test_senseless_messages),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_memory_comes_back),
    };
    return cmocka_run_group_tests_name("model store", tests, NULL, NULL);
}
