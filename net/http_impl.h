/* What the files of the HTTP client share. Not for others. */
#ifndef BINNACLE_NET_HTTP_IMPL_H
#define BINNACLE_NET_HTTP_IMPL_H

#include "net/credential.h"
#include "net/gunzip.h"
#include "net/http.h"
#include "net/stream.h"

#include <curl/curl.h>

/* One request on its way, with all its repeats. */
struct transfer {
    struct transfer *next;
    struct http *http; /* borrowed */
    uint32_t id;
    struct http_request request; /* texts owned below */
    char *method, *path;         /* owned; path is the first one, for sentences */
    char *url_path;              /* owned; changes with redirects */
    struct curl_slist *headers;  /* owned; the caller's and the client's */
    struct curl_slist *sent;     /* owned; with the authorization, wiped */
    struct span body;            /* owned */
    CURL *easy;                  /* owned; NULL: waits to begin */

    bool cancelled, resume, paused;
    bool held; /* waits until the connection's limits are known */
    bool done; /* only on_done is left */
    unsigned repeats, redirects;
    bool refreshed;                           /* the credential was renewed for it */
    uint64_t credential_version;              /* that was sent */
    int64_t started_ms, deadline_ms, byte_ms; /* mono; deadline 0: none */

    /* The answer under way. */
    int status;
    bool head_complete;
    size_t header_bytes;
    unsigned header_lines;
    char content_type[128], warning[256];
    char *location; /* owned */
    int retry_after_s;
    uint64_t wire_bytes, body_bytes;
    bool packed, odd_encoding; /* Content-Encoding: gzip; one that nobody asked for */
    struct gunzip *gunzip;     /* owned; NULL: not begun */
    struct span untaken;       /* unpacked before a pause, not taken yet; in gunzip */
    size_t used;               /* of what curl gives again after a pause */
    struct strbuf error_body;
    struct err err; /* what we ended it for; ERR_NONE: nothing */
    char curl_says[CURL_ERROR_SIZE];
};

struct http_span;

struct http {
    char *name, *origin; /* owned; for sentences */
    char *url;           /* owned; what curl is given: scheme, host, port, prefix */
    char *host_header;   /* owned; "Host: ..." when tls_server_name stands in url; else NULL */
    struct curl_slist *connect_to;
    struct curl_slist *headers;
    bool https;
    struct http_options options; /* texts owned */
    struct credential *credential;
    CURLM *multi;
    struct transfer *transfers;
    uint32_t last_id;
    bool many_connections; /* the server has no HTTP/2 */
    bool allow_many;       /* to be set outside callbacks */
    bool settled[2];       /* an answer came by the common, the second connection */
    int64_t cert_expires_ms;
    struct http_figures figures;
    struct http_span *spans; /* of http_way.c: connections that go over streams */
    struct err way_err;      /* how the last of them broke; ERR_NONE: it did not */
};

/* http.c: takes it from curl; the headers that were sent are wiped */
void http_drop_easy(struct transfer *t);

/* http_way.c: for a client that has a way; others are left as they are */
CURLcode http_set_way(struct transfer *t, CURL *easy);
void http_way_done(struct http *http); /* after its connections were closed */

/* http_setup.c */
CURLM *http_new_multi(struct http *http);
/* Makes t->easy with all options. False: t->err. */
bool http_setup(struct transfer *t, const struct credential_value *credential);
/* Callbacks of curl, in http_answer.c. */
size_t http_on_header(char *line, size_t size, size_t count, void *context);
size_t http_on_body(char *bytes, size_t size, size_t count, void *context);
void http_answer_reset(struct transfer *t);
void http_fill_result(const struct transfer *t, struct http_result *result);

/* http_error.c: sentences. They fill t->err. */
void http_say_curl(struct transfer *t, CURLcode code);
void http_say_status(struct transfer *t);
void http_say(struct transfer *t, enum err_kind kind, int code, const char *fmt, ...)
    BN_PRINTF(4, 5);
/* Where it stands: "while connecting", "while waiting for the answer", ... */
const char *http_phase(const struct transfer *t);

#endif
