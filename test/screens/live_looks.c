/* How the screens look, cell by cell, at every size that people have; what they
 * show where there is neither colour nor UTF-8. The platform stands still, and
 * so does the clock. */
#include <config.h>

#include "base/alloc.h"
#include "test/screens/still.h"

#define STANDS "2026-02-13T09:05:00Z"

static const struct {
    int rows, cols;
} sizes[] = {{24, 80}, {30, 100}, {40, 140}, {60, 200}, {15, 60}, {10, 40}, {5, 20}};

static int setup(void **state)
{
    static const char *const words[] = {"--still", NULL};
    struct live *l = xalloc_zero(1, sizeof(*l));
    *state = l;
    live_start(l, words);
    l->clock = STANDS;
    l->still = true;
    (void)live_tell(l, "step 300000"); /* the platform's clock agrees */
    return 0;
}

static void open_at(struct live *l, const char *const *words, const struct pty_options *options)
{
    live_open(l, words, options);
    still_wait(l, l->harbor);
    (void)live_tell(l, "step 20000"); /* it looks on for a while */
    pty_step(l->pty, 20000);
    still_wait(l, l->harbor);
}

/* A screen at all sizes, each drawn anew. */
static void expect_sizes(struct live *l, const char *name)
{
    for (size_t i = 0; i < BN_COUNT(sizes); i++) {
        char golden[64];
        pty_resize(l->pty, sizes[i].rows, sizes[i].cols);
        pty_press(l->pty, "C-l");
        (void)snprintf(golden, sizeof(golden), "%s-%dx%d", name, sizes[i].cols, sizes[i].rows);
        pty_assert_golden(l->pty, golden);
    }
}

static void home(void **state)
{
    struct live *l = *state;
    open_at(l, NULL, NULL);
    expect_sizes(l, "home");
    live_quit(l);
}

static void pods(void **state)
{
    struct live *l = *state;
    open_at(l, NULL, NULL);
    live_command(l, "pods");
    pty_press(l->pty, "j");
    expect_sizes(l, "pods");
    live_quit(l);
}

static void help_and_manual(void **state)
{
    struct live *l = *state;
    open_at(l, NULL, NULL);
    live_command(l, "pods");
    pty_press(l->pty, "?");
    pty_assert_golden(l->pty, "help-80x24");
    pty_press(l->pty, "?");
    pty_assert_golden(l->pty, "manual-80x24");
    pty_press(l->pty, "Esc");
    live_quit(l);
}

static void a_row_in_detail(void **state)
{
    const struct pty_options options = {.rows = 40, .cols = 140};
    struct live *l = *state;
    open_at(l, NULL, &options);
    live_command(l, "wk");
    pty_press(l->pty, "x");
    pty_assert_golden(l->pty, "why-140x40");
    pty_press(l->pty, "Esc");
    live_command(l, "pitrs");
    still_wait(l, l->harbor);
    pty_press(l->pty, "d C-l");
    pty_assert_golden(l->pty, "window-140x40");
    live_quit(l);
}

/* Small, and as big as a screen is; neither word nor colour is all that tells what is missing. */
static void a_form(void **state)
{
    struct live *l = *state;
    open_at(l, NULL, NULL);
    live_command(l, "do scale name=kimai");
    pty_type(l->pty, "many");
    pty_press(l->pty, "C-l");
    pty_assert_golden(l->pty, "form-80x24");
    pty_resize(l->pty, 60, 200);
    pty_press(l->pty, "C-l");
    pty_assert_golden(l->pty, "form-200x60");
    pty_press(l->pty, "Esc");
    pty_resize(l->pty, 24, 80);
    live_command(l, "do create-database");
    pty_type(l->pty, "shop");
    pty_press(l->pty, "S-Tab S-Tab S-Tab C-l"); /* to the last of its fields */
    pty_assert_golden(l->pty, "form-long-80x24");
    pty_press(l->pty, "Esc");
    live_quit(l);
}

static void without_utf8(void **state)
{
    const struct pty_options options = {.locale = "C"};
    struct live *l = *state;
    open_at(l, NULL, &options);
    live_command(l, "pods");
    pty_assert_golden(l->pty, "pods-ascii");
    live_quit(l);
}

static void without_colour(void **state)
{
    static const char *const env[] = {"NO_COLOR=1", NULL};
    const struct pty_options options = {.env = env};
    struct live *l = *state;
    open_at(l, NULL, &options);
    live_command(l, "pods");
    pty_assert_golden(l->pty, "pods-mono");
    live_quit(l);
}

static void with_eight_colours(void **state)
{
    static const char *const words[] = {"--theme", "dark", NULL};
    const struct pty_options options = {.term = "xterm"};
    struct live *l = *state;
    open_at(l, words, &options);
    live_command(l, "pods");
    pty_assert_golden(l->pty, "pods-8-colours");
    live_quit(l);
}

/* What README.md shows: see `make pictures`. */
static void pictures(void **state)
{
    static const char *const words[] = {"--theme", "dark", NULL};
    const struct pty_options options = {.rows = 30, .cols = 110};
    struct live *l = *state;
    open_at(l, words, &options);
    live_crash(l);
    pty_wait_text(l->pty, "ok → critical");
    pty_wait_text(l->pty, "42/46 ready");
    still_wait(l, l->harbor);
    pty_press(l->pty, "C-l");
    pty_assert_golden(l->pty, "picture-home");
    pty_step(l->pty, 31000); /* nothing flashes or is bold any more */
    live_command(l, "refresh all");
    still_wait(l, l->harbor);
    pty_assert_lacks(l->pty, "has not been heard");
    pty_resize(l->pty, 36, 150);
    live_command(l, "pods");
    pty_press(l->pty, "j j");
    pty_assert_golden(l->pty, "picture-pods");
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(home),     CASE(pods),         CASE(help_and_manual), CASE(a_row_in_detail),
        CASE(a_form),   CASE(without_utf8), CASE(without_colour),  CASE(with_eight_colours),
        CASE(pictures),
    };
    return cmocka_run_group_tests_name("live_looks", tests, NULL, NULL);
}
