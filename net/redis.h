/* Redis' protocol (RESP2) over a stream: commands, replies, and its refusals told
 * apart [transcripts of Redis 7.0.15]. One thread at a time. */
#ifndef BINNACLE_NET_REDIS_H
#define BINNACLE_NET_REDIS_H

#include "net/stream.h"

#define REDIS_REPLY_MAX   ((size_t)4 << 20) /* bytes of a reply */
#define REDIS_ITEMS_MAX   65536             /* elements of all its lists */
#define REDIS_COMMAND_MAX 16                /* words */

struct redis;

enum redis_type { REDIS_TEXT, REDIS_NUMBER, REDIS_LIST, REDIS_NIL };

struct redis_reply {
    enum redis_type type;
    struct span text; /* TEXT: of a status too */
    int64_t number;
    const struct redis_reply *const *items; /* LIST; none is NULL */
    size_t count;
};

/* Why it refused, by the first word of its error. */
enum redis_refusal {
    REDIS_FINE,
    REDIS_NOAUTH,     /* ERR_AUTH: it wants a password */
    REDIS_WRONGPASS,  /* ERR_AUTH */
    REDIS_NOPERM,     /* ERR_DENIED: the user's ACL */
    REDIS_LOADING,    /* ERR_BUSY: it reads its data set into memory */
    REDIS_BUSY,       /* ERR_BUSY: a script runs */
    REDIS_MASTERDOWN, /* ERR_BUSY: a replica without its master that gives no stale data */
    REDIS_MISCONF,    /* ERR_BUSY: it takes no writes since it could not save */
    REDIS_OOM,        /* ERR_BUSY */
    REDIS_READONLY,   /* ERR_DENIED: a replica */
    REDIS_NOREPLICAS, /* ERR_BUSY */
    REDIS_MAXCLIENTS, /* ERR_BUSY: it takes no more connections */
    REDIS_OTHER,      /* ERR_PROTO */
};

/* Takes the stream over; name for sentences, copied. */
struct redis *redis_new(struct stream *stream, const char *name) BN_MUST_USE;
void redis_free(struct redis *r); /* NULL is allowed */

/* AUTH; user empty: the default one. Without a password nothing is asked. A server without
 * passwords is content with any. */
bool redis_auth(struct redis *r, struct span user, struct span password,
                const struct stream_wait *wait, struct err *err) BN_MUST_USE;
/* Sends a command ("INFO", "everything", NULL) and waits for its reply, borrowed until the next.
 * False: *err; see redis_refusal(). After ERR_IO, ERR_TIMEOUT or ERR_CANCELLED the connection is
 * of no use any more. */
bool redis_ask(struct redis *r, const char *const *words, const struct stream_wait *wait,
               const struct redis_reply **reply, struct err *err) BN_MUST_USE;
/* Why the last command was refused. */
enum redis_refusal redis_refusal(const struct redis *r);
uint64_t redis_bytes_in(const struct redis *r);
uint64_t redis_commands(const struct redis *r);

/* The value of a line "name:value" of INFO's text; empty: not there. */
struct span redis_field(struct span info, const char *name);

#endif
