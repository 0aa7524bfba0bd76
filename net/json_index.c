/* One pass over a JSON text that notes where everything is. */
#include <config.h>

#include "net/json_index.h"

#include "net/json_scan.h"

#include <string.h>

#define BYTES_PER_NODE 20 /* a guess; more are made when needed */

struct builder {
    struct json_index *ix;
    const char *p, *end;
    struct span skip;
    uint32_t open[JSON_DEPTH_MAX]; /* containers that p stands in */
    uint32_t last[JSON_DEPTH_MAX]; /* their last children; 0: none yet */
    unsigned depth;
};

static inline bool skip_space(struct builder *b)
{
    if (b->p<b->end && * b->p> ' ') /* servers write none */
        return true;
    while (b->p < b->end && json_is_space(*b->p))
        b->p++;
    return b->p < b->end;
}

static struct json_node *node_new(struct json_index *ix)
{
    if (ix->count == ix->cap) {
        uint32_t cap = ix->cap * 2;
        struct json_node *nodes = arena_alloc(ix->arena, cap, sizeof(*nodes));
        if (!nodes)
            return NULL;
        memcpy(nodes, ix->nodes, ix->count * sizeof(*nodes));
        ix->nodes = nodes;
        ix->cap = cap;
    }
    struct json_node *node = &ix->nodes[ix->count++];
    *node = (struct json_node){0};
    return node;
}

/* The string at p, from its opening quote; p goes behind it. */
static bool take_string(struct builder *b, uint32_t *at, uint32_t *len, bool *escaped)
{
    const char *from = b->p + 1, *to;
    if (b->p == b->end || *b->p != '"')
        return false;
    to = json_skip_string(from, b->end, escaped);
    if (!to)
        return false;
    *at = (uint32_t)(from - b->ix->text);
    *len = (uint32_t)(to - from);
    b->p = to + 1;
    return true;
}

static bool take_key(struct builder *b, struct json_node *node)
{
    if (!take_string(b, &node->key_at, &node->key_len, &node->key_escaped) || !skip_space(b) ||
        *b->p != ':')
        return false;
    b->p++;
    return skip_space(b);
}

static bool open_container(struct builder *b, struct json_node *node, uint32_t number)
{
    const struct span key = span_make(b->ix->text + node->key_at, node->key_len);
    node->type = *b->p == '{' ? JSON_OBJECT : JSON_ARRAY;
    node->at = (uint32_t)(b->p - b->ix->text);
    node->opaque = b->depth == JSON_DEPTH_MAX || (b->skip.len && span_eq(key, b->skip));
    if (!node->opaque) {
        b->open[b->depth] = number;
        b->last[b->depth++] = 0;
        b->p++;
        return true;
    }
    const char *to = json_skip_container(b->p, b->end);
    if (!to)
        return false;
    node->len = (uint32_t)(to - b->p);
    b->p = to;
    return true;
}

/* The value at p. */
static bool take_value(struct builder *b, struct json_node *node, uint32_t number)
{
    if (*b->p == '{' || *b->p == '[')
        return open_container(b, node, number);
    if (*b->p == '"') {
        node->type = JSON_STRING;
        return take_string(b, &node->at, &node->len, &node->escaped);
    }
    const struct json_value v = json_value(span_make(b->p, (size_t)(b->end - b->p)));
    node->type = (uint8_t)v.type;
    node->at = (uint32_t)(b->p - b->ix->text);
    node->len = (uint32_t)v.text.len;
    b->p += v.text.len;
    return v.type != JSON_NONE;
}

/* The next child of the innermost container, or its end. */
static bool step(struct builder *b)
{
    unsigned top = b->depth - 1;
    uint32_t parent = b->open[top];
    bool object = b->ix->nodes[parent].type == JSON_OBJECT;
    if (!skip_space(b))
        return false;
    if (*b->p == (object ? '}' : ']')) {
        b->p++;
        b->ix->nodes[parent].len = (uint32_t)(b->p - b->ix->text) - b->ix->nodes[parent].at;
        b->depth--;
        return true;
    }
    if (b->last[top]) {
        if (*b->p++ != ',' || !skip_space(b))
            return false;
    }
    uint32_t number = b->ix->count;
    struct json_node *node = node_new(b->ix);
    if (!node)
        return false;
    if (b->last[top])
        b->ix->nodes[b->last[top]].next = number;
    b->ix->nodes[parent].has_children = true;
    b->last[top] = number;
    return (!object || take_key(b, node)) && take_value(b, node, number);
}

static bool build(struct builder *b)
{
    struct json_node *root = node_new(b->ix);
    if (!root || !open_container(b, root, 0))
        return false;
    while (b->depth)
        if (!step(b))
            return false;
    return true;
}

struct json_value json_indexed(struct json_value v, struct arena *arena, const char *skip)
{
    if ((v.type != JSON_OBJECT && v.type != JSON_ARRAY) || v.index || v.text.len > INT32_MAX)
        return v;
    struct json_index *ix = arena_calloc(arena, 1, sizeof(*ix));
    if (!ix)
        return v;
    *ix = (struct json_index){.text = v.text.data, .arena = arena};
    ix->cap = (uint32_t)(v.text.len / BYTES_PER_NODE) + 16;
    ix->nodes = arena_alloc(arena, ix->cap, sizeof(*ix->nodes));
    struct builder b = {
        .ix = ix, .p = v.text.data, .end = v.text.data + v.text.len, .skip = span_from(skip)};
    return ix->nodes && build(&b) ? json_index_value(ix, 0) : v;
}

struct json_value json_index_value(const struct json_index *ix, uint32_t node)
{
    const struct json_node *n = &ix->nodes[node];
    return (struct json_value){.type = (enum json_type)n->type,
                               .escaped = n->escaped,
                               .text = span_make(ix->text + n->at, n->len),
                               .index = n->opaque ? NULL : ix,
                               .node = node};
}

struct json_value json_index_key(const struct json_index *ix, uint32_t node)
{
    const struct json_node *n = &ix->nodes[node];
    return (struct json_value){.type = JSON_STRING,
                               .escaped = n->key_escaped,
                               .text = span_make(ix->text + n->key_at, n->key_len)};
}
