/* Small JSON answers as a tree (cJSON behind): discovery, single objects, exec
 * credentials. Keys are case-sensitive. Big or endless bodies: json_stream.h. */
#ifndef BINNACLE_NET_JSON_DOC_H
#define BINNACLE_NET_JSON_DOC_H

#include "net/json.h"

#define JSON_DOC_MAX ((size_t)16 << 20)

struct json_doc;
struct json_node; /* borrowed from its document */

/* The whole text must be one valid value, at most JSON_DOC_MAX bytes, nested at most
 * JSON_DEPTH_MAX. what stands in the sentence ("answer of the login plug-in"). NULL and *err:
 * ERR_PROTO, ERR_NOMEM. */
struct json_doc *json_doc_parse(struct span text, const char *what, struct err *err) BN_MUST_USE;
void json_doc_free(struct json_doc *doc);       /* NULL is allowed */
void json_doc_free_wiped(struct json_doc *doc); /* strings are overwritten first */
const struct json_node *json_doc_root(const struct json_doc *doc); /* NULL gives NULL */

/* All take NULL nodes and say "not there". The last duplicate counts. */
enum json_type json_node_type(const struct json_node *node);
const struct json_node *json_node_get(const struct json_node *object, const char *key);
const struct json_node *json_node_path(const struct json_node *node, const char *path); /* "a.b" */
const char *json_node_text(const struct json_node *node); /* string, else NULL */
/* Text behind a path, or fallback. */
const char *json_node_path_text(const struct json_node *node, const char *path,
                                const char *fallback);
/* An integer up to 2^53: cJSON keeps numbers as doubles. */
bool json_node_int(const struct json_node *node, int64_t *out) BN_MUST_USE;
bool json_node_real(const struct json_node *node, double *out) BN_MUST_USE; /* any number */
bool json_node_true(const struct json_node *node);
/* Children of an object or array, in order. */
const struct json_node *json_node_first(const struct json_node *node);
const struct json_node *json_node_next(const struct json_node *node);
const char *json_node_key(const struct json_node *node); /* NULL in arrays */
size_t json_node_count(const struct json_node *node);
/* The same value: the order of an object's members does not matter. Two that are not there are. */
bool json_node_same(const struct json_node *a, const struct json_node *b);

#endif
