/* A throw-away certificate authority and a server certificate of it. */
#ifndef BINNACLE_HARBOR_TLS_H
#define BINNACLE_HARBOR_TLS_H

#include "base/err.h"
#include "base/strbuf.h"

#include <openssl/ssl.h>

/* Server context for 127.0.0.1, ::1 and localhost; *ca_pem is the authority's
 * certificate. http1_only: HTTP/2 is not offered. NULL: *err says why. */
SSL_CTX *tls_make(bool http1_only, struct strbuf *ca_pem, struct err *err);

#endif
