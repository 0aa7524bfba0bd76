/* Links: each row's own, and by target who links there. */
#include <config.h>

#include "base/alloc.h"
#include "model/store_impl.h"

#include <stdlib.h>
#include <string.h>

static struct target *target_at(const struct store *st, uint32_t number)
{
    return pool_at(&st->targets, number);
}

struct handle links_row(const struct store *st, const struct link_node *node)
{
    struct handle row = {node->slot, 0, node->kind};
    row.generation = row_head(st, row)->generation;
    return row;
}

static uint32_t key_hash(uint16_t source, uint16_t kind, uint32_t key)
{
    uint64_t all = key | (uint64_t)source << 32 | (uint64_t)kind << 48;
    return (uint32_t)((all ^ all >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static uint32_t find_target(const struct store *st, uint16_t source, uint16_t kind, uint32_t key)
{
    uint32_t hash = key_hash(source, kind, key), at = 0, number;
    while ((number = lookup_next(&st->target_numbers, hash, &at)) != 0) {
        const struct target *t = target_at(st, number - 1);
        if (t->key == key && t->kind == kind && t->source == source)
            return number - 1;
    }
    return NONE32;
}

struct target *links_target(const struct store *st, uint16_t source, uint16_t kind, uint32_t key)
{
    uint32_t number = find_target(st, source, kind, key);
    return number == NONE32 ? NULL : target_at(st, number);
}

/* How many things of a kind links of a source lead to; a name that is no kind is not counted. */
static void count_target(struct store *st, const struct target *t, int by)
{
    if (t->kind < st->kinds->count)
        st->sources[t->source].kinds[t->kind].targets += (uint32_t)by;
}

uint16_t links_next_source(const struct store *st, uint16_t own, uint16_t kind, uint16_t after)
{
    const char *backend = st->sources[own].info.backend;
    if (after == SOURCE_NONE)
        return own;
    for (uint16_t i = after == own ? 0 : (uint16_t)(after + 1); i < st->nsources; i++)
        if (st->sources[i].kinds[kind].targets && i != own &&
            strcmp(st->sources[i].info.backend, backend) != 0)
            return i;
    return SOURCE_NONE;
}

/* Takes a use of key. */
static uint32_t add_target(struct store *st, uint16_t source, uint16_t kind, uint32_t key)
{
    uint32_t number = pool_take(&st->targets);
    if (number == NONE32)
        return NONE32;
    struct target *t = target_at(st, number);
    *t = (struct target){
        .key = key, .first = NONE32, .sums = NONE32, .source = source, .kind = kind};
    if (!folds_open(st, t) ||
        !lookup_add(&st->target_numbers, key_hash(source, kind, key), number + 1)) {
        folds_close(st, t);
        pool_give(&st->targets, number);
        return NONE32;
    }
    intern_keep(st->texts, key);
    count_target(st, t, 1);
    return number;
}

static void remove_target(struct store *st, uint32_t number)
{
    struct target *t = target_at(st, number);
    lookup_remove(&st->target_numbers, key_hash(t->source, t->kind, t->key), number + 1);
    folds_close(st, t);
    count_target(st, t, -1);
    intern_drop(st->texts, t->key);
    pool_give(&st->targets, number);
}

/* A kind that only links name gets a number too. */
uint16_t links_name(struct store *st, struct span kind)
{
    for (uint16_t i = 0; i < st->nnames; i++)
        if (span_is(kind, st->names[i]))
            return i;
    if (st->nnames >= 256)
        return UINT16_MAX;
    const char **names =
        alloc_try_resize((void *)st->names, (size_t)st->nnames + 1, sizeof(*names));
    char *copy = names ? alloc_try(kind.len + 1) : NULL;
    if (names)
        st->names = names;
    if (!copy)
        return UINT16_MAX;
    memcpy(copy, kind.data, kind.len);
    copy[kind.len] = '\0';
    st->names[st->nnames] = copy;
    return st->nnames++;
}

/* Adds a link to the front of the list of its target. */
static void chain(struct store *st, uint32_t n)
{
    struct link_node *node = link_at(st, n);
    struct target *t = target_at(st, node->target);
    node->previous = NONE32;
    node->next = t->first;
    if (t->first != NONE32)
        link_at(st, t->first)->previous = n;
    t->first = n;
    t->count++;
}

static void unchain(struct store *st, const struct link_node *node)
{
    struct target *t = target_at(st, node->target);
    if (node->next != NONE32)
        link_at(st, node->next)->previous = node->previous;
    if (node->previous != NONE32)
        link_at(st, node->previous)->next = node->next;
    else
        t->first = node->next;
    if (--t->count == 0)
        remove_target(st, node->target);
}

static void remove_link(struct store *st, uint32_t n)
{
    const struct link_node *node = link_at(st, n);
    folds_linked(st, node, false);
    unchain(st, node);
}

static uint32_t run_length(const struct store *st, uint32_t first)
{
    uint32_t n = 0;
    for (uint32_t at = first; at != NONE32; at = link_after(st, at))
        n++;
    return n;
}

void links_clear(struct store *st, struct handle row)
{
    struct row_head *head = row_head(st, row);
    uint32_t first = head->links, count = run_length(st, first);
    head->links = NONE32;
    for (uint32_t i = 0; i < count; i++)
        remove_link(st, first + i);
    if (count)
        rooms_give(&st->nodes, first, count);
}

static bool same_link(const struct store *st, const struct link_node *node, const struct link *link)
{
    const struct target *t = target_at(st, node->target);
    return node->type == link->type && node->flags == link->flags &&
           span_is(link->kind, st->names[t->kind]) &&
           span_eq(link->key, intern_text(st->texts, t->key));
}

static bool same_links(const struct store *st, struct handle row, const struct record *r, size_t at)
{
    struct link link;
    uint32_t n = row_head(st, row)->links;
    while (record_link_next(r, &at, &link)) {
        if (n == NONE32 || !same_link(st, link_at(st, n), &link))
            return false;
        n = link_after(st, n);
    }
    return n == NONE32;
}

/* The number of what a link leads to, for one link more; NONE32: no memory. */
static uint32_t target_of(struct store *st, uint16_t source, const struct link *link)
{
    uint16_t kind = links_name(st, link->kind);
    uint32_t key = kind == UINT16_MAX ? 0 : intern_add(st->texts, link->key);
    if (!key)
        return NONE32;
    uint32_t number = find_target(st, source, kind, key);
    if (number == NONE32)
        number = add_target(st, source, kind, key);
    intern_drop(st->texts, key); /* the target has its own use */
    if (number != NONE32 && kind < st->kinds->count && (link->flags & LINK_AFFECTS))
        st->tables[kind].affects = true;
    return number;
}

/* False: no memory. */
static bool new_link(struct store *st, struct handle row, const struct link *link, uint32_t n)
{
    uint32_t target = target_of(st, row_head(st, row)->source, link);
    if (target == NONE32)
        return false;
    *link_at(st, n) = (struct link_node){.target = target,
                                         .slot = row.slot & SLOT_MASK,
                                         .kind = (uint8_t)row.kind,
                                         .type = link->type,
                                         .flags = link->flags & 3u};
    chain(st, n);
    folds_linked(st, link_at(st, n), true);
    return true;
}

/* Moves the first link of a run that says the same to another place. False: there is none. */
static bool move_same(struct store *st, uint32_t run, uint32_t count, const struct link *link,
                      uint32_t to)
{
    for (uint32_t n = run; n < run + count; n++) {
        struct link_node *node = link_at(st, n);
        if (node->target == NONE32 || !same_link(st, node, link))
            continue;
        if (node->next != NONE32)
            link_at(st, node->next)->previous = to;
        if (node->previous != NONE32)
            link_at(st, node->previous)->next = to;
        else
            target_at(st, node->target)->first = to;
        *link_at(st, to) = *node;
        link_at(st, to)->last = false;
        node->target = NONE32;
        return true;
    }
    return false;
}

static uint32_t count_links(const struct record *r, size_t at)
{
    struct link link;
    uint32_t n = 0;
    while (record_link_next(r, &at, &link))
        n++;
    return n;
}

/* What stays is moved as it is, so that nothing seems to go and come back. Without memory
 * for all, those that came first are kept. */
bool links_set(struct store *st, struct handle row, const struct record *r, size_t at,
               bool *changed)
{
    *changed = !same_links(st, row, r, at);
    if (!*changed)
        return true;
    struct row_head *head = row_head(st, row);
    uint32_t old = head->links, nold = run_length(st, old), wanted = count_links(r, at), n = 0;
    uint32_t run = wanted ? rooms_take(&st->nodes, wanted) : NONE32;
    struct link link;
    if (wanted && run == ROOMS_NONE)
        return false;
    while (record_link_next(r, &at, &link) &&
           (move_same(st, old, nold, &link, run + n) || new_link(st, row, &link, run + n)))
        n++;
    if (n)
        link_at(st, run + n - 1)->last = true;
    else if (wanted)
        rooms_give(&st->nodes, run, wanted);
    head->links = n ? run : NONE32;
    for (uint32_t i = old; nold && i < old + nold; i++)
        if (link_at(st, i)->target != NONE32)
            remove_link(st, i);
    if (nold)
        rooms_give(&st->nodes, old, nold);
    return n == wanted;
}

/* *at is 0 at the start, then the node's number + 1; past the last NONE32. */
bool store_link_next(const struct store *st, struct handle row, size_t *at, struct link *out)
{
    const struct row_head *head = row_known(st, row);
    if (!head || *at == NONE32)
        return false;
    uint32_t n = *at ? (uint32_t)(*at - 1) : head->links;
    if (n == NONE32)
        return false;
    const struct link_node *node = link_at(st, n);
    const struct target *t = target_at(st, node->target);
    *out = (struct link){.type = node->type,
                         .flags = node->flags,
                         .kind = span_from(st->names[t->kind]),
                         .key = intern_text(st->texts, t->key)};
    *at = node->last ? NONE32 : (size_t)n + 2;
    return true;
}

/* The target in a source of another sort. Another source of the same sort is another
 * cluster: what has the same name there is not meant. */
static bool find_elsewhere(const struct store *st, uint16_t source, uint16_t kind, struct span key,
                           struct handle *target)
{
    const char *backend = st->sources[source].info.backend;
    for (uint16_t i = 0; i < st->nsources; i++)
        if (strcmp(st->sources[i].info.backend, backend) != 0 &&
            store_find(st, i, kind, key, target))
            return true;
    return false;
}

/* All that fills the kind, of this cluster and of other sorts, was seen: what may not be read need
 * not be missing. */
static bool is_whole(const struct store *st, uint16_t source, uint16_t kind)
{
    const char *backend = st->sources[source].info.backend;
    bool any = false;
    for (uint16_t i = 0; i < st->nsources; i++) {
        const struct source_kind *k = store_source_kind(st, i, kind);
        if (i != source && strcmp(st->sources[i].info.backend, backend) == 0)
            continue;
        if (k->synced && k->complete && k->report.state != SOURCE_PARTIAL)
            any = true;
        else if (k->wanted || k->synced)
            return false;
    }
    return any;
}

enum link_reach store_follow(const struct store *st, struct handle from, const struct link *l,
                             struct handle *target)
{
    int kind = store_kind_find(st, l->kind);
    uint16_t source = store_row_source(st, from);
    if (kind < 0 || source == SOURCE_NONE)
        return LINK_UNKNOWN;
    if (store_find(st, source, (uint16_t)kind, l->key, target) ||
        find_elsewhere(st, source, (uint16_t)kind, l->key, target))
        return LINK_FOUND;
    return is_whole(st, source, (uint16_t)kind) ? LINK_MISSING : LINK_UNKNOWN;
}

/* The first link to the target of sources that come after one; NONE32: none. */
static uint32_t next_link(const struct store *st, struct handle target, uint16_t after)
{
    const struct row_head *head = row_head(st, target);
    while ((after = links_next_source(st, head->source, target.kind, after)) != SOURCE_NONE) {
        const struct target *t = links_target(st, after, target.kind, head->key);
        if (t)
            return t->first;
    }
    return NONE32;
}

/* Rows of its own source are listed under a target, and those of other sorts of sources. */
bool store_used_by_next(const struct store *st, struct handle target, uint32_t *at,
                        struct handle *from, enum link_type *type)
{
    if (!row_known(st, target) || *at == NONE32)
        return false;
    uint32_t n = *at ? *at - 1 : next_link(st, target, SOURCE_NONE);
    if (n == NONE32) {
        *at = NONE32;
        return false;
    }
    const struct link_node *node = link_at(st, n);
    *from = links_row(st, node);
    *type = node->type;
    n = node->next;
    if (n == NONE32)
        n = next_link(st, target, target_at(st, node->target)->source);
    *at = n == NONE32 ? NONE32 : n + 1;
    return true;
}
