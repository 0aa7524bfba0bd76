/* YAML as a tree that knows its lines. */
#include <config.h>

#include "base/yaml.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/map.h"
#include "base/yaml_scalar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define INPUT_MAX       ((size_t)16 << 20)
#define TREE_MAX        ((size_t)512 << 20)
#define DEPTH_MAX       64
#define ALIAS_NODES_MAX 10000
#define MERGE_MAX       1000
#define KEYS_SEARCHED   16 /* of one map; with more of them a hash finds duplicates */

struct yaml_doc {
    struct arena *arena;      /* owned: nodes and texts */
    struct yaml_node **roots; /* owned */
    size_t count;
};

struct anchor {
    struct anchor *next;
    struct span name;
    struct yaml_node *node;
    bool open; /* still being read: it cannot stand in itself */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    const char *name;
    struct yaml_doc *doc;
    struct anchor *anchors; /* of the present document */
    size_t alias_nodes;
    int depth;
    struct err *err;
};

static bool fail_at(struct reader *r, yaml_mark_t mark, const char *what)
{
    return err_set(r->err, ERR_CONFIG, "%s:%zu:%zu: %s", r->name, mark.line + 1, mark.column + 1,
                   what);
}

static bool no_memory(struct reader *r)
{
    return err_set(r->err, ERR_NOMEM, "%s: there is no memory to read it", r->name);
}

/* A scalar may be a token or a key: nothing of it stays in freed memory. */
static void forget_event(struct reader *r)
{
    if (!r->has_event)
        return;
    if (r->event.type == YAML_SCALAR_EVENT)
        alloc_wipe(r->event.data.scalar.value, r->event.data.scalar.length);
    yaml_event_delete(&r->event);
    r->has_event = false;
}

static bool next_event(struct reader *r)
{
    forget_event(r);
    r->has_event = yaml_parser_parse(&r->parser, &r->event) != 0;
    if (r->has_event)
        return true;
    yaml_mark_t mark = r->parser.problem_mark;
    if (r->parser.error == YAML_MEMORY_ERROR)
        return no_memory(r);
    if (r->parser.error == YAML_READER_ERROR)
        return err_set(r->err, ERR_CONFIG, "%s: byte %zu: %s", r->name, r->parser.problem_offset,
                       r->parser.problem ? r->parser.problem : "not readable as UTF-8");
    return fail_at(r, mark, r->parser.problem ? r->parser.problem : "this is not YAML");
}

static struct yaml_node *new_node(struct reader *r, enum yaml_type type)
{
    struct yaml_node *n = arena_calloc(r->doc->arena, 1, sizeof(*n));
    if (!n) {
        (void)no_memory(r);
        return NULL;
    }
    n->type = type;
    n->line = (int)r->event.start_mark.line + 1;
    n->column = (int)r->event.start_mark.column + 1;
    return n;
}

/* Gives node's name to it; *out, which may be NULL, is the anchor if it has one. */
static bool remember_anchor(struct reader *r, const yaml_char_t *name, struct yaml_node *node,
                            struct anchor **out)
{
    if (!name)
        return true;
    struct anchor *a = arena_calloc(r->doc->arena, 1, sizeof(*a));
    if (!a || !arena_copy(r->doc->arena, span_from((const char *)name), &a->name))
        return no_memory(r);
    a->node = node;
    a->next = r->anchors;
    r->anchors = a;
    if (out) {
        a->open = true;
        *out = a;
    }
    return true;
}

/* A deep copy, counted: this is where a bomb would go off. */
static struct yaml_node *copy_node(struct reader *r, const struct yaml_node *from, int depth)
{
    if (++r->alias_nodes > ALIAS_NODES_MAX || depth > DEPTH_MAX) {
        (void)fail_at(r, r->event.start_mark, "the aliases expand to too much");
        return NULL;
    }
    struct yaml_node *to = arena_calloc(r->doc->arena, 1, sizeof(*to));
    if (!to) {
        (void)no_memory(r);
        return NULL;
    }
    *to = *from;
    to->first = to->next = NULL;
    struct yaml_node **tail = &to->first;
    for (const struct yaml_node *child = from->first; child; child = child->next) {
        *tail = copy_node(r, child, depth + 1);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
    }
    return to;
}

static struct yaml_node *read_alias(struct reader *r)
{
    struct span name = span_from((const char *)r->event.data.alias.anchor);
    for (const struct anchor *a = r->anchors; a; a = a->next)
        if (span_eq(a->name, name) && !a->open)
            return copy_node(r, a->node, r->depth);
    (void)fail_at(r, r->event.start_mark, "this alias names no anchor that ended before it");
    return NULL;
}

static struct yaml_node *read_node(struct reader *r);

static struct yaml_node *read_scalar(struct reader *r)
{
    struct yaml_node *n = new_node(r, YAML_SCALAR);
    if (!n)
        return NULL;
    n->plain = r->event.data.scalar.plain_implicit != 0 &&
               r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    struct span text =
        span_make((const char *)r->event.data.scalar.value, r->event.data.scalar.length);
    if (!arena_copy(r->doc->arena, text, &n->text)) {
        (void)no_memory(r);
        return NULL;
    }
    return remember_anchor(r, r->event.data.scalar.anchor, n, NULL) ? n : NULL;
}

static struct yaml_node *read_list(struct reader *r)
{
    struct yaml_node *list = new_node(r, YAML_LIST);
    struct anchor *anchor = NULL;
    if (!list || !remember_anchor(r, r->event.data.sequence_start.anchor, list, &anchor))
        return NULL;
    struct yaml_node **tail = &list->first;
    while (next_event(r)) {
        if (r->event.type == YAML_SEQUENCE_END_EVENT) {
            if (anchor)
                anchor->open = false;
            return list;
        }
        *tail = read_node(r);
        if (!*tail)
            return NULL;
        tail = &(*tail)->next;
        list->count++;
    }
    return NULL;
}

/* Keys of the map that is being read. */
struct keys {
    struct yaml_node *map, *last; /* last: its youngest entry */
    struct yaml_node *merge;      /* value of <<, or NULL */
    struct map *seen;             /* owned; NULL while there are few */
};

static bool is_duplicate(struct keys *k, struct span key)
{
    if (k->map->count < KEYS_SEARCHED) {
        for (const struct yaml_node *n = k->map->first; n; n = n->next)
            if (span_eq(n->key, key))
                return true;
        return false;
    }
    if (!k->seen) {
        k->seen = map_new();
        for (struct yaml_node *n = k->map->first; n; n = n->next)
            (void)map_set(k->seen, n->key, k->map);
    }
    return map_set(k->seen, key, k->map) != NULL;
}

static bool is_merge_key(const yaml_event_t *e)
{
    return e->type == YAML_SCALAR_EVENT && e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           span_is(span_make((const char *)e->data.scalar.value, e->data.scalar.length), "<<");
}

/* Reads the value behind the key that the present event holds. */
static struct yaml_node *read_entry(struct reader *r, struct keys *k)
{
    yaml_mark_t mark = r->event.start_mark;
    struct span key;
    if (r->event.type != YAML_SCALAR_EVENT) {
        (void)fail_at(r, mark, "a key must be a plain text");
        return NULL;
    }
    key = span_make((const char *)r->event.data.scalar.value, r->event.data.scalar.length);
    if (is_duplicate(k, key) || (k->merge && is_merge_key(&r->event))) {
        char what[200];
        (void)snprintf(what, sizeof(what), "the key `%.100s` stands here twice", key.data);
        (void)fail_at(r, mark, what);
        return NULL;
    }
    if (!arena_copy(r->doc->arena, key, &key)) {
        (void)no_memory(r);
        return NULL;
    }
    struct yaml_node *value = next_event(r) ? read_node(r) : NULL;
    if (value) {
        value->key = key;
        value->key_line = (int)mark.line + 1;
        value->key_column = (int)mark.column + 1;
    }
    return value;
}

static void append(struct keys *k, struct yaml_node *entry)
{
    entry->next = NULL;
    if (k->last)
        k->last->next = entry;
    else
        k->map->first = entry;
    k->last = entry;
    k->map->count++;
}

/* Moves the entries of `from` whose keys the map does not have into it. */
static bool merge_map(struct reader *r, struct keys *k, const struct yaml_node *from)
{
    if (from->type != YAML_MAP || from->count > MERGE_MAX)
        return err_set(r->err, ERR_CONFIG, "%s:%d:%d: << takes maps of at most %d keys", r->name,
                       from->line, from->column, MERGE_MAX);
    for (struct yaml_node *n = from->first, *next; n; n = next) {
        next = n->next;
        if (!is_duplicate(k, n->key))
            append(k, n);
    }
    return true;
}

/* `<<: *a` and `<<: [*a, *b]`: what stands in the map itself goes first, then
 * the earlier ones [YAML merge key type; kubectl's parser knows it]. */
static bool merge(struct reader *r, struct keys *k)
{
    struct yaml_node *what = k->merge;
    if (!what)
        return true;
    if (what->type != YAML_LIST)
        return merge_map(r, k, what);
    for (const struct yaml_node *n = what->first; n; n = n->next)
        if (!merge_map(r, k, n))
            return false;
    return true;
}

static bool read_entries(struct reader *r, struct keys *k)
{
    while (next_event(r)) {
        if (r->event.type == YAML_MAPPING_END_EVENT)
            return merge(r, k);
        bool merged = is_merge_key(&r->event);
        struct yaml_node *entry = read_entry(r, k);
        if (!entry)
            return false;
        if (merged)
            k->merge = entry;
        else
            append(k, entry);
    }
    return false;
}

static struct yaml_node *read_map(struct reader *r)
{
    struct keys k = {.map = new_node(r, YAML_MAP)};
    struct anchor *anchor = NULL;
    if (!k.map || !remember_anchor(r, r->event.data.mapping_start.anchor, k.map, &anchor))
        return NULL;
    bool ok = read_entries(r, &k);
    map_free(k.seen, NULL);
    if (anchor)
        anchor->open = false;
    return ok ? k.map : NULL;
}

static struct yaml_node *read_node(struct reader *r)
{
    struct yaml_node *n = NULL;
    if (r->depth >= DEPTH_MAX) {
        (void)fail_at(r, r->event.start_mark, "this is nested too deep");
        return NULL;
    }
    r->depth++;
    if (r->event.type == YAML_SCALAR_EVENT)
        n = read_scalar(r);
    else if (r->event.type == YAML_SEQUENCE_START_EVENT)
        n = read_list(r);
    else if (r->event.type == YAML_MAPPING_START_EVENT)
        n = read_map(r);
    else if (r->event.type == YAML_ALIAS_EVENT)
        n = read_alias(r);
    else
        (void)fail_at(r, r->event.start_mark, "a value was expected here");
    r->depth--;
    return n;
}

static bool add_root(struct reader *r, struct yaml_node *root)
{
    struct yaml_node **roots =
        alloc_try_resize(r->doc->roots, r->doc->count + 1, sizeof(struct yaml_node *));
    if (!roots)
        return no_memory(r);
    r->doc->roots = roots;
    roots[r->doc->count++] = root;
    return true;
}

static bool read_stream(struct reader *r)
{
    while (next_event(r)) {
        if (r->event.type == YAML_STREAM_END_EVENT)
            return true;
        if (r->event.type != YAML_DOCUMENT_START_EVENT)
            continue;
        r->anchors = NULL;
        struct yaml_node *root = next_event(r) ? read_node(r) : NULL;
        if (!root || !add_root(r, root))
            return false;
    }
    return false;
}

static void forget_input(yaml_parser_t *parser)
{
    alloc_wipe(parser->raw_buffer.start,
               (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
    alloc_wipe(parser->buffer.start, (size_t)(parser->buffer.end - parser->buffer.start));
}

struct yaml_doc *yaml_parse(struct span text, const char *name, struct err *err)
{
    struct reader r = {.name = name, .err = err};
    if (text.len > INPUT_MAX) {
        (void)err_set(err, ERR_CONFIG, "%s is larger than %zu bytes", name, INPUT_MAX);
        return NULL;
    }
    r.doc = alloc_try_zero(1, sizeof(*r.doc));
    if (r.doc)
        r.doc->arena = arena_new(TREE_MAX);
    if (!r.doc || !r.doc->arena || !yaml_parser_initialize(&r.parser)) {
        yaml_doc_free(r.doc);
        (void)no_memory(&r);
        return NULL;
    }
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text.data ? text.data : ""),
                                 text.len);
    bool ok = read_stream(&r);
    forget_event(&r);
    forget_input(&r.parser);
    yaml_parser_delete(&r.parser);
    if (ok)
        return r.doc;
    yaml_doc_free(r.doc);
    return NULL;
}

struct yaml_doc *yaml_load(const char *path, struct err *err)
{
    struct strbuf text = STRBUF_INIT(INPUT_MAX);
    struct yaml_doc *doc = NULL;
    if (file_read(path, &text, err))
        doc = yaml_parse(strbuf_span(&text), path, err);
    strbuf_wipe(&text);
    return doc;
}

void yaml_doc_free(struct yaml_doc *doc)
{
    if (!doc)
        return;
    arena_free(doc->arena);
    free(doc->roots);
    free(doc);
}

void yaml_doc_free_wiped(struct yaml_doc *doc)
{
    if (!doc)
        return;
    arena_free_wiped(doc->arena);
    free(doc->roots);
    free(doc);
}

size_t yaml_count(const struct yaml_doc *doc)
{
    return doc->count;
}

const struct yaml_node *yaml_root(const struct yaml_doc *doc, size_t i)
{
    const struct yaml_node *root = i < doc->count ? doc->roots[i] : NULL;
    return root && !yaml_is_null(root) ? root : NULL;
}

const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key)
{
    if (!node || node->type != YAML_MAP)
        return NULL;
    struct span name = span_from(key);
    for (const struct yaml_node *n = node->first; n; n = n->next)
        if (span_eq(n->key, name))
            return n;
    return NULL;
}

const char *yaml_text(const struct yaml_node *node, const char *key, const char *fallback)
{
    const struct yaml_node *n = yaml_get(node, key);
    return n && n->type == YAML_SCALAR && !yaml_is_null(n) ? n->text.data : fallback;
}
