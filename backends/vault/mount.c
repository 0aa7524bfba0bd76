/* What is mounted in a Vault: secrets engines and ways to log in, as far as the token sees them. */
#include <config.h>

#include "backends/vault/vault.h"
#include "backends/verdict.h"

#include <string.h>

enum { PATH, CLASS, TYPE, KV, DESCRIPTION, PATHS, LOCAL, PLUGIN, DEPRECATION };

static const struct fold count_paths = {FOLD_COUNT, LINK_OWNER, "vault-path", NULL, NULL};

static const struct column columns[] = {
    [PATH] = {"path", "PATH", "Where it is mounted.", VALUE_TEXT, 20, 0, COLUMN_IDENT, NULL, NULL},
    [CLASS] = {"class", "CLASS", "secret: an engine; auth: a way to log in.", VALUE_TEXT, 6, 20, 0,
               NULL, NULL},
    [TYPE] = {"type", "TYPE", "kv, pki, database, kubernetes, ...", VALUE_TEXT, 12, 0,
              COLUMN_NOTABLE, NULL, NULL},
    [KV] = {"kv", "KV", "Version of a KV engine.", VALUE_TEXT, 2, 30, 0, NULL, NULL},
    [DESCRIPTION] = {"description", "DESCRIPTION", "What it is for, as its owner says.", VALUE_TEXT,
                     36, 50, 0, NULL, NULL},
    [PATHS] = {"paths", "PATHS", "Paths below it, once they were listed (:vault-paths).",
               VALUE_COUNT, 5, 40, COLUMN_RIGHT, NULL, &count_paths},
    [LOCAL] = {"local", "LOCAL", "Not replicated to other clusters.", VALUE_BOOL, 5, 80,
               COLUMN_WIDE, NULL, NULL},
    [PLUGIN] = {"plugin", "PLUGIN", "Version of the plug-in that runs.", VALUE_TEXT, 20, 80,
                COLUMN_WIDE, NULL, NULL},
    [DEPRECATION] = {"deprecation", "DEPRECATION", "supported, deprecated, pending removal.",
                     VALUE_TEXT, 12, 60, COLUMN_WIDE | COLUMN_NOTABLE, NULL, NULL},
};

struct json_doc *vault_mounts(const struct vault *v, struct err *err)
{
    if (http_source_has_secret(v->http))
        return http_source_get(v->http, "/v1/sys/internal/ui/mounts", NULL, NULL, err);
    (void)vault_no_token(v, err);
    return NULL;
}

/* "secret/" is "secret", and of logins "kubernetes/" is "auth/kubernetes", as paths begin. */
static bool put_mount(const struct vault *v, struct row_writer *w, const char *class,
                      const struct json_node *mount)
{
    struct strbuf key = STRBUF_INIT(ROW_TEXT_MAX);
    bool auth = strcmp(class, "auth") == 0;
    strbuf_addf(&key, "%s%s", auth ? "auth/" : "", json_node_key(mount));
    if (key.len && key.data[key.len - 1] == '/')
        strbuf_truncate(&key, key.len - 1);
    row_begin(w, strbuf_span(&key));
    row_text(w, PATH, strbuf_span(&key));
    row_text(w, CLASS, span_from(class));
    vault_put_text(w, TYPE, mount, "type");
    vault_put_text(w, DESCRIPTION, mount, "description");
    vault_put_text(w, PLUGIN, mount, "running_plugin_version");
    vault_put_text(w, DEPRECATION, mount, "deprecation_status");
    vault_put_text(w, KV, json_node_get(mount, "options"), "version");
    if (json_node_get(mount, "local"))
        row_num(w, LOCAL, json_node_true(json_node_get(mount, "local")));
    row_link(w, LINK_OWNER, 0, "vault", span_from(ctx_name(v->ctx)));
    strbuf_clear(&key);
    return row_end(w);
}

bool vault_ask_mounts(void *self, struct poll *p, struct err *err)
{
    static const char *const classes[] = {"secret", "auth"};
    const struct vault *v = self;
    struct json_doc *doc = vault_mounts(v, err);
    bool ok = true;
    if (!doc)
        return false;
    for (size_t i = 0; i < BN_COUNT(classes); i++) {
        const struct json_node *all =
            json_node_get(json_node_get(json_doc_root(doc), "data"), classes[i]);
        for (const struct json_node *m = json_node_first(all); m && ok; m = json_node_next(m))
            ok = put_mount(v, poll_rows(p, &kind_vault_mount), classes[i], m) ||
                 err_set(err, ERR_NOMEM, "there is no memory for the mounts");
    }
    json_doc_free(doc);
    return ok;
}

enum { RULE_DEPRECATED };

static const struct rule rules[] = {
    [RULE_DEPRECATED] = {"vault-mount-deprecated",
                         "Its type is deprecated or about to be removed: notice."},
};

static struct verdict judge(const struct store *st, struct handle row, int64_t now_ms)
{
    struct span says = store_text(st, row, DEPRECATION);
    (void)now_ms;
    return says.len && !span_is(says, "supported") ? verdict_at(LEVEL_NOTICE, RULE_DEPRECATED)
                                                   : verdict_ok();
}

static void says(const struct store *st, struct handle row, const struct verdict *v, int64_t now_ms,
                 struct strbuf *out)
{
    (void)v;
    (void)now_ms;
    strbuf_addf(out, "type %.*s is %.*s", SPAN_ARG(store_text(st, row, TYPE)),
                SPAN_ARG(store_text(st, row, DEPRECATION)));
}

const struct kind kind_vault_mount = {
    .name = "vault-mount",
    .plural = "vault-mounts",
    .aliases = "mounts",
    .title = "Vault mounts",
    .help = "Secrets engines and logins of a Vault, as far as the token sees them.",
    .columns = columns,
    .ncolumns = BN_COUNT(columns),
    .rules = rules,
    .nrules = BN_COUNT(rules),
    .judge = judge,
    .says = says,
    .sort = "class desc,path",
};
