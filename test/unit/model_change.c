/* The ring of changes: what is told, in which words, how long, under which owner. */
#include <config.h>

#include "base/utf8.h"
#include "model/change.h"
#include "test/unit/model_test.h"

#include <stdio.h>

static struct change last(const struct store *st)
{
    struct change c;
    assert_true(change_get(st, change_last(st), &c));
    return c;
}

static void test_silent_until_seen_whole(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x status=one");
    test_put(st, 0, KIND_THING, NOW, "a/x status=two health=critical");
    test_put(st, 0, KIND_THING, NOW, "a/y status=one");
    test_drop(st, 0, KIND_THING, NOW, "a/y");
    test_settle(st, NOW);
    test_sync_all(st, NOW);
    assert_int_equal(change_last(st), 0);
    assert_int_equal(change_first(st), 0);
    assert_int_equal(change_of_row(st, test_find(st, 0, KIND_THING, "a/x")), TIME_NONE);
    test_put(st, 0, KIND_THING, NOW + 1, "a/x status=three health=critical");
    assert_int_equal(change_last(st), 1);
    store_free(st);
}

static void test_what_is_told(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x status=one restarts=1 cpu=250m node>n1");
    test_sync_all(st, NOW);
    test_put(st, 0, KIND_THING, NOW + 1, "a/x status=one restarts=1 cpu=250m disk=5 node>n2");
    test_settle(st, NOW + 1);
    assert_int_equal(change_last(st), 0); /* not notable */
    test_put(st, 0, KIND_THING, NOW + 2, "a/x status=two restarts=1 cpu=250m disk=5");
    struct change c = last(st);
    assert_int_equal(c.seq, 1);
    assert_int_equal(c.what, CHANGE_CELL);
    assert_int_equal(c.column, COL_STATUS);
    assert_int_equal(c.wall_ms, NOW + 2);
    assert_true(span_is(c.key, "a/x"));
    assert_true(span_is(c.before.text, "one") && span_is(c.after.text, "two"));
    assert_int_equal(c.source, 0);
    assert_int_equal(c.kind, KIND_THING);
    test_put(st, 0, KIND_THING, NOW + 3, "a/x status=two cpu=1");
    assert_int_equal(change_last(st), 3); /* two columns, two changes */
    c = last(st);
    assert_int_equal(c.column, COL_CPU);
    assert_int_equal(c.before.num, 250);
    assert_true(span_is(c.before.text, "250m") && span_is(c.after.text, "1"));
    assert_true(change_get(st, 2, &c));
    assert_int_equal(c.before.num, 1);
    assert_int_equal(c.after.type, VALUE_ABSENT);
    test_put(st, 0, KIND_THING, NOW + 4, "a/y");
    assert_int_equal(last(st).what, CHANGE_NEW);
    test_drop(st, 0, KIND_THING, NOW + 5, "a/y");
    c = last(st);
    assert_int_equal(c.what, CHANGE_GONE);
    test_settle(st, NOW + 60005);
    c = last(st);
    assert_true(span_is(c.key, "a/y")); /* told long after the row is forgotten */
    assert_false(store_alive(st, c.row));
    store_free(st);
}

static void test_levels_are_told(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x");
    test_sync_all(st, NOW);
    test_put(st, 0, KIND_THING, NOW + 1, "a/x health=notice");
    test_settle(st, NOW + 1);
    assert_int_equal(change_last(st), 0); /* nobody need know */
    test_put(st, 0, KIND_THING, NOW + 2, "a/x health=critical");
    test_settle(st, NOW + 2);
    struct change c = last(st);
    assert_int_equal(c.what, CHANGE_LEVEL);
    assert_int_equal(c.before.num, LEVEL_NOTICE);
    assert_int_equal(c.after.num, LEVEL_CRITICAL);
    test_put(st, 0, KIND_THING, NOW + 3, "a/x");
    test_settle(st, NOW + 3);
    c = last(st);
    assert_int_equal(c.after.num, LEVEL_OK); /* well again is news */
    assert_int_equal(change_of_row(st, test_find(st, 0, KIND_THING, "a/x")), NOW + 3);
    store_free(st);
}

/* The ring keeps the last 10,000 and lets go of the texts of older ones. */
static void test_the_ring_is_bounded(void **state)
{
    struct store *st = test_store(1);
    struct change c;
    char line[64];
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x status=first");
    test_sync_all(st, NOW);
    for (int i = 1; i <= CHANGE_RING + 500; i++) {
        (void)snprintf(line, sizeof(line), "a/x status=s%d", i);
        test_put(st, 0, KIND_THING, NOW + i, line);
    }
    assert_int_equal(change_last(st), CHANGE_RING + 500);
    assert_int_equal(change_first(st), 501);
    assert_false(change_get(st, 500, &c));
    assert_false(change_get(st, 0, &c));
    assert_false(change_get(st, CHANGE_RING + 501, &c));
    for (uint64_t seq = 501; seq <= CHANGE_RING + 500; seq++) {
        assert_true(change_get(st, seq, &c));
        (void)snprintf(line, sizeof(line), "s%llu", (unsigned long long)seq);
        assert_true(span_is(c.after.text, line));
        assert_int_equal(c.wall_ms, NOW + (int64_t)seq);
    }
    assert_true(store_figures(st).texts < CHANGE_RING + 50);
    store_free(st);
}

/* Changes are folded by who owns the row at last; a circle ends. */
static void test_owners(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x owner>thing:a/set");
    test_put(st, 0, KIND_THING, NOW, "a/set owner>owner:a/app");
    struct handle x = test_find(st, 0, KIND_THING, "a/x");
    struct handle set = test_find(st, 0, KIND_THING, "a/set");
    assert_true(handle_equal(change_owner(st, x), set)); /* as far as is known */
    test_put(st, 0, KIND_OWNER, NOW, "a/app");
    struct handle app = test_find(st, 0, KIND_OWNER, "a/app");
    assert_true(handle_equal(change_owner(st, x), app));
    assert_true(handle_equal(change_owner(st, set), app));
    assert_true(handle_equal(change_owner(st, app), app));
    test_put(st, 0, KIND_THING, NOW, "a/one owner>thing:a/two");
    test_put(st, 0, KIND_THING, NOW, "a/two owner>thing:a/one");
    struct handle one = test_find(st, 0, KIND_THING, "a/one");
    (void)change_owner(st, one);
    store_free(st);
}

static void test_counts_of_folds_are_told(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_NODE, NOW, "n1");
    test_put(st, 0, KIND_THING, NOW, "a/x node>n1");
    test_sync_all(st, NOW);
    test_put(st, 0, KIND_THING, NOW + 1, "a/x health=critical node>n1");
    test_settle(st, NOW + 1);
    struct change c = last(st);
    assert_int_equal(c.kind, KIND_NODE);
    assert_int_equal(c.column, NODE_BROKEN);
    assert_int_equal(c.before.num, 0);
    assert_int_equal(c.after.num, 1);
    store_free(st);
}

/* A long text is kept in part, and the part is text. */
static void test_long_texts_are_cut(void **state)
{
    struct store *st = test_store(1);
    struct row_writer w;
    struct strbuf text = STRBUF_INIT(4096);
    struct err err;
    (void)state;
    strbuf_adds(&text, "y");
    for (int i = 0; i < 600; i++)
        strbuf_adds(&text, "\xd0\xb6");
    test_put(st, 0, KIND_THING, NOW, "a/x status=short");
    test_sync_all(st, NOW);
    row_writer_init(&w, test_kinds.kinds[KIND_THING], (size_t)1 << 20);
    row_begin(&w, SPAN("a/x"));
    row_text(&w, COL_STATUS, strbuf_span(&text));
    assert_true(row_end(&w));
    struct message *m = row_writer_take(&w, 0, KIND_THING);
    assert_true(store_apply(st, m, NOW, &err));
    message_free(m);
    row_writer_clear(&w);
    struct span after = last(st).after.text;
    assert_true(after.len > 500 && after.len < 600 && utf8_valid(after));
    strbuf_clear(&text);
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silent_until_seen_whole),
        cmocka_unit_test(test_what_is_told),
        cmocka_unit_test(test_levels_are_told),
        cmocka_unit_test(test_the_ring_is_bounded),
        cmocka_unit_test(test_owners),
        cmocka_unit_test(test_counts_of_folds_are_told),
        cmocka_unit_test(test_long_texts_are_cut),
    };
    return cmocka_run_group_tests_name("model change", tests, NULL, NULL);
}
