/* A Redis server as its source's thread sees it. For backends/redis alone. Facts: Redis' INFO
 * command's documentation, src/server.c of 7.4, and what a 7.0.15 answered. */
#ifndef BINNACLE_BACKENDS_REDIS_REDIS_H
#define BINNACLE_BACKENDS_REDIS_REDIS_H

#include "backends/access.h"
#include "backends/poll.h"
#include "net/redis.h"

#define REDIS_DEADLINE_MS 5000  /* of a command */
#define REDIS_STATUS_MS   10000 /* between two looks */

/* Counters whose growth counts, in the order of redis_counters[] in server.c. */
enum redis_counter {
    COUNT_EVICTED,
    COUNT_REJECTED,
    COUNT_HITS,
    COUNT_MISSES,
    COUNT_OOM,
    COUNT_MISCONF,
    COUNT_NOREPLICAS,
    COUNTERS
};

/* What CONFIG GET save says: never, or sometimes; it may be denied. */
enum redis_save { SAVE_UNASKED, SAVE_UNKNOWN, SAVE_NEVER, SAVE_SOMETIMES };

/* What its own latency monitor says, asked now and then; latency.c. */
struct redis_latency {
    int64_t threshold_ms;   /* from how long on an event is noted; 0: none is; -1: not known */
    bool denied;            /* its events may not be asked for */
    struct strbuf events;   /* a LIST: "command 203ms, 2026-02-13T09:12:44Z, most 540ms" */
    int64_t last_ms, at_ms; /* of the event that came last; TIME_NONE: there is none */
    int64_t most_ms;        /* of all that it knows */
    int64_t threshold_due_ms, events_due_ms; /* monotonic: asked for again */
};

struct redis_source {
    struct backend_ctx *ctx; /* during run() */
    struct redis *redis;     /* during run() */
    struct strbuf how;       /* how it was reached */
    enum redis_save save;
    int64_t save_due_ms;          /* monotonic: asked for again */
    struct redis_latency latency; /* during run() */
    struct poll_rate counters[COUNTERS];
    char run_id[48];             /* of the server as it was last seen; "": not yet */
    int64_t had_keys, lost_keys; /* as it last had some; those that went with its last start */
};

/* Columns of kind_redis; server.c writes them, judge.c reads them. */
enum {
    SERVER_NAME,
    SERVER_ROLE,
    SERVER_STATE,
    SERVER_REPLICATION,
    SERVER_LAG,
    SERVER_BEHIND,
    SERVER_MEMORY,
    SERVER_MAX,
    SERVER_FULL,
    SERVER_POLICY,
    SERVER_EVICTED,
    SERVER_HITS,
    SERVER_OPS,
    SERVER_CLIENTS,
    SERVER_BLOCKED,
    SERVER_REFUSED,
    SERVER_KEEPS,
    SERVER_SAVED,
    SERVER_LATENCY,
    SERVER_MONITOR,
    SERVER_SPIKE,
    SERVER_SPIKE_MOST,
    SERVER_SPIKE_AT,
    SERVER_EVENTS,
    SERVER_RELEASE,
    SERVER_UP,
    SERVER_KEYS,
    SERVER_CLIENTS_MAX,
    SERVER_RSS,
    SERVER_FRAGMENTATION,
    SERVER_FRAGMENTED,
    SERVER_REPLICA_LIST,
    SERVER_REPLICAS,
    SERVER_WANTED,
    SERVER_MASTER,
    SERVER_LINK_DOWN,
    SERVER_LINK_BROKE,
    SERVER_SYNCING,
    SERVER_BACKLOG,
    SERVER_CHANGES,
    SERVER_RDB_STATUS,
    SERVER_AOF_STATUS,
    SERVER_REWRITE_STATUS,
    SERVER_LOADING,
    SERVER_ERRORS,
    SERVER_FAILING,
    SERVER_SLOW,
    SERVER_FORK,
    SERVER_WAY,
    SERVER_STARTED,
    SERVER_FARTHEST,
    SERVER_OFFSET,
    SERVER_LIMIT,
    SERVER_OF_LIMIT,
    SERVER_LOST
};

/* Of kind_redis; judge.c. */
enum {
    RULE_BUSY,
    RULE_LINK_DOWN,
    RULE_LINK_BROKE,
    RULE_NO_REPLICA,
    RULE_NOT_SAVED,
    RULE_EMPTIED,
    RULE_FULL,
    RULE_NO_WRITES,
    RULE_CLIENTS,
    RULE_REPLICA_GONE,
    RULE_REPLICA_SILENT,
    RULE_MASTER_SILENT,
    RULE_BEHIND,
    RULE_FILLING,
    RULE_NEAR_LIMIT,
    RULE_EVICTING,
    RULE_REWRITE,
    RULE_SWAPPING,
    RULE_LOADING_LONG,
    RULE_LOADING,
    RULE_SYNCING,
    RULE_FRAGMENTED,
    RULE_FORK,
    REDIS_RULES
};

extern const struct kind kind_redis, kind_redis_db, kind_redis_slow, kind_redis_client;

/* The parts of a poll. */
bool redis_ask_status(void *self, struct poll *p, struct err *err);
bool redis_ask_slow(void *self, struct poll *p, struct err *err);
bool redis_ask_clients(void *self, struct poll *p, struct err *err);

/* A command of this source, with its deadline. */
bool redis_command(struct redis_source *s, const char *const *words,
                   const struct redis_reply **reply, struct err *err) BN_MUST_USE;
/* The server itself has refused: the connection is well. */
bool redis_refused(const struct err *err);
/* latency.c: asks what is due. False: the connection has failed. */
bool redis_ask_latency(struct redis_source *s, struct err *err) BN_MUST_USE;
void redis_put_latency(const struct redis_latency *l, struct row_writer *w);
/* db.c: the lines "db0:keys=..." of INFO as rows; the sum of the keys. */
bool redis_put_databases(struct redis_source *s, struct poll *p, struct span info, int64_t *keys);

struct verdict redis_judge(const struct store *st, struct handle row, int64_t now_ms);
void redis_sentence(const struct store *st, struct handle row, const struct verdict *v,
                    int64_t now_ms, struct strbuf *out);
extern const struct rule redis_rules[REDIS_RULES];

/* replicas.c: how far a replica is behind, by what masters say of it, a master's last one; the memory
 * at which its pod is killed, and how much of that it takes. */
struct value redis_derive(const struct store *st, struct handle row, size_t column);
/* Appends "; not NAME, ..." for replicas that name this master, and that it does not list. */
void redis_add_missing(const struct store *st, struct handle master, struct strbuf *out);

void redis_discover(const struct store *st, struct discovery *d);
void redis_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
