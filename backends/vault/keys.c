/* Names of the keys at paths of KV engines, as the engine gives them without their values. A version's
 * are asked for once: only a new version may have others. */
#include <config.h>

#include "backends/vault/paths.h"
#include "base/alloc.h"
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#define KEYS_BYTES ((size_t)4 << 10) /* of a path's names */

struct keys {
    int64_t version;
    bool asked; /* since the last sweep */
    char *list; /* owned */
};

static void free_keys(void *value)
{
    struct keys *k = value;
    free(k->list);
    free(k);
}

const char *vault_keys_of(const struct vault *v, const char *path, int64_t version)
{
    struct keys *k = v->keys ? map_get(v->keys, span_from(path)) : NULL;
    if (!k || k->version != version)
        return NULL;
    k->asked = true;
    return k->list;
}

void vault_keys_note(struct vault *v, const char *path, int64_t version,
                     const struct json_doc *answer)
{
    const struct json_node *all = json_node_path(json_doc_root(answer), "data.subkeys");
    struct strbuf list = STRBUF_INIT(KEYS_BYTES);
    struct keys *k = xalloc_zero(1, sizeof(*k));
    for (const struct json_node *n = json_node_first(all); n; n = json_node_next(n)) {
        if (list.len + strlen(json_node_key(n)) + 1 >= KEYS_BYTES)
            break; /* as many as there is room for */
        strbuf_addf(&list, "%s%s", list.len ? (char[]){LIST_SEPARATOR, '\0'} : "",
                    json_node_key(n));
    }
    *k = (struct keys){version, true, strbuf_take(&list)};
    v->keys = v->keys ? v->keys : map_new();
    struct keys *before = map_set(v->keys, span_from(path), k);
    if (before)
        free_keys(before);
}

void vault_keys_sweep(struct vault *v)
{
    struct map *kept = v->keys ? map_new() : NULL;
    struct span path;
    void *value;
    size_t at = 0;
    while (v->keys && map_next(v->keys, &at, &path, &value)) {
        struct keys *k = value;
        if (!k->asked) {
            free_keys(k);
            continue;
        }
        k->asked = false;
        (void)map_set(kept, path, k);
    }
    map_free(v->keys, NULL);
    v->keys = kept;
}

void vault_keys_free(struct vault *v)
{
    if (v->keys)
        map_free(v->keys, free_keys);
    v->keys = NULL;
}
