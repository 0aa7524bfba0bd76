/* A kube kind: a kind of rows, where the API serves it, and how an object
 * becomes a row. One file each; the registry is list.h. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_KUBE_KIND_H
#define BINNACLE_BACKENDS_KUBERNETES_KUBE_KIND_H

#include "backends/backend.h"
#include "backends/kubernetes/object.h"
#include "backends/verdict.h"
#include "net/kube.h"

#define KUBE_RESOURCES_MAX 3
#define KUBE_WATCHED_MAX   4 /* kinds that are read from the same objects */

struct kube_kind {
    const struct kind *kind;
    /* NULL, or the kind whose objects it is read from: they are asked for once, and
     * resources and types are that one's. Its keys are "ns/name" and "ns/name/part". */
    const struct kube_kind *from;
    struct kube_resource resources[KUBE_RESOURCES_MAX]; /* plural NULL ends */
    /* NULL, or the version before with the same fields, for who does not serve that */
    const char *older;
    const char *types[KUBE_RESOURCES_MAX]; /* what the API calls one of each: "Deployment" */
    bool metadata_only;   /* lists and watches give metadata: parse sees a PartialObjectMetadata */
    bool secret;          /* so do documents: no value of a Secret ever comes here */
    bool leads_elsewhere; /* what a row is judged by may stand in another namespace */
    /* Of what parse writes: its keeper's name (keeper.h); NULL: none is known. */
    const char *kept_by;
    /* Writes the cells and links of an object (row_begin and row_end are done
     * around it). which: index of its resource. */
    void (*parse)(struct kube_object *o, struct row_writer *w, size_t which);
    /* Instead of parse, where from is set: writes any number of rows of an object, each
     * from object_row() to row_end(). False: one was too large. */
    bool (*rows)(struct kube_object *o, struct row_writer *w);
};

/* All of them; NULL ends. */
extern const struct kube_kind *const kube_kinds[];
/* As backend's kinds want them, same order. */
extern const struct kind *const kube_kind_schemas[];
extern const struct system kube_systems[];

/* Writes the rows of an object; o->now_ms is set. False: one was too large. */
bool kube_write(const struct kube_kind *k, struct kube_object *o, struct row_writer *w,
                size_t which) BN_MUST_USE;
/* The key of a row: "ns/name", and "ns/Type/name" where a kind has several
 * resources. */
struct span kube_row_key(const struct kube_kind *k, struct kube_object *o, size_t which);
/* The key of an object of a kind that another one names, in its arena. */
struct span kube_key(struct kube_object *o, const struct kube_kind *k, size_t which, struct span ns,
                     struct span name);
/* The kind of what the API calls type, "Deployment" of group "apps"; NULL: none of ours.
 * The group tells namesakes apart (Knative has a Service too); group.data NULL: of any. */
const struct kube_kind *kube_kind_named(struct span type, struct span group, size_t *which);
/* Key of its controller's row and that one's kind's name; NULL: no kind of ours. */
const char *kube_owner(struct kube_object *o, struct span *key);
/* What a row's key says: resource by type, namespace and name. False: not a key of k. */
bool kube_key_parts(const struct kube_kind *k, struct span key, size_t *which, struct span *ns,
                    struct span *name);

/* Columns that every kind has. Hidden ones come last. */
#define COLUMN_NAMESPACE_TEXT "namespace", "NAMESPACE", "The namespace."
#define COLUMN_NAME_TEXT      "name", "NAME", "The name."
#define COLUMN_AGE_TEXT       "age", "AGE", "Time since it was created."
#define COLUMN_CREATED_TEXT   "created", "CREATED", "When it was created."
#define COLUMN_LABELS_TEXT    "labels", "LABELS", "All labels, key=value, joined by commas."
#define COLUMN_UID_TEXT       "uid", "UID", "The object's uid."
#define COLUMN_UID_FLAGS      (COLUMN_HIDDEN | COLUMN_ALONE)

/* Progress by a rule for as long as it is not older than most; then another verdict. */
static inline struct verdict verdict_within(int64_t since_ms, int64_t most_ms, uint16_t rule,
                                            struct verdict then, int64_t now_ms)
{
    if (since_ms != TIME_NONE && now_ms - since_ms <= most_ms)
        return verdict_until(LEVEL_PROGRESS, rule, since_ms + most_ms + 1);
    return then;
}

/* A share, 0 where nothing is known. */
static inline double kube_share(const struct store *st, struct handle row, size_t column)
{
    struct value v = store_cell(st, row, column, 0);
    return v.type == VALUE_RATIO ? v.real : 0;
}

/* Appends "8/9" style counts and the like for systems' sentences. */
size_t kube_count_bad(const struct store *st, const char *kind);
/* Index of a kind in the store, or -1; and its rows. */
size_t kube_count(const struct store *st, const char *kind);

#endif
