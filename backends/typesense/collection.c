/* Collections of a Typesense. */
#include <config.h>

#include "backends/typesense/typesense.h"
#include "model/store.h"
#include "net/plain.h"

#include <string.h>

enum { NAME, DOCUMENTS, AGE, SORTING, NESTED, SERVER, CREATED };

static const struct column columns[] = {
    [NAME] = {"name", "NAME", "The collection.", VALUE_TEXT, 30, 0, COLUMN_IDENT, NULL, NULL},
    [DOCUMENTS] = {"documents", "DOCS", "Documents in it.", VALUE_COUNT, 8, 5, COLUMN_RIGHT, NULL,
                   NULL},
    [AGE] = {"age", "AGE", "Since it was made.", VALUE_DURATION, 5, 20, COLUMN_RIGHT, "created",
             NULL},
    [SORTING] = {"sorting", "SORTING", "The field by which it sorts unless told otherwise.",
                 VALUE_TEXT, 16, 30, 0, NULL, NULL},
    [NESTED] = {"nested", "NESTED", "Whether fields of nested objects are searched.", VALUE_BOOL, 6,
                60, COLUMN_WIDE, NULL, NULL},
    [SERVER] = {"server", "SERVER", "The node that lists it.", VALUE_TEXT, 16, 10, 0, NULL, NULL},
    [CREATED] = {"created", "CREATED", "When it was made.", VALUE_INSTANT, 5, 90, COLUMN_HIDDEN,
                 NULL, NULL},
};

const struct kind kind_typesense_collection = {
    .name = "typesense-collection",
    .plural = "typesense-collections",
    .aliases = "collections",
    .title = "Typesense collections",
    .help = "What is searched: collections of Typesense and their documents.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .sort = "name",
};

#define NAME_BYTES  512
#define SECONDS_MAX INT64_C(4102444800) /* the year 2100: what lies behind it is no time */

static bool put(const struct typesense *t, const struct json_node *c,
                const struct typesense_node *n, struct row_writer *w)
{
    struct strbuf key = STRBUF_INIT(2 * NAME_BYTES);
    const char *name = json_node_text(json_node_get(c, "name")),
               *sorting = json_node_path_text(c, "default_sorting_field", "");
    char shown[NAME_BYTES];
    int64_t number;
    if (!name || !name[0])
        return true;
    (void)plain_text(span_from(name), shown, sizeof(shown));
    strbuf_addf(&key, "%s/%s", ctx_name(t->ctx), shown);
    row_begin(w, strbuf_span(&key));
    strbuf_clear(&key);
    row_text(w, NAME, span_from(shown));
    row_text(w, SERVER, span_from(n->name));
    if (json_node_int(json_node_get(c, "num_documents"), &number))
        row_num(w, DOCUMENTS, number);
    if (json_node_int(json_node_get(c, "created_at"), &number) && number > 0 &&
        number < SECONDS_MAX)
        row_num(w, CREATED, number * 1000);
    if (sorting[0])
        row_text(w, SORTING, span_from(plain_text(span_from(sorting), shown, sizeof(shown))));
    row_num(w, NESTED, json_node_true(json_node_get(c, "enable_nested_fields")));
    row_link(w, LINK_OWNER, 0, "typesense", span_from(n->name));
    return row_end(w);
}

bool typesense_put_collections(const struct typesense *t, const struct typesense_node *n,
                               const struct json_doc *list, struct row_writer *w)
{
    bool ok = true;
    for (const struct json_node *c = json_node_first(json_doc_root(list)); c && ok;
         c = json_node_next(c))
        ok = put(t, c, n, w);
    return ok;
}
