/* A web server for tests. */
#include <config.h>

#include "test/systems/http_server.h"

#include "base/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNS_MAX   256
#define REQUEST_MAX ((size_t)1 << 20)

/* ---- Certificates. */

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bn_assert(extension);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
}

struct cert cert_make(const struct cert_options *o)
{
    static atomic_long serial = 1;
    struct cert cert = {X509_new(), o->rsa_bits ? EVP_RSA_gen(o->rsa_bits) : EVP_EC_gen("P-256")};
    X509_NAME *name = X509_get_subject_name(cert.x509);
    X509 *issuer = o->issuer ? o->issuer->x509 : cert.x509;

    ASN1_INTEGER_set(X509_get_serialNumber(cert.x509), atomic_fetch_add(&serial, 1));
    X509_set_version(cert.x509, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(cert.x509), o->from_s ? o->from_s : -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert.x509), o->until_s ? o->until_s : 86400);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)o->name, -1, -1,
                               0);
    X509_set_issuer_name(cert.x509, X509_get_subject_name(issuer));
    X509_set_pubkey(cert.x509, cert.key);
    if (o->is_ca)
        add_extension(cert.x509, issuer, NID_basic_constraints, "critical,CA:TRUE");
    if (o->alternatives)
        add_extension(cert.x509, issuer, NID_subject_alt_name, o->alternatives);
    bn_assert(X509_sign(cert.x509, o->issuer ? o->issuer->key : cert.key,
                        o->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
    return cert;
}

void cert_free(struct cert *cert)
{
    X509_free(cert->x509);
    EVP_PKEY_free(cert->key);
}

static void take_bio(BIO *bio, struct strbuf *out)
{
    char *data;
    const long len = BIO_get_mem_data(bio, &data);

    strbuf_add(out, span_make(data, (size_t)len));
    BIO_free(bio);
}

void cert_pem(const struct cert *cert, struct strbuf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_X509(bio, cert->x509);
    take_bio(bio, out);
}

void cert_key_pem(const struct cert *cert, struct strbuf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());

    PEM_write_bio_PrivateKey(bio, cert->key, NULL, NULL, 0, NULL, NULL);
    take_bio(bio, out);
}

/* ---- The server. */

struct conn {
    struct server *server;
    pthread_t thread;
    unsigned number;
    int fd;
    SSL *ssl;
    bool closed;
};

struct server {
    struct server_options options;
    SSL_CTX *_Atomic tls, *tls_before;
    int listener, port;
    char origin[64];
    pthread_t thread;
    int stop[2]; /* a pipe: readable when the server stops */
    atomic_uint connections, requests;
    struct conn conns[CONNS_MAX];
};

static void await(struct conn *c, short events, int ms)
{
    struct pollfd fds[] = {{c->fd, events, 0}, {c->server->stop[0], POLLIN, 0}};

    (void)poll(fds, 2, ms);
    if (fds[1].revents)
        c->closed = true;
}

/* What the last call on ssl wants; false: it is over. */
static bool ssl_again(struct conn *c, int result)
{
    const int error = SSL_get_error(c->ssl, result);

    if (error == SSL_ERROR_WANT_READ)
        await(c, POLLIN, -1);
    else if (error == SSL_ERROR_WANT_WRITE)
        await(c, POLLOUT, -1);
    else
        c->closed = true;
    ERR_clear_error();
    return !c->closed;
}

/* Bytes read; 0: the peer is gone or the server stops. */
static size_t conn_read(struct conn *c, char *out, size_t size)
{
    while (!c->closed) {
        if (c->ssl) {
            const int n = SSL_read(c->ssl, out, (int)size);
            if (n > 0)
                return (size_t)n;
            (void)ssl_again(c, n);
            continue;
        }
        const ssize_t n = recv(c->fd, out, size, 0);
        if (n > 0)
            return (size_t)n;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            await(c, POLLIN, -1);
        else
            c->closed = true;
    }
    return 0;
}

bool conn_send(struct conn *c, struct span bytes)
{
    while (bytes.len > 0 && !c->closed) {
        ssize_t n;

        if (c->ssl) {
            n = SSL_write(c->ssl, bytes.data, (int)bytes.len);
            if (n <= 0 && !ssl_again(c, (int)n))
                break;
        } else {
            n = send(c->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN)
                await(c, POLLOUT, -1);
            else if (n < 0)
                c->closed = true;
        }
        if (n > 0)
            bytes = span_sub(bytes, (size_t)n, bytes.len);
    }
    return !c->closed;
}

bool conn_says(struct conn *c, const char *text)
{
    return conn_send(c, span_from(text));
}

void conn_answer(struct conn *c, int status, const char *headers, struct span body)
{
    struct strbuf text = STRBUF_INIT((size_t)256 << 20);

    strbuf_addf(&text, "HTTP/1.1 %d Word\r\nContent-Length: %zu\r\n%s\r\n", status, body.len,
                headers);
    strbuf_add(&text, body);
    (void)conn_send(c, strbuf_span(&text));
    strbuf_clear(&text);
}

void conn_wait_gone(struct conn *c)
{
    char bytes[4096];

    while (conn_read(c, bytes, sizeof bytes) > 0)
        continue;
}

void conn_pause(struct conn *c, int ms)
{
    await(c, 0, ms);
}

bool conn_gone(struct conn *c, int ms)
{
    char byte;

    await(c, POLLIN, ms);
    if (c->closed)
        return true;
    if (c->ssl) {
        const int n = SSL_peek(c->ssl, &byte, 1);
        c->closed = n <= 0 && SSL_get_error(c->ssl, n) != SSL_ERROR_WANT_READ;
        ERR_clear_error();
    } else {
        c->closed = recv(c->fd, &byte, 1, MSG_PEEK) == 0;
    }
    return c->closed;
}

void conn_close(struct conn *c)
{
    c->closed = true;
}

size_t conn_flood(struct conn *c, size_t most, int ms)
{
    static const char bytes[16384] = "x";
    size_t sent = 0;

    while (sent < most && !c->closed) {
        const size_t n = most - sent < sizeof bytes ? most - sent : sizeof bytes;
        const ssize_t did = send(c->fd, bytes, n, MSG_NOSIGNAL);
        struct pollfd room = {c->fd, POLLOUT, 0};

        if (did > 0)
            sent += (size_t)did;
        else if (errno != EAGAIN || poll(&room, 1, ms) == 0)
            break;
    }
    return sent;
}

unsigned conn_number(const struct conn *c)
{
    return c->number;
}

void conn_client_name(struct conn *c, char *out, size_t size)
{
    X509 *cert = c->ssl ? SSL_get0_peer_certificate(c->ssl) : NULL;

    out[0] = 0;
    if (cert)
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, out, (int)size);
}

/* Length of the body that the head announces. */
static size_t body_length(const char *head)
{
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line ? (size_t)strtoul(line + 17, NULL, 10) : 0;
}

static void serve_http1(struct conn *c)
{
    struct strbuf text = STRBUF_INIT(REQUEST_MAX);

    while (!c->closed) {
        char bytes[8192];
        const char *end = strstr(strbuf_cstr(&text), "\r\n\r\n");
        size_t n;

        if (end) {
            const size_t len = (size_t)(end + 4 - text.data) + body_length(text.data);
            if (text.len >= len) {
                char *request = xalloc_bytes(text.data, len);
                atomic_fetch_add(&c->server->requests, 1);
                c->server->options.serve(c, request, c->server->options.context);
                free(request);
                strbuf_consume(&text, len);
                continue;
            }
        }
        n = conn_read(c, bytes, sizeof bytes);
        strbuf_add(&text, span_make(bytes, n));
    }
    strbuf_clear(&text);
}

/* ---- HTTP/2: every stream is answered and stays open. */

static ssize_t h2_send(nghttp2_session *session, const uint8_t *data, size_t len, int flags,
                       void *context)
{
    (void)session;
    (void)flags;
    return conn_send(context, span_make((const char *)data, len)) ? (ssize_t)len
                                                                  : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static ssize_t h2_body(nghttp2_session *session, int32_t stream, uint8_t *buf, size_t len,
                       uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)flags;
    (void)context;
    if (nghttp2_session_get_stream_user_data(session, stream)) { /* floods */
        memset(buf, ' ', len);
        return (ssize_t)len;
    }
    if (source->ptr == NULL || len < 3)
        return NGHTTP2_ERR_DEFERRED;
    memcpy(buf, "{}\n", 3);
    source->ptr = NULL; /* once */
    return 3;
}

static int h2_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *context)
{
    (void)flags;
    if (span_is(span_make((const char *)name, name_len), ":path") &&
        span_is(span_make((const char *)value, value_len), "/flood"))
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, context);
    return 0;
}

static int h2_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    static char status[] = ":status", ok[] = "200", type[] = "content-type",
                json[] = "application/json";
    nghttp2_nv headers[] = {{(uint8_t *)status, (uint8_t *)ok, 7, 3, NGHTTP2_NV_FLAG_NONE},
                            {(uint8_t *)type, (uint8_t *)json, 12, 16, NGHTTP2_NV_FLAG_NONE}};
    struct conn *c = context;
    nghttp2_data_provider body = {{.ptr = c}, h2_body};

    if (frame->hd.type != NGHTTP2_HEADERS || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    atomic_fetch_add(&c->server->requests, 1);
    return nghttp2_submit_response(session, frame->hd.stream_id, headers, 2, &body);
}

static void serve_http2(struct conn *c)
{
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 250}};
    nghttp2_session_callbacks *callbacks;
    nghttp2_session *session;
    char bytes[16384];
    size_t n;

    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, h2_send);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, h2_frame);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, h2_header);
    nghttp2_session_server_new(&session, callbacks, c);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 1);
    while (nghttp2_session_send(session) == 0 && (n = conn_read(c, bytes, sizeof bytes)) > 0)
        if (nghttp2_session_mem_recv(session, (const uint8_t *)bytes, n) < 0)
            break;
    nghttp2_session_del(session);
}

/* ---- Threads. */

static void handshake(struct conn *c)
{
    c->ssl = SSL_new(c->server->tls);
    SSL_set_fd(c->ssl, c->fd);
    while (!c->closed) {
        const int result = SSL_accept(c->ssl);
        if (result == 1)
            return;
        (void)ssl_again(c, result);
    }
}

static void *conn_main(void *context)
{
    struct conn *c = context;

    if (c->server->options.hang)
        conn_wait_gone(c);
    else if (c->server->tls)
        handshake(c);
    if (c->server->options.greeting)
        (void)conn_says(c, c->server->options.greeting);
    if (!c->closed && c->server->options.http2)
        serve_http2(c);
    else if (!c->closed)
        serve_http1(c);
    SSL_free(c->ssl);
    close(c->fd);
    return NULL;
}

static void *server_main(void *context)
{
    struct server *s = context;
    unsigned n = 0;

    for (;;) {
        struct pollfd fds[] = {{s->listener, POLLIN, 0}, {s->stop[0], POLLIN, 0}};
        struct conn *c = &s->conns[n];
        int fd;

        (void)poll(fds, 2, -1);
        if (fds[1].revents)
            break;
        fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        bn_assert(n < CONNS_MAX);
        *c = (struct conn){.server = s, .number = ++n, .fd = fd};
        atomic_store(&s->connections, n);
        pthread_create(&c->thread, NULL, conn_main, c);
    }
    for (unsigned i = 0; i < n; i++)
        pthread_join(s->conns[i].thread, NULL);
    return NULL;
}

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *len,
                     const unsigned char *in, unsigned in_len, void *context)
{
    static const unsigned char h2[] = {2, 'h', '2'};
    unsigned char *chosen;

    (void)ssl;
    (void)context;
    if (SSL_select_next_proto(&chosen, len, h2, sizeof h2, in, in_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_tls(const struct server_options *o)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    SSL_CTX_set_security_level(tls, 0); /* weak certificates are for the client to refuse */
    bn_assert(SSL_CTX_use_certificate(tls, o->cert->x509) == 1);
    bn_assert(SSL_CTX_use_PrivateKey(tls, o->cert->key) == 1);
    bn_assert(!o->chain || SSL_CTX_add1_chain_cert(tls, o->chain->x509) == 1);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (o->max_tls) {
        SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(tls, o->max_tls);
    }
    if (o->client_ca) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), o->client_ca->x509);
        SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    if (o->http2)
        SSL_CTX_set_alpn_select_cb(tls, choose_h2, NULL);
    return tls;
}

static void listen_at_loopback(struct server *s)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    bool is_six = s->options.ipv6;
    struct sockaddr *at = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    socklen_t len = is_six ? sizeof six : sizeof four;

    s->listener = socket(at->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bn_assert(bind(s->listener, at, len) == 0);
    bn_assert(listen(s->listener, 128) == 0);
    bn_assert(getsockname(s->listener, at, &len) == 0);
    s->port = ntohs(is_six ? six.sin6_port : four.sin_port);
}

struct server *server_start(const struct server_options *options)
{
    struct server *s = xalloc_zero(1, sizeof *s);

    (void)signal(SIGPIPE, SIG_IGN); /* OpenSSL writes without MSG_NOSIGNAL */
    s->options = *options;
    if (options->cert)
        s->tls = make_tls(options);
    listen_at_loopback(s);
    (void)snprintf(s->origin, sizeof s->origin, "%s://localhost:%d", s->tls ? "https" : "http",
                   s->port);
    bn_assert(pipe2(s->stop, O_CLOEXEC) == 0);
    pthread_create(&s->thread, NULL, server_main, s);
    return s;
}

void server_stop(struct server *s)
{
    if (!s)
        return;
    bn_assert(write(s->stop[1], "x", 1) == 1);
    pthread_join(s->thread, NULL);
    close(s->stop[0]);
    close(s->stop[1]);
    close(s->listener);
    SSL_CTX_free(s->tls);
    SSL_CTX_free(s->tls_before);
    free(s);
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_renew(struct server *s, const struct cert *cert)
{
    const struct server_options o = {.cert = cert};
    bn_assert(!s->tls_before); /* which a thread may be about to use */
    s->tls_before = atomic_exchange(&s->tls, make_tls(&o));
}

const char *server_origin(const struct server *s)
{
    return s->origin;
}

unsigned server_connections(struct server *s)
{
    return atomic_load(&s->connections);
}

unsigned server_requests(struct server *s)
{
    return atomic_load(&s->requests);
}
