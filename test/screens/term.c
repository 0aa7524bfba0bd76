/* The terminal: sizes, terminals, deaths, slow and lost lines. */
#include <config.h>

#include "test/screens/pty.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static struct pty *start(const struct pty_options *options, const char *theme)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/test/screens/term_demo", getenv("top_builddir"));
    const char *const argv[] = {path, theme, NULL};
    return pty_start(argv, options);
}

static void quit(struct pty *p)
{
    pty_keys(p, "q");
    int status = pty_wait_exit(p, 5000);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    pty_assert_restored(p);
    pty_free(p);
}

static void test_hard_text(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_wait(p);
    pty_assert_golden(p, "term-texts");
    assert_int_equal(pty_entered(p), 1); /* it keeps a stack of titles */
    assert_int_equal(pty_title(p).len, 0);
    assert_int_equal(pty_copies(p), 0);
    quit(p);
}

static void test_roles(void **state)
{
    (void)state;
    static const char *const themes[] = {"default", "dark", "light", "high-contrast", "monochrome"};
    for (size_t i = 0; i < BN_COUNT(themes); i++) {
        char name[64];
        struct pty *p = start(NULL, themes[i]);
        snprintf(name, sizeof(name), "term-roles-%s", themes[i]);
        pty_press(p, "n");
        pty_assert_golden(p, name);
        quit(p);
    }
}

static void test_keys_and_paste(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_press(p, "Up");
    pty_assert_row(p, 1, "key Up");
    pty_press(p, "F5");
    pty_assert_row(p, 1, "key F5");
    pty_press(p, "A-x");
    pty_assert_row(p, 1, "key A-x");
    pty_press(p, "Esc");
    pty_assert_row(p, 1, "key Esc");
    pty_press(p, "é");
    pty_assert_row(p, 1, "key é");
    pty_send(p, SPAN("\033[200~q\033[201~q\033[201~"), 1);
    pty_wait(p);
    pty_assert_row(p, 1, "paste q␛[201~q");
    pty_send(p, SPAN("\033[<0;300;240M"), 1);
    pty_wait(p);
    pty_assert_row(p, 1, "mouse 0 button 1 at 239,299");
    pty_step(p, 1500);
    pty_wait(p);
    pty_assert_row_has(p, 0, "clock 1500");
    quit(p);
}

static void test_sizes(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 2}, {1, 80}, {60, 1}, {24, 80}, {60, 200}};
    for (size_t i = 0; i < BN_COUNT(sizes); i++) {
        const struct pty_options options = {.rows = sizes[i][0], .cols = sizes[i][1]};
        struct pty *p = start(&options, NULL);
        pty_press(p, "n");
        pty_press(p, "C-l");
        if (sizes[i][1] >= 80)
            pty_assert_row_has(p, sizes[i][0] - 1, "─");
        quit(p);
    }
}

static void assert_same_screen(struct pty *a, struct pty *b)
{
    struct strbuf one = STRBUF_INIT(8 << 20), two = STRBUF_INIT(8 << 20);
    pty_dump(a, &one);
    pty_dump(b, &two);
    assert_string_equal(strbuf_cstr(&one), strbuf_cstr(&two));
    strbuf_clear(&one);
    strbuf_clear(&two);
}

static void test_resize_storm(void **state)
{
    (void)state;
    uint32_t seed = 7;
    struct pty *p = start(NULL, NULL);
    pty_wait(p);
    for (int i = 0; i < 300; i++) {
        seed = seed * 1664525 + 1013904223;
        pty_resize_only(p, 1 + (int)(seed >> 8) % 120, 1 + (int)(seed >> 20) % 300);
    }
    pty_resize(p, 30, 100);
    pty_press(p, "C-l");
    const struct pty_options options = {.rows = 30, .cols = 100};
    struct pty *fresh = start(&options, NULL);
    pty_press(fresh, "C-l");
    assert_same_screen(p, fresh);
    quit(p);
    quit(fresh);
}

/* What differs from frame to frame is drawn as if it were drawn anew. */
static void test_frames_agree_with_a_repaint(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_press(p, "n n x n");
    struct strbuf before = STRBUF_INIT(8 << 20), after = STRBUF_INIT(8 << 20);
    pty_press(p, "C-l");
    pty_dump(p, &before);
    pty_press(p, "n n C-l n n");
    pty_press(p, "C-l");
    pty_dump(p, &after);
    assert_string_equal(strbuf_cstr(&before), strbuf_cstr(&after));
    strbuf_clear(&before);
    strbuf_clear(&after);
    quit(p);
}

static void test_nothing_is_written_when_nothing_changed(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_press(p, "x");
    uint64_t bytes = pty_bytes(p);
    pty_press(p, "x x x");
    assert_int_equal(pty_bytes(p), bytes);
    pty_press(p, "y");
    assert_true(pty_bytes(p) - bytes < 100);
    quit(p);
}

static void test_synchronised_updates_only_when_answered(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_press(p, "x");
    pty_press(p, "n");
    assert_true(pty_synchronised_frames(p) > 0);
    quit(p);
    const struct pty_options silent = {.no_sync = true};
    p = start(&silent, NULL);
    pty_press(p, "x");
    pty_press(p, "n");
    assert_int_equal(pty_synchronised_frames(p), 0);
    quit(p);
}

static void test_copy_and_title_when_asked(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_press(p, "c");
    assert_int_equal(pty_copies(p), 1);
    assert_true(span_is(pty_copied(p), "LW4gc2hvcCBhcGktN2Y5"));
    pty_press(p, "t");
    assert_true(span_is(pty_title(p), "prod ␛]0;x␇ ✗2"));
    quit(p);
}

static void test_copy_through_screen_and_tmux(void **state)
{
    (void)state;
    static const char *const tmux[] = {"TMUX=/tmp/tmux-0/default,1,0", NULL};
    const struct pty_options screen = {.term = "screen"};
    struct pty *p = start(&screen, NULL);
    pty_press(p, "c");
    assert_true(span_is(pty_copied(p), "LW4gc2hvcCBhcGktN2Y5"));
    assert_true(pty_copied_wrapped(p));
    quit(p);
    const struct pty_options inside = {.term = "screen", .env = tmux};
    p = start(&inside, NULL);
    pty_press(p, "c");
    assert_int_equal(pty_copies(p), 1);
    assert_false(pty_copied_wrapped(p));
    quit(p);
    const struct pty_options console = {.term = "linux"};
    p = start(&console, NULL);
    pty_press(p, "c t");
    assert_int_equal(pty_copies(p), 0); /* it would print them */
    assert_int_equal(pty_title(p).len, 0);
    quit(p);
}

/* What a killed program left raw is not given back raw. */
static void test_terminal_found_raw(void **state)
{
    (void)state;
    const struct pty_options options = {.found_raw = true};
    struct pty *p = start(&options, NULL);
    pty_press(p, "x");
    quit(p);
}

/* Every way to die gives the terminal back. */
static void dies(const char *key, int sig, int wanted)
{
    static const char *const env[] = {"ASAN_OPTIONS=handle_abort=0:handle_segv=0", NULL};
    const struct pty_options options = {.env = env, .dumb_stream = key && *key == 'b'};
    struct pty *p = start(&options, NULL);
    pty_press(p, "m");
    if (key)
        pty_keys(p, key);
    else
        pty_signal(p, sig);
    int status = pty_wait_exit(p, 5000);
    if (wanted > 128) {
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), wanted);
    } else {
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), wanted);
    }
    pty_assert_restored(p);
    pty_free(p);
}

static void test_restored_after_crashes(void **state)
{
    (void)state;
    dies("v", 0, SIGSEGV);
    dies("w", 0, SIGSEGV);
    dies("o", 0, SIGSEGV);
    dies("f", 0, SIGFPE);
    dies("a", 0, SIGABRT);
    dies("b", 0, SIGABRT);
    dies(NULL, SIGSEGV, SIGSEGV);
    dies(NULL, SIGBUS, SIGBUS);
    dies(NULL, SIGILL, SIGILL);
    dies(NULL, SIGQUIT, SIGQUIT);
}

static void test_restored_after_requests(void **state)
{
    (void)state;
    dies(NULL, SIGTERM, 128 + SIGTERM);
    dies(NULL, SIGINT, 128 + SIGINT);
    dies(NULL, SIGHUP, 128 + SIGHUP);
}

static void stops(const char *key, int sig)
{
    struct pty *p = start(NULL, NULL);
    pty_press(p, "n");
    if (key)
        pty_send(p, span_from(key), 1);
    else
        pty_signal(p, sig);
    pty_wait_stopped(p);
    pty_assert_restored(p);
    pty_resize_only(p, 30, 90);
    pty_signal(p, SIGCONT);
    pty_wait_text(p, "demo 30x90");
    pty_press(p, "x");
    pty_assert_row(p, 1, "key x");
    quit(p);
}

static void test_stop_and_continue(void **state)
{
    (void)state;
    stops("z", 0);
    stops(NULL, SIGTSTP);
}

static void test_slow_terminal(void **state)
{
    (void)state;
    const struct pty_options options = {.rows = 60, .cols = 200};
    struct pty *p = start(&options, NULL);
    pty_wait(p);
    pty_keys(p, "F");
    while (pty_value(p, "applied") < 20)
        (void)pty_read(p, SIZE_MAX, 50);
    int64_t memory = pty_memory_kb(p), cpu = pty_cpu_ms(p);
    for (int i = 0; i < 40; i++)
        (void)pty_read(p, 1024, 50);
    assert_true(pty_memory_kb(p) < memory + 2048);
    assert_true(pty_cpu_ms(p) < cpu + 1000); /* it waits, it does not spin */
    pty_keys(p, "q");
    assert_int_equal(pty_wait_exit(p, 5000), 0);
    pty_assert_restored(p);
    pty_free(p);
}

/* Nobody reads: quitting works all the same, and the modes are restored. */
static void test_blocked_terminal(void **state)
{
    (void)state;
    const struct pty_options options = {.rows = 60, .cols = 200};
    struct pty *p = start(&options, NULL);
    pty_wait(p);
    pty_send(p, SPAN("F"), 1);
    while (pty_value(p, "applied") < 20)
        (void)pty_read(p, SIZE_MAX, 50);
    pty_send(p, SPAN("q"), 1);
    assert_int_equal(pty_wait_exit_blocked(p, 2000), 0);
    pty_assert_not_raw(p);
    pty_free(p);
}

static void test_hang_up(void **state)
{
    (void)state;
    struct pty *p = start(NULL, NULL);
    pty_press(p, "F F");
    pty_hang_up(p);
    int status = pty_wait_exit(p, 1000);
    assert_true(WIFEXITED(status));
    pty_free(p);
}

static void test_ascii_locale(void **state)
{
    (void)state;
    static const char *const locales[] = {"C", "POSIX"};
    for (size_t i = 0; i < BN_COUNT(locales); i++) {
        const struct pty_options options = {.locale = locales[i]};
        struct pty *p = start(&options, NULL);
        pty_press(p, "n n");
        if (i == 0)
            pty_assert_golden(p, "term-ascii");
        quit(p);
    }
    const struct pty_options missing = {.locale = "xx_YY.UTF-8"};
    struct pty *p = start(&missing, NULL);
    pty_wait(p);
    pty_assert_has(p, "男女子"); /* not installed: UTF-8 all the same */
    quit(p);
}

static void test_terminals(void **state)
{
    (void)state;

    static const struct {
        const char *term;
        const char *colours;
    } terms[] = {
        {"xterm-256color", "colours 256"}, {"xterm", "colours 8"}, {"tmux-256color", "colours 256"},
        {"screen", "colours 8"},           {"linux", "colours 8"}, {"vt100", "colours 0"},
    };

    for (size_t i = 0; i < BN_COUNT(terms); i++) {
        const struct pty_options options = {.term = terms[i].term};
        struct pty *p = start(&options, NULL);
        pty_wait(p);
        pty_assert_has(p, terms[i].colours);
        pty_assert_row_has(p, 3, "wide 男女子 and marks");
        pty_press(p, "n");
        pty_assert_row_has(p, 2, "text         text");
        char name[64];
        snprintf(name, sizeof(name), "term-roles-on-%s", terms[i].term);
        pty_assert_golden(p, name);
        pty_press(p, "n");
        quit(p);
    }
}

static void test_new_terminals_are_taken_for_xterm(void **state)
{
    (void)state;
    static const char *const terms[] = {"xterm-kitty", "wezterm", "xterm-ghostty"};
    for (size_t i = 0; i < BN_COUNT(terms); i++) {
        static const char *const env[] = {"TERMINFO=/nonexistent", NULL};
        const struct pty_options options = {.term = terms[i], .env = env};
        struct pty *p = start(&options, NULL);
        pty_wait(p);
        pty_assert_has(p, "colours 256");
        quit(p);
    }
}

static void refuses(const char *term, const char *wanted)
{
    const struct pty_options options = {.term = term, .dumb_stream = true, .cols = 300};
    struct pty *p = start(&options, NULL);
    int status = pty_wait_exit(p, 5000);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    pty_assert_row_has(p, 0, wanted);
    pty_assert_restored(p);
    pty_free(p);
}

static void test_terminals_that_cannot(void **state)
{
    (void)state;
    char name[201];
    memset(name, 'x', 200);
    name[200] = '\0';
    refuses("", "TERM is not set");
    refuses("dumb", "TERM=dumb cannot place the cursor");
    refuses("nosuch", "terminfo does not know TERM=nosuch");
    refuses("unknown", "TERM=unknown");
    refuses(name, "TERM is not the name of a terminal");
    refuses("../../etc/passwd", "TERM is not the name of a terminal");
    refuses("a\033[31mb", "TERM is not the name of a terminal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hard_text),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_keys_and_paste),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_resize_storm),
        cmocka_unit_test(test_frames_agree_with_a_repaint),
        cmocka_unit_test(test_nothing_is_written_when_nothing_changed),
        cmocka_unit_test(test_synchronised_updates_only_when_answered),
        cmocka_unit_test(test_copy_and_title_when_asked),
        cmocka_unit_test(test_copy_through_screen_and_tmux),
        cmocka_unit_test(test_terminal_found_raw),
        cmocka_unit_test(test_restored_after_crashes),
        cmocka_unit_test(test_restored_after_requests),
        cmocka_unit_test(test_stop_and_continue),
        cmocka_unit_test(test_slow_terminal),
        cmocka_unit_test(test_blocked_terminal),
        cmocka_unit_test(test_hang_up),
        cmocka_unit_test(test_ascii_locale),
        cmocka_unit_test(test_terminals),
        cmocka_unit_test(test_new_terminals_are_taken_for_xterm),
        cmocka_unit_test(test_terminals_that_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
