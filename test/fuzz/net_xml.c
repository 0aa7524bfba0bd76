/* Fuzz target: XML answers. Whatever comes, the tree is within its limits and whole. */
#include <config.h>

#include "net/xml.h"
#include "test/fuzz/fuzz.h"

static size_t walk(const struct xml_node *n, unsigned depth)
{
    size_t count = 1;
    bn_assert(depth <= XML_DEPTH_MAX && xml_name(n).len > 0);
    bn_assert(!xml_child(n, NULL) || xml_text(n).len == 0);
    for (const struct xml_node *c = xml_child(n, NULL); c; c = xml_next(c, NULL))
        count += walk(c, depth + 1);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_make((const char *)data, size);
    struct err err;
    struct xml_doc *doc = xml_doc_parse(text, "the answer", &err);
    if (!doc) {
        bn_assert(err.kind != ERR_NONE && err.msg[0]);
        return 0;
    }
    bn_assert(walk(xml_doc_root(doc), 1) <= XML_NODES_MAX);
    (void)xml_find(xml_doc_root(doc), "NextContinuationToken");
    xml_doc_free(doc);
    return 0;
}
