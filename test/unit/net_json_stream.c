/* Lists and watches cut into objects, in whatever pieces they come. */
#include <config.h>

#include "base/alloc.h"
#include "net/json_stream.h"
#include "test/unit/net_test.h"

struct seen {
    struct strbuf names; /* "a b c" */
    unsigned heads;
    unsigned stop_after;
    char next[256];
};

static bool on_item(void *context, struct json_value item)
{
    struct seen *s = context;
    struct strbuf scratch = STRBUF_INIT(4096);

    strbuf_add(&s->names, json_as_text(json_path(item, "metadata.name"), &scratch));
    strbuf_addc(&s->names, ' ');
    strbuf_clear(&scratch);
    return s->stop_after == 0 || --s->stop_after > 0;
}

static bool on_head(void *context, const struct json_list_head *head)
{
    struct seen *s = context;

    s->heads++;
    (void)snprintf(s->next, sizeof s->next, "%s", strbuf_cstr(&head->next));
    return true;
}

static void seen_init(struct seen *s)
{
    *s = (struct seen){.names = STRBUF_INIT(BODY_MAX)};
}

static void list_init(struct json_list *list, struct seen *s)
{
    seen_init(s);
    json_list_init(list, "list of pods");
    list->on_item = on_item;
    list->on_head = on_head;
    list->context = s;
}

static void list_done(struct json_list *list, struct seen *s)
{
    json_list_clear(list);
    strbuf_clear(&s->names);
}

/* Feeds text in pieces. */
static bool feed(struct json_list *list, struct span text, size_t piece, struct err *err)
{
    for (size_t at = 0; at < text.len; at += piece)
        if (!json_list_feed(list, span_sub(text, at, piece), err))
            return false;
    return json_list_end(list, err);
}

static const char list_text[] =
    " {\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"1302\","
    "\"continue\":\"to\\u006ben\",\"remainingItemCount\":17},\n\"items\":[{\"metadata\":{\"name\":\"a\"}} ,"
    "{\"metadata\":{\"name\":\"b}]\\\"\"}},{\"metadata\":{\"name\":\"\\ud800\"}},7]\n,\"more\":[1,{\"x\":"
    "\"]\"}]}\n";

static void gives_the_same_items_in_any_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof list_text; piece++) {
        struct json_list list;
        struct seen s;

        list_init(&list, &s);
        assert_true(feed(&list, span_make(list_text, sizeof list_text - 1), piece, NULL));
        assert_string_equal(strbuf_cstr(&s.names), "a b}]\" \xEF\xBF\xBD  ");
        assert_int_equal(list.items, 4);
        assert_int_equal(s.heads, 1);
        assert_string_equal(s.next, "token");
        assert_string_equal(list.head.kind, "PodList");
        assert_string_equal(list.head.resource_version, "1302");
        assert_int_equal(list.head.remaining, 17);
        assert_false(list.head.is_status);
        list_done(&list, &s);
    }
}

static void reads_a_recorded_page_of_pods(void **state)
{
    struct strbuf file = STRBUF_INIT(BODY_MAX), whole = STRBUF_INIT(BODY_MAX);

    (void)state;
    read_recorded("122-pods-page1.http", &file);
    for (size_t piece = 1; piece < 70000; piece = piece * 7 + 3) {
        struct json_list list;
        struct seen s;

        list_init(&list, &s);
        assert_true(feed(&list, recorded_body(strbuf_span(&file)), piece, NULL));
        assert_string_equal(list.head.kind, "PodList");
        assert_true(list.head.next.len > 20);
        assert_true(list.items > 30);
        if (whole.len == 0)
            strbuf_add(&whole, strbuf_span(&s.names));
        assert_string_equal(strbuf_cstr(&whole), strbuf_cstr(&s.names));
        list_done(&list, &s);
    }
    strbuf_clear(&file);
    strbuf_clear(&whole);
}

/* Feeds text whole and expects a sentence with these words. */
static void expect_failure(struct span text, enum err_kind kind, const char *words)
{
    for (size_t piece = 1; piece <= text.len + 1; piece = piece * 61 + 1) {
        struct json_list list;
        struct seen s;
        struct err err = {.kind = ERR_NONE};

        list_init(&list, &s);
        assert_false(feed(&list, text, piece, &err));
        assert_int_equal(err.kind, kind);
        if (!strstr(err.msg, words))
            fail_msg("\"%s\" has no \"%s\"", err.msg, words);
        assert_non_null(strstr(err.msg, "list of pods"));
        list_done(&list, &s);
    }
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    expect_failure(SPAN(" <!DOCTYPE html><html>"), ERR_PROTO, "web page");
    expect_failure(SPAN("hello"), ERR_PROTO, "not JSON");
    expect_failure(SPAN("{\"items\":[{}{}]}"), ERR_PROTO, "not JSON");
    expect_failure(SPAN("{\"items\":[}]}"), ERR_PROTO, "not JSON");
    expect_failure(SPAN("{\"items\":[{}]}}"), ERR_PROTO, "not JSON");
    expect_failure(SPAN("{\"a\":nope}"), ERR_PROTO, "not JSON");
    expect_failure(SPAN("{\"items\":[{},{\"a\":\"b"), ERR_PROTO, "cut short after 1 objects");
    expect_failure(SPAN("{\"items\":[{},{}]"), ERR_PROTO, "cut short after 2 objects");
}

static void an_empty_body_was_cut_short(void **state)
{
    struct json_list list;
    struct err err;
    struct seen s;

    (void)state;
    list_init(&list, &s);
    assert_false(json_list_end(&list, &err));
    assert_non_null(strstr(err.msg, "cut short"));
    list_done(&list, &s);
}

static void an_object_of_ten_megabytes_is_refused(void **state)
{
    struct strbuf text = STRBUF_INIT(BODY_MAX);
    struct json_list list;
    struct err err;
    struct seen s;

    (void)state;
    strbuf_adds(&text, "{\"items\":[{},{\"a\":\"");
    strbuf_fill(&text, 'x', (size_t)10 << 20);
    strbuf_adds(&text, "\"}]}");
    list_init(&list, &s);
    assert_false(feed(&list, strbuf_span(&text), 16384, &err));
    assert_non_null(strstr(err.msg, "larger than 8 MiB"));
    assert_true(list.pending.cap <= 2 * (JSON_OBJECT_MAX + ((size_t)1 << 20)));
    assert_false(json_list_feed(&list, SPAN("{}"), &err));
    list_done(&list, &s);
    strbuf_clear(&text);
}

static void deep_nesting_is_refused(void **state)
{
    struct strbuf text = STRBUF_INIT(BODY_MAX);

    (void)state;
    strbuf_adds(&text, "{\"items\":[");
    strbuf_fill(&text, '[', 1000);
    expect_failure(strbuf_span(&text), ERR_PROTO, "deeper than 64");
    strbuf_clear(&text);
}

static void a_status_is_kept_in_place_of_a_list(void **state)
{
    struct strbuf file = STRBUF_INIT(BODY_MAX);
    struct json_list list;
    struct seen s;

    (void)state;
    read_recorded("142-403-list-pods.http", &file);
    list_init(&list, &s);
    assert_true(feed(&list, recorded_body(strbuf_span(&file)), 5, NULL));
    assert_true(list.head.is_status);
    assert_true(json_valid(strbuf_span(&list.status), NULL));
    assert_true(json_is(json_path(json_value(strbuf_span(&list.status)), "reason"), "Forbidden"));
    assert_int_equal(list.items, 0);
    list_done(&list, &s);
    strbuf_clear(&file);
}

static void a_null_list_is_empty_and_metadata_may_come_last(void **state)
{
    struct json_list list;
    struct seen s;

    (void)state;
    list_init(&list, &s);
    assert_true(
        feed(&list, SPAN("{\"items\":null,\"metadata\":{\"resourceVersion\":\"9\"}}"), 3, NULL));
    assert_int_equal(list.items, 0);
    assert_string_equal(list.head.resource_version, "9");
    assert_int_equal(s.heads, 1);
    list_done(&list, &s);
}

static void the_reader_may_stop(void **state)
{
    struct json_list list;
    struct err err;
    struct seen s;

    (void)state;
    list_init(&list, &s);
    s.stop_after = 2;
    assert_false(feed(&list, span_make(list_text, sizeof list_text - 1), 1000, &err));
    assert_int_equal(err.kind, ERR_CANCELLED);
    assert_int_equal(list.items, 2);
    list_done(&list, &s);
}

static void memory_that_runs_out_is_an_error_value(void **state)
{
    unsigned failures = 0;

    (void)state;
    for (long n = 1; n < 60; n++) {
        struct json_list list;
        struct err err = {.kind = ERR_NONE};
        bool ok;

        json_list_init(&list, "list of pods");
        alloc_fail_at(n);
        ok = feed(&list, span_make(list_text, sizeof list_text - 1), 40, &err);
        alloc_fail_at(0);
        if (ok) {
            assert_string_equal(strbuf_cstr(&list.head.next), "token");
            assert_int_equal(list.items, 4);
        } else {
            assert_int_equal(err.kind, ERR_NOMEM);
            failures++;
        }
        json_list_clear(&list);
    }
    assert_true(failures >= 2);
}

/* ---- Watches. */

struct events {
    struct strbuf text; /* "ADDED:watched@1303 " */
};

static bool on_event(void *context, enum json_event type, struct json_value object)
{
    static const char *const names[] = {"ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "?"};
    struct events *e = context;
    struct strbuf scratch = STRBUF_INIT(4096);

    strbuf_addf(&e->text, "%s:", names[type]);
    strbuf_add(&e->text, json_as_text(json_path(object, "metadata.name"), &scratch));
    strbuf_addc(&e->text, ' ');
    strbuf_clear(&scratch);
    return true;
}

static void watch_init(struct json_watch *watch, struct events *e)
{
    *e = (struct events){.text = STRBUF_INIT(BODY_MAX)};
    json_watch_init(watch, "watch of pods");
    watch->on_event = on_event;
    watch->context = e;
}

static bool feed_watch(struct json_watch *watch, struct span text, size_t piece, struct err *err)
{
    for (size_t at = 0; at < text.len; at += piece)
        if (!json_watch_feed(watch, span_sub(text, at, piece), err))
            return false;
    return json_watch_end(watch, err);
}

static const char watch_text[] =
    "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"5\"}}}\n"
    "{\"object\":{\"metadata\":{\"name\":\"b\",\"resourceVersion\":\"6\"}},\"type\":\"MODIFIED\"}"
    "{\"type\":\"NEW\",\"object\":{}}\r\n\n"
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"12\"}}}\n"
    "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"11\"}}}\n"
    "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"metadata\":{\"resourceVersion\":"
    "\"1\"}}}";

static void gives_the_same_events_in_any_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= sizeof watch_text; piece++) {
        struct json_watch watch;
        struct events e;

        watch_init(&watch, &e);
        assert_true(feed_watch(&watch, span_make(watch_text, sizeof watch_text - 1), piece, NULL));
        assert_string_equal(strbuf_cstr(&e.text),
                            "ADDED:a MODIFIED:b ?: BOOKMARK: DELETED:a ERROR: ");
        assert_string_equal(watch.resource_version, "11");
        assert_int_equal(watch.events, 6);
        json_watch_clear(&watch);
        strbuf_clear(&e.text);
    }
}

static void reads_a_recorded_watch(void **state)
{
    struct strbuf file = STRBUF_INIT(BODY_MAX);
    struct json_watch watch;
    struct events e;

    (void)state;
    read_recorded("132-watch-pods.http", &file);
    watch_init(&watch, &e);
    assert_true(feed_watch(&watch, recorded_body(strbuf_span(&file)), 100, NULL));
    assert_true(span_starts(strbuf_span(&e.text), "ADDED:watched "));
    assert_true(watch.resource_version[0] != 0);
    json_watch_clear(&watch);
    strbuf_clear(&e.text);
    strbuf_clear(&file);
}

static void says_what_is_wrong_with_a_watch(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"<html>", "web page"},
        {"{\"type\":\"ADDED\",\"object\":{}}\nxx", "not JSON"},
        {"{\"type\" \"ADDED\"}", "not JSON"},
        {"{\"type\":\"ADDED\",\"object\":{\"a\":", "cut within"},
        {"[[[[[[[[", "not JSON"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct json_watch watch;
        struct events e;
        struct err err;

        watch_init(&watch, &e);
        assert_false(feed_watch(&watch, span_from(cases[i].text), 3, &err));
        assert_int_equal(err.kind, ERR_PROTO);
        if (!strstr(err.msg, cases[i].words))
            fail_msg("\"%s\" has no \"%s\"", err.msg, cases[i].words);
        json_watch_clear(&watch);
        strbuf_clear(&e.text);
    }
}

static void a_watch_goes_on_after_a_restart(void **state)
{
    struct json_watch watch;
    struct events e;
    struct err err;

    (void)state;
    watch_init(&watch, &e);
    assert_false(
        feed_watch(&watch,
                   SPAN("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"resourceVersion\":"
                        "\"5\"}}}\n{\"type\":"),
                   1000, &err));
    json_watch_restart(&watch);
    assert_string_equal(watch.resource_version, "5");
    assert_true(feed_watch(&watch, SPAN("{\"type\":\"DELETED\",\"object\":{}}\n"), 4, &err));
    assert_string_equal(strbuf_cstr(&e.text), "ADDED: DELETED: ");
    json_watch_clear(&watch);
    strbuf_clear(&e.text);
}

static void a_bare_status_in_a_watch_is_an_error_event(void **state)
{
    struct json_watch watch;
    struct events e;

    (void)state;
    watch_init(&watch, &e);
    assert_true(feed_watch(&watch, SPAN("{\"kind\":\"Status\",\"code\":410}\n"), 7, NULL));
    assert_string_equal(strbuf_cstr(&e.text), "ERROR: ");
    json_watch_clear(&watch);
    strbuf_clear(&e.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same_items_in_any_pieces),
        cmocka_unit_test(reads_a_recorded_page_of_pods),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(an_empty_body_was_cut_short),
        cmocka_unit_test(an_object_of_ten_megabytes_is_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(a_status_is_kept_in_place_of_a_list),
        cmocka_unit_test(a_null_list_is_empty_and_metadata_may_come_last),
        cmocka_unit_test(the_reader_may_stop),
        cmocka_unit_test(memory_that_runs_out_is_an_error_value),
        cmocka_unit_test(gives_the_same_events_in_any_pieces),
        cmocka_unit_test(reads_a_recorded_watch),
        cmocka_unit_test(says_what_is_wrong_with_a_watch),
        cmocka_unit_test(a_watch_goes_on_after_a_restart),
        cmocka_unit_test(a_bare_status_in_a_watch_is_an_error_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
