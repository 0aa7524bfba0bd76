/* No value of a Secret comes here: its metadata alone is asked for, and what a server
 * sends beyond that stays on the source's thread. */
#include <config.h>

#include "test/systems/kube_api.h"

#define CANARY   "Q0FOQVJZLTdmM2U5YjJkNDE="
#define SECRETS  "/api/v1/secrets?"
#define ONE      "/api/v1/namespaces/shop/secrets/db"
#define METADATA "as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
#define LISTED   "as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
/* `kubectl apply` notes the values in the metadata; this server sends them as well. */
#define OBJECT                                                                                  \
    "{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"metadata\":{\"namespace\":\"shop\",\"name\":" \
    "\"db\",\"resourceVersion\":\"7\",\"annotations\":{\"kubectl.kubernetes.io/"                \
    "last-applied-configuration\":\"{\\\"data\\\":{\\\"a\\\":\\\"" CANARY                       \
    "\\\"}}\",\"note\":\"kept\"}},\"data\":{\"a\":\"" CANARY "\",\"b\":{\"deep\":\"" CANARY     \
    "\"}},\"stringData\":\"" CANARY "\",\"type\":\"Opaque\"}"

#define will(w, ...) api_will(w, &(struct api_answer){__VA_ARGS__})

static const char token[] = "token: t";

static void metadata_alone_is_asked_for(void **state)
{
    struct world *w = *state;
    world_start(w, token, NULL);
    world_want(w, "secret");
    world_want(w, "configmap");
    until(w, api_asked(w, SECRETS, "watch=1") && api_asked(w, "/api/v1/configmaps?", "watch=1"));
    world_fetch(w, "secret", "shop/db", DOCUMENT_YAML);
    world_turn(w, false, world_patience());
    until(w, api_asked(w, ONE, NULL));
    assert_int_equal(api_asked(w, SECRETS, "limit="), api_asked(w, SECRETS, LISTED));
    assert_int_equal(api_asked(w, SECRETS, "watch=1"), api_asked(w, SECRETS, METADATA));
    assert_int_equal(api_asked(w, ONE, NULL), api_asked(w, ONE, METADATA));
    assert_int_equal(api_asked(w, SECRETS, "application/json,"), 0); /* and nothing in its place */
    assert_int_equal(api_asked(w, "/api/v1/configmaps?", "watch=1"),
                     api_asked(w, "/api/v1/configmaps?", METADATA));
}

static void no_cell_has_a_value(void **state)
{
    struct world *w = *state;
    struct strbuf cell = STRBUF_INIT(65536);
    struct handle row;
    will(w, .to = SECRETS, .with = "limit=",
         .body =
             "{\"kind\":\"SecretList\",\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[" OBJECT
             "]}");
    world_start(w, token, NULL);
    world_want(w, "secret");
    until(w, world_has(w, "secret", "shop/db"));
    assert_true(store_find(w->store, 0, kube_number("secret"), SPAN("shop/db"), &row));
    for (size_t i = 0; i < store_kind(w->store, row.kind)->ncolumns; i++) {
        kube_cell(w->store, row, store_kind(w->store, row.kind)->columns[i].name, &cell);
        assert_null(strstr(strbuf_cstr(&cell), "Q0FOQVJ"));
    }
    strbuf_clear(&cell);
}

static void no_document_has_a_value(void **state)
{
    static const char yaml[] = "apiVersion: v1\n"
                               "data:\n"
                               "  a: '***'\n"
                               "  b: '***'\n"
                               "kind: Secret\n"
                               "metadata:\n"
                               "  annotations:\n"
                               "    note: kept\n"
                               "  name: db\n"
                               "  namespace: shop\n"
                               "  resourceVersion: \"7\"\n"
                               "stringData: '***'\n"
                               "type: Opaque\n";
    struct world *w = *state;
    will(w, .to = ONE, .body = OBJECT, .always = true);
    world_start(w, token, NULL);
    world_fetch(w, "secret", "shop/db", DOCUMENT_YAML);
    until(w, w->done);
    assert_string_equal(strbuf_cstr(&w->text), yaml);
    world_fetch(w, "secret", "shop/db", DOCUMENT_JSON);
    until(w, w->done);
    assert_null(strstr(strbuf_cstr(&w->text), "Q0FOQVJ"));
    assert_non_null(strstr(strbuf_cstr(&w->text),
                           "last-applied-configuration\":\"***\",\"note\":\"kept\"}},\"data\":"
                           "{\"a\":\"***\",\"b\":\"***\"},\"stringData\":\"***\",\"type\":"));
}

/* What is no JSON could have a value anywhere. */
static void a_broken_document_is_not_shown(void **state)
{
    struct world *w = *state;
    will(w, .to = ONE, .body = "{\"data\":{\"a\":\"" CANARY "\"", .always = true);
    world_start(w, token, NULL);
    world_fetch(w, "secret", "shop/db", DOCUMENT_JSON);
    until(w, w->done);
    assert_string_equal(strbuf_cstr(&w->text), "");
    assert_int_equal(w->why.kind, ERR_PROTO);
    assert_null(strstr(w->why.msg, "Q0FOQVJ"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(metadata_alone_is_asked_for),
        CASE(no_cell_has_a_value),
        CASE(no_document_has_a_value),
        CASE(a_broken_document_is_not_shown),
    };
    return cmocka_run_group_tests_name("kube secrets", tests, NULL, NULL);
}
