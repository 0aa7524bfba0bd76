/* What the files of the source of collectors of binary logs share, and what others ask of their rows.
 * Facts: percona-xtradb-cluster-operator cmd/pitr/collector/collector.go, since 1.15. */
#ifndef BINNACLE_BACKENDS_BINLOGS_BINLOGS_H
#define BINNACLE_BACKENDS_BINLOGS_BINLOGS_H

#include "backends/backend.h"
#include "model/store.h"

/* Its figures; -1: it does not have it. Counts begin with its process. */
struct binlogs_figures {
    int64_t started_ms;   /* wall, as all times here */
    int64_t processed_ms; /* when all that the servers had was in the bucket; -1 too: not yet */
    int64_t uploaded_ms;  /* its last upload; -1 too: there was none yet */
    int64_t successes, failures, uploads, gaps;
};

/* From its /metrics. False: ERR_PROTO, these are not such a collector's. */
bool binlogs_read(struct span text, struct binlogs_figures *out, struct err *err);

/* What is known beside its figures. */
struct binlogs_told {
    const char *name; /* of the database cluster, "ns/name" */
    int64_t every_ms; /* between uploads */
    int64_t read_ms;
    int64_t
        failed_ms;  /* when a failure was seen that no success has followed; TIME_NONE: none is */
    int64_t gap_ms; /* when a gap was last seen to be found; TIME_NONE: none was */
};

extern const struct kind kind_binlog_collector;
/* As row_end(). */
bool binlogs_put(const struct binlogs_told *told, const struct binlogs_figures *f,
                 struct row_writer *w) BN_MUST_USE;

/* How long a look through the binary logs may be ago. */
static inline int64_t binlogs_limit(int64_t every_ms)
{
    return 2 * every_ms + 60000;
}

/* The collector that a row leads to by LINK_FILLED; false: nothing is known of one. */
bool binlogs_of(const struct store *st, struct handle row, struct handle *collector);
/* One of its times by its column, "processed-at", "uploaded-at", "gap-at"; TIME_NONE: none. */
int64_t binlogs_time(const struct store *st, struct handle collector, const char *column);

#endif
