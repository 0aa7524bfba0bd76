/* What the files of AWS share. */
#ifndef BINNACLE_HARBOR_AWS_IMPL_H
#define BINNACLE_HARBOR_AWS_IMPL_H

#include "harbor/aws.h"

#include <cjson/cJSON.h>

enum zones { ZONES_WELL, ZONES_DENIED, ZONES_THROTTLED };

struct s3_object {
    char *key, *modified; /* owned */
    int64_t bytes;
};

struct aws {
    cJSON *zone; /* owned; HostedZone and ResourceRecordSets, as AWS's JSON has them */
    enum zones zones;
    cJSON *listing;            /* owned; the bucket as it was first */
    char *bucket;              /* owned */
    char region[32];           /* where it is */
    struct s3_object *objects; /* owned; by key, but for binary logs, which come by themselves */
    size_t count;
    bool denied, idle, cut; /* idle or cut: binary logs come no more, */
    int64_t idle_ms;        /* since when */
    bool purged;            /* binary logs of before then were deleted: */
    int64_t purged_ms;
};

/* A whole answer; more: further header lines, or "". */
void aws_send(int status, const char *more, struct span body, struct strbuf *out);
void aws_escape(struct span text, struct strbuf *out);
bool aws_is_signed(struct span head, bool with_body_hash);
bool aws_is_scoped(struct span head, const char *region, const char *service);

/* ---- The bucket: aws_bucket.c. */

/* As it was first. */
void bucket_load(struct aws *a);
void bucket_clear(struct aws *a);
void bucket_answer(const struct aws *a, struct span host, struct span head, struct span query,
                   int64_t now_ms, struct strbuf *out);
bool bucket_set(struct aws *a, struct span what, struct span words, int64_t now_ms);

#endif
