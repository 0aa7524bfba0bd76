/* vault-reveal: one value of a secret is read, and given to who asked for it: put into a new file that
 * is theirs alone, or, on the dashboard, on the clipboard when its button is pressed. It is part of no
 * text: neither the plan, what the run says, its record nor the audit log have it. */
#include <config.h>

#include "actions/channel.h"
#include "actions/kube.h"
#include "actions/secrets.h"
#include "actions/vault.h"
#include "actions/vault_shell.h"
#include "base/file.h"
#include "base/json_out.h"
#include "base/number.h"
#include "net/recipe.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SHELL_BYTES 8192

static const struct field fields[] = {
    VAULT_PATH_FIELDS,
    {"key", FIELD_TEXT, NULL, NULL, "the one whose value is read", NULL},
    {"version", FIELD_TEXT, NULL, "", "of this version; \"\": the newest", NULL},
    {"into", FIELD_TEXT, NULL, "",
     "a new file for it; \"\": it goes to the clipboard, from the dashboard only", NULL},
    {NULL},
};

static bool may(struct target *t, const char *at, struct err *err)
{
    const struct site *s = target_site(t, "vault", at, err);
    const char *says = s ? target_setting(t, s, "reveal") : NULL;
    if (!s || (says && strcmp(says, "true") == 0))
        return s != NULL;
    return err_set(err, ERR_DENIED,
                   "values of %s are not revealed unless its source in the configuration has "
                   "`reveal: true`",
                   at);
}

/* ---- The deed. */

static bool write_new(const char *path, struct span value, struct err *err)
{
    struct file_new f;
    if (!file_new_open(&f, path, err))
        return false;
    while (value.len) {
        ssize_t n = write(f.fd, value.data, value.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            const int why = n < 0 ? errno : ENOSPC;
            file_new_drop(&f);
            return err_code(err, ERR_IO, why, "%s: %s", path, strerror(why));
        }
        value = span_sub(value, (size_t)n, value.len);
    }
    return file_new_keep(&f, false, err);
}

/* Texts alone: of others it would have to be said how they are written. */
static bool give(struct target *t, const struct json_node *values, const char *key,
                 const char *into, struct err *err)
{
    const struct json_node *n = json_node_get(values, key);
    const char *text = json_node_text(n);
    if (!n)
        return err_set(err, ERR_NOTFOUND, "it has no key %s", key);
    if (json_node_type(n) != JSON_STRING || !text)
        return err_set(err, ERR_CONFIG, "what %s has is no text", key);
    if (into[0])
        return write_new(into, span_from(text), err);
    if (!text[0] || strlen(text) >= RECIPE_VALUE_MAX)
        return err_set(err, ERR_CONFIG, "what %s has is %s", key,
                       text[0] ? "too long for a clipboard: --into takes a file" : "empty");
    secrets_reveal(t, key, span_from(text));
    return true;
}

bool vault_reveal(struct target *t, const struct deed *d, const char *body, struct err *err)
{
    struct deed get = vault_request(d->at, "GET", d->path, "");
    struct json_doc *says = json_doc_parse(span_from(body), "what is revealed", err), *doc = NULL;
    const struct json_node *root = json_doc_root(says);
    bool ok = says && may(t, d->at, err) && target_do(t, &get, false, &doc, err);
    if (ok)
        ok = give(t, json_node_path(json_doc_root(doc), "data.data"),
                  json_node_path_text(root, "key", ""), json_node_path_text(root, "into", ""), err);
    else if (err->kind == ERR_NOTFOUND)
        ok = err_set(err, ERR_NOTFOUND, "there is no such value any more");
    json_doc_free_wiped(doc);
    json_doc_free(says);
    return ok;
}

/* ---- The plan. */

/* What the metadata say of the version; where those may not be read, its values' answer says it. */
static bool check_version(struct target *t, const struct vault_secret *s, int64_t version,
                          struct err *err)
{
    static const char *const words[] = {
        [VAULT_ABSENT] = "not there", [VAULT_DELETED] = "deleted", [VAULT_DESTROYED] = "destroyed"};
    const enum vault_state is =
        s->metadata ? vault_version_state(t, json_doc_root(s->metadata), version) : VAULT_LIVE;
    return is == VAULT_LIVE ||
           err_set(err, is == VAULT_ABSENT ? ERR_NOTFOUND : ERR_GONE,
                   "version %lld of %s is %s; the newest is %lld", (long long)version, s->name,
                   words[is], (long long)s->version);
}

static const char *body_of(struct plan *p, const struct answers *in)
{
    struct strbuf text = STRBUF_INIT(16384);
    struct json_out j;
    json_out_init(&j, &text, 0);
    json_object(&j);
    json_key_cstr(&j, "key", answers_get(in, "key"));
    json_key_cstr(&j, "into", answers_get(in, "into"));
    json_object_end(&j);
    const char *body = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return body;
}

/* [developer.hashicorp.com/vault/docs/commands/kv/get] */
static const char *shell_of(const struct target *t, struct plan *p, const struct deed *d,
                            const struct answers *in, int64_t version)
{
    struct strbuf text = STRBUF_INIT(SHELL_BYTES);
    vault_add_command(t, d, "kv get", &text);
    if (version)
        strbuf_addf(&text, " -version=%lld", (long long)version);
    strbuf_adds(&text, " -field=");
    deed_quote(&text, span_from(answers_get(in, "key")));
    strbuf_adds(&text, " -mount=");
    deed_quote(&text, span_from(answers_get(in, "mount")));
    strbuf_addc(&text, ' ');
    deed_quote(&text, span_from(answers_get(in, "path")));
    const char *shell = plan_text(p, "%s", strbuf_cstr(&text));
    strbuf_clear(&text);
    return shell;
}

static void add_step(struct target *t, const struct answers *in, struct plan *p,
                     const struct vault_secret *s, int64_t version)
{
    const char *key = answers_get(in, "key"), *into = answers_get(in, "into"),
               *url = vault_url(p, s, "data");
    if (version)
        url = plan_text(p, "%s?version=%lld", url, (long long)version);
    plan_note(
        p, plan_text(p, "GET %s of %s, and of its answer %s: nothing is changed", url, s->at, key));
    plan_note(p, into[0] ? plan_text(p, "it is written to %s, a new file for you alone", into)
                         : "it goes to the clipboard when its button is pressed, and nowhere else");
    plan_note(p, "the audit log has who read what, and not the value");
    struct step *step = plan_step(p, '~', plan_text(p, "Read %s of %s in %s", key, s->name, s->at));
    step->deed = vault_request(s->at, VAULT_REVEAL, url, body_of(p, in));
    step->undo_title = "none: nothing was changed, and what was read is known";
    step->shell = shell_of(t, p, &step->deed, in, version);
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    const char *says = answers_get(in, "version"), *into = answers_get(in, "into");
    struct vault_secret s;
    int64_t version = 0;
    const char *at = vault_site(t, p, in, err);
    if (!at || !may(t, at, err))
        return false;
    if (says[0] && !number_parse(span_from(says), 1, INT64_C(1) << 40, &version))
        return err_set(err, ERR_CONFIG, "--version %.40s: it takes a number", says);
    if (into[0] && access(into, F_OK) == 0)
        return err_set(err, ERR_CONFLICT, "%s is there already: nothing is written over it", into);
    bool ok = vault_secret_look(t, p, in, &s, err);
    if (ok && s.metadata && !version)
        version = s.version;
    ok = ok && check_version(t, &s, version, err);
    if (ok)
        add_step(t, in, p, &s, version);
    vault_secret_clear(&s);
    return ok;
}

const struct action action_vault_reveal = {
    .name = "vault-reveal",
    .title = "Reveal a value of a secret",
    .help = "read one value of Vault; only where its source has `reveal: true`",
    .risk = RISK_CHANGE,
    .kind = "vault-path",
    .fields = fields,
    .into = "into",
    .plan = plan,
};
