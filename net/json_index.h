/* An index of a JSON text: one pass finds every value, so that looking up many
 * fields of one object does not read its text again for each. */
#ifndef BINNACLE_NET_JSON_INDEX_H
#define BINNACLE_NET_JSON_INDEX_H

#include "net/json.h"

struct json_node {
    uint32_t at, len;         /* the value in the text, as json_value.text */
    uint32_t key_at, key_len; /* of a member */
    uint32_t next;            /* following sibling; 0: none */
    uint8_t type;             /* enum json_type */
    bool escaped, key_escaped;
    bool has_children; /* the first is the next node */
    bool opaque;       /* a container that was passed over */
};

struct json_index {
    const char *text;        /* borrowed */
    struct json_node *nodes; /* in the arena; 0 is the root */
    uint32_t count, cap;
    struct arena *arena; /* borrowed */
};

/* The same value, indexed: all that walks and looks up is quick with it. Lives as
 * long as the text and the arena's content. Containers behind the key `skip` are
 * passed over (and read from the text when somebody asks). Where there is no
 * memory for an index, or the text is broken, v comes back as it is. */
struct json_value json_indexed(struct json_value v, struct arena *arena, const char *skip);
/* The value of a node. */
struct json_value json_index_value(const struct json_index *ix, uint32_t node);
struct json_value json_index_key(const struct json_index *ix, uint32_t node);

#endif
