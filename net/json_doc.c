/* Small JSON answers as a tree, on cJSON with the limits that it lacks. */
#include <config.h>

#include "net/json_doc.h"

#include "base/alloc.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Integers that a double holds exactly. */
#define EXACT_MAX 9007199254740992.0

/* A cJSON tree; nodes are cJSON items behind an incomplete type. */
struct json_doc {
    cJSON *root;
};

static const cJSON *item_of(const struct json_node *node)
{
    return (const cJSON *)(const void *)node;
}

static const struct json_node *node_of(const cJSON *item)
{
    return (const struct json_node *)(const void *)item;
}

struct json_doc *json_doc_parse(struct span text, const char *what, struct err *err)
{
    struct json_doc *doc;
    struct err why;
    cJSON *root;
    char *copy;

    if (text.len > JSON_DOC_MAX) {
        (void)err_set(err, ERR_PROTO, "%s: %zu bytes, more than the %zu MiB allowed", what,
                      text.len, JSON_DOC_MAX >> 20);
        return NULL;
    }
    /* Depth, trailing garbage and numbers like 0x10 pass cJSON unseen. */
    if (!json_valid(text, &why)) {
        (void)err_set(err, ERR_PROTO, "%s: %s", what, why.msg);
        return NULL;
    }
    copy = alloc_try(text.len + 1);
    if (!copy) {
        (void)err_set(err, ERR_NOMEM, "%s: no memory", what);
        return NULL;
    }
    memcpy(copy, text.data, text.len);
    copy[text.len] = 0;
    root = cJSON_ParseWithLengthOpts(copy, text.len + 1, NULL, true);
    alloc_wipe(copy, text.len);
    free(copy);
    if (!root) {
        (void)err_set(err, ERR_PROTO,
                      "%s: a string in it is broken (lone surrogate) or memory ran out", what);
        return NULL;
    }
    doc = xalloc(sizeof *doc);
    doc->root = root;
    return doc;
}

void json_doc_free(struct json_doc *doc)
{
    if (!doc)
        return;
    cJSON_Delete(doc->root);
    free(doc);
}

/* Overwrites every string, without recursion deeper than JSON_DEPTH_MAX. */
static void wipe_strings(cJSON *item)
{
    for (; item; item = item->next) {
        if (item->valuestring)
            alloc_wipe(item->valuestring, strlen(item->valuestring));
        wipe_strings(item->child);
    }
}

void json_doc_free_wiped(struct json_doc *doc)
{
    if (doc)
        wipe_strings(doc->root);
    json_doc_free(doc);
}

const struct json_node *json_doc_root(const struct json_doc *doc)
{
    return doc ? node_of(doc->root) : NULL;
}

enum json_type json_node_type(const struct json_node *node)
{
    const cJSON *item = item_of(node);

    if (!item)
        return JSON_NONE;
    if (cJSON_IsString(item))
        return JSON_STRING;
    if (cJSON_IsNumber(item))
        return JSON_NUMBER;
    if (cJSON_IsObject(item))
        return JSON_OBJECT;
    if (cJSON_IsArray(item))
        return JSON_ARRAY;
    if (cJSON_IsBool(item))
        return cJSON_IsTrue(item) ? JSON_TRUE : JSON_FALSE;
    return cJSON_IsNull(item) ? JSON_NULL : JSON_NONE;
}

static const struct json_node *member(const struct json_node *object, struct span key)
{
    const struct json_node *found = NULL, *child;

    if (json_node_type(object) != JSON_OBJECT)
        return NULL;
    for (child = json_node_first(object); child; child = json_node_next(child))
        if (span_is(key, json_node_key(child)))
            found = child;
    return found;
}

const struct json_node *json_node_get(const struct json_node *object, const char *key)
{
    return member(object, span_from(key));
}

const struct json_node *json_node_path(const struct json_node *node, const char *path)
{
    struct span rest = span_from(path), part;

    while (node && span_split(&rest, '.', &part))
        node = member(node, part);
    return node;
}

const char *json_node_text(const struct json_node *node)
{
    return json_node_type(node) == JSON_STRING ? item_of(node)->valuestring : NULL;
}

const char *json_node_path_text(const struct json_node *node, const char *path,
                                const char *fallback)
{
    const char *text = json_node_text(json_node_path(node, path));
    return text ? text : fallback;
}

bool json_node_int(const struct json_node *node, int64_t *out)
{
    double n;

    if (json_node_type(node) != JSON_NUMBER)
        return false;
    n = item_of(node)->valuedouble;
    if (!(n >= -EXACT_MAX && n <= EXACT_MAX) || n != trunc(n))
        return false;
    *out = (int64_t)n;
    return true;
}

bool json_node_real(const struct json_node *node, double *out)
{
    if (json_node_type(node) != JSON_NUMBER)
        return false;
    *out = item_of(node)->valuedouble;
    return true;
}

bool json_node_true(const struct json_node *node)
{
    return json_node_type(node) == JSON_TRUE;
}

const struct json_node *json_node_first(const struct json_node *node)
{
    return node ? node_of(item_of(node)->child) : NULL;
}

const struct json_node *json_node_next(const struct json_node *node)
{
    return node ? node_of(item_of(node)->next) : NULL;
}

const char *json_node_key(const struct json_node *node)
{
    return node ? item_of(node)->string : NULL;
}

size_t json_node_count(const struct json_node *node)
{
    size_t count = 0;

    for (node = json_node_first(node); node; node = json_node_next(node))
        count++;
    return count;
}

bool json_node_same(const struct json_node *a, const struct json_node *b)
{
    return a && b ? cJSON_Compare(item_of(a), item_of(b), true) : a == b;
}
