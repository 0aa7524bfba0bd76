/* How many leases a Vault keeps: from its own figures, where the token may read them. */
#include <config.h>

#include "backends/vault/vault.h"

#include <string.h>

#define EVERY_MS   60000
#define REFUSED_MS 600000 /* a refusal is an entry in its audit log each time */

/* {"Gauges":[{"Name":"vault.expire.num_leases","Value":1,...}]}: the last one counts
 * [vault api-docs/system/metrics; test/data/vault/dev-metrics-json.http]. */
static bool gauge(const struct json_node *figures, const char *name, int64_t *out)
{
    bool found = false;
    for (const struct json_node *g = json_node_first(json_node_get(figures, "Gauges")); g;
         g = json_node_next(g))
        if (strcmp(json_node_path_text(g, "Name", ""), name) == 0)
            found |= json_node_int(json_node_get(g, "Value"), out);
    return found;
}

bool vault_ask_leases(struct vault *v, struct err *err)
{
    struct vault_leases *l = &v->leases;
    int64_t now = clock_mono_ms(ctx_clock(v->ctx));
    if (!http_source_has_secret(v->http) || (l->due_ms && now < l->due_ms))
        return true;
    struct json_doc *doc = http_source_get(v->http, "/v1/sys/metrics", NULL, NULL, err);
    const struct json_node *root = json_doc_root(doc);
    *l = (struct vault_leases){.due_ms =
                                   now + (doc || err->kind == ERR_BUSY ? EVERY_MS : REFUSED_MS)};
    l->known = gauge(root, "vault.expire.num_leases", &l->count);
    (void)gauge(root, "vault.expire.num_irrevocable_leases", &l->irrevocable);
    json_doc_free(doc);
    return doc || vault_goes_on(err);
}
