/* What the files of the kubelet source share. Facts: kubelet/pkg/apis/stats/v1alpha1/types.go. */
#ifndef BINNACLE_BACKENDS_KUBELET_KUBELET_H
#define BINNACLE_BACKENDS_KUBELET_KUBELET_H

#include "backends/backend.h"
#include "model/store.h"

#define KUBELET_DISKS_MAX 1000 /* of one node */

enum kubelet_of { KUBELET_NODE, KUBELET_IMAGES, KUBELET_VOLUME };

/* A file system as a kubelet sees it; -1: it does not say. */
struct kubelet_disk {
    enum kubelet_of of;
    char *ns, *claim, *pod; /* owned; of a volume, else NULL */
    int64_t size, used, free;
    int64_t inodes, inodes_used, inodes_free;
};

struct kubelet_node {
    char *name; /* owned */
    struct kubelet_disk *disks;
    size_t count;
    int64_t asked_ms; /* by the clock that only goes on; INT64_MIN: not yet */
    int64_t read_ms;  /* wall: when it answered last; TIME_NONE: never */
    bool kept;        /* while targets are taken */
};

/* Takes a kubelet's summary in place of what was known of the node. False: ERR_PROTO, ERR_NOMEM. */
bool kubelet_take(struct kubelet_node *node, struct span summary, struct err *err) BN_MUST_USE;
void kubelet_forget(struct kubelet_node *node); /* its disks */

extern const struct kind kind_filesystem;
/* As row_end(). */
bool kubelet_put(const struct kubelet_node *node, const struct kubelet_disk *disk,
                 struct row_writer *w) BN_MUST_USE;

#endif
