/* A MinIO as its source's thread sees it: what its health endpoints say to anybody, and its metrics
 * where they may be read. For backends/minio alone. Facts: MinIO's source (cmd/healthcheck-handler.go,
 * cmd/metrics-router.go, docs/metrics/prometheus/list.md), and what one of February 2026 answered
 * (test/data/minio). */
#ifndef BINNACLE_BACKENDS_MINIO_MINIO_H
#define BINNACLE_BACKENDS_MINIO_MINIO_H

#include "backends/http_source.h"
#include "backends/poll.h"

#define MINIO_BUCKETS_MAX 4096

/* What it has said. Texts are "" and numbers below 0 where it has not. */
struct minio_answer {
    char state[32];   /* "ok", "no writes", "no reads", "iam-offline", ..., "no answer" */
    char metrics[16]; /* "readable", "refused", "odd" */
    char why[256];    /* what it said, or the way there, of what is wrong */
    char version[40];
    double write_quorum, read_quorum, healing;
    double drives, online; /* online: by health, which sees a loss before the count does */
    double nodes_online, nodes_offline;
    double capacity, available;         /* bytes of objects that fit, that still fit */
    double raw_capacity, raw_available; /* of all drives, parity with them */
    double used, objects;               /* as its scanner has counted them */
    double heal_errors;
};

struct minio_bucket {
    struct span name; /* in the answer */
    double bytes, objects, quota;
};

struct minio {
    struct backend_ctx *ctx;  /* during run() */
    struct http_source *http; /* during run() */
    bool v3;                  /* it has no metrics of version 2 */
};

extern const struct kind kind_minio_cluster, kind_minio_bucket;

/* The parts of the poll. */
bool minio_ask_cluster(void *self, struct poll *p, struct err *err);
bool minio_ask_buckets(void *self, struct poll *p, struct err *err);

/* Takes samples of the text format; those of no interest are passed over. */
void minio_read_metrics(struct span text, struct minio_answer *a);
size_t minio_read_buckets(struct span text, struct minio_bucket buckets[MINIO_BUCKETS_MAX]);
/* Reads {"Code": ..., "Message": ...}; fits http_explain_fn. */
bool minio_explain(int status, struct span body, struct err *err);

/* Rows. */
bool minio_put_cluster(const struct minio *m, const struct minio_answer *a, struct row_writer *w);
bool minio_put_bucket(const struct minio *m, const struct minio_bucket *b, struct row_writer *w);

struct discovery;
struct store;
void minio_discover(const struct store *st, struct discovery *d);

#endif
