/* The control socket. */
#include <config.h>

#include "harbor/control.h"

#include "base/alloc.h"
#include "harbor/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS     (CONTROL_FDS - 1)
#define COMMAND_MAX ((size_t)1 << 20)

struct control {
    int listener;
    char path[108];
    int fds[CLIENTS]; /* -1: free */
    struct strbuf in[CLIENTS];
};

struct control *control_new(const char *path, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct control *c = xalloc_zero(1, sizeof(*c));
    if (strlen(path) >= sizeof(address.sun_path)) {
        free(c);
        (void)err_set(err, ERR_CONFIG, "the path of the control socket is too long");
        return NULL;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    memcpy(c->path, path, strlen(path) + 1);
    for (size_t i = 0; i < CLIENTS; i++) {
        c->fds[i] = -1;
        c->in[i] = (struct strbuf)STRBUF_INIT(COMMAND_MAX);
    }
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->listener >= 0 &&
        bind(c->listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(c->listener, CLIENTS) == 0)
        return c;
    (void)err_code(err, ERR_IO, errno, "cannot listen at %s: %s", path, strerror(errno));
    c->path[0] = '\0';
    control_free(c);
    return NULL;
}

static void close_client(struct control *c, size_t i)
{
    (void)close(c->fds[i]);
    c->fds[i] = -1;
    strbuf_clear(&c->in[i]);
}

void control_free(struct control *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < CLIENTS; i++)
        if (c->fds[i] >= 0)
            close_client(c, i);
    if (c->listener >= 0)
        (void)close(c->listener);
    if (c->path[0])
        (void)unlink(c->path);
    free(c);
}

void control_poll(const struct control *c, struct pollfd *fds)
{
    for (size_t i = 0; i < CONTROL_FDS; i++)
        fds[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    if (!c)
        return;
    fds[0].fd = c->listener;
    for (size_t i = 0; i < CLIENTS; i++)
        fds[i + 1].fd = c->fds[i];
}

static void run_lines(struct control *c, size_t i, struct server *server)
{
    for (;;) {
        struct span all = strbuf_span(&c->in[i]);
        size_t end = span_find(all, '\n', 0);
        struct strbuf answer = STRBUF_INIT(COMMAND_MAX);
        struct err err;
        if (end == all.len)
            return;
        if (!command_run(server, span_sub(all, 0, end), &answer, &err)) {
            strbuf_truncate(&answer, 0);
            strbuf_addf(&answer, "error %s", err.msg);
        }
        server_follow(server);
        strbuf_addc(&answer, '\n');
        (void)send(c->fds[i], strbuf_cstr(&answer), answer.len, MSG_NOSIGNAL);
        strbuf_clear(&answer);
        strbuf_consume(&c->in[i], end + 1);
    }
}

static void read_client(struct control *c, size_t i, struct server *server)
{
    char *to = strbuf_reserve(&c->in[i], 4096);
    ssize_t n = to ? recv(c->fds[i], to, 4096, MSG_DONTWAIT) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        close_client(c, i);
        return;
    }
    strbuf_commit(&c->in[i], (size_t)n);
    run_lines(c, i, server);
}

static void accept_client(struct control *c)
{
    int fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < CLIENTS; i++) {
        if (c->fds[i] >= 0)
            continue;
        c->fds[i] = fd;
        return;
    }
    if (fd >= 0)
        (void)close(fd);
}

void control_turn(struct control *c, struct server *server, const struct pollfd *fds)
{
    if (!c)
        return;
    for (size_t i = 0; i < CLIENTS; i++)
        if (fds[i + 1].fd >= 0 && fds[i + 1].revents)
            read_client(c, i, server);
    if (fds[0].revents)
        accept_client(c);
}
