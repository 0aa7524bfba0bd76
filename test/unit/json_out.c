/* Writing JSON. */
#include <config.h>

#include "base/json_out.h"

#include "test/unit/base_test.h"

#include <math.h>

static void every_sort_of_value(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1000);
    struct json_out j;
    json_out_init(&j, &out, 0);
    json_object(&j);
    json_key(&j, "items");
    json_array(&j);
    json_int(&j, INT64_MIN);
    json_real(&j, 0.1);
    json_real(&j, (double)NAN);
    json_bool(&j, true);
    json_bool(&j, false);
    json_null(&j);
    json_cstr(&j, NULL);
    json_cstr(&j, "x");
    json_raw(&j, SPAN("{\"a\":1}"));
    json_object(&j);
    json_object_end(&j);
    json_array_end(&j);
    json_key(&j, "next");
    json_array(&j);
    json_array_end(&j);
    json_key_span(&j, SPAN("a\0b"));
    json_int(&j, 1);
    json_object_end(&j);
    assert_string_equal(strbuf_cstr(&out),
                        "{\"items\":[-9223372036854775808,0.1,null,true,false,null,null,\"x\","
                        "{\"a\":1},{}],\"next\":[],\"a\\u0000b\":1}");
    strbuf_clear(&out);
}

static void indented(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1000);
    struct json_out j;
    json_out_init(&j, &out, 2);
    json_array(&j);
    json_object(&j);
    json_key(&j, "a");
    json_int(&j, 1);
    json_key(&j, "b");
    json_array(&j);
    json_array_end(&j);
    json_object_end(&j);
    json_int(&j, 2);
    json_array_end(&j);
    assert_string_equal(strbuf_cstr(&out), "[\n  {\n    \"a\": 1,\n    \"b\": []\n  },\n  2\n]");
    strbuf_clear(&out);
}

static void texts_are_escaped(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1000);
    struct json_out j;
    json_out_init(&j, &out, 0);
    json_text(&j, SPAN("a\"b\\c/\n\t\r\b\x1b\x7f\0z"));
    assert_string_equal(strbuf_cstr(&out),
                        "\"a\\\"b\\\\c/\\n\\t\\u000d\\u0008\\u001b\\u007f\\u0000z\"");
    strbuf_truncate(&out, 0);
    json_out_init(&j, &out, 0);
    json_text(&j, SPAN("\u00e9\u4e2d\U0001f525\xc2\x9b\xff\xed\xa0\x80"));
    assert_string_equal(strbuf_cstr(&out),
                        "\"\u00e9\u4e2d\U0001f525\\u009b\ufffd\ufffd\ufffd\ufffd\"");
    strbuf_truncate(&out, 0);
    json_out_init(&j, &out, 0);
    json_text(&j, SPAN("\u2028\uffff"));
    assert_string_equal(strbuf_cstr(&out), "\"\\u2028\\uffff\"");
    strbuf_truncate(&out, 0);
    json_out_init(&j, &out, 0);
    json_text(&j, (struct span){NULL, 0});
    assert_string_equal(strbuf_cstr(&out), "\"\"");
    strbuf_clear(&out);
}

static void what_does_not_fit_shows(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(10);
    struct json_out j;
    json_out_init(&j, &out, 0);
    json_array(&j);
    for (int i = 0; i < 20; i++)
        json_int(&j, i);
    json_array_end(&j);
    assert_true(out.failed);
    assert_null(strbuf_take(&out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sort_of_value),
        cmocka_unit_test(indented),
        cmocka_unit_test(texts_are_escaped),
        cmocka_unit_test(what_does_not_fit_shows),
    };
    return cmocka_run_group_tests_name("json_out", tests, NULL, NULL);
}
