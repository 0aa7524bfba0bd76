/* The whole program as a process among others: started in the background of a shell,
 * where no thread may be made, and for a day of changes. */
#include <config.h>

#include "base/alloc.h"
#include "base/file.h"
#include "test/screens/live.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

/* ---- A shell with job control: this very program, started again as one. It runs
 * what follows in the background, says how that stopped, brings it to the front when
 * a byte comes, and says how it ended. */

static void say(const char *what, int number)
{
    char line[64];
    int n = snprintf(line, sizeof(line), "%s %d.\r\n", what, number);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        _exit(3);
}

static int await_child(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, WUNTRACED) < 0)
        if (errno != EINTR)
            _exit(4);
    return status;
}

static int be_shell(char **words)
{
    char byte;
    int status;
    pid_t pid = fork();
    (void)signal(SIGTTOU, SIG_IGN);
    if (pid == 0) {
        (void)signal(SIGTTOU, SIG_DFL);
        (void)setpgid(0, 0);
        (void)execv(words[0], words);
        _exit(127);
    }
    (void)setpgid(pid, pid);
    for (status = await_child(pid); WIFSTOPPED(status); status = await_child(pid)) {
        (void)tcsetpgrp(STDIN_FILENO, getpgrp());
        say("stopped", WSTOPSIG(status));
        if (read(STDIN_FILENO, &byte, 1) != 1)
            return 5;
        (void)tcsetpgrp(STDIN_FILENO, pid);
        (void)kill(-pid, SIGCONT);
    }
    (void)tcsetpgrp(STDIN_FILENO, getpgrp());
    say("ended", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

static void open_in_shell(struct live *l)
{
    static char self[4096], program[4096];
    char kubeconfig[128];
    const char *const argv[] = {self, "--be-shell", program, NULL};
    const char *const env[] = {kubeconfig, "BINNACLE_TEST_MARKS=1", NULL};
    const struct pty_options options = {.env = env, .dumb_stream = true};
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    assert_true(n > 0);
    self[n] = '\0';
    (void)snprintf(program, sizeof(program), "%s/binnacle", getenv("top_builddir"));
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "KUBECONFIG=%s", l->kubeconfig);
    l->pty = pty_start(argv, &options);
}

/* It stops before it touches the terminal; at the front it is as always; and sent
 * back there by Ctrl-Z it waits again. */
static void in_the_background_it_waits(void **state)
{
    struct live *l = *state;
    char stopped[32];
    open_in_shell(l);
    (void)snprintf(stopped, sizeof(stopped), "stopped %d.", SIGTTOU);
    pty_wait_text(l->pty, stopped);
    pty_assert_row(l->pty, 0, stopped); /* nothing else was written */
    assert_int_equal(pty_entered(l->pty), 0);
    pty_assert_not_raw(l->pty);
    pty_send(l->pty, SPAN("\n"), 0);
    pty_wait_text(l->pty, "workloads");
    pty_press(l->pty, "?");
    pty_assert_has(l->pty, "One line up");
    pty_send(l->pty, SPAN("\x1a"), 1); /* Ctrl-Z */
    (void)snprintf(stopped, sizeof(stopped), "stopped %d.", SIGSTOP);
    pty_wait_text(l->pty, stopped);
    pty_send(l->pty, SPAN("\n"), 0);
    pty_wait_text(l->pty, "One line up");
    pty_press(l->pty, "Esc");
    pty_keys(l->pty, "Q");
    pty_wait_text(l->pty, "ended 0.");
    assert_int_equal(pty_wait_exit(l->pty, 5000), 0);
    pty_assert_restored(l->pty);
}

/* ---- No threads. The limit holds for a user without rights, who has one process. */

#define NOBODY "64999" /* has no process on any machine */

static void copy_program(const struct live *l, char path[128])
{
    struct strbuf program = STRBUF_INIT((size_t)1 << 28);
    char from[4096];
    (void)snprintf(from, sizeof(from), "%s/binnacle", getenv("top_builddir"));
    (void)snprintf(path, 128, "%s/binnacle", l->folder);
    assert_true(file_read(from, &program, NULL));
    assert_true(file_replace(path, strbuf_span(&program), NULL));
    assert_int_equal(chmod(path, 0755), 0);
    assert_int_equal(chmod(l->folder, 0755), 0);
    assert_int_equal(chmod(l->kubeconfig, 0644), 0);
    strbuf_clear(&program);
}

static void start_limited(struct live *l, const char *processes, const char *word)
{
    char path[128], limit[32], kubeconfig[128];
    const bool root = geteuid() == 0;
    const char *const as_nobody[] = {"/usr/bin/prlimit",
                                     limit,
                                     "/usr/bin/setpriv",
                                     "--reuid=" NOBODY,
                                     "--clear-groups",
                                     path,
                                     word,
                                     NULL};
    const char *const as_we[] = {"/usr/bin/prlimit", limit, path, word, NULL};
    const char *const env[] = {kubeconfig, "BINNACLE_CONFIG_DIR=/nonexistent",
                               "BINNACLE_STATE_DIR=/nonexistent", "BINNACLE_TEST_MARKS=1", NULL};
    const struct pty_options options = {.env = env, .dumb_stream = true};
    copy_program(l, path);
    (void)snprintf(limit, sizeof(limit), "--nproc=%s", processes);
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "KUBECONFIG=%s", l->kubeconfig);
    l->pty = pty_start(root ? as_nobody : as_we, &options);
}

static void without_threads_it_says_so(void **state)
{
    static const char *const words[] = {NULL, "status"};
    static const int ends[] = {1, 3};
    struct live *l = *state;
    for (size_t i = 0; i < BN_COUNT(words); i++) {
        start_limited(l, "1", words[i]);
        pty_wait_text(l->pty, "cannot start its thread");
        int status = pty_wait_exit(l->pty, 5000);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), ends[i]);
        pty_assert_restored(l->pty);
        pty_free(l->pty);
        l->pty = NULL;
    }
}

/* A thread for the source and no other: a name cannot be resolved, which needs one
 * more. The source is down and says why; the program lives. */
static void with_one_thread_it_lives(void **state)
{
    struct live *l = *state;
    struct strbuf text = STRBUF_INIT(65536), named = STRBUF_INIT(65536);
    if (geteuid() != 0) /* whose other processes count too */
        return;
    assert_true(file_read(l->kubeconfig, &text, NULL));
    struct span all = strbuf_span(&text);
    size_t at = span_search(all, SPAN("127.0.0.1"), false);
    strbuf_add(&named, span_sub(all, 0, at));
    strbuf_adds(&named, "no-such-host.invalid");
    strbuf_add(&named, span_sub(all, at + 9, all.len));
    assert_true(file_replace(l->kubeconfig, strbuf_span(&named), NULL));
    start_limited(l, "2", NULL);
    pty_wait_text(l->pty, "demo failing");
    pty_press(l->pty, "?");
    pty_assert_has(l->pty, "One line up");
    pty_press(l->pty, "Esc");
    pty_keys(l->pty, "Q");
    assert_int_equal(pty_wait_exit(l->pty, 5000), 0);
    pty_assert_restored(l->pty);
    strbuf_clear(&text);
    strbuf_clear(&named);
}

/* ---- A day. */

#define STEP_MS  10000
#define DAY_MS   INT64_C(86400000)
#define SETTLED  (2 * 3600 * 1000)
#define GROWN_KB 4096

static int setup_day(void **state)
{
    static const char *const words[] = {"--nodes", "50", "--pods", "3000", "--churn", "12", NULL};
    *state = xalloc_zero(1, sizeof(struct live));
    live_start(*state, words);
    return 0;
}

static size_t count_in(struct live *l, const char *what)
{
    char path[64];
    size_t n = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/%s", pty_pid(l->pty), what);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir))
        n++;
    (void)closedir(dir);
    return n;
}

/* Ten seconds of both clocks at once, twelve changes a second: after two hours
 * memory, descriptors and threads stay as they are. */
static void a_day_of_changes(void **state)
{
    struct live *l = *state;
    size_t files = 0, threads = 0;
    int64_t memory = 0, applied = 0;
    live_open_only(l, NULL, NULL);
    pty_wait_text(l->pty, "nodes");
    live_command(l, "pods");
    pty_wait_text(l->pty, "/3000");
    for (int64_t at = 0; at < DAY_MS; at += STEP_MS) {
        live_tell(l, "step %d", STEP_MS);
        pty_step(l->pty, STEP_MS);
        pty_wait(l->pty);
        if (at % 3600000 == 0)
            pty_press(l->pty, at / 3600000 % 2 ? "G" : "g");
        if (at == SETTLED) {
            memory = pty_memory_kb(l->pty);
            files = count_in(l, "fd");
            threads = count_in(l, "task");
            applied = pty_value(l->pty, "applied");
        }
    }
    int64_t grown = pty_memory_kb(l->pty) - memory;
    print_message("# %lld changes, %lld kB of memory, %lld kB more than after two hours\n",
                  (long long)(pty_value(l->pty, "applied") - applied), (long long)memory,
                  (long long)grown);
    assert_true(pty_value(l->pty, "applied") - applied > 100000);
    assert_true(grown < memory / 20 + GROWN_KB);
    assert_int_equal(count_in(l, "task"), threads);
    assert_in_range(count_in(l, "fd"), files - 4, files + 4); /* connections come and go */
    live_quit(l);
}

/* ---- The demonstration. */

static int setup_story(void **state)
{
    struct live *l = xalloc_zero(1, sizeof(*l));
    *l = (struct live){.control = -1, .story = true};
    *state = l;
    return 0;
}

static const char memory[] = "A database node runs out of memory; two are left until it is back.";
static const char transfer[] =
    "A database node is given all data anew by another, which lags meanwhile.";

/* What it is about stands there before anything of it happens, until a key. */
static void opens(struct live *l, const char *story, const char *about, const char *title,
                  const char *back)
{
    live_demo(l, story, NULL, NULL);
    pty_wait_text(l->pty, about);
    pty_assert_row_has(l->pty, 0, title);
    pty_press(l->pty, back);
    pty_wait_text(l->pty, "WRONG NOW");
    assert_false(pty_has(l->pty, about));
    assert_false(pty_has(l->pty, title));
    live_quit(l);
}

static void a_story_opens_at_its_object(void **state)
{
    opens(*state, "pxc-node-down", memory, "home › pxc mysql", "Esc");
}

static void a_story_opens_in_its_table(void **state)
{
    opens(*state, "pxc-transfer", transfer, "home › mysqls", "Esc Esc"); /* its filter first */
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, live_setup, live_teardown)

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--be-shell") == 0)
        return be_shell(argv + 2);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    const struct CMUnitTest tests[] = {
        CASE(in_the_background_it_waits),
        CASE(without_threads_it_says_so),
        CASE(with_one_thread_it_lives),
        cmocka_unit_test_setup_teardown(a_story_opens_at_its_object, setup_story, live_teardown),
        cmocka_unit_test_setup_teardown(a_story_opens_in_its_table, setup_story, live_teardown),
    };
    const struct CMUnitTest slow[] = {
        cmocka_unit_test_setup_teardown(a_day_of_changes, setup_day, live_teardown),
    };
    if (getenv("NIGHTLY"))
        return cmocka_run_group_tests_name("live_process", slow, NULL, NULL);
    return cmocka_run_group_tests_name("live_process", tests, NULL, NULL);
}
