/* Views: in order, filtered, kept up by changes, rebuilt in slices while the old order
 * stays; and always what one made from nothing shows. */
#include <config.h>

#include "base/alloc.h"
#include "model/view_impl.h"
#include "test/unit/model_test.h"

#include <stdio.h>

static struct view_spec spec_of(const char *sort, const char *filter)
{
    struct view_spec spec = {.filter = span_from(filter), .namespaces = {"", 0}};
    struct err err = {.msg = ""};
    if (!view_parse_sort(test_kinds.kinds[KIND_THING], span_from(sort), &spec, &err))
        fail_msg("%s", err.msg);
    return spec;
}

static void set(struct view *v, const struct view_spec *spec)
{
    struct err err = {.msg = ""};
    if (!view_set(v, spec, false, &err))
        fail_msg("%s", err.msg);
}

static struct view *view_of(struct store *st, const char *sort, const char *filter, int64_t now)
{
    struct view *v = view_new(st, KIND_THING);
    struct view_spec spec = spec_of(sort, filter);
    assert_non_null(v);
    assert_int_equal(view_count(v), 0);
    assert_true(view_pending(v));
    set(v, &spec);
    view_finish(v, now);
    return v;
}

/* Names of the rows in order, a blank between. */
static void expect_names(struct view *v, const char *wanted)
{
    struct strbuf out = STRBUF_INIT(4096);
    for (size_t i = 0; i < view_count(v); i++) {
        struct span name = store_text(v->store, view_at(v, i), COL_NAME);
        strbuf_addf(&out, "%s%.*s", i ? " " : "", SPAN_ARG(name));
    }
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
}

/* What the view shows is what one made anew shows, and every row is found at its place. */
static void expect_as_new(struct view *v, int64_t now_ms)
{
    struct view *fresh = view_new(v->store, KIND_THING);
    struct view_spec spec = v->spec;
    set(fresh, &spec);
    view_finish(fresh, now_ms);
    assert_int_equal(view_count(v), view_count(fresh));
    for (size_t i = 0; i < view_count(v); i++) {
        size_t at = SIZE_MAX;
        assert_true(handle_equal(view_at(v, i), view_at(fresh, i)));
        assert_true(view_find(v, view_at(v, i), &at));
        assert_int_equal(at, i);
    }
    view_free(fresh);
}

static void put_some(struct store *st, unsigned from, unsigned count)
{
    char line[128];
    for (unsigned i = from; i < from + count; i++) {
        unsigned h = i * 2654435761u >> 8;
        (void)snprintf(line, sizeof(line), "ns%u/x%u-%u restarts=%u node=n%u created=%us", h % 7,
                       h % 1000, i, h % 50, h % 13, h % 100000);
        test_put(st, 0, KIND_THING, NOW, line);
    }
}

static void test_orders(void **state)
{
    static const struct {
        const char *sort, *names;
    } cases[] = {
        {"name", "alpha Beta delta gamma"},      /* case is folded */
        {"restarts", "gamma Beta alpha delta"},  /* ties go by the key's bytes */
        {"restarts!", "Beta alpha gamma delta"}, /* not known stands last either way */
        {"restarts desc,name", "alpha Beta gamma delta"},
        {"level desc,name", "gamma alpha Beta delta"},
        {"level!, restarts!", "gamma Beta alpha delta"},
        {"age", "gamma delta alpha Beta"}, /* no instant: last */
        {"age!", "alpha delta gamma Beta"},
        {"used", "delta gamma alpha Beta"},
        {"cpu", "gamma alpha delta Beta"},
        {"namesp,name desc", "gamma Beta alpha delta"},
        {"version", "gamma Beta delta alpha"},
        {"version!", "alpha delta Beta gamma"},
        {"", "Beta alpha gamma delta"},
    };
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/alpha restarts=7 created=9d cpu=900m used=50% version=2");
    test_put(st, 0, KIND_THING, NOW, "a/Beta restarts=7 version=1.20.30");
    test_put(st, 0, KIND_THING, NOW,
             "a/gamma restarts=1 created=1m cpu=100m used=9% health=critical version=1.1");
    test_put(st, 0, KIND_THING, NOW, "b/delta created=1h cpu=1 used=5% version=1.3");
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct view *v = view_of(st, cases[i].sort, "", NOW);
        expect_names(v, cases[i].names);
        view_free(v);
    }
    store_free(st);
}

static void test_faulty_orders(void **state)
{
    static const struct {
        const char *sort, *says;
    } cases[] = {
        {"colour", "things have no column `colour` to sort by"},
        {"name,!", "things have no column `` to sort by"},
        {"re", "several columns of things begin with `re`"},
        {"name,age,restarts,cpu,node", "a table is sorted by at most 4 columns"},
    };
    struct view_spec spec = {.nsort = 9};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct err err = {.msg = ""};
        assert_false(
            view_parse_sort(test_kinds.kinds[KIND_THING], span_from(cases[i].sort), &spec, &err));
        assert_string_equal(err.msg, cases[i].says);
        assert_int_equal(spec.nsort, 9); /* untouched */
    }
}

static void test_changes_keep_the_order(void **state)
{
    struct store *st = test_store(1);
    char line[64];
    (void)state;
    put_some(st, 0, 3000);
    struct view *v = view_of(st, "restarts!,name", "", NOW);
    assert_int_equal(view_count(v), 3000);
    put_some(st, 3000, 2000); /* chunks split */
    expect_as_new(v, NOW);
    assert_int_equal(view_count(v), 5000);
    for (unsigned i = 0; i < 5000; i += 3) { /* a column changes: the row moves */
        unsigned h = i * 2654435761u >> 8;
        (void)snprintf(line, sizeof(line), "ns%u/x%u-%u restarts=%u", h % 7, h % 1000, i, i % 60);
        test_put(st, 0, KIND_THING, NOW, line);
    }
    expect_as_new(v, NOW);
    for (unsigned i = 0; i < 4900; i++) { /* chunks empty */
        unsigned h = i * 2654435761u >> 8;
        (void)snprintf(line, sizeof(line), "ns%u/x%u-%u", h % 7, h % 1000, i);
        test_drop(st, 0, KIND_THING, NOW, line);
    }
    expect_as_new(v, NOW);
    assert_int_equal(view_count(v), 100);
    test_settle(st, NOW + 60000);
    expect_as_new(v, NOW + 60000);
    view_free(v);
    store_free(st);
}

/* A new order takes many turns; until it is whole the old one is shown, with the rows'
 * new cells; then the new one, with all that changed meanwhile. */
/* Of the first rows that put_some() puts some move. */
static void move_some(struct store *st, unsigned rows, unsigned from, unsigned count)
{
    char line[128];
    for (unsigned i = 0; i < count; i++) {
        unsigned k = (from + i * 7919) % rows, h = k * 2654435761u >> 8;
        (void)snprintf(line, sizeof(line), "ns%u/x%u-%u restarts=%u node=n3 created=%us", h % 7,
                       h % 1000, k, from * (i + 1) % 101, from * (i + 7) % 100000);
        test_put(st, 0, KIND_THING, NOW, line);
    }
}

static void test_slices(void **state)
{
    static const char *const sorts[] = {"name", "restarts!,node", "age", "level!,restarts"};
    static const char *const filters[] = {"", "restarts>20", "x1 | node=n3", "age<5h"};
    struct store *st = test_store(1);
    char line[128];
    unsigned added = 20000;
    (void)state;
    put_some(st, 0, added);
    test_settle(st, NOW);
    struct view *v = view_of(st, "name", "", NOW);
    for (size_t i = 1; i < BN_COUNT(sorts); i++) {
        struct view_spec spec = spec_of(sorts[i], filters[i]);
        size_t before = view_count(v), turns = 0, dropped = 0;
        struct handle first = view_at(v, 0);
        set(v, &spec);
        assert_true(view_pending(v));
        for (; view_pending(v); turns++) {
            if (turns < 5) {
                assert_int_equal(view_count(v), before - dropped);
                assert_true(handle_equal(view_at(v, 0), first));
            }
            (void)view_work(v, NOW, 1);
            if (turns % 7 == 0)
                put_some(st, added++, 1);
            if (turns >= 5 && turns % 5 == 0)
                move_some(st, 20000, (unsigned)turns * 37, 1);
            if (turns == 3) {
                struct span key = store_key(st, view_at(v, before / 2));
                (void)snprintf(line, sizeof(line), "%.*s", SPAN_ARG(key));
                test_drop(st, 0, KIND_THING, NOW, line);
                dropped++;
            }
        }
        assert_true(turns > 50);
        test_settle(st, NOW);
        expect_as_new(v, NOW);
    }
    view_free(v);
    store_free(st);
}

/* Another order asked for while one is in the making. */
/* Rows that move at the very end of a build, when they have their place in the new order
 * already: it is right all the same, and stays right when others move through it. */
static void test_changes_at_the_end_of_a_build(void **state)
{
    struct store *st = test_store(1);
    struct view_spec spec = spec_of("restarts,age", "");
    size_t turns = 0;
    (void)state;
    put_some(st, 0, 3000);
    test_settle(st, NOW);
    struct view *v = view_of(st, "name", "", NOW);
    for (set(v, &spec); view_pending(v); turns++)
        (void)view_work(v, NOW, 0); /* the least there is, so that a build takes as many turns */
    for (size_t left = 1; left < 40; left++) {
        set(v, &spec);
        for (size_t i = left; i < turns; i++)
            (void)view_work(v, NOW, 0);
        assert_true(view_pending(v));
        move_some(st, 3000, (unsigned)left * 101, 60);
        view_finish(v, NOW);
        move_some(st, 3000, (unsigned)left * 103, 300);
        test_settle(st, NOW);
        expect_as_new(v, NOW);
    }
    view_free(v);
    store_free(st);
}

static void test_asked_anew_in_the_middle(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    put_some(st, 0, 5000);
    struct view *v = view_of(st, "name", "", NOW);
    for (int i = 0; i < 60; i++) {
        struct view_spec spec = spec_of(i % 2 ? "restarts,name" : "node,age", i % 3 ? "" : "x1");
        set(v, &spec);
        for (int k = 0; k < i; k++)
            (void)view_work(v, NOW, 1);
    }
    view_finish(v, NOW);
    expect_as_new(v, NOW);
    view_free(v);
    store_free(st);
}

/* Rows come and go by the clock alone, each at its instant. */
static void test_time_moves_rows(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/one created=8m");
    test_put(st, 0, KIND_THING, NOW, "a/two created=9m");
    test_put(st, 0, KIND_THING, NOW, "a/old created=1d");
    struct view *v = view_of(st, "name", "age<10m", NOW);
    struct view *over = view_of(st, "name", "age>=10m", NOW);
    expect_names(v, "one two");
    expect_names(over, "old");
    assert_int_equal(store_next_turn(st), NOW + 60000);
    test_settle(st, NOW + 59999);
    expect_names(v, "one two");
    test_settle(st, NOW + 60000);
    expect_names(v, "one");
    expect_names(over, "old two");
    test_settle(st, NOW + 120001);
    expect_names(v, "");
    expect_names(over, "old one two");
    assert_int_equal(store_next_turn(st), TIME_FOREVER);
    view_free(v);
    view_free(over);
    store_free(st);
}

/* Changes under a filter on ages leave no heap of instants behind. */
static void test_instants_do_not_pile_up(void **state)
{
    struct store *st = test_store(1);
    char line[64];
    (void)state;
    struct view *v = view_of(st, "name", "age<30d", NOW);
    for (int i = 0; i < 60000; i++) {
        (void)snprintf(line, sizeof(line), "a/x%d restarts=%d created=1h", i % 10, i % 7);
        test_put(st, 0, KIND_THING, NOW, line);
        test_settle(st, NOW);
    }
    assert_true(v->nuntils < 6000);
    view_finish(v, NOW);
    expect_as_new(v, NOW);
    test_settle(st, NOW + INT64_C(31) * 86400000);
    assert_int_equal(view_count(v), 0);
    view_free(v);
    store_free(st);
}

static void test_gone_rows_stay_a_minute(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/one");
    test_put(st, 0, KIND_THING, NOW, "a/two");
    struct view *plain = view_of(st, "name", "", NOW), *with = view_of(st, "name", "", NOW);
    struct view_spec spec = spec_of("name", "");
    spec.with_gone = true;
    set(with, &spec);
    view_finish(with, NOW);
    struct handle one = test_find(st, 0, KIND_THING, "a/one");
    test_drop(st, 0, KIND_THING, NOW, "a/one");
    expect_names(plain, "two");
    expect_names(with, "one two");
    test_put(st, 0, KIND_THING, NOW + 1, "a/one"); /* back: the old and the new */
    expect_names(with, "one one two");
    expect_names(plain, "one two");
    test_settle(st, NOW + 60000);
    size_t at;
    expect_names(with, "one two");
    assert_false(view_find(with, one, &at));
    view_free(plain);
    view_free(with);
    store_free(st);
}

static bool is_odd(void *self, struct handle row)
{
    const struct store *st = self;
    return store_num(st, row, COL_RESTARTS, 0) % 2 == 1;
}

static void test_scopes(void **state)
{
    static const struct {
        const char *namespaces, *names;
    } cases[] = {
        {"", "a b c d"},         {"shop", "a"},      {"shop,db", "a b"},
        {"kube-*", "c d"},       {"!kube-*", "a b"}, {"!kube-*,!db", "a"},
        {"kube-*,!kube-y", "c"}, {"nothing", ""},    {"Shop", ""},
    };
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "shop/a restarts=1");
    test_put(st, 0, KIND_THING, NOW, "db/b restarts=2");
    test_put(st, 0, KIND_THING, NOW, "kube-x/c restarts=3");
    test_put(st, 0, KIND_THING, NOW, "kube-y/d restarts=4 health=critical");
    struct view *v = view_of(st, "name", "", NOW);
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct view_spec spec = spec_of("name", "");
        spec.namespaces = span_from(cases[i].namespaces);
        set(v, &spec);
        view_finish(v, NOW);
        expect_names(v, cases[i].names);
    }
    struct filter_scope scope = {.is_within = is_odd, .self = st};
    struct view_spec spec = spec_of("name", "");
    view_set_scope(v, &scope);
    set(v, &spec);
    view_finish(v, NOW);
    expect_names(v, "a c");
    scope.is_within = NULL;
    view_set_scope(v, &scope);
    spec.only_problems = true;
    set(v, &spec);
    view_finish(v, NOW);
    expect_names(v, "d");
    test_put(st, 0, KIND_THING, NOW, "shop/a health=warning"); /* becomes one */
    test_put(st, 0, KIND_THING, NOW, "kube-y/d restarts=4");   /* is none any more */
    test_settle(st, NOW);
    expect_names(v, "a");
    view_free(v);
    store_free(st);
}

static void test_next_problem_goes_round(void **state)
{
    struct store *st = test_store(1);
    size_t at = 99;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/a health=warning");
    test_put(st, 0, KIND_THING, NOW, "a/b");
    test_put(st, 0, KIND_THING, NOW, "a/c health=critical");
    test_put(st, 0, KIND_THING, NOW, "a/d");
    struct view *v = view_of(st, "name", "", NOW);
    assert_true(view_next_problem(v, 0, 1, LEVEL_WARNING, &at));
    assert_int_equal(at, 2);
    assert_true(view_next_problem(v, 2, 1, LEVEL_WARNING, &at));
    assert_int_equal(at, 0);
    assert_true(view_next_problem(v, 0, -1, LEVEL_WARNING, &at));
    assert_int_equal(at, 2);
    assert_true(view_next_problem(v, 3, 1, LEVEL_CRITICAL, &at));
    assert_int_equal(at, 2);
    assert_true(view_next_problem(v, 2, 1, LEVEL_CRITICAL, &at)); /* itself, all the way round */
    assert_int_equal(at, 2);
    test_drop(st, 0, KIND_THING, NOW, "a/c");
    assert_false(view_next_problem(v, 0, 1, LEVEL_CRITICAL, &at));
    struct view *empty = view_of(st, "name", "nothing", NOW);
    assert_false(view_next_problem(empty, 0, 1, LEVEL_OFF, &at));
    view_free(empty);
    view_free(v);
    store_free(st);
}

/* The version tells when there is something to paint, and only then. */
static void test_versions(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x restarts=1");
    struct view *v = view_of(st, "name", "", NOW);
    uint64_t version = view_version(v);
    test_put(st, 0, KIND_NODE, NOW, "n1");
    test_put(st, 0, KIND_THING, NOW, "a/x restarts=1");
    test_settle(st, NOW + 1000);
    assert_int_equal(view_version(v), version);
    test_put(st, 0, KIND_THING, NOW, "a/x restarts=2");
    assert_true(view_version(v) > version);
    view_free(v);
    store_free(st);
}

/* What is painted anew is told by the store's version: a finished order and a row that left
 * by the clock are seen in it, though no row of the store has changed. */
static void test_store_version_follows_views(void **state)
{
    struct store *st = test_store(1);
    (void)state;
    put_some(st, 0, 3000);
    test_put(st, 0, KIND_THING, NOW, "a/young created=8m");
    struct view *v = view_of(st, "name", "", NOW);
    uint64_t version = store_version(st);
    struct view_spec spec = spec_of("restarts!,name", "age>10m");
    set(v, &spec);
    while (view_pending(v)) {
        assert_int_equal(store_version(st), version); /* the old order is on view */
        (void)store_turn(st, NOW, 1);
    }
    assert_true(store_version(st) > version);
    version = store_version(st);
    test_settle(st, NOW);
    assert_int_equal(store_version(st), version);
    test_settle(st, NOW + 120001);
    assert_true(store_version(st) > version);
    view_free(v);
    store_free(st);
}

/* A faulty filter is refused and nothing changes; typed, it is in force without the fault. */
static void test_faulty_filters(void **state)
{
    struct store *st = test_store(1);
    struct err err = {.msg = ""};
    const struct filter_fault *faults;
    (void)state;
    test_put(st, 0, KIND_THING, NOW, "a/x");
    test_put(st, 0, KIND_THING, NOW, "a/y");
    struct view *v = view_of(st, "name", "x", NOW);
    struct view_spec spec = spec_of("name", "y colour=red");
    assert_false(view_set(v, &spec, false, &err));
    assert_string_equal(err.msg, "filter, character 3: there is no column `colour`");
    assert_false(view_pending(v));
    expect_names(v, "x");
    assert_true(view_set(v, &spec, true, &err));
    view_finish(v, NOW);
    expect_names(v, "y");
    assert_int_equal(view_faults(v, &faults), 1);
    assert_string_equal(faults[0].why, "there is no column `colour`");
    spec.filter = SPAN("");
    set(v, &spec);
    assert_int_equal(view_faults(v, &faults), 0);
    view_free(v);
    store_free(st);
}

/* Memory that fails once delays an order; it neither loses rows nor shows them twice. */
static void test_no_memory(void **state)
{
    (void)state;
    for (long n = 1; n < 30; n++) {
        struct store *st = test_store(1);
        put_some(st, 0, 1500);
        test_settle(st, NOW);
        struct view *v = view_of(st, "name", "", NOW);
        struct view_spec spec = spec_of("restarts,name", "");
        set(v, &spec);
        alloc_fail_at(n);
        for (int i = 0; i < 200 && view_pending(v); i++)
            (void)view_work(v, NOW, 1000000);
        alloc_fail_at(0);
        view_finish(v, NOW);
        expect_as_new(v, NOW);
        alloc_fail_at(n);
        for (unsigned i = 1500; i < 2600; i++) {
            struct row_writer w;
            struct err err;
            char key[32];
            int len = snprintf(key, sizeof(key), "m/x%u", i);
            row_writer_init(&w, test_kinds.kinds[KIND_THING], (size_t)1 << 20);
            row_begin(&w, span_make(key, (size_t)len));
            if (!row_end(&w))
                continue;
            struct message *m = row_writer_take(&w, 0, KIND_THING);
            if (m)
                (void)store_apply(st, m, NOW, &err);
            message_free(m);
            row_writer_clear(&w);
        }
        alloc_fail_at(0);
        view_finish(v, NOW);
        expect_as_new(v, NOW);
        view_free(v);
        store_free(st);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_faulty_orders),
        cmocka_unit_test(test_changes_keep_the_order),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_changes_at_the_end_of_a_build),
        cmocka_unit_test(test_asked_anew_in_the_middle),
        cmocka_unit_test(test_time_moves_rows),
        cmocka_unit_test(test_instants_do_not_pile_up),
        cmocka_unit_test(test_gone_rows_stay_a_minute),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_next_problem_goes_round),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_store_version_follows_views),
        cmocka_unit_test(test_faulty_filters),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("model view", tests, NULL, NULL);
}
