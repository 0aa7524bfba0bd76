/* YAML: the tree, its lines, its limits, and what it is as JSON. */
#include <config.h>

#include "base/yaml.h"

#include "base/alloc.h"
#include "base/file.h"
#include "test/unit/base_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct yaml_doc *parsed(const char *text)
{
    struct err err = {.kind = ERR_NONE};
    struct yaml_doc *doc = yaml_parse(span_from(text), "t.yaml", &err);
    if (!doc)
        fail_msg("%s", err.msg);
    return doc;
}

static void refused(struct span text, const char *message)
{
    struct err err = {.kind = ERR_NONE};
    assert_null(yaml_parse(text, "t.yaml", &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    if (message)
        assert_string_equal(err.msg, message);
}

static void is_json(const char *yaml, const char *json)
{
    struct yaml_doc *doc = parsed(yaml);
    struct strbuf out = STRBUF_INIT(100000);
    assert_int_equal(yaml_count(doc), 1);
    yaml_to_json(yaml_root(doc, 0), &out);
    assert_string_equal(strbuf_cstr(&out), json);
    strbuf_clear(&out);
    yaml_doc_free(doc);
}

static void a_tree_knows_its_lines(void **state)
{
    (void)state;
    struct yaml_doc *doc =
        parsed("# head\nclusters:\n  - name: prod\n    on: true\n  - x\nempty:\n");
    const struct yaml_node *root = yaml_root(doc, 0), *list = yaml_get(root, "clusters");
    assert_int_equal(root->type, YAML_MAP);
    assert_int_equal(root->count, 2);
    assert_int_equal(list->type, YAML_LIST);
    assert_int_equal(list->count, 2);
    assert_int_equal(list->key_line, 2);
    assert_int_equal(list->key_column, 1);
    const struct yaml_node *on = yaml_get(list->first, "on");
    assert_int_equal(on->line, 4);
    assert_int_equal(on->column, 9);
    bool value = false;
    assert_true(yaml_bool(on, &value) && value);
    assert_string_equal(yaml_text(list->first, "name", "?"), "prod");
    assert_string_equal(yaml_text(list->first, "none", "?"), "?");
    assert_string_equal(yaml_text(root, "clusters", "?"), "?");
    assert_string_equal(yaml_text(root, "empty", "?"), "?");
    assert_true(yaml_is_null(yaml_get(root, "empty")));
    assert_null(yaml_get(list, "name"));
    assert_null(yaml_get(NULL, "name"));
    assert_false(yaml_is_null(NULL));
    assert_false(yaml_bool(NULL, &value));
    yaml_doc_free(doc);
}

static void documents_stand_one_behind_the_other(void **state)
{
    (void)state;
    struct yaml_doc *doc = parsed("a: 1\n---\n---\nb: 2\n...\n");
    assert_int_equal(yaml_count(doc), 3);
    assert_string_equal(yaml_text(yaml_root(doc, 0), "a", ""), "1");
    assert_null(yaml_root(doc, 1));
    assert_string_equal(yaml_text(yaml_root(doc, 2), "b", ""), "2");
    assert_null(yaml_root(doc, 3));
    yaml_doc_free_wiped(doc);
    doc = parsed("");
    assert_int_equal(yaml_count(doc), 0);
    assert_null(yaml_root(doc, 0));
    yaml_doc_free(doc);
    doc = parsed("# nothing\n");
    assert_int_equal(yaml_count(doc), 0);
    yaml_doc_free(doc);
    yaml_doc_free(NULL);
    yaml_doc_free_wiped(NULL);
}

static void files_of_other_systems(void **state)
{
    (void)state;
    is_json("\xef\xbb\xbf"
            "a: 1\r\nb:\r\n  - x\r\n",
            "{\"a\":1,\"b\":[\"x\"]}");
    is_json("a: 1\rb: 2\r", "{\"a\":1,\"b\":2}");
}

static void plain_scalars_mean_something(void **state)
{
    (void)state;
    is_json("[true, True, FALSE, null, ~, Null]", "[true,true,false,null,null,null]");
    is_json("[yes, no, on, off, y, nULL, tRUE]",
            "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"nULL\",\"tRUE\"]");
    is_json("['true', \"12\", !!str 12, \"~\"]", "[\"true\",\"12\",\"12\",\"~\"]");
    is_json("[12, -3, 0, 1.5, 2e3, 1E-2, +7]", "[12,-3,0,1.5,2e3,1E-2,7]");
    is_json("[.5, 5., 0x1F, 0o17, 0644, -010, 089, -.5e1]", "[0.5,5,31,15,420,-8,89,-5]");
    is_json("[1.2.3, 1e, 0x, 0xg, 1_000, 12:30, -, --1, 2026-02-13, .inf, .nan, 10m, 1Gi, +-5, '']",
            "[\"1.2.3\",\"1e\",\"0x\",\"0xg\",\"1_000\",\"12:30\",\"-\",\"--1\",\"2026-02-13\","
            "\".inf\",\".nan\",\"10m\",\"1Gi\",\"+-5\",\"\"]");
    is_json("[9223372036854775807, 123456789012345678901234567890, 0xffffffffffffffffff]",
            "[9223372036854775807,123456789012345678901234567890,\"0xffffffffffffffffff\"]");
    is_json("true: 1\n2: b\n", "{\"true\":1,\"2\":\"b\"}");
}

static void texts_keep_their_form(void **state)
{
    (void)state;
    is_json("a: |\n  one\n  two\nb: >\n  one\n  two\nc: \"x\\ty\\0z\\u00e9\"\n",
            "{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\\n\",\"c\":\"x\\ty\\u0000z\u00e9\"}");
    is_json("\"a\\0b\": 1\n\"a\\0c\": 2\n", "{\"a\\u0000b\":1,\"a\\u0000c\":2}");
    is_json("{}", "{}");
    is_json("a: []\n", "{\"a\":[]}");
}

static void aliases_are_copies(void **state)
{
    (void)state;
    is_json("a: &x {k: [1, 2]}\nb: *x\nc: &y 5\nd: [*y, *y]\n",
            "{\"a\":{\"k\":[1,2]},\"b\":{\"k\":[1,2]},\"c\":5,\"d\":[5,5]}");
    is_json("- &x 1\n- &x 2\n- *x\n", "[1,2,2]");
    refused(SPAN("a: *none\n"), "t.yaml:1:4: this alias names no anchor that ended before it");
    refused(SPAN("a: &x [1, *x]\n"),
            "t.yaml:1:11: this alias names no anchor that ended before it");
    refused(SPAN("a: &x {b: *x}\n"),
            "t.yaml:1:11: this alias names no anchor that ended before it");
    refused(SPAN("a: &x 1\n---\nb: *x\n"),
            "t.yaml:3:4: this alias names no anchor that ended before it");
}

static void maps_are_merged(void **state)
{
    (void)state;
    is_json("a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n",
            "{\"a\":{\"k\":1,\"l\":2},\"b\":{\"l\":3,\"k\":1}}");
    is_json("- &x {k: 1}\n- &y {k: 2, m: 3}\n- {<<: [*x, *y], z: 0}\n",
            "[{\"k\":1},{\"k\":2,\"m\":3},{\"z\":0,\"k\":1,\"m\":3}]");
    is_json("\"<<\": 1\n", "{\"<<\":1}");
    refused(SPAN("<<: 1\n"), "t.yaml:1:5: << takes maps of at most 1000 keys");
    refused(SPAN("<<: [{}, 1]\n"), "t.yaml:1:10: << takes maps of at most 1000 keys");
    refused(SPAN("<<: {}\n<<: {}\n"), "t.yaml:2:1: the key `<<` stands here twice");
}

/* CVE-2019-11253: nine lines that would be a thousand million nodes */
static void a_bomb_does_not_go_off(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(4096);
    struct err err;
    strbuf_adds(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++) {
        strbuf_addf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            strbuf_addf(&text, "%s*a%d", k ? "," : "", i - 1);
        strbuf_adds(&text, "]\n");
    }
    assert_null(yaml_parse(strbuf_span(&text), "bomb", &err));
    assert_non_null(strstr(err.msg, "the aliases expand to too much"));
    strbuf_clear(&text);
}

static double seconds_of_cpu(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* libyaml alone takes seconds for 20,000 brackets. */
static void deep_nesting_ends_early(void **state)
{
    (void)state;
    static const char *const openers[] = {"[", "{a: ", "- ", "? "};
    for (size_t i = 0; i < BN_COUNT(openers); i++) {
        struct strbuf text = STRBUF_INIT((size_t)1 << 20);
        struct err err = {.kind = ERR_NONE};
        for (int depth = 0; depth < 20000; depth++)
            strbuf_adds(&text, openers[i]);
        double before = seconds_of_cpu();
        assert_null(yaml_parse(strbuf_span(&text), "deep", &err));
        assert_true(seconds_of_cpu() - before < 0.3);
        assert_int_equal(err.kind, ERR_CONFIG);
        strbuf_clear(&text);
    }
    struct strbuf fits = STRBUF_INIT(4096);
    strbuf_fill(&fits, '[', 64);
    strbuf_fill(&fits, ']', 64);
    yaml_doc_free(parsed(strbuf_cstr(&fits)));
    strbuf_truncate(&fits, 0);
    strbuf_fill(&fits, '[', 65);
    strbuf_fill(&fits, ']', 65);
    refused(strbuf_span(&fits), "t.yaml:1:65: this is nested too deep");
    strbuf_clear(&fits);
}

static void mistakes_name_their_place(void **state)
{
    (void)state;
    refused(SPAN("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: the key `a` stands here twice");
    refused(SPAN("a: [1, 2\nb: 3\n"), NULL);
    refused(SPAN("? [a]\n: 1\n"), "t.yaml:1:3: a key must be a plain text");
    struct err err;
    assert_null(yaml_parse(SPAN("a: 1\n\tb: 2\n"), "t.yaml", &err));
    assert_memory_equal(err.msg, "t.yaml:2:", 9);
    assert_null(yaml_parse(SPAN("a: \x01\n"), "t.yaml", &err));
    assert_memory_equal(err.msg, "t.yaml: byte 3: ", 16);
    assert_null(yaml_parse(SPAN("a: \xff\n"), "t.yaml", &err));
    assert_null(yaml_parse(SPAN("\"unfinished"), "t.yaml", &err));
    assert_null(yaml_parse(SPAN("a: b: c\n"), "t.yaml", &err));
    assert_null(yaml_parse(SPAN("%YAML 9.9\n---\na\n"), "t.yaml", &err));
}

static void a_map_of_many_keys_is_read_at_once(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT((size_t)4 << 20);
    for (int i = 0; i < 100000; i++)
        strbuf_addf(&text, "key%d: %d\n", i, i);
    double before = seconds_of_cpu();
    struct yaml_doc *doc = parsed(strbuf_cstr(&text));
    assert_true(seconds_of_cpu() - before < 3);
    assert_int_equal(yaml_root(doc, 0)->count, 100000);
    yaml_doc_free(doc);
    strbuf_adds(&text, "key77: again\n");
    refused(strbuf_span(&text), "t.yaml:100001:1: the key `key77` stands here twice");
    strbuf_clear(&text);
}

static void too_much_is_refused_unread(void **state)
{
    (void)state;
    char *text = calloc(1, ((size_t)16 << 20) + 1);
    assert_non_null(text);
    refused(span_make(text, ((size_t)16 << 20) + 1), "t.yaml is larger than 16777216 bytes");
    free(text);
}

/* Every allocation in turn fails: an error each time, and nothing leaks. */
static void exhaustion_is_an_error_value(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT((size_t)1 << 20);
    struct yaml_doc *doc = NULL;
    long n = 0;
    for (int i = 0; i < 100; i++)
        strbuf_addf(&text, "k%d: &a [%d, a long enough text]\nb: *a\n---\n", i, i);
    while (!doc && n < 10000) {
        struct err err = {.kind = ERR_NONE};
        alloc_fail_at(++n);
        doc = yaml_parse(strbuf_span(&text), "t.yaml", &err);
        alloc_fail_at(0);
        assert_int_equal(err.kind, doc ? ERR_NONE : ERR_NOMEM);
    }
    assert_true(n > 10);
    yaml_doc_free(doc);
    strbuf_clear(&text);
}

static void files_are_loaded(void **state)
{
    (void)state;
    char folder[] = "/tmp/binnacle-yaml-XXXXXX", path[64];
    struct err err;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/f.yaml", folder);
    assert_null(yaml_load(path, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_true(file_replace(path, SPAN("a: b"), &err));
    struct yaml_doc *doc = yaml_load(path, &err);
    assert_string_equal(yaml_text(yaml_root(doc, 0), "a", ""), "b");
    yaml_doc_free(doc);
    assert_true(file_replace(path, SPAN("a: ["), &err));
    assert_null(yaml_load(path, &err));
    assert_memory_equal(err.msg, path, strlen(path));
    (void)unlink(path);
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_knows_its_lines),
        cmocka_unit_test(documents_stand_one_behind_the_other),
        cmocka_unit_test(files_of_other_systems),
        cmocka_unit_test(plain_scalars_mean_something),
        cmocka_unit_test(texts_keep_their_form),
        cmocka_unit_test(aliases_are_copies),
        cmocka_unit_test(maps_are_merged),
        cmocka_unit_test(a_bomb_does_not_go_off),
        cmocka_unit_test(deep_nesting_ends_early),
        cmocka_unit_test(mistakes_name_their_place),
        cmocka_unit_test(a_map_of_many_keys_is_read_at_once),
        cmocka_unit_test(too_much_is_refused_unread),
        cmocka_unit_test(exhaustion_is_an_error_value),
        cmocka_unit_test(files_are_loaded),
    };
    return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
