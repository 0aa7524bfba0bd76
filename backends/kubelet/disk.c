/* File systems of nodes and of claims: how full they are. The rows of claims and nodes judge it. */
#include <config.h>

#include "backends/cells.h"
#include "backends/kubelet/kubelet.h"

#include <string.h>

enum { NAME, OF, NAMESPACE, NODE, FULL, USED, SIZE, FREE, INODES_FULL, INODES, POD, READ, AGE };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The claim or the node.", VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL,
              NULL},
    [OF] = {"of", "OF",
            "volume: what a claim got; node: the node's own; images: what its images stand on.",
            VALUE_TEXT, 6, 20, 0, NULL, NULL},
    [NAMESPACE] = {"namespace", "NAMESPACE", "The claim's namespace.", VALUE_TEXT, 12, 15, 0, NULL,
                   NULL},
    [NODE] = {"node", "NODE", "The node whose kubelet said it.", VALUE_TEXT, 28, 40, 0, NULL, NULL},
    [FULL] = {"full", "FULL", "Share of it that is not available any more.", VALUE_RATIO, 5, 0,
              COLUMN_RIGHT, NULL, NULL},
    [USED] = {"used", "USED", "Bytes that are used.", VALUE_BYTES, 7, 10, COLUMN_RIGHT, NULL, NULL},
    [SIZE] = {"size", "SIZE", "Its size.", VALUE_BYTES, 7, 12, COLUMN_RIGHT, NULL, NULL},
    [FREE] = {"available", "AVAIL", "Bytes that pods may still write.", VALUE_BYTES, 7, 30,
              COLUMN_RIGHT, NULL, NULL},
    [INODES_FULL] = {"inodes-full", "INODES", "Share of its inodes that is used.", VALUE_RATIO, 6,
                     18, COLUMN_RIGHT, NULL, NULL},
    [INODES] = {"inodes", "INODES-ALL", "Its inodes.", VALUE_COUNT, 9, 60,
                COLUMN_RIGHT | COLUMN_WIDE, NULL, NULL},
    [POD] = {"pod", "POD", "A pod that mounts it there.", VALUE_TEXT, 28, 60, COLUMN_WIDE, NULL,
             NULL},
    [READ] = {"read", "READ-AT", "When its kubelet said so.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
              NULL, NULL},
    [AGE] = {"read-age", "READ", "How long ago its kubelet said so.", VALUE_DURATION, 5, 35,
             COLUMN_RIGHT, "read", NULL},
};

/* What is not available is full: some is kept back from those who write. -1: not known. */
static double share(int64_t all, int64_t left, int64_t used)
{
    if (all <= 0 || (left < 0 && used < 0))
        return -1;
    double full = left >= 0 ? 1 - (double)left / (double)all : (double)used / (double)all;
    return full < 0 ? 0 : full;
}

static void put_share(struct row_writer *w, size_t column, double n)
{
    if (n >= 0)
        row_real(w, column, n);
}

static void put_claim(struct row_writer *w, const struct kubelet_disk *d)
{
    struct strbuf key = STRBUF_INIT(4096);
    strbuf_addf(&key, "%s/%s", d->ns, d->claim);
    row_text(w, NAMESPACE, span_from(d->ns));
    row_text(w, POD, span_from(d->pod));
    row_link(w, LINK_CLAIM, 0, "pvc", strbuf_span(&key));
    strbuf_clear(&key);
}

bool kubelet_put(const struct kubelet_node *node, const struct kubelet_disk *d,
                 struct row_writer *w)
{
    static const char *const words[] = {"node", "images", "volume"};
    struct strbuf key = STRBUF_INIT(8192);
    bool is_volume = d->of == KUBELET_VOLUME;
    strbuf_addf(&key, "%s/%s", node->name, words[d->of]);
    if (is_volume)
        strbuf_addf(&key, "/%s/%s", d->ns, d->claim);
    row_begin(w, strbuf_span(&key));
    strbuf_clear(&key);
    row_text(w, NAME, span_from(is_volume ? d->claim : node->name));
    row_text(w, OF, span_from(words[d->of]));
    row_text(w, NODE, span_from(node->name));
    put_share(w, FULL, share(d->size, d->free, d->used));
    put_amount(w, USED, d->used);
    put_amount(w, SIZE, d->size);
    put_amount(w, FREE, d->free);
    put_share(w, INODES_FULL, share(d->inodes, d->inodes_free, d->inodes_used));
    put_amount(w, INODES, d->inodes);
    if (node->read_ms != TIME_NONE)
        row_num(w, READ, node->read_ms);
    if (is_volume)
        put_claim(w, d);
    else
        row_link(w, LINK_NODE, 0, "node", span_from(node->name));
    return row_end(w);
}

const struct kind kind_filesystem = {
    .name = "filesystem",
    .plural = "filesystems",
    .aliases = "fs",
    .title = "File systems",
    .help = "File systems of nodes and of volume claims: how full their kubelets see them.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "full desc,name",
};
