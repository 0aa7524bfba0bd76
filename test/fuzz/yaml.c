/* Fuzz target: YAML to a tree and to JSON; what comes out is JSON again. */
#include <config.h>

#include "base/yaml.h"

#include "base/utf8.h"
#include "test/fuzz/fuzz.h"

#define JSON_MAX ((size_t)64 << 20)

/* Nodes know their place and their number, and are not deeper than promised. */
static void walk(const struct yaml_node *node, int depth)
{
    size_t count = 0;
    bn_assert(depth <= 64 && node->line >= 1 && node->column >= 1);
    bn_assert(node->type != YAML_SCALAR || node->text.data[node->text.len] == '\0');
    for (const struct yaml_node *n = node->first; n; n = n->next, count++)
        walk(n, depth + 1);
    bn_assert(count == node->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {.kind = ERR_NONE};
    struct strbuf json = STRBUF_INIT(JSON_MAX);
    struct yaml_doc *doc = yaml_parse(span_make((const char *)data, size), "input", &err);
    if (!doc)
        bn_assert(err.kind == ERR_CONFIG && err.msg[0] && utf8_valid(span_from(err.msg)));
    for (size_t i = 0; doc && i < yaml_count(doc); i++) {
        const struct yaml_node *root = yaml_root(doc, i);
        if (!root)
            continue;
        walk(root, 1);
        strbuf_truncate(&json, 0);
        yaml_to_json(root, &json);
        bn_assert(json.failed || utf8_valid(strbuf_span(&json)));
        if (size > 1000) /* longer keys are valid JSON, but none for libyaml */
            continue;
        /* JSON is YAML: it reads back, and is the same JSON then */
        struct strbuf again = STRBUF_INIT(JSON_MAX);
        struct yaml_doc *other = yaml_parse(strbuf_span(&json), "json", &err);
        bn_assert(other && yaml_count(other) == 1);
        if (yaml_root(other, 0)) {
            yaml_to_json(yaml_root(other, 0), &again);
            bn_assert(span_eq(strbuf_span(&json), strbuf_span(&again)));
        }
        strbuf_clear(&again);
        yaml_doc_free(other);
    }
    strbuf_clear(&json);
    yaml_doc_free_wiped(doc);
    return 0;
}
