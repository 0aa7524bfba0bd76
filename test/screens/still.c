/* Two processes as the kernel sees them. A byte that is sent on the loopback interface wakes the
 * thread that polls for it before send() has returned, but where there is much to do: then it stands
 * in a queue of the processor that it was sent on, and what is sent there later comes later. So where
 * that has come and all sleep, nothing is on its way. */
#include <config.h>

#include "test/screens/still.h"

#include "base/alloc.h"
#include "base/file.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENT_MS 60000

/* What all threads together have done so far: equal twice is nothing done in between. */
struct seen {
    uint64_t switches;
    size_t threads;
    bool busy; /* a thread runs */
};

/* The number behind "NAME:" in a file such as /proc/PID/status. */
static uint64_t number_of(const struct strbuf *text, const char *name)
{
    const char *at = strstr(strbuf_cstr(text), name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void see_threads(int pid, struct seen *seen)
{
    char folder[64], path[400];
    struct strbuf text = STRBUF_INIT(16384);
    (void)snprintf(folder, sizeof(folder), "/proc/%d/task", pid);
    DIR *dir = opendir(folder);
    struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        (void)snprintf(path, sizeof(path), "%s/%s/status", folder, entry->d_name);
        strbuf_truncate(&text, 0);
        if (entry->d_name[0] == '.' || !file_read(path, &text, NULL))
            continue; /* or a thread that has just ended */
        const char *state = strstr(strbuf_cstr(&text), "State:\t");
        seen->busy = seen->busy || !state || state[7] != 'S';
        seen->switches += number_of(&text, "\nvoluntary_ctxt_switches:") +
                          number_of(&text, "\nnonvoluntary_ctxt_switches:");
        seen->threads++;
    }
    (void)closedir(dir);
    strbuf_clear(&text);
}

/* Whether a program of its configuration runs (backends/exec): what that does, its threads only wait
 * for. Children that are this program itself or its platform stay. */
static bool runs_script(int pid)
{
    char folder[64], path[400];
    struct strbuf text = STRBUF_INIT(16384);
    (void)snprintf(folder, sizeof(folder), "/proc/%d/task", pid);
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool found = false;
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        struct span rest, child, name;
        struct strbuf comm = STRBUF_INIT(256);
        (void)snprintf(path, sizeof(path), "%s/%s/children", folder, entry->d_name);
        strbuf_truncate(&text, 0);
        if (entry->d_name[0] == '.' || !file_read(path, &text, NULL))
            continue;
        for (rest = span_trim(strbuf_span(&text)); rest.len && span_split(&rest, ' ', &child);) {
            strbuf_truncate(&comm, 0);
            (void)snprintf(path, sizeof(path), "/proc/%.*s/comm", SPAN_ARG(child));
            bool there = file_read(path, &comm, NULL);
            name = span_trim(strbuf_span(&comm));
            found = found || (there && !span_is(name, "binnacle") && !span_is(name, "harbor"));
        }
        strbuf_clear(&comm);
    }
    (void)closedir(dir);
    strbuf_clear(&text);
    return found;
}

/* A socket that is sent to what it sends. */
static int open_mirror(void)
{
    struct sockaddr_in self = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(self);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&self, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&self, &len), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&self, len), 0);
    return fd;
}

/* Until all that was sent on any processor before has arrived. */
static void wait_arrived(void)
{
    cpu_set_t all, one;
    int fd = open_mirror();
    char byte = 0;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all))
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
        assert_int_equal(send(fd, &byte, 1, 0), 1);
        assert_int_equal(recv(fd, &byte, 1, 0), 1);
    }
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    (void)close(fd);
}

static struct seen look(int program, int harbor)
{
    struct seen seen = {0};
    wait_arrived();
    see_threads(program, &seen);
    seen.busy = seen.busy || runs_script(program);
    if (!seen.busy)
        see_threads(harbor, &seen);
    return seen;
}

/* Nothing was done from one look to the next, and in neither was there anything to do. */
static void wait_asleep(struct live *l, int harbor)
{
    int64_t end = live_ms() + PATIENT_MS;
    struct seen before = {.busy = true};
    for (;;) {
        (void)pty_read(l->pty, SIZE_MAX, 2); /* who writes to the terminal is not held up */
        struct seen now = look(pty_pid(l->pty), harbor);
        if (!now.busy && !before.busy && now.switches == before.switches &&
            now.threads == before.threads)
            return;
        if (live_ms() > end)
            fail_msg("it does not come to rest");
        before = now;
    }
}

int still_setup(void **state)
{
    struct live *l = xalloc_zero(1, sizeof(*l));
    *l = (struct live){.control = -1, .clock = "2026-02-13T09:00:00Z", .still = true};
    *state = l;
    return 0;
}

void still_wait(struct live *l, int harbor)
{
    int64_t puts;
    pty_wait(l->pty); /* what was sent may still be the terminal's, and nobody awake */
    do {
        wait_asleep(l, harbor);
        puts = pty_value(l->pty, "applied");
        pty_step(l->pty, 0);
        pty_wait(l->pty);
    } while (pty_value(l->pty, "applied") != puts);
}
