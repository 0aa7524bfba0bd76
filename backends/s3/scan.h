/* What lies in a bucket, as the PXC operator lays it out, gathered from its listings. What was
 * summed up stays known, so that at rest only the top of the bucket is listed.
 * [percona-xtradb-cluster-operator build/backup/run_backup.sh, pkg/pxc/backup/pitr.go,
 * cmd/pitr/collector/collector.go; percona-xtrabackup: xbcloud] */
#ifndef BINNACLE_BACKENDS_S3_SCAN_H
#define BINNACLE_BACKENDS_S3_SCAN_H

#include "net/s3_list.h"

#define S3_BACKUPS_MAX 10000

/* NAME-full/...: a full backup and what lies beside it. */
struct s3_backup {
    char *name;         /* owned; "db-pxc-db-2026-11-22-01:00:12-full" */
    size_t cluster_len; /* of its name, the cluster's: "db-pxc-db" */
    int64_t started_ms; /* as the name says */
    bool here;          /* in the listing at hand: anything of it */
    bool data, gap;     /* objects of it; NAME.pitr-not-ready */
    int64_t md5_ms;     /* when NAME.md5 was written, its last act; TIME_NONE: not */
    /* As its objects were listed. */
    int64_t listed_ms; /* monotonic; TIME_NONE: never */
    bool was_complete; /* then */
    int64_t bytes, objects, modified_ms;
};

/* binlog_TIME_NUMBER_HASH, each with a -gtid-set beside it. */
struct s3_binlogs {
    int64_t count, bytes;
    int64_t oldest_ms; /* of the first event of the oldest, as its name says; TIME_NONE: none */
    int64_t newest_ms; /* when the newest was uploaded */
    char *last;        /* owned; its key; NULL: none */
    int64_t listed_ms; /* all of them, monotonic; TIME_NONE: never */
};

struct s3_scan {               /* all zero is empty */
    struct s3_backup *backups; /* owned; in order of their names */
    size_t count;
    struct s3_binlogs binlogs;
    bool begun;
};

void s3_scan_clear(struct s3_scan *scan);

/* Lists what has to be. now_ms: monotonic. False: a listing failed, and what was found
 * is not whole. */
bool s3_scan_run(struct s3_scan *scan, const struct s3_asker *s, int64_t now_ms, struct err *err);

/* The middle of the sizes of a cluster's other complete backups; -1: fewer than three. */
int64_t s3_scan_median(const struct s3_scan *scan, const struct s3_backup *b);
/* NAME-full taken apart. False: no backup is called so. */
bool s3_backup_name(struct span name, size_t *cluster_len, int64_t *started_ms);

#endif
