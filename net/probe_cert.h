/* What a server's certificate says, and whether it is to be trusted. */
#ifndef BINNACLE_NET_PROBE_CERT_H
#define BINNACLE_NET_PROBE_CERT_H

#include "base/err.h"
#include "base/strbuf.h"

enum probe_chain {
    PROBE_CHAIN_TRUSTED,
    PROBE_CHAIN_SELF_SIGNED, /* by itself */
    PROBE_CHAIN_INCOMPLETE,  /* the issuer of the last one sent was not sent, nor is it trusted */
    PROBE_CHAIN_UNTRUSTED,   /* anything else: says */
};

#define PROBE_NAMES_MAX 4096

struct probe_cert {
    char subject[128];           /* its common name, else all of its name, else "" */
    char names[PROBE_NAMES_MAX]; /* DNS names and addresses, joined by '\x1f'; cut at a name */
    char issuer[128];            /* "R11, Let's Encrypt" */
    char serial[64];             /* hexadecimal */
    char key[32];                /* "EC 256", "RSA 2048" */
    int64_t not_before_ms, not_after_ms; /* wall; TIME_NONE: it cannot be read */
    bool fits;                           /* one of the names is the host's */
    unsigned sent;                       /* certificates that came */
    enum probe_chain chain;              /* its own dates left aside */
    char says[128]; /* of PROBE_CHAIN_UNTRUSTED: OpenSSL's words; of INCOMPLETE: the issuer */
};

/* OpenSSL's. */
struct x509_st;
struct x509_store_st;
struct stack_st_X509;

/* When the first certificate of a PEM holds, wall ms. False: there is none that can be read. */
bool probe_cert_dates(struct span pem, int64_t *from_ms, int64_t *until_ms);
/* sent: what came, the leaf first; may be NULL. */
void probe_cert_read(struct x509_st *leaf, struct stack_st_X509 *sent,
                     struct x509_store_st *trusted, const char *host, struct probe_cert *out);

#endif
