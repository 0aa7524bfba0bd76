/* JSON read in place: agrees with cJSON on real answers, with a slow reader on
 * made ones, and with RFC 8259 on broken ones. */
#include <config.h>

#include "base/alloc.h"
#include "net/json.h"
#include "net/json_doc.h"
#include "net/json_scan.h"
#include "test/unit/net_test.h"

#include <cjson/cJSON.h>
#include <dirent.h>

/* ---- Against cJSON, on recorded answers. */

static void same_value(struct json_value v, const cJSON *c);

static void same_string(struct json_value v, const char *text)
{
    struct strbuf scratch = STRBUF_INIT(BODY_MAX);

    assert_int_equal(v.type, JSON_STRING);
    assert_true(span_is(json_as_text(v, &scratch), text));
    assert_true(json_is(v, text));
    strbuf_clear(&scratch);
}

static void same_children(struct json_value v, const cJSON *c)
{
    struct json_value key, value;
    const cJSON *child = c->child;
    struct json_iter it;

    for (json_iter_init(&it, v); json_next(&it, &key, &value); child = child->next) {
        assert_non_null(child);
        if (cJSON_IsObject(c))
            same_string(key, child->string);
        same_value(value, child);
    }
    assert_null(child);
    assert_true(it.done);
    assert_false(it.bad);
}

static void same_value(struct json_value v, const cJSON *c)
{
    double real;

    if (cJSON_IsString(c)) {
        same_string(v, c->valuestring);
    } else if (cJSON_IsNumber(c)) {
        assert_true(json_as_real(v, &real));
        assert_true(real == c->valuedouble);
    } else if (cJSON_IsBool(c)) {
        assert_int_equal(v.type, cJSON_IsTrue(c) ? JSON_TRUE : JSON_FALSE);
    } else if (cJSON_IsNull(c)) {
        assert_int_equal(v.type, JSON_NULL);
    } else {
        assert_int_equal(v.type, cJSON_IsArray(c) ? JSON_ARRAY : JSON_OBJECT);
        same_children(v, c);
    }
}

static bool compare_file(const char *path)
{
    struct strbuf file = STRBUF_INIT(BODY_MAX);
    const char *end;
    struct span body;
    cJSON *tree;

    assert_true(file_read(path, &file, NULL));
    body = recorded_body(strbuf_span(&file));
    tree = cJSON_ParseWithLengthOpts(body.data, body.len, &end, false);
    if (tree) {
        body.len = (size_t)(end - body.data); /* watches: the first event */
        assert_true(json_valid(body, NULL));
        assert_int_equal(json_whole(json_value(body)).len, span_trim(body).len);
        same_value(json_value(body), tree);
    }
    cJSON_Delete(tree);
    strbuf_clear(&file);
    return tree != NULL;
}

static void agrees_with_cjson_on_recorded_answers(void **state)
{
    char folder[4096];
    struct dirent *entry;
    unsigned compared = 0;
    DIR *dir;

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/test/data/recorded", getenv("top_srcdir"));
    dir = opendir(folder);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[8192];

        if (!strstr(entry->d_name, ".http"))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        compared += compare_file(path);
    }
    closedir(dir);
    assert_true(compared >= 8);
}

/* ---- Against a reader that looks at one byte after the other. */

static size_t slow_skip(const char *p, size_t len)
{
    unsigned depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < len; i++) {
        if (in_string) {
            if (p[i] == '\\')
                i++;
            else if (p[i] == '"')
                in_string = false;
        } else if (p[i] == '\\' && i + 1 < len && (p[i + 1] == '"' || p[i + 1] == '\\')) {
            i++; /* outside a string it is no JSON; both readers escape all the same */
        } else if (p[i] == '"') {
            in_string = true;
        } else if (p[i] == '{' || p[i] == '[') {
            depth++;
        } else if (p[i] == '}' || p[i] == ']') {
            if (--depth == 0)
                return i + 1;
        }
    }
    return 0;
}

static void skips_as_a_slow_reader_does(void **state)
{
    static const char alphabet[] = "\"\"\\\\\\{}[]a:, ";
    char text[400];
    uint64_t seed = 20;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t len, expected, used;
        const char *got;
        struct json_brackets plain;
        bool done;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        len = 1 + (size_t)(seed >> 33) % (sizeof text - 1);
        text[0] = '{';
        for (size_t i = 1; i < len; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = alphabet[(seed >> 40) % (sizeof alphabet - 1)];
        }
        expected = slow_skip(text, len);
        got = json_skip_container(text, text + len);
        plain = (struct json_brackets){0, false, false, false};
        used = json_brackets_scan_plain(&plain, text, len, &done);
        assert_ptr_equal(done ? text + used : NULL, got);
        if (got)
            assert_int_equal(got - text, expected);
        else if (expected) { /* too deep is the only other reason */
            unsigned opened = 0;
            for (size_t i = 0; i < expected; i++)
                opened += text[i] == '{' || text[i] == '[';
            assert_true(opened > JSON_DEPTH_MAX);
        }
    }
}

static void scans_pieces_as_it_scans_the_whole(void **state)
{
    static const char text[] =
        "{\"a\":\"\\\\\\\"}]\\\\\",\"b\":[{},[],\"\\u005c\",{\"c\":\"0123456789012345678901234567890"
        "123456789\\\\\"}],\"d\":\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\\\"]]\"} rest";
    const size_t whole = slow_skip(text, sizeof text - 1);

    (void)state;
    for (size_t piece = 1; piece < 2 * sizeof text; piece++) {
        struct json_brackets b = {0, false, false, false};
        const size_t most = piece / 2 + 1;
        size_t at = 0;
        bool done = false;

        while (!done && at < sizeof text - 1) {
            const size_t left = sizeof text - 1 - at, len = left < most ? left : most;
            at += piece % 2 ? json_brackets_scan(&b, text + at, len, &done)
                            : json_brackets_scan_plain(&b, text + at, len, &done);
        }
        assert_true(done);
        assert_int_equal(at, whole);
    }
}

/* ---- Rules. */

static void refuses_what_is_not_json(void **state)
{
    static const struct {
        const char *text;
        size_t byte; /* where it stops, from 1 */
    } cases[] = {
        {"", 1},         {" ", 2},          {"{", 2},
        {"[1,]", 4},     {"{\"a\":1,}", 8}, {"{\"a\" 1}", 6},
        {"{a:1}", 2},    {"[1 2]", 4},      {"01", 1},
        {"1.", 1},       {".5", 1},         {"-", 1},
        {"1e", 1},       {"0x10", 1},       {"+1", 1},
        {"nul", 1},      {"True", 1},       {"\"abc", 1},
        {"\"a\nb\"", 1}, {"\"\\x\"", 1},    {"\"\\u12g4\"", 1},
        {"{}x", 3},      {"[}", 2},         {"{]", 2},
        {"[,1]", 2},     {"{\"a\":}", 6},   {"{\"a\"}", 5},
        {"\"\\\"", 1},   {"NaN", 1},        {"'a'", 1},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        char expected[64];
        struct err err;

        assert_false(json_valid(span_from(cases[i].text), &err));
        assert_int_equal(err.kind, ERR_PROTO);
        (void)snprintf(expected, sizeof expected, "at byte %zu:", cases[i].byte);
        if (!strstr(err.msg, expected))
            fail_msg("%s: %s, expected %s", cases[i].text, err.msg, expected);
    }
}

static void accepts_what_is_json(void **state)
{
    static const char *const cases[] = {"0",  "-0.5e+10",     "\"\"",        "null", " [ ] ",
                                        "{}", "[[],{},\"\"]", "\"\\ud800\"", "1E400"};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++)
        assert_true(json_valid(span_from(cases[i]), NULL));
}

static void nesting_has_an_end(void **state)
{
    struct strbuf text = STRBUF_INIT(BODY_MAX);
    struct err err;

    (void)state;
    strbuf_fill(&text, '[', JSON_DEPTH_MAX);
    strbuf_fill(&text, ']', JSON_DEPTH_MAX);
    assert_true(json_valid(strbuf_span(&text), &err));
    assert_int_equal(json_whole(json_value(strbuf_span(&text))).len, text.len);
    strbuf_truncate(&text, 0);
    strbuf_fill(&text, '[', (size_t)10 << 20);
    assert_false(json_valid(strbuf_span(&text), &err));
    assert_non_null(strstr(err.msg, "nested too deep"));
    assert_int_equal(json_whole(json_value(strbuf_span(&text))).len, 0);
    strbuf_clear(&text);
}

static void strings_mean_what_they_should(void **state)
{
    static const struct {
        const char *json;
        struct span meaning;
        unsigned flags;
    } cases[] = {
        {"\"plain\"", SPAN("plain"), 0},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", SPAN("\"\\/\b\f\n\r\t"), 0},
        {"\"\\u00e9\"", SPAN("\xC3\xA9"), 0},
        {"\"\\ud83d\\ude00!\"", SPAN("\xF0\x9F\x98\x80!"), 0},
        {"\"a\\ud800b\"",
         SPAN("a\xEF\xBF\xBD"
              "b"),
         JSON_TEXT_SURROGATE},
        {"\"\\udc00\\ud800\"", SPAN("\xEF\xBF\xBD\xEF\xBF\xBD"), JSON_TEXT_SURROGATE},
        {"\"\\ud800\\u0041\"",
         SPAN("\xEF\xBF\xBD"
              "A"),
         JSON_TEXT_SURROGATE},
        {"\"\\ud800\\ud800\\udc00\"", SPAN("\xEF\xBF\xBD\xF0\x90\x80\x80"), JSON_TEXT_SURROGATE},
        {"\"a\\u0000b\"", SPAN("a\0b"), JSON_TEXT_NUL},
        {"\"\xFF\"", SPAN("\xFF"), JSON_TEXT_BAD_UTF8},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf out = STRBUF_INIT(4096);
        const struct json_value v = json_value(span_from(cases[i].json));

        assert_int_equal(json_text_add(v, &out), cases[i].flags);
        assert_true(span_eq(strbuf_span(&out), cases[i].meaning));
        strbuf_clear(&out);
    }
}

static void numbers_keep_their_digits(void **state)
{
    int64_t n = 7;

    (void)state;
    assert_true(json_as_int(json_value(SPAN("9007199254740993")), &n));
    assert_true(n == 9007199254740993);
    assert_true(json_as_int(json_value(SPAN("-9223372036854775808")), &n));
    assert_true(n == INT64_MIN);
    n = 7;
    assert_false(json_as_int(json_value(SPAN("9223372036854775808")), &n));
    assert_false(json_as_int(json_value(SPAN("1e3")), &n));
    assert_false(json_as_int(json_value(SPAN("\"12\"")), &n));
    assert_int_equal(n, 7);
    assert_true(span_is(json_value(SPAN("1e400")).text, "1e400"));
}

static void the_last_duplicate_counts(void **state)
{
    const struct json_value v = json_value(SPAN("{\"a\":1,\"a\":{\"b\":2},\"\\u0061\":{\"b\":3}}"));
    int64_t n;

    (void)state;
    assert_true(json_as_int(json_path(v, "a.b"), &n));
    assert_int_equal(n, 3);
}

static void paths_reach_into_objects_and_arrays(void **state)
{
    const struct json_value v = json_value(
        SPAN(" {\"items\":[{\"n\":\"x\"},{\"n\":\"y\"}],\"A\":1,\"empty\":{},\"none\":null}"));

    (void)state;
    assert_true(json_is(json_path(v, "items.1.n"), "y"));
    assert_int_equal(json_path(v, "items.2.n").type, JSON_NONE);
    assert_int_equal(json_path(v, "a").type, JSON_NONE); /* case counts */
    assert_int_equal(json_path(v, "none").type, JSON_NULL);
    assert_int_equal(json_path(v, "none.x").type, JSON_NONE);
    assert_int_equal(json_count(json_get(v, "items")), 2);
    assert_int_equal(json_count(json_get(v, "empty")), 0);
    assert_true(span_is(json_whole(json_get(v, "items")), "[{\"n\":\"x\"},{\"n\":\"y\"}]"));
}

static void inner_walks_may_end_early(void **state)
{
    const struct json_value v = json_value(
        SPAN("{\"m\":{\"x\":[1,2,{\"y\":\"}\"}],\"z\":2},\"s\":{\"p\":3},\"e\":{},\"last\":4}"));
    struct json_value key, value;
    struct json_iter it, in;
    struct strbuf seen = STRBUF_INIT(256);

    (void)state;
    for (json_iter_init(&it, v); json_next(&it, &key, &value);) {
        strbuf_addf(&seen, "%.*s(", SPAN_ARG(key.text));
        json_iter_enter(&in, &it);
        while (json_next(&in, &key, &value)) {
            strbuf_addf(&seen, "%.*s", SPAN_ARG(key.text));
            if (json_is(key, "x"))
                break;
        }
        strbuf_addc(&seen, ')');
    }
    assert_true(it.done);
    assert_string_equal(strbuf_cstr(&seen), "m(x)s(p)e()last()");
    strbuf_clear(&seen);
}

static void whole_containers_cost_no_second_reading(void **state)
{
    const struct json_value v = json_value(SPAN("[{\"a\":[1]},2]"));
    struct json_value value;
    struct json_iter it;

    (void)state;
    json_iter_init(&it, v);
    assert_true(json_next(&it, NULL, &value));
    assert_true(span_is(json_iter_whole(&it, value), "{\"a\":[1]}"));
    assert_true(json_next(&it, NULL, &value));
    assert_true(span_is(json_iter_whole(&it, value), "2"));
    assert_false(json_next(&it, NULL, &value));
    assert_true(it.done);
}

static void broken_text_ends_the_walk(void **state)
{
    static const char *const cases[] = {"{\"a\" 1}", "{\"a\":1 \"b\":2}", "[1 2]",     "{\"a\":[}",
                                        "{\"a\":x}", "{\"a\":1",          "{\"a\":\"", "{1:2}"};
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct json_value key, value;
        struct json_iter it;
        unsigned n = 0;

        for (json_iter_init(&it, json_value(span_from(cases[i]))); json_next(&it, &key, &value);)
            assert_true(++n < 10);
        assert_true(it.bad);
        assert_false(json_next(&it, &key, &value));
    }
}

static void documents_are_strict_and_case_sensitive(void **state)
{
    struct json_doc *doc = json_doc_parse(
        SPAN("{\"Key\":1,\"key\":\"low\",\"key\":\"last\",\"n\":9007199254740993,\"l\":[true]}"),
        "it", NULL);
    const struct json_node *root;
    struct err err;
    int64_t n = 7;

    (void)state;
    assert_non_null(doc);
    root = json_doc_root(doc);
    assert_string_equal(json_node_path_text(root, "key", ""), "last");
    assert_null(json_node_get(root, "KEY"));
    assert_false(json_node_int(json_node_get(root, "none"), &n));
    assert_true(json_node_int(json_node_get(root, "Key"), &n));
    assert_int_equal(n, 1);
    assert_true(json_node_true(json_node_first(json_node_get(root, "l"))));
    assert_int_equal(json_node_count(root), 5);
    json_doc_free_wiped(doc);
    assert_null(json_doc_parse(SPAN("{}x"), "answer of it", &err));
    assert_int_equal(err.kind, ERR_PROTO);
    assert_non_null(strstr(err.msg, "answer of it"));
    assert_null(json_doc_parse(SPAN(""), "it", &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_cjson_on_recorded_answers),
        cmocka_unit_test(skips_as_a_slow_reader_does),
        cmocka_unit_test(scans_pieces_as_it_scans_the_whole),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(accepts_what_is_json),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(strings_mean_what_they_should),
        cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(the_last_duplicate_counts),
        cmocka_unit_test(paths_reach_into_objects_and_arrays),
        cmocka_unit_test(inner_walks_may_end_early),
        cmocka_unit_test(whole_containers_cost_no_second_reading),
        cmocka_unit_test(broken_text_ends_the_walk),
        cmocka_unit_test(documents_are_strict_and_case_sensitive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
