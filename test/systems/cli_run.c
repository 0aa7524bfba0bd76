/* Runs the program as a person would. */
#include <config.h>

#include "test/systems/cli_run.h"

#include "base/alloc.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cli_setup(void **state)
{
    struct cli_place *p = xalloc_zero(1, sizeof(*p));
    (void)snprintf(p->folder, sizeof(p->folder), "/tmp/binnacle-test-XXXXXX");
    if (!mkdtemp(p->folder))
        return -1;
    (void)snprintf(p->kubeconfig, sizeof(p->kubeconfig), "%s/kubeconfig", p->folder);
    *state = p;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

int cli_teardown(void **state)
{
    struct cli_place *p = *state;
    (void)nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(p);
    return 0;
}

const char *cli_put(const struct cli_place *p, const char *name, const char *text, unsigned mode)
{
    static char path[256];
    (void)snprintf(path, sizeof(path), "%s/%s", p->folder, name);
    assert_true(file_replace(path, span_from(text), NULL));
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static int64_t machine_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void in_child(const struct cli_place *p, const char *const *words, int out, int err)
{
    char program[4096], home[96];
    int null = open("/dev/null", O_RDONLY);
    (void)snprintf(program, sizeof(program), "%s/binnacle", getenv("top_builddir"));
    (void)snprintf(home, sizeof(home), "%s", p->folder);
    (void)setenv("HOME", home, 1);
    (void)setenv("KUBECONFIG", p->kubeconfig, 1);
    (void)setenv("TERM", "xterm", 1);
    (void)setenv("BINNACLE_PROBES", "false", 0); /* nothing leaves the machine */
    (void)setenv("LC_ALL", "C.UTF-8", 1);
    (void)setenv("TMPDIR", p->folder, 1);
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("XDG_STATE_HOME");
    (void)unsetenv("KUBERNETES_SERVICE_HOST");
    (void)unsetenv("HTTPS_PROXY");
    (void)unsetenv("https_proxy");
    (void)dup2(null, 0);
    (void)dup2(out, 1);
    (void)dup2(err, 2);
    (void)execv(words[0][0] == '/' ? words[0] : program, (char *const *)(uintptr_t)words);
    _exit(127);
}

/* Reads both pipes until both have ended. */
static void collect(struct cli_run *run, int out, int err, pid_t pid, int64_t end)
{
    struct pollfd fds[] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    struct strbuf *to[] = {&run->out, &run->err};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int64_t left = end - machine_ms();
        if (left <= 0 || (poll(fds, 2, (int)left) < 0 && errno != EINTR))
            break;
        for (int i = 0; i < 2; i++) {
            char bytes[65536];
            if (fds[i].fd < 0 || !fds[i].revents)
                continue;
            ssize_t n = read(fds[i].fd, bytes, sizeof(bytes));
            if (n > 0)
                strbuf_add(to[i], span_make(bytes, (size_t)n));
            else
                fds[i].fd = -1;
        }
    }
    if (machine_ms() >= end)
        (void)kill(pid, SIGKILL);
}

static void run_words(const struct cli_place *p, struct cli_run *run, int out_fd,
                      const char *const *words)
{
    int out[2] = {-1, -1}, err[2], status;
    int64_t began = machine_ms();
    cli_done(run);
    run->out = (struct strbuf)STRBUF_INIT((size_t)64 << 20);
    run->err = (struct strbuf)STRBUF_INIT((size_t)1 << 20);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    if (out_fd < 0)
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0)
        in_child(p, words, out_fd < 0 ? out[1] : out_fd, err[1]);
    assert_true(pid > 0);
    (void)close(err[1]);
    if (out_fd < 0)
        (void)close(out[1]);
    collect(run, out[0], err[0], pid, began + CLI_MS);
    while (waitpid(pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    run->ms = machine_ms() - began;
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    (void)close(err[0]);
    if (out_fd < 0)
        (void)close(out[0]);
}

static void take_words(va_list args, const char *word, const char *words[CLI_WORDS_MAX + 2])
{
    size_t n = 0;
    words[n++] = "binnacle";
    for (; word; word = va_arg(args, const char *)) {
        assert_true(n <= CLI_WORDS_MAX);
        words[n++] = word;
    }
    words[n] = NULL;
}

void cli_run(const struct cli_place *p, struct cli_run *run, const char *word, ...)
{
    const char *words[CLI_WORDS_MAX + 2];
    va_list args;
    va_start(args, word);
    take_words(args, word, words);
    va_end(args);
    run_words(p, run, -1, words);
}

void cli_run_line(const struct cli_place *p, struct cli_run *run, const char *format, ...)
{
    const char *words[CLI_WORDS_MAX + 2] = {"binnacle"};
    char text[1024];
    size_t n = 1;
    va_list args;
    va_start(args, format);
    assert_in_range(vsnprintf(text, sizeof(text), format, args), 1, sizeof(text) - 1);
    va_end(args);
    for (char *rest = text, *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
        assert_true(n <= CLI_WORDS_MAX);
        words[n++] = word;
    }
    words[n] = NULL;
    run_words(p, run, -1, words);
}

void cli_script(const struct cli_place *p, struct cli_run *run, const char *variable, ...)
{
    const char *words[CLI_WORDS_MAX + 6] = {"/usr/bin/env"};
    char path[4096];
    size_t n = 1;
    va_list args;
    (void)cli_put(p, "plan.sh", strbuf_cstr(&run->out), 0700);
    (void)cli_put(p, "enters", "\n\n\n\n\n\n\n\n", 0600);
    (void)snprintf(path, sizeof(path), "PATH=%s:%s", p->folder, getenv("PATH"));
    words[n++] = path;
    va_start(args, variable);
    for (; variable; variable = va_arg(args, const char *)) {
        assert_true(n <= CLI_WORDS_MAX);
        words[n++] = variable;
    }
    va_end(args);
    words[n++] = "/bin/sh";
    words[n++] = "-c";
    words[n++] = "exec sh \"$HOME/plan.sh\" <\"$HOME/enters\"";
    words[n] = NULL;
    run_words(p, run, -1, words);
}

void cli_run_to(const struct cli_place *p, struct cli_run *run, int out, const char *word, ...)
{
    const char *words[CLI_WORDS_MAX + 2];
    va_list args;
    va_start(args, word);
    take_words(args, word, words);
    va_end(args);
    run_words(p, run, out, words);
}

static int begin_words(const struct cli_place *p, const char *const *words, void (*first)(void))
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0) {
        if (first)
            first();
        in_child(p, words, null, null);
    }
    assert_true(pid > 0);
    (void)close(null);
    return (int)pid;
}

int cli_begin(const struct cli_place *p, const char *word, ...)
{
    const char *words[CLI_WORDS_MAX + 2];
    va_list args;
    va_start(args, word);
    take_words(args, word, words);
    va_end(args);
    return begin_words(p, words, NULL);
}

int cli_begin_words(const struct cli_place *p, const char *const *words, void (*first)(void))
{
    const char *all[CLI_WORDS_MAX + 2] = {"binnacle"};
    for (size_t n = 0; words[n]; n++) {
        assert_true(n < CLI_WORDS_MAX);
        all[n + 1] = words[n];
    }
    return begin_words(p, all, first);
}

void cli_done(struct cli_run *run)
{
    strbuf_clear(&run->out);
    strbuf_clear(&run->err);
}

/* In pieces: cmocka prints no more than 1,023 bytes at once. */
static void show(const struct strbuf *text)
{
    struct span rest = strbuf_span(text), line;
    while (rest.len && span_split(&rest, '\n', &line))
        print_error("%.*s\n", line.len < 1000 ? (int)line.len : 1000, line.data);
}

void cli_assert_status(const struct cli_run *run, int wanted, const char *file, int line)
{
    if (run->status == wanted)
        return;
    print_error("%s:%d: status %d, expected %d; it printed:\n", file, line, run->status, wanted);
    show(&run->out);
    print_error("and said:\n");
    show(&run->err);
    fail();
}

void cli_assert_says(const struct strbuf *where, const char *text, const char *file, int line)
{
    if (strstr(strbuf_cstr(where), text))
        return;
    print_error("%s:%d: no `%s` in:\n", file, line, text);
    show(where);
    fail();
}
