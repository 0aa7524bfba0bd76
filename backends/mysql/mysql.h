/* MySQL and MariaDB servers, and the clusters that Galera makes of them: one source is a cluster, or
 * a server that stands alone; each of its nodes is asked by itself, so that what they say can be
 * compared. */
#ifndef BINNACLE_BACKENDS_MYSQL_MYSQL_H
#define BINNACLE_BACKENDS_MYSQL_MYSQL_H

#include "backends/access.h"
#include "backends/mysql/values.h"
#include "backends/poll.h"
#include "net/mysql_way.h"

#define MYSQL_NODES_MAX 32
#define MYSQL_TEXT_MAX  256

/* Counters, and what they grow by in a second. */
enum mysql_rate {
    RATE_QUERIES,
    RATE_SLOW,
    RATE_FC_SENT,
    RATE_FC_PAUSED, /* nanoseconds */
    RATE_CERT,
    RATE_ABORTS,
    RATE_COMMITS,
    RATE_READS,
    RATE_READ_REQUESTS,
    RATE_LOCK_WAITS,
    RATE_COUNT
};

struct mysql_rates {
    struct poll_rate of[RATE_COUNT];
    double now[RATE_COUNT];
    bool known[RATE_COUNT];
    double commits; /* over some minutes; for what is to last for hours */
};

/* Where a replica of another server stands; for those outside a cluster, and between clusters. */
struct mysql_replica {
    bool there;
    char io[16], sql[16];            /* "Yes", "No", "Connecting" */
    int64_t lag_s;                   /* -1: not known */
    char error[MYSQL_TEXT_MAX + 80]; /* behind its channel's name, where that has one */
};

struct mysql_trx {
    bool known;
    int64_t age_s, thread, count; /* of the longest; how many there are */
    char query[MYSQL_TEXT_MAX];   /* "": it asks nothing just now */
};

struct mysql_node {
    char *name;         /* owned */
    struct sql_way way; /* owned */
    struct sql *sql;    /* NULL: not connected */
    int64_t retry_ms;   /* monotonic: not to be connected before */
    int64_t pause_ms;   /* grows while it fails */
    struct err err;     /* why it did not answer; ERR_NONE: it did */
    bool refused;       /* that was the node itself, and not the way to it */
    int64_t down_ms;    /* wall time since when; TIME_NONE: it is not */

    struct mysql_values values;
    struct mysql_rates rates;
    struct mysql_replica replica;
    struct mysql_trx trx;
    int64_t history;               /* undo records that are not purged; -1: not known */
    int64_t last_recv, last_send;  /* queues as they were the time before; -1: not known */
    char state[64], last_conf[64]; /* to see when they change */
    int64_t state_ms, conf_ms;     /* wall time since when; TIME_NONE */
    int64_t started_ms;            /* the server; TIME_NONE: not known */
    int64_t behind;                /* write-sets; -1: not known */
    bool brakes;                   /* asks the others to wait, more than any other */
    bool other_uuid, other_conf;   /* than most have */
    bool alone;                    /* it has no part in the cluster that it is a node of */
};

/* A login that a Secret has, as it was found when it was tried. */
struct mysql_login {
    char *key;          /* owned; "NAMESPACE/SECRET/KEY", of the password */
    int64_t since_ms;   /* when the Secret had changed; 0: not known */
    int64_t asked_ms;   /* monotonic */
    int64_t checked_ms; /* wall time */
    const char *state;  /* "same", "differs", "unknown"; NULL: it is of another server */
    char why[ERR_MESSAGE_MAX];
    bool seen; /* in this round */
};

struct mysql {
    struct backend_ctx *ctx;
    struct access access;
    struct mysql_node *nodes; /* owned */
    size_t count;
    uint64_t asked;
    uint64_t closed_bytes;      /* of connections that are no more */
    char *targets;              /* owned; of mysql_find_logins(); NULL: not said */
    bool renewed;               /* they have changed since logins were tried */
    struct mysql_login *logins; /* owned */
    size_t nlogins;
};

extern const struct kind kind_mysql, kind_mysql_process, kind_mysql_db, kind_mysql_user,
    kind_secret_login;

/* ---- mysql.c: connections. */

/* A connection to the node, made now if need be. NULL: n->err says why, or why it is not tried. */
struct sql *mysql_connect(struct mysql *m, struct mysql_node *n);
/* Logs in there; the stream is taken. NULL: *err. */
struct sql *mysql_log_in(const struct mysql *m, const struct mysql_node *n, struct stream *stream,
                         const char *user, const char *password, struct err *err);
/* One statement; a connection that is lost is forgotten, and n->err filled. */
bool mysql_ask(struct mysql *m, struct mysql_node *n, const char *statement, size_t max_rows,
               sql_row_fn *on_row, void *context, struct err *err);
/* Every node was asked, and each refused by itself or said nothing in time. */
bool mysql_all_refused(const struct mysql *m);
/* A node that answers, for what all have in common: a synced one sooner. NULL: *err. */
struct mysql_node *mysql_any(struct mysql *m, struct err *err);

/* Sizes of tables as they are by now, from here on. False: the connection is gone. */
bool mysql_want_sizes(struct mysql *m, struct mysql_node *n, struct err *err);

/* ---- Parts: what is asked, as poll.h has it. */

bool mysql_ask_nodes(void *self, struct poll *p, struct err *err);
bool mysql_ask_processes(void *self, struct poll *p, struct err *err);
bool mysql_ask_databases(void *self, struct poll *p, struct err *err);
bool mysql_ask_users(void *self, struct poll *p, struct err *err);
bool mysql_ask_logins(void *self, struct poll *p, struct err *err);
void mysql_forget_logins(struct mysql *m);
/* SHOW ENGINE INNODB STATUS and the replica's status of a node, the process list's entry. */
bool mysql_document(void *self, const struct request *r, struct strbuf *out, struct err *err);

/* ---- node.c, compare.c, node_row.c, node_judge.c */

/* Fills what a node says of itself. False: n->err. */
bool mysql_ask_node(struct mysql *m, struct mysql_node *n);
/* A row of SHOW REPLICA STATUS into a struct mysql_replica: of several channels the worst stays. */
bool mysql_take_replica(void *context, const struct sql_row *row);
/* False: without PROCESS it shows nothing of what others do, and says no more than that. */
bool mysql_sees_others(struct mysql *m, struct mysql_node *n);
/* Works out of its values what has changed since those of before; asked_ms: monotonic. */
void mysql_heard(const struct mysql *m, struct mysql_node *n, int64_t asked_ms);
void mysql_compare(struct mysql *m);
bool mysql_put_node(const struct mysql *m, const struct mysql_node *n, struct row_writer *w);
judge_fn mysql_judge;
says_fn mysql_says;

/* ---- login_find.c, login_row.c: logins that Secrets have. */

/* Appends the Secrets that ExternalSecrets make, a line each: NAMESPACE, SECRET, the keys of host, user
 * and password, which are empty where it has no such, and when it changed last, with tabs between. */
void mysql_find_logins(const struct store *st, struct strbuf *out);
bool secret_login_put(struct row_writer *w, const struct mysql_login *l, const char *server);

void mysql_discover(const struct store *st, struct discovery *d);

#endif
