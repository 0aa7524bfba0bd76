/* The prompt: editing UTF-8, pasting, drawing in little room. */
#include <config.h>

#include "widgets/prompt.h"

#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void press(struct prompt *p, const char *names)
{
    struct span rest = span_from(names), name;
    uint32_t key;
    while (span_split(&rest, ' ', &name)) {
        assert_true(key_parse(name, &key));
        assert_true(prompt_input(p, key));
    }
}

/* Draws into so many cells and wants this text and the cursor there. */
static void expect(const struct prompt *p, int cols, bool ascii, const char *text, int cursor)
{
    int row, col;
    struct strbuf out = STRBUF_INIT(4096);
    struct canvas *c = canvas_new(3, cols + 4, ascii);
    prompt_draw(p, c, rect_make(1, 2, 1, cols));
    canvas_dump_row(c, 1, &out);
    struct span shown = strbuf_span(&out);
    assert_true(span_is(span_sub(shown, 2, shown.len), text));
    canvas_cursor_get(c, &row, &col);
    assert_int_equal(row, 1);
    assert_int_equal(col, cursor + 2);
    strbuf_clear(&out);
    canvas_free(c);
}

static void expect_text(const struct prompt *p, const char *text)
{
    struct strbuf out = STRBUF_INIT(8192);
    strbuf_add(&out, prompt_text(p));
    assert_string_equal(strbuf_cstr(&out), text);
    strbuf_clear(&out);
}

static void test_typing_and_moving(void **state)
{
    (void)state;
    struct prompt *p = prompt_new();
    press(p, "p o d s Left Left x Home y End z");
    expect_text(p, "ypoxdsz");
    press(p, "C-a C-f C-d C-e C-b Del");
    expect_text(p, "yoxds");
    press(p, "Backspace Home Backspace End Del");
    expect_text(p, "yoxd");
    assert_false(prompt_input(p, KEYSYM_ENTER));
    assert_false(prompt_input(p, KEYSYM_UP));
    assert_false(prompt_input(p, KEYSYM_ALT | 'x'));
    prompt_free(p);
    prompt_free(NULL);
}

static void test_characters_stay_whole(void **state)
{
    (void)state;
    struct prompt *p = prompt_new();
    prompt_set(p, SPAN("a男e\xcc\x81\xcc\x82z"));
    press(p, "Left Left"); /* before the e, with its marks */
    expect(p, 20, false, "a男e\xcc\x81\xcc\x82z", 3);
    press(p, "Del");
    expect_text(p, "a男z");
    press(p, "Backspace");
    expect_text(p, "az");
    prompt_free(p);
}

static void test_words_and_ends(void **state)
{
    (void)state;
    struct prompt *p = prompt_new();
    prompt_set(p, SPAN("restarts>3  age<2h "));
    press(p, "C-w");
    expect_text(p, "restarts>3  ");
    press(p, "A-b C-k");
    expect_text(p, "");
    prompt_set(p, SPAN("one two three"));
    press(p, "C-Left C-Left A-f C-u");
    expect_text(p, " three");
    press(p, "C-Right A-Backspace");
    expect_text(p, " ");
    prompt_free(p);
}

static void test_paste_types_no_control(void **state)
{
    (void)state;
    struct prompt *p = prompt_new();
    prompt_set(p, SPAN("ab"));
    press(p, "Left");
    prompt_paste(p, SPAN("x\ny\033[31m\xff\xc2\x9bz"));
    expect_text(p, "ax y [31m\xef\xbf\xbd zb");
    prompt_free(p);
}

static void test_full_prompt_takes_no_more(void **state)
{
    (void)state;
    struct strbuf text = STRBUF_INIT(1 << 20);
    struct prompt *p = prompt_new();
    strbuf_adds(&text, "x");
    for (int i = 0; i < 3000; i++)
        strbuf_adds(&text, "é");
    prompt_set(p, strbuf_span(&text));
    assert_int_equal(prompt_text(p).len, PROMPT_BYTES_MAX - 1); /* cut between characters */
    press(p, "é y z");
    assert_int_equal(prompt_text(p).len, PROMPT_BYTES_MAX);
    assert_int_equal(prompt_text(p).data[PROMPT_BYTES_MAX - 1], 'y');
    prompt_set(p, prompt_text(p)); /* its own text */
    assert_int_equal(prompt_text(p).len, PROMPT_BYTES_MAX);
    strbuf_clear(&text);
    prompt_free(p);
}

static void test_long_text_scrolls(void **state)
{
    (void)state;
    struct prompt *p = prompt_new();
    prompt_set(p, SPAN("abcdefgh"));
    expect(p, 5, false, "efgh", 4);
    press(p, "Left Left");
    expect(p, 5, false, "cdefg", 4);
    press(p, "Home");
    expect(p, 5, false, "abcde", 0);
    prompt_set(p, SPAN("男女子"));
    expect(p, 5, false, "女子", 4);
    expect(p, 4, false, " 子", 3); /* half of a wide one is a blank */
    expect(p, 5, true, "???", 3);
    prompt_free(p);
}

static void test_secret_is_never_drawn(void **state)
{
    (void)state;
    struct prompt *p = prompt_new();
    prompt_set_secret(p, true);
    prompt_set(p, SPAN("pässword"));
    expect(p, 20, false, "••••••••", 8);
    expect(p, 20, true, "********", 8);
    expect(p, 4, true, "***", 3);
    prompt_free(p);
}

static void test_faults_are_underlined(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(4096);
    struct prompt *p = prompt_new();
    struct canvas *c = canvas_new(1, 20, false);
    static const size_t faults[][2] = {{2, 5}, {6, 9}};
    prompt_set(p, SPAN("a bad bad"));
    prompt_mark(p, faults, 2);
    prompt_draw(p, c, rect_make(0, 0, 1, 20));
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), "0:0-1 input\n0:2-4 fault underline\n0:5-5 input\n"
                                           "0:6-8 fault underline\n0:9-19 input\n");
    strbuf_truncate(&out, 0);
    press(p, "x");
    prompt_draw(p, c, rect_make(0, 0, 1, 20));
    canvas_dump_roles(c, &out);
    assert_string_equal(strbuf_cstr(&out), "0:0-19 input\n");
    strbuf_clear(&out);
    canvas_free(c);
    prompt_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_typing_and_moving),
        cmocka_unit_test(test_characters_stay_whole),
        cmocka_unit_test(test_words_and_ends),
        cmocka_unit_test(test_paste_types_no_control),
        cmocka_unit_test(test_full_prompt_takes_no_more),
        cmocka_unit_test(test_long_text_scrolls),
        cmocka_unit_test(test_secret_is_never_drawn),
        cmocka_unit_test(test_faults_are_underlined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
