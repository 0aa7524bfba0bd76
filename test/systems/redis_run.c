/* redis-server as a child of a test. */
#include <config.h>

#include "test/systems/redis_run.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENT_MS 30000
#define WORDS_MAX  40
#define TRIES      5

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    (void)close(fd);
    return ntohs(address.sin_port);
}

static const char *word_of(const struct redis_server *r, const char *word, const char *port)
{
    static const char folder[] = "@FOLDER/";
    static char paths[WORDS_MAX][128];
    static size_t n;
    if (strcmp(word, "@PORT") == 0)
        return port;
    if (strncmp(word, folder, sizeof(folder) - 1) != 0)
        return word;
    (void)snprintf(paths[n], sizeof(paths[0]), "%s/%s", r->folder, word + sizeof(folder) - 1);
    return paths[n++];
}

static void become_redis(const struct redis_server *r, const char *const *words, int out)
{
    char port[16], file[100];
    const char *argv[WORDS_MAX] = {
        "redis-server", "--port",  port,     "--bind", "127.0.0.1",
        "--dir",        r->folder, "--save", "",       "--enable-protected-configs",
        "yes"};
    const char *sentinel[] = {"redis-server", file,        "--sentinel", "--port", port,
                              "--bind",       "127.0.0.1", "--dir",      r->folder};
    size_t n = 11;
    (void)snprintf(port, sizeof(port), "%d", r->port);
    (void)snprintf(file, sizeof(file), "%s/sentinel.conf", r->folder);
    while (words && *words && n < WORDS_MAX - 1)
        argv[n++] = word_of(r, *words++, port);
    if (r->sentinel) {
        memset(argv, 0, sizeof(argv));
        memcpy(argv, sentinel, sizeof(sentinel));
    }
    for (int sig = 1; sig < NSIG; sig++) /* a fault here must not go on as the test */
        (void)signal(sig, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(out, 1);
    (void)dup2(out, 2);
    (void)execvp("redis-server", (char *const *)(uintptr_t)argv);
    _exit(127);
}

/* False: it has ended. */
static bool await_ready(struct redis_server *r)
{
    static char text[65536];
    size_t len = 0;
    struct pollfd in = {.fd = r->out, .events = POLLIN};
    while (len < sizeof(text) - 1 && poll(&in, 1, PATIENT_MS) == 1) {
        ssize_t n = read(r->out, text + len, sizeof(text) - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        text[len] = '\0';
        if (strstr(text, r->sentinel ? "Sentinel ID is" : "Ready to accept connections"))
            return true;
    }
    print_error("redis-server says: %.3000s\n", text);
    return false;
}

static bool spawn(struct redis_server *r, const char *const *words)
{
    int fds[2];
    assert_int_equal(r->pid, 0);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    r->pid = (int)fork();
    if (r->pid == 0)
        become_redis(r, words, fds[1]);
    assert_true(r->pid > 0);
    (void)close(fds[1]);
    r->out = fds[0];
    if (await_ready(r))
        return true;
    redis_stop(r);
    return false;
}

static void make_folder(struct redis_server *r)
{
    *r = (struct redis_server){.pid = 0};
    (void)snprintf(r->folder, sizeof(r->folder), "/tmp/binnacle-redis-XXXXXX");
    assert_non_null(mkdtemp(r->folder));
}

static void start(struct redis_server *r, const char *const *words)
{
    bool ok = false;
    for (int i = 0; i < TRIES && !ok; i++) { /* somebody may take the port in between */
        r->port = free_port();
        ok = spawn(r, words);
    }
    assert_true(ok);
}

void redis_start(struct redis_server *r, const char *const *words)
{
    make_folder(r);
    start(r, words);
}

void redis_start_in(struct redis_server *r, const char *const *words,
                    void (*fill)(const char *folder, void *context), void *context)
{
    make_folder(r);
    fill(r->folder, context);
    start(r, words);
}

static void write_lines(const char *folder, const char *lines)
{
    char path[100];
    (void)snprintf(path, sizeof(path), "%s/sentinel.conf", folder);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(lines, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

void redis_start_sentinel(struct redis_server *r, const char *lines)
{
    make_folder(r);
    write_lines(r->folder, lines);
    r->sentinel = true;
    start(r, NULL);
}

void redis_start_again(struct redis_server *r, const char *const *words)
{
    assert_true(spawn(r, words));
}

void redis_signal(struct redis_server *r, int sig)
{
    assert_int_equal(kill(r->pid, sig), 0);
}

void redis_stop(struct redis_server *r)
{
    if (!r->pid)
        return;
    (void)kill(r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0)
        assert_int_equal(errno, EINTR);
    (void)close(r->out);
    r->pid = 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag, (void)at;
    return remove(path);
}

void redis_done(struct redis_server *r)
{
    redis_stop(r);
    if (r->folder[0])
        (void)nftw(r->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
