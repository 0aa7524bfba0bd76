/* The big cluster's insides, for harbor/big*.c alone. */
#ifndef BINNACLE_HARBOR_BIG_IMPL_H
#define BINNACLE_HARBOR_BIG_IMPL_H

#include "harbor/big.h"

#define PODS_PER_APP  10
#define FIRST_VERSION 1000 /* of objects that have not changed */
#define SEGMENT       50   /* objects that are compressed together */
#define NAME_BYTES    80

enum big_sort { BIG_NAMESPACE, BIG_NODE, BIG_DEPLOYMENT, BIG_REPLICASET, BIG_POD };

#define BIG_SORTS 5

struct piece {
    struct span text; /* borrowed of the shape */
    int mark;         /* what follows it; -1: nothing */
};

struct segment {
    unsigned char *bytes; /* owned; deflated, ends at a byte; NULL: not made yet */
    size_t len, raw;
    uint32_t crc;
};

struct big_kind {
    const struct resource *resource;
    char *shape;          /* owned */
    struct piece *pieces; /* owned */
    size_t npieces;
    size_t count;
    struct segment *segments; /* owned */
};

struct big_change {
    uint64_t version;
    uint32_t pod;
};

struct big {
    struct big_kind kinds[BIG_SORTS];
    uint64_t *versions;         /* owned; of each pod, 0: as at the start */
    uint16_t *restarts;         /* owned; of each pod */
    struct big_change *changes; /* owned; the newest CHANGES_MAX */
    uint64_t nchanges;          /* ever made */
    uint64_t snapshot;          /* version that lists show */
    int64_t churn, churn_ms;
    uint64_t random;
};

/* big_names.c */
bool big_load(struct big *b, const char *folder, struct err *err);
void big_unload(struct big *b);
size_t big_apps_in_namespace(const struct big *b);
/* Which big kind serves a resource; -1: none. */
int big_sort_of(const struct big *b, const struct resource *r);
void big_name(const struct big *b, enum big_sort sort, size_t i, char ns[NAME_BYTES],
              char name[NAME_BYTES]);
/* False: there is none of that name. */
bool big_find(const struct big *b, enum big_sort sort, struct span ns, struct span name, size_t *i);
/* The objects of a namespace are [*from, *to); "": all. */
void big_range(const struct big *b, enum big_sort sort, struct span ns, size_t *from, size_t *to);
/* An object as an item of a list, without kind and apiVersion. */
void big_print(const struct big *b, enum big_sort sort, size_t i, struct strbuf *out);

/* big_list.c */
void big_build(struct big *b);

#endif
