/* What a kubelet's summary says of file systems: those of the node and those of claims. */
#include <config.h>

#include "backends/kubelet/kubelet.h"
#include "base/alloc.h"
#include "net/json_doc.h"

#include <stdlib.h>
#include <string.h>

static int64_t amount(const struct json_node *fs, const char *member)
{
    int64_t n;
    return json_node_int(json_node_get(fs, member), &n) && n >= 0 ? n : -1;
}

/* NULL: there is no room for more, or it says nothing. */
static struct kubelet_disk *add(struct kubelet_node *node, enum kubelet_of of,
                                const struct json_node *fs)
{
    int64_t size = amount(fs, "capacityBytes");
    if (size <= 0 || node->count == KUBELET_DISKS_MAX)
        return NULL;
    node->disks = xalloc_resize(node->disks, node->count + 1, sizeof(*node->disks));
    struct kubelet_disk *d = &node->disks[node->count++];
    *d = (struct kubelet_disk){.of = of,
                               .size = size,
                               .used = amount(fs, "usedBytes"),
                               .free = amount(fs, "availableBytes"),
                               .inodes = amount(fs, "inodes"),
                               .inodes_used = amount(fs, "inodesUsed"),
                               .inodes_free = amount(fs, "inodesFree")};
    return d;
}

static bool knows_claim(const struct kubelet_node *node, const char *ns, const char *claim)
{
    for (size_t i = 0; i < node->count; i++)
        if (node->disks[i].of == KUBELET_VOLUME && strcmp(node->disks[i].ns, ns) == 0 &&
            strcmp(node->disks[i].claim, claim) == 0)
            return true;
    return false;
}

/* A claim that several pods of the node mount is one file system. */
static void add_volumes(struct kubelet_node *node, const struct json_node *pod)
{
    const struct json_node *v = json_node_first(json_node_get(pod, "volume"));
    for (; v; v = json_node_next(v)) {
        const char *ns = json_node_path_text(v, "pvcRef.namespace", NULL),
                   *claim = json_node_path_text(v, "pvcRef.name", NULL);
        if (!ns || !claim || knows_claim(node, ns, claim))
            continue;
        struct kubelet_disk *d = add(node, KUBELET_VOLUME, v);
        if (!d)
            continue;
        d->ns = xalloc_text(ns);
        d->claim = xalloc_text(claim);
        d->pod = xalloc_text(json_node_path_text(pod, "podRef.name", ""));
    }
}

void kubelet_forget(struct kubelet_node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        free(node->disks[i].ns);
        free(node->disks[i].claim);
        free(node->disks[i].pod);
    }
    free(node->disks);
    node->disks = NULL;
    node->count = 0;
}

/* Images stand on the node's own file system where nothing else is said. */
static void add_images(struct kubelet_node *node, const struct json_node *root)
{
    const struct json_node *images = json_node_path(root, "node.runtime.imageFs");
    const struct kubelet_disk *own = node->count ? &node->disks[0] : NULL;
    if (!own || own->size != amount(images, "capacityBytes") ||
        own->inodes != amount(images, "inodes"))
        (void)add(node, KUBELET_IMAGES, images);
}

bool kubelet_take(struct kubelet_node *node, struct span summary, struct err *err)
{
    struct json_doc *doc = json_doc_parse(summary, "the kubelet's summary", err);
    const struct json_node *root = json_doc_root(doc);
    const struct json_node *pod = json_node_first(json_node_get(root, "pods"));
    if (!doc)
        return false;
    bool ok = json_node_get(root, "node") != NULL;
    if (ok) {
        kubelet_forget(node);
        (void)add(node, KUBELET_NODE, json_node_path(root, "node.fs"));
        add_images(node, root);
        for (; pod; pod = json_node_next(pod))
            add_volumes(node, pod);
    }
    json_doc_free(doc);
    return ok ||
           err_set(err, ERR_PROTO, "node %s: what its kubelet answers is no summary", node->name);
}
