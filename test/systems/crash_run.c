/* Killing at a system call, by ptrace. */
#include <config.h>

#include "test/systems/crash_run.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_STOP (SIGTRAP | 0x80)

struct traced {
    pid_t pid;
    bool began; /* the audit log was written */
    unsigned count, moment;
    uint64_t call[64]; /* of threads that are in one, by thread */
    pid_t thread[64];
    const struct crash_at *at; /* with seen */
    struct crash_seen *seen;   /* NULL: moments are counted, above */
};

/* Of its own group, so that nobody else is waited for. */
static void be_traced(void)
{
    (void)setpgid(0, 0);
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    (void)raise(SIGSTOP);
}

static uint64_t *call_of(struct traced *t, pid_t thread)
{
    size_t i = 0;
    while (t->thread[i] && t->thread[i] != thread)
        i++;
    assert_true(i < BN_COUNT(t->call) - 1);
    t->thread[i] = thread;
    return &t->call[i];
}

static bool is_kept(uint64_t number)
{
    return number == SYS_fdatasync || number == SYS_fsync;
}

static bool is_sent(uint64_t number, uint64_t descriptor)
{
    return number == SYS_sendto || number == SYS_sendmsg ||
           ((number == SYS_write || number == SYS_writev) && descriptor > 2);
}

/* True: this is the moment. */
static bool is_moment(struct traced *t, pid_t thread)
{
    struct __ptrace_syscall_info info = {0};
    uint64_t *call = call_of(t, thread);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(info), &info) <= 0)
        return false;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        *call = is_kept(info.entry.nr) || is_sent(info.entry.nr, info.entry.args[0])
                    ? info.entry.nr + 1
                    : 0;
        t->began = t->began || is_kept(info.entry.nr);
    }
    return *call && t->began && ++t->count == t->moment;
}

static bool is_of(const struct traced *t, uint64_t descriptor, const char *what)
{
    char path[64], link[256];
    (void)snprintf(path, sizeof(path), "/proc/%d/fd/%llu", (int)t->pid,
                   (unsigned long long)descriptor);
    ssize_t n = readlink(path, link, sizeof(link) - 1);
    link[n > 0 ? n : 0] = '\0';
    return strstr(link, what) != NULL;
}

/* A line is there when what notes the log's end is; calls count when they have returned. */
static bool is_there(struct traced *t, pid_t thread)
{
    struct __ptrace_syscall_info info = {0};
    uint64_t *call = call_of(t, thread);
    struct crash_seen *seen = t->seen;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(info), &info) <= 0)
        return false;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        const uint64_t number = info.entry.nr, descriptor = info.entry.args[0];
        bool counts = (is_kept(number) && is_of(t, descriptor, "audit.jsonl.end")) ||
                      (is_sent(number, descriptor) && is_of(t, descriptor, "socket:"));
        *call = counts ? number + 1 : 0;
        return false;
    }
    if (*call && is_kept(*call - 1))
        assert_true(++seen->lines < CRASH_LINES_MAX);
    else if (*call)
        seen->sends[seen->lines]++;
    *call = 0;
    return t->at && (seen->lines > t->at->line ||
                     (seen->lines == t->at->line && seen->sends[seen->lines] >= t->at->sends));
}

/* What a thread that has stopped is to be told when it goes on. */
static int signal_of(int status)
{
    const int number = WSTOPSIG(status);
    return number == SYSCALL_STOP || number == SIGTRAP || number == SIGSTOP ? 0 : number;
}

static int crash(const struct cli_place *p, struct traced t, const char *const *words)
{
    int status;
    t.pid = cli_begin_words(p, words, be_traced);
    assert_int_equal(waitpid(t.pid, &status, 0), t.pid);
    assert_true(WIFSTOPPED(status));
    assert_int_equal(
        ptrace(PTRACE_SETOPTIONS, t.pid, NULL,
               (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)),
        0);
    (void)ptrace(PTRACE_SYSCALL, t.pid, NULL, NULL);
    for (;;) {
        pid_t thread = waitpid(-t.pid, &status, __WALL);
        if (thread < 0 && errno == EINTR)
            continue;
        assert_true(thread > 0);
        if (thread == t.pid && (WIFEXITED(status) || WIFSIGNALED(status)))
            break;
        if (!WIFSTOPPED(status))
            continue;
        if (WSTOPSIG(status) == SYSCALL_STOP &&
            (t.seen ? is_there(&t, thread) : is_moment(&t, thread)))
            (void)kill(t.pid, SIGKILL);
        (void)ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(intptr_t)signal_of(status));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : CRASHED;
}

int crash_run(const struct cli_place *p, unsigned moment, const char *const *words)
{
    return crash(p, (struct traced){.moment = moment}, words);
}

int crash_run_there(const struct cli_place *p, const struct crash_at *at, struct crash_seen *seen,
                    const char *const *words)
{
    *seen = (struct crash_seen){0};
    return crash(p, (struct traced){.at = at, .seen = seen}, words);
}
