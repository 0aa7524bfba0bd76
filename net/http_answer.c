/* An answer as it comes in: head, body, limits. Called by curl. */
#include <config.h>

#include "base/clock.h"
#include "base/number.h"
#include "net/http_impl.h"
#include "net/plain.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RETRY_AFTER_MAX 86400

void http_answer_reset(struct transfer *t)
{
    t->status = 0;
    t->head_complete = false;
    t->header_bytes = 0;
    t->header_lines = 0;
    t->content_type[0] = 0;
    t->warning[0] = 0;
    free(t->location);
    t->location = NULL;
    t->retry_after_s = -1;
    t->wire_bytes = 0;
    t->body_bytes = 0;
    t->packed = t->odd_encoding = false;
    gunzip_free(t->gunzip);
    t->gunzip = NULL;
    t->untaken = span_make(NULL, 0);
    t->used = 0;
    t->curl_says[0] = 0;
    strbuf_truncate(&t->error_body, 0);
    if (t->request.head)
        strbuf_truncate(t->request.head, 0);
}

static int64_t time_of(const ASN1_TIME *at)
{
    struct tm tm;

    if (!at || ASN1_TIME_to_tm(at, &tm) != 1)
        return TIME_NONE;
    return (int64_t)timegm(&tm) * 1000;
}

/* When the server's certificate ends, of the connection this answer comes by. */
static void note_certificate(struct transfer *t)
{
    struct curl_tlssessioninfo *info = NULL;
    long opened = 0;
    X509 *cert;

    (void)curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened);
    if (!t->http->https || (opened == 0 && t->http->cert_expires_ms != TIME_NONE))
        return;
    if (curl_easy_getinfo(t->easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || !info ||
        info->backend != CURLSSLBACKEND_OPENSSL || !info->internals)
        return;
    cert = SSL_get0_peer_certificate((const SSL *)info->internals);
    if (cert)
        t->http->cert_expires_ms = time_of(X509_get0_notAfter(cert));
}

static int http_version(const struct transfer *t)
{
    long version = 0;

    if (!t->easy || curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version) != CURLE_OK)
        return 0;
    if (version == CURL_HTTP_VERSION_1_0)
        return 10;
    if (version == CURL_HTTP_VERSION_1_1)
        return 11;
    return version == CURL_HTTP_VERSION_2_0 ? 20 : 0;
}

void http_fill_result(const struct transfer *t, struct http_result *result)
{
    *result = (struct http_result){
        .err = t->err,
        .status = t->status,
        .content_type = span_from(t->content_type),
        .retry_after_s = t->retry_after_s,
        .http_version = http_version(t),
        .wire_bytes = t->wire_bytes,
        .body_bytes = t->body_bytes,
        .elapsed_ms = clock_machine_ms() - t->started_ms,
        .cert_expires_ms = t->http->cert_expires_ms,
        .warning = span_from(t->warning),
        .error_body = strbuf_span(&t->error_body),
    };
}

static bool is_ok(const struct transfer *t)
{
    return t->status >= 200 && t->status < 300;
}

/* "application/json" wanted: also "application/json; charset=utf-8". */
static bool type_matches(const char *has, const char *wanted)
{
    struct span rest = span_from(has), type;

    (void)!span_split(&rest, ';', &type);
    return span_eq_nocase(span_trim(type), span_from(wanted));
}

static bool check_type(struct transfer *t)
{
    const bool page = type_matches(t->content_type, "text/html");
    char type[64];

    if (!t->request.want || t->status == 204 || type_matches(t->content_type, t->request.want))
        return true;
    plain_text(span_from(t->content_type), type, sizeof type);
    http_say(t, ERR_PROTO, t->status,
             page ? "answered with a web page (%s) where %s was expected: a proxy or login portal "
                    "stands in between, or the address is not the API's"
                  : "answered with %s where %s was expected: the address is not the API's",
             type[0] ? type : "no content type", t->request.want);
    return false;
}

/* All header lines are there. False: end the request. */
static bool head_complete(struct transfer *t)
{
    struct http_result head;

    t->head_complete = true;
    t->http->settled[t->request.aside] = true;
    note_certificate(t);
    if (t->http->https && !t->http->many_connections && http_version(t) == 11)
        t->http->allow_many = true;
    if (!is_ok(t))
        return true;
    if (!check_type(t))
        return false;
    if (t->odd_encoding) {
        http_say(t, ERR_PROTO, t->status, "answered in an encoding that was not asked for");
        return false;
    }
    if (t->request.on_head) {
        http_fill_result(t, &head);
        t->request.on_head(t->request.context, &head);
    }
    return !t->cancelled;
}

/* Seconds of a Retry-After, a number or a date. */
static int retry_after(struct span value)
{
    char text[64];
    int64_t seconds;
    time_t date;

    if (number_parse(value, 0, INT64_MAX, &seconds))
        return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int)seconds;
    plain_text(value, text, sizeof text);
    date = curl_getdate(text, NULL);
    if (date == (time_t)-1)
        return -1;
    seconds = (int64_t)date - (int64_t)time(NULL);
    if (seconds < 0)
        return 0;
    return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (int)seconds;
}

static void take_header(struct transfer *t, struct span name, struct span value)
{
    if (span_eq_nocase(name, SPAN("content-type"))) {
        plain_text(value, t->content_type, sizeof t->content_type);
    } else if (span_eq_nocase(name, SPAN("content-encoding"))) {
        t->packed = span_eq_nocase(value, SPAN("gzip")) || span_eq_nocase(value, SPAN("x-gzip"));
        t->odd_encoding = !t->packed && value.len && !span_eq_nocase(value, SPAN("identity"));
    } else if (span_eq_nocase(name, SPAN("retry-after"))) {
        t->retry_after_s = retry_after(value);
    } else if (span_eq_nocase(name, SPAN("warning")) && !t->warning[0]) {
        plain_text(value, t->warning, sizeof t->warning);
    } else if (span_eq_nocase(name, SPAN("location")) && !t->location) {
        struct strbuf copy = STRBUF_INIT((size_t)16 << 10);

        strbuf_add(&copy, value);
        t->location = strbuf_take(&copy);
    }
}

static void begin_answer(struct transfer *t)
{
    long status = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->status = (int)status;
    t->packed = t->odd_encoding = false;
    t->content_type[0] = 0;
    t->retry_after_s = -1;
    if (t->request.head)
        strbuf_truncate(t->request.head, 0);
}

static void keep_header(const struct transfer *t, struct span line)
{
    if (!t->request.head)
        return;
    strbuf_add(t->request.head, line);
    strbuf_addc(t->request.head, '\n');
}

size_t http_on_header(char *line, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    const size_t len = size * count;
    const struct span text = span_trim(span_make(line, len));
    size_t colon;

    t->byte_ms = clock_machine_ms();
    t->header_bytes += len;
    t->header_lines++;
    if (t->header_bytes > HTTP_HEADERS_MAX || t->header_lines > HTTP_HEADER_LINES) {
        http_say(t, ERR_PROTO, 0,
                 "sent more than %zu KiB or %d lines of headers and was cut off: it is not the "
                 "server it should be",
                 HTTP_HEADERS_MAX >> 10, HTTP_HEADER_LINES);
        return 0;
    }
    if (t->head_complete) /* a trailer */
        return len;
    if (span_starts(text, "HTTP/")) {
        begin_answer(t);
        return len;
    }
    if (text.len == 0) /* 1xx: the real one follows */
        return t->status < 200 || head_complete(t) ? len : 0;
    keep_header(t, text);
    colon = span_find(text, ':', 0);
    if (colon < text.len)
        take_header(t, span_sub(text, 0, colon), span_trim(span_sub(text, colon + 1, text.len)));
    return len;
}

static void count_bytes(struct transfer *t, size_t len)
{
    curl_off_t wire = 0;

    t->byte_ms = clock_machine_ms();
    t->body_bytes += len;
    t->http->figures.bytes_body += len;
    if (curl_easy_getinfo(t->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire) == CURLE_OK &&
        (uint64_t)wire > t->wire_bytes) {
        t->http->figures.bytes_in += (uint64_t)wire - t->wire_bytes;
        t->wire_bytes = (uint64_t)wire;
    }
}

/* Hands on a piece of the body. */
static enum http_flow give(struct transfer *t, struct span bytes)
{
    enum http_flow flow = HTTP_GO;

    if (!is_ok(t)) {
        count_bytes(t, bytes.len);
        strbuf_add(&t->error_body, bytes);
        return t->error_body.failed ? HTTP_STOP : HTTP_GO;
    }
    if (t->request.byte_limit > 0 && t->body_bytes + bytes.len > t->request.byte_limit) {
        http_say(t, ERR_PROTO, t->status,
                 "sent more than the %zu MiB allowed here and was cut off: it is broken, or not "
                 "the server it should be",
                 t->request.byte_limit >> 20);
        return HTTP_STOP;
    }
    if (t->request.on_data)
        flow = t->request.on_data(t->request.context, bytes);
    if (flow == HTTP_STOP)
        http_say(t, ERR_CANCELLED, 0, "stopped");
    else if (flow == HTTP_PAUSE)
        t->paused = true;
    else
        count_bytes(t, bytes.len);
    return flow;
}

/* After a pause curl gives the same bytes again: those used are passed over, and
 * what was unpacked of them and not taken comes first. */
static enum http_flow give_unpacked(struct transfer *t, const char *bytes, size_t len)
{
    const size_t again = t->used < len ? t->used : len;
    enum http_flow flow = HTTP_GO;

    if (!t->gunzip)
        t->gunzip = gunzip_new(!t->http->https);
    if (!t->gunzip) {
        http_say(t, ERR_NOMEM, 0, "no memory to unpack the answer");
        return HTTP_STOP;
    }
    gunzip_feed(t->gunzip, span_make(bytes + again, len - again));
    while (flow == HTTP_GO) {
        enum gunzip_state state =
            t->untaken.len ? GUNZIP_GIVES : gunzip_next(t->gunzip, &t->untaken);
        if (state == GUNZIP_HUNGRY)
            break;
        if (state == GUNZIP_BROKEN) {
            http_say(t, ERR_PROTO, t->status, "the compressed answer is broken");
            return HTTP_STOP;
        }
        flow = give(t, t->untaken);
        if (flow == HTTP_GO)
            t->untaken = span_make(NULL, 0);
    }
    t->used -= again;
    if (flow == HTTP_PAUSE)
        t->used += len - gunzip_left(t->gunzip);
    return flow;
}

size_t http_on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    const size_t len = size * count;

    if (t->cancelled)
        return 0;
    switch (t->packed ? give_unpacked(t, bytes, len) : give(t, span_make(bytes, len))) {
    case HTTP_GO:
        return len;
    case HTTP_PAUSE:
        return CURL_WRITEFUNC_PAUSE;
    case HTTP_STOP:
        break;
    }
    return 0;
}
