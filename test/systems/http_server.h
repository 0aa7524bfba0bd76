/* A web server for tests, a thread per connection: plain or TLS, every byte of
 * its answers chosen by the test. */
#ifndef BINNACLE_TEST_SYSTEMS_HTTP_SERVER_H
#define BINNACLE_TEST_SYSTEMS_HTTP_SERVER_H

#include "base/strbuf.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

/* ---- Certificates made for the occasion. */

struct cert {
    X509 *x509;
    EVP_PKEY *key;
};

struct cert_options {
    const char *name;          /* CN */
    const char *alternatives;  /* "DNS:localhost,IP:127.0.0.1"; NULL: none */
    const struct cert *issuer; /* NULL: self-signed */
    bool is_ca;
    long from_s, until_s; /* from now; 0: an hour ago, in a day */
    unsigned rsa_bits;    /* 0: a P-256 key */
    bool sha1;            /* signed with SHA-1 */
};

struct cert cert_make(const struct cert_options *options);
void cert_free(struct cert *cert);
void cert_pem(const struct cert *cert, struct strbuf *out);
void cert_key_pem(const struct cert *cert, struct strbuf *out);

/* ---- The server. */

struct server;
struct conn;

/* Answers one request (its head and, with Content-Length, its body). Called on
 * the connection's thread, again for each further request unless it closed. */
typedef void (*serve_fn)(struct conn *c, const char *request, void *context);

struct server_options {
    serve_fn serve;
    void *context;
    const struct cert *cert;      /* NULL: plain */
    const struct cert *client_ca; /* clients must have a certificate of it */
    const struct cert *chain;     /* sent behind cert; NULL: nothing */
    const char *greeting;         /* sent before anything is read; NULL: nothing */
    int max_tls;                  /* 0: newest */
    bool hang;                    /* accept and say nothing, not even the TLS handshake */
    bool ipv6;                    /* at ::1 instead of 127.0.0.1 */
    bool http2;                   /* by nghttp2: every stream is answered 200, "{}\n", and stays
                           open; the path /flood gets bytes without end */
};

struct server *server_start(const struct server_options *options);
void server_stop(struct server *s); /* NULL is allowed */
/* New connections are shown this certificate, those that there are keep theirs. Once at most. */
void server_renew(struct server *s, const struct cert *cert);
int server_port(const struct server *s);
/* "https://localhost:PORT"; borrowed. */
const char *server_origin(const struct server *s);
unsigned server_connections(struct server *s);
unsigned server_requests(struct server *s);

bool conn_send(struct conn *c, struct span bytes); /* false: the peer is gone */
bool conn_says(struct conn *c, const char *text);
/* A whole answer with Content-Length. */
void conn_answer(struct conn *c, int status, const char *headers, struct span body);
/* Waits until the peer has closed or the server is stopped. */
void conn_wait_gone(struct conn *c);
/* Waits at most ms, less when the server is stopped or the peer has closed. */
void conn_pause(struct conn *c, int ms);
/* The same, and true when the peer has closed or the server stops. */
bool conn_gone(struct conn *c, int ms);
void conn_close(struct conn *c);
/* Sends until the peer takes no more for ms; returns the bytes that it took. */
size_t conn_flood(struct conn *c, size_t most, int ms);
unsigned conn_number(const struct conn *c); /* 1 is the server's first */
/* CN of the client's certificate, or "". */
void conn_client_name(struct conn *c, char *out, size_t size);

#endif
