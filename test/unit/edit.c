/* Editing: what goes as a patch of what was changed, how it is shown, and that the text lies where
 * nobody else reads it and is gone afterwards. */
#include <config.h>

#include "actions/edit_text.h"
#include "actions/patch.h"
#include "base/file.h"
#include "test/unit/net_test.h"

#include <sys/stat.h>
#include <unistd.h>

#define LIMIT ((size_t)1 << 20)

static void what_was_changed_is_the_patch(void **state)
{
    static const struct {
        const char *from, *to, *patch; /* NULL: none */
    } cases[] = {
        {"{\"a\":1,\"b\":{\"c\":2}}", "{\"a\":1,\"b\":{\"c\":2}}", NULL},
        {"{\"a\":1,\"b\":{\"c\":2}}", "{\"b\":{\"c\":3}}", "{\"b\":{\"c\":3},\"a\":null}"},
        {"{\"l\":[1,2]}", "{\"l\":[1,3]}", "{\"l\":[1,3]}"},
        {"{\"a\":{\"b\":1}}", "{\"a\":\"text\"}", "{\"a\":\"text\"}"},
        {"{\"a\":9007199254740993}", "{\"a\":9007199254740995}", "{\"a\":9007199254740995}"},
        {"{\"a\":null}", "{}", NULL},
        {"{\"k\\\"e\":1}", "{\"k\\\"e\":2}", "{\"k\\\"e\":2}"},
        {"{\"status\":1,\"metadata\":{\"uid\":\"x\",\"generation\":1}}",
         "{\"status\":2,\"metadata\":{\"uid\":\"y\",\"generation\":2}}", NULL},
        {"{\"spec\":{\"status\":1,\"uid\":\"x\"}}", "{\"spec\":{\"status\":2,\"uid\":\"x\"}}",
         "{\"spec\":{\"status\":2}}"},
    };

    (void)state;
    for (size_t i = 0; i < BN_COUNT(cases); i++) {
        struct strbuf out = STRBUF_INIT(LIMIT);
        struct json_value from = json_value(span_from(cases[i].from)),
                          to = json_value(span_from(cases[i].to));
        bool any = patch_make(span_from(cases[i].from), span_from(cases[i].to), NULL, &out);
        assert_int_equal(any, cases[i].patch != NULL);
        assert_string_equal(strbuf_cstr(&out), cases[i].patch ? cases[i].patch : "");
        if (any) {
            assert_true(patch_is_done(json_value(strbuf_span(&out)), to));
            assert_false(patch_is_done(json_value(strbuf_span(&out)), from));
        }
        strbuf_clear(&out);
    }
}

/* Another's change in between is refused by it. */
static void the_version_goes_with_it(void **state)
{
    struct strbuf out = STRBUF_INIT(LIMIT);
    (void)state;
    assert_true(patch_make(SPAN("{\"metadata\":{\"name\":\"x\"},\"a\":1}"),
                           SPAN("{\"metadata\":{\"name\":\"x\"},\"a\":2}"), "77", &out));
    assert_string_equal(strbuf_cstr(&out), "{\"metadata\":{\"resourceVersion\":\"77\"},\"a\":2}");
    strbuf_clear(&out);
}

static void lines_are_shown_with_those_around(void **state)
{
    struct strbuf out = STRBUF_INIT(LIMIT);
    (void)state;
    patch_lines(SPAN("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n"),
                SPAN("1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\nmore\n"), &out);
    assert_string_equal(strbuf_cstr(&out),
                        "  2\n  3\n  4\n- 5\n+ five\n  6\n  7\n  8\n...\n  10\n  "
                        "11\n  12\n+ more\n");
    strbuf_clear(&out);
}

/* Texts of many lines, of which each is another, are shown whole and in no long time. */
static void large_texts_are_compared(void **state)
{
    struct strbuf a = STRBUF_INIT(LIMIT * 4), b = STRBUF_INIT(LIMIT * 4),
                  out = STRBUF_INIT(LIMIT * 8);
    (void)state;
    for (int i = 0; i < 20000; i++) {
        strbuf_addf(&a, "a%d\n", i);
        strbuf_addf(&b, "b%d\n", i);
    }
    patch_lines(strbuf_span(&a), strbuf_span(&b), &out);
    assert_non_null(strstr(strbuf_cstr(&out), "- a19999\n+ b0\n"));
    strbuf_clear(&a);
    strbuf_clear(&b);
    strbuf_clear(&out);
}

/* ---- The file. */

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void the_text_is_private_and_goes(void **state)
{
    char place[] = "/tmp/binnacle-edit-XXXXXX", folder[512];
    struct err err;
    (void)state;
    assert_non_null(mkdtemp(place));
    (void)setenv("XDG_RUNTIME_DIR", place, 1);
    (void)setenv("KUBE_EDITOR", "umask 0; touch \"$1~\"; sed -i s/one/two/", 1);
    char *path = edit_text("kimai", SPAN("one\n"), &err);
    assert_non_null(path);
    struct strbuf text = STRBUF_INIT(LIMIT);
    assert_true(file_read(path, &text, &err));
    assert_non_null(strstr(strbuf_cstr(&text), "two\n"));
    strbuf_clear(&text);
    (void)snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
    assert_int_equal(mode_of(folder), 0700);
    assert_int_equal(mode_of(path), 0600);
    edit_forget("/tmp/elsewhere/kimai.yaml"); /* is none of ours */
    edit_forget(path);
    assert_int_equal(access(folder, F_OK), -1);
    free(path);
    static const char *const editors[] = {"true", "false", "sed -i s/absent/else/"};
    for (size_t i = 0; i < BN_COUNT(editors); i++) {
        (void)setenv("KUBE_EDITOR", editors[i], 1);
        assert_null(edit_text("kimai", SPAN("one\n"), &err));
        assert_int_equal(err.kind, ERR_CANCELLED);
    }
    (void)snprintf(folder, sizeof(folder), "%s/binnacle", place);
    assert_int_equal(rmdir(folder), 0); /* nothing was left in it */
    assert_int_equal(rmdir(place), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_changed_is_the_patch),
        cmocka_unit_test(the_version_goes_with_it),
        cmocka_unit_test(lines_are_shown_with_those_around),
        cmocka_unit_test(large_texts_are_compared),
        cmocka_unit_test(the_text_is_private_and_goes),
    };
    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
