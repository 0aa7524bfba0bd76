/* Objects as YAML: what is printed reads back as what the server sent, whatever
 * stands in it, and looks as kubectl prints it. */
#include <config.h>

#include "base/json_out.h"
#include "base/utf8.h"
#include "base/yaml.h"
#include "net/json_doc.h"
#include "net/yaml_out.h"
#include "test/unit/net_test.h"

#include <cjson/cJSON.h>

#define LIMIT ((size_t)32 << 20)

static void to_yaml(struct span json, struct strbuf *out)
{
    struct err err;
    strbuf_truncate(out, 0);
    if (!yaml_of_object(json, out, &err))
        fail_msg("%s: %.*s", err.msg, SPAN_ARG(span_sub(json, 0, 200)));
}

static struct yaml_doc *read_back(const struct strbuf *yaml)
{
    struct err err;
    struct yaml_doc *doc = yaml_parse(strbuf_span(yaml), "yaml", &err);
    if (!doc)
        fail_msg("%s in\n%.2000s", err.msg, strbuf_cstr(yaml));
    assert_int_equal(yaml_count(doc), 1);
    return doc;
}

/* A terminal may be told nothing by it. */
static void check_harmless(const struct strbuf *yaml)
{
    struct span rest = strbuf_span(yaml);
    assert_true(utf8_valid(rest));
    while (rest.len) {
        uint32_t code;
        rest = span_sub(rest, utf8_decode(rest, &code), rest.len);
        assert_true(code == '\n' || code == '\t' || (code >= ' ' && code < 0x7f) || code > 0x9f);
    }
}

/* ---- Recorded objects. */

static void check_object(cJSON *object, struct strbuf *yaml)
{
    struct strbuf json = STRBUF_INIT(LIMIT);
    char *text = cJSON_PrintUnformatted(object);
    to_yaml(span_from(text), yaml);
    check_harmless(yaml);
    struct yaml_doc *doc = read_back(yaml);
    yaml_to_json(yaml_root(doc, 0), &json);
    cJSON *same = cJSON_ParseWithLength(strbuf_cstr(&json), json.len);
    assert_non_null(same);
    cJSON_DeleteItemFromObjectCaseSensitive(cJSON_GetObjectItemCaseSensitive(object, "metadata"),
                                            "managedFields");
    if (!cJSON_Compare(object, same, true))
        fail_msg("not the same:\n%.3000s", strbuf_cstr(yaml));
    cJSON_Delete(same);
    cJSON_free(text);
    yaml_doc_free(doc);
    strbuf_clear(&json);
}

static void recorded_objects_read_back(void **state)
{
    static const char *const files[] = {
        "021-list-namespaces.http",
        "023-list-nodes.http",
        "025-list-pods.http",
        "027-list-services.http",
        "033-list-persistentvolumeclaims.http",
        "035-list-persistentvolumes.http",
        "037-list-events.http",
        "047-list-apps-deployments.http",
        "049-list-apps-statefulsets.http",
        "051-list-apps-daemonsets.http",
        "055-list-batch-jobs.http",
        "057-list-batch-cronjobs.http",
        "059-list-networking-ingresses.http",
        "065-list-discovery-endpointslices.http",
        "067-list-storage-storageclasses.http",
        "079-list-traefik-ingressroutes.http",
        "081-list-traefik-middlewares.http",
    };
    struct strbuf file = STRBUF_INIT(BODY_MAX), yaml = STRBUF_INIT(LIMIT);
    size_t objects = 0;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(files); i++) {
        cJSON *item;
        strbuf_truncate(&file, 0);
        read_recorded(files[i], &file);
        struct span body = recorded_body(strbuf_span(&file));
        cJSON *list = cJSON_ParseWithLength(body.data, body.len);
        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(list, "items"))
        {
            check_object(item, &yaml);
            objects++;
        }
        cJSON_Delete(list);
    }
    assert_true(objects > 200);
    strbuf_clear(&file);
    strbuf_clear(&yaml);
}

/* ---- Scalars. */

/* {"a": text} as YAML, without "a: ". */
static void one(struct span text, struct strbuf *yaml)
{
    struct strbuf json = STRBUF_INIT(LIMIT);
    struct json_out j;
    json_out_init(&j, &json, 0);
    json_object(&j);
    json_key(&j, "a");
    json_text(&j, text);
    json_object_end(&j);
    to_yaml(strbuf_span(&json), yaml);
    assert_memory_equal(strbuf_cstr(yaml), "a: ", 3);
    strbuf_consume(yaml, 3);
    strbuf_clear(&json);
}

/* clang-format off */
static const char *const mistakable[] = {
    "", "null", "Null", "NULL", "~", "true", "True", "TRUE", "false", "False", "yes", "Yes",
    "YES", "no", "No", "on", "On", "off", "OFF", "y", "Y", "n", "N", "0", "1", "-1", "+1", "017",
    "0o17", "0x1F", "0b101", "1_000", "1e3", "1E-3", "1.5", ".5", "5.", "+.5", "-.inf", ".inf",
    "+.inf", ".NaN", "12:30:45", "1:2", "2026-02-13", "=", "<<", "-", "- a", "? a", ":a", "a:",
    "a: b", "a #b", "#a", "[a]", "{a}", "&a", "*a", "!a", "|", ">", "'a", "\"a", "%a", "@a", "`a",
    ", a", " a", "a ", "---", "...", "a\tb", "\ta", "a\r\nb", "1e5-3", "\x7f", "0.1e+5",
    "2001-1-1", "1_0.5", "685_230.15", "2026-02-13T09:00:00Z", "2026-02-13 09:00:00",
};
static const char *const unmistakable[] = {
    "a", "a b", "nginx:1.25", "10.0.0.1", "10.0.0.0/8", "100m", "1.5Gi", "500Mi", "v1", "1.2.3",
    "1.2.3-rc1", "a#b", "a:b", "kube-system", "tRuE", "None",
    "5fa3c2d1-4d3f-4b1a-9c77-1b2c3d4e5f60", "1fa3c2d1-4d3f-4b1a-9c77-1b2c3d4e5f60", "http://x/y",
    "a, b", "a[0]", "\xC3\xA9t\xC3\xA9", "\xE6\x97\xA5",
};

/* clang-format on */

/* Texts that YAML 1.1 or 1.2 would take for something else (what reads manifests
 * uses 1.1) stand in quotes; what cannot be mistaken does not, as in kubectl. */
static void quotes_where_they_are_needed(void **state)
{
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(mistakable); i++) {
        one(span_from(mistakable[i]), &yaml);
        if (yaml.data[0] != '"')
            fail_msg("`%s` is printed as %s", mistakable[i], strbuf_cstr(&yaml));
    }
    for (size_t i = 0; i < BN_COUNT(unmistakable); i++) {
        struct strbuf line = STRBUF_INIT(1000);
        strbuf_addf(&line, "%s\n", unmistakable[i]);
        one(span_from(unmistakable[i]), &yaml);
        assert_string_equal(strbuf_cstr(&yaml), strbuf_cstr(&line));
        strbuf_clear(&line);
    }
    strbuf_clear(&yaml);
}

static void lines_stand_in_blocks(void **state)
{
    static const struct {
        const char *text, *yaml;
    } cases[] = {
        {"a\nb", "|-\n  a\n  b\n"},
        {"a\nb\n", "|\n  a\n  b\n"},
        {"a\nb\n\n", "|+\n  a\n  b\n\n"},
        {"a\n\n  b: c\n", "|\n  a\n\n    b: c\n"},
        {"a:\n- \"b\" # c\n", "|\n  a:\n  - \"b\" # c\n"},
        {"a\n", "|\n  a\n"},
        {"\n", "\"\\n\"\n"},
        {"\na", "\"\\na\"\n"},
        {" a\nb", "\" a\\nb\"\n"},
        {"\ta\nb", "\"\\ta\\nb\"\n"},
        {"a \nb", "\"a \\nb\"\n"},
        {"a\r\nb", "\"a\\x0d\\nb\"\n"},
        {"a\x1b[2J\nb", "\"a\\x1b[2J\\nb\"\n"},
    };
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        one(span_from(cases[i].text), &yaml);
        assert_string_equal(strbuf_cstr(&yaml), cases[i].yaml);
    }
    strbuf_clear(&yaml);
}

/* Line ends and controls that are more than one byte. */
static void control_characters_are_escaped(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        const char *yaml;
    } cases[] = {
        {"a\0b", 3, "\"a\\x00b\"\n"},
        {"1\0z", 3, "\"1\\x00z\"\n"},
        {"a\xC2\x9B[2Jb", 7, "\"a\\x9b[2Jb\"\n"},
        {"a\xC2\x85"
         "b",
         4, "\"a\\x85b\"\n"},
        {"a\xE2\x80\xA8"
         "b",
         5, "\"a\\u2028b\"\n"},
        {"a\xE2\x80\xA9"
         "b",
         5, "\"a\\u2029b\"\n"},
        {"\xEF\xBB\xBF"
         "b",
         4, "\"\\ufeffb\"\n"},
        {"a\xEF\xBF\xBF", 4, "\"a\\uffff\"\n"},
        {"a\n\xC2\x9Bq", 5, "\"a\\n\\x9bq\"\n"},
        {"a\x7f"
         "b",
         3, "\"a\\x7fb\"\n"},
        {"\xF0\x9F\x90\xA2", 4, "\xF0\x9F\x90\xA2\n"},
    };
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        one(span_make(cases[i].text, cases[i].len), &yaml);
        assert_string_equal(strbuf_cstr(&yaml), cases[i].yaml);
    }
    /* Bytes that are no text, and half a surrogate pair, come as U+FFFD. */
    to_yaml(SPAN("{\"a\":\"x\xFFy\",\"b\":\"\\ud83d\"}"), &yaml);
    assert_string_equal(strbuf_cstr(&yaml), "a: x\xEF\xBF\xBDy\nb: \xEF\xBF\xBD\n");
    strbuf_clear(&yaml);
}

static void numbers_are_left_as_they_are(void **state)
{
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    to_yaml(
        SPAN("{\"a\":9007199254740993,\"b\":-0.0,\"c\":1e+300,\"d\":true,\"e\":null,\"f\":false}"),
        &yaml);
    assert_string_equal(strbuf_cstr(&yaml),
                        "a: 9007199254740993\nb: -0.0\nc: 1e+300\nd: true\ne: null\nf: false\n");
    strbuf_clear(&yaml);
}

/* ---- Structure. */

static void stands_as_kubectl_prints_it(void **state)
{
    static const char json[] =
        "{\"spec\":{\"list\":[{\"b\":1,\"a\":[]},[[1],{}],\"x\"],\"empty\":{}},"
        "\"kind\":\"Thing\",\"metadata\":{\"name\":\"it\",\"managedFields\":[{\"manager\":\"m\"}]}}";
    static const char expected[] = "kind: Thing\n"
                                   "metadata:\n"
                                   "  name: it\n"
                                   "spec:\n"
                                   "  empty: {}\n"
                                   "  list:\n"
                                   "  - a: []\n"
                                   "    b: 1\n"
                                   "  - - - 1\n"
                                   "    - {}\n"
                                   "  - x\n";
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    to_yaml(SPAN(json), &yaml);
    assert_string_equal(strbuf_cstr(&yaml), expected);
    strbuf_clear(&yaml);
}

/* Bookkeeping is left out where it stands, and nowhere else. */
static void only_the_server_s_bookkeeping_is_hidden(void **state)
{
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    to_yaml(SPAN("{\"metadata\":{\"managedFields\":[1],\"name\":\"it\"},"
                 "\"spec\":{\"managedFields\":[2]},\"managedFields\":3}"),
            &yaml);
    assert_string_equal(strbuf_cstr(&yaml), "managedFields: 3\nmetadata:\n  name: it\n"
                                            "spec:\n  managedFields:\n  - 2\n");
    to_yaml(SPAN("{\"metadata\":{\"managedFields\":[1]},\"spec\":{}}"), &yaml);
    assert_string_equal(strbuf_cstr(&yaml), "metadata: {}\nspec: {}\n");
    strbuf_clear(&yaml);
}

static void keys_are_texts_too(void **state)
{
    static const struct {
        const char *json, *yaml;
    } cases[] = {
        {"{\"true\":1}", "\"true\": 1\n"},
        {"{\"1\":1}", "\"1\": 1\n"},
        {"{\"\":1}", "\"\": 1\n"},
        {"{\"<<\":{\"a\":1}}", "\"<<\":\n  a: 1\n"},
        {"{\"a\\nb\":1}", "\"a\\nb\": 1\n"},
        {"{\"a: b\":1}", "\"a: b\": 1\n"},
        {"{\"a\\u001b\":1}", "\"a\\x1b\": 1\n"},
        {"{\"f:app.kubernetes.io/name\":{}}", "f:app.kubernetes.io/name: {}\n"},
    };
    struct strbuf yaml = STRBUF_INIT(LIMIT), json = STRBUF_INIT(LIMIT);
    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        to_yaml(span_from(cases[i].json), &yaml);
        assert_string_equal(strbuf_cstr(&yaml), cases[i].yaml);
    }
    /* Longer than a key may be that stands before its colon [YAML 1.2, 7.4.2]. */
    strbuf_adds(&json, "{\"a\":[{\"");
    strbuf_fill(&json, 'k', 2000);
    strbuf_adds(&json, "\":\"v\",\"z\":{\"y\":1}}]}");
    to_yaml(strbuf_span(&json), &yaml);
    struct yaml_doc *doc = read_back(&yaml);
    strbuf_truncate(&yaml, 0);
    yaml_to_json(yaml_root(doc, 0), &yaml);
    assert_string_equal(strbuf_cstr(&yaml), strbuf_cstr(&json));
    yaml_doc_free(doc);
    strbuf_clear(&yaml);
    strbuf_clear(&json);
}

/* The last of duplicate keys counts, as for what the server itself reads with. */
static void duplicate_keys_are_one(void **state)
{
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    to_yaml(SPAN("{\"b\":1,\"a\":2,\"b\":{\"c\":3},\"a\":4,\"b\":5}"), &yaml);
    assert_string_equal(strbuf_cstr(&yaml), "a: 4\nb: 5\n");
    strbuf_clear(&yaml);
}

static void a_secret_keeps_its_values(void **state)
{
    struct strbuf yaml = STRBUF_INIT(LIMIT);
    (void)state;
    to_yaml(SPAN("{\"kind\":\"Secret\",\"data\":{\"password\":\"aHVudGVyMg==\",\"more\":[\"aHV\"]},"
                 "\"stringData\":{\"token\":\"hunter2\"},\"type\":\"Opaque\",\"metadata\":"
                 "{\"name\":\"s\",\"annotations\":{\"a\":\"b\","
                 "\"kubectl.kubernetes.io/last-applied-configuration\":\"{hunter2}\"}}}"),
            &yaml);
    assert_string_equal(strbuf_cstr(&yaml), "data:\n"
                                            "  more:\n"
                                            "  - '***'\n"
                                            "  password: '***'\n"
                                            "kind: Secret\n"
                                            "metadata:\n"
                                            "  annotations:\n"
                                            "    a: b\n"
                                            "  name: s\n"
                                            "stringData:\n"
                                            "  token: '***'\n"
                                            "type: Opaque\n");
    strbuf_clear(&yaml);
}

static void what_is_no_object_is_said(void **state)
{
    static const char *const bad[] = {"", "{", "{\"a\":}", "{\"a\":1}x", "<html>"};
    struct strbuf yaml = STRBUF_INIT(LIMIT), deep = STRBUF_INIT(LIMIT);
    struct err err;
    (void)state;
    for (size_t i = 0; i < BN_COUNT(bad); i++) {
        assert_false(yaml_of_object(span_from(bad[i]), &yaml, &err));
        assert_says(&err, "the object");
    }
    /* As deep as may be, whole; a level more is refused, not cut. */
    for (int levels = 60; levels < 70; levels++) {
        strbuf_truncate(&deep, 0);
        strbuf_truncate(&yaml, 0);
        for (int i = 0; i < levels; i++)
            strbuf_adds(&deep, "{\"a\":");
        strbuf_adds(&deep, "\"bottom\"");
        strbuf_fill(&deep, '}', (size_t)levels);
        bool ok = yaml_of_object(strbuf_span(&deep), &yaml, &err);
        assert_true(ok == (levels <= JSON_DEPTH_MAX));
        assert_true(!ok || strstr(strbuf_cstr(&yaml), "a: bottom\n"));
    }
    struct strbuf small = STRBUF_INIT(10);
    assert_false(yaml_of_object(SPAN("{\"a\":\"larger than ten bytes\"}"), &small, &err));
    assert_says(&err, "too large");
    strbuf_clear(&small);
    strbuf_clear(&yaml);
    strbuf_clear(&deep);
}

/* ---- Chance. */

static uint32_t dice(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

static void add_odd_text(uint32_t *seed, struct strbuf *out)
{
    static const char *const pieces[] = {
        "a",
        "b",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        ":",
        ": ",
        "#",
        " #",
        "-",
        "- ",
        "\"",
        "'",
        "\\",
        "0",
        "1",
        "e",
        ".",
        "_",
        "true",
        "null",
        "|",
        ">",
        "&",
        "*",
        "!",
        "%",
        "@",
        "`",
        "{",
        "}",
        "[",
        "]",
        ",",
        "?",
        "=",
        "<<",
        "\x1b",
        "\x7f",
        "~",
        "x1",
        "o7",
        "+",
        "T",
        "Z",
        "\xC3\xA9",
        "\xC2\x85",
        "\xC2\x9B",
        "\xE2\x80\xA8",
        "\xE2\x80\xA9",
        "\xEF\xBB\xBF",
        "\xEF\xBF\xBE",
        "\xF0\x9F\x90\xA2",
        "\x01",
        "---",
        "...",
    };
    uint32_t n = dice(seed, 8);
    for (uint32_t i = 0; i < n; i++)
        strbuf_adds(out, pieces[dice(seed, BN_COUNT(pieces))]);
}

static void odd_object(uint32_t *seed, struct strbuf *json)
{
    struct strbuf text = STRBUF_INIT(1000);
    struct json_out j;
    json_out_init(&j, json, 0);
    json_object(&j);
    json_key(&j, "a");
    json_object(&j);
    add_odd_text(seed, &text);
    json_key_span(&j, strbuf_span(&text));
    strbuf_truncate(&text, 0);
    add_odd_text(seed, &text);
    json_text(&j, strbuf_span(&text));
    json_object_end(&j);
    json_key(&j, "b");
    json_array(&j);
    for (int i = 0; i < 3; i++) {
        strbuf_truncate(&text, 0);
        add_odd_text(seed, &text);
        json_text(&j, strbuf_span(&text));
    }
    json_array(&j);
    json_object(&j);
    json_key_span(&j, strbuf_span(&text));
    json_text(&j, strbuf_span(&text));
    json_object_end(&j);
    json_array_end(&j);
    json_array_end(&j);
    json_object_end(&j);
    strbuf_clear(&text);
}

/* Twenty thousand objects of odd texts read back as they were. */
static void odd_texts_read_back(void **state)
{
    struct strbuf json = STRBUF_INIT(LIMIT), yaml = STRBUF_INIT(LIMIT), back = STRBUF_INIT(LIMIT);
    uint32_t seed = 2026;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        strbuf_truncate(&json, 0);
        strbuf_truncate(&back, 0);
        odd_object(&seed, &json);
        to_yaml(strbuf_span(&json), &yaml);
        check_harmless(&yaml);
        struct yaml_doc *doc = read_back(&yaml);
        yaml_to_json(yaml_root(doc, 0), &back);
        yaml_doc_free(doc);
        if (!span_eq(strbuf_span(&json), strbuf_span(&back)))
            fail_msg("%d:\n%s\n%s\n%s", i, strbuf_cstr(&json), strbuf_cstr(&yaml),
                     strbuf_cstr(&back));
    }
    strbuf_clear(&json);
    strbuf_clear(&yaml);
    strbuf_clear(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_objects_read_back),
        cmocka_unit_test(quotes_where_they_are_needed),
        cmocka_unit_test(lines_stand_in_blocks),
        cmocka_unit_test(control_characters_are_escaped),
        cmocka_unit_test(numbers_are_left_as_they_are),
        cmocka_unit_test(stands_as_kubectl_prints_it),
        cmocka_unit_test(only_the_server_s_bookkeeping_is_hidden),
        cmocka_unit_test(keys_are_texts_too),
        cmocka_unit_test(duplicate_keys_are_one),
        cmocka_unit_test(a_secret_keeps_its_values),
        cmocka_unit_test(what_is_no_object_is_said),
        cmocka_unit_test(odd_texts_read_back),
    };
    return cmocka_run_group_tests_name("kube yaml", tests, NULL, NULL);
}
