/* The session: contexts, kinds that are wanted, documents, time; with a backend
 * that does as the context's name says. */
#include <config.h>

#include "net/credential.h"
#include "test/unit/session_test.h"

#include <errno.h>
#include <stdatomic.h>

/* ---- The backend. */

static const struct column columns[] = {
    {.name = "name", .title = "NAME", .type = VALUE_TEXT, .width = 8},
};
static const struct kind thing = {.name = "thing",
                                  .plural = "things",
                                  .aliases = "th",
                                  .title = "Things",
                                  .columns = columns,
                                  .ncolumns = 1,
                                  .sort = "name"};
static const struct kind *const kinds[] = {&thing, NULL};
static const struct system systems[] = {{.name = NULL}};

static void send_rows(struct backend_ctx *ctx)
{
    struct row_writer w;
    row_writer_init(&w, &thing, 65536);
    (void)ctx_sync_begin(ctx, 0);
    for (int i = 0; i < 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "row%d", i);
        row_begin(&w, span_from(key));
        row_text(&w, 0, span_from(ctx_name(ctx)));
        bn_assert(row_end(&w));
    }
    (void)ctx_push_rows(ctx, 0, &w);
    (void)ctx_sync_end(ctx, 0, NULL);
    row_writer_clear(&w);
}

static void answer(struct backend_ctx *ctx, const struct request *r)
{
    struct err err;
    struct span key = span_make(r->key, r->key_len);
    switch (r->type) {
    case REQUEST_WANT:
        send_rows(ctx);
        break;
    case REQUEST_FETCH:
        (void)err_set(&err, ERR_NOTFOUND, "there is no %.*s", SPAN_ARG(key));
        (void)ctx_document(ctx, r->id, key, span_is(key, "row2") ? &err : NULL);
        break;
    case REQUEST_STREAM:
        (void)ctx_lines(ctx, r->id, SPAN("one\n"), 0, false, NULL);
        (void)ctx_lines(ctx, r->id, SPAN("two\n"), 5, true, NULL);
        break;
    case REQUEST_REFRESH:
        ctx_alive(ctx, KIND_NONE);
        break;
    case REQUEST_UNWANT:
    case REQUEST_CANCEL:
        break;
    }
}

static atomic_int logins;

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    struct request r;
    (void)self;
    struct credential *c = ctx_credential(ctx);
    struct credential_value value = {0};
    bool ok = c && credential_get(c, -1, &value, err);
    bool refused = value.authorization && strcmp(value.authorization, "Bearer old") == 0;
    credential_value_wipe(&value);
    credential_unref(c);
    atomic_fetch_add(&logins, 1);
    if (!ok || refused)
        return err_set(err, ERR_AUTH, "the token is too old");
    ctx_state(ctx, KIND_NONE, SOURCE_FRESH, NULL, NULL);
    while (strcmp(ctx_name(ctx), "hangs") == 0)
        wait_fd(-1); /* for ever: a poll() without an end */
    if (ctx_wanted(ctx, 0))
        send_rows(ctx);
    while (!ctx_stopping(ctx)) {
        wait_fd(ctx_wake_fd(ctx));
        while (ctx_next_request(ctx, &r)) {
            answer(ctx, &r);
            request_done(&r);
        }
    }
    return true;
}

static const struct backend fake = {.name = "kubernetes",
                                    .summary = "",
                                    .kinds = kinds,
                                    .systems = systems,
                                    .state_size = 1,
                                    .run = run};

/* In place of backends/registry.c. */
const struct backend *const backend_registry[] = {&fake, NULL};

const struct backend *backend_find(const char *name)
{
    return strcmp(name, fake.name) == 0 ? &fake : NULL;
}

static enum source_state state_of(const struct session *s)
{
    return store_source(session_store(s), 0)->report.state;
}

static struct handle row(const struct session *s, const char *key)
{
    struct handle h;
    assert_true(store_find(session_store(s), SOURCE_ANY, 0, span_from(key), &h));
    return h;
}

/* ---- */

static void says_what_is_wrong_with_a_context(void **state)
{
    struct world *w = *state;
    struct err err;
    struct session_options o = {.kubeconfig = w->kubeconfig, .context = "nobody"};
    assert_null(session_new(&o, &err));
    assert_non_null(strstr(err.msg, "\"nobody\" is not in the kubeconfig"));
    assert_non_null(strstr(err.msg, "good, eu-PROD-1, hangs"));
    o.context = "broken";
    assert_null(session_new(&o, &err));
    assert_non_null(strstr(err.msg, "nowhere"));
}

static void shows_rows_of_what_is_wanted(void **state)
{
    struct session *s = open_session(*state, NULL);
    assert_string_equal(session_context(s), "good");
    assert_string_equal(session_namespace(s), "shop");
    assert_false(session_production(s));
    until(s, state_of(s) == SOURCE_FRESH);
    assert_int_equal(store_count(session_store(s), 0), 0);
    session_want(s, 0);
    until(s, store_synced(session_store(s), 0));
    assert_int_equal(store_count(session_store(s), 0), 3);
    assert_string_equal(store_source(session_store(s), 0)->cluster, "good");
}

static void counts_who_wants_a_kind(void **state)
{
    struct session *s = open_session(*state, NULL);
    session_want(s, 0);
    session_want(s, 0);
    session_unwant(s, 0);
    assert_true(store_source_kind(session_store(s), 0, 0)->wanted);
    session_unwant(s, 0);
    assert_false(store_source_kind(session_store(s), 0, 0)->wanted);
}

static void fetches_documents(void **state)
{
    struct session *s = open_session(*state, NULL);
    struct session_document d;
    session_want(s, 0);
    until(s, store_synced(session_store(s), 0));
    uint32_t good = session_fetch(s, row(s, "row1"), DOCUMENT_YAML);
    uint32_t bad = session_fetch(s, row(s, "row2"), DOCUMENT_YAML);
    assert_true(good && bad && good != bad);
    until(s, session_document(s, good, &d) && d.done);
    assert_true(span_is(d.text, "row1"));
    until(s, session_document(s, bad, &d) && d.done);
    assert_int_equal(d.err.kind, ERR_NOTFOUND);
    assert_string_equal(d.err.msg, "there is no row2");
    session_cancel(s, good);
    assert_false(session_document(s, good, &d));
    assert_true(session_fetch(s, row(s, "row0"), DOCUMENT_YAML) > bad);
}

static void reads_streams(void **state)
{
    struct session *s = open_session(*state, NULL);
    const struct stream_options o = {.follow = true, .tail_lines = -1};
    struct strbuf text = STRBUF_INIT(1024);
    uint64_t dropped = 0, sum = 0;
    bool ended = false;
    struct err err;
    session_want(s, 0);
    until(s, store_synced(session_store(s), 0));
    uint32_t id = session_stream(s, row(s, "row0"), &o);
    for (int64_t end = clock_machine_ms() + PATIENCE_MS; !ended; sum += dropped) {
        turn(s, end);
        assert_true(session_lines(s, id, &text, &dropped, &ended, &err));
    }
    assert_string_equal(strbuf_cstr(&text), "one\ntwo\n");
    assert_int_equal(sum, 5);
    assert_int_equal(err.kind, ERR_NONE);
    strbuf_clear(&text);
}

static void switches_to_another_context(void **state)
{
    struct session *s = open_session(*state, NULL);
    struct err err;
    session_want(s, 0);
    until(s, store_synced(session_store(s), 0));
    assert_false(session_switch(s, "nobody", &err));
    assert_string_equal(session_context(s), "good");
    assert_int_equal(store_count(session_store(s), 0), 3);
    assert_true(session_switch(s, "eu-PROD-1", &err));
    assert_string_equal(session_context(s), "eu-PROD-1");
    assert_true(session_production(s)); /* *prod*, whatever the case */
    assert_string_equal(session_namespace(s), "default");
    assert_int_equal(store_count(session_store(s), 0), 0);
    until(s, store_synced(session_store(s), 0)); /* what was wanted is wanted here too */
    assert_true(span_is(store_text(session_store(s), row(s, "row0"), 0), "eu-PROD-1"));
    session_unwant(s, 0);
}

static void notices_silence(void **state)
{
    struct session *s = open_session(*state, NULL);
    clock_stop(session_clock(s));
    until(s, state_of(s) == SOURCE_FRESH);
    clock_step(session_clock(s), 29000);
    (void)session_turn(s, 4000);
    assert_int_equal(state_of(s), SOURCE_FRESH);
    clock_step(session_clock(s), 5000);
    (void)session_turn(s, 4000);
    assert_int_equal(state_of(s), SOURCE_STALE);
    assert_non_null(strstr(store_source(session_store(s), 0)->report.why.msg, "34s"));
    session_retry(s, SOURCE_ANY); /* any sign of life ends it */
    until(s, state_of(s) == SOURCE_FRESH);
}

static void takes_up_a_new_kubeconfig(void **state)
{
    struct world *w = *state;
    assert_true(file_replace(w->kubeconfig, SPAN(KUBECONFIG("old")), NULL));
    struct session *s = open_session(w, NULL);
    clock_stop(session_clock(s));
    until(s, state_of(s) == SOURCE_LOGIN);
    assert_string_equal(store_source(session_store(s), 0)->report.why.msg, "the token is too old");
    int before = atomic_load(&logins);
    clock_step(session_clock(s), 60000); /* time alone changes nothing */
    (void)session_turn(s, 4000);
    assert_true(file_replace(w->kubeconfig, SPAN(KUBECONFIG("newer")), NULL));
    clock_step(session_clock(s), 3000);
    until(s, state_of(s) == SOURCE_FRESH);
    assert_int_equal(atomic_load(&logins), before + 1);
}

static void keeps_what_it_has_when_the_new_kubeconfig_is_broken(void **state)
{
    struct world *w = *state;
    struct session *s = open_session(w, NULL);
    clock_stop(session_clock(s));
    until(s, state_of(s) == SOURCE_FRESH);
    assert_true(file_replace(w->kubeconfig, SPAN("contexts: {"), NULL));
    clock_step(session_clock(s), 12000);
    (void)session_turn(s, 4000);
    assert_int_equal(state_of(s), SOURCE_FRESH);
    assert_string_equal(session_context(s), "good");
}

static bool is_fresh(const struct session *s)
{
    return state_of(s) == SOURCE_FRESH;
}

static bool things_synced(const struct session *s)
{
    return store_synced(session_store(s), 0);
}

static void switch_at_once(struct session *s)
{
    struct err err;
    int64_t began = clock_machine_ms();
    session_want(s, 0);
    if (!session_switch(s, "good", &err) || clock_machine_ms() - began > 140) /* no grace */
        _exit(2);
    turn_until(s, things_synced);
    free_in_time(s);
}

static void quits_though_a_source_hangs(void **state)
{
    in_child(*state, "hangs", is_fresh, free_in_time);
}

static void leaves_a_source_that_hangs(void **state)
{
    in_child(*state, "hangs", is_fresh, switch_at_once);
}

static void finds_production_by_the_configuration(void **state)
{
    struct world *w = *state;
    configure(w, "production: 'live, g?od'\n");
    assert_true(session_production(open_session(w, NULL)));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(says_what_is_wrong_with_a_context),
        CASE(shows_rows_of_what_is_wanted),
        CASE(counts_who_wants_a_kind),
        CASE(fetches_documents),
        CASE(reads_streams),
        CASE(switches_to_another_context),
        CASE(notices_silence),
        CASE(takes_up_a_new_kubeconfig),
        CASE(keeps_what_it_has_when_the_new_kubeconfig_is_broken),
        CASE(quits_though_a_source_hangs),
        CASE(leaves_a_source_that_hangs),
        CASE(finds_production_by_the_configuration),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
