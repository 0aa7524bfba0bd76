/* A server's certificate, read and verified by OpenSSL. */
#include <config.h>

#include "net/probe_cert.h"

#include "base/clock.h"
#include "net/plain.h"

#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

#define SEPARATOR '\x1f'

static int64_t time_of(const ASN1_TIME *t)
{
    struct tm tm;
    if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
        return TIME_NONE;
    return (int64_t)timegm(&tm) * 1000;
}

bool probe_cert_dates(struct span pem, int64_t *from_ms, int64_t *until_ms)
{
    BIO *bio = pem.len <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
    X509 *leaf = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    *from_ms = leaf ? time_of(X509_get0_notBefore(leaf)) : TIME_NONE;
    *until_ms = leaf ? time_of(X509_get0_notAfter(leaf)) : TIME_NONE;
    X509_free(leaf);
    BIO_free(bio);
    ERR_clear_error();
    return *from_ms != TIME_NONE && *until_ms != TIME_NONE;
}

/* The first value of this sort in a name, as UTF-8; false: none. */
static bool entry_of(const X509_NAME *name, int nid, char *out, size_t size)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *utf8 = NULL;
    if (at < 0)
        return false;
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len < 0)
        return false;
    (void)plain_text(span_make((const char *)utf8, (size_t)len), out, size);
    OPENSSL_free(utf8);
    return out[0] != '\0';
}

/* "R11, Let's Encrypt": its common name and organisation, or what there is. */
static void name_of(const X509_NAME *name, bool with_organisation, char *out, size_t size)
{
    char common[100] = "", organisation[100] = "", all[256] = "";
    bool has_common = entry_of(name, NID_commonName, common, sizeof(common));
    if (has_common && with_organisation &&
        entry_of(name, NID_organizationName, organisation, sizeof(organisation)))
        (void)snprintf(all, sizeof(all), "%s, %s", common, organisation);
    else if (has_common)
        (void)snprintf(all, sizeof(all), "%s", common);
    else if (X509_NAME_entry_count(name) > 0)
        (void)X509_NAME_oneline(name, all, (int)sizeof(all));
    (void)plain_text(span_from(all), out, size);
}

/* An alternative name as text; false: of a sort that no host has. */
static bool alternative_of(const GENERAL_NAME *name, char *out, size_t size)
{
    if (name->type == GEN_DNS) {
        const ASN1_IA5STRING *s = name->d.dNSName;
        (void)plain_text(
            span_make((const char *)ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s)), out,
            size);
        return out[0] != '\0';
    }
    if (name->type == GEN_IPADD) {
        const unsigned char *a = ASN1_STRING_get0_data(name->d.iPAddress);
        int len = ASN1_STRING_length(name->d.iPAddress);
        if (len == 4)
            (void)snprintf(out, size, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
        return len == 4;
    }
    return false;
}

static void read_names(X509 *leaf, struct probe_cert *out)
{
    GENERAL_NAMES *all = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    size_t len = 0;
    for (int i = 0; all && i < sk_GENERAL_NAME_num(all); i++) {
        char one[256];
        if (!alternative_of(sk_GENERAL_NAME_value(all, i), one, sizeof(one)))
            continue;
        size_t n = strlen(one);
        if (len + n + 2 > sizeof(out->names))
            break;
        if (len)
            out->names[len++] = SEPARATOR;
        (void)memcpy(out->names + len, one, n + 1);
        len += n;
    }
    GENERAL_NAMES_free(all);
}

static void read_serial(const X509 *leaf, struct probe_cert *out)
{
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(leaf), NULL);
    char *text = n ? BN_bn2hex(n) : NULL;
    if (text)
        (void)snprintf(out->serial, sizeof(out->serial), "%s", text);
    OPENSSL_free(text);
    BN_free(n);
}

static void read_key(const X509 *leaf, struct probe_cert *out)
{
    const EVP_PKEY *key = X509_get0_pubkey(leaf);
    const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
    if (type)
        (void)snprintf(out->key, sizeof(out->key), "%.20s %d", type, EVP_PKEY_get_bits(key));
}

/* ---- Trust. */

/* Its own dates are told apart; an issuer that has expired breaks the chain. */
static int forgive_dates(int ok, X509_STORE_CTX *ctx)
{
    int why = X509_STORE_CTX_get_error(ctx);
    if (ok || X509_STORE_CTX_get_error_depth(ctx) > 0)
        return ok;
    if (why != X509_V_ERR_CERT_HAS_EXPIRED && why != X509_V_ERR_CERT_NOT_YET_VALID)
        return 0;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* The last of what came that leads up from the leaf. */
static X509 *last_of(X509 *leaf, STACK_OF(X509) * sent)
{
    X509 *last = leaf;
    for (int steps = 0; steps < sk_X509_num(sent); steps++) {
        X509 *above = NULL;
        for (int i = 0; i < sk_X509_num(sent) && !above; i++) {
            X509 *one = sk_X509_value(sent, i);
            if (X509_cmp(one, last) != 0 && X509_check_issued(one, last) == X509_V_OK)
                above = one;
        }
        if (!above)
            break;
        last = above;
    }
    return last;
}

static void say_untrusted(int why, X509 *leaf, STACK_OF(X509) * sent, struct probe_cert *out)
{
    X509 *last = last_of(leaf, sent);
    bool no_issuer = why == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
                     why == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
                     why == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
    out->chain = PROBE_CHAIN_UNTRUSTED;
    if (why == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
        out->chain = PROBE_CHAIN_SELF_SIGNED;
    } else if (no_issuer && X509_check_issued(last, last) != X509_V_OK) {
        out->chain = PROBE_CHAIN_INCOMPLETE;
        name_of(X509_get_issuer_name(last), true, out->says, sizeof(out->says));
    } else {
        (void)snprintf(out->says, sizeof(out->says), "%s", X509_verify_cert_error_string(why));
    }
}

static void verify(X509 *leaf, STACK_OF(X509) * sent, X509_STORE *trusted, struct probe_cert *out)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int why = X509_V_ERR_OUT_OF_MEM;
    if (ctx && X509_STORE_CTX_init(ctx, trusted, leaf, sent) == 1) {
        X509_STORE_CTX_set_verify_cb(ctx, forgive_dates);
        (void)X509_STORE_CTX_set_default(ctx, "ssl_server");
        why = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    }
    if (why != X509_V_OK)
        say_untrusted(why, leaf, sent, out);
    X509_STORE_CTX_free(ctx);
}

void probe_cert_read(X509 *leaf, STACK_OF(X509) * sent, X509_STORE *trusted, const char *host,
                     struct probe_cert *out)
{
    *out = (struct probe_cert){.chain = PROBE_CHAIN_TRUSTED};
    name_of(X509_get_subject_name(leaf), false, out->subject, sizeof(out->subject));
    name_of(X509_get_issuer_name(leaf), true, out->issuer, sizeof(out->issuer));
    out->not_before_ms = time_of(X509_get0_notBefore(leaf));
    out->not_after_ms = time_of(X509_get0_notAfter(leaf));
    out->fits = X509_check_host(leaf, host, 0, 0, NULL) == 1;
    out->sent = sent ? (unsigned)sk_X509_num(sent) : 0;
    read_names(leaf, out);
    read_serial(leaf, out);
    read_key(leaf, out);
    verify(leaf, sent, trusted, out);
}
