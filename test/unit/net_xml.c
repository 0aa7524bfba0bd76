/* XML answers: what is read, and what is refused. */
#include <config.h>

#include "base/alloc.h"
#include "base/strbuf.h"
#include "net/xml.h"
#include "test/unit/net_test.h"

static struct xml_doc *parse(const char *text)
{
    struct err err;
    struct xml_doc *doc = xml_doc_parse(span_from(text), "the answer", &err);
    if (!doc)
        fail_msg("%s", err.msg);
    return doc;
}

static void elements_and_texts(void **state)
{
    struct xml_doc *doc =
        parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<s3:List xmlns:s3=\"http://s3.amazonaws.com/doc/2006-03-01/\" a=\"1\">\n"
              "  <Key>a&amp;b &#228; &lt;c&gt;</Key><!-- no text --><Key><![CDATA[<raw>]]></Key>\n"
              "  <Owner><ID>1</ID><Deep><Name>x</Name></Deep></Owner><Empty/>\n"
              "</s3:List>\n");
    const struct xml_node *root = xml_doc_root(doc), *key = xml_child(root, "Key");
    (void)state;
    assert_true(span_is(xml_name(root), "List"));
    assert_int_equal(xml_text(root).len, 0);
    assert_true(span_is(xml_text(key), "a&b \xc3\xa4 <c>"));
    assert_true(span_is(xml_text(xml_next(key, "Key")), "<raw>"));
    assert_null(xml_next(xml_next(key, "Key"), "Key"));
    assert_true(span_is(xml_child_text(xml_child(root, "Owner"), "ID"), "1"));
    assert_true(span_is(xml_text(xml_find(root, "Name")), "x"));
    assert_null(xml_find(xml_child(root, "Owner"), "Empty"));
    assert_non_null(xml_child(root, "Empty"));
    assert_null(xml_child(NULL, "Key"));
    assert_int_equal(xml_child_text(root, "None").len, 0);
    xml_doc_free(doc);
}

static void other_encodings_become_utf8(void **state)
{
    struct xml_doc *doc = parse("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xe4</a>");
    (void)state;
    assert_true(span_is(xml_text(xml_doc_root(doc)), "\xc3\xa4"));
    xml_doc_free(doc);
}

static void refuse(struct span text, enum err_kind kind, const char *words)
{
    struct err err;
    struct xml_doc *doc = xml_doc_parse(text, "the answer", &err);
    assert_null(doc);
    assert_int_equal(err.kind, kind);
    assert_says(&err, words);
}

static void hostile_documents_are_refused(void **state)
{
    static const char *const types[] = {
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM \"http://127.0.0.1:1/a.dtd\"> %b;]><a/>",
    };
    (void)state;
    for (size_t i = 0; i < BN_COUNT(types); i++)
        refuse(span_from(types[i]), ERR_PROTO, "document type");
    refuse(SPAN("<a>&b;</a>"), ERR_PROTO, "undefined entity");
}

static void broken_documents_are_refused(void **state)
{
    (void)state;
    refuse(SPAN(""), ERR_PROTO, "no element");
    refuse(SPAN("{\"a\": 1}"), ERR_PROTO, "line 1");
    refuse(SPAN("<a><b></a></b>"), ERR_PROTO, "mismatched tag");
    refuse(SPAN("<a><b>cut sho"), ERR_PROTO, "");
    refuse(SPAN("<a/>\n<b/>"), ERR_PROTO, "line 2");
    refuse(SPAN("<a>\xff</a>"), ERR_PROTO, "invalid token");
    refuse(SPAN("<a>a\0b</a>"), ERR_PROTO, "invalid token");
    refuse(SPAN("<a>&#27;</a>"), ERR_PROTO, "invalid character");
    refuse(SPAN("<html><br>502 Bad Gateway</html>"), ERR_PROTO, "mismatched tag");
}

static void sizes_have_an_end(void **state)
{
    struct strbuf text = STRBUF_INIT(2 * XML_DOC_MAX);
    struct xml_doc *doc;
    (void)state;
    for (size_t i = 0; i < 100000; i++)
        strbuf_adds(&text, "<a>");
    refuse(strbuf_span(&text), ERR_PROTO, "nested too deeply");
    strbuf_truncate(&text, 0);
    strbuf_adds(&text, "<a>");
    for (size_t i = 0; i < XML_NODES_MAX; i++)
        strbuf_adds(&text, "<b/>");
    strbuf_adds(&text, "</a>");
    refuse(strbuf_span(&text), ERR_PROTO, "too many elements");
    strbuf_truncate(&text, 0);
    strbuf_adds(&text, "<a>");
    strbuf_fill(&text, 'x', XML_DOC_MAX - 7);
    strbuf_adds(&text, "</a>");
    doc = xml_doc_parse(strbuf_span(&text), "the answer", NULL);
    assert_non_null(doc);
    assert_int_equal(xml_text(xml_doc_root(doc)).len, XML_DOC_MAX - 7);
    xml_doc_free(doc);
    strbuf_adds(&text, "\n");
    refuse(strbuf_span(&text), ERR_PROTO, "larger than 16 MiB");
    strbuf_clear(&text);
}

static void memory_that_runs_out_is_an_error(void **state)
{
    const char *text = "<a><b>1</b><c>2</c></a>";
    struct err err;
    struct xml_doc *doc = NULL;
    (void)state;
    for (long n = 1; !doc; n++) {
        alloc_fail_at(n);
        doc = xml_doc_parse(span_from(text), "the answer", &err);
        if (!doc)
            assert_int_equal(err.kind, ERR_NOMEM);
        assert_true(n < 100);
    }
    alloc_fail_at(0);
    xml_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_and_texts),
        cmocka_unit_test(other_encodings_become_utf8),
        cmocka_unit_test(hostile_documents_are_refused),
        cmocka_unit_test(broken_documents_are_refused),
        cmocka_unit_test(sizes_have_an_end),
        cmocka_unit_test(memory_that_runs_out_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
