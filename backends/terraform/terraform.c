/* The HCP Terraform backend: its life, its errors. */
#include <config.h>

#include "backends/terraform/terraform.h"

#include "base/alloc.h"
#include "base/timetext.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS     "https://app.terraform.io"
#define API         "/api/v2"
#define MEDIA_TYPE  "application/vnd.api+json"
#define DEADLINE_MS 15000
/* At rest a request in this time: of 30 a second that a user has, and all of a user's programs
 * share. */
#define EVERY_MS   90000
#define ACCOUNT_MS ((int64_t)60 * 60 * 1000)
#define BURST      8 /* requests without a pause */
#define PAUSE_MS   1000

static const struct kind *const kinds[] = {&kind_terraform, &kind_tf_workspace, &kind_tf_run, NULL};
static const char *const needs[] = {"secret", NULL};
static const struct setting settings[] = {
    {"organization", NULL, "The organisation, as it is called in its address.", SETTING_WHICH},
    {"workspaces", NULL, "Names of workspaces, separated by commas; without it all that are shown.",
     SETTING_TEXT},
    {"token", "env:TF_TOKEN_app_terraform_io", "Where its token is: " RECIPE_FORMS ".",
     SETTING_SECRET},
    {"reach", ADDRESS, "Its address, where it is a Terraform Enterprise.", SETTING_REACH},
    {"ca", NULL, "A file of the CAs that are trusted; else the system's.", SETTING_TEXT},
    {"insecure", "false", "true: its certificate is not verified.", SETTING_TEXT},
    {"addresses", "", "Where it is asked instead.", SETTING_GIVEN},
    {"kubeconfig", NULL, "", SETTING_GIVEN},
    {"context", NULL, "", SETTING_GIVEN},
    {NULL, NULL, NULL, SETTING_TEXT},
};
static const struct system systems[] = {
    {"terraform",
     "Terraform",
     "HCP Terraform: runs that wait or failed, drift, locks.",
     {"tf-workspace", "terraform"},
     terraform_says},
    {NULL, NULL, NULL, {NULL}, NULL},
};

/* ---- Errors. */

static enum err_kind kind_of(int status)
{
    switch (status) {
    case 401:
        return ERR_AUTH;
    case 403:
        return ERR_DENIED;
    case 404:
        return ERR_NOTFOUND;
    case 429:
        return ERR_BUSY;
    default:
        return status >= 500 ? ERR_IO : ERR_PROTO;
    }
}

static const char *means(int status)
{
    switch (status) {
    case 401:
        return ": there is no token, or it is wrong or has expired";
    case 404:
        return ": there is none, or the token may not see it";
    default:
        return "";
    }
}

bool tf_explain(int status, struct span body, struct err *err)
{
    struct json_doc *doc = json_doc_parse(body, "HCP Terraform", err);
    const struct json_node *first = json_node_first(json_node_get(json_doc_root(doc), "errors"));
    const char *detail = json_node_path_text(first, "detail", "");
    const char *title = json_node_path_text(first, "title", json_node_text(first));
    bool ok = first && (title || detail[0]);
    struct span one = tf_line(detail[0] ? detail : title ? title : "", 200);
    if (ok)
        (void)err_code(err, kind_of(status), status == 429 ? 0 : status,
                       "HCP Terraform says %d %.*s%s", status, SPAN_ARG(one), means(status));
    json_doc_free(doc);
    return ok;
}

/* ---- Asking. */

static bool rest(struct terraform *t)
{
    struct pollfd stop = {.fd = ctx_stop_fd(t->ctx), .events = POLLIN};
    if (++t->burst % BURST == 0)
        (void)poll(&stop, 1, PAUSE_MS);
    return !stop.revents;
}

struct json_doc *tf_get(struct terraform *t, const char *path, struct err *err)
{
    struct strbuf whole = STRBUF_INIT(8192);
    struct json_doc *doc = NULL;
    strbuf_addf(&whole, API "%s", path);
    if (rest(t))
        doc = http_source_get(t->http, strbuf_cstr(&whole), NULL, NULL, err);
    else
        (void)err_set(err, ERR_CANCELLED, "%s: stopped", ctx_name(t->ctx));
    strbuf_clear(&whole);
    return doc;
}

/* ---- Texts. */

bool tf_is_plain(const char *text)
{
    return text[0] && strlen(text) <= 200 &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] ==
               '\0';
}

struct span tf_line(const char *text, size_t most)
{
    struct span line = span_from(text);
    line.len = span_find(line, '\n', 0);
    while (line.len > most && line.len && ((unsigned char)line.data[most] & 0xc0) == 0x80)
        most--; /* not within a character */
    line = span_sub(line, 0, most);
    return span_trim(line);
}

int64_t tf_time(const struct json_node *object, const char *path)
{
    const char *text = json_node_path_text(object, path, "");
    int64_t ms;
    return time_parse(span_from(text), &ms) ? ms : TIME_NONE;
}

/* ---- Life. */

static bool reached(const void *self)
{
    return http_source_reached(((const struct terraform *)self)->http);
}

static bool check_settings(const struct backend_ctx *ctx, struct err *err)
{
    const char *organisation = ctx_setting_filled(ctx, "organization");
    if (!organisation || !tf_is_plain(organisation))
        return err_set(err, ERR_CONFIG, "%s: `organization` wants the name of an organisation",
                       ctx_name(ctx));
    return true;
}

static bool run(void *self, struct backend_ctx *ctx, struct err *err)
{
    static const struct kind *const account[] = {&kind_terraform, NULL}, *const workspaces[] = {
                                                                             &kind_tf_workspace,
                                                                             &kind_tf_run, NULL};
    static const struct poll_part parts[] = {{account, ACCOUNT_MS, tf_ask_account},
                                             {workspaces, EVERY_MS, tf_ask_workspaces},
                                             {NULL, 0, NULL}};
    struct terraform *t = self;
    const struct http_source_options o = {.ctx = ctx,
                                          .explain = tf_explain,
                                          .secret_setting = "token",
                                          .secret_header = "Authorization: Bearer ",
                                          .deadline_ms = DEADLINE_MS,
                                          .accept = MEDIA_TYPE};
    const struct poll_options poll = {.ctx = ctx, .self = self, .parts = parts, .reached = reached};
    t->ctx = ctx;
    return check_settings(ctx, err) && http_source_poll(&o, &poll, &t->http, err);
}

static void close_it(void *self)
{
    struct terraform *t = self;
    for (size_t i = 0; i < t->count; i++)
        tf_workspace_clear(&t->all[i]);
    free(t->all);
}

const struct backend backend_terraform = {
    .name = "terraform",
    .summary = "HCP Terraform: workspaces, their runs, drift, locks, the token's life.",
    .kinds = kinds,
    .settings = settings,
    .systems = systems,
    .state_size = sizeof(struct terraform),
    .quiet_ms = 4 * EVERY_MS,
    .needs = needs,
    .discover = terraform_discover,
    .outward = true,
    .run = run,
    .close = close_it,
};
