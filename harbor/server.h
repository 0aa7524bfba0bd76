/* The server: connections, their TLS, and what they all share. */
#ifndef BINNACLE_HARBOR_SERVER_H
#define BINNACLE_HARBOR_SERVER_H

#include "base/clock.h"
#include "base/yaml.h"
#include "harbor/asked.h"
#include "harbor/fault.h"
#include "harbor/objects.h"
#include "harbor/rounds.h"
#include "harbor/stream.h"

#include <openssl/ssl.h>

#define TOKEN        "demo-token"   /* may do everything */
#define VIEWER_TOKEN "viewer-token" /* sees little */

struct conn {
    struct conn *next;
    struct server *server;
    int fd;
    SSL *ssl;     /* owned */
    bool ready;   /* handshake done */
    bool closing; /* ends when out is empty */
    bool dead;
    bool silent;                  /* takes and gives nothing any more */
    void *framed;                 /* owned by the framing (HTTP/2) */
    void (*take)(struct conn *c); /* bytes have come into `in` */
    void (*done)(struct conn *c); /* frees `framed` */
    struct strbuf in, out;
    size_t sent;                /* bytes of out that have gone */
    struct stream *streams;     /* owned */
    size_t slow;                /* bytes a second; 0: as fast as it can */
    int64_t slow_ms, slow_sent; /* since when, and how many */
};

struct counts {
    uint64_t requests, connections, lists, watches, writes;
    uint64_t packed;              /* answers that went as gzip */
    uint64_t bytes_body;          /* of answers, unpacked; without watches */
    uint64_t bytes_in, bytes_out; /* of TLS, as they were on the wire, of connections that ended */
};

struct server {
    struct objects *objects;
    struct big *big; /* owned; NULL: there is the platform */
    struct faults faults;
    struct counts counts;
    struct asked *asked; /* owned */
    struct clock *clock;
    SSL_CTX *tls;
    int listener, port;
    struct conn *conns;                   /* owned */
    struct relay *relays;                 /* owned; see relay.h */
    struct upstream *upstreams;           /* owned; see upstream.h */
    struct disk_state *disk_states;       /* owned; see kubelet.h */
    struct redis_state *redis_states;     /* owned; see redis.h */
    struct tf_run *terraform;             /* owned; runs that are other than was told */
    struct mysql_state *mysql_states;     /* owned; see mysql.h */
    struct mysql_catalog *mysql_catalogs; /* owned; see mysql_catalog.h */
    struct traefik_state *traefik_states; /* owned; see traefik.h */
    struct answers *answers;              /* owned; see answers.h */
    struct vault *vault;                  /* owned; see vault.h; NULL: a big cluster has none */
    struct outside *outside;              /* owned; see outside.h; NULL: it is not served */
    struct yaml_doc *logs;                /* owned; what containers say; NULL: little */
    struct said *said;                    /* owned; see said.h */
    char *folder;                         /* owned; of the data */
    char *copied;                         /* owned; path, see copied.h; NULL: none */
    bool down;                            /* nobody listens */
    bool ended;                           /* asked to stop */
    bool controlled;      /* by a test, whose program's clock may run otherwise than this one's */
    struct rounds rounds; /* when controllers look again */
};

/* Listens on 127.0.0.1 at server->port (0: any, which is then written there), or
 * no more. */
bool server_listen(struct server *server, bool on, struct err *err);
/* Takes what has come on a connection and answers it; false: it is over. */
bool conn_turn(struct conn *c);
bool conn_wants_write(const struct conn *c);
void server_accept(struct server *s);
void conn_free(struct conn *c);
/* Adds the bytes that have come and gone on c. */
void conn_count_bytes(const struct conn *c, struct counts *to);

/* http1.c */
void http1_open(struct conn *c);
/* http2.c */
void http2_open(struct conn *c);

/* Answers a request whose body is there. */
void handle(struct server *server, struct stream *s);
/* Sends what has happened since; called once a turn and after changes. */
void follow(struct server *server, struct stream *s);
/* Monotonic ms when a stream wants to be called again; TIME_FOREVER. */
int64_t follow_next(const struct server *server, const struct stream *s);
/* All streams of all connections. */
void server_follow(struct server *server);
int64_t server_next(const struct server *server);

#endif
