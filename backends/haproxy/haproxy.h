/* HAProxies before databases: what each of them makes of each server. */
#ifndef BINNACLE_BACKENDS_HAPROXY_HAPROXY_H
#define BINNACLE_BACKENDS_HAPROXY_HAPROXY_H

#include "backends/access.h"
#include "backends/poll.h"

#define HAPROXY_SERVERS_MAX 1024

/* A server of a backend section, as one HAProxy has it. All borrowed from its answer. */
struct haproxy_server {
    struct span proxy, name;
    struct span status, check;             /* "UP", "DOWN", "MAINT", ...; "PROCOK", "L4CON", ... */
    struct span role;                      /* "active", "backup"; "" where it does not say */
    int64_t sessions, failures, changed_s; /* -1: it does not say */
};

struct haproxy_answer {
    struct haproxy_server servers[HAPROXY_SERVERS_MAX];
    size_t count;
};

/* Reads /metrics, or statistics as CSV. False: ERR_PROTO, it is neither. */
bool haproxy_read(struct span body, struct haproxy_answer *out, struct err *err);

/* What an HAProxy has answered, among others before the same servers. */
struct haproxy_view {
    struct span pod; /* borrowed */
    const struct haproxy_answer *answer;
};

/* A row for each server as one of them sees it, and what the others make of it where that is
 * otherwise. */
bool haproxy_put(const struct haproxy_view *all, size_t count, size_t which, int64_t now_ms,
                 struct row_writer *w);

extern const struct kind kind_haproxy_server;

void haproxy_discover(const struct store *st, struct discovery *d);

#endif
