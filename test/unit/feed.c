/* Changes as lines for people: folded by owner, the worst first in a line, what
 * comes and goes by the clock left out. */
#include <config.h>

#include "tui/feed.h"

#include "test/unit/model_test.h"
#include "tui/health.h"

#define MINUTE 60000

struct fixture {
    struct store *store;
    struct feed *feed;
};

static void setup(struct fixture *f)
{
    f->store = test_store(1);
    f->feed = feed_new();
    test_put(f->store, 0, KIND_OWNER, NOW, "shop/App/api");
    test_put(f->store, 0, KIND_THING, NOW,
             "shop/api-1 status=Running restarts=0 owner>>shop/App/api");
    test_put(f->store, 0, KIND_THING, NOW, "shop/other status=Running");
    test_sync_all(f->store, NOW);
    test_settle(f->store, NOW);
}

static void teardown(struct fixture *f)
{
    feed_free(f->feed);
    store_free(f->store);
}

static void put(struct fixture *f, int64_t now_ms, const char *line)
{
    test_put(f->store, 0, KIND_THING, now_ms, line);
    test_settle(f->store, now_ms);
    while (feed_follow(f->feed, f->store))
        ;
}

/* The i-th line, newest first, as "LABEL NAME: what". */
static void expect(struct fixture *f, size_t i, const char *wanted)
{
    uint64_t names[FEED_LINES_MAX];
    struct feed_line line;
    struct strbuf text = STRBUF_INIT(4096);
    size_t n = feed_lines(f->feed, 0, true, names);
    assert_true(i < n);
    assert_true(feed_line(f->feed, names[i], &line));
    strbuf_addf(&text, "%s %.*s: ", line.label, SPAN_ARG(line.whose));
    feed_say(f->feed, f->store, names[i], NOW, true, &text);
    assert_string_equal(strbuf_cstr(&text), wanted);
    strbuf_clear(&text);
}

static size_t count(struct fixture *f)
{
    uint64_t names[FEED_LINES_MAX];
    return feed_lines(f->feed, 0, true, names);
}

static void test_what_belongs_together_is_one_line(void **state)
{
    struct fixture f;
    (void)state;
    setup(&f);
    put(&f, NOW + 1000,
        "shop/api-1 status=Crashing restarts=1 health=critical owner>>shop/App/api");
    put(&f, NOW + 2000,
        "shop/api-1 status=Crashing restarts=2 health=critical owner>>shop/App/api");
    assert_int_equal(count(&f), 1);
    expect(&f, 0, "app shop/api: ok -> critical: api-1 Crashing, restarts 0 -> 2");
    put(&f, NOW + 30000, "shop/api-1 status=Running restarts=2 owner>>shop/App/api");
    assert_int_equal(count(&f), 1);
    expect(&f, 0,
           "app shop/api: ok -> critical -> ok, api-1 status Running -> Crashing -> Running, "
           "restarts 0 -> 2");
    teardown(&f);
}

static void test_another_owner_or_another_time_is_another_line(void **state)
{
    struct fixture f;
    (void)state;
    setup(&f);
    put(&f, NOW + 1000, "shop/api-1 status=Two restarts=0 owner>>shop/App/api");
    put(&f, NOW + 2000, "shop/other status=Two");
    put(&f, NOW + 10 * MINUTE, "shop/api-1 status=Three restarts=0 owner>>shop/App/api");
    assert_int_equal(count(&f), 3);
    expect(&f, 0, "app shop/api: api-1 status Two -> Three");
    expect(&f, 1, "thing shop/other: status Running -> Two");
    expect(&f, 2, "app shop/api: api-1 status Running -> Two");
    teardown(&f);
}

static void test_what_comes_and_goes_is_counted(void **state)
{
    struct fixture f;
    (void)state;
    setup(&f);
    put(&f, NOW + 1000, "shop/api-2 status=Running owner>>shop/App/api");
    put(&f, NOW + 1000, "shop/api-3 status=Running owner>>shop/App/api");
    put(&f, NOW + 2000, "shop/api-1 status=Ending restarts=0 owner>>shop/App/api");
    test_drop(f.store, 0, KIND_THING, NOW + 2500, "shop/api-1");
    put(&f, NOW + 3000, "shop/fresh status=Broken health=critical");
    expect(&f, 0, "thing shop/fresh: new, critical: Broken");
    expect(&f, 1, "app shop/api: api-1 status Running -> Ending, 2 new things, gone thing api-1");
    teardown(&f);
}

/* Whose it was is known, though it has gone before anybody looked. */
static void test_what_is_gone_is_its_owners(void **state)
{
    struct fixture f;
    (void)state;
    setup(&f);
    test_put(f.store, 0, KIND_THING, NOW + 1000,
             "shop/api-1 status=Broken health=critical owner>>shop/App/api");
    test_settle(f.store, NOW + 1000);
    test_drop(f.store, 0, KIND_THING, NOW + 1000, "shop/api-1");
    put(&f, NOW + 1000, "shop/api-2 status=Down health=critical owner>>shop/App/api");
    assert_int_equal(count(&f), 1);
    expect(&f, 0,
           "app shop/api: new, critical: api-2 Down, api-1 status Running -> Broken, "
           "gone thing api-1");
    teardown(&f);
}

/* Which of two sources is heard first is chance: what came at one time is told the same way. */
static void test_what_comes_at_once_is_told_by_name(void **state)
{
    static const char *const news[] = {
        "shop/api-1 status=Two restarts=3 health=critical owner>>shop/App/api",
        "shop/api-2 status=Three health=critical owner>>shop/App/api",
        "shop/other status=Two health=critical",
        "shop/another status=Two health=critical",
    };
    const size_t count = BN_COUNT(news);
    (void)state;
    for (size_t turn = 0; turn < 2 * count; turn++) {
        struct fixture f;
        setup(&f);
        put(&f, NOW, "shop/api-2 status=Running owner>>shop/App/api");
        put(&f, NOW, "shop/another status=Running");
        feed_clear(f.feed);
        feed_skip(f.feed, f.store);
        for (size_t i = 0; i < count; i++)
            put(&f, NOW + 1000,
                news[turn < count ? (i + turn) % count : (turn + count - i) % count]);
        expect(&f, 0,
               "app shop/api: ok -> critical: api-1 Two, restarts 0 -> 3, api-2 status "
               "Running -> Three");
        expect(&f, 1, "thing shop/another: ok -> critical: Two");
        expect(&f, 2, "thing shop/other: ok -> critical: Two");
        teardown(&f);
    }
}

/* A line is known by its name though others come before it. */
static void test_names_of_lines_last(void **state)
{
    struct fixture f;
    uint64_t before[FEED_LINES_MAX], after[FEED_LINES_MAX];
    struct feed_line line;
    (void)state;
    setup(&f);
    put(&f, NOW + 1000, "shop/other status=Two");
    assert_int_equal(feed_lines(f.feed, 0, true, before), 1);
    put(&f, NOW + 2000, "shop/api-1 status=Two restarts=0 owner>>shop/App/api");
    assert_int_equal(feed_lines(f.feed, 0, true, after), 2);
    assert_int_equal(after[1], before[0]);
    assert_true(feed_line(f.feed, before[0], &line));
    assert_true(span_is(line.whose, "shop/other"));
    assert_int_equal(feed_lines(f.feed, NOW + 1500, true, after), 1); /* older ones are left out */
    feed_clear(f.feed);
    assert_false(feed_line(f.feed, before[0], &line));
    teardown(&f);
}

static void test_it_is_bounded(void **state)
{
    struct fixture f;
    (void)state;
    setup(&f);
    for (int i = 0; i < 2 * FEED_LINES_MAX; i++) {
        struct strbuf text = STRBUF_INIT(256);
        strbuf_addf(&text, "shop/n%d status=New", i);
        put(&f, NOW + i, strbuf_cstr(&text));
        strbuf_clear(&text);
    }
    assert_int_equal(count(&f), FEED_LINES_MAX);
    expect(&f, 0, "thing shop/n599: new");
    teardown(&f);
}

static void test_health_remembers_when(void **state)
{
    static const struct system one = {.name = "one"}, two = {.name = "two"};
    struct system_state now[] = {{.system = &one, .level = LEVEL_OK},
                                 {.system = &two, .level = LEVEL_PROGRESS, .loading = true}};
    struct health *h = health_new();
    int64_t since;
    bool exact;
    enum level worst;
    (void)state;
    assert_false(health_since(h, &one, &since, &exact));
    health_follow(h, now, 2, NOW);
    assert_true(health_since(h, &one, &since, &exact));
    assert_true(since == NOW && !exact); /* so it was when looking began */
    assert_false(health_since(h, &two, &since, &exact));
    now[0].level = LEVEL_CRITICAL;
    health_follow(h, now, 2, NOW + MINUTE);
    now[0].level = LEVEL_OK;
    health_follow(h, now, 2, NOW + 2 * MINUTE);
    assert_true(health_since(h, &one, &since, &exact));
    assert_true(since == NOW + 2 * MINUTE && exact);
    assert_true(health_worst(h, &one, NOW, NOW + 3 * MINUTE, &worst));
    assert_int_equal(worst, LEVEL_CRITICAL);
    assert_true(health_worst(h, &one, NOW + 2 * MINUTE, NOW + 3 * MINUTE, &worst));
    assert_int_equal(worst, LEVEL_OK);
    assert_false(health_worst(h, &one, NOW - MINUTE, NOW, &worst)); /* nobody looked */
    assert_false(health_worst(h, &one, NOW + 3 * MINUTE, NOW + 4 * MINUTE, &worst));
    health_free(h);
}

static void test_health_counts_what_becomes_worse(void **state)
{
    static const struct system one = {.name = "one"};
    struct system_state now = {.system = &one, .level = LEVEL_OK};
    struct health *h = health_new();
    (void)state;
    health_follow(h, &now, 1, NOW);
    assert_int_equal(health_worse(h), 0);
    now.level = LEVEL_WARNING;
    now.bad = 1;
    health_follow(h, &now, 1, NOW + MINUTE);
    assert_int_equal(health_worse(h), 1);
    now.bad = 2; /* as bad, in one place more */
    health_follow(h, &now, 1, NOW + 2 * MINUTE);
    assert_int_equal(health_worse(h), 2);
    health_follow(h, &now, 1, NOW + 3 * MINUTE);
    now.bad = 0;
    now.level = LEVEL_OK;
    health_follow(h, &now, 1, NOW + 4 * MINUTE);
    assert_int_equal(health_worse(h), 2);
    health_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_belongs_together_is_one_line),
        cmocka_unit_test(test_another_owner_or_another_time_is_another_line),
        cmocka_unit_test(test_what_comes_and_goes_is_counted),
        cmocka_unit_test(test_what_is_gone_is_its_owners),
        cmocka_unit_test(test_what_comes_at_once_is_told_by_name),
        cmocka_unit_test(test_names_of_lines_last),
        cmocka_unit_test(test_it_is_bounded),
        cmocka_unit_test(test_health_remembers_when),
        cmocka_unit_test(test_health_counts_what_becomes_worse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
