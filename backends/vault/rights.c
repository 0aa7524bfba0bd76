/* What the token may do on paths: asked by the question that Vault has for it, many paths at a time.
 * Nothing is read or changed by it. */
#include <config.h>

#include "backends/vault/paths.h"
#include "base/json_out.h"

#include <string.h>

#define QUESTION_BYTES ((size_t)256 << 10)

/* In the order in which they are told. */
static const char *const words[] = {"root", "create", "read", "update", "patch",
                                    "list", "delete", "sudo", "deny"};

/* [vault api-docs/system/capabilities-self] The answer has every path at its top and below `data`. */
struct json_doc *vault_ask_rights(const struct vault *v, const char *const *paths, size_t count,
                                  struct err *err)
{
    struct strbuf body = STRBUF_INIT(QUESTION_BYTES);
    struct json_doc *doc = NULL;
    struct json_out j;
    json_out_init(&j, &body, 0);
    json_object(&j);
    json_key(&j, "paths");
    json_array(&j);
    for (size_t i = 0; i < count; i++)
        json_cstr(&j, paths[i]);
    json_array_end(&j);
    json_object_end(&j);
    if (body.failed)
        (void)err_set(err, ERR_PROTO, "the paths are too long to ask what the token may do");
    else
        doc = http_source_ask(v->http, "/v1/sys/capabilities-self", strbuf_span(&body), err);
    strbuf_clear(&body);
    return doc;
}

static bool has(const struct json_node *list, const char *word)
{
    for (const struct json_node *n = json_node_first(list); n; n = json_node_next(n))
        if (json_node_text(n) && strcmp(json_node_text(n), word) == 0)
            return true;
    return false;
}

static const struct json_node *rights_of(const struct json_doc *rights, const char *path)
{
    return json_node_get(json_node_get(json_doc_root(rights), "data"), path);
}

bool vault_may_read(const struct json_doc *rights, const char *path)
{
    const struct json_node *list = rights_of(rights, path);
    return !list || has(list, "read") || has(list, "root");
}

void vault_put_rights(struct row_writer *w, size_t column, const struct json_doc *rights,
                      const char *path)
{
    const struct json_node *list = rights_of(rights, path);
    struct strbuf all = STRBUF_INIT(ROW_TEXT_MAX);
    for (size_t i = 0; i < BN_COUNT(words); i++)
        if (has(list, words[i]))
            strbuf_addf(&all, "%s%s", all.len ? (char[]){LIST_SEPARATOR, '\0'} : "",
                        strcmp(words[i], "deny") == 0 ? "nothing" : words[i]);
    if (all.len)
        row_text(w, column, strbuf_span(&all));
    strbuf_clear(&all);
}
