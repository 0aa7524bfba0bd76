/* The life of the terminal with the whole program in it: signals, sizes, lost
 * lines, pastes; and what it costs to stand still. */
#include <config.h>

#include "test/screens/live.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Ends. */

static void every_death_restores(void **state)
{
    static const int faults[] = {SIGSEGV, SIGABRT, SIGFPE, SIGILL, SIGBUS, SIGQUIT};
    static const int requests[] = {SIGTERM, SIGINT, SIGHUP};
    struct live *l = *state;
    for (size_t i = 0; i < BN_COUNT(faults); i++) {
        live_open(l, NULL, NULL);
        pty_signal(l->pty, faults[i]);
        int status = pty_wait_exit(l->pty, 5000);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), faults[i]);
        pty_assert_restored(l->pty);
    }
    for (size_t i = 0; i < BN_COUNT(requests); i++) {
        live_open(l, NULL, NULL);
        int64_t began = live_ms();
        pty_signal(l->pty, requests[i]);
        live_ended(l, 128 + requests[i], 5000);
        assert_true(live_ms() - began < 5000);
    }
}

/* Q ends it though no request is answered and every watch is silent. */
static void it_ends_though_nothing_answers(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_tell(l, "fault / stall");
    live_command(l, "refresh all");
    int64_t began = live_ms();
    live_quit(l);
    assert_true(live_ms() - began < 5000);
}

static int64_t dead_children_ms(void)
{
    struct rusage use;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &use), 0);
    return (int64_t)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000 +
           (use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1000;
}

static void a_lost_line_ends_it(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    int64_t cpu = pty_cpu_ms(l->pty), before = dead_children_ms();
    pty_hang_up(l->pty);
    int status = pty_wait_exit(l->pty, 5000);
    assert_true(WIFEXITED(status));
    assert_true(dead_children_ms() - before < cpu + 500); /* no spinning */
}

static void it_stops_and_comes_back(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    int64_t lists = live_count(l, "lists");
    pty_send(l->pty, SPAN("\x1a"), 1); /* Ctrl-Z */
    pty_wait_stopped(l->pty);
    pty_assert_restored(l->pty);
    pty_resize_only(l->pty, 40, 100);
    pty_signal(l->pty, SIGCONT);
    pty_press(l->pty, "?");
    pty_assert_has(l->pty, "Keys");
    assert_int_equal(live_count(l, "lists"), lists); /* a short stop costs no list */
    pty_press(l->pty, "Esc");
    live_quit(l);
}

/* ---- Sizes. */

static void read_screen(struct pty *p, struct strbuf *out)
{
    pty_press(p, "C-l");
    pty_dump(p, out);
}

/* Below the title, whose clock may have gone on. */
static const char *below_title(const struct strbuf *screen)
{
    const char *end = strchr(strbuf_cstr(screen), '\n');
    assert_non_null(end);
    return end;
}

static void a_storm_of_sizes(void **state)
{
    struct live *l = *state;
    uint32_t seed = 11;
    struct strbuf one = STRBUF_INIT(8 << 20), two = STRBUF_INIT(8 << 20);
    /* so low that the row under the cursor has no room below, with links in the order in which they came */
    const struct pty_options options = {.rows = 12, .cols = 100};
    l->clock = "2026-02-13T09:00:00Z"; /* no age and no usage goes on between the two */
    live_open(l, NULL, NULL);
    live_command(l, "nodes");
    for (int i = 0; i < 200; i++) {
        seed = seed * 1664525 + 1013904223;
        pty_resize_only(l->pty, 1 + (int)(seed >> 8) % 120, 1 + (int)(seed >> 20) % 300);
    }
    pty_resize(l->pty, 12, 100);
    pty_wait_text(l->pty, "93%"); /* which the kubelets say, later than the API server all else */
    read_screen(l->pty, &one);
    live_quit(l);
    live_open(l, NULL, &options);
    live_command(l, "nodes");
    pty_wait_text(l->pty, "93%");
    read_screen(l->pty, &two);
    assert_string_equal(below_title(&one), below_title(&two));
    strbuf_clear(&one);
    strbuf_clear(&two);
    live_quit(l);
}

/* Every screen is drawn in one cell, one row, one column, and comes back. */
static void every_screen_in_one_cell(void **state)
{
    static const char *const commands[] = {"home",     "pods", "changes", "sources", "help",
                                           "messages", "pins", "pods",    "sort cpu"};
    static const int sizes[][2] = {{1, 1}, {2, 2}, {1, 80}, {60, 1}, {3, 10}, {24, 80}};
    struct live *l = *state;
    const struct pty_options options = {.rows = 2, .cols = 1};
    live_open(l, NULL, &options);
    for (size_t c = 0; c < BN_COUNT(commands); c++) {
        live_command(l, commands[c]);
        for (size_t i = 0; i < BN_COUNT(sizes); i++) {
            pty_resize(l->pty, sizes[i][0], sizes[i][1]);
            pty_press(l->pty, "j k");
        }
    }
    live_command(l, "pods");
    for (size_t i = 0; i < BN_COUNT(sizes); i++) {
        pty_resize(l->pty, sizes[i][0], sizes[i][1]);
        static const char *const keys[] = {"Enter", "d",   "Esc", "Esc", "y", "Esc",
                                           "l",     "Esc", "x",   "Esc", "e", "Esc"};
        for (size_t k = 0; k < BN_COUNT(keys); k++)
            pty_press(l->pty, keys[k]);
    }
    live_command(l, "pods");
    pty_assert_has(l->pty, "argocd");
    live_quit(l);
}

/* The mode of the mouse changes between a text and a table; the table is drawn
 * all the same, and at once. */
static void a_text_closed_shows_the_table(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_press(l->pty, "y");
    pty_wait_text(l->pty, "apiVersion: v1");
    pty_press(l->pty, "Esc");
    pty_assert_has(l->pty, "LAST DEATH");
    /* Not one for each kind: three, and those that other sources have through the cluster. */
    assert_in_range(live_count(l, "connections"), 1, 36);
    live_quit(l);
}

/* ---- Input. */

static void a_paste_presses_no_key(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    pty_send(l->pty, SPAN("\033[200~Q\n:q\n\003\033[201~Q\n\033[201~"), 1);
    pty_wait(l->pty);
    pty_assert_has(l->pty, "argocd"); /* neither ended nor gone elsewhere */
    pty_press(l->pty, "/");
    pty_send(l->pty, SPAN("\033[200~argo\n:q\n\033[201~"), 1);
    pty_wait(l->pty);
    pty_assert_has(l->pty, "several lines were pasted");
    pty_press(l->pty, "Esc");
    pty_assert_has(l->pty, "argocd");
    live_quit(l);
}

static void a_costly_pattern_costs_little(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_tell(l, "put pods {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
                 "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"namespace\":"
                 "\"default\",\"creationTimestamp\":\"@now@\"},\"spec\":{},\"status\":{}}");
    live_command(l, "pods");
    int64_t cpu = pty_cpu_ms(l->pty);
    live_command(l, "filter /(a+)+$x/");
    pty_press(l->pty, "j k");
    assert_true(pty_cpu_ms(l->pty) - cpu < 2000);
    live_quit(l);
}

/* Answers nobody asked for, mouse reports far out, sequences in pieces. */
static void odd_input_does_nothing(void **state)
{
    static const char odd[] = "\033]11;rgb:ffff/ffff/ffff\033\\\033[?62;1;4c\033[12;40R"
                              "\033P1$r0m\033\\\033[?2026;2$y";
    struct live *l = *state;
    live_open(l, NULL, NULL);
    live_command(l, "pods");
    for (size_t i = 0; i + 1 < sizeof(odd); i++)
        pty_send(l->pty, span_make(odd + i, 1), 0);
    pty_send(l->pty, SPAN("\033[<0;900;700M\033[<0;900;700m"), 1);
    pty_press(l->pty, "j");
    pty_assert_has(l->pty, "argocd");
    pty_assert_lacks(l->pty, "rgb:");
    live_quit(l);
}

/* ---- Standing still. */

static void a_slow_terminal_is_not_waited_for(void **state)
{
    struct live *l = *state;
    const struct pty_options options = {.rows = 60, .cols = 200};
    live_open(l, NULL, &options);
    int64_t memory = pty_memory_kb(l->pty);
    for (int i = 0; i < 30; i++) {
        pty_keys(l->pty, "?"); /* the whole screen becomes another each time */
        (void)pty_read(l->pty, 512, 20);
    }
    assert_true(pty_memory_kb(l->pty) < memory + 8192);
    pty_keys(l->pty, "F10");
    assert_int_equal(pty_wait_exit_blocked(l->pty, 3000), 0);
    pty_assert_not_raw(l->pty);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(every_death_restores),
        CASE(it_ends_though_nothing_answers),
        CASE(a_lost_line_ends_it),
        CASE(it_stops_and_comes_back),
        CASE(a_storm_of_sizes),
        CASE(every_screen_in_one_cell),
        CASE(a_text_closed_shows_the_table),
        CASE(a_paste_presses_no_key),
        CASE(a_costly_pattern_costs_little),
        CASE(odd_input_does_nothing),
        CASE(a_slow_terminal_is_not_waited_for),
    };
    return cmocka_run_group_tests_name("live_terminal", tests, NULL, NULL);
}
