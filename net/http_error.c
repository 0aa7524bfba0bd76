/* What went wrong with a request, in a sentence: who was asked for what, what
 * came, what to do. */
#include <config.h>

#include "net/http_impl.h"
#include "net/plain.h"

#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdarg.h>
#include <string.h>

#define PATH_SHOWN 100
#define SAYS_SHOWN 160

void http_say(struct transfer *t, enum err_kind kind, int code, const char *fmt, ...)
{
    struct strbuf what = STRBUF_INIT(ERR_MESSAGE_MAX), path = STRBUF_INIT(PATH_SHOWN + 8);
    struct span shown = span_from(t->path);
    va_list args;

    shown.len = span_find(shown, '?', 0);
    plain_add(&path, shown, PATH_SHOWN);
    va_start(args, fmt);
    strbuf_vaddf(&what, fmt, args);
    va_end(args);
    if (t->path)
        (void)err_code(&t->err, kind, code, "%s (%s): %s %s: %s", t->http->name, t->http->origin,
                       t->method, strbuf_cstr(&path), strbuf_cstr(&what));
    else /* a stream: nothing is asked */
        (void)err_code(&t->err, kind, code, "%s: %s", t->http->name, strbuf_cstr(&what));
    strbuf_clear(&path);
    strbuf_clear(&what);
}

static bool reached(const struct transfer *t, CURLINFO info)
{
    curl_off_t us = 0;
    return t->easy && curl_easy_getinfo(t->easy, info, &us) == CURLE_OK && us > 0;
}

/* curl 7.88 sets CURLINFO_CONNECT_TIME only after the TLS handshake, but the
 * peer's address with the TCP connection. */
static bool is_connected(const struct transfer *t)
{
    const char *ip = NULL;

    return t->easy && curl_easy_getinfo(t->easy, CURLINFO_PRIMARY_IP, &ip) == CURLE_OK && ip && *ip;
}

const char *http_phase(const struct transfer *t)
{
    if (t->head_complete)
        return "in the middle of the answer";
    if (t->status > 0)
        return "in the headers of the answer";
    if (reached(t, CURLINFO_PRETRANSFER_TIME_T))
        return "waiting for the answer";
    if (is_connected(t))
        return t->http->https ? "in the TLS handshake" : "waiting for the answer";
    if (reached(t, CURLINFO_NAMELOOKUP_TIME_T))
        return "connecting";
    return "looking up the name or waiting for a connection";
}

static void say_connect(struct transfer *t)
{
    long error = 0;

    if (t->easy)
        (void)curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &error);
    if (error == ECONNREFUSED)
        http_say(t, ERR_IO, (int)error,
                 "connection refused: nothing listens there; is the server running and the port "
                 "right?");
    else if (error == ENETUNREACH || error == EHOSTUNREACH)
        http_say(t, ERR_IO, (int)error, "there is no route to it: check the network or the VPN");
    else
        http_say(t, ERR_IO, (int)error, "no connection (%s): check the address and the network",
                 error ? strerror((int)error) : "the address did not answer");
}

static void say_certificate(struct transfer *t)
{
    static const struct {
        long code;
        const char *says;
    } reasons[] = {
        {X509_V_ERR_CERT_HAS_EXPIRED,
         "its certificate has expired: renew it on the server, or check this machine's clock"},
        {X509_V_ERR_CERT_NOT_YET_VALID,
         "its certificate is not valid yet: check this machine's clock and the server's"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
         "its certificate is self-signed and not the one trusted: give its CA as "
         "certificate-authority, or somebody stands in between"},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
         "its certificate was issued by a CA that is not trusted: give that CA as "
         "certificate-authority, or somebody stands in between"},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
         "its certificate was issued by a CA that is not trusted: give that CA as "
         "certificate-authority, or somebody stands in between"},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
         "its certificate was issued by a CA that is not trusted: give that CA as "
         "certificate-authority, or somebody stands in between"},
        {X509_V_ERR_CERT_REVOKED, "its certificate has been revoked: the server needs a new one"},
        {X509_V_ERR_EE_KEY_TOO_SMALL,
         "the key of its certificate is too small to be safe: the server needs a new one"},
        {X509_V_ERR_CA_MD_TOO_WEAK,
         "its certificate is signed with a broken hash (SHA-1, MD5): the server needs a new one"},
    };

    char says[SAYS_SHOWN];
    long verify = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
    for (size_t i = 0; i < BN_COUNT(reasons); i++) {
        if (reasons[i].code == verify) {
            http_say(t, ERR_IO, (int)verify, "%s", reasons[i].says);
            return;
        }
    }
    plain_text(span_from(t->curl_says), says, sizeof says);
    if (verify == X509_V_OK || strstr(says, "subject name"))
        http_say(t, ERR_IO, 0,
                 "its certificate is for another name (%s): give tls-server-name or correct the "
                 "server",
                 says);
    else
        http_say(t, ERR_IO, (int)verify, "its certificate is not accepted: %s (%s)",
                 X509_verify_cert_error_string(verify), says);
}

static void say_tls(struct transfer *t)
{
    char says[SAYS_SHOWN];

    plain_text(span_from(t->curl_says), says, sizeof says);
    if (strstr(says, "wrong version number") || strstr(says, "http request"))
        http_say(t, ERR_IO, 0, "it does not speak TLS: should the address begin with http://?");
    else if (strstr(says, "alert"))
        http_say(t, ERR_AUTH, 0,
                 "it refused the TLS handshake (%s): is the client certificate right?", says);
    else
        http_say(t, ERR_IO, 0,
                 "no TLS connection: %s: is the address right, what stands in between?", says);
}

static void say_broken(struct transfer *t, CURLcode code)
{
    char says[SAYS_SHOWN];
    long proxy = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
    plain_text(span_from(t->curl_says), says, sizeof says);
    if (proxy == 407)
        http_say(t, ERR_AUTH, 407, "the proxy wants a login (407): put it into proxy-url");
    else if (proxy >= 300)
        http_say(t, ERR_IO, (int)proxy, "the proxy did not let it through (%ld): check proxy-url",
                 proxy);
    else if (strstr(says, "alert"))
        say_tls(t);
    else if (t->head_complete)
        http_say(t, ERR_IO, 0,
                 "the answer was cut short after %llu bytes (%s): the connection broke; trying "
                 "again may help",
                 (unsigned long long)t->body_bytes, says[0] ? says : curl_easy_strerror(code));
    else
        http_say(
            t, ERR_IO, 0,
            "the connection was closed without an answer (%s): the server or something between "
            "broke it; trying again may help",
            says[0] ? says : curl_easy_strerror(code));
}

/* Messages that need nothing but a text. */
static const struct {
    CURLcode code;
    enum err_kind kind;
    const char *says;
} plain_reasons[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERR_IO,
     "the name of the host is not known (DNS): check the server's address, the network, the VPN"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERR_IO,
     "the name of the proxy is not known (DNS): check proxy-url"},
    {CURLE_SSL_CACERT_BADFILE, ERR_CONFIG,
     "the certificate authority given cannot be read: check certificate-authority"},
    {CURLE_SSL_CERTPROBLEM, ERR_CONFIG,
     "the client certificate or its key cannot be used: check the user in the kubeconfig"},
    {CURLE_WEIRD_SERVER_REPLY, ERR_PROTO, "what came is not HTTP: is the port right?"},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_PROTO, "what came is not HTTP: is the port right?"},
    {CURLE_BAD_CONTENT_ENCODING, ERR_PROTO,
     "the compressed answer is broken: something between may have changed it"},
    {CURLE_URL_MALFORMAT, ERR_CONFIG, "the address is not a URL"},
    {CURLE_OUT_OF_MEMORY, ERR_NOMEM, "no memory for the request"},
};

void http_say_curl(struct transfer *t, CURLcode code)
{
    for (size_t i = 0; i < BN_COUNT(plain_reasons); i++) {
        if (plain_reasons[i].code == code) {
            http_say(t, plain_reasons[i].kind, 0, "%s", plain_reasons[i].says);
            return;
        }
    }
    if (code == CURLE_COULDNT_CONNECT)
        say_connect(t);
    else if (code == CURLE_OPERATION_TIMEDOUT)
        http_say(t, ERR_TIMEOUT, 0, "no answer in time, %s: check the address, a firewall, the VPN",
                 http_phase(t));
    else if (code == CURLE_PEER_FAILED_VERIFICATION)
        say_certificate(t);
    else if (code == CURLE_SSL_CONNECT_ERROR)
        say_tls(t);
    else
        say_broken(t, code);
}

/* ---- Answers that are not 2xx. */

static enum err_kind kind_of(int status)
{
    switch (status) {
    case 401:
    case 407:
        return ERR_AUTH;
    case 403:
        return ERR_DENIED;
    case 404:
        return ERR_NOTFOUND;
    case 408:
    case 504:
        return ERR_TIMEOUT;
    case 409:
        return ERR_CONFLICT;
    case 410:
        return ERR_GONE;
    case 429:
        return ERR_BUSY;
    default:
        return status >= 500 ? ERR_IO : ERR_PROTO;
    }
}

static const char *advice(const struct transfer *t)
{
    switch (t->status) {
    case 401:
        return t->credential_version ? "the credential was refused: log in anew (:login) or check "
                                       "the user"
                                     : "it wants a credential: none is configured for it";
    case 403:
        return "the user may not do this: ask for the right, or choose another context";
    case 404:
        return "there is no such thing there: is the address right, is it installed?";
    case 410:
        return "the version asked for is too old: it is listed again";
    case 429:
        return "it asks for time";
    case 502:
    case 503:
    case 504:
        return "it or something before it does not work now";
    default:
        return t->status >= 500 ? "it failed inside" : "it did not accept the request";
    }
}

/* The first words of a body that is text, not markup. */
static void body_words(const struct transfer *t, char *out, size_t size)
{
    const struct span body = span_trim(strbuf_span(&t->error_body));

    out[0] = 0;
    if (body.len > 0 && body.data[0] != '<' && body.data[0] != '{')
        plain_text(body, out, size);
}

void http_say_status(struct transfer *t)
{
    const bool page = span_starts(span_trim(strbuf_span(&t->error_body)), "<");
    const int pause = t->retry_after_s > 0 ? t->retry_after_s : 0;
    const int code = t->status == 429 ? pause : t->status;
    char words[SAYS_SHOWN], wait[48] = "";
    struct err why;

    if (t->http->options.explain && t->error_body.len > 0 &&
        t->http->options.explain(t->status, strbuf_span(&t->error_body), &why)) {
        http_say(t, why.kind, why.kind == ERR_BUSY && pause > why.code ? pause : why.code, "%s",
                 why.msg);
        return;
    }
    body_words(t, words, sizeof words);
    if (t->retry_after_s > 0)
        (void)snprintf(wait, sizeof wait, " (again in %d s)", t->retry_after_s);
    http_say(t, kind_of(t->status), code, "%d: %s%s%s%s%s", t->status, advice(t), wait,
             page ? "; a web page came with it: a proxy or login portal may stand in between" : "",
             words[0] ? ": " : "", words);
}
