/* Small XML answers as a tree (expat behind): S3, Route 53. No document type is taken, so that
 * there are no entities but the five of XML and nothing outside the text is read. */
#ifndef BINNACLE_NET_XML_H
#define BINNACLE_NET_XML_H

#include "base/err.h"
#include "base/span.h"

#define XML_DOC_MAX   ((size_t)16 << 20)
#define XML_DEPTH_MAX 32
#define XML_NODES_MAX 200000

struct xml_doc;
struct xml_node; /* borrowed from its document */

/* The whole text must be one well-formed document, at most XML_DOC_MAX bytes, nested at most
 * XML_DEPTH_MAX, of at most XML_NODES_MAX elements. what stands in the sentence. NULL and *err:
 * ERR_PROTO, ERR_NOMEM. */
struct xml_doc *xml_doc_parse(struct span text, const char *what, struct err *err) BN_MUST_USE;
void xml_doc_free(struct xml_doc *doc); /* NULL is allowed */
const struct xml_node *xml_doc_root(const struct xml_doc *doc);

/* All take NULL nodes and say "not there". Names are without their namespace's prefix; attributes
 * are not kept. */
struct span xml_name(const struct xml_node *node);
/* Its text, valid UTF-8; empty where it holds elements. */
struct span xml_text(const struct xml_node *node);
/* The first element of this name in it; NULL name: of any. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* The next one beside it. */
const struct xml_node *xml_next(const struct xml_node *node, const char *name);
/* xml_text() of xml_child(); empty where there is none. */
struct span xml_child_text(const struct xml_node *node, const char *name);
/* The first element of this name anywhere below. */
const struct xml_node *xml_find(const struct xml_node *node, const char *name);

#endif
