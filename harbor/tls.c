/* A throw-away certificate authority: made anew at each start, kept nowhere. */
#include <config.h>

#include "harbor/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define VALID_S (7 * 24 * 3600)

static bool failed(struct err *err, const char *what)
{
    char text[256];
    ERR_error_string_n(ERR_get_error(), text, sizeof(text));
    return err_set(err, ERR_IO, "cannot make %s: %s", what, text);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = ext && X509_add_ext(cert, ext, -1) == 1;
    X509_EXTENSION_free(ext);
    return ok;
}

static X509 *certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key,
                         long serial)
{
    X509 *cert = X509_new();
    if (!cert)
        return NULL;
    bool ok = X509_set_version(cert, 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
              X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) && X509_set_pubkey(cert, key) == 1;
    X509_NAME *subject = X509_get_subject_name(cert);
    ok = ok &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                                    -1, 0) == 1 &&
         X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : subject) == 1;
    if (issuer)
        ok = ok &&
             add_extension(cert, issuer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    else
        ok = ok && add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE") &&
             add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    ok = ok && X509_sign(cert, issuer_key, EVP_sha256()) > 0;
    if (ok)
        return cert;
    X509_free(cert);
    return NULL;
}

static bool write_pem(X509 *cert, struct strbuf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    bool ok = bio && PEM_write_bio_X509(bio, cert) == 1;
    if (ok) {
        long len = BIO_get_mem_data(bio, &data);
        strbuf_add(out, span_make(data, (size_t)len));
    }
    BIO_free(bio);
    return ok;
}

static const char both[] = "\x02h2\x08http/1.1", one[] = "\x08http/1.1";

/* HTTP/2 where the client can; arg: the protocols that are offered. */
static int choose(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                  const unsigned char *in, unsigned inlen, void *arg)
{
    const char *offered = arg;
    unsigned char *chosen;
    (void)ssl;
    int got = SSL_select_next_proto(&chosen, outlen, (const unsigned char *)offered,
                                    (unsigned)strlen(offered), in, inlen);
    *out = chosen;
    return got == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *tls_make(bool http1_only, struct strbuf *ca_pem, struct err *err)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509 *ca = ca_key ? certificate(ca_key, "harbor CA", NULL, ca_key, 1) : NULL;
    X509 *cert = ca && key ? certificate(key, "harbor", ca, ca_key, 2) : NULL;
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    bool ok = cert && ctx && SSL_CTX_use_certificate(ctx, cert) == 1 &&
              SSL_CTX_use_PrivateKey(ctx, key) == 1 && write_pem(ca, ca_pem);
    if (ok) {
        (void)SSL_CTX_set_mode(ctx,
                               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        SSL_CTX_set_alpn_select_cb(ctx, choose, (void *)(uintptr_t)(http1_only ? one : both));
    } else {
        (void)failed(err, "the server's certificate");
        SSL_CTX_free(ctx);
        ctx = NULL;
    }
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return ctx;
}
