/* Streams over connections that libcurl makes: names, proxies, TLS and its
 * sentences are those of the HTTP client. */
#include <config.h>

#include "net/stream.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "net/http_impl.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct stream_wait stream_wait_for(int deadline_ms, int cancel_fd)
{
    return (struct stream_wait){deadline_ms > 0 ? clock_machine_ms() + deadline_ms : TIME_FOREVER,
                                cancel_fd};
}

int stream_wait_left(const struct stream_wait *wait)
{
    const int64_t left =
        wait->until_ms == TIME_FOREVER ? TIME_FOREVER : wait->until_ms - clock_machine_ms();

    if (left == TIME_FOREVER)
        return -1;
    return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int stream_wait_deadline(const struct stream_wait *wait)
{
    const int left = stream_wait_left(wait);

    return left < 0 ? 0 : left > 0 ? left : 1;
}

bool stream_poll(int fd, short events, const struct stream_wait *wait, const char *who,
                 struct err *err)
{
    for (;;) {
        struct pollfd fds[2] = {{fd, events, 0}, {wait->cancel_fd, POLLIN, 0}};
        const int left = stream_wait_left(wait), n = poll(fds, 2, left);

        if (n > 0 && fds[1].revents)
            return err_set(err, ERR_CANCELLED, "%s: asked to stop", who);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return err_code(err, ERR_IO, errno, "%s: cannot wait: %s", who, strerror(errno));
        if (n == 0 && left == 0)
            return err_set(err, ERR_TIMEOUT, "%s: no answer in time", who);
    }
}

/* ---- The connection. */

struct link {
    struct stream stream;
    struct transfer t; /* as the client makes one; never in its list */
    struct http *own;  /* owned; NULL: the client is somebody else's */
    curl_socket_t fd;
};

static bool failed(struct link *l, CURLcode code, struct err *err)
{
    http_say_curl(&l->t, code);
    return err_code(err, l->t.err.kind, l->t.err.code, "%s", l->t.err.msg);
}

static bool link_read(struct stream *stream, char *to, size_t size, size_t *got,
                      const struct stream_wait *wait, struct err *err)
{
    struct link *l = (struct link *)stream;

    for (;;) {
        const CURLcode code = curl_easy_recv(l->t.easy, to, size, got);

        if (code == CURLE_OK)
            return true;
        if (code != CURLE_AGAIN)
            return failed(l, code, err);
        if (!stream_poll(l->fd, POLLIN, wait, l->t.http->name, err))
            return false;
    }
}

static bool link_write(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                       struct err *err)
{
    struct link *l = (struct link *)stream;

    while (bytes.len > 0) {
        size_t sent = 0;
        const CURLcode code = curl_easy_send(l->t.easy, bytes.data, bytes.len, &sent);

        bytes = span_sub(bytes, sent, bytes.len);
        if (code == CURLE_AGAIN) {
            if (!stream_poll(l->fd, POLLOUT, wait, l->t.http->name, err))
                return false;
        } else if (code != CURLE_OK) {
            return failed(l, code, err);
        }
    }
    return true;
}

static void link_close(struct stream *stream)
{
    struct link *l = (struct link *)stream;

    http_drop_easy(&l->t);
    http_free(l->own);
    free(l);
}

static const struct stream_type link_type = {link_read, link_write, link_close};

/* The address, TLS and proxy are the client's; the rest of HTTP is left out. */
static bool set_up(struct link *l, const struct credential_value *value, struct err *err)
{
    const struct {
        CURLoption option;
        long value;
    } options[] = {
        {CURLOPT_CONNECT_ONLY, 1L},
        {CURLOPT_HTTPPROXYTUNNEL, 1L},
        {CURLOPT_SSL_ENABLE_ALPN, 0L}, /* a server that takes h2 would not do an upgrade */
    };

    if (!http_setup(&l->t, value))
        return err_code(err, l->t.err.kind, l->t.err.code, "%s", l->t.err.msg);
    for (size_t i = 0; i < BN_COUNT(options); i++) {
        const CURLcode code = curl_easy_setopt(l->t.easy, options[i].option, options[i].value);
        if (code)
            return failed(l, code, err);
    }
    return true;
}

static bool await_connection(struct link *l, const struct stream_wait *wait, struct err *err)
{
    struct curl_waitfd cancel = {wait->cancel_fd, CURL_WAIT_POLLIN, 0};
    CURLM *multi = l->t.http->multi;

    for (;;) {
        int running, left;
        const CURLMsg *msg;

        (void)curl_multi_perform(multi, &running);
        msg = curl_multi_info_read(multi, &left);
        if (msg && msg->data.result != CURLE_OK)
            return failed(l, msg->data.result, err);
        if (msg && curl_easy_getinfo(l->t.easy, CURLINFO_ACTIVESOCKET, &l->fd) == CURLE_OK)
            return true;
        if (stream_wait_left(wait) == 0)
            return failed(l, CURLE_OPERATION_TIMEDOUT, err);
        (void)curl_multi_poll(multi, &cancel, wait->cancel_fd >= 0,
                              stream_wait_left(wait) < 0 ? 60000 : stream_wait_left(wait), NULL);
        if (cancel.revents)
            return err_set(err, ERR_CANCELLED, "%s: asked to stop", l->t.http->name);
    }
}

struct stream *stream_connect(struct http *http, const struct credential_value *value,
                              const struct stream_wait *wait, struct err *err)
{
    struct link *l = xalloc_zero(1, sizeof *l);

    http_reconnect(http);
    l->stream.type = &link_type;
    l->t.http = http;
    l->t.request.http1 = true;
    l->t.method = (char *)(uintptr_t) "GET";
    l->t.url_path = (char *)(uintptr_t) "/";
    if (set_up(l, value, err) && curl_multi_add_handle(http->multi, l->t.easy) == CURLM_OK &&
        await_connection(l, wait, err))
        return &l->stream;
    link_close(&l->stream);
    return NULL;
}

struct stream *stream_open(const struct http_options *options, const struct stream_wait *wait,
                           struct err *err)
{
    struct http_options direct = *options;
    struct credential_value value = {.authorization = NULL};
    struct stream *stream = NULL;
    struct http *http;

    if (!direct.proxy_url)
        direct.proxy_url = ""; /* not the environment's: it is for HTTP */
    http = http_new(&direct, err);
    if (http &&
        (!http->credential || credential_get(http->credential, wait->cancel_fd, &value, err)))
        stream = stream_connect(http, &value, wait, err);
    credential_value_wipe(&value);
    if (stream)
        ((struct link *)stream)->own = http;
    else
        http_free(http);
    return stream;
}

/* ---- Whatever carries it. */

bool stream_read(struct stream *stream, char *to, size_t size, size_t *got,
                 const struct stream_wait *wait, struct err *err)
{
    return stream->type->read(stream, to, size, got, wait, err);
}

bool stream_write(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                  struct err *err)
{
    return stream->type->write(stream, bytes, wait, err);
}

void stream_close(struct stream *stream)
{
    if (stream)
        stream->type->close(stream);
}
