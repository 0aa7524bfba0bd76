/* Deeds by HCP Terraform's HTTP API [developer.hashicorp.com/terraform/cloud-docs/api-docs: index,
 * run; integrations.md section 12]. */
#include <config.h>

#include "actions/http_link.h"
#include "base/alloc.h"
#include "net/kube.h"
#include "net/recipe.h"

#include <stdio.h>
#include <string.h>

#define ADDRESS      "https://app.terraform.io"
#define MEDIA_TYPE   "application/vnd.api+json"
#define ANSWER_MAX   ((size_t)4 << 20)
#define DEADLINE_MS  30000
#define TEXT_BYTES   2048
#define SECRET       "binnacle-terraform" /* in whatever namespace; its `token` is for us */
#define ORGANISATION "app.terraform.io/organization"

/* ---- Sites: organisations that a labelled Secret names, as the source finds them. */

static bool find(struct target *t, struct sites *out, struct err *err)
{
    static const struct kube_resource secrets = {"", "v1", "secrets"};
    struct strbuf path = STRBUF_INIT(KUBE_PATH_MAX);
    struct json_doc *doc;
    kube_path(&path, &secrets, NULL, NULL, NULL);
    kube_query(&path, "labelSelector", ORGANISATION);
    bool ok = target_metadata_list(t, strbuf_cstr(&path), &doc, err);
    strbuf_clear(&path);
    if (!ok)
        return false;
    const struct json_node *items = json_node_get(json_doc_root(doc), "items");
    for (const struct json_node *i = json_node_first(items); i; i = json_node_next(i)) {
        const struct json_node *labels = json_node_path(i, "metadata.labels");
        const char *named = json_node_text(json_node_get(labels, ORGANISATION));
        char name[TEXT_BYTES], which[TEXT_BYTES], token[TEXT_BYTES];
        if (strcmp(json_node_path_text(i, "metadata.name", ""), SECRET) != 0 || !named)
            continue;
        (void)snprintf(name, sizeof(name), "terraform/%s", named);
        (void)snprintf(which, sizeof(which), "organization=%s", named);
        (void)snprintf(token, sizeof(token), "token=secret:%s/" SECRET "/token",
                       json_node_path_text(i, "metadata.namespace", ""));
        const char *const settings[] = {"reach=" ADDRESS, which, token, NULL};
        sites_add(out, "terraform", name, settings);
    }
    json_doc_free(doc);
    return true;
}

/* ---- Asking. */

/* {"errors":[{"status":"409","title":"...","detail":"..."}]}; a 404 is also what lacks a right. */
static void explain(const struct deed *d, int status, struct span body, struct err *err)
{
    struct err why;
    struct json_doc *doc = json_doc_parse(body, "HCP Terraform's answer", &why);
    const struct json_node *first = json_node_first(json_node_get(json_doc_root(doc), "errors"));
    const char *detail = json_node_path_text(first, "detail", ""),
               *title = json_node_path_text(first, "title", json_node_text(first));
    if (first && (detail[0] || title))
        (void)err_code(err, status == 409 ? ERR_CONFLICT : err->kind, status, "%s says %d %s%s",
                       d->at, status, detail[0] ? detail : title,
                       status == 404 ? ": there is none, or the token may not (a team's or a "
                                       "user's is needed, an organization's is refused)"
                                     : "");
    json_doc_free(doc);
}

static bool terraform_send(struct target *t, const struct deed *d, const char *body, bool dry,
                           struct json_doc **answer, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ANSWER_MAX);
    struct http_result result;
    struct http_link *l = dry ? NULL : http_link_of(t, d, ADDRESS, err);
    if (!l || !http_link_header(t, d, l, "token", "Authorization: Bearer ", err))
        return dry;
    const char *const headers[] = {"Accept: " MEDIA_TYPE, "Content-Type: " MEDIA_TYPE,
                                   strbuf_cstr(&l->header), NULL};
    const struct http_request r = {
        .headers = headers, .deadline_ms = DEADLINE_MS, .byte_limit = ANSWER_MAX};
    bool ok = http_link_ask(t, d, l, body, &r, &text, &result, err);
    if (!ok)
        explain(d, result.status, strbuf_span(&text), err);
    else if (answer && span_trim(strbuf_span(&text)).len)
        ok = (*answer = json_doc_parse(strbuf_span(&text), "HCP Terraform's answer", err)) != NULL;
    strbuf_clear(&text);
    return ok;
}

/* ---- By hand. */

static void terraform_shell(const struct deed *d, BN_UNUSED const struct target *t,
                            struct strbuf *out)
{
    strbuf_adds(out, "printf 'header = \"Authorization: Bearer %s\"\\n' "
                     "\"${TFE_TOKEN:?a token of HCP Terraform}\" | ");
    strbuf_addf(out, "curl -sS -K - -X %s -H 'Content-Type: " MEDIA_TYPE "' ", d->method);
    if (d->body[0]) {
        strbuf_adds(out, "-d ");
        deed_quote(out, span_from(d->body));
        strbuf_addc(out, ' ');
    }
    struct strbuf whole = STRBUF_INIT(KUBE_PATH_MAX);
    strbuf_addf(&whole, ADDRESS "%s", d->path);
    deed_quote(out, strbuf_span(&whole));
    strbuf_clear(&whole);
}

const struct channel channel_terraform = {
    .system = "terraform",
    .find = find,
    .send = terraform_send,
    .shell = terraform_shell,
    .form = SECRETS_JSON,
};
