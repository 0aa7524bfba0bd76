/* The frame of a source that asks every so often: when it asks, what it says when a part is
 * denied, rates. */
#include <config.h>

#include "backends/poll.h"

#include "backends/runner.h"
#include "base/alloc.h"

/* clang-format off */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#define PATIENCE_MS 10000

static const struct column columns[] = {
    {.name = "asked", .title = "ASKED", .type = VALUE_COUNT, .width = 8},
};
#define KIND(which)                                                                            \
    {                                                                                          \
        .name = which, .plural = which "s", .aliases = "", .title = which, .columns = columns, \
        .ncolumns = 1, .sort = "asked"                                                         \
    }
static const struct kind often = KIND("often"), seldom = KIND("seldom");
static const struct kind *const all[] = {&often, &seldom, NULL};
static const struct kind_list kinds = {all, 2};

enum { OFTEN, SELDOM };

static atomic_int asked[2];
static atomic_int answer; /* of seldom: an enum err_kind */

static bool ask(struct poll *p, int which, struct err *err)
{
    int times = atomic_fetch_add(&asked[which], 1) + 1;
    struct row_writer *w = poll_rows(p, all[which]);
    if (which == SELDOM && atomic_load(&answer) != ERR_NONE)
        return err_code(err, (enum err_kind)atomic_load(&answer), 7, "the part says no");
    row_begin(w, SPAN("a"));
    row_num(w, 0, times);
    bn_assert(row_end(w));
    if (which == OFTEN && times == 1) {
        row_begin(w, SPAN("only at first"));
        bn_assert(row_end(w));
    }
    if (which == SELDOM && times > 1)
        poll_note(p, &seldom, "%d paths denied", 3);
    return true;
}

static bool ask_often(void *self, struct poll *p, struct err *err)
{
    (void)self;
    return ask(p, OFTEN, err);
}

static bool ask_seldom(void *self, struct poll *p, struct err *err)
{
    (void)self;
    return ask(p, SELDOM, err);
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const first[] = {&often, NULL}, *const second[] = {&seldom, NULL};
    static const struct poll_part parts[] = {
        {first, 10000, ask_often}, {second, 60000, ask_seldom}, {NULL, 0, NULL}};
    const struct poll_options o = {.ctx = ctx, .self = self, .parts = parts};
    return poll_run(&o, err);
}

static const struct backend backend = {
    .name = "polling", .summary = "", .kinds = all, .state_size = 1, .run = run};

struct world {
    struct clock *clock;
    struct inbox *inbox;
    struct store *store;
    struct runner *runner;
    struct err document; /* why there was none */
    bool answered;
};

static int setup(void **state)
{
    struct world *w = xalloc_zero(1, sizeof(*w));
    struct err err;
    atomic_store(&asked[OFTEN], 0);
    atomic_store(&asked[SELDOM], 0);
    atomic_store(&answer, ERR_NONE);
    w->clock = clock_new();
    clock_stop(w->clock);
    w->inbox = inbox_new(&err);
    w->store = store_new(&kinds);
    const struct runner_options o = {
        .backend = &backend,
        .name = "p",
        .source = store_add_source(w->store, "p", "polling", "c", SOURCE_NONE),
        .kinds = &kinds,
        .clock = w->clock,
        .inbox = w->inbox,
    };
    w->runner = runner_new(&o, &err);
    *state = w;
    return w->runner && runner_start(w->runner, &err) ? 0 : -1;
}

static int teardown(void **state)
{
    struct world *w = *state;
    runner_stop(w->runner);
    assert_true(runner_join(w->runner, PATIENCE_MS));
    runner_free(w->runner);
    inbox_free(w->inbox);
    store_free(w->store);
    clock_free(w->clock);
    free(w);
    return 0;
}

static void request(struct world *w, enum request_type type, uint16_t kind)
{
    struct request r = {.type = type, .kind = kind, .id = 1};
    if (type == REQUEST_WANT || type == REQUEST_UNWANT)
        store_set_wanted(w->store, 0, kind, type == REQUEST_WANT);
    runner_request(w->runner, &r);
}

static void take_all(struct world *w, int64_t end)
{
    struct pollfd in = {.fd = inbox_fd(w->inbox), .events = POLLIN};
    struct message *m;
    struct err err;
    assert_true(clock_machine_ms() < end);
    (void)poll(&in, 1, 100);
    while ((m = inbox_pop(w->inbox)) != NULL) {
        assert_true(store_apply(w->store, m, clock_wall_ms(w->clock), &err));
        if (m->type == MESSAGE_DOCUMENT) {
            w->document = m->why;
            w->answered = true;
        }
        message_free(m);
    }
    while (store_turn(w->store, clock_wall_ms(w->clock), 100000))
        ;
}

#define until(w, condition)                                             \
    for (int64_t end = clock_machine_ms() + PATIENCE_MS; !(condition);) \
    take_all(w, end)

static int64_t value_of(const struct world *w, uint16_t kind)
{
    struct handle row;
    return store_find(w->store, 0, kind, SPAN("a"), &row) ? store_num(w->store, row, 0, -1) : -1;
}

static enum source_state state_of(const struct world *w)
{
    return store_source(w->store, 0)->report.state;
}

/* Steps the clock and wakes the source, which waits by the machine's. */
static void step(struct world *w, int64_t ms)
{
    clock_step(w->clock, ms);
    request(w, REQUEST_CANCEL, KIND_NONE);
}

static void asks_for_what_is_wanted(void **state)
{
    struct world *w = *state;
    until(w, state_of(w) == SOURCE_OFF); /* nothing is */
    assert_int_equal(atomic_load(&asked[OFTEN]), 0);
    request(w, REQUEST_WANT, OFTEN);
    until(w, value_of(w, OFTEN) == 1 && store_synced(w->store, OFTEN));
    until(w, state_of(w) == SOURCE_FRESH);
    assert_int_equal(store_count(w->store, OFTEN), 2);
    assert_int_equal(atomic_load(&asked[SELDOM]), 0);
    step(w, 9000);
    step(w, 1500);
    until(w, value_of(w, OFTEN) == 2);
    until(w, store_count(w->store, OFTEN) == 1); /* a whole picture */
    assert_int_equal(store_source_kind(w->store, 0, OFTEN)->drift, 0);
    request(w, REQUEST_REFRESH, KIND_NONE);
    until(w, value_of(w, OFTEN) == 3);
    request(w, REQUEST_UNWANT, OFTEN);
    until(w, state_of(w) == SOURCE_OFF);
    step(w, 100000);
    request(w, REQUEST_WANT, SELDOM);
    until(w, value_of(w, SELDOM) == 1 && state_of(w) == SOURCE_FRESH);
    assert_int_equal(atomic_load(&asked[OFTEN]), 3);
    assert_int_equal(store_count(w->store, OFTEN), 1); /* not watched, never gone */
}

static void keeps_to_each_interval(void **state)
{
    struct world *w = *state;
    request(w, REQUEST_WANT, OFTEN);
    request(w, REQUEST_WANT, SELDOM);
    until(w, value_of(w, OFTEN) == 1 && value_of(w, SELDOM) == 1);
    for (int i = 2; i <= 6; i++) {
        step(w, 10000);
        until(w, value_of(w, OFTEN) == i);
    }
    assert_int_equal(atomic_load(&asked[SELDOM]), 1);
    step(w, 10000);
    until(w, value_of(w, SELDOM) == 2);
    const struct source_kind *k = store_source_kind(w->store, 0, SELDOM);
    until(w, k->report.state == SOURCE_PARTIAL);
    assert_string_equal(k->report.note, "3 paths denied");
}

static void a_part_that_is_denied_leaves_the_other(void **state)
{
    struct world *w = *state;
    atomic_store(&answer, ERR_DENIED);
    request(w, REQUEST_WANT, SELDOM);
    request(w, REQUEST_WANT, OFTEN);
    const struct source_kind *k = store_source_kind(w->store, 0, SELDOM);
    until(w, k->report.state == SOURCE_DENIED && value_of(w, OFTEN) == 1);
    assert_string_equal(k->report.why.msg, "the part says no");
    until(w, state_of(w) == SOURCE_FRESH);
    atomic_store(&answer, ERR_NONE);
    request(w, REQUEST_REFRESH, SELDOM);
    until(w, value_of(w, SELDOM) == 2 && k->report.state == SOURCE_PARTIAL);
    assert_int_equal(k->report.why.kind, ERR_NONE);
}

/* The connection: the runner's business. What was known stays. */
static void a_connection_that_fails_ends_the_run(void **state)
{
    struct world *w = *state;
    request(w, REQUEST_WANT, SELDOM);
    until(w, value_of(w, SELDOM) == 1);
    atomic_store(&answer, ERR_TIMEOUT);
    request(w, REQUEST_REFRESH, KIND_NONE);
    until(w, state_of(w) == SOURCE_FAILING);
    assert_string_equal(store_source(w->store, 0)->report.why.msg, "the part says no");
    assert_int_equal(value_of(w, SELDOM), 1);
    atomic_store(&answer, ERR_NONE);
    request(w, REQUEST_REFRESH, KIND_NONE);
    until(w, state_of(w) == SOURCE_FRESH);
}

static void says_that_there_is_no_document(void **state)
{
    struct world *w = *state;
    request(w, REQUEST_FETCH, OFTEN);
    until(w, w->answered);
    assert_int_equal(w->document.kind, ERR_NOTFOUND);
}

/* It has looked whether anything is due. */
static void looked(struct world *w)
{
    for (int i = 0; i < 2; i++) { /* it looks after it has answered */
        w->answered = false;
        request(w, REQUEST_FETCH, OFTEN);
        until(w, w->answered);
    }
}

static void takes_its_time_while_nobody_is_there(void **state)
{
    struct world *w = *state;
    const struct source_report *report = &store_source(w->store, 0)->report;
    request(w, REQUEST_WANT, OFTEN);
    request(w, REQUEST_WANT, SELDOM);
    until(w, value_of(w, OFTEN) == 1 && value_of(w, SELDOM) == 1);
    until(w, report->every_ms == 10000 && !report->at_rest);
    runner_set_rest(w->runner, true);
    until(w, report->every_ms == 30000 && report->at_rest);
    step(w, 29000);
    looked(w);
    assert_int_equal(atomic_load(&asked[OFTEN]), 1);
    step(w, 1000);
    until(w, value_of(w, OFTEN) == 2);
    step(w, 20000);
    looked(w);
    assert_int_equal(atomic_load(&asked[OFTEN]), 2);
    assert_int_equal(atomic_load(&asked[SELDOM]), 1);
    runner_set_rest(w->runner, false); /* what was put off is due at once */
    until(w, value_of(w, OFTEN) == 3);
    until(w, report->every_ms == 10000 && !report->at_rest);
    runner_set_rest(w->runner, true);
    step(w, 10000);
    until(w, value_of(w, SELDOM) == 2); /* once a minute, as ever */
    assert_int_equal(atomic_load(&asked[OFTEN]), 3);
}

static void rates_are_differences(void **state)
{
    struct poll_rate r = {0};
    double rate = -1;
    (void)state;
    assert_false(poll_rate(&r, 100, 1000, &rate));
    assert_true(poll_rate(&r, 150, 11000, &rate));
    assert_true(rate > 4.99 && rate < 5.01);
    assert_false(poll_rate(&r, 20, 21000, &rate)); /* the server was started anew */
    assert_true(poll_rate(&r, 20, 31000, &rate));
    assert_true(rate < 0.01);
    assert_false(poll_rate(&r, 30, 31000, &rate)); /* no time has passed */
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(asks_for_what_is_wanted),
        CASE(keeps_to_each_interval),
        CASE(a_part_that_is_denied_leaves_the_other),
        CASE(a_connection_that_fails_ends_the_run),
        CASE(says_that_there_is_no_document),
        CASE(takes_its_time_while_nobody_is_there),
        cmocka_unit_test(rates_are_differences),
    };
    return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
