/* The pods of a Vault that has several: each has a seal of its own, which the service, that leads to one
 * of them, does not tell [developer.hashicorp.com/vault/docs/concepts/seal]. */
#include <config.h>

#include "backends/vault/vault.h"
#include "base/alloc.h"

#include <stdlib.h>

#define DEADLINE_MS 3000 /* one that is away must not keep the others from being told */
#define WAY_MAX     2048

/* Of `pods`, with the name in place of '*'. */
static void way_to(const char *pods, struct span name, struct strbuf *out)
{
    strbuf_truncate(out, 0);
    for (; *pods; pods++)
        if (*pods == '*')
            strbuf_add(out, name);
        else
            strbuf_addc(out, *pods);
}

bool vault_pods_open(struct vault *v, struct err *err)
{
    const char *pods = ctx_setting_filled(v->ctx, "pods"),
               *nodes = ctx_setting_filled(v->ctx, "nodes");
    struct span rest = span_from(pods ? nodes : NULL), name;
    struct strbuf way = STRBUF_INIT(WAY_MAX);
    bool ok = true;
    while (ok && rest.len && v->npods < VAULT_PODS_MAX && span_split(&rest, ',', &name)) {
        name = span_trim(name);
        way_to(pods, name, &way);
        const struct http_source_options o = {.ctx = v->ctx,
                                              .explain = vault_explain,
                                              .deadline_ms = DEADLINE_MS,
                                              .reach = strbuf_cstr(&way)};
        struct http_source *http = http_source_new(&o, err);
        ok = http != NULL;
        if (ok)
            v->pods[v->npods++] =
                (struct vault_pod){.name = xalloc_bytes(name.data, name.len), .http = http};
    }
    strbuf_clear(&way);
    return ok;
}

void vault_pods_close(struct vault *v)
{
    for (size_t i = 0; i < v->npods; i++) {
        http_source_free(v->pods[i].http);
        free(v->pods[i].name);
    }
    v->npods = 0;
}

/* False: the source is to stop. */
static bool ask(struct vault_pod *pod, struct strbuf *says, struct vault_seals *out)
{
    struct err err;
    int64_t given = 0, needed = 0;
    struct json_doc *doc = http_source_get(pod->http, "/v1/sys/seal-status", NULL, NULL, &err);
    const struct json_node *root = json_doc_root(doc);
    (void)!json_node_int(json_node_get(root, "progress"), &given);
    (void)!json_node_int(json_node_get(root, "t"), &needed);
    const bool sealed = json_node_true(json_node_get(root, "sealed"));
    out->open += doc && !sealed;
    out->sealed += sealed;
    if (says->len)
        strbuf_addc(says, LIST_SEPARATOR);
    strbuf_adds(says, pod->name);
    if (!doc)
        strbuf_adds(says, " unknown");
    else if (!sealed)
        strbuf_adds(says, " open");
    else if (!json_node_true(json_node_get(root, "initialized")))
        strbuf_adds(says, " not initialised");
    else
        strbuf_addf(says, " sealed %lld/%lld", (long long)given, (long long)needed);
    json_doc_free(doc);
    return doc || err.kind != ERR_CANCELLED;
}

bool vault_pods_ask(struct vault *v, struct strbuf *says, struct vault_seals *out)
{
    bool ok = true;
    *out = (struct vault_seals){0};
    for (size_t i = 0; ok && i < v->npods; i++)
        ok = ask(&v->pods[i], says, out);
    return ok;
}
