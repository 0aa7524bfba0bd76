/* Sentinels that watch over Redis masters, as one source asks several of them. For backends/redis
 * alone. Facts: Redis' documentation of Sentinel, src/sentinel.c of 7.0, and what a 7.0.15
 * answered. */
#ifndef BINNACLE_BACKENDS_REDIS_SENTINEL_H
#define BINNACLE_BACKENDS_REDIS_SENTINEL_H

#include "backends/discovery.h"
#include "backends/poll.h"
#include "net/redis.h"

#define SENTINEL_PORT        "26379"
#define SENTINEL_NAME_MAX    128
#define SENTINEL_ADDRESS_MAX 280
#define SENTINEL_WORDS_MAX   400

/* What one sentinel says of one master; texts are cut where they are too long. */
struct sentinel_view {
    size_t node; /* whose it is */
    char master[SENTINEL_NAME_MAX];
    char address[SENTINEL_ADDRESS_MAX];     /* "10.0.0.1:6379" */
    char flags[SENTINEL_WORDS_MAX];         /* "s_down,o_down,master" */
    char quorum_says[SENTINEL_WORDS_MAX];   /* of CKQUORUM; "": it could not be asked */
    char replicas_down[SENTINEL_WORDS_MAX]; /* a list of addresses */
    char others[SENTINEL_ADDRESS_MAX];      /* whom most others take for the master, where that is
                                             another; "" */
    bool has_quorum;
    int64_t quorum, sentinels, replicas, epoch, down_ms; /* -1: not said */
};

/* A row of it: of the source's name, the sentinel's (node), where that is known its pod. error:
 * NULL, or why it does not answer; of the view nothing but the master's name counts then. */
struct sentinel_row {
    const char *source, *node;
    struct span pod; /* "NAMESPACE/NAME"; empty: none */
    const struct sentinel_view *view;
    const char *error;
    int64_t now_ms;
};

bool sentinel_put(struct row_writer *w, const struct sentinel_row *r);
/* Fills `others` of views that do not agree. Pure. */
void sentinel_compare(struct sentinel_view *views, size_t count);
/* Reads one of SENTINEL MASTERS' answers. False: it is none. */
bool sentinel_read(const struct redis_reply *reply, struct sentinel_view *out);
/* The value behind a name in a reply of names and values; empty: there is none. */
struct span sentinel_field(const struct redis_reply *reply, const char *name);

extern const struct kind kind_redis_sentinel;
/* "password=secret:NS/FULLNAME/redis-password" where the cluster has that Secret; name: FULLNAME and an
 * end, as of its StatefulSet. False: it has not. */
bool redis_password_of(const struct store *st, struct span ns, struct span name, const char *end,
                       char *out, size_t size);
void sentinel_discover(const struct store *st, struct discovery *d);

#endif
