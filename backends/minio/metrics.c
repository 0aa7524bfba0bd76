/* Metrics of a MinIO, of version 2 and of version 3. */
#include <config.h>

#include "net/metrics.h"

#include "backends/minio/minio.h"
#include "net/plain.h"

#include <stddef.h>

/* How samples of one name become one number. */
enum taking {
    LAST,
    SUM,  /* of all sets and pools */
    MOST, /* of the set that wants most */
};

static const struct {
    const char *name;
    size_t at; /* in struct minio_answer */
    enum taking taking;
} figures[] = {
    {"minio_cluster_drive_total", offsetof(struct minio_answer, drives), LAST},
    {"minio_cluster_health_erasure_set_online_drives", offsetof(struct minio_answer, online), SUM},
    {"minio_cluster_health_erasure_set_healing_drives", offsetof(struct minio_answer, healing),
     SUM},
    {"minio_cluster_health_erasure_set_write_quorum", offsetof(struct minio_answer, write_quorum),
     MOST},
    {"minio_cluster_health_erasure_set_read_quorum", offsetof(struct minio_answer, read_quorum),
     MOST},
    {"minio_cluster_nodes_online_total", offsetof(struct minio_answer, nodes_online), LAST},
    {"minio_cluster_nodes_offline_total", offsetof(struct minio_answer, nodes_offline), LAST},
    {"minio_cluster_capacity_usable_total_bytes", offsetof(struct minio_answer, capacity), LAST},
    {"minio_cluster_capacity_usable_free_bytes", offsetof(struct minio_answer, available), LAST},
    {"minio_cluster_capacity_raw_total_bytes", offsetof(struct minio_answer, raw_capacity), LAST},
    {"minio_cluster_capacity_raw_free_bytes", offsetof(struct minio_answer, raw_available), LAST},
    {"minio_cluster_usage_total_bytes", offsetof(struct minio_answer, used), LAST},
    {"minio_cluster_usage_object_total", offsetof(struct minio_answer, objects), LAST},
    {"minio_heal_objects_errors_total", offsetof(struct minio_answer, heal_errors), SUM},
    /* Version 3: /cluster/health, /cluster/erasure-set. */
    {"minio_cluster_health_drives_count", offsetof(struct minio_answer, drives), LAST},
    {"minio_cluster_erasure_set_online_drives_count", offsetof(struct minio_answer, online), SUM},
    {"minio_cluster_erasure_set_healing_drives_count", offsetof(struct minio_answer, healing), SUM},
    {"minio_cluster_erasure_set_write_quorum", offsetof(struct minio_answer, write_quorum), MOST},
    {"minio_cluster_erasure_set_read_quorum", offsetof(struct minio_answer, read_quorum), MOST},
    {"minio_cluster_health_nodes_online_count", offsetof(struct minio_answer, nodes_online), LAST},
    {"minio_cluster_health_nodes_offline_count", offsetof(struct minio_answer, nodes_offline),
     LAST},
    {"minio_cluster_health_capacity_usable_total_bytes", offsetof(struct minio_answer, capacity),
     LAST},
    {"minio_cluster_health_capacity_usable_free_bytes", offsetof(struct minio_answer, available),
     LAST},
    {"minio_cluster_health_capacity_raw_total_bytes", offsetof(struct minio_answer, raw_capacity),
     LAST},
    {"minio_cluster_health_capacity_raw_free_bytes", offsetof(struct minio_answer, raw_available),
     LAST},
};

#define MOST_BYTES 9e15 /* what is larger is no number of bytes, drives or objects */

static void take(double *to, double value, enum taking taking)
{
    if (taking == SUM && *to >= 0)
        value += *to;
    if (value <= MOST_BYTES && !(taking == MOST && *to > value))
        *to = value;
}

void minio_read_metrics(struct span text, struct minio_answer *a)
{
    struct metric m;
    while (metric_next(&text, &m)) {
        if (span_is(m.name, "minio_software_version_info"))
            (void)plain_text(metric_label(&m, "version"), a->version, sizeof(a->version));
        for (size_t i = 0; m.value >= 0 && i < BN_COUNT(figures); i++)
            if (span_is(m.name, figures[i].name))
                take((double *)(void *)((char *)a + figures[i].at), m.value, figures[i].taking);
    }
}

/* ---- Buckets. */

static const struct {
    const char *name;
    size_t at; /* in struct minio_bucket */
} of_buckets[] = {
    {"minio_bucket_usage_total_bytes", offsetof(struct minio_bucket, bytes)},
    {"minio_bucket_usage_object_total", offsetof(struct minio_bucket, objects)},
    {"minio_bucket_quota_total_bytes", offsetof(struct minio_bucket, quota)},
    {"minio_cluster_usage_buckets_total_bytes", offsetof(struct minio_bucket, bytes)},
    {"minio_cluster_usage_buckets_objects_count", offsetof(struct minio_bucket, objects)},
    {"minio_cluster_usage_buckets_quota_total_bytes", offsetof(struct minio_bucket, quota)},
};

/* Samples of a name come one behind the other, in the same order: the next one is looked at first. */
static struct minio_bucket *bucket_at(struct minio_bucket *buckets, size_t *count, size_t *next,
                                      struct span name)
{
    if (*next < *count && span_eq(buckets[*next].name, name))
        return &buckets[(*next)++];
    for (size_t i = 0; i < *count; i++)
        if (span_eq(buckets[i].name, name)) {
            *next = i + 1;
            return &buckets[i];
        }
    if (*count == MINIO_BUCKETS_MAX)
        return NULL;
    buckets[*count] = (struct minio_bucket){.name = name, .bytes = -1, .objects = -1, .quota = -1};
    *next = *count + 1;
    return &buckets[(*count)++];
}

size_t minio_read_buckets(struct span text, struct minio_bucket buckets[MINIO_BUCKETS_MAX])
{
    struct metric m;
    size_t count = 0, next = 0;
    while (metric_next(&text, &m))
        for (size_t i = 0; i < BN_COUNT(of_buckets); i++) {
            const struct span name = metric_label(&m, "bucket");
            if (!name.len || !(m.value >= 0) || m.value > MOST_BYTES ||
                !span_is(m.name, of_buckets[i].name))
                continue;
            struct minio_bucket *b = bucket_at(buckets, &count, &next, name);
            if (b)
                *(double *)(void *)((char *)b + of_buckets[i].at) = m.value;
        }
    return count;
}
