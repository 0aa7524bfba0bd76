/* The input parser: every sequence in every split, and hostile ones. */
#include <config.h>

#include "tui/input.h"

#include "base/clock.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DELAY 25

static void describe(const struct input_event *e, struct strbuf *out)
{
    static const char *const whats[] = {"press", "release", "drag", "wheel-up", "wheel-down"};
    char name[KEY_NAME_MAX];
    switch (e->type) {
    case INPUT_KEY:
        key_format(e->key, name);
        strbuf_addf(out, "%s ", name);
        break;
    case INPUT_MOUSE:
        strbuf_addf(out, "%s:%d@%d,%d ", whats[e->what], e->button, e->row, e->col);
        break;
    case INPUT_PASTE:
        strbuf_addf(out, "paste(%.*s) ", SPAN_ARG(e->paste));
        break;
    case INPUT_FOCUS:
        strbuf_adds(out, e->focused ? "focus " : "blur ");
        break;
    case INPUT_CONTROL:
        strbuf_addf(out, "step=%lld ", (long long)e->step_ms);
        break;
    }
}

static void drain(struct input *in, int64_t now, struct strbuf *out)
{
    struct input_event e;
    while (input_next(in, now, &e))
        describe(&e, out);
}

/* Everything that is still due, in order of time. */
static void settle(struct input *in, struct strbuf *out)
{
    int64_t due;
    for (int i = 0; i < 10 && (due = input_next_ms(in)) != TIME_FOREVER; i++)
        drain(in, due, out);
    assert_true(input_next_ms(in) == TIME_FOREVER);
}

static struct input *make(void)
{
    struct input *in = input_new(DELAY);
    input_define(in, "\033OP", KEYSYM_F1);
    input_define(in, "\033[[A", KEYSYM_F1);
    input_define(in, "\177", KEYSYM_BACKSPACE);
    input_define(in, "\033[25~", KEYSYM_F1 + 2);
    return in;
}

/* The same events whole, cut in two at every byte, and byte by byte. */
static void expect_len(struct span bytes, const char *wanted)
{
    for (size_t cut = 0; cut <= bytes.len; cut++) {
        struct strbuf out = STRBUF_INIT(1 << 20);
        struct input *in = make();
        input_allow_control(in, true);
        input_feed(in, span_sub(bytes, 0, cut), 1000);
        if (cut < bytes.len && !(cut && bytes.data[cut - 1] == '\033' && bytes.len == 1))
            drain(in, 1001, &out);
        input_feed(in, span_sub(bytes, cut, bytes.len), 1002);
        drain(in, 1002, &out);
        settle(in, &out);
        assert_string_equal(strbuf_cstr(&out), wanted);
        strbuf_clear(&out);
        input_free(in);
    }
    struct strbuf out = STRBUF_INIT(1 << 20);
    struct input *in = make();
    input_allow_control(in, true);
    for (size_t i = 0; i < bytes.len; i++) {
        input_feed(in, span_sub(bytes, i, 1), 1000 + (int64_t)i);
        drain(in, 1000 + (int64_t)i, &out);
    }
    settle(in, &out);
    assert_string_equal(strbuf_cstr(&out), wanted);
    strbuf_clear(&out);
    input_free(in);
}

#define expect(literal, wanted) expect_len(SPAN(literal), wanted)

static void test_characters(void **state)
{
    (void)state;
    expect("aZ~ ", "a Z ~ Space ");
    expect("\xc3\xa9\xe7\x94\xb7\xf0\x9f\x99\x82", "é 男 🙂 ");
    expect("\r\n\t\b\x7f", "Enter Enter Tab Backspace Backspace ");
    expect("\x01\x03\x1a", "C-a C-c C-z ");
    expect_len(span_make("\0\x1c", 2), "C-Space C-\\ ");
    /* Broken UTF-8 is dropped, what follows is not. */
    expect("\xffx\xc3y\xe7\x94z\xc0\xaf\xed\xa0\x80!", "x y z ! ");
    expect("\xc2\x9bx", "x "); /* U+009B */
}

static void test_keys(void **state)
{
    (void)state;
    expect("\033[A\033OB\033[C\033OD", "Up Down Right Left ");
    expect("\033[H\033OF\033[1~\033[4~\033[7~\033[8~", "Home End Home End Home End ");
    expect("\033[2~\033[3~\033[5~\033[6~", "Ins Del PgUp PgDn ");
    expect("\033OP\033[11~\033[[A\033[[E\033[24~\033[1;5P", "F1 F1 F1 F5 F12 C-F1 ");
    expect("\033[25~", "F3 "); /* from terminfo */
    expect("\033[Z\033[27;2;9~\033[9;2u", "S-Tab S-Tab S-Tab ");
    expect("\033[1;5D\033[1;3C\033[3;5~\033[1;2A", "C-Left A-Right C-Del Up ");
    expect("\033[97;5u\033[97;7u\033[27u\033[13u\033[229u\033[97;2u", "C-a A-C-a Esc Enter å A ");
    expect("\033x\033\xc3\xa9\033\x7f\033\r", "A-x A-é A-Backspace A-Enter ");
    expect("\033Oj\033OM\033OX", "* Enter = ");
}

static void test_lone_escape(void **state)
{
    (void)state;
    struct input *in = make();
    struct input_event e;
    input_feed(in, SPAN("\033"), 100);
    assert_false(input_next(in, 100, &e));
    assert_int_equal(input_next_ms(in), 100 + DELAY);
    assert_false(input_next(in, 100 + DELAY - 1, &e));
    assert_true(input_next(in, 100 + DELAY, &e));
    assert_int_equal(e.key, KEYSYM_ESC);
    assert_true(input_next_ms(in) == TIME_FOREVER);
    /* Twice is two, at once and late. */
    input_feed(in, SPAN("\033\033"), 200);
    assert_true(input_next(in, 200, &e));
    assert_int_equal(e.key, KEYSYM_ESC);
    assert_false(input_next(in, 200, &e));
    assert_true(input_next(in, 300, &e));
    assert_int_equal(e.key, KEYSYM_ESC);
    /* A slow sequence is still one: only the lone ESC is in a hurry. */
    input_feed(in, SPAN("\033["), 400);
    assert_false(input_next(in, 460, &e));
    input_feed(in, SPAN("1"), 460);
    assert_false(input_next(in, 520, &e));
    input_feed(in, SPAN("~"), 520);
    assert_true(input_next(in, 520, &e));
    assert_int_equal(e.key, KEYSYM_HOME);
    /* Alt with what begins a sequence. */
    input_feed(in, SPAN("\033["), 1000);
    assert_false(input_next(in, 1000, &e));
    assert_true(input_next(in, input_next_ms(in), &e));
    assert_int_equal(e.key, KEYSYM_ALT | '[');
    input_free(in);
}

static void test_escape_before_a_sequence(void **state)
{
    (void)state;
    expect("\033\033[A", "Esc Up ");
    expect("\033[\033[A", "Up ");
    expect("\033]0;\033[A", "Up ");
    expect("\033[12\003", "C-c ");
}

static void test_mouse(void **state)
{
    (void)state;
    expect("\033[<0;1;1M\033[<0;1;1m", "press:1@0,0 release:1@0,0 ");
    expect("\033[<2;300;241M\033[<1;5;6M", "press:3@240,299 press:2@5,4 ");
    expect("\033[<64;10;20M\033[<65;10;20M", "wheel-up:0@19,9 wheel-down:0@19,9 ");
    expect("\033[<32;7;8M\033[<35;7;8M", "drag:1@7,6 ");
    expect("\033[<0;0;1M\033[<0;1M\033[<999;1;1M\033[<-1;1;1M", "");
    expect("\033[<0;99999999999999999999;1M", "press:1@0,1114110 ");
    expect("\033[M !!x", "x "); /* X10: three bytes belong to it */
}

static void test_focus(void **state)
{
    (void)state;
    expect("\033[I\033[O", "focus blur ");
}

static void test_paste(void **state)
{
    (void)state;
    expect("\033[200~hello\nworld\033[201~", "paste(hello\nworld) ");
    expect("\033[200~\033[201~", "paste() ");
    expect("a\033[200~b\033[201~", "a paste(b) ");
    expect("\033[201~x", "x "); /* an end without a start */
    expect("\033[200~\033[A\003\033[201~", "paste(\033[A\003) ");
}

/* What stands in a paste can never be typing: the last end mark counts. */
static void test_hostile_paste(void **state)
{
    (void)state;
    expect("\033[200~x\033[201~\r:drain\r\033[201~", "paste(x\033[201~\r:drain\r) ");
    expect("\033[200~x\033[201~\033[200~:q\r\033[201~", "paste(x\033[201~\033[200~:q\r) ");
    /* Keys typed after the end are keys. */
    struct strbuf out = STRBUF_INIT(1024);
    struct input *in = make();
    input_feed(in, SPAN("\033[200~x\033[201~"), 100);
    drain(in, 100, &out);
    assert_string_equal(strbuf_cstr(&out), "");
    drain(in, input_next_ms(in), &out);
    input_feed(in, SPAN("j"), 200);
    drain(in, 200, &out);
    assert_string_equal(strbuf_cstr(&out), "paste(x) j ");
    /* So are those that came right behind it, once nothing more follows. */
    strbuf_truncate(&out, 0);
    input_feed(in, SPAN("\033[200~x\033[201~k"), 300);
    drain(in, 300, &out);
    settle(in, &out);
    assert_string_equal(strbuf_cstr(&out), "paste(x) k ");
    /* An end that never comes does not lock the keyboard. */
    strbuf_truncate(&out, 0);
    input_feed(in, SPAN("\033[200~lost"), 1000);
    settle(in, &out);
    input_feed(in, SPAN("q"), 90000);
    drain(in, 90000, &out);
    assert_string_equal(strbuf_cstr(&out), "paste(lost) q ");
    strbuf_clear(&out);
    input_free(in);
}

static void test_huge_paste_is_bounded(void **state)
{
    (void)state;
    struct input *in = make();
    struct input_event e;
    char block[4096];
    memset(block, 'x', sizeof(block));
    input_feed(in, SPAN("\033[200~"), 1);
    assert_false(input_next(in, 1, &e));
    for (int i = 0; i < 2000; i++)
        input_feed(in, span_make(block, sizeof(block)), 2);
    input_feed(in, SPAN("\033[20"), 3);
    input_feed(in, SPAN("1~"), 4);
    assert_true(input_next(in, 100, &e));
    assert_int_equal(e.type, INPUT_PASTE);
    assert_int_equal(e.paste.len, 1024 * 1024);
    assert_false(input_next(in, 100, &e));
    input_free(in);
}

static void test_answers_are_swallowed(void **state)
{
    (void)state;
    expect("\033[?1;2cx", "x ");
    expect("\033[>41;354;0cx", "x ");
    expect("\033[12;40Rx", "x ");
    expect("\033]11;rgb:1e1e/1e1e/1e1e\033\\x", "x ");
    expect("\033]11;rgb:1e1e/1e1e/1e1e\ax", "x ");
    expect("\033P1$r0m\033\\x", "x ");
    expect("\033_Gi=31;OK\033\\x", "x ");
    expect("\033[?2026;0$yx", "x ");
    expect("\033[?997;1nx", "x ");
    expect("\033[99999999999999999999999999999999999999999999999999999999999999999999999999999zx",
           "x ");
}

static void test_answer_about_synchronised_updates(void **state)
{
    (void)state;
    struct input_event e;
    struct input *in = make();
    assert_int_equal(input_sync_state(in), -1);
    input_feed(in, SPAN("\033[?2004;1$y"), 1);
    assert_false(input_next(in, 1, &e));
    assert_int_equal(input_sync_state(in), -1);
    input_feed(in, SPAN("\033[?2026;2$y"), 1);
    assert_false(input_next(in, 1, &e));
    assert_int_equal(input_sync_state(in), 2);
    input_free(in);
}

static void test_unended_answer_does_not_lock_the_keyboard(void **state)
{
    (void)state;
    struct strbuf out = STRBUF_INIT(1024);
    struct input *in = make();
    input_feed(in, SPAN("\033]52;c;AAAA"), 1);
    drain(in, 1, &out);
    assert_true(input_next_ms(in) != TIME_FOREVER);
    settle(in, &out);
    input_feed(in, SPAN("q"), 5000);
    drain(in, 5000, &out);
    assert_string_equal(strbuf_cstr(&out), "q ");
    strbuf_clear(&out);
    input_free(in);
}

static void test_control_only_when_allowed(void **state)
{
    (void)state;
    expect("\033]7778;step=1500\033\\x", "step=1500 x ");
    expect("\033]7778 ; step=0 \033\\", "step=0 ");
    expect("\033]7778;step=-5\033\\\033]7778;step=\033\\\033]7778;jump=5\033\\", "");
    struct input_event e;
    struct input *in = make();
    input_feed(in, SPAN("\033]7778;step=1500\033\\"), 1);
    assert_false(input_next(in, 1, &e));
    input_free(in);
}

static void test_definitions_cannot_take_typing_away(void **state)
{
    (void)state;
    struct input_event e;
    struct input *in = input_new(DELAY);
    input_define(in, "q", KEYSYM_F1);
    input_define(in, "\033", KEYSYM_F1);
    input_define(in, "", KEYSYM_F1);
    for (int i = 0; i < 200; i++)
        input_define(in, "\033[a", KEYSYM_UP);
    input_feed(in, SPAN("q"), 1);
    assert_true(input_next(in, 1, &e));
    assert_int_equal(e.key, 'q');
    input_free(in);
    input_free(NULL);
}

/* Random bytes in random pieces: always ends, never waits for ever. */
static void test_noise(void **state)
{
    (void)state;
    static const char pieces[] = "\033[]O<;0129~MmPZ\\\a?$y\xc3\xa9xq";
    uint32_t seed = 12345;
    struct input *in = make();
    struct strbuf out = STRBUF_INIT(1 << 22);
    for (int64_t now = 0; now < 20000; now++) {
        char bytes[8];
        size_t len = 0;
        do {
            seed = seed * 1664525 + 1013904223;
            bytes[len++] = pieces[(seed >> 16) % (sizeof(pieces) - 1)];
        } while (len < sizeof(bytes) && seed >> 31);
        input_feed(in, span_make(bytes, len), now * 10);
        strbuf_truncate(&out, 0);
        drain(in, now * 10, &out);
        assert_true(out.len < 4096 ||
                    span_search(strbuf_span(&out), SPAN("paste("), false) < out.len);
    }
    settle(in, &out);
    strbuf_clear(&out);
    input_free(in);
}

static void name_survives(const char *name)
{
    uint32_t key;
    char out[KEY_NAME_MAX];
    assert_true(key_parse(span_from(name), &key));
    key_format(key, out);
    assert_string_equal(out, name);
}

static void test_key_names(void **state)
{
    (void)state;
    static const char *const names[] = {
        "j",     "G",     "é",   "男",      "<",    "-",       "C-d", "C-Left",
        "A-x",   "A-C-x", "Esc", "F1",      "F12",  "Space",   "Tab", "S-Tab",
        "Enter", "PgUp",  "Del", "C-Space", "C-\\", "A-Enter",
    };
    uint32_t key;
    for (size_t i = 0; i < BN_COUNT(names); i++)
        name_survives(names[i]);
    char out[KEY_NAME_MAX];
    assert_true(key_parse(SPAN("C-PageUp"), &key));
    key_format(key, out);
    assert_string_equal(out, "C-PgUp");
    assert_true(key_parse(SPAN("C-A"), &key));
    assert_int_equal(key, KEYSYM_CTRL + 'a');
    static const char *const bad[] = {"",   "jj",    "F0",    "F13", "C-",
                                      "A-", "C-C-a", "enter", "\t",  "\xff"};
    for (size_t i = 0; i < BN_COUNT(bad); i++)
        assert_false(key_parse(span_from(bad[i]), &key));
    assert_true(key_is_text('a') && key_is_text(' ') && key_is_text(0x7537));
    assert_false(key_is_text(KEYSYM_UP) || key_is_text(0x7f) || key_is_text(0x9b) ||
                 key_is_text(KEYSYM_ALT | 'a'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_lone_escape),
        cmocka_unit_test(test_escape_before_a_sequence),
        cmocka_unit_test(test_mouse),
        cmocka_unit_test(test_focus),
        cmocka_unit_test(test_paste),
        cmocka_unit_test(test_hostile_paste),
        cmocka_unit_test(test_huge_paste_is_bounded),
        cmocka_unit_test(test_answers_are_swallowed),
        cmocka_unit_test(test_answer_about_synchronised_updates),
        cmocka_unit_test(test_unended_answer_does_not_lock_the_keyboard),
        cmocka_unit_test(test_control_only_when_allowed),
        cmocka_unit_test(test_definitions_cannot_take_typing_away),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_key_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
