/* Kubelets, as far as their summary goes [kubelet/pkg/apis/stats/v1alpha1/types.go]: the file systems
 * of a node and of the claims that its pods mount. Each is as full as its name makes it, some 20 to
 * 70 %, until a story says otherwise; a node with DiskPressure 93 %. */
#ifndef BINNACLE_HARBOR_KUBELET_H
#define BINNACLE_HARBOR_KUBELET_H

#include "harbor/answer.h"

/* GET /api/v1/nodes/NODE/proxy/stats/summary; path is what stands behind `proxy`. A node that has
 * stopped reporting is not reached. */
void kubelet_answer(struct server *server, struct stream *s, const struct route *r,
                    struct span path);
/* How big a claim is, and how much of it is used, as its kubelet says; false: it has no size. */
bool kubelet_claim(const struct server *server, struct span ns, struct span name, int64_t *size,
                   int64_t *used);
/* How full, of 1, a node's own file system is, as its kubelet says. */
double kubelet_node_full(const struct server *server, const struct object *node);
/* "NAMESPACE CLAIM PERCENT [INODES]", or "- NODE ..." */
bool disk_command(struct server *server, struct span rest, struct strbuf *answer, struct err *err);
void disk_states_free(struct server *server);

#endif
