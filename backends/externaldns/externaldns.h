/* What the files of the external-dns source share. Facts: external-dns controller/controller.go,
 * pkg/apis/externaldns/types.go. */
#ifndef BINNACLE_BACKENDS_EXTERNALDNS_EXTERNALDNS_H
#define BINNACLE_BACKENDS_EXTERNALDNS_EXTERNALDNS_H

#include "backends/backend.h"
#include "model/store.h"

/* Its figures; -1: it does not have it. */
struct externaldns_figures {
    int64_t started_ms; /* wall, as all times here */
    int64_t sync_ms;    /* its last success; -1 too: there was none yet */
    int64_t tried_ms;   /* its last attempt; since 0.14 */
    int64_t source_errors, registry_errors;
    int64_t source_endpoints, registry_endpoints;
};

/* From its /metrics. False: ERR_PROTO, these are not external-dns's. */
bool externaldns_read(struct span text, struct externaldns_figures *out, struct err *err);

/* What it was told, and how its errors grew; texts may be NULL. */
struct externaldns_told {
    const char *name, *workload, *policy, *owner, *filters, *sources, *registry;
    bool dry;
    int64_t read_ms; /* wall: when its figures were */
    int64_t every_ms;
    int64_t source_rose_ms, registry_rose_ms; /* when a count was last seen to have grown;
                                                 TIME_NONE: not yet */
};

extern const struct kind kind_external_dns;
/* f NULL: its figures are not reached. As row_end(). */
bool externaldns_put(const struct externaldns_told *told, const struct externaldns_figures *f,
                     struct row_writer *w) BN_MUST_USE;

#endif
