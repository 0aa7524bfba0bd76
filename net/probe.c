/* Probes by libcurl: a connection of its own for each host, no proxy, no credential, nothing
 * verified by curl: what is wrong with the certificate is what is asked for. */
#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "net/plain.h"
#include "net/probe_impl.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECT_MS    5000L
#define HEADERS_MAX   ((size_t)64 << 10)
#define SAYS_SHOWN    160
#define REDIRECTS_FOR 4096 /* bytes of a URL that is followed; of a longer one the end is lost */

struct probe {
    struct probe *next;
    struct prober *prober;
    void *context;
    char *host, *path; /* owned */
    bool tls;
    char mapped[128]; /* "127.0.0.1:8443", "" */
    CURL *easy;       /* owned */
    struct curl_slist *connect_to;
    struct trail trail;      /* the last is under way */
    bool may_leave, left;    /* for other hosts; is among them, or was */
    struct probe_answer own; /* once it has left: what its own host answers */
    int64_t end_us;          /* monotonic: when all of it is over */
    size_t header_bytes;
    char location[REDIRECTS_FOR]; /* as the answer under way says it, "" */
    bool head;                    /* of a final answer was seen to its end */
    int64_t connected_us;         /* monotonic; when TCP began */
    char forbidden[64];           /* an address that was not asked, "" */
    char curl_says[CURL_ERROR_SIZE];
    struct probe_answer answer;
};

struct prober {
    struct probe_options o; /* texts owned */
    CURLM *multi;
    X509_STORE *trusted;
    struct probe *probes;
    uint64_t requests, bytes;
};

struct prober *prober_new(const struct probe_options *o, struct err *err)
{
    struct prober *p = xalloc_zero(1, sizeof(*p));
    p->o = *o;
    p->o.timeout_ms = o->timeout_ms ? o->timeout_ms : PROBE_MS;
    p->o.addresses = o->addresses ? xalloc_text(o->addresses) : NULL;
    p->o.ca_file = o->ca_file ? xalloc_text(o->ca_file) : NULL;
    p->multi = curl_multi_init();
    p->trusted = X509_STORE_new();
    bool ok = p->multi && p->trusted;
    if (ok && p->o.ca_file)
        ok = X509_STORE_load_file(p->trusted, p->o.ca_file) == 1;
    else if (ok)
        ok = X509_STORE_set_default_paths(p->trusted) == 1;
    if (ok)
        return p;
    (void)err_set(err, ERR_CONFIG, "certificates of public hosts cannot be verified: %s",
                  p->o.ca_file ? p->o.ca_file : "there are no public CAs");
    prober_free(p);
    return NULL;
}

static void probe_free(struct probe *b)
{
    if (b->easy) {
        (void)curl_multi_remove_handle(b->prober->multi, b->easy);
        curl_easy_cleanup(b->easy);
    }
    curl_slist_free_all(b->connect_to);
    trail_clear(&b->trail);
    free(b->host);
    free(b->path);
    free(b);
}

void prober_free(struct prober *p)
{
    if (!p)
        return;
    while (p->probes) {
        struct probe *b = p->probes;
        p->probes = b->next;
        probe_free(b);
    }
    (void)curl_multi_cleanup(p->multi);
    X509_STORE_free(p->trusted);
    free((char *)(uintptr_t)p->o.addresses);
    free((char *)(uintptr_t)p->o.ca_file);
    free(p);
}

/* ---- What curl calls. */

/* Without it curl would print what comes. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context) /* NOLINT: curl's */
{
    (void)bytes, (void)size, (void)count, (void)context;
    return 0;
}

/* With the head all is said that is asked for: the body, which may never end, is nobody's business.
 * Less than all of the line ends the transfer. */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
    struct probe *b = context;
    struct span line = span_make(bytes, size * count), text = span_trim(line);
    size_t colon = span_find(text, ':', 0);
    long status = 0;
    b->header_bytes += line.len;
    b->prober->bytes += line.len;
    if (span_starts(line, "HTTP/"))
        b->location[0] = '\0';
    else if (span_eq_nocase(span_sub(text, 0, colon), SPAN("location")))
        (void)snprintf(b->location, sizeof(b->location), "%.*s",
                       SPAN_ARG(span_trim(span_sub(text, colon + 1, text.len))));
    (void)curl_easy_getinfo(b->easy, CURLINFO_RESPONSE_CODE, &status);
    b->head = text.len == 0 && status >= 200;
    return b->head || b->header_bytes > HEADERS_MAX ? 0 : line.len;
}

/* The last word on where a name has led: the address, just before it is dialled. */
static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct probe *b = context;
    enum probe_place place = probe_place(&a->addr);
    (void)purpose;
    b->connected_us = clock_machine_us();
    if (b->mapped[0] || place == PROBE_PLACE_PUBLIC ||
        (place == PROBE_PLACE_PRIVATE && b->prober->o.private_too))
        return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
    probe_address_text(&a->addr, b->forbidden, sizeof(b->forbidden));
    return CURL_SOCKET_BAD;
}

/* Takes every certificate, and notes what there is to say of it. */
static int on_certificate(X509_STORE_CTX *ctx, void *context)
{
    struct probe *b = context;
    X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
    if (leaf && !b->answer.has_cert) {
        probe_cert_read(leaf, X509_STORE_CTX_get0_untrusted(ctx), b->prober->trusted, b->host,
                        &b->answer.cert);
        b->answer.has_cert = true;
    }
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* Called when TCP is connected. */
static CURLcode on_tls(CURL *easy, void *ssl, void *context)
{
    struct probe *b = context;
    (void)easy;
    if (b->answer.connect_us < 0)
        b->answer.connect_us = clock_machine_us() - b->connected_us;
    SSL_CTX_set_cert_verify_callback(ssl, on_certificate, b);
    return CURLE_OK;
}

/* ---- Asking. */

static CURLcode set_numbers(CURL *easy)
{
    static const struct {
        CURLoption option;
        long value;
    } options[] = {
        {CURLOPT_NOSIGNAL, 1L},
        {CURLOPT_QUICK_EXIT, 1L},
        {CURLOPT_FOLLOWLOCATION, 0L}, /* by ourselves */
        {CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS},
        {CURLOPT_FRESH_CONNECT, 1L}, /* each time the whole way, with the whole handshake */
        {CURLOPT_FORBID_REUSE, 1L},
        {CURLOPT_SSL_SESSIONID_CACHE, 0L},
        {CURLOPT_SSL_VERIFYPEER, 0L},
        {CURLOPT_SSL_VERIFYHOST, 0L},
        {CURLOPT_DNS_CACHE_TIMEOUT, 0L},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS},
        {CURLOPT_HTTP09_ALLOWED, 0L},
        {CURLOPT_NOPROGRESS, 1L},
    };

    CURLcode code = CURLE_OK;
    for (size_t i = 0; i < BN_COUNT(options) && !code; i++)
        code = curl_easy_setopt(easy, options[i].option, options[i].value);
    return code;
}

static CURLcode set_texts(CURL *easy, struct probe *b)
{
    const struct {
        CURLoption option;
        const void *value;
    } options[] = {
        {CURLOPT_PROXY, ""}, /* what a proxy says is not what the host says */
        {CURLOPT_PROTOCOLS_STR, "http,https"},
        {CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION},
        {CURLOPT_COOKIEFILE, ""}, /* between redirects of this one probe: else some lead back */
        {CURLOPT_HEADERDATA, b},
        {CURLOPT_OPENSOCKETDATA, b},
        {CURLOPT_SSL_CTX_DATA, b},
        {CURLOPT_PRIVATE, b},
        {CURLOPT_ERRORBUFFER, b->curl_says},
    };

    CURLcode code = CURLE_OK;
    for (size_t i = 0; i < BN_COUNT(options) && !code; i++)
        code = curl_easy_setopt(easy, options[i].option, options[i].value);
    return code;
}

static CURLcode set_functions(CURL *easy)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    if (!code)
        code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
    return code;
}

/* Where this port of the host is asked: as the map says, else where its name leads. */
static CURLcode set_way(struct probe *b, const char *host, bool tls)
{
    struct strbuf way = STRBUF_INIT(256);
    curl_slist_free_all(b->connect_to);
    b->connect_to = NULL;
    b->mapped[0] = '\0';
    if (probe_mapped(b->prober->o.addresses, host, tls ? 443 : 80, b->mapped, sizeof(b->mapped))) {
        strbuf_addf(&way, "::%s", b->mapped);
        b->connect_to = curl_slist_append(NULL, strbuf_cstr(&way));
    }
    strbuf_clear(&way);
    return curl_easy_setopt(b->easy, CURLOPT_CONNECT_TO, b->connect_to);
}

/* False: there is no memory, or no time left. */
static bool ask(struct probe *b, const char *host, const char *url)
{
    int64_t left_ms = (b->end_us - clock_machine_us()) / 1000;
    b->header_bytes = 0;
    b->head = false;
    b->tls = span_starts(span_from(url), "https:");
    b->prober->requests++;
    trail_add(&b->trail, url);
    return left_ms > 0 && set_way(b, host, b->tls) == CURLE_OK &&
           curl_easy_setopt(b->easy, CURLOPT_TIMEOUT_MS, (long)left_ms) == CURLE_OK &&
           curl_easy_setopt(b->easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_multi_add_handle(b->prober->multi, b->easy) == CURLM_OK;
}

bool prober_start(struct prober *p, const struct probe_target *target, void *context,
                  struct err *err)
{
    struct probe *b = xalloc_zero(1, sizeof(*b));
    struct strbuf url = STRBUF_INIT(REDIRECTS_FOR);
    b->prober = p;
    b->context = context;
    b->host = xalloc_text(target->host);
    b->path = xalloc_text(target->path);
    b->answer = (struct probe_answer){
        .dns_us = -1, .connect_us = -1, .tls_us = -1, .first_byte_us = -1, .failure = PROBE_BROKEN};
    b->easy = curl_easy_init();
    b->may_leave = b->answer.elsewhere = target->elsewhere && p->o.knows;
    b->end_us = clock_machine_us() + (int64_t)p->o.timeout_ms * 1000;
    b->next = p->probes;
    p->probes = b;
    strbuf_addf(&url, "%s://%s%s", target->tls ? "https" : "http", b->host, b->path);
    bool ok = b->easy && !set_numbers(b->easy) && !set_texts(b->easy, b) &&
              !set_functions(b->easy) && ask(b, b->host, strbuf_cstr(&url));
    strbuf_clear(&url);
    if (ok)
        return true;
    prober_cancel(p, context);
    return err_set(err, ERR_NOMEM, "there is no memory to ask %s", target->host);
}

void prober_cancel(struct prober *p, const void *context)
{
    for (struct probe **at = &p->probes; *at; at = &(*at)->next) {
        struct probe *b = *at;
        if (b->context != context)
            continue;
        *at = b->next;
        probe_free(b);
        return;
    }
}

/* ---- What came. */

static int64_t info_us(const struct probe *b, CURLINFO info)
{
    curl_off_t us = 0;
    return curl_easy_getinfo(b->easy, info, &us) == CURLE_OK ? (int64_t)us : 0;
}

/* curl 7.88 counts the handshake to TCP's part; on_tls() has told them apart. */
static void note_times(struct probe *b)
{
    struct probe_answer *a = &b->answer;
    int64_t dns = info_us(b, CURLINFO_NAMELOOKUP_TIME_T),
            tls = info_us(b, CURLINFO_APPCONNECT_TIME_T);
    int64_t connect = info_us(b, CURLINFO_CONNECT_TIME_T);
    int64_t sent = info_us(b, CURLINFO_PRETRANSFER_TIME_T);
    int64_t first = info_us(b, CURLINFO_STARTTRANSFER_TIME_T);
    if (dns > 0)
        a->dns_us = dns;
    if (!b->tls && connect > 0)
        a->connect_us = connect > dns ? connect - dns : 0;
    if (tls > 0 && a->connect_us >= 0)
        a->tls_us = tls > dns + a->connect_us ? tls - dns - a->connect_us : 0;
    if (first > 0)
        a->first_byte_us = first > sent ? first - sent : 0;
}

static void note_answer(struct probe *b)
{
    struct probe_answer *a = &b->answer;
    long number = 0;
    char *text = NULL;
    if (curl_easy_getinfo(b->easy, CURLINFO_RESPONSE_CODE, &number) == CURLE_OK)
        a->status = (int)number;
    if (curl_easy_getinfo(b->easy, CURLINFO_HTTP_VERSION, &number) == CURLE_OK)
        a->http_version = number == CURL_HTTP_VERSION_1_0   ? 10
                          : number == CURL_HTTP_VERSION_1_1 ? 11
                          : number == CURL_HTTP_VERSION_2_0 ? 20
                                                            : 0;
    if (curl_easy_getinfo(b->easy, CURLINFO_PRIMARY_IP, &text) == CURLE_OK && text)
        (void)snprintf(a->address, sizeof(a->address), "%s", text);
    if (a->redirects == 0)
        note_times(b);
}

static bool url_is(CURLU *u, CURLUPart part, unsigned flags, const char *is)
{
    char *text = NULL;
    bool same = curl_url_get(u, part, &text, flags) == CURLUE_OK && strcmp(text, is) == 0;
    curl_free(text);
    return same;
}

/* By the port of its scheme. One address for both schemes would be asked for the wrong one. */
static bool is_way(const struct probe *b, CURLU *u, const char *host)
{
    char mapped[128] = "", other[128] = "";
    bool https = url_is(u, CURLUPART_SCHEME, 0, "https");
    if ((!https && !url_is(u, CURLUPART_SCHEME, 0, "http")) ||
        !url_is(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, https ? "443" : "80"))
        return false;
    (void)probe_mapped(b->prober->o.addresses, host, https ? 443 : 80, mapped, sizeof(mapped));
    (void)probe_mapped(b->prober->o.addresses, host, https ? 80 : 443, other, sizeof(other));
    return https == b->tls || !mapped[0] || strcmp(mapped, other) != 0;
}

/* The host where it is followed to; NULL: it is not. */
static char *next_host(const struct probe *b, CURLU *u)
{
    char *host = NULL;
    if (curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return NULL;
    bool own = strcmp(host, b->host) == 0,
         known = own || (b->may_leave && b->prober->o.knows(b->prober->o.self, span_from(host)));
    if (known && is_way(b, u, host))
        return host;
    curl_free(host);
    return NULL;
}

/* A host is one however it is written. */
static bool lower_host(CURLU *u)
{
    char *host = NULL;
    bool ok = curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    for (char *c = host; ok && *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    ok = ok && curl_url_set(u, CURLUPART_HOST, host, 0) == CURLUE_OK;
    curl_free(host);
    return ok;
}

/* Where the answer redirects to, beginning at what was asked; NULL: nowhere. A login in it, and what
 * only a browser sees, is left out. */
static CURLU *target_of(const struct probe *b)
{
    CURLU *u = b->location[0] ? curl_url() : NULL;
    if (u && b->answer.status >= 300 && b->answer.status < 400 &&
        curl_url_set(u, CURLUPART_URL, b->trail.urls[b->trail.count - 1], 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_URL, b->location, CURLU_URLENCODE) == CURLUE_OK &&
        lower_host(u) && curl_url_set(u, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
        curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK)
        return u;
    curl_url_cleanup(u);
    return NULL;
}

/* Of what has lost its end it is not known what is missing. */
static void note_sign_in(struct probe *b, CURLU *u)
{
    char *query = NULL;
    bool whole = strlen(b->location) + 1 < sizeof(b->location);
    if (whole && curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_OK)
        probe_sign_in(span_from(query), b->answer.location, &b->answer.sign_in);
    curl_free(query);
}

/* What other hosts answer is theirs. */
static void leave(struct probe *b)
{
    if (b->left)
        return;
    b->left = true;
    b->own = b->answer;
}

static bool go_on(struct probe *b, CURLU *u, const char *url)
{
    char *host = b->trail.count < BN_COUNT(b->trail.urls) ? next_host(b, u) : NULL;
    if (!host)
        return false;
    if (strcmp(host, b->host) != 0)
        leave(b);
    b->answer.redirects++;
    (void)curl_multi_remove_handle(b->prober->multi, b->easy);
    bool ok = ask(b, host, url);
    curl_free(host);
    return ok;
}

/* True: it goes on elsewhere. What stands behind "?" may be a token. */
static bool follow(struct probe *b)
{
    struct probe_answer *a = &b->answer;
    CURLU *u = target_of(b);
    char *url = NULL;
    bool goes_on = false;
    a->location[0] = '\0';
    bool asks =
        b->left && a->sign_in.provider[0]; /* the first among others: they may ask in turn */
    if (!asks)
        a->sign_in = (struct probe_sign_in){.has_client = false}; /* the one before is over */
    if (u && curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK) {
        struct span shown = span_from(url);
        shown.len = span_find(shown, '?', 0);
        (void)plain_text(shown, a->location, sizeof(a->location));
        a->loops = trail_closes(&b->trail, url, a->circle, sizeof(a->circle));
        if (!asks)
            note_sign_in(b, u);
        goes_on = !a->loops && go_on(b, u, url);
    }
    curl_free(url);
    curl_url_cleanup(u);
    return goes_on;
}

static enum probe_failure failure_of(const struct probe *b, CURLcode code)
{
    long why = 0;
    (void)curl_easy_getinfo(b->easy, CURLINFO_OS_ERRNO, &why);
    if (b->forbidden[0])
        return PROBE_FORBIDDEN;
    if (code == CURLE_COULDNT_RESOLVE_HOST)
        return PROBE_NAME;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return PROBE_TIMEOUT;
    if (code == CURLE_COULDNT_CONNECT && why == ECONNREFUSED)
        return PROBE_REFUSED;
    if (code == CURLE_COULDNT_CONNECT)
        return PROBE_UNREACHABLE;
    return b->tls && info_us(b, CURLINFO_APPCONNECT_TIME_T) <= 0 ? PROBE_TLS : PROBE_BROKEN;
}

/* OpenSSL's own words, or curl's. */
static void say(struct probe *b, CURLcode code)
{
    struct probe_answer *a = &b->answer;
    char says[SAYS_SHOWN];
    long why = 0;
    (void)curl_easy_getinfo(b->easy, CURLINFO_OS_ERRNO, &why);
    (void)plain_text(span_from(b->curl_says[0] ? b->curl_says : curl_easy_strerror(code)), says,
                     sizeof(says));
    a->failure = failure_of(b, code);
    switch (a->failure) {
    case PROBE_FINE:
        break;
    case PROBE_FORBIDDEN:
        (void)err_set(&a->err, ERR_DENIED, "its name leads to %s, which is not asked",
                      b->forbidden);
        break;
    case PROBE_NAME:
        (void)err_set(&a->err, ERR_NOTFOUND, "its name is not known to this machine's resolver");
        break;
    case PROBE_REFUSED:
        (void)err_code(&a->err, ERR_IO, (int)why, "connection refused on port %d",
                       b->tls ? 443 : 80);
        break;
    case PROBE_UNREACHABLE:
        (void)err_code(&a->err, ERR_IO, (int)why, "no connection: %s",
                       why ? strerror((int)why) : says);
        break;
    case PROBE_TIMEOUT:
        (void)err_set(&a->err, ERR_TIMEOUT, "no answer within %d s, %s",
                      (b->prober->o.timeout_ms + 999) / 1000,
                      a->has_cert || a->connect_us >= 0 ? "though it is connected"
                                                        : "no connection either");
        break;
    case PROBE_TLS:
    case PROBE_BROKEN:
        (void)err_set(&a->err, ERR_IO, "%s", says);
        break;
    }
}

/* Whether they lead in a circle, and to whose sign-in, is all that is asked of other hosts. */
static void come_home(struct probe *b)
{
    b->own.failure = PROBE_FINE;
    b->own.loops = b->answer.loops;
    (void)memcpy(b->own.circle, b->answer.circle, sizeof(b->own.circle));
    b->own.sign_in = b->answer.sign_in;
    b->answer = b->own;
}

/* True: it has ended. */
static bool ended(struct probe *b, CURLcode code)
{
    bool whole = b->head;
    note_answer(b);
    if (whole && follow(b))
        return false;
    if (whole)
        b->answer.failure = PROBE_FINE;
    else
        say(b, code);
    if (b->left)
        come_home(b);
    return true;
}

void prober_turn(struct prober *p, int timeout_ms, int fd,
                 void (*done)(void *self, void *context, const struct probe_answer *answer),
                 void *self)
{
    struct curl_waitfd extra = {.fd = fd, .events = CURL_WAIT_POLLIN};
    struct CURLMsg *m;
    int running, left;
    (void)curl_multi_perform(p->multi, &running);
    m = curl_multi_info_read(p->multi, &left);
    if (!m) {
        (void)curl_multi_poll(p->multi, &extra, fd >= 0 ? 1 : 0, timeout_ms, NULL);
        (void)curl_multi_perform(p->multi, &running);
        m = curl_multi_info_read(p->multi, &left);
    }
    for (; m; m = curl_multi_info_read(p->multi, &left)) {
        struct probe *b = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE ||
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &b) != CURLE_OK || !ended(b, code))
            continue;
        done(self, b->context, &b->answer);
        prober_cancel(p, b->context);
    }
}

void prober_figures(const struct prober *p, uint64_t *requests, uint64_t *bytes)
{
    *requests = p->requests;
    *bytes = p->bytes;
}
