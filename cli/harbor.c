/* harbor as a child. It dies with this process (PR_SET_PDEATHSIG) and takes its
 * folder along (--temporary), so that even a kill -9 leaves nothing behind. */
#include <config.h>

#include "cli/harbor.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "base/timetext.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS       30000
#define STOP_MS        1000
#define LINE_MAX_BYTES 512
#define PATH_BYTES     4200

struct harbor {
    pid_t pid;
    int out_fd;   /* its standard output; kept open so that it may go on writing */
    int words_fd; /* its standard error, in memory */
    char folder[64];
    char kubeconfig[96], ca[96];
    char outside[32];
    int64_t epoch_ms;
};

/* What a signal must still do. Written before the handlers are set. */
static struct {
    volatile sig_atomic_t pid;
    char folder[64], kubeconfig[96], ca[96], copied[96];
} left;

static const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* Async-signal-safe calls only. */
static void remove_folder(void)
{
    (void)unlink(left.kubeconfig);
    (void)unlink(left.ca);
    (void)unlink(left.copied);
    (void)rmdir(left.folder);
}

static void on_signal(int number)
{
    if (left.pid)
        (void)kill((pid_t)left.pid, SIGTERM);
    remove_folder();
    (void)raise(number); /* SA_RESETHAND: now it ends us as it would have */
}

static void watch_signals(bool on)
{
    struct sigaction act = {.sa_handler = on ? on_signal : SIG_DFL,
                            .sa_flags = on ? (int)SA_RESETHAND : 0};
    (void)sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < BN_COUNT(deadly); i++)
        (void)sigaction(deadly[i], &act, NULL);
}

/* ---- Where it is. */

static bool is_program(const char *path)
{
    return access(path, X_OK) == 0;
}

/* Beside this program: installed (bin/ and libexec/binnacle/), or in the tree
 * that it was built in. */
static bool beside(const char *relative, char out[PATH_BYTES])
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n <= 0)
        return false;
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    (void)snprintf(out, PATH_BYTES, "%.4000s/%s", self, relative);
    return is_program(out);
}

static bool find_harbor(char out[PATH_BYTES], struct err *err)
{
    const char *given = getenv("BINNACLE_HARBOR");
    if (given && *given) {
        (void)snprintf(out, PATH_BYTES, "%s", given);
        return is_program(out) ||
               err_set(err, ERR_NOTFOUND, "BINNACLE_HARBOR names %.200s, which is no program",
                       given);
    }
    if (beside("harbor/harbor", out) || beside("../libexec/binnacle/harbor", out))
        return true;
    (void)snprintf(out, PATH_BYTES, "%s", BINNACLE_LIBEXECDIR "/harbor");
    return is_program(out) ||
           err_set(err, ERR_NOTFOUND,
                   "the demonstration platform is not installed: there is no program %s (see "
                   "BINNACLE_HARBOR)",
                   out);
}

/* ---- Starting it. */

static bool make_folder(struct harbor *h, struct err *err)
{
    const char *tmp = getenv("TMPDIR");
    bool usable = tmp && tmp[0] == '/' && strlen(tmp) < 32;
    (void)snprintf(h->folder, sizeof(h->folder), "%s/binnacle-demo-XXXXXX", usable ? tmp : "/tmp");
    if (!mkdtemp(h->folder)) /* 0700, a new name */
        return err_code(err, ERR_IO, errno, "cannot make a folder like %s: %s", h->folder,
                        strerror(errno));
    (void)snprintf(h->kubeconfig, sizeof(h->kubeconfig), "%s/kubeconfig", h->folder);
    (void)snprintf(h->ca, sizeof(h->ca), "%s/outside.pem", h->folder);
    (void)snprintf(left.copied, sizeof(left.copied), "%s/offsite-copy",
                   h->folder); /* harbor/copied.h */
    memcpy(left.ca, h->ca, sizeof(left.ca));
    memcpy(left.folder, h->folder, sizeof(left.folder));
    memcpy(left.kubeconfig, h->kubeconfig, sizeof(left.kubeconfig));
    return true;
}

/* Between fork() and exec(): async-signal-safe calls only. */
BN_NORETURN static void become_harbor(const struct harbor *h, const char *path,
                                      const char *const *argv, int out, pid_t parent)
{
    int null = open("/dev/null", O_RDONLY);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) /* it died before that call */
        _exit(1);
    (void)setpgid(0, 0); /* Ctrl-C at the terminal is for us */
    if (null >= 0 && dup2(null, 0) == 0 && dup2(out, 1) == 1 && dup2(h->words_fd, 2) == 2)
        (void)execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static bool spawn(struct harbor *h, const char *path, const char *scenario, struct err *err)
{
    int fds[2];
    pid_t parent = getpid();
    const char *argv[] = {"harbor",
                          "--temporary",
                          "--kubeconfig-out",
                          h->kubeconfig,
                          "--outside-ca",
                          h->ca,
                          scenario ? "--scenario" : NULL,
                          scenario,
                          NULL};
    h->words_fd = memfd_create("harbor", MFD_CLOEXEC);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_code(err, ERR_IO, errno, "cannot make a pipe: %s", strerror(errno));
    watch_signals(true);
    h->pid = fork();
    if (h->pid == 0)
        become_harbor(h, path, argv, fds[1], parent);
    (void)close(fds[1]);
    h->out_fd = fds[0];
    if (h->pid < 0)
        return err_code(err, ERR_IO, errno, "cannot start %s: %s", path, strerror(errno));
    left.pid = (sig_atomic_t)h->pid;
    return true;
}

/* ---- Waiting until it is ready. */

/* "ready epoch=2026-02-13T09:00:00Z port=40001": the epoch, or TIME_NONE. */
static bool read_ready(struct span line, struct harbor *h)
{
    int64_t *epoch = &h->epoch_ms;
    struct span word;
    bool ready = false;
    while (span_split(&line, ' ', &word)) {
        int64_t seconds;
        ready = ready || span_is(word, "ready");
        if (span_starts(word, "outside="))
            (void)snprintf(h->outside, sizeof(h->outside), "127.0.0.1:%.*s",
                           SPAN_ARG(span_trim(span_sub(word, 8, 5))));
        if (!span_starts(word, "epoch="))
            continue;
        struct span value = span_trim(span_sub(word, 6, word.len));
        if (!time_parse(value, epoch) && number_parse(value, 1, INT64_MAX / 1000, &seconds))
            *epoch = seconds < 100000000000 ? seconds * 1000 : seconds;
    }
    return ready;
}

/* Asks it to end; after a second it is made to. Its wait status. */
static int end_child(pid_t pid)
{
    int status = 0, fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd ended = {.fd = fd, .events = POLLIN};
    int64_t end = clock_machine_ms() + STOP_MS, left_ms = STOP_MS;
    (void)kill(pid, SIGTERM);
    while (fd >= 0 && left_ms > 0 && poll(&ended, 1, (int)left_ms) < 0 && errno == EINTR)
        left_ms = end - clock_machine_ms();
    if (!ended.revents)
        (void)kill(pid, SIGKILL);
    if (fd >= 0)
        (void)close(fd);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* The last line that it wrote to standard error. */
static void last_words(const struct harbor *h, struct strbuf *out)
{
    char text[4096];
    ssize_t n = pread(h->words_fd, text, sizeof(text), 0);
    struct span all = span_trim(span_make(text, n > 0 ? (size_t)n : 0));
    size_t line = span_find_last(all, '\n');
    strbuf_add(out, line < all.len ? span_sub(all, line + 1, all.len) : all);
}

/* What it refuses in its arguments (status 2) is refused of ours. */
static bool ended_early(struct harbor *h, const char *how, struct err *err)
{
    struct strbuf words = STRBUF_INIT(4096);
    int status = end_child(h->pid);
    h->pid = 0;
    last_words(h, &words);
    struct span said = strbuf_span(&words), own = SPAN("harbor: ");
    if (span_starts(said, own.data) && WIFEXITED(status) && WEXITSTATUS(status) == 2)
        (void)err_set(err, ERR_CONFIG, "%.*s", SPAN_ARG(span_sub(said, own.len, said.len)));
    else
        (void)err_set(err, ERR_IO, "the demonstration platform %s%s%.*s", how, said.len ? ": " : "",
                      SPAN_ARG(said));
    strbuf_clear(&words);
    return false;
}

static bool wait_ready(struct harbor *h, struct err *err)
{
    char line[LINE_MAX_BYTES];
    size_t len = 0;
    int64_t end = clock_machine_ms() + READY_MS;
    while (len < sizeof(line)) {
        struct pollfd in = {.fd = h->out_fd, .events = POLLIN};
        int64_t wait = end - clock_machine_ms();
        if (wait <= 0)
            return ended_early(h, "does not come up", err);
        if (poll(&in, 1, (int)wait) <= 0)
            continue;
        ssize_t n = read(h->out_fd, line + len, sizeof(line) - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ended_early(h, "ended at once", err);
        len += (size_t)n;
        size_t eol = span_find(span_make(line, len), '\n', 0);
        if (eol == len)
            continue;
        if (read_ready(span_make(line, eol), h))
            return true;
        memmove(line, line + eol + 1, len - eol - 1);
        len -= eol + 1;
    }
    return ended_early(h, "says something that is not understood", err);
}

struct harbor *harbor_start(const char *scenario, struct err *err)
{
    char path[PATH_BYTES];
    struct harbor *h = xalloc_zero(1, sizeof(*h));
    h->out_fd = h->words_fd = -1;
    if (find_harbor(path, err) && make_folder(h, err) && spawn(h, path, scenario, err) &&
        wait_ready(h, err))
        return h;
    harbor_stop(h);
    return NULL;
}

const char *harbor_kubeconfig(const struct harbor *h)
{
    return h->kubeconfig;
}

int64_t harbor_epoch(const struct harbor *h)
{
    return h->epoch_ms;
}

const char *harbor_outside(const struct harbor *h)
{
    return h->outside;
}

const char *harbor_outside_ca(const struct harbor *h)
{
    return h->ca;
}

void harbor_stop(struct harbor *h)
{
    if (!h)
        return;
    if (h->pid > 0)
        (void)end_child(h->pid);
    left.pid = 0;
    if (h->folder[0])
        remove_folder();
    watch_signals(false);
    if (h->out_fd >= 0)
        (void)close(h->out_fd);
    if (h->words_fd >= 0)
        (void)close(h->words_fd);
    free(h);
}
