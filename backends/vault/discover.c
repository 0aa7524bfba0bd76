/* Which Vaults a cluster has: services of the Helm charts of Vault and OpenBao. */
#include <config.h>

#include "backends/discovery.h"
#include "backends/vault/vault.h"

#include <stdio.h>
#include <string.h>

#define PORT          "8200"
#define SECRET        "binnacle" /* a Secret beside the service, whose `token` is for us */
#define RECIPE_BYTES  1024
#define READERS_BYTES ((size_t)1 << 20)

/* Of a release the chart makes NAME, NAME-internal, NAME-active, NAME-standby and NAME-ui
 * [hashicorp/vault-helm templates/server-*service.yaml]. */
bool vault_is_variant(struct span name)
{
    return span_ends(name, "-internal") || span_ends(name, "-active") ||
           span_ends(name, "-standby") || span_ends(name, "-ui");
}

static bool is_vault(const struct discovery_service *s)
{
    struct span app = discovery_label(s->labels, "app.kubernetes.io/name"),
                component = discovery_label(s->selector, "component");
    return (span_is(app, "vault") || span_is(app, "openbao")) && span_is(component, "server") &&
           discovery_has_port(s, PORT) && !vault_is_variant(s->name);
}

/* The first of a name is called by it; others by namespace and name. */
static bool is_first(const struct store *st, const struct discovery_service *s)
{
    struct discovery_service other;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &other))
        if (is_vault(&other) && span_eq(other.name, s->name))
            return span_eq(other.ns, s->ns);
    return true;
}

static bool has_secret(const struct store *st, struct span ns)
{
    int kind = store_kind_find(st, SPAN("secret"));
    char key[RECIPE_BYTES];
    struct handle row;
    (void)snprintf(key, sizeof(key), "%.*s/" SECRET, SPAN_ARG(ns));
    return kind >= 0 && store_find(st, 0, (uint16_t)kind, span_from(key), &row);
}

/* The names of its pods and the way to each, where there are several: of the StatefulSet that bears the
 * labels by which the service chooses. */
static bool find_pods(const struct store *st, const struct discovery_service *s,
                      char nodes[RECIPE_BYTES], char pods[RECIPE_BYTES])
{
    static const char *const labels[] = {"app.kubernetes.io/name", "app.kubernetes.io/instance"};
    struct discovery_set set;
    uint32_t at = 0;
    bool is = false;
    while (!is && discovery_next_set(st, &at, &set)) {
        is = span_eq(set.ns, s->ns) && set.pods > 1;
        for (size_t i = 0; i < BN_COUNT(labels); i++)
            is = is && span_eq(discovery_label(set.labels, labels[i]),
                               discovery_label(s->selector, labels[i]));
    }
    if (!is)
        return false;
    discovery_set_pods(&set, "nodes=", nodes, RECIPE_BYTES);
    (void)snprintf(pods, RECIPE_BYTES, "pods=%s:%.*s/*:" PORT,
                   discovery_has_port(s, "https") ? "proxy-https-pod" : "proxy-pod",
                   SPAN_ARG(s->ns));
    return true;
}

static void add(const struct store *st, struct discovery *d, const struct discovery_service *s)
{
    struct strbuf readers = STRBUF_INIT(READERS_BYTES);
    char name[RECIPE_BYTES], reach[RECIPE_BYTES], token[RECIPE_BYTES], missing[RECIPE_BYTES];
    bool secret = has_secret(st, s->ns), denied;
    (void)snprintf(name, sizeof(name), "%.*s%s%.*s", is_first(st, s) ? 0 : (int)s->ns.len,
                   s->ns.data, is_first(st, s) ? "" : "/", SPAN_ARG(s->name));
    (void)snprintf(reach, sizeof(reach), "reach=%s:%.*s/%.*s:" PORT,
                   discovery_has_port(s, "https") ? "proxy-https" : "proxy", SPAN_ARG(s->ns),
                   SPAN_ARG(s->name));
    (void)snprintf(token, sizeof(token), "token=secret:%.*s/" SECRET "/token", SPAN_ARG(s->ns));
    (void)discovery_knows(st, "secret", &denied);
    (void)snprintf(missing, sizeof(missing),
                   denied ? "a token, and Secrets may not be listed to find one: name it in the "
                            "configuration (sources: name %s, token)"
                          : "a token: name one in the configuration (sources: name %s, token), or "
                            "as `token` of a Secret " SECRET " beside the service",
                   name);
    char nodes[RECIPE_BYTES], pods[RECIPE_BYTES];
    const char *settings[5] = {reach};
    size_t n = 1;
    if (find_pods(st, s, nodes, pods)) {
        settings[n++] = nodes;
        settings[n++] = pods;
    }
    if (secret)
        settings[n++] = token;
    vault_readers(st, s, &readers);
    const struct found f = {.name = name,
                            .missing = secret ? NULL : missing,
                            .unless = "token",
                            .settings = settings,
                            .targets = strbuf_cstr(&readers)};
    discovery_add(d, &f);
    strbuf_clear(&readers);
}

void vault_discover(const struct store *st, struct discovery *d)
{
    struct discovery_service s;
    uint32_t at = 0;
    while (discovery_next_service(st, &at, &s))
        if (is_vault(&s))
            add(st, d, &s);
}
