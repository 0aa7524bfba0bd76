/* harbor as a child and the program before it. */
#include <config.h>

#include "test/screens/live.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/number.h"
#include "base/timetext.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define READY_MS   60000 /* a big cluster is packed beforehand */
#define PATIENT_MS 20000
#define WORDS_MAX  16

int64_t live_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void become_harbor(struct live *l, const char *const *words, int out)
{
    char path[4096];
    const char *argv[WORDS_MAX] = {"harbor", "--kubeconfig-out", l->kubeconfig, "--control",
                                   l->socket};
    size_t n = 5;
    while (words && *words && n < WORDS_MAX - 1)
        argv[n++] = *words++;
    argv[n] = NULL;
    for (int sig = 1; sig < NSIG; sig++) /* a fault here must not go on as the test */
        (void)signal(sig, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(out, 1);
    (void)setenv("BINNACLE_DATA", getenv("top_srcdir"), 1);
    (void)snprintf(path, sizeof(path), "%s/harbor/harbor", getenv("top_builddir"));
    (void)execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void wait_ready(int fd)
{
    char line[256];
    size_t len = 0;
    int64_t end = live_ms() + READY_MS;
    while (len < sizeof(line) - 1 && live_ms() < end) {
        struct pollfd in = {.fd = fd, .events = POLLIN};
        if (poll(&in, 1, 100) <= 0)
            continue;
        ssize_t n = read(fd, line + len, sizeof(line) - 1 - len);
        if (n <= 0)
            fail_msg("harbor ended at once");
        len += (size_t)n;
        line[len] = '\0';
        if (strchr(line, '\n')) {
            assert_memory_equal(line, "ready ", 6);
            return;
        }
    }
    fail_msg("harbor does not say that it is ready");
}

static void connect_control(struct live *l)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", l->socket);
    l->control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(l->control >= 0);
    assert_int_equal(connect(l->control, (const struct sockaddr *)&address, sizeof(address)), 0);
}

static void make_folder(struct live *l)
{
    assert_true(getenv("top_srcdir") && getenv("top_builddir")); /* `make check` says them */
    (void)snprintf(l->folder, sizeof(l->folder), "/tmp/binnacle-test-XXXXXX");
    assert_non_null(mkdtemp(l->folder));
    (void)snprintf(l->kubeconfig, sizeof(l->kubeconfig), "%s/kubeconfig", l->folder);
    (void)snprintf(l->socket, sizeof(l->socket), "%s/control", l->folder);
}

void live_start(struct live *l, const char *const *words)
{
    int fds[2];
    *l = (struct live){.control = -1};
    make_folder(l);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    l->harbor = (int)fork();
    if (l->harbor == 0)
        become_harbor(l, words, fds[1]);
    assert_true(l->harbor > 0);
    (void)close(fds[1]);
    wait_ready(fds[0]);
    (void)close(fds[0]);
    connect_control(l);
}

int live_setup(void **state)
{
    *state = xalloc_zero(1, sizeof(struct live));
    live_start(*state, NULL);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

int live_teardown(void **state)
{
    struct live *l = *state;
    struct pty *pty = l->pty;
    if (l->harbor > 0) {
        (void)kill(l->harbor, SIGTERM);
        while (waitpid(l->harbor, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (l->control >= 0)
        (void)close(l->control);
    (void)nftw(l->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(l);
    pty_free(pty);
    return 0;
}

static void send_line(int fd, struct span line)
{
    while (line.len) {
        ssize_t n = write(fd, line.data, line.len);
        assert_true(n > 0);
        line = span_sub(line, (size_t)n, line.len);
    }
}

const char *live_tell(struct live *l, const char *format, ...)
{
    static char answer[1024];
    struct strbuf line = STRBUF_INIT((size_t)1 << 20);
    va_list args;
    va_start(args, format);
    strbuf_vaddf(&line, format, args);
    va_end(args);
    strbuf_addc(&line, '\n');
    send_line(l->control, strbuf_span(&line));
    size_t len = 0;
    while (!len || answer[len - 1] != '\n') {
        ssize_t n = read(l->control, answer + len, sizeof(answer) - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
    }
    answer[len - 1] = '\0';
    if (strncmp(answer, "ok", 2) != 0)
        fail_msg("harbor says \"%s\" of \"%.200s\"", answer, strbuf_cstr(&line));
    strbuf_clear(&line);
    return answer + 2;
}

void live_crash(struct live *l)
{
    static const char pod[] =
        "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\","
        "\"lastTransitionTime\":\"2026-02-13T09:04:50Z\"}],\"containerStatuses\":[{\"name\":"
        "\"typesense\",\"image\":\"docker.io/typesense/typesense:28.0\",\"imageID\":\"\","
        "\"restartCount\":1,\"ready\":false,\"state\":{\"waiting\":{\"reason\":"
        "\"CrashLoopBackOff\"}},\"lastState\":{\"terminated\":{\"exitCode\":137,\"reason\":"
        "\"OOMKilled\",\"finishedAt\":\"2026-02-13T09:04:50Z\"}}}]}}";
    static const char set[] = "{\"status\":{\"readyReplicas\":0,\"availableReplicas\":0}}";
    (void)live_tell(l, "patch pods tooling typesense-0 %s", pod);
    (void)live_tell(l, "patch statefulsets tooling typesense %s", set);
}

int64_t live_count(struct live *l, const char *name)
{
    struct span rest = span_from(live_tell(l, "counts")), word;
    int64_t value = -1;
    while (span_split(&rest, ' ', &word)) {
        size_t equals = span_find(word, '=', 0);
        if (span_is(span_sub(word, 0, equals), name))
            assert_true(number_parse(span_sub(word, equals + 1, word.len), 0, INT64_MAX, &value));
    }
    assert_true(value >= 0);
    return value;
}

/* harbor's clock runs and the program's stands: what the platform's Vault says of the time is what
 * the program's says. */
static void stop_vault_clock(struct live *l)
{
    int64_t ms = 0;
    assert_true(time_parse(span_from(l->clock), &ms));
    (void)live_tell(l,
                    "answer vault vault /v1/sys/health 200 {\"initialized\":true,\"sealed\":false,"
                    "\"standby\":false,\"server_time_utc\":%lld,\"version\":\"1.21.2\"}",
                    (long long)(ms / 1000));
}

void live_open_only(struct live *l, const char *const *words, const struct pty_options *options)
{
    char path[4096], kubeconfig[128], clock[64];
    const char *argv[WORDS_MAX] = {path};
    const char *env[WORDS_MAX] = {kubeconfig,
                                  "ASAN_OPTIONS=handle_abort=0:handle_segv=0:detect_leaks=0"};
    struct pty_options all = options ? *options : (struct pty_options){0};
    size_t n = 1, nenv = 2;
    if (!l->unmarked)
        env[nenv++] = "BINNACLE_TEST_MARKS=1";
    if (l->clock) {
        env[nenv++] = clock;
        stop_vault_clock(l);
    }
    for (const char *const *more = all.env; more && *more && nenv < WORDS_MAX - 1; more++)
        env[nenv++] = *more;
    (void)snprintf(clock, sizeof(clock), "BINNACLE_TEST_CLOCK=%s", l->clock ? l->clock : "");
    while (words && *words && n < WORDS_MAX - 1)
        argv[n++] = *words++;
    argv[n] = NULL;
    (void)snprintf(path, sizeof(path), "%s/binnacle", getenv("top_builddir"));
    (void)snprintf(kubeconfig, sizeof(kubeconfig), "KUBECONFIG=%s", l->kubeconfig);
    all.env = env;
    pty_free(l->pty);
    l->pty = pty_start(argv, &all);
}

int64_t live_asked(struct live *l, const char *text)
{
    return strtoll(live_tell(l, "asked %s", text), NULL, 10);
}

/* harbor is started by the program, which knows nothing of the socket. */
static void write_wrapper(const struct live *l, const char *path)
{
    struct strbuf text = STRBUF_INIT(16384);
    strbuf_addf(&text,
                "#!/bin/sh\necho $$ >'%s/pid'\n"
                "exec '%s/harbor/harbor' --control '%s' %s \"$@\"\n",
                l->folder, getenv("top_builddir"), l->socket, l->still ? "--still" : "");
    assert_true(file_replace(path, strbuf_span(&text), NULL));
    assert_int_equal(chmod(path, 0700), 0);
    strbuf_clear(&text);
}

void live_demo_only(struct live *l, const char *scenario, const char *const *words,
                    const struct pty_options *options)
{
    char path[4096], wrapper[128], variable[160], tmp[96];
    const char *argv[WORDS_MAX] = {path, "demo", "--scenario", scenario};
    char clock[64];
    const char *env[WORDS_MAX] = {variable,
                                  tmp,
                                  clock,
                                  l->story ? "BINNACLE_TEST_HOME=" : "BINNACLE_TEST_HOME=1",
                                  "BINNACLE_TEST_MARKS=1",
                                  "ASAN_OPTIONS=handle_abort=0:handle_segv=0:detect_leaks=0"};
    struct pty_options all = options ? *options : (struct pty_options){0};
    size_t n = 4, nenv = 6;
    for (const char *const *more = all.env; more && *more && nenv < WORDS_MAX - 1; more++)
        env[nenv++] = *more;
    make_folder(l);
    while (words && *words && n < WORDS_MAX - 1)
        argv[n++] = *words++;
    argv[n] = NULL;
    (void)snprintf(path, sizeof(path), "%s/binnacle", getenv("top_builddir"));
    (void)snprintf(wrapper, sizeof(wrapper), "%s/harbor", l->folder);
    (void)snprintf(tmp, sizeof(tmp), "TMPDIR=%s", l->folder);
    (void)snprintf(clock, sizeof(clock), "BINNACLE_TEST_CLOCK=%s", l->clock ? l->clock : "");
    (void)snprintf(variable, sizeof(variable), "BINNACLE_HARBOR=%s", wrapper);
    write_wrapper(l, wrapper);
    all.env = env;
    l->pty = pty_start(argv, &all);
}

void live_demo(struct live *l, const char *scenario, const char *const *words,
               const struct pty_options *options)
{
    live_demo_only(l, scenario, words, options);
    pty_want(l->pty, "whole", 1);
    pty_wait(l->pty); /* there is a first frame once harbor is ready */
    pty_want(l->pty, "whole", 0);
    connect_control(l);
}

int live_demo_pid(const struct live *l)
{
    struct strbuf path = STRBUF_INIT(256), text = STRBUF_INIT(64);
    strbuf_addf(&path, "%s/pid", l->folder);
    assert_true(file_read(strbuf_cstr(&path), &text, NULL));
    int pid = (int)strtol(strbuf_cstr(&text), NULL, 10);
    assert_true(pid > 0);
    strbuf_clear(&path);
    strbuf_clear(&text);
    return pid;
}

/* A watch begins when its list is whole and handed up; an event behind it is taken
 * in a turn that takes the list too. */
void live_open(struct live *l, const char *const *words, const struct pty_options *options)
{
    int64_t end = live_ms() + PATIENT_MS;
    int64_t lists = live_asked(l, "limit=100"), watches = live_count(l, "watches");
    live_open_only(l, words, options);
    pty_want(l->pty, "applied", 100);
    pty_want(l->pty, "whole", 1);
    pty_want(l->pty, "seen", l->clock == NULL); /* one that stands is stepped below */
    pty_wait(l->pty);
    while (live_count(l, "watches") - watches < live_asked(l, "limit=100") - lists) {
        (void)pty_read(l->pty, SIZE_MAX, 10);
        if (live_ms() > end)
            fail_msg("not every list becomes a watch");
    }
    pty_step(l->pty, 0);
    pty_wait(l->pty);
    pty_want(l->pty, "whole", 0); /* what hangs later holds up no test */
    pty_want(l->pty, "seen", 0);
}

void live_replace(struct strbuf *text, const char *word, const char *by)
{
    struct strbuf out = STRBUF_INIT(1 << 20);
    struct span rest = strbuf_span(text);
    for (;;) {
        size_t at = span_search(rest, span_from(word), false);
        strbuf_add(&out, span_sub(rest, 0, at));
        if (at >= rest.len)
            break;
        strbuf_adds(&out, by);
        rest = span_sub(rest, at + strlen(word), rest.len);
    }
    strbuf_clear(text);
    *text = out;
}

void live_command(struct live *l, const char *command)
{
    pty_keys(l->pty, ":");
    pty_type(l->pty, command);
    pty_press(l->pty, "Enter");
}

static void step_until(struct live *l, int64_t ms, const char *text, bool there)
{
    int64_t end = live_ms() + PATIENT_MS;
    while (pty_has(l->pty, text) != there) {
        if (live_ms() > end)
            (there ? pty_assert_has : pty_assert_lacks)(l->pty, text);
        pty_step(l->pty, ms);
        pty_wait(l->pty);
        (void)pty_read(l->pty, SIZE_MAX, 20); /* answers come in the machine's time */
    }
}

void live_step_until(struct live *l, int64_t ms, const char *text)
{
    step_until(l, ms, text, true);
}

void live_step_until_gone(struct live *l, int64_t ms, const char *text)
{
    step_until(l, ms, text, false);
}

void live_ended(struct live *l, int wanted, int wait_ms)
{
    int status = pty_wait_exit(l->pty, wait_ms);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), wanted);
    pty_assert_restored(l->pty);
    struct pty *pty = l->pty;
    l->pty = NULL;
    pty_free(pty);
}

void live_quit(struct live *l)
{
    pty_keys(l->pty, "Q");
    live_ended(l, 0, 5000);
}
