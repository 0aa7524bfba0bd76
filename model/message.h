/* What sources say. A message is built by one thread, handed over by the
 * outbox, applied and freed by the thread that owns the store. */
#ifndef BINNACLE_MODEL_MESSAGE_H
#define BINNACLE_MODEL_MESSAGE_H

#include "base/err.h"
#include "model/kind.h"

enum message_type {
    MESSAGE_BATCH,      /* puts and drops of one kind */
    MESSAGE_SYNC_BEGIN, /* a whole picture of a kind begins */
    MESSAGE_SYNC_END,   /* rows of the kind not put since SYNC_BEGIN are gone (unless partial) */
    MESSAGE_STATE,      /* state of the source, or of one kind of it */
    MESSAGE_DOCUMENT,   /* answer to a FETCH */
    MESSAGE_LINES,      /* piece of a STREAM */
};

/* In order of badness for the source strip. */
enum source_state {
    SOURCE_OFF,        /* not configured, not found, not wanted */
    SOURCE_FRESH,      /* proof of life within two heartbeats */
    SOURCE_CONNECTING, /* first try */
    SOURCE_PARTIAL,    /* works, but something is hidden (RBAC, paging stopped) */
    SOURCE_STALE,      /* no proof of life; last rows kept */
    SOURCE_LOGIN,      /* waits for credentials or `:login` */
    SOURCE_DENIED,     /* 401, 403 */
    SOURCE_FAILING,    /* other error; retries */
};

const char *source_state_name(enum source_state state);

#define KIND_NONE UINT16_MAX

struct source_report {
    enum source_state state;
    bool paced;       /* it answers, and waits by intent before it asks for more */
    struct err why;   /* kind ERR_NONE when fine */
    int64_t proof_ms; /* wall time of the last byte or heartbeat; TIME_NONE: never */
    int64_t retry_ms; /* wall time of the next try; TIME_NONE: none planned */
    int64_t every_ms; /* between two looks, as it is now; 0: it is told of changes, or looks at many
                         things in turn */
    bool at_rest;     /* that is less often than usual: nobody is there */
    uint64_t requests, bytes_in; /* since the source began; 0 in a kind's report */
    char note[120];              /* "3 namespaces denied", ""; what hides when PARTIAL;
                                    of FRESH what its rows tell too */
};

struct message {
    struct message *next; /* for queues; owned by whoever holds the message */
    enum message_type type;
    uint16_t source;             /* as the session numbers them */
    uint16_t kind;               /* KIND_NONE: the source itself (STATE) */
    uint32_t generation;         /* SYNC_BEGIN, SYNC_END */
    bool more;                   /* the next of its outbox belongs to it: nobody looks in between */
    bool polled;                 /* SYNC_BEGIN: what it corrects is news, and nobody missed it */
    bool complete;               /* SYNC_END: everything was seen; false: partial, sweep nothing */
    struct err why;              /* SYNC_END partial, DOCUMENT and LINES that failed */
    struct source_report report; /* STATE */
    uint32_t request;            /* DOCUMENT, LINES: the id of the request */
    bool last;                   /* LINES: the stream has ended; why says how */
    uint64_t dropped;            /* LINES: lines lost before these bytes */
    char *bytes;                 /* owned; BATCH: records; DOCUMENT, LINES: text */
    size_t len;
    size_t rows; /* BATCH: records in bytes */
};

struct message *message_new(enum message_type type, uint16_t source,
                            uint16_t kind) BN_MUST_USE; /* NULL: no memory */
void message_free(struct message *m);                   /* NULL is allowed */

/* Building the records of a BATCH. One row at a time:
 *   row_begin, any row_* and row_link, row_end.
 * Cells not set are absent. Failure (memory, a row over ROW_MAX) is sticky for
 * the row: row_end() says so and nothing of that row is kept. */
#define ROW_MAX       ((size_t)1 << 20)
#define ROW_TEXT_MAX  ((size_t)64 << 10) /* longer text cells are cut at a character */
#define ROW_LINKS_MAX 128                /* an endpoint slice has 100 addresses */

struct row_writer {
    const struct kind *kind; /* borrowed */
    struct strbuf bytes;     /* finished records */
    size_t start;            /* of the row being written */
    size_t rows;
    bool failed;
    unsigned links;
};

void row_writer_init(struct row_writer *w, const struct kind *kind, size_t limit);
void row_writer_clear(struct row_writer *w);

void row_begin(struct row_writer *w, struct span key); /* raw bytes, "ns/name" */
/* Storing a type that the column does not have is a bug. Text is copied;
 * invalid UTF-8 becomes U+FFFD. column is the index in the kind. */
void row_num(struct row_writer *w, size_t column,
             int64_t num); /* BOOL COUNT BYTES DURATION INSTANT LEVEL */
void row_real(struct row_writer *w, size_t column, double real);      /* RATIO RATE */
void row_text(struct row_writer *w, size_t column, struct span text); /* TEXT LIST */
void row_quantity(struct row_writer *w, size_t column, int64_t thousandths, struct span text);
void row_link(struct row_writer *w, enum link_type type, unsigned flags, const char *kind,
              struct span key);
bool row_end(struct row_writer *w) BN_MUST_USE;
/* A DROP record. */
bool row_drop(struct row_writer *w, struct span key) BN_MUST_USE;

/* Moves what was written into a new BATCH; NULL when there is nothing or no
 * memory (then the rows stay in the writer). */
struct message *row_writer_take(struct row_writer *w, uint16_t source, uint16_t kind) BN_MUST_USE;

/* Reading records, for the store, the journal and tests. */
struct record_cell {
    uint16_t column;
    struct value value; /* text borrowed from the message */
};

struct record {
    bool drop;
    struct span key;
    struct span body; /* cells and links; opaque */
};

/* Next record at *at (start with 0). False at the end. Broken bytes are a bug:
 * messages are built only by row_writer. */
bool record_next(const struct message *m, size_t *at, struct record *out);
bool record_cell_next(const struct record *r, size_t *at, struct record_cell *out);
/* Links follow the cells: continue with the same *at once cells are done. */
bool record_link_next(const struct record *r, size_t *at, struct link *out);

#endif
