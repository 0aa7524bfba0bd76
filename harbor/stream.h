/* A request and its answer, whatever the framing: HTTP/1.1 or HTTP/2. The
 * handler reads the request and writes the answer; the framing sends it. */
#ifndef BINNACLE_HARBOR_STREAM_H
#define BINNACLE_HARBOR_STREAM_H

#include "base/span.h"
#include "base/strbuf.h"
#include "harbor/resources.h"

struct server;
struct conn;
struct stream;

/* What a framing does with an answer. */
struct framing {
    /* Sends the status and header lines ("Name: value\r\n" each). length < 0: not known yet. */
    void (*head)(struct stream *s, int status, struct span headers, int64_t length);
    /* The answer's body has grown (s->out) or ended (s->ended): sends what it can. */
    void (*body)(struct stream *s);
};

/* What goes on after the handler has returned. */
enum follow { FOLLOW_NONE, FOLLOW_WATCH, FOLLOW_LOG, FOLLOW_LATE };

struct stream {
    struct stream *next; /* of the connection */
    struct conn *conn;
    const struct framing *framing;
    int32_t id; /* HTTP/2 */
    /* the request; owned */
    char *method, *target; /* target: path and query */
    char *authorization, *accept, *content_type, *impersonate;
    bool takes_gzip;
    struct strbuf asked; /* all its headers but Authorization, "Name: value\n" */
    struct strbuf in;    /* body */
    /* the answer */
    struct strbuf out; /* not yet taken by the framing */
    size_t taken;      /* HTTP/2: bytes of it that were */
    bool head_sent, ended, head_only;
    int64_t length;      /* < 0: chunked */
    struct relay *relay; /* what is to answer it; NULL: none */
    const char *more;    /* further header lines of the answer, static; NULL: none */
    bool no_retry_after; /* a 429 does not say when */
    /* a watch, a followed log, or an answer that is to come late */
    enum follow follow;
    const struct resource *resource;
    char *ns, *name;                      /* owned; of the watch or log; "" all */
    char *labels, *fields;                /* owned selectors, or NULL */
    uint64_t version;                     /* watch: events up to here were sent */
    int64_t end_ms, bookmark_ms, next_ms; /* monotonic */
    bool bookmarks, timestamps;
    bool metadata_only; /* watch */
    size_t lines;       /* of the log that were sent */
    size_t cut;         /* bytes of the body after which the connection ends; SIZE_MAX: none */
};

struct stream *stream_new(struct conn *conn, const struct framing *framing);
void stream_free(struct stream *s);
void stream_add_header(struct stream *s, struct span name, struct span value);
struct span stream_header(const struct stream *s, const char *name); /* empty: absent */
/* A whole answer at once. */
void stream_answer(struct stream *s, int status, const char *type, struct span body);
/* The same for a body that is gzip already, of so many bytes; the client takes gzip. */
void stream_answer_packed(struct stream *s, int status, const char *type, struct span body,
                          size_t unpacked);
/* The beginning of a long one; then stream_write() and stream_end(). */
void stream_begin(struct stream *s, int status, const char *type);
void stream_write(struct stream *s, struct span bytes);
void stream_end(struct stream *s);
/* A Status of failure. details: JSON, or NULL. */
void stream_status(struct stream *s, int code, const char *reason, const char *details,
                   const char *fmt, ...) BN_PRINTF(5, 6);

#endif
