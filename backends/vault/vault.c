/* The Vault backend: its life, its errors, its cells. */
#include <config.h>

#include "backends/vault/vault.h"

#include "backends/vault/paths.h"
#include "base/timetext.h"
#include "net/kube.h"
#include "net/vault_namespace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS  8000
#define HEADER_BYTES 4096
#define STATUS_MS    10000
#define MOUNTS_MS    60000
#define PATHS_MS     300000
#define MATCHES_MS   3600000
#define TOKEN_MS     60000 /* a token that could not be had is tried again after this */

static const struct kind *const kinds[] = {&kind_vault, &kind_vault_mount, &kind_vault_path,
                                           &kind_secret_match, NULL};
static const char *const needs[] = {
    "service",     "secret",       "externalsecret", "clustersecretstore",
    "secretstore", "ingressroute", "ingress",        "workload",
    NULL};
static const struct setting settings[] = {
    ACCESS_SETTINGS,
    {"token", NULL, "Where its token is: " RECIPE_FORMS ". Without one only the seal is known.",
     SETTING_SECRET},
    {"namespace", NULL,
     "The namespace of Vault Enterprise, HCP or OpenBao that its token and secrets are of: team/a.",
     SETTING_TEXT},
    {"nodes", NULL,
     "Names of its pods where it has several, separated by commas: each is asked for its seal.",
     SETTING_TEXT},
    {"pods", NULL, "The way to each of them, with its name in place of *.", SETTING_TEXT},
    {"compare", "false",
     "true: what ExternalSecrets have made is compared with Vault's values, once an hour, in memory.",
     SETTING_TEXT},
    {"reveal", "false",
     "true: `do vault-reveal` may read a value of it for who asks; each time is in the audit log.",
     SETTING_TEXT},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"vault",
     "Vault",
     "Vault or OpenBao: seal, leader, version, clock, the token's life.",
     {"vault", "vault-mount"},
     vault_says},
    {NULL, NULL, NULL, {NULL}, NULL},
};

/* ---- Errors. */

static enum err_kind kind_of(int status)
{
    switch (status) {
    case 403:
        return ERR_DENIED;
    case 404:
        return ERR_NOTFOUND;
    case 429: /* a quota */
    case 503: /* sealed */
        return ERR_BUSY;
    default:
        return ERR_PROTO;
    }
}

/* "1 error occurred:\n\t* permission denied\n\n" as one line, without its frame. */
static void add_error(struct strbuf *out, const char *text)
{
    static const char frame[] = "1 error occurred:";
    if (strncmp(text, frame, sizeof(frame) - 1) == 0)
        text += sizeof(frame) - 1;
    while (*text == ' ' || *text == '\n' || *text == '\t' || *text == '*')
        text++;
    if (*text && out->len)
        strbuf_adds(out, "; ");
    for (; *text; text++)
        strbuf_addc(out, *text == '\n' || *text == '\t' ? ' ' : *text);
    while (out->len && out->data[out->len - 1] == ' ')
        strbuf_truncate(out, out->len - 1);
}

bool vault_explain(int status, struct span body, struct err *err)
{
    struct strbuf text = STRBUF_INIT(ERR_MESSAGE_MAX);
    struct json_doc *doc = json_doc_parse(body, "Vault", err);
    const struct json_node *errors = json_node_get(json_doc_root(doc), "errors");
    bool ok = json_node_type(errors) == JSON_ARRAY;
    for (const struct json_node *e = json_node_first(errors); ok && e; e = json_node_next(e))
        if (json_node_text(e))
            add_error(&text, json_node_text(e));
    if (ok)
        (void)err_set(err, kind_of(status), "%s",
                      text.len ? strbuf_cstr(&text) : "there is nothing at this path");
    strbuf_clear(&text);
    json_doc_free(doc);
    return ok;
}

bool vault_goes_on(const struct err *err)
{
    return err->kind == ERR_DENIED || err->kind == ERR_NOTFOUND || err->kind == ERR_BUSY ||
           err->kind == ERR_PROTO;
}

bool vault_no_token(const struct vault *v, struct err *err)
{
    if (v->no_token[0])
        return err_set(err, ERR_DENIED, "without a token only the seal of %s is known: %s",
                       ctx_name(v->ctx), v->no_token);
    return err_set(err, ERR_DENIED,
                   "without a token only the seal of %s is known: name one as `token` of a source "
                   "%s in the configuration",
                   ctx_name(v->ctx), ctx_name(v->ctx));
}

/* ---- Paths. */

void vault_escape(struct strbuf *out, const char *path)
{
    kube_escape_path(out, span_from(path));
}

/* ---- Cells. */

void vault_put_text(struct row_writer *w, size_t column, const struct json_node *object,
                    const char *member)
{
    const char *text = json_node_text(json_node_get(object, member));
    if (text && text[0])
        row_text(w, column, span_from(text));
}

void vault_put_int(struct row_writer *w, size_t column, const struct json_node *object,
                   const char *member)
{
    int64_t n;
    if (json_node_int(json_node_get(object, member), &n))
        row_num(w, column, n);
}

int64_t vault_time(const struct json_node *object, const char *member)
{
    const char *text = json_node_text(json_node_get(object, member));
    int64_t ms;
    return text && time_parse(span_from(text), &ms) ? ms : TIME_NONE;
}

void vault_put_time(struct row_writer *w, size_t column, const struct json_node *object,
                    const char *member)
{
    int64_t ms = vault_time(object, member);
    if (ms != TIME_NONE)
        row_num(w, column, ms);
}

/* ---- Life. */

/* What ExternalSecrets read has changed. */
static const struct kind *renewed(void *self)
{
    struct vault *v = self;
    char *wanted = ctx_take_targets(v->ctx);
    if (!wanted)
        return NULL;
    bool same = strcmp(wanted, v->wanted ? v->wanted : "") == 0;
    free(v->wanted);
    v->wanted = wanted;
    return same ? NULL : &kind_vault_path;
}

static void close_it(void *self)
{
    struct vault *v = self;
    free(v->wanted);
    vault_keys_free(v);
}

static bool reached(const void *self)
{
    return http_source_reached(((const struct vault *)self)->http);
}

void vault_look_for_token(struct vault *v)
{
    const int64_t now = clock_mono_ms(ctx_clock(v->ctx));
    struct err err;
    if (!v->no_token[0] || now < v->token_ms)
        return;
    v->token_ms = now + TOKEN_MS;
    const bool ok = http_source_take_secret(v->http, "token", &err);
    (void)snprintf(v->no_token, sizeof(v->no_token), "%s", ok ? "" : err.msg);
}

/* Whoever may not read the token still sees whether it is sealed. */
static bool open_it(struct vault *v, struct http_source_options *o, struct err *err)
{
    v->no_token[0] = '\0';
    v->http = http_source_new(o, err);
    if (v->http || (err->kind != ERR_AUTH && err->kind != ERR_DENIED))
        return v->http != NULL;
    (void)snprintf(v->no_token, sizeof(v->no_token), "%s", err->msg);
    v->token_ms = clock_mono_ms(ctx_clock(v->ctx)) + TOKEN_MS;
    o->secret_setting = NULL;
    v->http = http_source_new(o, err);
    return v->http != NULL;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const status[] = {&kind_vault, NULL},
                                    *const mounts[] = {&kind_vault_mount, NULL},
                                    *const paths[] = {&kind_vault_path, NULL},
                                    *const matches[] = {&kind_secret_match, NULL};
    static const struct poll_part parts[] = {{status, STATUS_MS, vault_ask_status},
                                             {mounts, MOUNTS_MS, vault_ask_mounts},
                                             {paths, PATHS_MS, vault_ask_paths},
                                             {matches, MATCHES_MS, vault_ask_matches},
                                             {NULL, 0, NULL}};
    struct vault *v = self;
    struct http_source_options o = {.ctx = ctx,
                                    .explain = vault_explain,
                                    .secret_setting = "token",
                                    .secret_header = "X-Vault-Token: ",
                                    .header_of = vault_is_of_namespace,
                                    .deadline_ms = DEADLINE_MS};
    const struct poll_options poll = {
        .ctx = ctx, .self = self, .parts = parts, .reached = reached, .renewed = renewed};
    v->ctx = ctx;
    v->header = (struct strbuf)STRBUF_INIT(HEADER_BYTES);
    bool ok = vault_namespace_header(ctx_setting(ctx, "namespace"), &v->header, err);
    o.header = v->header.len ? strbuf_cstr(&v->header) : NULL;
    ok = ok && open_it(v, &o, err) && vault_pods_open(v, err) && poll_run(&poll, err);
    vault_pods_close(v);
    http_source_free(v->http);
    strbuf_clear(&v->header);
    v->http = NULL;
    return ok;
}

const struct backend backend_vault = {
    .name = "vault",
    .summary =
        "Vault or OpenBao: seal, high availability, token, mounts, paths, who reads them; no value.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct vault),
    .quiet_ms = 4 * STATUS_MS,
    .needs = needs,
    .discover = vault_discover,
    .run = run,
    .close = close_it,
};
