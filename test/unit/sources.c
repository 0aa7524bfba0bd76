/* Many sources in a session: a cluster whose rows say where there are boxes, and boxes that have
 * things. They are found, told apart, let go; and one that hangs holds up none. */
#include <config.h>

#include "backends/discovery.h"
#include "test/unit/session_test.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- The cluster: has the places that the test says, "NAME=WAY NAME=WAY". */

static const struct column place_columns[] = {
    {.name = "way", .title = "WAY", .type = VALUE_TEXT, .width = 8},
};
static const struct kind place = {.name = "place",
                                  .plural = "places",
                                  .aliases = "",
                                  .title = "Places",
                                  .columns = place_columns,
                                  .ncolumns = 1,
                                  .sort = "way"};
static const struct column thing_columns[] = {
    {.name = "box", .title = "BOX", .type = VALUE_TEXT, .width = 8},
    {.name = "times", .title = "TIMES", .type = VALUE_COUNT, .width = 8},
};
static const struct kind thing = {.name = "thing",
                                  .plural = "things",
                                  .aliases = "",
                                  .title = "Things",
                                  .columns = thing_columns,
                                  .ncolumns = 2,
                                  .sort = "box"};

static const struct kind sight = {.name = "sight",
                                  .plural = "sights",
                                  .aliases = "",
                                  .title = "Sights",
                                  .columns = place_columns,
                                  .ncolumns = 1,
                                  .sort = "way"};

enum { PLACE, THING, SIGHT };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char places[256];
static char hangs[32]; /* the name of the one that does; before a session is opened */
static atomic_int box_runs, gaze_runs;

static void say_places(struct session *s, const char *text)
{
    (void)pthread_mutex_lock(&lock);
    (void)snprintf(places, sizeof(places), "%s", text);
    (void)pthread_mutex_unlock(&lock);
    if (s)
        session_retry(s, 0);
}

static void send_places(struct backend_ctx *ctx)
{
    struct row_writer w;
    char text[sizeof(places)];
    (void)pthread_mutex_lock(&lock);
    memcpy(text, places, sizeof(text));
    (void)pthread_mutex_unlock(&lock);
    struct span rest = span_from(text), one;
    row_writer_init(&w, &place, 65536);
    (void)ctx_sync_begin(ctx, PLACE);
    while (span_split(&rest, ' ', &one)) {
        size_t at = span_find(one, '=', 0);
        row_begin(&w, span_sub(one, 0, at));
        row_text(&w, 0, span_sub(one, at + 1, one.len));
        bn_assert(row_end(&w));
    }
    (void)ctx_push_rows(ctx, PLACE, &w);
    (void)ctx_sync_end(ctx, PLACE, NULL);
    row_writer_clear(&w);
}

/* Until it must stop; look is called first and for each REFRESH. */
static bool serve(struct backend_ctx *ctx, void (*look)(struct backend_ctx *ctx, int64_t times))
{
    struct request r;
    ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, NULL);
    if (strcmp(ctx_name(ctx), hangs) == 0)
        wait_fd(-1);
    for (int64_t times = 0; !ctx_stopping(ctx); times++) {
        look(ctx, times);
        wait_fd(ctx_wake_fd(ctx));
        while (ctx_next_request(ctx, &r)) {
            if (r.type == REQUEST_FETCH)
                (void)ctx_document(ctx, r.id, span_from(ctx_name(ctx)), NULL);
            request_done(&r);
        }
    }
    return true;
}

static void look_at_places(struct backend_ctx *ctx, int64_t times)
{
    (void)times;
    if (ctx_wanted(ctx, PLACE))
        send_places(ctx);
}

static bool run_cluster(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    (void)err;
    return serve(ctx, look_at_places);
}

/* ---- A box: has two things of its own. */

static void look_at_things(struct backend_ctx *ctx, int64_t times)
{
    struct row_writer w;
    ctx_say_pace(ctx, 10000);
    if (!ctx_wanted(ctx, THING))
        return;
    row_writer_init(&w, &thing, 65536);
    (void)ctx_sync_begin(ctx, THING);
    for (int i = 0; i < 2; i++) {
        row_begin(&w, span_from(i ? "spoon" : "fork"));
        row_text(&w, 0, span_from(ctx_name(ctx)));
        row_num(&w, 1, times);
        bn_assert(row_end(&w));
    }
    (void)ctx_push_rows(ctx, THING, &w);
    (void)ctx_sync_end(ctx, THING, NULL);
    row_writer_clear(&w);
}

static bool run_box(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    atomic_fetch_add(&box_runs, 1);
    const char *reach = ctx_setting(ctx, "reach");
    if (!reach || !ctx_setting(ctx, "context"))
        return err_set(err, ERR_CONFIG, "no way there");
    return serve(ctx, look_at_things);
}

static void find_boxes(const struct store *st, struct discovery *d)
{
    struct handle row;
    uint32_t at = 0;
    while (store_next(st, PLACE, &at, &row)) {
        char reach[128], name[64];
        (void)snprintf(reach, sizeof(reach), "reach=%.*s", SPAN_ARG(store_text(st, row, 0)));
        (void)snprintf(name, sizeof(name), "%.*s", SPAN_ARG(store_key(st, row)));
        const char *const settings[] = {reach, NULL};
        const struct found f = {
            .name = name, .missing = "its key", .unless = "key", .settings = settings};
        discovery_add(d, &f);
    }
}

/* ---- A gaze: looks at all places from afar; which there are may change while it does. */

static void look_at_sights(struct backend_ctx *ctx, int64_t times)
{
    struct row_writer w;
    char *targets = ctx_take_targets(ctx);
    struct span rest = span_from(targets), one;
    (void)times;
    if (!targets)
        return;
    row_writer_init(&w, &sight, 65536);
    (void)ctx_sync_begin(ctx, SIGHT);
    while (span_split(&rest, '\n', &one)) {
        row_begin(&w, one);
        bn_assert(row_end(&w));
    }
    (void)ctx_push_rows(ctx, SIGHT, &w);
    (void)ctx_sync_end(ctx, SIGHT, NULL);
    row_writer_clear(&w);
    free(targets);
}

static bool run_gaze(void *self, struct backend_ctx *ctx, struct err *err)
{
    (void)self;
    (void)err;
    atomic_fetch_add(&gaze_runs, 1);
    return serve(ctx, look_at_sights);
}

static void find_sights(const struct store *st, struct discovery *d)
{
    struct strbuf all = STRBUF_INIT(4096);
    struct handle row;
    uint32_t at = 0;
    const char *const settings[] = {NULL};
    while (store_next(st, PLACE, &at, &row))
        strbuf_addf(&all, "%s%.*s", all.len ? "\n" : "", SPAN_ARG(store_key(st, row)));
    const struct found f = {.name = "gaze", .settings = settings, .targets = strbuf_cstr(&all)};
    discovery_add(d, &f);
    strbuf_clear(&all);
}

/* It keeps something of places. */
static size_t past_of_places(const struct store *st, struct handle row,
                             struct past_figure out[PAST_FIGURES], struct strbuf *ask)
{
    if (row.kind != PLACE)
        return 0;
    out[0] = (struct past_figure){"visitors", VALUE_COUNT};
    strbuf_add(ask, store_key(st, row));
    return 1;
}

static const struct kind *const gaze_kinds[] = {&sight, NULL};
static const struct kind *const cluster_kinds[] = {&place, NULL};
static const struct kind *const box_kinds[] = {&thing, NULL};
static const struct system systems[] = {{.name = NULL}};
static const struct setting cluster_settings[] = {{NULL, NULL, NULL, SETTING_TEXT}};
static const struct setting box_settings[] = {{"reach", NULL, "", SETTING_REACH},
                                              {"key", NULL, "", SETTING_SECRET},
                                              {"context", NULL, "", SETTING_TEXT},
                                              {NULL, NULL, NULL, SETTING_TEXT}};
static const char *const box_needs[] = {"place", NULL};

static const struct backend cluster = {.name = "kubernetes",
                                       .summary = "",
                                       .kinds = cluster_kinds,
                                       .settings = cluster_settings,
                                       .systems = systems,
                                       .state_size = 1,
                                       .run = run_cluster};
static const struct backend box = {.name = "box",
                                   .summary = "",
                                   .kinds = box_kinds,
                                   .settings = box_settings,
                                   .systems = systems,
                                   .state_size = 1,
                                   .quiet_ms = 120000,
                                   .needs = box_needs,
                                   .discover = find_boxes,
                                   .run = run_box};

static const struct backend gaze = {.name = "gaze",
                                    .summary = "",
                                    .kinds = gaze_kinds,
                                    .settings = cluster_settings,
                                    .systems = systems,
                                    .state_size = 1,
                                    .quiet_ms = 120000,
                                    .needs = box_needs,
                                    .discover = find_sights,
                                    .outward = true,
                                    .past = past_of_places,
                                    .run = run_gaze};

/* In place of backends/registry.c. */
const struct backend *const backend_registry[] = {&cluster, &box, &gaze, NULL};

const struct backend *backend_find(const char *name)
{
    for (size_t i = 0; backend_registry[i]; i++)
        if (strcmp(backend_registry[i]->name, name) == 0)
            return backend_registry[i];
    return NULL;
}

/* ---- What the store knows. */

/* SOURCE_NONE: it is not there. */
static uint16_t source_named(const struct session *s, const char *name)
{
    const struct store *st = session_store(s);
    for (uint16_t i = 0; i < store_sources(st); i++)
        if (!store_source(st, i)->gone && strcmp(store_source(st, i)->name, name) == 0)
            return i;
    return SOURCE_NONE;
}

static bool has_things(const struct session *s, const char *box_name)
{
    struct handle row;
    uint16_t source = source_named(s, box_name);
    return source != SOURCE_NONE &&
           store_find(session_store(s), source, THING, SPAN("spoon"), &row) &&
           span_is(store_text(session_store(s), row, 0), box_name);
}

static int64_t times_of(const struct session *s, const char *box_name)
{
    struct handle row;
    return store_find(session_store(s), source_named(s, box_name), THING, SPAN("fork"), &row)
               ? store_num(session_store(s), row, 1, -1)
               : -1;
}

static bool knows_both(const struct session *s)
{
    return has_things(s, "red") && has_things(s, "blue");
}

#define TWO "red=proxy:a/red:80 blue=proxy:a/blue:80"

static struct session *open_two(struct world *w)
{
    hangs[0] = '\0';
    say_places(NULL, TWO);
    struct session *s = open_session(w, NULL);
    session_want(s, THING);
    until(s, knows_both(s));
    return s;
}

/* ---- */

static void finds_what_rows_speak_of(void **state)
{
    struct session *s = open_two(*state);
    const struct store *st = session_store(s);
    const struct source_info *red = store_source(st, source_named(s, "red"));
    assert_int_equal(store_count(st, THING), 4); /* the same names, twice */
    assert_string_equal(red->backend, "box");
    assert_string_equal(red->cluster, "good");
    assert_string_equal(red->reach, "proxy:a/red:80");
    assert_string_equal(red->missing, "its key");
    assert_int_equal(red->parent, 0);
    assert_false(store_source_kind(st, 0, THING)->wanted); /* that is not the cluster's */
}

static void follows_what_comes_and_goes(void **state)
{
    struct session *s = open_two(*state);
    int before = atomic_load(&box_runs);
    clock_step(session_clock(s), 2000);
    say_places(s, "red=proxy:a/red:80 green=proxy:a/green:80");
    until(s, has_things(s, "green") && source_named(s, "blue") == SOURCE_NONE &&
                 store_count(session_store(s), THING) == 4);
    assert_int_equal(atomic_load(&box_runs), before + 1); /* red is left alone */
    assert_true(has_things(s, "red"));
    clock_step(session_clock(s), 2000);
    say_places(s, "red=proxy:b/red:80 blue=proxy:a/blue:80");
    until(s, knows_both(s) && store_count(session_store(s), THING) == 4 &&
                 strcmp(store_source(session_store(s), source_named(s, "red"))->reach,
                        "proxy:b/red:80") == 0);
    assert_int_equal(source_named(s, "green"), SOURCE_NONE);
}

static bool sees(const struct session *s, const char *name)
{
    struct handle row;
    return store_find(session_store(s), SOURCE_ANY, SIGHT, span_from(name), &row);
}

static void goes_on_when_its_targets_change(void **state)
{
    struct session *s = open_two(*state);
    int before = atomic_load(&gaze_runs);
    session_want(s, SIGHT);
    until(s, sees(s, "red") && sees(s, "blue"));
    clock_step(session_clock(s), 2000);
    say_places(s, "red=proxy:a/red:80 green=proxy:a/green:80");
    until(s, sees(s, "green") && !sees(s, "blue"));
    assert_true(sees(s, "red"));
    assert_int_equal(atomic_load(&gaze_runs), before + 1);
}

static void looks_at_nothing_outside_when_told_so(void **state)
{
    configure(*state, "probes: false\n");
    struct session *s = open_two(*state);
    session_want(s, SIGHT);
    assert_false(session_pending(s, SIGHT));
    assert_int_equal(source_named(s, "gaze"), SOURCE_NONE);
}

static void looks_for_nothing_when_told_so(void **state)
{
    struct world *w = *state;
    configure(w, "discover: false\n");
    hangs[0] = '\0';
    say_places(NULL, TWO);
    struct session *s = open_session(w, NULL);
    session_want(s, PLACE);
    session_want(s, THING);
    assert_false(session_pending(s, THING));
    until(s, store_count(session_store(s), PLACE) == 2);
    assert_int_equal(store_sources(session_store(s)), 1);
    assert_false(session_fills(s, THING));
}

/* One that the configuration reaches by itself, one that it completes. */
static void takes_what_the_configuration_says(void **state)
{
    struct world *w = *state;
    configure(w, "sources:\n"
                 "- {name: mine, type: box, reach: 'https://127.0.0.1:1'}\n"
                 "- {name: red, type: box, key: 'env:KEY'}\n"
                 "- {name: blue, type: box, reach: 'https://127.0.0.1:2'}\n");
    struct session *s = open_two(w);
    const struct store *st = session_store(s);
    until(s, has_things(s, "mine"));
    const struct source_info *mine = store_source(st, source_named(s, "mine")),
                             *red = store_source(st, source_named(s, "red")),
                             *blue = store_source(st, source_named(s, "blue"));
    assert_int_equal(mine->parent, SOURCE_NONE);
    assert_string_equal(red->reach, "proxy:a/red:80");
    assert_string_equal(red->secret, "env:KEY");
    assert_string_equal(red->missing, "");
    assert_string_equal(blue->reach, "https://127.0.0.1:2");
    assert_int_equal(store_sources(st), 5); /* and the gaze */
}

/* A reader of places starts no box; one of things waits until it is known which there are. */
static void readers_start_what_they_need(void **state)
{
    struct world *w = *state;
    int before = atomic_load(&box_runs);
    w->once = true;
    hangs[0] = '\0';
    say_places(NULL, TWO);
    struct session *s = open_session(w, NULL);
    session_want(s, PLACE);
    until(s, store_synced(session_store(s), PLACE));
    assert_int_equal(store_sources(session_store(s)), 1);
    session_unwant(s, PLACE);
    assert_true(session_pending(s, THING));
    session_want(s, THING);
    until(s, !session_pending(s, THING));
    assert_true(session_fills(s, THING));
    until(s, knows_both(s));
    assert_int_equal(atomic_load(&box_runs), before + 2);
}

static void starts_a_source_when_it_is_wanted(void **state)
{
    int before = atomic_load(&box_runs);
    hangs[0] = '\0';
    say_places(NULL, TWO);
    struct session *s = open_session(*state, NULL);
    until(s, source_named(s, "blue") != SOURCE_NONE);
    const struct source_info *red = store_source(session_store(s), source_named(s, "red"));
    assert_int_equal(red->report.state, SOURCE_OFF);
    assert_int_equal(atomic_load(&box_runs), before);
    session_want(s, THING);
    until(s, knows_both(s));
}

static void asks_the_source_of_the_row(void **state)
{
    struct session *s = open_two(*state);
    struct session_document d;
    struct handle row;
    assert_true(store_find(session_store(s), source_named(s, "blue"), THING, SPAN("fork"), &row));
    uint32_t id = session_fetch(s, row, DOCUMENT_YAML);
    until(s, session_document(s, id, &d) && d.done);
    assert_true(span_is(d.text, "blue"));
    clock_step(session_clock(s), 2000);
    say_places(s, "red=proxy:a/red:80");
    until(s, source_named(s, "blue") == SOURCE_NONE);
    id = session_fetch(s, row, DOCUMENT_YAML);
    assert_true(session_document(s, id, &d) && d.done);
    assert_int_equal(d.err.kind, ERR_NOTFOUND);
}

/* Whoever keeps the past is asked, though nothing of its own is wanted, and of nothing that it has not. */
static void asks_who_keeps_the_past(void **state)
{
    struct session *s = open_two(*state);
    const int before = atomic_load(&gaze_runs);
    struct session_document d;
    struct session_past asked;
    struct handle row;
    session_want(s, PLACE);
    until(s, source_named(s, "gaze") != SOURCE_NONE);
    assert_true(store_find(session_store(s), source_named(s, "blue"), THING, SPAN("fork"), &row));
    assert_int_equal(session_past(s, row, &asked), 0);
    assert_int_equal(atomic_load(&gaze_runs), before);
    assert_true(store_find(session_store(s), SOURCE_ANY, PLACE, SPAN("red"), &row));
    uint32_t id = session_past(s, row, &asked);
    assert_int_equal(asked.count, 1);
    assert_string_equal(asked.figures[0].name, "visitors");
    until(s, session_document(s, id, &d) && d.done);
    assert_true(span_is(d.text, "gaze"));
    assert_int_equal(atomic_load(&gaze_runs), before + 1);
}

static void knows_which_one_is_quiet(void **state)
{
    struct session *s = open_two(*state);
    const struct store *st = session_store(s);
    const struct source_info *red = store_source(st, source_named(s, "red")),
                             *blue = store_source(st, source_named(s, "blue"));
    clock_stop(session_clock(s));
    clock_step(session_clock(s), 100000);
    (void)session_turn(s, 4000);
    assert_int_equal(store_source(st, 0)->report.state, SOURCE_STALE);
    assert_int_equal(red->report.state, SOURCE_FRESH); /* it is asked more seldom */
    clock_step(session_clock(s), 25000);
    (void)session_turn(s, 4000);
    assert_int_equal(red->report.state, SOURCE_STALE);
    assert_int_equal(blue->report.state, SOURCE_STALE);
    assert_non_null(strstr(blue->report.why.msg, "blue has not been heard for 2m"));
}

static void may_be_quiet_for_longer_at_rest(void **state)
{
    struct session *s = open_two(*state);
    const struct source_info *red = store_source(session_store(s), source_named(s, "red"));
    clock_stop(session_clock(s));
    session_rest(s, true);
    until(s, red->report.at_rest && red->report.every_ms == 30000);
    clock_step(session_clock(s), 300000);
    (void)session_turn(s, 4000);
    assert_int_equal(red->report.state, SOURCE_FRESH);
    clock_step(session_clock(s), 70000); /* three times its two minutes */
    (void)session_turn(s, 4000);
    assert_int_equal(red->report.state, SOURCE_STALE);
}

/* Somebody is there again: it is asked just now, and has not been away. */
static void is_not_late_when_somebody_comes_back(void **state)
{
    struct session *s = open_two(*state);
    const struct source_info *red = store_source(session_store(s), source_named(s, "red"));
    clock_stop(session_clock(s));
    session_rest(s, true);
    until(s, red->report.at_rest);
    clock_step(session_clock(s), 300000);
    session_rest(s, false);
    until(s, !red->report.at_rest);
    assert_int_equal(red->report.state, SOURCE_FRESH);
    assert_int_equal(red->report.every_ms, 10000);
}

static void a_switch_replaces_all(void **state)
{
    struct session *s = open_two(*state);
    struct err err;
    say_places(NULL, "green=proxy:a/green:80");
    assert_true(session_switch(s, "eu-PROD-1", &err));
    until(s, has_things(s, "green"));
    assert_int_equal(store_count(session_store(s), THING), 2);
    assert_int_equal(source_named(s, "red"), SOURCE_NONE);
    assert_string_equal(store_source(session_store(s), source_named(s, "green"))->cluster,
                        "eu-PROD-1");
}

/* ---- One hangs: the others go on, and the program ends in time. */

static bool others_are_there(const struct session *s)
{
    return (strcmp(hangs, "red") == 0 || has_things(s, "red")) &&
           (strcmp(hangs, "blue") == 0 || has_things(s, "blue"));
}

static bool others_have_gone_on(const struct session *s)
{
    bool on = true;
    if (strcmp(hangs, "red") != 0)
        on = times_of(s, "red") >= 20;
    if (strcmp(hangs, "blue") != 0)
        on = on && times_of(s, "blue") >= 20;
    return on;
}

static void others_go_on(struct session *s)
{
    int64_t end = clock_machine_ms() + PATIENCE_MS;
    while (!others_have_gone_on(s)) {
        session_retry(s, SOURCE_ANY);
        (void)session_turn(s, 4000);
        if (clock_machine_ms() > end)
            _exit(5);
    }
    free_in_time(s);
}

static bool both_are_found(const struct session *s)
{
    if (source_named(s, "red") == SOURCE_NONE || source_named(s, "blue") == SOURCE_NONE)
        return false;
    session_want((struct session *)(uintptr_t)s, THING);
    return true;
}

static void wait_for_others(struct session *s)
{
    turn_until(s, others_are_there);
    others_go_on(s);
}

static void one_hangs(struct world *w, const char *name)
{
    (void)snprintf(hangs, sizeof(hangs), "%s", name);
    say_places(NULL, TWO);
    in_child(w, "good", both_are_found, wait_for_others);
}

static void a_box_hangs(void **state)
{
    one_hangs(*state, "red");
    one_hangs(*state, "blue");
}

static bool mine_is_there(const struct session *s)
{
    if (times_of(s, "mine") < 0)
        return false;
    session_retry((struct session *)(uintptr_t)s, SOURCE_ANY);
    return times_of(s, "mine") >= 20;
}

static void want_and_wait_for_mine(struct session *s)
{
    session_want(s, THING);
    turn_until(s, mine_is_there);
    free_in_time(s);
}

static bool cluster_is_fresh(const struct session *s)
{
    return store_source(session_store(s), 0)->report.state == SOURCE_FRESH;
}

static void the_cluster_hangs(void **state)
{
    struct world *w = *state;
    configure(w, "sources: [{name: mine, type: box, reach: 'https://127.0.0.1:1'}]\n");
    (void)snprintf(hangs, sizeof(hangs), "hangs");
    in_child(w, "hangs", cluster_is_fresh, want_and_wait_for_mine);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(finds_what_rows_speak_of),
        CASE(follows_what_comes_and_goes),
        CASE(goes_on_when_its_targets_change),
        CASE(looks_at_nothing_outside_when_told_so),
        CASE(looks_for_nothing_when_told_so),
        CASE(takes_what_the_configuration_says),
        CASE(readers_start_what_they_need),
        CASE(starts_a_source_when_it_is_wanted),
        CASE(asks_the_source_of_the_row),
        CASE(asks_who_keeps_the_past),
        CASE(knows_which_one_is_quiet),
        CASE(may_be_quiet_for_longer_at_rest),
        CASE(is_not_late_when_somebody_comes_back),
        CASE(a_switch_replaces_all),
        CASE(a_box_hangs),
        CASE(the_cluster_hangs),
    };
    return cmocka_run_group_tests_name("sources", tests, NULL, NULL);
}
