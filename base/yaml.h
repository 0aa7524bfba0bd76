/* YAML as a tree that knows its lines. libyaml parses; aliases are resolved
 * within a budget of 10,000 nodes; depth 64, input 16 MiB. */
#ifndef BINNACLE_BASE_YAML_H
#define BINNACLE_BASE_YAML_H

#include "base/err.h"
#include "base/strbuf.h"

enum yaml_type { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_type type;
    bool plain;       /* SCALAR: not quoted, so null, true, 12 may mean what they say */
    int line, column; /* from 1 */
    struct span text; /* SCALAR: borrowed from the document, a NUL follows */
    struct span key;  /* when this node is the value of a map entry */
    int key_line, key_column;
    struct yaml_node *first; /* LIST, MAP: children, linked by next; borrowed */
    struct yaml_node *next;
    size_t count;
};

struct yaml_doc;

/* Parses all documents in text. name stands in messages ("file:line:column:
 * what"). NULL and *err on failure: ERR_CONFIG. Duplicate keys are an error; `<<`
 * merges maps. */
struct yaml_doc *yaml_parse(struct span text, const char *name, struct err *err) BN_MUST_USE;
/* Reads and parses a file of at most 16 MiB. ERR_NOTFOUND when it does not exist. */
struct yaml_doc *yaml_load(const char *path, struct err *err) BN_MUST_USE;
void yaml_doc_free(struct yaml_doc *doc); /* NULL is allowed */
void yaml_doc_free_wiped(struct yaml_doc *doc);

size_t yaml_count(const struct yaml_doc *doc);
/* Root of document i; NULL when it is empty. Borrowed. */
const struct yaml_node *yaml_root(const struct yaml_doc *doc, size_t i);

/* The value behind key in a map; NULL when absent or node is no map (or NULL). */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);
/* Text of a scalar child, or fallback. */
const char *yaml_text(const struct yaml_node *node, const char *key, const char *fallback);
/* True for plain ~, null, Null, NULL and empty. */
bool yaml_is_null(const struct yaml_node *node);
/* true/false only (YAML 1.2 core). False: not a boolean. */
bool yaml_bool(const struct yaml_node *node, bool *out) BN_MUST_USE;

/* Appends text as a YAML scalar in single quotes, on one line. Controls cannot stand there. */
void yaml_quote(const char *text, struct strbuf *out);
/* Appends the tree as JSON by YAML 1.2's core schema (what kubectl's
 * sigs.k8s.io/yaml does with manifests). */
void yaml_to_json(const struct yaml_node *node, struct strbuf *out);

#endif
