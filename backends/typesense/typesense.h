/* A Typesense as its source's thread sees it: one or several nodes that are asked each. For
 * backends/typesense alone. Facts: Typesense 28's source (src/core_api.cpp, http_server.cpp,
 * raft_server.cpp, system_metrics.cpp) and documentation (api/cluster-operations). */
#ifndef BINNACLE_BACKENDS_TYPESENSE_TYPESENSE_H
#define BINNACLE_BACKENDS_TYPESENSE_TYPESENSE_H

#include "backends/http_source.h"
#include "backends/poll.h"

#define TYPESENSE_NODES_MAX 16

/* What one node has said. Texts are "" and numbers -1 where it has not. */
struct typesense_answer {
    char state[24];                /* "ok", "not ready", "loading", "no answer", ... */
    char role[24];                 /* "leader", "follower", ... */
    char version[32];              /* "28.0" */
    char resource[24];             /* "OUT_OF_DISK", "OUT_OF_MEMORY": all writes are refused */
    char reads[128];               /* why a real read was refused though its health is ok */
    char why[256];                 /* what it said, or the way there, of what is wrong */
    char key[16];                  /* "valid", "refused", "none" */
    int64_t committed;             /* index of the last entry of its log that is committed */
    int64_t queued;                /* writes that wait */
    int64_t batches;               /* batches of writes that wait: from 500 on writes are refused */
    int64_t memory;                /* bytes in use */
    int64_t disk_used, disk_total; /* bytes of the volume of its data */
    int64_t node_memory, node_memory_total; /* bytes of the whole machine */
    double fragmented;                      /* 0 to 1 */
    double cpu;                             /* 0 to 1, of the whole machine */
    double search_ms, search_rate;          /* means of the last 10 s */
    double write_ms, write_rate, all_rate, overloaded;
    int64_t collections, documents;
};

/* One of them, between its looks. */
struct typesense_node {
    char *name;               /* owned; of the pod, or of the source */
    struct http_source *http; /* owned; during run() */
    char state[24];           /* at the last look */
    int64_t since_ms; /* wall time when it came to that; TIME_NONE: it was so at first sight */
};

struct typesense {
    struct backend_ctx *ctx; /* during run() */
    struct typesense_node nodes[TYPESENSE_NODES_MAX];
    size_t count;
    char no_key[ERR_MESSAGE_MAX]; /* why its key could not be had; "": it was, or none is named */
};

extern const struct kind kind_typesense, kind_typesense_collection;

/* The part of the poll: all nodes, and the collections of the first that lists them. */
bool typesense_ask(void *self, struct poll *p, struct err *err);
/* Asks one node. *collections: NULL, or the list that is owned by the caller then. False: the way
 * to it has failed, and nothing is known of it. */
bool typesense_ask_node(struct typesense *t, struct typesense_node *n, struct typesense_answer *a,
                        struct json_doc **collections, struct err *err);
/* Reads {"message": "..."}; fits http_explain_fn. */
bool typesense_explain(int status, struct span body, struct err *err);

/* What nodes say of each other. */
struct typesense_group {
    int64_t newest;     /* the greatest index that any node has committed; -1: not known */
    const char *leader; /* the node that leads, as it says; "": none says so */
};

bool typesense_put_node(const struct typesense *t, const struct typesense_node *n,
                        const struct typesense_answer *a, const struct typesense_group *group,
                        struct row_writer *w);
bool typesense_put_collections(const struct typesense *t, const struct typesense_node *n,
                               const struct json_doc *list, struct row_writer *w);

struct discovery;
void typesense_discover(const struct store *st, struct discovery *d);
void typesense_says(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
