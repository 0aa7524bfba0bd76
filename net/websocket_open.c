/* The upgrade from HTTP/1.1 to WebSocket. */
#include <config.h>

#include "base/alloc.h"
#include "base/number.h"
#include "net/base64.h"
#include "net/http_impl.h"
#include "net/plain.h"
#include "net/websocket.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES  16
#define KEY_TEXT   25 /* base64 of it, and NUL */
#define PROOF_TEXT 29 /* base64 of SHA-1, and NUL */
#define READ_BYTES 4096

/* What a handshake is about. */
struct upgrade {
    struct http *http;
    const char *path, *protocol, *name;
    char key[KEY_TEXT];
    int status;
    struct span head; /* the header lines; in `came` */
    struct span rest; /* what came behind them; in `came` */
    struct strbuf came;
};

/* ---- The request. */

/* "https://host:port/prefix" taken apart. */
static void split_origin(const struct http *http, struct span *authority, struct span *prefix)
{
    const struct span origin = span_from(http->origin);
    const size_t from = span_search(origin, SPAN("://"), false) + 3;
    const size_t slash = span_find(origin, '/', from);

    *authority = span_sub(origin, from, slash - from);
    *prefix = span_sub(origin, slash, origin.len);
}

static bool send_request(const struct upgrade *u, struct stream *stream,
                         const struct credential_value *value, const struct stream_wait *wait,
                         struct err *err)
{
    struct strbuf text = STRBUF_INIT(CREDENTIAL_TOKEN_MAX + HTTP_HEADERS_MAX);
    struct span authority, prefix;
    bool ok;

    split_origin(u->http, &authority, &prefix);
    strbuf_addf(&text,
                "GET %.*s%s HTTP/1.1\r\nHost: %.*s\r\n"
                "User-Agent: " PACKAGE_NAME "/" PACKAGE_VERSION "\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Protocol: %s\r\n",
                SPAN_ARG(prefix), u->path, SPAN_ARG(authority), u->key, u->protocol);
    for (const struct curl_slist *h = u->http->headers; h; h = h->next)
        strbuf_addf(&text, "%s\r\n", h->data);
    if (value->authorization) { /* formatting would leave it on the stack */
        strbuf_adds(&text, "Authorization: ");
        strbuf_adds(&text, value->authorization);
        strbuf_adds(&text, "\r\n");
    }
    strbuf_adds(&text, "\r\n");
    ok = text.failed ? err_set(err, ERR_CONFIG, "%s: the request is too long", u->name)
                     : stream_write(stream, strbuf_span(&text), wait, err);
    strbuf_wipe(&text);
    return ok;
}

/* ---- The answer. */

static struct span header(const struct upgrade *u, const char *name)
{
    struct span rest = u->head, line;

    while (span_split(&rest, '\n', &line)) {
        const size_t colon = span_find(line, ':', 0);
        if (colon < line.len && span_eq_nocase(span_sub(line, 0, colon), span_from(name)))
            return span_trim(span_sub(line, colon + 1, line.len));
    }
    return SPAN("");
}

/* More bytes; false: *err, or got 0 at the end. */
static bool read_more(struct upgrade *u, struct stream *stream, size_t *got,
                      const struct stream_wait *wait, struct err *err)
{
    char *to = strbuf_reserve(&u->came, READ_BYTES);

    if (!to)
        return err_set(err, ERR_PROTO, "%s: the answer's header is larger than %zu KiB", u->name,
                       u->came.limit >> 10);
    if (!stream_read(stream, to, READ_BYTES, got, wait, err))
        return false;
    strbuf_commit(&u->came, *got);
    return true;
}

static bool read_head(struct upgrade *u, struct stream *stream, const struct stream_wait *wait,
                      struct err *err)
{
    size_t got = 0, end;
    int64_t status;

    while ((end = span_search(strbuf_span(&u->came), SPAN("\r\n\r\n"), false)) == u->came.len) {
        if (!read_more(u, stream, &got, wait, err))
            return false;
        if (got == 0)
            return err_set(err, ERR_IO, "%s: the connection was closed without an answer", u->name);
    }
    u->head = span_sub(strbuf_span(&u->came), 0, end);
    u->rest = span_sub(strbuf_span(&u->came), end + 4, u->came.len);
    if (!span_starts(u->head, "HTTP/1.") ||
        !number_parse(span_sub(u->head, 9, 3), 100, 599, &status))
        return err_set(err, ERR_PROTO, "%s: what came is not HTTP: is the port right?", u->name);
    u->status = (int)status;
    return true;
}

/* The body of an answer that is no upgrade, as far as it comes. */
static struct span read_body(struct upgrade *u, struct stream *stream,
                             const struct stream_wait *wait)
{
    const size_t from = (size_t)(u->rest.data - u->came.data);
    int64_t length = HTTP_ERROR_BODY_MAX;
    size_t got = 1;

    if (!number_parse(header(u, "Content-Length"), 0, (int64_t)HTTP_ERROR_BODY_MAX, &length) &&
        header(u, "Transfer-Encoding").len > 0)
        length = 0; /* chunked: not worth the trouble */
    while (got > 0 && u->came.len - from < (size_t)length)
        if (!read_more(u, stream, &got, wait, NULL))
            break;
    return span_sub(strbuf_span(&u->came), from, (size_t)length);
}

/* [kube-streaming/notes.md: a Status, plain text, or for a subprotocol that the server does not
 * know a 403 without anything] */
static bool refused(struct upgrade *u, struct stream *stream, const struct stream_wait *wait,
                    struct err *err)
{
    static const enum err_kind kinds[] = {
        [0] = ERR_PROTO, ERR_AUTH, ERR_PROTO, ERR_DENIED, ERR_NOTFOUND};
    const struct span body = read_body(u, stream, wait);
    const int status = u->status;
    const enum err_kind kind = status >= 500                  ? ERR_IO
                               : status < 400 || status > 404 ? ERR_PROTO
                                                              : kinds[status - 400];
    char words[ERR_MESSAGE_MAX];
    struct err why;

    if (body.len > 0 && u->http->options.explain && u->http->options.explain(status, body, &why))
        return err_code(err, why.kind, why.code, "%s: %s", u->name, why.msg);
    plain_text(span_trim(body), words, sizeof words);
    if (status == 403 && words[0] == '\0')
        return err_code(err, kind, status,
                        "%s: 403: the server does not know the subprotocol %s, or does not let it "
                        "through",
                        u->name, u->protocol);
    return err_code(err, kind, status, "%s: %d: %s", u->name, status,
                    words[0] && words[0] != '<'
                        ? words
                        : "no upgrade to WebSocket: does something stand in between?");
}

static bool check_accept(const struct upgrade *u, struct err *err)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* [RFC 6455 1.3] */
    unsigned char digest[EVP_MAX_MD_SIZE];
    char text[KEY_TEXT + sizeof guid], proof[PROOF_TEXT];
    unsigned len = 0;

    (void)snprintf(text, sizeof text, "%s%s", u->key, guid);
    if (EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL) != 1 || len != 20)
        return err_set(err, ERR_IO, "%s: SHA-1 is not there", u->name);
    (void)EVP_EncodeBlock((unsigned char *)proof, digest, 20);
    if (!span_is(header(u, "Sec-WebSocket-Accept"), proof))
        return err_set(err, ERR_PROTO, "%s: the answer does not belong to the question", u->name);
    if (!span_is(header(u, "Sec-WebSocket-Protocol"), u->protocol))
        return err_set(err, ERR_PROTO, "%s: the server did not take the subprotocol %s", u->name,
                       u->protocol);
    return true;
}

/* ---- Both. */

static struct websocket *attempt(struct upgrade *u, const struct credential_value *value,
                                 const struct websocket_options *options,
                                 const struct stream_wait *wait, struct err *err)
{
    struct stream *stream = stream_connect(u->http, value, wait, err);
    struct websocket *ws = NULL;
    unsigned char key[KEY_BYTES];
    bool ok;

    if (!stream)
        return NULL;
    ok = RAND_bytes(key, KEY_BYTES) == 1 ||
         err_set(err, ERR_IO, "%s: there are no random numbers", u->name);
    (void)EVP_EncodeBlock((unsigned char *)u->key, key, KEY_BYTES);
    u->status = 0;
    strbuf_truncate(&u->came, 0);
    ok = ok && send_request(u, stream, value, wait, err) && read_head(u, stream, wait, err);
    if (ok)
        ok = u->status == 101 ? check_accept(u, err) : refused(u, stream, wait, err);
    if (ok)
        ws = websocket_over(stream, u->rest, options);
    else
        stream_close(stream);
    return ws;
}

struct websocket *websocket_open(struct http *http, const char *path, const char *protocol,
                                 const struct websocket_options *options,
                                 const struct stream_wait *wait, struct err *err)
{
    struct upgrade u = {.http = http,
                        .path = path,
                        .protocol = protocol,
                        .name = options->name,
                        .came = STRBUF_INIT(HTTP_HEADERS_MAX)};
    struct credential_value value = {.authorization = NULL};
    struct websocket *ws = NULL;
    bool again = true;

    for (int tries = 0; tries < 2 && again; tries++) {
        if (http->credential && !credential_get(http->credential, wait->cancel_fd, &value, err))
            break;
        ws = attempt(&u, &value, options, wait, err);
        again = !ws && u.status == 401 && http->credential &&
                credential_refused(http->credential, value.version);
        credential_value_wipe(&value);
    }
    strbuf_wipe(&u.came);
    return ws;
}
