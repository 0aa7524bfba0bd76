/* Name servers for tests. */
#include <config.h>

#include "test/systems/dns_server.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A socket of this type at a port of loopback; 0: any. *port is filled. */
static int bound(int type, int *port)
{
    struct sockaddr_in a = loopback(*port);
    socklen_t len = sizeof(a);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        (void)close(fd);
        return -1;
    }
    *port = ntohs(a.sin_port);
    return fd;
}

/* Free for both UDP and TCP. */
static void bind_both(int fds[2], int *port)
{
    for (;;) {
        *port = 0;
        fds[0] = bound(SOCK_DGRAM, port);
        assert_true(fds[0] >= 0);
        fds[1] = bound(SOCK_STREAM, port);
        if (fds[1] >= 0)
            return;
        (void)close(fds[0]);
    }
}

/* ---- NSD. */

struct nsd {
    char folder[64];
    int port;
    pid_t pid;
};

static const char *const files[] = {"nsd.conf", "zone", "log"};

static void put_file(const struct nsd *n, const char *name, struct strbuf *text)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/%s", n->folder, name);
    assert_true(file_replace(path, strbuf_span(text), NULL));
    strbuf_clear(text);
}

static void write_files(const struct nsd *n, const char *lines)
{
    struct strbuf conf = STRBUF_INIT(65536), zone = STRBUF_INIT(65536);
    strbuf_addf(&conf,
                "server:\n ip-address: 127.0.0.1@%d\n username: \"\"\n chroot: \"\"\n zonesdir: "
                "\"%s\"\n pidfile: \"\"\n database: \"\"\n logfile: \"%s/log\"\n xfrdfile: "
                "\"\"\n zonelistfile: \"%s/zonelist\"\n server-count: 1\n rrl-ratelimit: 0\n"
                "remote-control:\n control-enable: no\n"
                "zone:\n name: example.org\n zonefile: zone\n",
                n->port, n->folder, n->folder, n->folder);
    strbuf_addf(&zone,
                "$ORIGIN example.org.\n$TTL 300\n"
                "@ IN SOA ns1 hostmaster 1 7200 900 1209600 60\n@ IN NS ns1\n@ IN NS ns2\n"
                "ns1 IN A 127.0.0.1\nns2 IN A 127.0.0.1\n%s\n",
                lines);
    put_file(n, "nsd.conf", &conf);
    put_file(n, "zone", &zone);
}

static bool answers(int port)
{
    struct sockaddr_in a = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
    (void)close(fd);
    return connected;
}

struct nsd *nsd_start(const char *lines)
{
    struct nsd *n = xalloc_zero(1, sizeof(*n));
    int fds[2];
    char conf[96];
    (void)snprintf(n->folder, sizeof(n->folder), "/tmp/binnacle-test-XXXXXX");
    assert_non_null(mkdtemp(n->folder));
    bind_both(fds, &n->port);
    write_files(n, lines);
    (void)snprintf(conf, sizeof(conf), "%s/nsd.conf", n->folder);
    (void)close(fds[0]);
    (void)close(fds[1]);
    n->pid = fork();
    assert_true(n->pid >= 0);
    if (n->pid == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)dup2(null, 2); /* its notices; its log has them */
        (void)execl("/usr/sbin/nsd", "nsd", "-d", "-c", conf, (char *)NULL);
        _exit(127);
    }
    for (int64_t end = clock_machine_ms() + PATIENCE_MS; !answers(n->port);) {
        if (clock_machine_ms() > end || waitpid(n->pid, NULL, WNOHANG) == n->pid)
            fail_msg("nsd does not start (%s)", n->folder);
        (void)poll(NULL, 0, 5);
    }
    return n;
}

int nsd_port(const struct nsd *n)
{
    return n->port;
}

void nsd_stop(struct nsd *n)
{
    char path[96];
    if (!n)
        return;
    (void)kill(n->pid, SIGTERM);
    while (waitpid(n->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    for (size_t i = 0; i < BN_COUNT(files); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", n->folder, files[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/zonelist", n->folder);
    (void)unlink(path);
    (void)rmdir(n->folder);
    free(n);
}

/* ---- The liar. */

struct liar {
    lie_fn *lie;
    int udp, tcp, port;
    int stop[2];
    pthread_t thread;
};

static void lie_by_udp(struct liar *l)
{
    char bytes[65536];
    struct sockaddr_in from;
    socklen_t len = sizeof(from);
    struct strbuf out = STRBUF_INIT(1 << 20);
    ssize_t n = recvfrom(l->udp, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);
    if (n > 0)
        l->lie(span_make(bytes, (size_t)n), false, &out);
    if (out.len)
        (void)sendto(l->udp, out.data, out.len, 0, (struct sockaddr *)&from, len);
    strbuf_clear(&out);
}

/* One question of one connection. */
static void lie_by_tcp(struct liar *l)
{
    char bytes[65536];
    struct strbuf out = STRBUF_INIT(1 << 20);
    int fd = accept(l->tcp, NULL, NULL);
    struct pollfd in = {.fd = fd, .events = POLLIN};
    ssize_t n = poll(&in, 1, PATIENCE_MS) == 1 ? recv(fd, bytes, sizeof(bytes), 0) : 0;
    if (n > 2)
        l->lie(span_make(bytes + 2, (size_t)n - 2), true, &out);
    unsigned char size[2] = {(unsigned char)(out.len >> 8), (unsigned char)out.len};
    if (out.len && send(fd, size, 2, MSG_NOSIGNAL) == 2)
        (void)send(fd, out.data, out.len, MSG_NOSIGNAL);
    (void)close(fd);
    strbuf_clear(&out);
}

static void *run(void *arg)
{
    struct liar *l = arg;
    for (;;) {
        struct pollfd fds[] = {{l->udp, POLLIN, 0}, {l->tcp, POLLIN, 0}, {l->stop[0], POLLIN, 0}};
        (void)poll(fds, 3, -1);
        if (fds[2].revents)
            return NULL;
        if (fds[0].revents)
            lie_by_udp(l);
        if (fds[1].revents)
            lie_by_tcp(l);
    }
}

struct liar *liar_start(lie_fn *lie)
{
    struct liar *l = xalloc_zero(1, sizeof(*l));
    int fds[2];
    bind_both(fds, &l->port);
    l->lie = lie;
    l->udp = fds[0];
    l->tcp = fds[1];
    assert_int_equal(listen(l->tcp, 16), 0);
    assert_int_equal(pipe(l->stop), 0);
    assert_int_equal(pthread_create(&l->thread, NULL, run, l), 0);
    return l;
}

int liar_port(const struct liar *l)
{
    return l->port;
}

void liar_stop(struct liar *l)
{
    ssize_t done = write(l->stop[1], "", 1);
    (void)done;
    (void)pthread_join(l->thread, NULL);
    (void)close(l->udp);
    (void)close(l->tcp);
    (void)close(l->stop[0]);
    (void)close(l->stop[1]);
    free(l);
}
