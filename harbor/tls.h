/* A throw-away certificate authority and a server certificate of it. */
#ifndef BINNACLE_HARBOR_TLS_H
#define BINNACLE_HARBOR_TLS_H

#include "base/err.h"
#include "base/strbuf.h"

#include <openssl/ssl.h>

struct tls_cert {
    EVP_PKEY *key; /* borrowed, as all here */
    const char *name;
    const char *alternatives; /* "DNS:localhost,IP:127.0.0.1"; NULL: it is an authority's */
    X509 *issuer;             /* NULL: itself */
    EVP_PKEY *issuer_key;
    long serial;
    int64_t from_s, until_s; /* since 1970 */
};

/* Owned; NULL: it cannot be made. */
X509 *tls_certificate(const struct tls_cert *c);
bool tls_pem(X509 *cert, struct strbuf *out);

/* Server context for 127.0.0.1, ::1 and localhost; *ca_pem is the authority's
 * certificate. http1_only: HTTP/2 is not offered. NULL: *err says why. */
SSL_CTX *tls_make(bool http1_only, struct strbuf *ca_pem, struct err *err);

#endif
