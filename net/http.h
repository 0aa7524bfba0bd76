/* HTTP client of one thread: libcurl's multi behind requests with limits, own
 * timers, and errors that are sentences. One client per origin and thread. */
#ifndef BINNACLE_NET_HTTP_H
#define BINNACLE_NET_HTTP_H

#include "base/err.h"
#include "base/strbuf.h"

#include <poll.h>

struct credential;  /* net/credential.h */
struct stream;      /* net/stream.h */
struct stream_wait; /* net/stream.h */
struct http;

#define HTTP_CONNECT_MS     10000               /* names, TCP, proxy and TLS together */
#define HTTP_HEADERS_MAX    ((size_t)128 << 10) /* bytes of all header lines of an answer */
#define HTTP_HEADER_LINES   1000
#define HTTP_REDIRECTS_MAX  3
#define HTTP_ERROR_BODY_MAX ((size_t)64 << 10) /* body kept of an answer that is not 2xx */
#define HTTP_REQUEST_MAX    ((size_t)16 << 20) /* body sent */
#define HTTP_EXTRA_FDS_MAX  8

/* Reads the error an API states in the body of an answer that is not 2xx. True:
 * it did, *err is set. False: the client makes a sentence from the status. */
typedef bool (*http_explain_fn)(int status, struct span body, struct err *err);

/* What the connections of a client go over in place of TCP to its origin: a port-forward, say. */
struct http_way {
    /* For each connection, on the client's thread; waits as it is told. */
    struct stream *(*open)(void *context, const struct stream_wait *wait, struct err *err);
    void (*done)(void *context); /* when the client is freed, or was not made */
    void *context;
};

struct http_options {
    const char *name;    /* who is asked, for sentences: "cluster spot" */
    const char *origin;  /* "https://host:port", a path prefix allowed; copied, as all texts here */
    struct span ca_pem;  /* own CAs only, nothing else is trusted; empty: see ca_file */
    const char *ca_file; /* NULL and no ca_pem: the system's CAs */
    const char *tls_server_name; /* the name the certificate must carry; NULL: the host */
    bool insecure;               /* no verification at all: kubeconfig's insecure-skip-tls-verify */
    const char *addresses;       /* as in struct probe_options: where the origin is connected to
                                    instead; NULL: where its name leads */
    const char *proxy_url;       /* NULL: HTTPS_PROXY, NO_PROXY of the environment */
    bool no_gzip;                /* kubeconfig's disable-compression */
    struct credential *credential; /* NULL: none. The client takes a reference of its own */
    http_explain_fn explain;       /* NULL: none */
    int connect_ms;                /* 0: HTTP_CONNECT_MS */
    const char *const *headers;    /* added to every request; NULL ends; copied; NULL: none */
    int cancel_fd;       /* readable: give up waiting for a credential or a way; 0 or less: none */
    struct http_way way; /* open NULL: TCP. The origin then is a name alone, nobody looks it up */
};

/* What came of a request. Texts and spans are borrowed, valid during the call. */
struct http_result {
    struct err err; /* ERR_NONE: a 2xx answer, whole */
    int status;     /* 0: there was no answer */
    struct span content_type;
    int retry_after_s;   /* -1: not said */
    int http_version;    /* 10, 11, 20; 0: unknown */
    uint64_t wire_bytes; /* of the body as it came */
    uint64_t body_bytes; /* decoded */
    int64_t elapsed_ms;
    int64_t cert_expires_ms; /* of the server's certificate, wall time; TIME_NONE: unknown */
    struct span warning;     /* the first Warning header ("299 - \"...\""); empty: none */
    struct span error_body;  /* what was kept of an answer that is not 2xx */
};

enum http_flow {
    HTTP_GO,
    HTTP_PAUSE, /* not taken: give the same bytes again after http_resume() */
    HTTP_STOP,  /* end this request; on_done comes with ERR_CANCELLED */
};

struct http_request {
    const char *method;         /* NULL: GET, or POST when there is a body */
    const char *path;           /* "/api/v1/pods?limit=100", encoded already; copied */
    const char *const *headers; /* "Accept: application/json", NULL ends; copied; NULL: none */
    struct span body;           /* copied */
    int deadline_ms;            /* for the whole request, redirects and repeats too; 0: none */
    int idle_ms;                /* most time without a byte of the answer; 0: none */
    size_t byte_limit;          /* decoded bytes of a 2xx body; 0: none (streams) */
    const char *want;   /* content type a 2xx answer must have ("application/json"), or NULL */
    bool aside;         /* on the second connection: list pages beside watches */
    bool http1;         /* HTTP/1.1 even where the server has HTTP/2, on a connection of its own */
    bool no_credential; /* the client's credential is not sent */
    /* It changes something and is sent once: on a connection of its own, for libcurl itself sends
     * again what it had sent on one that turns out to have been closed [lib/transfer.c,
     * Curl_retry_request]. */
    bool once;
    bool as_it_is; /* a redirect is not followed, it is an answer like others */
    /* NULL, or emptied and filled with the header lines of the last answer, whatever its status:
     * "name: value\n" each; http_header() reads them. Borrowed until on_done. */
    struct strbuf *head;

    /* All may be NULL. Called only from within http_turn() or http_get(). on_head: a 2xx answer
     * begins. on_data: decoded bytes of a 2xx body. on_done: exactly once for each request that
     * http_start() took, also after http_cancel() (ERR_CANCELLED), never from within
     * http_start(); but not after http_free(). They may start and cancel requests. */
    void (*on_head)(void *context, const struct http_result *head);
    enum http_flow (*on_data)(void *context, struct span bytes);
    void (*on_done)(void *context, const struct http_result *result);
    void *context; /* borrowed until on_done */
};

struct http_figures {
    uint64_t requests;    /* sent, repeats and redirects too */
    uint64_t bytes_in;    /* of bodies, as they came */
    uint64_t bytes_body;  /* decoded */
    uint64_t connections; /* opened */
    size_t active;        /* requests that have not ended */
};

/* Checks the options; connects nothing. NULL and *err: ERR_CONFIG. */
struct http *http_new(const struct http_options *options, struct err *err) BN_MUST_USE;
/* Drops everything at once, whatever hangs (< 50 ms); on_done is not called. NULL is allowed. */
void http_free(struct http *http);

/* Id of the request, never 0. It begins within the next http_turn(), and all its failures come
 * by on_done. A credential that has to be fetched first is waited for there, up to the plug-in's
 * deadline, and ends by cancel_fd. */
uint32_t http_start(struct http *http, const struct http_request *request);
/* Ends a request; on_done comes within the next http_turn(). Unknown ids are ignored. */
void http_cancel(struct http *http, uint32_t id);
/* After HTTP_PAUSE. The idle timer does not run while paused. */
void http_resume(struct http *http, uint32_t id);

/* Works for at most timeout_ms (-1: until something happens): bytes, timers, callbacks. Waits
 * also for the extra descriptors, at most HTTP_EXTRA_FDS_MAX (POLLIN, POLLOUT; revents is set).
 * Returns early when anything was done. */
void http_turn(struct http *http, int timeout_ms, struct pollfd *extra, size_t extras);
/* Ends a waiting http_turn(). Any thread. */
void http_wake(struct http *http);
/* Drops all connections: requests under way end with ERR_IO, later ones connect anew. For after
 * the machine has slept. */
void http_reconnect(struct http *http);

struct http_figures http_figures(const struct http *http);
/* "https://10.0.0.1:6443", for sentences. Borrowed from http. */
const char *http_origin(const struct http *http);

/* One request to its end, on this thread; others of the client go on meanwhile. The body of a
 * 2xx answer is appended to *body up to its limit, and that of any other too where the request says
 * as_it_is. cancel_fd: readable ends it with
 * ERR_CANCELLED; -1: none. result: NULL or filled (its spans are then empty). request->on_* and
 * context are not used. */
bool http_fetch(struct http *http, const struct http_request *request, int cancel_fd,
                struct strbuf *body, struct http_result *result, struct err *err) BN_MUST_USE;
/* The value of the first such header in what a request's head was filled with; empty: none. */
struct span http_header(struct span head, const char *name);
/* "vault.example.org:8200" of "https://vault.example.org:8200/x", and of it without "https://"; borrowed
 * from url. */
struct span http_authority(struct span url);
struct span http_host(struct span url); /* the same without its port */
/* GET path as JSON by http_fetch(). */
bool http_get(struct http *http, const char *path, int deadline_ms, int cancel_fd,
              struct strbuf *body, struct err *err) BN_MUST_USE;

#endif
