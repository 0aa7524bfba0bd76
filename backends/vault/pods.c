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

/* "vault-1 sealed 1/3" */
static void say_pod(const struct vault_pod *pod, const struct json_node *seal, struct strbuf *says)
{
    int64_t given = 0, needed = 0;
    (void)!json_node_int(json_node_get(seal, "progress"), &given);
    (void)!json_node_int(json_node_get(seal, "t"), &needed);
    if (says->len)
        strbuf_addc(says, LIST_SEPARATOR);
    strbuf_adds(says, pod->name);
    if (!seal)
        strbuf_adds(says, " unknown");
    else if (!json_node_true(json_node_get(seal, "sealed")))
        strbuf_adds(says, " open");
    else if (!json_node_true(json_node_get(seal, "initialized")))
        strbuf_adds(says, " not initialised");
    else
        strbuf_addf(says, " sealed %lld/%lld", (long long)given, (long long)needed);
}

/* How good a speaker for all it is: the active one is best. */
static int rank_of(const struct json_node *health)
{
    if (json_node_true(json_node_get(health, "sealed")))
        return 1;
    return json_node_true(json_node_get(health, "standby")) ? 2 : 3;
}

/* The service leads to any of the pods, open or not: what one that is sealed, stands by or was never
 * initialised says of itself holds for it alone. False: the source is to stop. */
static bool ask_health(const struct vault_pod *pod, struct vault_seals *out)
{
    struct err err;
    struct json_doc *doc = vault_health(pod->http, pod->name, &err);
    const struct json_node *health = json_doc_root(doc),
                           *reached = json_node_get(health, "ha_connection_healthy");
    const int rank = doc ? rank_of(health) : 0;
    if (!doc)
        return err.kind != ERR_CANCELLED;
    out->cut_off = out->cut_off || (reached && !json_node_true(reached));
    if (rank <= out->rank) {
        json_doc_free(doc);
        return true;
    }
    json_doc_free(out->health);
    out->health = doc;
    out->rank = rank;
    out->speaker = pod;
    return true;
}

/* False: the source is to stop. */
static bool ask(const struct vault_pod *pod, struct strbuf *says, struct vault_seals *out)
{
    struct err err;
    struct json_doc *doc = http_source_get(pod->http, "/v1/sys/seal-status", NULL, NULL, &err);
    const struct json_node *seal = json_doc_root(doc);
    const bool sealed = json_node_true(json_node_get(seal, "sealed")),
               initialised = json_node_true(json_node_get(seal, "initialized"));
    const bool ok = doc || err.kind != ERR_CANCELLED;
    say_pod(pod, seal, says);
    out->open += doc && !sealed;
    out->sealed += sealed;
    json_doc_free(doc);
    return ok && (!initialised || ask_health(pod, out));
}

bool vault_pods_ask(struct vault *v, struct strbuf *says, struct vault_seals *out)
{
    bool ok = true;
    *out = (struct vault_seals){0};
    for (size_t i = 0; ok && i < v->npods; i++)
        ok = ask(&v->pods[i], says, out);
    return ok;
}
