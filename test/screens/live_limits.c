/* The whole program with little to spare, with much to do, and with nothing. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "test/screens/live.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __has_feature /* how clang says it */
#    if __has_feature(address_sanitizer)
#        define __SANITIZE_ADDRESS__ 1
#    endif
#endif
#ifdef __SANITIZE_ADDRESS__
#    define FLOOD_KB (1 << 20) /* freed memory is kept for a while */
#else
#    define FLOOD_KB (32 << 10)
#endif

static bool at_night(void)
{
    const char *night = getenv("NIGHTLY");
    return night && *night;
}

static void few_descriptors(void **state)
{
    struct live *l = *state;
    struct rlimit before, few;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (rlim_t most = 16; most <= 32; most += 8) {
        few = (struct rlimit){.rlim_cur = most, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        live_open_only(l, NULL, NULL);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        pty_wait_text(l->pty, "SYSTEM"); /* connected or not, as it may */
        (void)pty_read(l->pty, SIZE_MAX, 500);
        assert_true(pty_cpu_ms(l->pty) < 2000); /* it does not try without end */
        live_quit(l);
    }
}

/* Context switches that the program itself asked for, of all its threads. */
static int64_t wake_ups(struct live *l)
{
    char folder[64], path[128];
    int64_t sum = 0;
    (void)snprintf(folder, sizeof(folder), "/proc/%d/task", pty_pid(l->pty));
    DIR *tasks = opendir(folder);
    assert_non_null(tasks);
    for (const struct dirent *e; (e = readdir(tasks)) != NULL;) {
        struct strbuf text = STRBUF_INIT(65536);
        int64_t one = 0;
        (void)snprintf(path, sizeof(path), "%s/%.20s/status", folder, e->d_name);
        if (e->d_name[0] == '.' || !file_read(path, &text, NULL))
            continue;
        struct span all = strbuf_span(&text);
        size_t at = span_search(all, SPAN("\nvoluntary_ctxt_switches:"), false);
        struct span rest = span_sub(all, at + 25, all.len);
        assert_true(number_parse(span_trim(span_sub(rest, 0, span_find(rest, '\n', 0))), 0,
                                 INT64_MAX, &one));
        sum += one;
        strbuf_clear(&text);
    }
    (void)closedir(tasks);
    return sum;
}

static void standing_still_costs_nothing(void **state)
{
    struct live *l = *state;
    live_open(l, NULL, NULL);
    (void)pty_read(l->pty, SIZE_MAX, 500); /* what is left of the beginning */
    int64_t cpu = pty_cpu_ms(l->pty), switches = wake_ups(l);
    uint64_t bytes = pty_bytes(l->pty);
    int64_t end = live_ms() + 2000;
    while (live_ms() < end)
        (void)pty_read(l->pty, SIZE_MAX, 500);
    assert_true(pty_cpu_ms(l->pty) - cpu <= 60);
    assert_true(wake_ups(l) - switches <= 12);
    assert_true(pty_bytes(l->pty) - bytes < 200); /* the minute in the title */
    live_quit(l);
}

static int setup_churn(void **state)
{
    static const char *const words[] = {"--nodes", "20", "--pods", "500", "--churn", "2000", NULL};
    *state = xalloc_zero(1, sizeof(struct live));
    live_start(*state, words);
    return 0;
}

static void a_flood_of_changes(void **state)
{
    struct live *l = *state;
    live_open_only(l, NULL, NULL);
    pty_wait_text(l->pty, "nodes");
    live_command(l, "pods");
    pty_wait_text(l->pty, "/500");
    int64_t memory = pty_memory_kb(l->pty), began = live_ms();
    uint64_t frames = pty_synchronised_frames(l->pty);
    while (live_ms() - began < 2000)
        (void)pty_read(l->pty, SIZE_MAX, 100);
    uint64_t seconds = (uint64_t)(live_ms() - began) / 1000 + 1;
    assert_true(pty_synchronised_frames(l->pty) - frames <= 31 * seconds);
    assert_true(pty_memory_kb(l->pty) < memory + FLOOD_KB);
    int64_t asked = live_ms();
    pty_keys(l->pty, "?");
    pty_wait_text(l->pty, "One line up");
    assert_true(live_ms() - asked < 5000);
    pty_press(l->pty, "Esc");
    live_quit(l);
}

static void started_and_ended_again_and_again(void **state)
{
    struct live *l = *state;
    int rounds = at_night() ? 300 : 15;
    for (int i = 0; i < rounds; i++) {
        live_open_only(l, NULL, NULL);
        for (int k = 0; k < i % 5; k++) /* at every stage of the beginning */
            (void)pty_read(l->pty, SIZE_MAX, 10);
        pty_wait(l->pty);
        live_quit(l);
    }
}

static void no_core_is_written(void **state)
{
    struct live *l = *state;
    char path[64];
    struct strbuf text = STRBUF_INIT(65536);
    live_open(l, NULL, NULL);
    (void)snprintf(path, sizeof(path), "/proc/%d/limits", pty_pid(l->pty));
    assert_true(file_read(path, &text, NULL));
    struct span all = strbuf_span(&text);
    size_t at = span_search(all, SPAN("Max core file size "), false);
    struct span line = span_trim(span_sub(all, at + 19, all.len));
    assert_true(span_starts(line, "0 "));
    strbuf_clear(&text);
    live_quit(l);
}

/* Whatever keys are pressed, nothing is changed in the cluster. */
static void no_key_changes_anything(void **state)
{
    static const char *const keys[] = {
        "j",   "k",   "Enter", "Esc",  "d",  "y",   "l",   "x", "e", "b",      "Tab",      "g",
        "G",   "C-d", "C-u",   "w",    "z",  "o",   "<",   ">", "0", "1",      "Space",    "V",
        "n",   "N",   "m",     "'",    "f",  "P",   "F",   "c", "v", "r",      "u",        "U",
        "[",   "]",   "-",     "R",    "M",  "?",   "/",   "a", "p", "t",      "&",        "F2",
        "F6",  "C-l", "D",     "E",    "s",  "S",   "i",   "X", "K", "Delete", "PageDown", "S-Tab",
        "C-x", "C-k", "C-s",   "Down", "Up", "End", "Home"};
    struct live *l = *state;
    uint32_t seed = 2463534242u;
    int presses = at_night() ? 20000 : 400;
    live_open(l, NULL, NULL);
    for (int i = 0; i < presses; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        const char *key = keys[seed % BN_COUNT(keys)];
        pty_keys(l->pty, key);
        if (strcmp(key, "Esc") == 0) /* with the next it would be Alt */
            pty_wait(l->pty);
        if (seed >> 16 & 1)
            (void)pty_read(l->pty, SIZE_MAX, 0);
        if (i % 100 == 99)
            pty_wait(l->pty);
        if (seed % 97 == 0)
            pty_resize_only(l->pty, 1 + (int)(seed >> 8) % 60, 1 + (int)(seed >> 16) % 180);
    }
    pty_wait(l->pty);
    assert_int_equal(live_count(l, "writes"), 0);
    pty_press(l->pty, "Esc Esc Esc");
    live_quit(l);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(few_descriptors),
        CASE(standing_still_costs_nothing),
        cmocka_unit_test_setup_teardown(a_flood_of_changes, setup_churn, live_teardown),
        CASE(started_and_ended_again_and_again),
        CASE(no_core_is_written),
        CASE(no_key_changes_anything),
    };
    return cmocka_run_group_tests_name("live_limits", tests, NULL, NULL);
}
