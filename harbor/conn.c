/* Connections: bytes in and out through TLS, never waiting. */
#include <config.h>

#include "base/alloc.h"
#include "harbor/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_MAX    ((size_t)8 << 20)
#define OUT_MAX   ((size_t)1 << 30)
#define WRITE_MAX ((size_t)1 << 20)

void server_accept(struct server *s)
{
    for (;;) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0)
            return;
        struct conn *c = xalloc_zero(1, sizeof(*c));
        const int on = 1; /* as Go's servers: else the end of an answer waits for an ACK */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        c->server = s;
        c->fd = fd;
        c->in = (struct strbuf)STRBUF_INIT(IN_MAX);
        c->out = (struct strbuf)STRBUF_INIT(OUT_MAX);
        c->ssl = SSL_new(s->tls);
        (void)SSL_set_fd(c->ssl, fd);
        SSL_set_accept_state(c->ssl);
        c->next = s->conns;
        s->conns = c;
        s->counts.connections++;
    }
}

void conn_count_bytes(const struct conn *c, struct counts *to)
{
    to->bytes_in += BIO_number_read(SSL_get_rbio(c->ssl));
    to->bytes_out += BIO_number_written(SSL_get_wbio(c->ssl));
}

void conn_free(struct conn *c)
{
    conn_count_bytes(c, &c->server->counts);
    while (c->streams) {
        struct stream *s = c->streams;
        c->streams = s->next;
        stream_free(s);
    }
    if (c->done)
        c->done(c);
    SSL_free(c->ssl);
    (void)close(c->fd);
    strbuf_clear(&c->in);
    strbuf_clear(&c->out);
    free(c);
}

/* Before each call whose result may_go_on() judges: what another connection has left in the
 * thread's queue of errors would be taken for this one's [openssl SSL_get_error(3)]. */
static SSL *clean(const struct conn *c)
{
    ERR_clear_error();
    return c->ssl;
}

/* True: go on; false: it is over. */
static bool may_go_on(struct conn *c, int result)
{
    int why = SSL_get_error(c->ssl, result);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static bool handshake(struct conn *c)
{
    const unsigned char *alpn;
    unsigned len;
    int result = SSL_do_handshake(clean(c));
    if (result != 1)
        return may_go_on(c, result);
    SSL_get0_alpn_selected(c->ssl, &alpn, &len);
    c->ready = true;
    if (len == 2 && alpn[0] == 'h' && alpn[1] == '2')
        http2_open(c);
    else
        http1_open(c);
    return true;
}

static bool read_bytes(struct conn *c)
{
    for (;;) {
        char *to = strbuf_reserve(&c->in, 16384);
        if (!to)
            return false;
        int n = SSL_read(clean(c), to, 16384);
        if (n <= 0)
            return may_go_on(c, n);
        strbuf_commit(&c->in, (size_t)n);
        c->take(c);
    }
}

/* How many bytes may go out now. */
static size_t allowance(const struct conn *c)
{
    size_t waiting = c->out.len - c->sent, most = waiting < WRITE_MAX ? waiting : WRITE_MAX;
    if (!c->slow)
        return most;
    int64_t passed = clock_mono_ms(c->server->clock) - c->slow_ms;
    int64_t left = passed * (int64_t)c->slow / 1000 - c->slow_sent;
    return left <= 0 ? 0 : (size_t)left < most ? (size_t)left : most;
}

/* A connection that closes lets what runs over HTTP/2 end first. */
static bool is_over(const struct conn *c)
{
    return c->closing && !(c->framed && c->streams);
}

static bool write_bytes(struct conn *c)
{
    while (c->sent < c->out.len) {
        size_t len = allowance(c);
        int n = len ? SSL_write(clean(c), c->out.data + c->sent, (int)len) : 0;
        if (!len)
            return true;
        if (n <= 0)
            return may_go_on(c, n);
        c->sent += (size_t)n;
        c->slow_sent += n;
        if (c->sent < c->out.len)
            continue;
        strbuf_truncate(&c->out, 0);
        c->sent = 0;
        c->take(c); /* the next request, or more of a body, may have waited for this */
    }
    return !is_over(c);
}

bool conn_turn(struct conn *c)
{
    if (c->silent)
        return true;
    if (!c->ready && !handshake(c))
        return false;
    if (!c->ready)
        return true;
    c->take(c); /* what has happened since wants to go out */
    return !c->dead && read_bytes(c) && !c->dead && write_bytes(c);
}

bool conn_wants_write(const struct conn *c)
{
    return !c->silent && ((c->out.len > 0 && !c->slow) || (!c->ready && SSL_want_write(c->ssl)));
}
