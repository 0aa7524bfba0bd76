/* The kinds of the S3 source, and what of them other files write. */
#ifndef BINNACLE_BACKENDS_S3_S3_H
#define BINNACLE_BACKENDS_S3_S3_H

#include "backends/s3/scan.h"
#include "model/system.h"

extern const struct kind kind_s3_bucket, kind_s3_backup;

/* What of a bucket's row no listing tells. */
struct s3_about {
    const struct s3_place *place;
    const char *region;
    int64_t every_ms;      /* time between uploads of binary logs; 0: none are expected */
    const char *collector; /* the row of what uploads them; NULL: not known */
    int64_t listed_ms;     /* wall time when the listing was begun */
};

bool s3_bucket_row(struct row_writer *w, const struct s3_about *about, const struct s3_scan *scan);
bool s3_backup_row(struct row_writer *w, const struct s3_about *about, const struct s3_scan *scan,
                   const struct s3_backup *b);
/* "last full 7h ago, 41.2G, verified; 14 kept" */
void s3_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

/* What is known of where a backup should lie. */
enum s3_presence {
    S3_UNKNOWN, /* no source lists its bucket, or not to the end */
    S3_HERE,    /* *found: the row */
    S3_MISSING, /* its bucket was listed since, and it is not there */
};

/* destination: "s3://bucket/prefix/NAME-full", as the backup's object has it; endpoint: of its server,
 * "" is AWS; since_ms: wall time when it was whole. */
enum s3_presence s3_find(const struct store *st, struct span destination, struct span endpoint,
                         int64_t since_ms, struct handle *found);
/* The row of a bucket, or of a backup by its destination. Where servers have buckets of one name the
 * endpoint tells which is meant; else it may be written in another way. False: nobody has listed it. */
bool s3_stored(const struct store *st, const char *kind, struct span key, struct span endpoint,
               struct handle *found);
/* Storages of several servers have a bucket that is called so. */
bool s3_is_of_several(const struct store *st, struct span bucket);
/* "minio.files" of "http://minio.files.svc:9000": the host, of a service its name and namespace; "" of
 * AWS, in any region. */
struct span s3_server_of(struct span endpoint);
/* "bucket/prefix" of it: the key of its bucket's row; empty: it is none of S3. */
struct span s3_bucket_of(struct span destination);

struct discovery;
/* Fills the backend's slot. */
void s3_discover(const struct store *st, struct discovery *d);

#endif
