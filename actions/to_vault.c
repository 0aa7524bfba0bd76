/* Deeds by Vault's HTTP API [developer.hashicorp.com/vault/api-docs; integrations.md, Vault]. */
#include <config.h>

#include "actions/target_impl.h"
#include "base/alloc.h"
#include "base/json_out.h"
#include "net/kube.h"
#include "net/recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX  ((size_t)4 << 20)
#define DEADLINE_MS 20000
#define TEXT_BYTES  2048
#define PREFIX      "/v1/"
#define PORT        "8200"
#define SECRET      "binnacle" /* beside the service; its `token` is for us */

/* ---- Sites: services of the Helm charts of Vault and OpenBao, as the source finds them. */

static bool is_vault(const struct json_node *service)
{
    const char *name = json_node_path_text(service, "metadata.name", "");
    static const char *const variants[] = {"-internal", "-active", "-standby", "-ui"};
    for (size_t i = 0; i < BN_COUNT(variants); i++)
        if (span_ends(span_from(name), variants[i]))
            return false;
    return strcmp(json_node_path_text(service, "spec.selector.component", ""), "server") == 0;
}

static const char *scheme_of(const struct json_node *service)
{
    const struct json_node *ports = json_node_path(service, "spec.ports");
    for (const struct json_node *p = json_node_first(ports); p; p = json_node_next(p))
        if (strcmp(json_node_path_text(p, "name", ""), "https") == 0)
            return "proxy-https";
    return "proxy";
}

static void add_service(const struct json_node *service, struct sites *out)
{
    const char *ns = json_node_path_text(service, "metadata.namespace", ""),
               *name = json_node_path_text(service, "metadata.name", "");
    char reach[TEXT_BYTES], token[TEXT_BYTES], site[TEXT_BYTES];
    bool first = true;
    for (size_t i = 0; i < out->count; i++)
        first = first && strcmp(out->sites[i].name, name) != 0;
    (void)snprintf(site, sizeof(site), "%s%s%s", first ? "" : ns, first ? "" : "/", name);
    (void)snprintf(reach, sizeof(reach), "reach=%s:%s/%s:" PORT, scheme_of(service), ns, name);
    (void)snprintf(token, sizeof(token), "token=secret:%s/" SECRET "/token", ns);
    const char *const settings[] = {reach, token, NULL};
    sites_add(out, "vault", site, settings);
}

static bool find(struct target *t, struct sites *out, struct err *err)
{
    struct json_doc *doc;
    if (!target_get(t,
                    "/api/v1/services?labelSelector=app.kubernetes.io%2Fname%20in%20%28vault%2C"
                    "openbao%29",
                    &doc, err))
        return false;
    const struct json_node *items = json_node_get(json_doc_root(doc), "items");
    for (const struct json_node *i = json_node_first(items); i; i = json_node_next(i))
        if (is_vault(i))
            add_service(i, out);
    json_doc_free(doc);
    return true;
}

/* ---- A connection, kept; the token goes with each request. */

struct vault_link {
    struct reach *reach;
    struct http *http;
    struct strbuf prefix;
    struct strbuf header; /* wiped */
};

static void close_vault(void *what)
{
    struct vault_link *v = what;
    http_free(v->http);
    reach_free(v->reach);
    strbuf_clear(&v->prefix);
    strbuf_wipe(&v->header);
    free(v);
}

static bool open_vault(struct target *t, const struct site *s, struct vault_link *v,
                       struct err *err)
{
    struct strbuf token = STRBUF_INIT(RECIPE_VALUE_MAX);
    const struct reach_options o = {.name = s->name,
                                    .ca_file = site_setting(s, "ca"),
                                    .tls_server_name = site_setting(s, "tls_name"),
                                    .insecure = site_setting_true(s, "insecure"),
                                    .cluster = &t->cluster};
    v->prefix = (struct strbuf)STRBUF_INIT(KUBE_PATH_MAX);
    v->header = (struct strbuf)STRBUF_INIT(RECIPE_VALUE_MAX + 64);
    v->reach = reach_parse(site_setting(s, "reach"), err);
    bool ok = v->reach && target_site_secret(t, s, "token", &token, err);
    if (ok) {
        strbuf_adds(&v->header, "X-Vault-Token: ");
        strbuf_add(&v->header, span_trim(strbuf_span(&token)));
        v->http = reach_http(v->reach, &o, t->cancel_fd, &v->prefix, err);
    }
    strbuf_wipe(&token);
    return v->http != NULL;
}

static struct vault_link *link_of(struct target *t, const struct deed *d, struct err *err)
{
    char key[TEXT_BYTES];
    struct span server;
    (void)snprintf(key, sizeof(key), "vault %s", d->at);
    struct vault_link *v = target_link(t, key);
    const struct site *s = v ? NULL : target_at(t, d, &server, err);
    if (v || !s)
        return v;
    v = xalloc_zero(1, sizeof(*v));
    if (!open_vault(t, s, v, err)) {
        close_vault(v);
        return NULL;
    }
    target_keep(t, key, v, close_vault);
    return v;
}

/* {"errors":["...","..."]} */
static void explain(struct span body, struct err *err)
{
    struct err why;
    struct strbuf text = STRBUF_INIT(4096);
    struct json_doc *doc = json_doc_parse(body, "Vault's answer", &why);
    const struct json_node *errors = json_node_get(json_doc_root(doc), "errors");
    for (const struct json_node *e = json_node_first(errors); e; e = json_node_next(e)) {
        const char *one = json_node_text(e);
        struct span rest = span_from(one ? one : ""), line;
        while (span_split(&rest, '\n', &line))
            if (span_trim(line).len)
                strbuf_addf(&text, "%s%.*s", text.len ? "; " : "", SPAN_ARG(span_trim(line)));
    }
    if (text.len) {
        struct err whole = *err;
        (void)err_code(err, whole.kind, whole.code, "%s: %s", whole.msg, strbuf_cstr(&text));
    }
    strbuf_clear(&text);
    json_doc_free(doc);
}

static bool ask(struct target *t, const struct deed *d, const char *body, struct strbuf *out,
                struct err *err)
{
    struct vault_link *v = link_of(t, d, err);
    struct strbuf path = STRBUF_INIT(2 * KUBE_PATH_MAX);
    struct http_result result;
    if (!v)
        return false;
    char media[128];
    const char *const headers[] = {"Accept: application/json", strbuf_cstr(&v->header), media,
                                   NULL};
    (void)snprintf(media, sizeof(media), "Content-Type: %s",
                   d->media && d->media[0] ? d->media : "application/json");
    strbuf_addf(&path, "%s%s", strbuf_cstr(&v->prefix), d->path);
    const struct http_request r = {.method = d->method,
                                   .path = strbuf_cstr(&path),
                                   .headers = headers,
                                   .body = span_from(body),
                                   .deadline_ms = DEADLINE_MS,
                                   .byte_limit = ANSWER_MAX,
                                   .as_it_is = true};
    bool ok = http_fetch(v->http, &r, t->cancel_fd, out, &result, err);
    if (!ok)
        explain(strbuf_span(out), err);
    strbuf_clear(&path);
    return ok;
}

static bool vault_send(struct target *t, const struct deed *d, const char *body, bool dry,
                       struct json_doc **answer, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ANSWER_MAX);
    if (dry)
        return true;
    bool ok = ask(t, d, body, &text, err);
    if (ok && answer && text.len)
        ok = (*answer = json_doc_parse(strbuf_span(&text), "Vault's answer", err)) != NULL;
    strbuf_wipe(&text);
    return ok;
}

/* ---- Rights. */

/* "secret/data/kimai" of "/v1/secret/data/kimai?list=true" */
static struct span path_of(const struct deed *d)
{
    struct span path = span_from(d->path);
    if (span_starts(path, PREFIX))
        path = span_sub(path, strlen(PREFIX), path.len);
    return span_sub(path, 0, span_find(path, '?', 0));
}

static bool has(const struct json_node *capabilities, const char *word)
{
    for (const struct json_node *c = json_node_first(capabilities); c; c = json_node_next(c)) {
        const char *text = json_node_text(c);
        if (text && strcmp(text, word) == 0)
            return true;
    }
    return false;
}

static bool may(const struct deed *d, const struct json_node *capabilities)
{
    if (has(capabilities, "root"))
        return true;
    if (strcmp(d->method, "DELETE") == 0)
        return has(capabilities, "delete");
    if (strcmp(d->method, "PATCH") == 0)
        return has(capabilities, "patch");
    if (strcmp(d->method, "GET") == 0)
        return has(capabilities, "read");
    return has(capabilities, "update") || has(capabilities, "create");
}

static bool vault_allowed(struct target *t, const struct deed *d, struct err *err)
{
    struct strbuf body = STRBUF_INIT(8192);
    struct json_doc *answer = NULL;
    struct json_out j;
    struct err why;
    json_out_init(&j, &body, 0);
    json_object(&j);
    json_key(&j, "paths");
    json_array(&j);
    json_text(&j, path_of(d));
    json_array_end(&j);
    json_object_end(&j);
    const struct deed question = {.system = d->system,
                                  .at = d->at,
                                  .method = "POST",
                                  .path = "/v1/sys/capabilities-self",
                                  .media = "application/json"};
    bool asked = vault_send(t, &question, strbuf_cstr(&body), false, &answer, &why);
    strbuf_clear(&body);
    if (!asked)
        return err_code(err, why.kind, why.code, "what this token may do on %.*s: %s",
                        SPAN_ARG(path_of(d)), why.msg);
    char path[TEXT_BYTES];
    (void)snprintf(path, sizeof(path), "%.*s", SPAN_ARG(path_of(d)));
    /* Of one path Vault says them twice, OpenBao by its name alone [openbao recordings]. */
    const struct json_node *list = json_node_get(json_doc_root(answer), "capabilities");
    if (!list)
        list = json_node_get(json_node_get(json_doc_root(answer), "data"), path);
    bool ok = may(d, list);
    json_doc_free(answer);
    return ok || err_set(err, ERR_DENIED, "this token's policies do not allow %s on %.*s",
                         strcmp(d->method, "DELETE") == 0  ? "delete"
                         : strcmp(d->method, "PATCH") == 0 ? "patch"
                                                           : "create or update",
                         SPAN_ARG(path_of(d)));
}

/* ---- By hand. */

static void vault_shell(const struct deed *d, BN_UNUSED const struct target *t, struct strbuf *out)
{
    struct span path = path_of(d);
    if (strcmp(d->method, "DELETE") == 0) {
        strbuf_adds(out, "vault delete ");
        deed_quote(out, path);
        return;
    }
    if (d->body[0]) {
        strbuf_adds(out, "printf %s ");
        deed_quote(out, span_from(d->body));
        strbuf_adds(out, d->secrets ? " | envsubst | " : " | ");
    }
    strbuf_adds(out, strcmp(d->method, "PATCH") == 0 ? "vault patch " : "vault write ");
    deed_quote(out, path);
    strbuf_adds(out, d->body[0] ? " -" : " -force");
}

const struct channel channel_vault = {
    .system = "vault",
    .find = find,
    .send = vault_send,
    .allowed = vault_allowed,
    .shell = vault_shell,
    .form = SECRETS_JSON,
};
