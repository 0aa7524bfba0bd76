/* One source's thread: its states, back-off, requests, and that it can be
 * stopped whatever it does. */
#include <config.h>

#include "backends/runner.h"

#include "base/alloc.h"
#include "net/credential.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 10000

/* ---- A kind with one column, and backends that each do one thing. */

static const struct column columns[] = {
    {.name = "name", .title = "NAME", .type = VALUE_TEXT, .width = 8},
};
static const struct kind thing = {.name = "thing",
                                  .plural = "things",
                                  .aliases = "",
                                  .title = "Things",
                                  .columns = columns,
                                  .ncolumns = 1,
                                  .sort = "name"};
static const struct kind *const kinds_of_backend[] = {&thing, NULL};
static const struct kind_list kinds = {kinds_of_backend, 1};

static atomic_int runs, closes;
static int hang_fd = -1; /* what the one that ignores everything waits for */

static void count_close(void *self)
{
    (void)self;
    atomic_fetch_add(&closes, 1);
}

static void wait_fd(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (poll(&p, 1, -1) < 0 && errno == EINTR)
        ;
}

static bool run_blocks(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    (void)err;
    atomic_fetch_add(&runs, 1);
    ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, ctx_setting(ctx, "colour"));
    wait_fd(ctx_stop_fd(ctx));
    return true;
}

static bool run_fails(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    (void)ctx;
    return err_set(err, ERR_IO, "run %d found nobody at home", atomic_fetch_add(&runs, 1) + 1);
}

static bool run_refused(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct credential *c = ctx_credential(ctx);
    (void)self;
    atomic_fetch_add(&runs, 1);
    if (c) {
        credential_unref(c);
        ctx_alive(ctx, KIND_NONE);
        wait_fd(ctx_stop_fd(ctx));
        return true;
    }
    return err_set(err, ERR_AUTH, "nobody told the password");
}

static bool run_floods(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct row_writer w;
    char key[32];
    (void)self;
    (void)err;
    row_writer_init(&w, &thing, (size_t)1 << 20);
    for (unsigned i = 0;; i++) {
        (void)snprintf(key, sizeof(key), "thing-%u", i);
        row_begin(&w, span_from(key));
        row_text(&w, 0, span_from(key));
        bn_assert(row_end(&w));
        if (i % 1000 == 999 && !ctx_push_rows(ctx, 0, &w))
            break;
    }
    row_writer_clear(&w);
    return true;
}

static bool run_ignores(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    (void)err;
    ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, NULL);
    wait_fd(hang_fd);
    return true;
}

/* Says what it is asked by documents, and "wanted" by its state's note. */
static bool run_answers(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct request r;
    (void)self;
    (void)err;
    atomic_fetch_add(&runs, 1);
    ctx_state(ctx, KIND_NONE, SOURCE_PARTIAL, NULL, ctx_wanted(ctx, 0) ? "wanted" : "not wanted");
    while (!ctx_stopping(ctx)) {
        wait_fd(ctx_wake_fd(ctx));
        while (ctx_next_request(ctx, &r)) {
            if (r.type == REQUEST_FETCH)
                (void)ctx_document(ctx, r.id, span_make(r.key, r.key_len), NULL);
            if (r.type == REQUEST_REFRESH) {
                ctx_alive(ctx, KIND_NONE);
                ctx_alive(ctx, KIND_NONE);
            }
            if (r.type == REQUEST_UNWANT)
                ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, ctx_wanted(ctx, 0) ? "yes" : "no");
            request_done(&r);
        }
    }
    return true;
}

/* Ends by itself without an error each time it is asked. */
static bool run_ends(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    (void)err;
    atomic_fetch_add(&runs, 1);
    ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, NULL);
    return true;
}

/* Well until told otherwise; then it fails. */
static bool run_well_then_fails(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct request r;
    (void)self;
    atomic_fetch_add(&runs, 1);
    ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, NULL);
    wait_fd(ctx_wake_fd(ctx));
    while (ctx_next_request(ctx, &r))
        request_done(&r);
    return err_set(err, ERR_IO, "it went away");
}

static const struct setting settings[] = {{"colour", "grey", "", SETTING_TEXT},
                                          {NULL, NULL, NULL, SETTING_TEXT}};

#define BACKEND(fn)                                                                  \
    {                                                                                \
        .name = #fn, .summary = "", .kinds = kinds_of_backend, .settings = settings, \
        .state_size = 8, .run = fn, .close = count_close                             \
    }
static const struct backend blocks = BACKEND(run_blocks), fails = BACKEND(run_fails),
                            refused = BACKEND(run_refused), floods = BACKEND(run_floods),
                            ignores = BACKEND(run_ignores), answers = BACKEND(run_answers),
                            ends = BACKEND(run_ends), goes = BACKEND(run_well_then_fails);

/* ---- What every test has. */

struct world {
    struct clock *clock;
    struct inbox *inbox;
    struct runner *runner;
};

static int setup(void **state)
{
    struct world *w = xalloc_zero(1, sizeof(*w));
    w->clock = clock_new();
    clock_stop(w->clock);
    w->inbox = inbox_new(NULL);
    atomic_store(&runs, 0);
    atomic_store(&closes, 0);
    *state = w;
    return w->inbox ? 0 : -1;
}

static int64_t machine_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void start(struct world *w, const struct backend *backend, const char *const *pairs)
{
    struct err err;
    const struct runner_options o = {.backend = backend,
                                     .name = "house",
                                     .kinds = &kinds,
                                     .clock = w->clock,
                                     .inbox = w->inbox,
                                     .settings = pairs};
    w->runner = runner_new(&o, &err);
    assert_non_null(w->runner);
    assert_true(runner_start(w->runner, &err));
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (w->runner) {
        runner_stop(w->runner);
        assert_true(runner_join(w->runner, PATIENCE_MS));
        assert_int_equal(atomic_load(&closes), 1);
        runner_free(w->runner);
    }
    inbox_free(w->inbox);
    clock_free(w->clock);
    free(w);
    return 0;
}

/* The next message, owned by the caller. */
static struct message *next(struct world *w)
{
    int64_t end = machine_ms() + PATIENCE_MS;
    struct pollfd in = {.fd = inbox_fd(w->inbox), .events = POLLIN};
    for (;;) {
        struct message *m = inbox_pop(w->inbox);
        if (m)
            return m;
        assert_true(machine_ms() < end);
        (void)poll(&in, 1, 1000);
    }
}

/* The next message of this type; others are let go. */
static struct message *next_of(struct world *w, enum message_type type)
{
    struct message *m = next(w);
    while (m->type != type) {
        message_free(m);
        m = next(w);
    }
    return m;
}

static struct source_report next_state(struct world *w, enum source_state state)
{
    struct source_report report;
    do {
        struct message *m = next_of(w, MESSAGE_STATE);
        report = m->report;
        message_free(m);
    } while (report.state != state);
    return report;
}

static void request(struct world *w, enum request_type type, uint32_t id, const char *key)
{
    struct request r = {.type = type, .id = id, .kind = 0};
    r.key = key ? xalloc_text(key) : NULL;
    r.key_len = key ? strlen(key) : 0;
    runner_request(w->runner, &r);
}

/* ---- */

static void stops_one_that_waits(void **state)
{
    struct world *w = *state;
    start(w, &blocks, NULL);
    (void)next_state(w, SOURCE_CONNECTING);
    (void)next_state(w, SOURCE_FRESH);
    int64_t began = machine_ms();
    runner_stop(w->runner);
    assert_true(runner_join(w->runner, PATIENCE_MS));
    assert_true(machine_ms() - began < 1000);
    assert_int_equal(atomic_load(&runs), 1);
}

static void backs_off_longer_and_longer(void **state)
{
    struct world *w = *state;
    static const int64_t expected[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    start(w, &fails, NULL);
    for (size_t i = 0; i < BN_COUNT(expected); i++) {
        struct source_report r = next_state(w, SOURCE_FAILING);
        int64_t wait = r.retry_ms - clock_wall_ms(w->clock);
        assert_in_range(wait, expected[i] * 8 / 10, expected[i] * 12 / 10);
        assert_true(wait <= 30000);
        assert_string_equal(r.why.msg + strlen("run N"), " found nobody at home");
        assert_int_equal(r.why.kind, ERR_IO);
        runner_retry(w->runner);
    }
}

static void a_back_off_ends_by_the_clock(void **state)
{
    struct world *w = *state;
    start(w, &fails, NULL);
    struct source_report r = next_state(w, SOURCE_FAILING);
    clock_step(w->clock, r.retry_ms - clock_wall_ms(w->clock));
    (void)next_state(w, SOURCE_FAILING);
    assert_int_equal(atomic_load(&runs), 2);
}

static void a_good_minute_forgives(void **state)
{
    struct world *w = *state;
    start(w, &goes, NULL);
    for (int i = 0; i < 4; i++) {
        (void)next_state(w, SOURCE_FRESH);
        if (i == 3)
            clock_step(w->clock, 61000);
        request(w, REQUEST_WANT, 0, NULL);
        struct source_report r = next_state(w, SOURCE_FAILING);
        int64_t wait = r.retry_ms - clock_wall_ms(w->clock), base = i == 3 ? 1000 : 1000 << i;
        assert_in_range(wait, base * 8 / 10, base * 12 / 10);
        runner_retry(w->runner);
    }
}

static void waits_for_a_login_and_not_for_time(void **state)
{
    struct world *w = *state;
    start(w, &refused, NULL);
    struct source_report r = next_state(w, SOURCE_LOGIN);
    assert_true(r.retry_ms == TIME_NONE);
    assert_string_equal(r.why.msg, "nobody told the password");
    clock_step(w->clock, 3600000);
    struct credential *c = credential_new_token("me", SPAN("secret"));
    runner_set_credential(w->runner, c);
    credential_unref(c);
    assert_int_equal(atomic_load(&runs), 1);
    runner_retry(w->runner);
    r = next_state(w, SOURCE_FRESH); /* by proof of life alone */
    assert_true(r.proof_ms == clock_wall_ms(w->clock));
    assert_int_equal(atomic_load(&runs), 2);
}

static void answers_while_the_source_is_away(void **state)
{
    struct world *w = *state;
    start(w, &fails, NULL);
    (void)next_state(w, SOURCE_FAILING);
    request(w, REQUEST_FETCH, 7, "a/b");
    struct message *m = next_of(w, MESSAGE_DOCUMENT);
    assert_int_equal(m->request, 7);
    assert_int_equal(m->why.kind, ERR_IO);
    assert_string_equal(m->why.msg, "run 1 found nobody at home");
    message_free(m);
    request(w, REQUEST_STREAM, 8, "a/b");
    m = next_of(w, MESSAGE_LINES);
    assert_int_equal(m->request, 8);
    assert_true(m->last);
    assert_int_equal(m->why.kind, ERR_IO);
    message_free(m);
    assert_int_equal(atomic_load(&runs), 1); /* and goes on waiting */
}

static void stops_one_that_floods_a_full_queue(void **state)
{
    struct world *w = *state;
    start(w, &floods, NULL);
    size_t rows = 0;
    while (rows < 100000) { /* taken as it comes: nothing is lost */
        struct message *m = next_of(w, MESSAGE_BATCH);
        assert_int_equal(m->rows, 1000);
        rows += m->rows;
        message_free(m);
    }
    int64_t began = machine_ms(); /* nobody takes anything from here on */
    runner_stop(w->runner);
    assert_true(runner_join(w->runner, PATIENCE_MS));
    assert_true(machine_ms() - began < 1000);
}

static void leaves_one_that_ignores_everything(void **state)
{
    struct world *w = *state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    hang_fd = fds[0];
    start(w, &ignores, NULL);
    (void)next_state(w, SOURCE_FRESH);
    int64_t began = machine_ms();
    runner_stop(w->runner);
    assert_false(runner_join(w->runner, 50));
    assert_in_range(machine_ms() - began, 45, 1000);
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_true(runner_join(w->runner, PATIENCE_MS));
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void hands_requests_down_in_order(void **state)
{
    struct world *w = *state;
    start(w, &answers, NULL);
    (void)next_state(w, SOURCE_PARTIAL);
    for (uint32_t id = 1; id <= 100; id++)
        request(w, REQUEST_FETCH, id, id % 2 ? "odd" : "even");
    for (uint32_t id = 1; id <= 100; id++) {
        struct message *m = next_of(w, MESSAGE_DOCUMENT);
        assert_int_equal(m->request, id);
        assert_true(span_is(span_make(m->bytes, m->len), id % 2 ? "odd" : "even"));
        message_free(m);
    }
}

static void what_is_wanted_is_known_at_the_start(void **state)
{
    struct world *w = *state;
    struct err err;
    const struct runner_options o = {.backend = &answers,
                                     .name = "house",
                                     .kinds = &kinds,
                                     .clock = w->clock,
                                     .inbox = w->inbox};
    w->runner = runner_new(&o, &err);
    request(w, REQUEST_WANT, 0, NULL);
    assert_true(runner_start(w->runner, &err));
    assert_string_equal(next_state(w, SOURCE_PARTIAL).note, "wanted");
    request(w, REQUEST_UNWANT, 0, NULL);
    assert_string_equal(next_state(w, SOURCE_FRESH).note, "no");
}

static void proof_of_life_keeps_what_was_said(void **state)
{
    struct world *w = *state;
    start(w, &answers, NULL);
    (void)next_state(w, SOURCE_PARTIAL);
    clock_step(w->clock, 5000);
    request(w, REQUEST_REFRESH, 0, NULL);
    struct source_report r = next_state(w, SOURCE_PARTIAL);
    assert_string_equal(r.note, "not wanted");
    assert_true(r.proof_ms == clock_wall_ms(w->clock));
    request(w, REQUEST_REFRESH, 0, NULL); /* within the second: nothing goes up */
    request(w, REQUEST_FETCH, 1, "end");
    struct message *m = next(w);
    assert_int_equal(m->type, MESSAGE_DOCUMENT);
    message_free(m);
}

static void one_that_ends_waits_for_a_request(void **state)
{
    struct world *w = *state;
    start(w, &ends, NULL);
    (void)next_state(w, SOURCE_FRESH);
    assert_int_equal(atomic_load(&runs), 1);
    request(w, REQUEST_WANT, 0, NULL);
    (void)next_state(w, SOURCE_FRESH);
    assert_int_equal(atomic_load(&runs), 2);
}

static void settings_are_handed_over(void **state)
{
    struct world *w = *state;
    static const char *const pairs[] = {"colours=no", "colour=red=ish", NULL};
    start(w, &blocks, pairs);
    assert_string_equal(next_state(w, SOURCE_FRESH).note, "red=ish");
}

static void settings_have_defaults(void **state)
{
    struct world *w = *state;
    start(w, &blocks, NULL);
    assert_string_equal(next_state(w, SOURCE_FRESH).note, "grey");
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(stops_one_that_waits),
        CASE(backs_off_longer_and_longer),
        CASE(a_back_off_ends_by_the_clock),
        CASE(a_good_minute_forgives),
        CASE(waits_for_a_login_and_not_for_time),
        CASE(answers_while_the_source_is_away),
        CASE(stops_one_that_floods_a_full_queue),
        CASE(leaves_one_that_ignores_everything),
        CASE(hands_requests_down_in_order),
        CASE(what_is_wanted_is_known_at_the_start),
        CASE(proof_of_life_keeps_what_was_said),
        CASE(one_that_ends_waits_for_a_request),
        CASE(settings_are_handed_over),
        CASE(settings_have_defaults),
    };
    return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
