/* A tree of elements, built as expat finds them. */
#include <config.h>

#include "net/xml.h"

#include "base/alloc.h"
#include "base/arena.h"
#include "base/strbuf.h"

#include <expat.h>
#include <stdlib.h>

#define TREE_MAX (4 * XML_DOC_MAX)

struct xml_node {
    struct xml_node *parent, *first, *last, *next;
    struct span name, text;
};

struct xml_doc {
    struct arena *arena; /* owned; holds everything */
    struct xml_node *root;
};

struct reader {
    struct xml_doc *doc;
    XML_Parser parser;
    struct xml_node *at; /* the open element */
    size_t depth, nodes;
    struct strbuf text;  /* since the last tag */
    const char *refused; /* NULL, or why it is not taken */
    bool no_memory;
};

static void refuse(struct reader *r, const char *why)
{
    if (!r->refused)
        r->refused = why;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static void run_out(struct reader *r)
{
    r->no_memory = true;
    refuse(r, "it needs too much memory");
}

/* ---- expat's callbacks. */

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = context;
    struct span whole = span_from(name);
    size_t colon = span_find(whole, ':', 0);
    struct xml_node *n;
    (void)attributes;
    if (r->refused) /* expat ends the tag that it is in */
        return;
    if (++r->depth > XML_DEPTH_MAX || ++r->nodes > XML_NODES_MAX) {
        refuse(r, "it is nested too deeply or has too many elements");
        return;
    }
    n = arena_calloc(r->doc->arena, 1, sizeof(*n));
    if (!n ||
        !arena_copy(r->doc->arena,
                    colon < whole.len ? span_sub(whole, colon + 1, whole.len) : whole, &n->name)) {
        run_out(r);
        return;
    }
    n->parent = r->at;
    if (!r->at)
        r->doc->root = n;
    else if (r->at->last)
        r->at->last->next = n;
    else
        r->at->first = n;
    if (r->at)
        r->at->last = n;
    r->at = n;
    strbuf_truncate(&r->text, 0);
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
    struct reader *r = context;
    (void)name;
    if (r->refused)
        return;
    if (r->text.failed ||
        (!r->at->first && !arena_copy(r->doc->arena, strbuf_span(&r->text), &r->at->text)))
        run_out(r);
    strbuf_truncate(&r->text, 0);
    r->at = r->at->parent;
    r->depth--;
}

static void XMLCALL on_text(void *context, const XML_Char *text, int len)
{
    struct reader *r = context;
    strbuf_add(&r->text, span_make(text, (size_t)len));
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    refuse(context, "it declares a document type, which no answer does");
}

/* ---- The document. */

static void set_callbacks(struct reader *r)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
}

static bool read_all(struct reader *r, struct span text, const char *what, struct err *err)
{
    set_callbacks(r);
    if (XML_Parse(r->parser, text.len ? text.data : "", (int)text.len, XML_TRUE) == XML_STATUS_OK &&
        !r->refused)
        return true;
    if (r->no_memory || XML_GetErrorCode(r->parser) == XML_ERROR_NO_MEMORY)
        return err_set(err, ERR_NOMEM, "%s: %s", what, r->refused ? r->refused : "no memory");
    return err_set(err, ERR_PROTO, "%s is no XML that can be taken: line %lu: %s", what,
                   (unsigned long)XML_GetCurrentLineNumber(r->parser),
                   r->refused ? r->refused : XML_ErrorString(XML_GetErrorCode(r->parser)));
}

struct xml_doc *xml_doc_parse(struct span text, const char *what, struct err *err)
{
    struct reader r = {.text = STRBUF_INIT(XML_DOC_MAX)};
    bool ok = false;
    if (text.len > XML_DOC_MAX) {
        (void)err_set(err, ERR_PROTO, "%s is larger than %zu MiB", what, XML_DOC_MAX >> 20);
        return NULL;
    }
    r.doc = xalloc_zero(1, sizeof(*r.doc));
    r.doc->arena = arena_new(TREE_MAX);
    r.parser = XML_ParserCreate(NULL);
    if (r.doc->arena && r.parser)
        ok = read_all(&r, text, what, err);
    else
        (void)err_set(err, ERR_NOMEM, "%s: no memory", what);
    if (r.parser)
        XML_ParserFree(r.parser);
    strbuf_clear(&r.text);
    if (ok)
        return r.doc;
    xml_doc_free(r.doc);
    return NULL;
}

void xml_doc_free(struct xml_doc *doc)
{
    if (!doc)
        return;
    arena_free(doc->arena);
    free(doc);
}

const struct xml_node *xml_doc_root(const struct xml_doc *doc)
{
    return doc->root;
}

/* ---- Reading. */

struct span xml_name(const struct xml_node *node)
{
    return node ? node->name : span_make(NULL, 0);
}

struct span xml_text(const struct xml_node *node)
{
    return node ? node->text : span_make(NULL, 0);
}

static const struct xml_node *named(const struct xml_node *node, const char *name)
{
    while (node && name && !span_is(node->name, name))
        node = node->next;
    return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *name)
{
    return node ? named(node->first, name) : NULL;
}

const struct xml_node *xml_next(const struct xml_node *node, const char *name)
{
    return node ? named(node->next, name) : NULL;
}

struct span xml_child_text(const struct xml_node *node, const char *name)
{
    return xml_text(xml_child(node, name));
}

const struct xml_node *xml_find(const struct xml_node *node, const char *name)
{
    const struct xml_node *n = node ? node->first : NULL;
    while (n && !span_is(n->name, name)) {
        if (n->first) {
            n = n->first;
            continue;
        }
        while (n != node && !n->next)
            n = n->parent;
        n = n == node ? NULL : n->next;
    }
    return n;
}
