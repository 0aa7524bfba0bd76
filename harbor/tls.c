/* A throw-away certificate authority: made anew at each start, kept nowhere. */
#include <config.h>

#include "harbor/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

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

static bool set_times(X509 *cert, const struct tls_cert *c)
{
    return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)c->from_s) &&
           ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)c->until_s);
}

X509 *tls_certificate(const struct tls_cert *c)
{
    X509 *cert = X509_new();
    if (!cert)
        return NULL;
    bool ok = X509_set_version(cert, 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(cert), c->serial) == 1 && set_times(cert, c) &&
              X509_set_pubkey(cert, c->key) == 1;
    X509_NAME *subject = X509_get_subject_name(cert);
    ok = ok &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)c->name, -1,
                                    -1, 0) == 1 &&
         X509_set_issuer_name(cert, c->issuer ? X509_get_subject_name(c->issuer) : subject) == 1;
    X509 *issuer = c->issuer ? c->issuer : cert;
    if (c->alternatives)
        ok = ok && add_extension(cert, issuer, NID_subject_alt_name, c->alternatives);
    else
        ok = ok && add_extension(cert, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
             add_extension(cert, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    ok = ok && X509_sign(cert, c->issuer_key, EVP_sha256()) > 0;
    if (ok)
        return cert;
    X509_free(cert);
    return NULL;
}

bool tls_pem(X509 *cert, struct strbuf *out)
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
    int64_t now = (int64_t)time(NULL);
    struct tls_cert c = {.key = ca_key,
                         .name = "harbor CA",
                         .issuer_key = ca_key,
                         .serial = 1,
                         .from_s = now - 3600,
                         .until_s = now + VALID_S};
    X509 *ca = ca_key ? tls_certificate(&c) : NULL;
    c.key = key;
    c.name = "harbor";
    c.alternatives = "DNS:localhost,IP:127.0.0.1,IP:::1";
    c.issuer = ca;
    c.serial = 2;
    X509 *cert = ca && key ? tls_certificate(&c) : NULL;
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    bool ok = cert && ctx && SSL_CTX_use_certificate(ctx, cert) == 1 &&
              SSL_CTX_use_PrivateKey(ctx, key) == 1 && tls_pem(ca, ca_pem);
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
