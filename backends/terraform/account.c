/* The organisation as the token sees it: whose token it is, and how long it lasts. */
#include <config.h>

#include "backends/cells.h"
#include "backends/terraform/terraform.h"
#include "backends/verdict.h"
#include "base/timetext.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)
#define SOON   (7 * DAY_MS)

enum { NAME, USER, WORKSPACES, LEFT, EXPIRES };

static const struct fold count_workspaces = {FOLD_COUNT, LINK_OWNER, "tf-workspace", NULL, NULL};

static const struct column columns[] = {
    [NAME] = {"name", "ORGANISATION", "Its name.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [USER] = {"user", "USER", "Whose token it is; of a team a made-up name.", VALUE_TEXT, 20, 20, 0,
              NULL, NULL},
    [WORKSPACES] = {"workspaces", "WORKSPACES", "Workspaces that are looked at.", VALUE_COUNT, 10,
                    30, COLUMN_RIGHT, NULL, &count_workspaces},
    [LEFT] = {"token-left", "TOKEN LEFT", "How long the token lasts, where that can be known.",
              VALUE_DURATION, 10, 10, COLUMN_RIGHT | COLUMN_LEFT, "token-expires", NULL},
    [EXPIRES] = {"token-expires", "TOKEN-EXPIRES", "When the token expires.", VALUE_INSTANT, 8, 80,
                 COLUMN_HIDDEN, NULL, NULL},
};

/* A list does not say which of them is the one that asks: of several that have not expired, none is
 * known to be. [user-tokens: List User Tokens] */
static int64_t expiry(const struct json_node *tokens, int64_t now_ms)
{
    int64_t found = TIME_NONE;
    size_t alive = 0;
    for (const struct json_node *n = json_node_first(json_node_get(tokens, "data")); n;
         n = json_node_next(n)) {
        int64_t ms = tf_time(n, "attributes.expired-at");
        if (ms != TIME_NONE && ms <= now_ms)
            continue;
        found = ms;
        alive++;
    }
    return alive == 1 ? found : TIME_NONE;
}

static int64_t ask_expiry(struct terraform *t, const char *user)
{
    struct strbuf path = STRBUF_INIT(512);
    struct err why;
    if (!tf_is_plain(user))
        return TIME_NONE;
    strbuf_addf(&path, "/users/%s/authentication-tokens", user);
    struct json_doc *doc = tf_get(t, strbuf_cstr(&path), &why);
    int64_t ms = expiry(json_doc_root(doc), clock_wall_ms(ctx_clock(t->ctx)));
    json_doc_free(doc);
    strbuf_clear(&path);
    return ms;
}

/* An organisation's token has no account: that is no error. [account] */
bool tf_ask_account(void *self, struct poll *p, struct err *err)
{
    struct terraform *t = self;
    struct row_writer *w = poll_rows(p, &kind_terraform);
    const struct span name = span_from(ctx_setting(t->ctx, "organization"));
    t->burst = 0;
    struct json_doc *doc = tf_get(t, "/account/details", err);
    const struct json_node *data = json_node_get(json_doc_root(doc), "data");
    bool none = !doc && http_source_reached(t->http) &&
                (err->kind == ERR_NOTFOUND || err->kind == ERR_DENIED);
    if (!doc && !none)
        return false;
    row_begin(w, name);
    row_text(w, NAME, name);
    put_text(w, USER, tf_line(json_node_path_text(data, "attributes.username", ""), 80));
    put_time(w, EXPIRES, ask_expiry(t, json_node_path_text(data, "id", "")));
    json_doc_free(doc);
    return row_end(w) || err_set(err, ERR_NOMEM, "there is no memory for the account");
}

/* ---- Verdicts. */

enum { RULE_EXPIRED, RULE_EXPIRES };

static const struct rule rules[] = {
    [RULE_EXPIRED] = {"tf-token-expired", "The token has expired: warning."},
    [RULE_EXPIRES] = {"tf-token-expires",
                      "The token expires within seven days: notice; within one: warning."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    int64_t end = store_num(st, row, EXPIRES, TIME_FOREVER);
    if (end == TIME_FOREVER)
        return verdict_ok();
    if (end <= now_ms)
        return verdict_at(LEVEL_WARNING, RULE_EXPIRED);
    if (end - now_ms <= DAY_MS)
        return verdict_until(LEVEL_WARNING, RULE_EXPIRES, end);
    if (end - now_ms <= SOON)
        return verdict_until(LEVEL_NOTICE, RULE_EXPIRES, end - DAY_MS);
    return verdict_until(LEVEL_OK, 0, end - SOON);
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    struct span user = store_text(st, row, USER);
    int64_t left = store_num(st, row, EXPIRES, now_ms) - now_ms;
    char text[TIMETEXT_MAX];
    duration_format(left < 0 ? -left : left, text);
    strbuf_addf(out, "the token of %.*s ", SPAN_ARG(user.len ? user : SPAN("somebody")));
    if (v->rule == RULE_EXPIRED)
        strbuf_addf(out, "expired %s ago", text);
    else
        strbuf_addf(out, "expires in %s", text);
}

const struct kind kind_terraform = {
    .name = "terraform",
    .plural = "terraforms",
    .aliases = "tf",
    .title = "Terraform organisations",
    .help = "Organisations of HCP Terraform, and whose token looks at them.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "level desc,name",
};
