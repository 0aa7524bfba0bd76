/* Deeds by Vault's HTTP API [developer.hashicorp.com/vault/api-docs; integrations.md, Vault]. */
#include <config.h>

#include "actions/http_link.h"
#include "actions/vault.h"
#include "actions/vault_servers.h"
#include "actions/vault_shell.h"
#include "base/json_out.h"
#include "net/json.h"
#include "net/kube.h"
#include "net/vault_namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX   ((size_t)4 << 20)
#define DEADLINE_MS  20000
#define TEXT_BYTES   2048
#define HEADER_BYTES 4096
#define PORT         "8200"
#define SELECTOR     "app.kubernetes.io/name in (vault,openbao)"
#define SECRET       "binnacle" /* beside the service; its `token` is for us */

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
    static const struct kube_resource services = {"", "v1", "services"};
    struct json_doc *doc;
    const struct json_node *service;
    bool ok = target_list(t, &services, NULL, SELECTOR, &doc, &service, err);
    for (; service; service = json_node_next(service))
        if (is_vault(service))
            add_service(service, out);
    json_doc_free(doc);
    return ok;
}

/* ---- Asking. */

/* What is asked of one that is sealed, when nobody has a token that is good [vault api-docs/system:
 * unauthenticated]. */
static bool wants_token(const struct deed *d)
{
    static const char *const open[] = {"/v1/sys/unseal", "/v1/sys/seal-status", "/v1/sys/health",
                                       "/v1/sys/leader"};
    for (size_t i = 0; i < BN_COUNT(open); i++)
        if (strcmp(d->path, open[i]) == 0)
            return false;
    return true;
}

/* {"errors":["...","..."]}, without the frame "1 error occurred:\n\t* ...\n\n" */
static size_t read_errors(struct span body, struct strbuf *text)
{
    struct err why;
    struct json_doc *doc = json_doc_parse(body, "Vault's answer", &why);
    const struct json_node *errors = json_node_get(json_doc_root(doc), "errors");
    for (const struct json_node *e = json_node_first(errors); e; e = json_node_next(e)) {
        struct span rest = span_from(json_node_text(e)), line;
        while (rest.len && span_split(&rest, '\n', &line)) {
            line = span_trim(line);
            if (span_starts(line, "* "))
                line = span_sub(line, 2, line.len);
            if (line.len && !span_ends(line, " occurred:"))
                strbuf_addf(text, "%s%.*s", text->len ? "; " : "", SPAN_ARG(line));
        }
    }
    json_doc_free(doc);
    return text->len;
}

/* What Vault refuses is in its own words; it was not done then. [openbao recordings: a standby whose
 * leader is gone sends writes there by 307] */
static bool explain(const struct deed *d, const struct http_result *result, struct span head,
                    struct span body, struct err *err)
{
    struct strbuf text = STRBUF_INIT(4096);
    const struct err whole = *err;
    const struct span leader = http_header(head, "location");
    if (result->status == 307 || result->status == 308)
        (void)err_code(err, ERR_BUSY, result->status,
                       "%s is a standby and sends this to %.*s, which is not followed, since the "
                       "token would go along: nothing was done; ask the active one",
                       d->at, SPAN_ARG(leader));
    else if (read_errors(body, &text) && strstr(strbuf_cstr(&text), "check-and-set parameter did"))
        (void)err_code(err, ERR_CONFLICT, result->status,
                       "somebody else has written to it since the plan was made: nothing was sent "
                       "there; make the plan again (%s)",
                       strbuf_cstr(&text));
    else if (text.len)
        (void)err_code(err, result->status == 503 ? ERR_BUSY : whole.kind, whole.code, "%s: %d: %s",
                       d->at, result->status, strbuf_cstr(&text));
    strbuf_clear(&text);
    return false;
}

/* Of the site or, behind '@', of a pod of its service's. */
static struct http_link *link_of(struct target *t, const struct deed *d, struct err *err)
{
    struct span pod;
    struct vault_service service;
    struct strbuf way = STRBUF_INIT(TEXT_BYTES);
    const struct site *s = target_at(t, d, &pod, err);
    if (!s)
        return NULL;
    if (!pod.len || !vault_service_of(s, &service))
        return http_link_of(t, d, NULL, err);
    strbuf_addf(&way, "%s:%.*s/%.*s:%.*s", service.https ? "proxy-https-pod" : "proxy-pod",
                SPAN_ARG(service.ns), SPAN_ARG(pod), SPAN_ARG(service.port));
    struct http_link *l = http_link_to(t, d, strbuf_cstr(&way), err);
    strbuf_clear(&way);
    return l;
}

static bool ask(struct target *t, const struct deed *d, const char *body, struct strbuf *out,
                struct err *err)
{
    struct http_link *v = link_of(t, d, err);
    struct strbuf head = STRBUF_INIT(HTTP_HEADERS_MAX), ns = STRBUF_INIT(HEADER_BYTES);
    struct http_result result;
    if (!v || (wants_token(d) && !http_link_header(t, d, v, "token", "X-Vault-Token: ", err)) ||
        (vault_is_of_namespace(d->path) &&
         !vault_namespace_header(target_known_setting(t, d, "namespace"), &ns, err)))
        return false;
    char media[128];
    const char *headers[5] = {"Accept: application/json", media};
    size_t n = 2;
    if (v->header.len && wants_token(d))
        headers[n++] = strbuf_cstr(&v->header);
    if (ns.len)
        headers[n++] = strbuf_cstr(&ns);
    (void)snprintf(media, sizeof(media), "Content-Type: %s",
                   d->media && d->media[0] ? d->media : "application/json");
    const struct http_request r = {
        .headers = headers, .deadline_ms = DEADLINE_MS, .byte_limit = ANSWER_MAX, .head = &head};
    bool ok = http_link_ask(t, d, v, body, &r, out, &result, err) ||
              explain(d, &result, strbuf_span(&head), strbuf_span(out), err);
    strbuf_clear(&head);
    strbuf_clear(&ns);
    return ok;
}

/* ---- A former version becomes the newest, as `vault kv rollback` does it, or the newest is written
 * anew with what changes, as `vault kv patch -method=rw`: values are read and written, within memory. */

static bool read_version(struct target *t, const struct deed *d, int64_t version,
                         struct strbuf *out, struct err *err)
{
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct err why;
    strbuf_addf(&path, "%s?version=%lld", d->path, (long long)version);
    const struct deed read = {.system = d->system,
                              .at = d->at,
                              .method = "GET",
                              .path = strbuf_cstr(&path),
                              .media = "",
                              .body = ""};
    bool ok = ask(t, &read, "", out, &why);
    strbuf_clear(&path);
    if (!ok && why.kind == ERR_NOTFOUND)
        return err_set(err, ERR_GONE, "version %lld has no values any more", (long long)version);
    return ok || err_code(err, why.kind, why.code, "version %lld: %s", (long long)version, why.msg);
}

/* Appends values with what `changes` says, null: without that key [RFC 7396; values of secrets are
 * changed whole]. */
static void merge(struct strbuf *out, struct json_value values, struct json_value changes)
{
    strbuf_addc(out, '{');
    vault_add_members(out, values, changes, true);
    vault_add_members(out, changes, json_value(SPAN("")), false);
    strbuf_addc(out, '}');
}

/* {"version":7,"options":{"cas":9}} or {"options":{"cas":9},"data":{...}}. Vault itself sees to it by
 * the cas that nobody has written in between. */
static bool write_again(struct target *t, const struct deed *d, const char *body,
                        struct strbuf *out, struct err *err)
{
    struct strbuf had = STRBUF_INIT(ANSWER_MAX), text = STRBUF_INIT(ANSWER_MAX);
    const struct json_value says = json_value(span_from(body));
    int64_t version = 0, cas = 0;
    if (!json_as_int(json_path(says, "options.cas"), &cas))
        return err_set(err, ERR_CONFIG, "it is not said which version");
    if (!json_as_int(json_path(says, "version"), &version))
        version = cas;
    bool ok = read_version(t, d, version, &had, err);
    const struct json_value values = json_path(json_value(strbuf_span(&had)), "data.data");
    if (ok && (!json_valid(strbuf_span(&had), err) || values.type != JSON_OBJECT))
        ok = err_set(err, ERR_GONE, "version %lld has no values", (long long)version);
    if (ok) {
        struct deed write = *d;
        write.method = "POST";
        write.media = "application/json";
        strbuf_adds(&text, "{\"data\":");
        merge(&text, values, json_path(says, "data"));
        strbuf_addf(&text, ",\"options\":{\"cas\":%lld}}", (long long)cas);
        ok = text.failed ? err_set(err, ERR_CONFIG, "%s: too long to be written anew", d->path)
                         : ask(t, &write, strbuf_cstr(&text), out, err);
    }
    strbuf_wipe(&had);
    strbuf_wipe(&text);
    return ok;
}

static bool is_again(const struct deed *d)
{
    return strcmp(d->method, VAULT_ROLLBACK) == 0 || strcmp(d->method, VAULT_REWRITE) == 0;
}

static bool vault_send(struct target *t, const struct deed *d, const char *body, bool dry,
                       struct json_doc **answer, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ANSWER_MAX);
    if (dry)
        return true;
    if (strcmp(d->method, VAULT_REVEAL) == 0)
        return vault_reveal(t, d, body, err);
    bool ok = is_again(d) ? write_again(t, d, body, &text, err) : ask(t, d, body, &text, err);
    if (ok && answer && text.len)
        ok = (*answer = json_doc_parse(strbuf_span(&text), "Vault's answer", err)) != NULL;
    strbuf_wipe(&text);
    return ok;
}

/* ---- Rights. */

/* Appends text without its %XX. */
static void add_plain(struct strbuf *out, struct span text)
{
    char digits[3] = "";
    for (size_t i = 0; i < text.len; i++) {
        const bool coded = text.data[i] == '%' && i + 2 < text.len;
        if (coded)
            memcpy(digits, text.data + i + 1, 2);
        strbuf_addc(out, coded ? (char)strtol(digits, NULL, 16) : text.data[i]);
        i += coded ? 2 : 0;
    }
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

/* The capability that is missing; NULL: none [vault docs/concepts/policies, capabilities]. */
static const char *missing(const struct deed *d, const struct json_node *capabilities)
{
    const bool only = strcmp(d->method, "GET") == 0 || strcmp(d->method, VAULT_REVEAL) == 0,
               reads = only || is_again(d);
    const char *word = strcmp(d->method, "DELETE") == 0        ? "delete"
                       : strcmp(d->method, "PATCH") == 0       ? "patch"
                       : only                                  ? "read"
                       : strcmp(d->method, VAULT_REWRITE) == 0 ? "update" /* it is there */
                                                               : "create or update";
    if (has(capabilities, "root"))
        return NULL;
    if (reads && !has(capabilities, "read"))
        return "read";
    if (strcmp(word, "create or update") == 0)
        return has(capabilities, "update") || has(capabilities, "create") ? NULL : word;
    return has(capabilities, word) ? NULL : word;
}

/* What goes to a pod by itself goes by the API server's proxy to it, whose rights name the port
 * [transcripts: a resourceNames entry has to carry it]. */
static bool allowed_pod(struct target *t, const struct deed *d, struct err *err)
{
    struct span pod;
    struct vault_service service;
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    const struct site *s = target_at(t, d, &pod, err);
    if (!s || !pod.len || !vault_service_of(s, &service))
        return s != NULL;
    strbuf_addf(&path, "/api/v1/namespaces/%.*s/pods/", SPAN_ARG(service.ns));
    vault_pod_name(&service, pod, &path);
    strbuf_adds(&path, "/proxy");
    const struct deed way = {.method = d->method, .path = strbuf_cstr(&path)};
    bool ok = target_allowed(t, &way, err);
    strbuf_clear(&path);
    return ok;
}

static bool vault_allowed(struct target *t, const struct deed *d, struct err *err)
{
    struct strbuf body = STRBUF_INIT(8192), path = STRBUF_INIT(4096);
    struct json_doc *answer = NULL;
    struct json_out j;
    struct err why;
    if (!wants_token(d))
        return allowed_pod(t, d, err);
    json_out_init(&j, &body, 0);
    json_object(&j);
    json_key(&j, "paths");
    json_array(&j);
    add_plain(&path, vault_path_of(d));
    json_text(&j, strbuf_span(&path));
    json_array_end(&j);
    json_object_end(&j);
    const struct deed question = {.system = d->system,
                                  .at = d->at,
                                  .method = "POST",
                                  .path = "/v1/sys/capabilities-self",
                                  .media = "application/json"};
    bool asked = vault_send(t, &question, strbuf_cstr(&body), false, &answer, &why);
    /* Of one path Vault says them twice, OpenBao by its name alone [openbao recordings]. */
    const struct json_node *list = json_node_get(json_doc_root(answer), "capabilities");
    if (!list)
        list = json_node_get(json_node_get(json_doc_root(answer), "data"), strbuf_cstr(&path));
    const char *word = asked ? missing(d, list) : NULL;
    if (!asked)
        (void)err_code(err, why.kind, why.code, "what this token may do on %s: %s",
                       strbuf_cstr(&path), why.msg);
    else if (word)
        (void)err_set(err, ERR_DENIED, "this token's policies do not allow %s on %s", word,
                      strbuf_cstr(&path));
    strbuf_clear(&body);
    strbuf_clear(&path);
    json_doc_free(answer);
    return asked && !word;
}

const struct channel channel_vault = {
    .system = "vault",
    .find = find,
    .send = vault_send,
    .allowed = vault_allowed,
    .shell = vault_shell,
    .form = SECRETS_JSON,
};
