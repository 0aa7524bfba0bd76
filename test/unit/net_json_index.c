/* An indexed text reads as the same text without an index does. */
#include <config.h>

#include "net/json.h"
#include "net/json_index.h"
#include "test/unit/net_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every value in order, with its key, as one text. */
static void tell(struct json_value v, struct json_value key, struct strbuf *out)
{
    struct strbuf scratch = STRBUF_INIT((size_t)1 << 20);
    struct json_iter it;
    struct json_value k, child;
    strbuf_addf(out, "%d", (int)v.type);
    strbuf_add(out, json_as_text(key, &scratch));
    strbuf_addc(out, ':');
    if (v.type != JSON_ARRAY && v.type != JSON_OBJECT)
        strbuf_add(out, v.type == JSON_STRING ? json_as_text(v, &scratch) : v.text);
    strbuf_addc(out, '(');
    for (json_iter_init(&it, v); json_next(&it, &k, &child);)
        tell(child, k, out);
    strbuf_addc(out, ')');
    strbuf_clear(&scratch);
}

static void same(struct span text, const char *skip)
{
    struct strbuf plain = STRBUF_INIT((size_t)16 << 20), indexed = STRBUF_INIT((size_t)16 << 20);
    struct arena *arena = arena_new((size_t)16 << 20);
    struct json_value v = json_value(text), none = {.type = JSON_NONE};
    struct json_value with = json_indexed(v, arena, skip);
    tell(v, none, &plain);
    tell(with, none, &indexed);
    assert_string_equal(strbuf_cstr(&indexed), strbuf_cstr(&plain));
    strbuf_clear(&plain);
    strbuf_clear(&indexed);
    arena_free(arena);
}

static void texts_read_alike(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"a\":1}",
        " { \"a\" : [ 1 , 2.5e3 , true , null , \"x\\\"y\" , { } ] , \"b\" : { \"c\" : [ ] } } ",
        "{\"a\":{\"b\":{\"c\":\"d\"}},\"managedFields\":[{\"x\":[1,2,{\"y\":\"]}\"}]}],\"z\":9}",
        "[[[[1],2],3],{\"k\\u0065y\":\"v\\n\"}]",
        "{\"a\":1,\"a\":2}",
    };
    (void)state;
    for (size_t i = 0; i < BN_COUNT(texts); i++) {
        same(span_from(texts[i]), NULL);
        same(span_from(texts[i]), "managedFields");
    }
}

static void a_recorded_list_reads_alike(void **state)
{
    struct strbuf file = STRBUF_INIT((size_t)16 << 20);
    (void)state;
    read_recorded("025-list-pods.http", &file);
    same(recorded_body(strbuf_span(&file)), NULL);
    same(recorded_body(strbuf_span(&file)), "managedFields");
    strbuf_clear(&file);
}

static void broken_texts_are_left_to_the_walk(void **state)
{
    static const char *const texts[] = {"{",         "{\"a\"",  "{\"a\":",    "{\"a\":1",
                                        "{\"a\":1,", "[1,2",    "[1,,2]",     "{\"a\" 1}",
                                        "[1 2]",     "{\"a:1}", "{\"a\":1,}", "{a:1}"};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(texts); i++)
        same(span_from(texts[i]), NULL);
}

static void members_are_found(void **state)
{
    struct arena *arena = arena_new((size_t)1 << 20);
    struct json_value v = json_indexed(
        json_value(SPAN("{\"a\":1,\"b\":{\"c\":{\"d\":\"deep\"}},\"a\":2,\"\\u0065\":[7,8]}")),
        arena, NULL);
    int64_t n = 0;
    (void)state;
    assert_non_null(v.index);
    assert_true(json_as_int(json_get(v, "a"), &n));
    assert_int_equal(n, 2); /* the last of two counts */
    assert_true(json_is(json_path(v, "b.c.d"), "deep"));
    assert_true(json_as_int(json_path(v, "e.1"), &n));
    assert_int_equal(n, 8);
    assert_int_equal(json_get(v, "nothing").type, JSON_NONE);
    assert_int_equal(json_path(v, "b.x.d").type, JSON_NONE);
    struct span whole = json_whole(json_get(v, "b"));
    assert_true(span_is(whole, "{\"c\":{\"d\":\"deep\"}}"));
    arena_free(arena);
}

/* Deeper than the index goes, the text is walked; and what is skipped can be read. */
static void depth_and_skipped(void **state)
{
    struct strbuf deep = STRBUF_INIT(4096);
    struct arena *arena = arena_new((size_t)1 << 20);
    (void)state;
    strbuf_fill(&deep, '[', 80);
    strbuf_fill(&deep, ']', 80);
    struct json_value v = json_indexed(json_value(strbuf_span(&deep)), arena, NULL);
    size_t levels = 0;
    for (; v.type == JSON_ARRAY && levels < 100; levels++)
        v = json_path(v, "0");
    assert_in_range(levels, 64, 80);
    struct json_value some =
        json_indexed(json_value(SPAN("{\"s\":{\"k\":[1,{\"x\":\"y\"}]}}")), arena, "s");
    assert_true(json_is(json_path(some, "s.k.1.x"), "y"));
    strbuf_clear(&deep);
    arena_free(arena);
}

/* An arena that is full gives the plain value, not a wrong one. */
static void no_memory_for_an_index(void **state)
{
    struct arena *arena = arena_new(64);
    (void)state;
    struct json_value v = json_indexed(json_value(SPAN("{\"a\":{\"b\":\"c\"}}")), arena, NULL);
    assert_null(v.index);
    assert_true(json_is(json_path(v, "a.b"), "c"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_read_alike),
        cmocka_unit_test(a_recorded_list_reads_alike),
        cmocka_unit_test(broken_texts_are_left_to_the_walk),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(depth_and_skipped),
        cmocka_unit_test(no_memory_for_an_index),
    };
    return cmocka_run_group_tests_name("net_json_index", tests, NULL, NULL);
}
