/* The sentences of systems that are made of custom resources. */
#ifndef BINNACLE_BACKENDS_KUBERNETES_SYSTEMS_H
#define BINNACLE_BACKENDS_KUBERNETES_SYSTEMS_H

#include "backends/kubernetes/kube_kind.h"

/* Says "not installed" when no source serves the kind; false: it is, or nobody knows. */
bool says_not_installed(const struct store *st, const char *kind, struct system_parts *parts);

/* Rows of a kind, one by one, by their columns' names. */
struct reading {
    const struct store *st;
    uint16_t kind;
    uint32_t at;
    struct handle row;
};

static inline bool read_begin(const struct store *st, const char *kind, struct reading *r)
{
    int k = store_kind_find(st, span_from(kind));
    *r = (struct reading){.st = st, .kind = (uint16_t)k};
    return k >= 0;
}

static inline bool read_next(struct reading *r)
{
    return store_next(r->st, r->kind, &r->at, &r->row);
}

static inline size_t column_of(const struct reading *r, const char *name)
{
    int column = kind_column(store_kind(r->st, r->kind), span_from(name));
    bn_assert(column >= 0);
    return (size_t)column;
}

static inline int64_t number(const struct reading *r, const char *column, int64_t fallback)
{
    return store_num(r->st, r->row, column_of(r, column), fallback);
}

void says_eso(const struct store *st, int64_t now_ms, struct system_parts *parts);
void says_certs(const struct store *st, int64_t now_ms, struct system_parts *parts);
void says_argo(const struct store *st, int64_t now_ms, struct system_parts *parts);

/* systems_data.c */
void says_pxc(const struct store *st, int64_t now_ms, struct system_parts *parts);
void says_backups(const struct store *st, int64_t now_ms, struct system_parts *parts);
void says_pitr(const struct store *st, int64_t now_ms, struct system_parts *parts);
void says_minio(const struct store *st, int64_t now_ms, struct system_parts *parts);

#endif
