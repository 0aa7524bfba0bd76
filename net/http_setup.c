/* The options of every request: what curl's defaults would get wrong is set
 * here, with the reason. */
#include <config.h>

#include "base/alloc.h"
#include "net/http_impl.h"

#include <string.h>

#define BUFFER_BYTES 65536L
/* Idle seconds before TCP asks whether the peer is there, and between its questions. */
#define KEEPALIVE_S 15L

CURLM *http_new_multi(struct http *http)
{
    CURLM *multi = curl_multi_init();

    if (!multi)
        return NULL;
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    /* By default every stream above 100 opens a connection of its own: 250 watches had 151. */
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000L);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                            http->https && !http->many_connections ? 4L : 64L);
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 8L);
    return multi;
}

static CURLcode set_tls(const struct transfer *t, CURL *easy)
{
    const struct http_options *o = &t->http->options;
    /* Connections with other TLS versions are not shared: so aside has one of its own. */
    const long versions = t->request.aside ? CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_3
                                           : CURL_SSLVERSION_TLSv1_2;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSLVERSION, versions);

    /* The built-in folder of public CAs stays trusted beside a CA that is given, and keeps the
     * CA cache from working. */
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    if (!code && o->ca_pem.len > 0) {
        struct curl_blob blob = {(void *)(uintptr_t)o->ca_pem.data, o->ca_pem.len,
                                 CURL_BLOB_NOCOPY};
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        if (!code)
            code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    } else if (!code && o->ca_file) {
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, o->ca_file);
    }
    if (!code && o->insecure) {
        code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        if (!code)
            code = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    return code;
}

static CURLcode set_certificate(CURL *easy, const struct credential_value *v)
{
    struct curl_blob cert = {v->cert_pem, strlen(v->cert_pem), CURL_BLOB_COPY};
    struct curl_blob key = {v->key_pem, strlen(v->key_pem), CURL_BLOB_COPY};
    CURLcode code = curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &cert);

    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key);
    return code;
}

static CURLcode set_limits(const struct transfer *t, CURL *easy)
{
    const int connect_ms = t->http->options.connect_ms;

    const struct {
        CURLoption option;
        long value;
    } options[] = {
        {CURLOPT_NOSIGNAL, 1L},
        {CURLOPT_QUICK_EXIT, 1L},     /* never wait for a resolver that hangs */
        {CURLOPT_FOLLOWLOCATION, 0L}, /* curl hands X-Vault-Token to the next host */
        {CURLOPT_CONNECTTIMEOUT_MS, connect_ms > 0 ? connect_ms : HTTP_CONNECT_MS},
        {CURLOPT_BUFFERSIZE, BUFFER_BYTES},
        {CURLOPT_TCP_KEEPALIVE, 1L},
        {CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S},
        {CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S},
        {CURLOPT_TCP_NODELAY, 1L},
        {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L},
        {CURLOPT_NOPROGRESS, 1L},
        {CURLOPT_PIPEWAIT, t->http->https ? 1L : 0L},
        {CURLOPT_HTTP_VERSION,
         t->request.http1 || !t->http->https ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS},
    };

    CURLcode code = CURLE_OK;

    for (size_t i = 0; i < BN_COUNT(options) && !code; i++)
        code = curl_easy_setopt(easy, options[i].option, options[i].value);
    return code;
}

static CURLcode set_method(const struct transfer *t, CURL *easy)
{
    CURLcode code = CURLE_OK;

    if (t->request.once)
        code = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (!code && t->body.data) {
        code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.len);
        if (!code)
            code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->body.data);
    }
    if (!code && strcmp(t->method, "HEAD") == 0)
        return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (!code && (t->body.data ? strcmp(t->method, "POST") : strcmp(t->method, "GET")) != 0)
        code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, t->method);
    return code;
}

static bool append(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer)
        *list = longer;
    return longer != NULL;
}

/* The caller's headers and what this attempt adds. */
static bool make_headers(struct transfer *t, const struct credential_value *v)
{
    bool ok = true;

    for (const struct curl_slist *h = t->headers; h && ok; h = h->next)
        ok = append(&t->sent, h->data);
    if (ok && t->http->host_header)
        ok = append(&t->sent, t->http->host_header);
    if (ok && !t->http->options.no_gzip)
        ok = append(&t->sent, "Accept-Encoding: gzip"); /* unpacked by ourselves, see gunzip.h */
    if (ok && t->body.data)
        ok = append(&t->sent, "Expect:"); /* no second's wait for 100 Continue */
    if (ok && v && v->authorization) {
        struct strbuf line = STRBUF_INIT(CREDENTIAL_TOKEN_MAX + 64);

        strbuf_adds(&line, "Authorization: "); /* formatting would leave it on the stack */
        strbuf_adds(&line, v->authorization);
        ok = !line.failed && append(&t->sent, strbuf_cstr(&line));
        strbuf_wipe(&line);
    }
    return ok;
}

static CURLcode set_address(struct transfer *t, CURL *easy)
{
    struct strbuf url = STRBUF_INIT((size_t)256 << 10);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    strbuf_addf(&url, "%s%s", t->http->url, t->url_path);
    if (!url.failed)
        code = curl_easy_setopt(easy, CURLOPT_URL, strbuf_cstr(&url));
    strbuf_clear(&url);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (!code && t->http->connect_to)
        code = curl_easy_setopt(easy, CURLOPT_CONNECT_TO, t->http->connect_to);
    if (!code && t->http->options.proxy_url)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, t->http->options.proxy_url);
    if (!code)
        code = http_set_way(t, easy);
    /* API servers indent JSON for curl and browsers: twice the bytes. */
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    return code;
}

static CURLcode set_callbacks(struct transfer *t, CURL *easy)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, http_on_header);

    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_on_body);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->curl_says);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->sent);
    return code;
}

bool http_setup(struct transfer *t, const struct credential_value *credential)
{
    CURL *easy = curl_easy_init();
    CURLcode code = CURLE_OUT_OF_MEMORY;

    if (easy && make_headers(t, credential))
        code = set_address(t, easy);
    if (!code)
        code = set_limits(t, easy);
    if (!code && t->http->https)
        code = set_tls(t, easy);
    if (!code && credential && credential->cert_pem && t->http->https)
        code = set_certificate(easy, credential);
    if (!code)
        code = set_method(t, easy);
    if (!code)
        code = set_callbacks(t, easy);
    t->easy = easy;
    if (code)
        http_say_curl(t, code);
    return !code;
}
