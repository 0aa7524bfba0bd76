/* The columns and rules of a MySQL node, for the files that fill and judge them. */
#ifndef BINNACLE_BACKENDS_MYSQL_NODE_KIND_H
#define BINNACLE_BACKENDS_MYSQL_NODE_KIND_H

#include "backends/mysql/mysql.h"

enum node_column {
    NODE_NAME,
    NODE_STATE,
    NODE_STATUS,
    NODE_SIZE,
    NODE_BEHIND,
    NODE_RECV,
    NODE_SEND,
    NODE_PAUSED,
    NODE_FC_SENT,
    NODE_RUNNING,
    NODE_CONNECTED,
    NODE_CONNECTIONS,
    NODE_QUERIES,
    NODE_SLOW,
    NODE_TRX_AGE,
    NODE_HIT,
    NODE_HISTORY,
    NODE_GCACHE,
    NODE_READ_ONLY,
    NODE_UPTIME,
    NODE_VERSION,
    NODE_CONF,
    NODE_COMMITTED,
    NODE_CHECK,
    NODE_CERT_FAILURES,
    NODE_BF_ABORTS,
    NODE_LATENCY,
    NODE_LOCK_WAITS,
    NODE_REPLICA_LAG,
    NODE_FOR,
    /* hidden */
    NODE_INPUTS,
    NODE_UUID,
    NODE_READY,
    NODE_GROUP,
    NODE_RECV_STEADY,
    NODE_SEND_STEADY,
    NODE_RECV_AVG,
    NODE_SEND_AVG,
    NODE_RECV_LIMIT,
    NODE_BRAKES,
    NODE_COMMITS,
    NODE_GCACHE_SETS,
    NODE_GCACHE_SIZE,
    NODE_MAINTENANCE,
    NODE_REJECTS,
    NODE_CLUSTER,
    NODE_MAX_CONNECTIONS,
    NODE_POOL,
    NODE_TRX_QUERY,
    NODE_REPLICA_IO,
    NODE_REPLICA_SQL,
    NODE_REPLICA_ERROR,
    NODE_EXPECTED,
    NODE_ANSWERING,
    NODE_DONOR,
    NODE_DIFFERS,
    NODE_CERT_ENDS,
    NODE_ERROR,
    NODE_ERROR_KIND,
    NODE_STARTED,
    NODE_SINCE,
    NODE_CONF_SINCE,
    NODE_COLUMNS
};

enum node_rule {
    RULE_ALL_DOWN,
    RULE_DOWN,
    RULE_UNKNOWN,
    RULE_NON_PRIMARY,
    RULE_UUID,
    RULE_SPLIT,
    RULE_NOT_READY,
    RULE_REJECTS,
    RULE_FULL,
    RULE_PAUSED,
    RULE_QUEUE,
    RULE_CONNECTIONS,
    RULE_BRAKE,
    RULE_PARTIAL,
    RULE_JOINING_LONG,
    RULE_DONOR_LONG,
    RULE_REPLICA,
    RULE_SEND_QUEUE,
    RULE_BEHIND,
    RULE_TRX,
    RULE_CONFLICTS,
    RULE_LATENCY,
    RULE_CERT_ENDS,
    RULE_CERT_OLD,
    RULE_DONOR,
    RULE_JOINING,
    RULE_MAINTENANCE,
    RULE_GCACHE,
    RULE_READ_ONLY,
    NODE_RULES
};

extern const struct rule mysql_node_rules[NODE_RULES];

/* node_cert.c: RULE_CERT_ENDS, RULE_CERT_OLD. */
struct verdict mysql_judge_certificate(const struct store *st, struct handle row, int64_t now_ms);
void mysql_say_certificate(const struct store *st, struct handle row, enum node_rule rule,
                           int64_t now_ms, struct strbuf *out);

#endif
