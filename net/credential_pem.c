/* Client certificates: do they read, and does the key fit? */
#include <config.h>

#include "net/credential_pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

/* An encrypted key must not ask on the terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL's signature */
static int no_password(char *buf, int size, int writing, void *context)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)context;
    return 0;
}

static X509 *read_cert(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)strnlen(pem, INT32_MAX));
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    return cert;
}

static EVP_PKEY *read_key(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)strnlen(pem, INT32_MAX));
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;

    BIO_free(bio);
    return key;
}

bool credential_check_pair(const char *name, const char *cert_pem, const char *key_pem,
                           struct err *err)
{
    X509 *cert = read_cert(cert_pem);
    EVP_PKEY *key = key_pem ? read_key(key_pem) : NULL;
    bool ok = false;

    if (!cert)
        (void)err_set(err, ERR_CONFIG, "%s: the client certificate is not readable PEM", name);
    else if (!key)
        (void)err_set(err, ERR_CONFIG,
                      "%s: the client key is missing, encrypted or not readable PEM", name);
    else if (X509_check_private_key(cert, key) != 1)
        (void)err_set(err, ERR_CONFIG,
                      "%s: the client key does not belong to the client certificate", name);
    else
        ok = true;
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return ok;
}
