/* Connections that go over streams of the client's maker: curl connects to a bridge, and speaks HTTP
 * and TLS with what is behind it. */
#include <config.h>

#include "base/alloc.h"
#include "net/bridge.h"
#include "net/http_impl.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct http_span {
    struct http_span *next;
    struct bridge *bridge; /* owned */
    int fd;                /* curl's, until it closes it */
};

/* No longer than connecting may take, nor than the request has left. */
static struct stream_wait wait_of(const struct transfer *t)
{
    const int connect_ms = t->http->options.connect_ms;
    struct stream_wait wait =
        stream_wait_for(connect_ms > 0 ? connect_ms : HTTP_CONNECT_MS, t->http->options.cancel_fd);

    if (t->deadline_ms > 0 && t->deadline_ms < wait.until_ms)
        wait.until_ms = t->deadline_ms;
    return wait;
}

/* Has curl connect to the bridge's path instead. [curl_easy_setopt CURLOPT_OPENSOCKETFUNCTION: "the
 * callback is allowed to modify the address"; sockets that are connected already are not taken by
 * every curl: 7.88 connects them again] */
static int socket_to(const struct bridge *bridge, struct curl_sockaddr *address)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = bridge_path(bridge);

    _Static_assert(sizeof to <= sizeof(struct sockaddr_storage), "curl has room for no more");
    memcpy(to.sun_path, path, strlen(path) + 1); /* it was bound to: it fits */
    address->family = AF_UNIX;
    address->socktype = SOCK_STREAM;
    address->protocol = 0;
    address->addrlen = sizeof to;
    memcpy((char *)address + offsetof(struct curl_sockaddr, addr), &to, sizeof to);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static struct bridge *open_bridge(struct transfer *t)
{
    const struct http_way *way = &t->http->options.way;
    const struct stream_wait wait = wait_of(t);
    struct stream *stream = way->open(way->context, &wait, &t->err);

    return stream ? bridge_listen(stream, t->http->options.cancel_fd, &t->err) : NULL;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = context;
    struct http *http = t->http;
    struct bridge *bridge = open_bridge(t);
    int fd = bridge ? socket_to(bridge, address) : -1;
    struct http_span *s;

    (void)purpose;
    if (fd < 0) {
        (void)bridge_close(bridge, NULL);
        return CURL_SOCKET_BAD;
    }
    err_clear(&t->err);
    err_clear(&http->way_err);
    s = xalloc_zero(1, sizeof *s);
    s->bridge = bridge;
    s->fd = fd;
    s->next = http->spans;
    http->spans = s;
    return fd;
}

static int close_socket(void *context, curl_socket_t fd)
{
    struct http *http = context;
    struct http_span **at = &http->spans, *s;

    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    s = *at;
    (void)close(fd);
    if (!s)
        return 0;
    *at = s->next;
    (void)bridge_close(s->bridge, &http->way_err);
    free(s);
    return 0;
}

CURLcode http_set_way(struct transfer *t, CURL *easy)
{
    CURLcode code = CURLE_OK;

    if (!t->http->options.way.open)
        return code;
    code = curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* nor one of the environment */
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, t->http);
    return code;
}

void http_way_done(struct http *http)
{
    while (http->spans) /* curl has closed all: none is left */
        (void)close_socket(http, http->spans->fd);
    if (http->options.way.done)
        http->options.way.done(http->options.way.context);
}
