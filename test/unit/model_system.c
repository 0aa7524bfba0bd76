/* Systems: the worst of rows and sources, in a sentence. */
#include <config.h>

#include "base/utf8.h"
#include "model/system.h"
#include "test/unit/model_test.h"

#include <stdio.h>
#include <string.h>

static void count_things(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    (void)now_ms;
    strbuf_addf(system_part(parts), "%zu things", store_count(st, KIND_THING));
}

static void say_nothing(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    (void)st;
    (void)now_ms;
    (void)parts;
}

static const struct system systems[] = {
    {"work", "Work", "", {"thing", "owner"}, count_things},
    {"hosts", "Hosts", "", {"node"}, say_nothing},
    {"never", "Never", "", {"nothing"}, say_nothing},
};
static const struct system_list list = {systems, BN_COUNT(systems)};

static struct system_state judge(const struct store *st, int64_t now_ms)
{
    struct system_state s;
    system_judge(st, &systems[0], now_ms, &s);
    return s;
}

static void expect(const struct store *st, int64_t now_ms, enum level level, const char *says)
{
    struct system_state s = judge(st, now_ms);
    assert_string_equal(s.says, says);
    assert_int_equal(s.level, level);
}

static void test_worst_row_decides(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_all(st, NOW);
    expect(st, NOW, LEVEL_OK, "1 things");
    test_put(st, 0, KIND_THING, NOW, "a/look health=notice status=Hm");
    test_settle(st, NOW);
    expect(st, NOW, LEVEL_OK, "2 things"); /* worth a look is not bad */
    test_put(st, 0, KIND_THING, NOW + 1, "a/warm health=warning status=Warm");
    test_settle(st, NOW + 1);
    expect(st, NOW + 1, LEVEL_WARNING, "3 things; warm: Warm");
    test_put(st, 0, KIND_THING, NOW + 2, "a/hot health=critical status=Hot");
    test_settle(st, NOW + 2);
    expect(st, NOW + 2, LEVEL_CRITICAL, "4 things; hot: Hot");
    struct system_state s = judge(st, NOW + 2);
    assert_int_equal(s.rows, 4);
    assert_int_equal(s.bad, 2);
    assert_int_equal(s.since_ms, NOW + 2);
    assert_false(s.stale);
    assert_true(s.has_worst && handle_equal(s.worst, test_find(st, 0, KIND_THING, "a/hot")));
    test_drop(st, 0, KIND_THING, NOW + 3, "a/hot");
    test_drop(st, 0, KIND_THING, NOW + 3, "a/warm");
    test_settle(st, NOW + 3);
    expect(st, NOW + 3, LEVEL_OK, "2 things");
    store_free(st);
}

/* In whatever order they came; what has been so since before it was looked at gives way to what is
 * new. */
static void test_of_equal_rows_the_newest_is_named(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/old health=critical status=Old");
    test_put(st, 0, KIND_THING, NOW, "a/known health=critical status=Known");
    test_put(st, 0, KIND_THING, NOW, "a/z");
    test_put(st, 0, KIND_THING, NOW, "a/y");
    test_put(st, 0, KIND_THING, NOW, "a/x");
    test_sync_all(st, NOW);
    test_settle(st, NOW);
    expect(st, NOW, LEVEL_CRITICAL, "5 things; known: Known");
    test_put(st, 0, KIND_THING, NOW + 1, "a/z health=critical status=Bad");
    test_put(st, 0, KIND_THING, NOW + 1, "a/y health=critical status=Bad");
    test_settle(st, NOW + 1);
    expect(st, NOW + 1, LEVEL_CRITICAL, "5 things; y: Bad");
    test_put(st, 0, KIND_THING, NOW + 2, "a/x health=critical status=Last");
    test_settle(st, NOW + 2);
    expect(st, NOW + 2, LEVEL_CRITICAL, "5 things; x: Last");
    store_free(st);
}

/* Nothing there is off, not well; nothing heard yet is on its way. */
static void test_never_well_by_absence(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    for (uint16_t k = 0; k < 3; k++)
        test_state(st, 0, k, NOW, SOURCE_CONNECTING, NULL);
    struct system_state s = judge(st, NOW);
    assert_true(s.loading);
    assert_int_equal(s.level, LEVEL_PROGRESS);
    assert_string_equal(s.says, "loading");
    test_sync_all(st, NOW);
    expect(st, NOW, LEVEL_OFF, "0 things");
    assert_false(judge(st, NOW).loading);
    struct system_state never;
    system_judge(st, &systems[2], NOW, &never);
    assert_int_equal(never.level, LEVEL_OFF);
    assert_string_equal(never.says, "");
    store_free(st);
}

static void test_a_source_that_is_away(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_all(st, NOW);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FAILING, "connection refused");
    expect(st, NOW + 240000, LEVEL_UNKNOWN, "unknown, was ok 4m ago: a failing");
    assert_true(judge(st, NOW).stale);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    test_put(st, 0, KIND_THING, NOW, "a/hot health=critical status=Hot");
    test_settle(st, NOW);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_STALE, NULL);
    expect(st, NOW + 60000, LEVEL_UNKNOWN, "unknown, was critical 1m ago: a stale");
    test_state(st, 0, KIND_NONE, NOW + 60000, SOURCE_FRESH, NULL);
    expect(st, NOW + 60000, LEVEL_CRITICAL, "2 things; hot: Hot");
    store_free(st);
}

/* One kind that may not be read is enough not to know; why is said. */
static void test_a_kind_that_is_denied(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_all(st, NOW);
    test_state(st, 0, KIND_OWNER, NOW, SOURCE_DENIED, "may not list owners");
    expect(st, NOW, LEVEL_UNKNOWN, "unknown: may not list owners");
    store_set_wanted(st, 0, KIND_OWNER, false);
    expect(st, NOW, LEVEL_UNKNOWN, "unknown: may not list owners"); /* it was seen before */
    store_free(st);
}

/* Who sees a cluster in part is told so wherever it says that all is well, or that there is nothing. */
static void test_a_source_that_sees_in_part(void **state)
{
    struct store *st = test_store(1);
    struct message *m = message_new(MESSAGE_STATE, 0, KIND_NONE);
    struct system_state s;
    struct err err;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_all(st, NOW);
    assert_non_null(m);
    m->report.state = SOURCE_PARTIAL;
    m->report.proof_ms = NOW;
    (void)snprintf(m->report.note, sizeof(m->report.note), "1 namespace, 15 denied");
    assert_true(store_apply(st, m, NOW, &err));
    message_free(m);
    expect(st, NOW, LEVEL_OK, "1 things (1 namespace, 15 denied)");
    system_judge(st, &systems[2], NOW, &s);
    assert_string_equal(s.says, "(1 namespace, 15 denied)");
    assert_int_equal(s.level, LEVEL_OFF);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    expect(st, NOW, LEVEL_OK, "1 things");
    store_free(st);
}

/* What few may read is missed by nobody: its own rows are not known, the rest is. */
static void test_a_kind_that_few_may_read(void **state)
{
    struct kind guarded = *test_kinds.kinds[KIND_OWNER];
    const struct kind *kinds[] = {test_kinds.kinds[KIND_THING], test_kinds.kinds[KIND_NODE],
                                  test_kinds.kinds[KIND_OWNER]};
    struct kind_list those = {kinds, BN_COUNT(kinds)};
    (void)state;
    guarded.guarded = true;
    kinds[KIND_OWNER] = &guarded;
    struct store *st = store_new(&those);
    (void)store_add_source(st, "a", "test", "a", SOURCE_NONE);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    store_set_wanted(st, 0, KIND_THING, true);
    store_set_wanted(st, 0, KIND_OWNER, true);
    test_sync_begin(st, 0, KIND_THING, NOW);
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_end(st, 0, KIND_THING, NOW, true);
    test_state(st, 0, KIND_OWNER, NOW, SOURCE_DENIED, "may not list owners");
    test_settle(st, NOW);
    expect(st, NOW, LEVEL_OK, "1 things");
    test_state(st, 0, KIND_OWNER, NOW, SOURCE_FAILING, "500"); /* that is trouble */
    expect(st, NOW, LEVEL_UNKNOWN, "unknown: 500");
    store_free(st);
}

/* What another source says beside them is no trouble either, whatever becomes of it; its rows count. */
static void test_a_kind_that_stands_beside(void **state)
{
    struct kind beside = *test_kinds.kinds[KIND_OWNER];
    const struct kind *kinds[] = {test_kinds.kinds[KIND_THING], test_kinds.kinds[KIND_NODE],
                                  test_kinds.kinds[KIND_OWNER]};
    struct kind_list those = {kinds, BN_COUNT(kinds)};
    (void)state;
    beside.beside = true;
    kinds[KIND_OWNER] = &beside;
    struct store *st = store_new(&those);
    (void)store_add_source(st, "a", "test", "a", SOURCE_NONE);
    (void)store_add_source(st, "b", "test", "a", 0);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    store_set_wanted(st, 0, KIND_THING, true);
    store_set_wanted(st, 1, KIND_OWNER, true);
    test_sync_begin(st, 0, KIND_THING, NOW);
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_end(st, 0, KIND_THING, NOW, true);
    test_settle(st, NOW);
    expect(st, NOW, LEVEL_OK, "1 things"); /* nothing is waited for */
    test_state(st, 1, KIND_OWNER, NOW, SOURCE_FAILING, "500");
    expect(st, NOW, LEVEL_OK, "1 things");
    test_state(st, 1, KIND_NONE, NOW, SOURCE_FAILING, "no way there");
    expect(st, NOW, LEVEL_OK, "1 things");
    test_state(st, 0, KIND_THING, NOW, SOURCE_FAILING, "500");
    expect(st, NOW, LEVEL_UNKNOWN, "unknown: 500");
    store_free(st);
}

/* Two clusters: one away does not hide what is known to be bad in the other. */
static void test_one_of_two_is_away(void **state)
{
    struct store *st = test_store(2);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/gone-bad health=critical status=Old");
    test_put(st, 1, KIND_THING, NOW, "a/warm health=warning status=Warm");
    test_sync_all(st, NOW);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FAILING, "no route");
    expect(st, NOW, LEVEL_WARNING, "warm: Warm; a failing");
    struct system_state s = judge(st, NOW);
    assert_true(s.stale);
    assert_true(handle_equal(s.worst, test_find(st, 1, KIND_THING, "a/warm")));
    test_put(st, 1, KIND_THING, NOW, "a/warm status=Cold");
    test_settle(st, NOW);
    assert_int_equal(judge(st, NOW).level, LEVEL_UNKNOWN);
    store_free(st);
}

static const struct system apart[] = {
    {"things", "Things", "", {"thing"}, say_nothing},
    {"owners", "Owners", "", {"owner"}, say_nothing},
    {"hosts", "Hosts", "", {"node"}, NULL},
};

static uint16_t who_is_away(const struct store *st, struct system_state all[BN_COUNT(apart)],
                            bool *alone)
{
    for (size_t i = 0; i < BN_COUNT(apart); i++)
        system_judge(st, &apart[i], NOW, &all[i]);
    return system_away(st, all, BN_COUNT(apart), alone);
}

/* What waits for the cluster is told in one line; what is asked elsewhere stands beside it. */
static void test_those_that_wait_for_one_source(void **state)
{
    struct store *st = test_store(2);
    struct system_state all[BN_COUNT(apart)];
    bool alone;
    (void)state;
    uint16_t child = store_add_source(st, "child", "x", "c", 0);
    store_set_wanted(st, child, KIND_OWNER, true);
    test_sync_end(st, child, KIND_OWNER, NOW, true);
    store_set_wanted(st, 0, KIND_OWNER, false);
    store_set_wanted(st, 0, KIND_NODE, false);
    test_sync_end(st, 0, KIND_THING, NOW, true);
    store_set_wanted(st, 1, KIND_THING, false);
    store_set_wanted(st, 1, KIND_OWNER, false);
    test_put(st, 1, KIND_NODE, NOW, "n1");
    test_sync_end(st, 1, KIND_NODE, NOW, true);
    test_settle(st, NOW);
    assert_int_equal(who_is_away(st, all, &alone), SOURCE_NONE);
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FAILING, "no route");
    assert_int_equal(who_is_away(st, all, &alone), SOURCE_NONE); /* one line would save nothing */
    assert_int_equal(all[0].away, 0);
    test_state(st, child, KIND_NONE, NOW, SOURCE_FAILING, "no way there");
    assert_int_equal(who_is_away(st, all, &alone), 0);
    assert_false(alone);
    assert_int_equal(all[1].away, 0); /* it is reached through the one that is away */
    assert_int_equal(all[2].away, SOURCE_NONE);
    assert_string_equal(all[2].says, "1 node");
    test_state(st, 1, KIND_NONE, NOW, SOURCE_STALE, NULL);
    assert_int_equal(who_is_away(st, all, &alone), 0);
    assert_int_equal(all[2].away, 1);
    test_drop(st, 1, KIND_NODE, NOW, "n1");
    test_state(st, 0, KIND_NONE, NOW, SOURCE_FRESH, NULL);
    assert_int_equal(who_is_away(st, all, &alone), SOURCE_NONE);
    assert_int_equal(all[1].away, child);
    store_free(st);
}

/* A system without a sentence of its own says how many of its rows are well. */
static void test_counts_what_is_well(void **state)
{
    static const struct system plain = {"things", "Things", "", {"thing"}, NULL};
    struct store *st = test_store(1);
    struct system_state s;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_put(st, 0, KIND_THING, NOW, "a/hot health=critical status=Hot");
    test_sync_all(st, NOW);
    system_judge(st, &plain, NOW, &s);
    assert_string_equal(s.says, "1/2 things; hot: Hot");
    store_free(st);
}

/* A part may have a comma of its own. */
static void say_three_counts(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    (void)st;
    (void)now_ms;
    strbuf_adds(system_part(parts), "1/2 well, or so");
    strbuf_adds(system_part(parts), "3 kept");
    strbuf_adds(system_part(parts), "next in 4h");
}

/* What is wrong stands behind the first count, before the others, which a narrow terminal cuts off. */
static void test_what_is_wrong_comes_before_other_counts(void **state)
{
    static const struct system three = {"things", "Things", "", {"thing"}, say_three_counts};
    struct store *st = test_store(1);
    struct system_state s;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/hot health=ok");
    test_sync_all(st, NOW);
    system_judge(st, &three, NOW, &s);
    assert_string_equal(s.says, "1/2 well, or so, 3 kept, next in 4h");
    test_put(st, 0, KIND_THING, NOW, "a/hot health=critical status=Hot");
    test_sync_all(st, NOW);
    system_judge(st, &three, NOW, &s);
    assert_string_equal(s.says, "1/2 well, or so; hot: Hot; 3 kept, next in 4h");
    store_free(st);
}

static void test_all_worst_first(void **state)
{
    struct store *st = test_store(1);
    struct system_state all[BN_COUNT(systems)];
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/fine");
    test_sync_all(st, NOW);
    system_judge_all(st, &list, NOW, all);
    assert_string_equal(all[0].system->name, "work");
    assert_string_equal(all[1].system->name, "hosts"); /* equal ones as in the list */
    assert_string_equal(all[2].system->name, "never");
    test_state(st, 0, KIND_NODE, NOW, SOURCE_DENIED, "no");
    system_judge_all(st, &list, NOW, all);
    assert_string_equal(all[0].system->name, "hosts");
    assert_int_equal(all[0].level, LEVEL_UNKNOWN);
    assert_string_equal(all[1].system->name, "work");
    store_free(st);
}

/* Two bytes a character, so that one of two starts is cut in the middle of one. */
static void say_too_much(const struct store *st, int64_t now_ms, struct system_parts *parts)
{
    struct strbuf *out = system_part(parts);
    (void)st;
    strbuf_adds(out, now_ms == NOW ? "y" : "yy");
    for (int i = 0; i < 200; i++)
        strbuf_adds(out, "ж");
}

/* A sentence that is too long ends between two characters. */
static void test_long_sentences_are_cut(void **state)
{
    static const struct system talker = {"talker", "Talker", "", {"thing"}, say_too_much};
    struct store *st = test_store(1);
    struct system_state s;
    (void)state;
    test_sync_all(st, NOW);
    for (int round = 0; round < 2; round++) {
        system_judge(st, &talker, NOW + round, &s);
        assert_in_range(strlen(s.says), sizeof(s.says) - 3, sizeof(s.says) - 1);
        assert_true(utf8_valid(span_from(s.says)));
    }
    store_free(st);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worst_row_decides),
        cmocka_unit_test(test_of_equal_rows_the_newest_is_named),
        cmocka_unit_test(test_never_well_by_absence),
        cmocka_unit_test(test_a_source_that_is_away),
        cmocka_unit_test(test_a_kind_that_is_denied),
        cmocka_unit_test(test_a_source_that_sees_in_part),
        cmocka_unit_test(test_a_kind_that_few_may_read),
        cmocka_unit_test(test_a_kind_that_stands_beside),
        cmocka_unit_test(test_one_of_two_is_away),
        cmocka_unit_test(test_those_that_wait_for_one_source),
        cmocka_unit_test(test_counts_what_is_well),
        cmocka_unit_test(test_what_is_wrong_comes_before_other_counts),
        cmocka_unit_test(test_all_worst_first),
        cmocka_unit_test(test_long_sentences_are_cut),
    };
    return cmocka_run_group_tests_name("model system", tests, NULL, NULL);
}
