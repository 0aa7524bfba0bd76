/* Runs a program to its end and keeps what it prints. */
#include <config.h>

#include "net/child.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* How often the end of the child is looked for where the kernel has no pidfd. */
#define REAP_MS 20

#define DRAIN_BYTES 16384

struct child {
    const struct child_options *options;
    struct child_result *result;
    pid_t pid;
    int out, errors; /* reading ends; -1: closed */
    int pidfd;       /* -1: none */
    int64_t end_ms;  /* 0: none */
    bool reaped;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* A pipe that no other child inherits, non-blocking on our side. */
static bool make_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return true;
}

/* Signals that a screen program blocks or ignores are as usual in the child. */
static int set_attributes(posix_spawnattr_t *attr, bool on_terminal)
{
    sigset_t none, all;
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    sigdelset(&all, SIGKILL);
    sigdelset(&all, SIGSTOP);
    if (!on_terminal)
        flags = (short)(flags | POSIX_SPAWN_SETSID);
    error = posix_spawnattr_setsigmask(attr, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault(attr, &all);
    return error ? error : posix_spawnattr_setflags(attr, flags);
}

/* Which descriptors are the child's first three; -1: this process' own. */
struct files {
    int in, out, errors;
    bool no_input, no_errors; /* /dev/null */
};

static int set_files(posix_spawn_file_actions_t *files, const struct files *f)
{
    int error = 0;

    if (f->no_input)
        error = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    else if (f->in >= 0)
        error = posix_spawn_file_actions_adddup2(files, f->in, STDIN_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(files, f->out, STDOUT_FILENO);
    if (!error && f->no_errors)
        error = posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    else if (!error && f->errors >= 0)
        error = posix_spawn_file_actions_adddup2(files, f->errors, STDERR_FILENO);
    return error ? error : posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
}

/* own: of this session. */
static int spawn(const char *path, const char *const *argv, char *const *env, bool own,
                 const struct files *f, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    int error = posix_spawnattr_init(&attr);

    if (error)
        return error;
    error = posix_spawn_file_actions_init(&files);
    if (!error) {
        error = set_files(&files, f);
        if (!error)
            error = set_attributes(&attr, own);
        if (!error)
            error = posix_spawn(pid, path, &files, &attr, (char *const *)(uintptr_t)argv, env);
        posix_spawn_file_actions_destroy(&files);
    }
    posix_spawnattr_destroy(&attr);
    return error;
}

int child_detach(const char *path, const char *const *argv, int fd, int *pid)
{
    const struct files files = {
        .in = fd, .out = fd, .errors = -1, .no_errors = isatty(STDERR_FILENO) != 0};

    return spawn(path, argv, environ, false, &files, pid);
}

/* 0, or errno. */
static int start(struct child *c)
{
    const struct child_options *o = c->options;
    int out[2] = {-1, -1}, errors[2] = {-1, -1}, error = 0;

    if (!make_pipe(out) || !make_pipe(errors))
        error = errno;
    if (!error) {
        const struct files files = {.in = -1,
                                    .out = out[1],
                                    .errors = o->on_terminal ? -1 : errors[1],
                                    .no_input = !o->on_terminal};
        error = spawn(o->path, o->argv, o->env, o->on_terminal, &files, &c->pid);
    }
    close_fd(&out[1]);
    close_fd(&errors[1]);
    c->out = out[0];
    c->errors = errors[0];
    if (error) {
        close_fd(&c->out);
        close_fd(&c->errors);
        return error;
    }
    c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
    return 0;
}

static void drain_through(char bytes[DRAIN_BYTES], struct child *c, int *fd, struct strbuf *to,
                          size_t max, bool newest)
{
    ssize_t n;

    while (*fd >= 0 && (n = read(*fd, bytes, DRAIN_BYTES)) != 0) {
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN)
                return;
            break;
        }
        if (newest && to->len + (size_t)n > max)
            strbuf_consume(to, to->len + (size_t)n - max < to->len ? to->len + (size_t)n - max
                                                                   : to->len);
        strbuf_add(to, span_make(bytes, (size_t)n));
        if (!newest && (to->len > max || to->failed)) {
            c->result->end = CHILD_TOO_MUCH;
            return;
        }
    }
    close_fd(fd);
}

/* Takes what waits in the pipe; closes it at its end. It may be a token. */
static void drain(struct child *c, int *fd, struct strbuf *to, size_t max, bool newest)
{
    char bytes[DRAIN_BYTES];

    drain_through(bytes, c, fd, to, max, newest);
    alloc_wipe(bytes, sizeof bytes);
}

static void drain_both(struct child *c)
{
    drain(c, &c->out, &c->result->output, c->options->output_max, false);
    if (c->result->end != CHILD_TOO_MUCH)
        drain(c, &c->errors, &c->result->errors, c->options->errors_max, true);
}

static int wait_ms(const struct child *c)
{
    int64_t left = -1;

    if (c->end_ms) {
        left = c->end_ms - clock_machine_ms();
        left = left < 0 ? 0 : left;
    }
    if (c->pidfd < 0 && (left < 0 || left > REAP_MS))
        left = REAP_MS;
    return (int)left;
}

static bool reap(struct child *c, int flags)
{
    int status;
    pid_t got;

    do
        got = waitpid(c->pid, &status, flags);
    while (got < 0 && errno == EINTR);
    if (got == 0)
        return false;
    if (got == c->pid && WIFEXITED(status))
        c->result->status = WEXITSTATUS(status);
    if (got == c->pid && WIFSIGNALED(status))
        c->result->signal = WTERMSIG(status);
    return true;
}

/* What it has left behind, while nobody else can have its number: it has ended, and is not reaped. */
static void end_rest(const struct child *c)
{
    siginfo_t info = {.si_pid = 0};
    if (c->options->ends_whole &&
        waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid)
        (void)kill(-c->pid, SIGKILL);
}

/* Until it has ended, or result->end says why it must be killed. */
static void follow(struct child *c)
{
    for (;;) {
        struct pollfd fds[] = {{c->out, POLLIN, 0},
                               {c->errors, POLLIN, 0},
                               {c->pidfd, POLLIN, 0},
                               {c->options->cancel_fd, POLLIN, 0}};

        (void)poll(fds, 4, wait_ms(c));
        drain_both(c);
        end_rest(c);
        if (c->result->end == CHILD_EXITED && reap(c, WNOHANG)) {
            c->reaped = true;
            drain_both(c); /* what it wrote last */
        } else if (c->options->cancel_fd >= 0 && fds[3].revents) {
            c->result->end = CHILD_CANCELLED;
        } else if (c->end_ms && clock_machine_ms() >= c->end_ms) {
            c->result->end = CHILD_TIMEOUT;
        }
        if (c->reaped || c->result->end != CHILD_EXITED)
            return;
    }
}

void child_run(const struct child_options *options, struct child_result *result)
{
    struct child c = {.options = options, .result = result, .out = -1, .errors = -1, .pidfd = -1};

    *result = (struct child_result){.end = CHILD_EXITED};
    result->output = (struct strbuf)STRBUF_INIT(options->output_max + 32768);
    result->errors = (struct strbuf)STRBUF_INIT(options->errors_max + 32768);
    c.end_ms = options->deadline_ms > 0 ? clock_machine_ms() + options->deadline_ms : 0;
    result->error = start(&c);
    if (result->error) {
        result->end = CHILD_NOT_STARTED;
        return;
    }
    follow(&c);
    if (!c.reaped) {
        kill(options->on_terminal ? c.pid : -c.pid, SIGKILL);
        (void)reap(&c, 0);
    }
    close_fd(&c.out);
    close_fd(&c.errors);
    close_fd(&c.pidfd);
}

void child_result_wipe(struct child_result *result)
{
    strbuf_wipe(&result->output);
    strbuf_wipe(&result->errors);
}

/* ---- Where it is, and what it said. */

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *child_find(const char *command)
{
    const char *path = getenv("PATH");
    struct span rest = span_from(path ? path : "/usr/local/bin:/usr/bin:/bin"), folder;

    if (strchr(command, '/'))
        return is_program(command) ? xalloc_text(command) : NULL;
    while (span_split(&rest, ':', &folder)) {
        struct strbuf full = STRBUF_INIT(16384);

        if (folder.len == 0 || folder.data[0] != '/')
            continue;
        strbuf_addf(&full, "%.*s/%s", SPAN_ARG(folder), command);
        if (!full.failed && is_program(strbuf_cstr(&full)))
            return strbuf_take(&full);
        strbuf_clear(&full);
    }
    return NULL;
}

struct span child_last_line(struct span text)
{
    text = span_trim(text);
    const size_t at = span_find_last(text, '\n');
    return at < text.len ? span_trim(span_sub(text, at + 1, text.len)) : text;
}
