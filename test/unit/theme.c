/* Themes: what files say, what their faults are called, contrast, few colours. */
#include <config.h>

#include "tui/theme.h"

#include "base/file.h"
#include "tui/palette.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char home[64];

static int make_home(void **state)
{
    (void)state;
    char path[128];
    snprintf(home, sizeof(home), "/tmp/binnacle-theme-XXXXXX");
    if (!mkdtemp(home))
        return -1;
    snprintf(path, sizeof(path), "%s/binnacle/themes", home);
    setenv("XDG_CONFIG_HOME", home, 1);
    setenv("BINNACLE_DATA", getenv("top_srcdir"), 1);
    unsetenv("BINNACLE_CONFIG_DIR");
    return file_make_folder(path, NULL) ? 0 : -1;
}

static int remove_home(void **state)
{
    (void)state;
    static const char *const parts[] = {"/binnacle/themes/mine.yaml", "/binnacle/themes",
                                        "/binnacle", ""};
    char path[128];
    for (size_t i = 0; i < BN_COUNT(parts); i++) {
        snprintf(path, sizeof(path), "%s%s", home, parts[i]);
        if (remove(path) != 0)
            return -1;
    }
    return 0;
}

static void put_mine(const char *text)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/binnacle/themes/mine.yaml", home);
    assert_true(file_replace(path, span_from(text), NULL));
}

static void test_files_say_looks(void **state)
{
    (void)state;
    struct theme t;
    put_mine("roles:\n"
             "  text: {fg: 252, bg: '#1c1c1c'}\n"
             "  critical: {fg: bright-red, bold: true}\n"
             "  title: {fg: default, bg: blue, underline: true, reverse: false}\n");
    assert_true(theme_load("mine", &t, NULL));
    assert_string_equal(t.name, "mine");
    assert_int_equal(t.looks[ROLE_TEXT].fg, 252);
    assert_int_equal(t.looks[ROLE_TEXT].bg, 234);
    assert_int_equal(t.looks[ROLE_CRITICAL].fg, 9);
    assert_int_equal(t.looks[ROLE_CRITICAL].bg, 234); /* the text's */
    assert_int_equal(t.looks[ROLE_CRITICAL].flags, LOOK_BOLD);
    assert_int_equal(t.looks[ROLE_TITLE].bg, 4);
    assert_int_equal(t.looks[ROLE_TITLE].flags, LOOK_UNDERLINE);
    assert_int_equal(t.looks[ROLE_OK].fg, 2); /* as built in */
}

static void refuses(const char *text, const char *wanted)
{
    struct theme t;
    struct err err;
    theme_mono(&t);
    put_mine(text);
    assert_false(theme_load("mine", &t, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    if (!strstr(err.msg, wanted))
        fail_msg("\"%s\" is not in \"%s\"", wanted, err.msg);
    assert_non_null(strstr(err.msg, "mine.yaml"));
    assert_string_equal(t.name, "monochrome"); /* untouched */
}

static void test_faults_name_file_line_and_role(void **state)
{
    (void)state;
    refuses("roles:\n  text: {fg: 1}\n  hedaer: {fg: 1}\n",
            "mine.yaml:3: role \"hedaer\" is not known: did you mean \"header\"?");
    refuses("roles:\n  zzzzzzzzzz: {}\n", "mine.yaml:2: role \"zzzzzzzzzz\" is not known");
    refuses("roles:\n  ok: {fg: 256}\n", "mine.yaml:2: colour \"256\" of role ok is not known");
    refuses("roles:\n  ok: {fg: redd}\n", "colour \"redd\"");
    refuses("roles:\n  ok: {fg: '#12345'}\n", "colour \"#12345\"");
    refuses("roles:\n  ok: {fg: [1]}\n", "of role ok");
    refuses("roles:\n  ok: {blink: true}\n", "not \"blink\"");
    refuses("roles:\n  ok: {bold: yes}\n", "bold is \"yes\": write true or false");
    refuses("roles:\n  ok: green\n", "mine.yaml:2: role ok is no map");
    refuses("roles:\n  ok: {}\ncolours: {}\n", "mine.yaml:3:");
    refuses("roles: 5\n", "starts with \"roles:\"");
    refuses("", "starts with \"roles:\"");
    refuses("roles: {ok: {fg: 1}", "mine.yaml:");
}

static void test_names(void **state)
{
    (void)state;
    struct theme t;
    struct err err;
    struct strbuf names = STRBUF_INIT(4096);
    put_mine("roles: {}\n");
    theme_names(&names);
    static const char *const wanted[] = {"default", "monochrome",    "dark",
                                         "light",   "high-contrast", "mine"};
    for (size_t i = 0; i < BN_COUNT(wanted); i++) {
        assert_non_null(strstr(strbuf_cstr(&names), wanted[i]));
        assert_true(theme_load(wanted[i], &t, &err));
    }
    assert_false(theme_load("nosuch", &t, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    assert_non_null(strstr(err.msg, "high-contrast"));
    assert_false(theme_load("/nonexistent/x.yaml", &t, &err));
    assert_int_equal(err.kind, ERR_NOTFOUND);
    strbuf_clear(&names);
}

static void assert_same_looks(const struct theme *a, const struct theme *b)
{
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_int_equal(a->looks[i].fg, b->looks[i].fg);
        assert_int_equal(a->looks[i].bg, b->looks[i].bg);
        assert_int_equal(a->looks[i].flags, b->looks[i].flags);
    }
}

/* The files that people copy are what the program has built in. */
static void test_files_equal_the_built_in_themes(void **state)
{
    (void)state;
    struct theme file, built_in;
    assert_true(theme_load("default", &file, NULL));
    theme_default(&built_in);
    assert_same_looks(&file, &built_in);
    assert_true(theme_load("monochrome", &file, NULL));
    theme_mono(&built_in);
    assert_same_looks(&file, &built_in);
}

static void check_contrast(const char *name, double least)
{
    struct theme t;
    assert_true(theme_load(name, &t, NULL));
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_true(t.looks[i].fg >= 0 && t.looks[i].bg >= 0);
        double contrast = palette_contrast(t.looks[i].fg, t.looks[i].bg);
        if (contrast < least)
            fail_msg("%s: %s has a contrast of %.2f", name, role_name((enum role)i), contrast);
    }
}

static void test_contrast(void **state)
{
    (void)state;
    check_contrast("dark", 4.5);
    check_contrast("light", 4.5);
    check_contrast("high-contrast", 7.0);
    assert_true(palette_contrast(16, 231) > 20.9);
    assert_true(palette_contrast(1, 1) == 1.0);
}

/* In every theme the levels look different from each other. */
static void test_levels_look_different(void **state)
{
    (void)state;
    static const char *const names[] = {"default", "dark", "light", "high-contrast"};

    static const enum role roles[] = {ROLE_OK, ROLE_UNKNOWN, ROLE_WARNING, ROLE_CRITICAL, ROLE_OFF};

    for (size_t i = 0; i < BN_COUNT(names); i++) {
        struct theme t;
        assert_true(theme_load(names[i], &t, NULL));
        for (size_t a = 0; a < BN_COUNT(roles); a++)
            for (size_t b = 0; b < a; b++)
                assert_memory_not_equal(&t.looks[roles[a]], &t.looks[roles[b]], sizeof(t.looks[0]));
    }
}

static void test_fewer_colours(void **state)
{
    (void)state;
    static const char *const names[] = {"default", "dark", "light", "high-contrast"};
    static const int counts[] = {256, 16, 8, 0};
    for (size_t i = 0; i < BN_COUNT(names); i++)
        for (size_t n = 0; n < BN_COUNT(counts); n++) {
            struct theme t, shown;
            assert_true(theme_load(names[i], &t, NULL));
            theme_for_colours(&t, counts[n], &shown);
            for (int r = 0; r < ROLE_COUNT; r++) {
                const struct look *look = &shown.looks[r];
                assert_true(look->fg < counts[n] && look->bg < counts[n]);
                assert_true(look->fg < 0 || look->fg != look->bg);
            }
            if (counts[n] == 256)
                assert_same_looks(&t, &shown);
        }
    struct theme t, shown;
    assert_true(theme_load("dark", &t, NULL));
    theme_for_colours(&t, 0, &shown);
    assert_true(shown.looks[ROLE_SELECTED].flags & LOOK_REVERSE); /* still seen */
}

static void test_palette(void **state)
{
    (void)state;
    int16_t colour;
    assert_int_equal(palette_rgb(16), 0x000000);
    assert_int_equal(palette_rgb(196), 0xff0000);
    assert_int_equal(palette_rgb(231), 0xffffff);
    assert_int_equal(palette_rgb(244), 0x808080);
    assert_int_equal(palette_nearest(196, 16), 9);
    assert_int_equal(palette_nearest(196, 8), 1);
    assert_int_equal(palette_nearest(-1, 8), -1);
    assert_int_equal(palette_nearest(231, 8), 7);
    assert_true(palette_parse(SPAN("#ff0000"), &colour));
    assert_int_equal(colour, 196);
    assert_false(palette_parse(SPAN("#gg0000"), &colour));
    assert_false(palette_parse(SPAN("bright-"), &colour));
    assert_false(palette_parse(SPAN("-1"), &colour));
    assert_false(palette_parse(SPAN(""), &colour));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_say_looks),
        cmocka_unit_test(test_faults_name_file_line_and_role),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_files_equal_the_built_in_themes),
        cmocka_unit_test(test_contrast),
        cmocka_unit_test(test_levels_look_different),
        cmocka_unit_test(test_fewer_colours),
        cmocka_unit_test(test_palette),
    };
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
