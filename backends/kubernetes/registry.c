/* The registry of kube kinds, from list.h, and keys of their rows. */
#include <config.h>

#include "backends/kubernetes/kube_kind.h"

#include <string.h>

#define X(name) extern const struct kube_kind kube_##name;
#include "backends/kubernetes/list.h"
#undef X

#define X(name) &kube_##name,
const struct kube_kind *const kube_kinds[] = {
#include "backends/kubernetes/list.h"
    NULL,
};
#undef X

#define X(name) extern const struct kind kind_##name;
#include "backends/kubernetes/list.h"
#undef X

#define X(name) &kind_##name,
const struct kind *const kube_kind_schemas[] = {
#include "backends/kubernetes/list.h"
    NULL,
};
#undef X

struct span kube_key(struct kube_object *o, const struct kube_kind *k, size_t which, struct span ns,
                     struct span name)
{
    if (!k->kind->namespaced)
        return name;
    if (!k->types[1])
        return object_key(o, ns, name);
    return object_format(o, "%.*s/%s/%.*s", SPAN_ARG(ns), k->types[which], SPAN_ARG(name));
}

bool kube_write(const struct kube_kind *k, struct kube_object *o, struct row_writer *w,
                size_t which)
{
    if (k->rows)
        return k->rows(o, w);
    row_begin(w, kube_row_key(k, o, which));
    k->parse(o, w, which);
    if (k->kept_by && !o->keeper_unseen)
        row_link(w, LINK_KEPT, LINK_AFFECTS, "controller", span_from(k->kept_by));
    return row_end(w);
}

struct span kube_row_key(const struct kube_kind *k, struct kube_object *o, size_t which)
{
    return k->types[1] ? kube_key(o, k, which, o->ns, o->name) : o->key;
}

const struct kube_kind *kube_kind_named(struct span type, struct span group, size_t *which)
{
    for (size_t k = 0; kube_kinds[k]; k++)
        for (size_t i = 0; i < KUBE_RESOURCES_MAX && kube_kinds[k]->types[i]; i++) {
            if (!span_is(type, kube_kinds[k]->types[i]) ||
                (group.data && !span_is(group, kube_kinds[k]->resources[i].group)))
                continue;
            *which = i;
            return kube_kinds[k];
        }
    return NULL;
}

const char *kube_owner(struct kube_object *o, struct span *key)
{
    size_t which;
    const struct kube_kind *k =
        o->owner_kind.len ? kube_kind_named(o->owner_kind, o->owner_group, &which) : NULL;
    if (!k)
        return NULL;
    *key = kube_key(o, k, which, o->ns, o->owner_name);
    return k->kind->name;
}

bool kube_key_parts(const struct kube_kind *k, struct span key, size_t *which, struct span *ns,
                    struct span *name)
{
    *which = 0;
    *ns = (struct span){"", 0};
    *name = key;
    if (!k->kind->namespaced)
        return true;
    size_t slash = span_find(key, '/', 0), last = span_find_last(key, '/');
    if (slash == key.len)
        return false;
    *ns = span_sub(key, 0, slash);
    *name = span_sub(key, last + 1, key.len);
    if (k->from)
        *name = span_sub(key, slash + 1, span_find(key, '/', slash + 1));
    if (!k->types[1])
        return true;
    struct span type = span_sub(key, slash + 1, last > slash ? last - slash - 1 : 0);
    for (size_t i = 0; i < KUBE_RESOURCES_MAX && k->types[i]; i++) {
        if (span_is(type, k->types[i])) {
            *which = i;
            return true;
        }
    }
    return false;
}

static int kind_of(const struct store *st, const char *kind)
{
    return store_kind_find(st, span_from(kind));
}

size_t kube_count(const struct store *st, const char *kind)
{
    int k = kind_of(st, kind);
    return k < 0 ? 0 : store_count(st, (uint16_t)k);
}

size_t kube_count_bad(const struct store *st, const char *kind)
{
    int k = kind_of(st, kind);
    size_t bad = 0;
    for (int level = LEVEL_UNKNOWN; k >= 0 && level <= LEVEL_CRITICAL; level++)
        bad += store_level_count(st, (uint16_t)k, (enum level)level);
    return bad;
}
