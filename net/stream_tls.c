/* TLS inside another stream: a server behind a port-forward that has TLS itself. */
#include <config.h>

#include "base/alloc.h"
#include "net/stream.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define COPY_BYTES 16384

struct tls {
    struct stream stream;
    struct stream *inner; /* owned */
    SSL *ssl;             /* owned; owns both ends of its memory */
    BIO *in, *out;        /* borrowed: what has come, what is to go */
    char *name;           /* owned */
};

/* What OpenSSL wants to send. */
static bool push(struct tls *t, const struct stream_wait *wait, struct err *err)
{
    char bytes[COPY_BYTES];
    int n;

    while ((n = BIO_read(t->out, bytes, sizeof bytes)) > 0)
        if (!stream_write(t->inner, span_make(bytes, (size_t)n), wait, err))
            return false;
    return true;
}

/* What it waits for; *ended: there is no more. */
static bool pull(struct tls *t, bool *ended, const struct stream_wait *wait, struct err *err)
{
    char bytes[COPY_BYTES];
    size_t got;

    if (!push(t, wait, err) || !stream_read(t->inner, bytes, sizeof bytes, &got, wait, err))
        return false;
    *ended = got == 0;
    return BIO_write(t->in, bytes, (int)got) == (int)got ||
           err_set(err, ERR_NOMEM, "%s: no memory for TLS", t->name);
}

static bool say(const struct tls *t, struct err *err)
{
    const long verify = SSL_get_verify_result(t->ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    if (verify != X509_V_OK)
        return err_code(err, ERR_IO, (int)verify, "%s: its certificate is not accepted: %s",
                        t->name, X509_verify_cert_error_string(verify));
    return err_set(err, ERR_IO, "%s: no TLS connection: %s", t->name,
                   reason ? reason : "the server ended it");
}

static bool cut(const struct tls *t, struct err *err)
{
    return err_set(err, ERR_IO, "%s: the connection was cut in the middle of TLS", t->name);
}

/* Goes on when OpenSSL wants to read; false: *err. */
static bool wants_more(struct tls *t, int result, bool *ended, const struct stream_wait *wait,
                       struct err *err)
{
    if (SSL_get_error(t->ssl, result) == SSL_ERROR_WANT_READ)
        return pull(t, ended, wait, err);
    (void)push(t, wait, NULL); /* the alert */
    return say(t, err);
}

/* An end that TLS does not announce is an end: what is spoken inside knows its lengths. */
static bool tls_read(struct stream *stream, char *to, size_t size, size_t *got,
                     const struct stream_wait *wait, struct err *err)
{
    struct tls *t = (struct tls *)stream;
    bool ended = false;

    *got = 0;
    while (!ended) {
        const int n = SSL_read(t->ssl, to, size > INT_MAX ? INT_MAX : (int)size);

        if (n > 0)
            *got = (size_t)n;
        if (n > 0 || SSL_get_error(t->ssl, n) == SSL_ERROR_ZERO_RETURN)
            return true;
        if (!wants_more(t, n, &ended, wait, err))
            return false;
    }
    return true;
}

static bool tls_write(struct stream *stream, struct span bytes, const struct stream_wait *wait,
                      struct err *err)
{
    struct tls *t = (struct tls *)stream;
    bool ended = false;

    while (bytes.len > 0 && !ended) {
        const struct span part = span_sub(bytes, 0, COPY_BYTES);
        const int n = SSL_write(t->ssl, part.data, (int)part.len);

        if (n > 0)
            bytes = span_sub(bytes, (size_t)n, bytes.len);
        else if (!wants_more(t, n, &ended, wait, err))
            return false;
        if (!push(t, wait, err))
            return false;
    }
    return !ended || cut(t, err);
}

static void tls_close(struct stream *stream)
{
    struct tls *t = (struct tls *)stream;

    SSL_free(t->ssl);
    stream_close(t->inner);
    free(t->name);
    free(t);
}

static const struct stream_type tls_type = {tls_read, tls_write, tls_close};

static bool set_up(struct tls *t, const struct stream_tls *o, struct err *err)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    bool ok = ctx && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;

    if (ok && o->ca_file && SSL_CTX_load_verify_file(ctx, o->ca_file) != 1) {
        SSL_CTX_free(ctx);
        ERR_clear_error();
        return err_set(err, ERR_CONFIG, "%s: the certificate authority %s cannot be read", t->name,
                       o->ca_file);
    }
    if (ok && !o->ca_file)
        ok = SSL_CTX_set_default_verify_paths(ctx) == 1;
    if (ok)
        t->ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    if (!t->ssl || !t->in || !t->out) {
        BIO_free(t->in);
        BIO_free(t->out);
        return err_set(err, ERR_NOMEM, "%s: TLS cannot begin", t->name);
    }
    SSL_set_bio(t->ssl, t->in, t->out);
    SSL_set_connect_state(t->ssl);
    SSL_set_verify(t->ssl, o->insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
    return (SSL_set_tlsext_host_name(t->ssl, (char *)(uintptr_t)o->server_name) == 1 &&
            (o->insecure || SSL_set1_host(t->ssl, o->server_name) == 1)) ||
           err_set(err, ERR_CONFIG, "%s: \"%s\" is no name of a server", t->name, o->server_name);
}

struct stream *stream_open_tls(struct stream *inner, const struct stream_tls *options,
                               const struct stream_wait *wait, struct err *err)
{
    struct tls *t = xalloc_zero(1, sizeof *t);
    bool ok, ended = false;

    t->stream.type = &tls_type;
    t->inner = inner;
    t->name = xalloc_text(options->name);
    ok = set_up(t, options, err);
    while (ok && !SSL_is_init_finished(t->ssl)) {
        const int result = SSL_do_handshake(t->ssl);
        ok = result == 1 ? push(t, wait, err) : wants_more(t, result, &ended, wait, err);
        ok = ok && (!ended || cut(t, err));
    }
    if (ok)
        return &t->stream;
    tls_close(&t->stream);
    return NULL;
}
