/* rotate-password: a new password for a MySQL user, from Vault to the workloads. Vault has it first,
 * so that it is somewhere before anything needs it; a run that is gone on with reads it there. Where
 * the server keeps two passwords the old one is good until all have the new one. */
#include <config.h>

#include "actions/kube.h"
#include "actions/mysql_names.h"
#include "actions/pxc.h"
#include "actions/related.h"
#include "actions/secrets.h"
#include "actions/vault.h"

#include <string.h>

#define NEW       "password" /* names of secrets */
#define FORMER    "former"
#define CLOCKS_MS 60000 /* Vault's clock may differ from ours */
#define LOGIN_S   30

static const struct field fields[] = {
    {"user", FIELD_TEXT, NULL, NULL, "the user", "name"},
    {"host", FIELD_TEXT, NULL, "", "where they come from, such as %; left out: the only one",
     "host"},
    {"path", FIELD_TEXT, NULL, NULL, "where Vault has the password, such as apps/kimai", NULL},
    {"key", FIELD_TEXT, NULL, "password", "the key there that is the password", NULL},
    {"mount", FIELD_TEXT, NULL, "secret", "the KV engine", NULL},
    VAULT_SITE(NULL),
    PASSWORD_FIELDS,
    {"restart", FIELD_CHOICE, "yes|no", "yes", "no: the workloads that read it are left running",
     NULL},
    MYSQL_CLUSTER_FIELD,
    PXC_WAIT_FIELDS,
    {NULL},
};

struct rotation {
    const char *at, *key;
    struct mysql_server server;
    struct mysql_account account;
    struct vault_secret vault;
    int64_t before; /* the version that has the former password */
    bool written;   /* by this run, which is gone on with: the newest version has the new one */
    bool changed;   /* the server has it too */
    bool lets_in;   /* the former password does, or did: so it can be tried from here */
};

/* ---- Where it stands. */

static bool check_key(const char *key, struct err *err)
{
    static const char taken[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return (key[0] && strspn(key, taken) == strlen(key)) ||
           err_set(err, ERR_CONFIG, "--key: letters, digits, _ and - only");
}

static bool check_plugin(const struct mysql_account *a, struct err *err)
{
    static const char *const all[] = {"", "mysql_native_password", "caching_sha2_password",
                                      "sha256_password", "ed25519"};
    for (size_t i = 0; i < BN_COUNT(all); i++)
        if (strcmp(a->plugin, all[i]) == 0)
            return true;
    return err_set(err, ERR_CONFIG, "%s logs in by %s, which takes no password of Vault's",
                   a->quoted, a->plugin);
}

static const char *version_path(struct plan *p, const struct rotation *r, int64_t version)
{
    return plan_text(p, "%s?version=%lld", vault_url(p, &r->vault, "data"), (long long)version);
}

static void define_read(struct target *t, struct plan *p, const struct rotation *r,
                        const char *name, int64_t version)
{
    struct secret_source source = {.read = vault_deed(p, &r->vault, "GET", "data", ""),
                                   .member = plan_text(p, "data.data.%s", r->key)};
    source.read.path = version_path(p, r, version);
    secrets_define(t, name, &source);
}

/* False: it could not be tried; *in: it lets them in. */
static bool try_login(struct target *t, const struct rotation *r, const char *secret, bool *in,
                      struct err *err)
{
    struct deed d = mysql_statement(r->at, "SELECT 1");
    d.as = r->account.user;
    d.with = secret;
    struct err why;
    *in = target_do(t, &d, false, NULL, &why);
    return *in || why.kind == ERR_AUTH ||
           err_code(err, why.kind, why.code, "logging in as %s: %s", r->account.user, why.msg);
}

/* Keys are names like those of fields; values are not looked at. */
static bool lacks_key(const struct rotation *r, const struct json_node *values, struct err *err)
{
    struct strbuf keys = STRBUF_INIT(ERR_MESSAGE_MAX / 2);
    for (const struct json_node *k = json_node_first(values); k; k = json_node_next(k))
        strbuf_addf(&keys, "%s%s", keys.len ? ", " : "", json_node_key(k));
    (void)err_set(err, ERR_NOTFOUND, "%s has no key %s%s%s", r->vault.name, r->key,
                  keys.len ? "; it has: " : "", strbuf_cstr(&keys));
    strbuf_clear(&keys);
    return false;
}

static bool read_vault(struct target *t, const struct answers *in, struct plan *p,
                       struct rotation *r, struct err *err)
{
    if (!vault_secret_read(t, p, in, true, &r->vault, err))
        return false;
    const struct json_node *values = json_node_path(json_doc_root(r->vault.values), "data.data");
    if (r->vault.unread || !r->vault.live)
        return err_set(err, ERR_NOTFOUND, "%s: %s", r->vault.name,
                       r->vault.unread ? r->vault.unread : "Vault has no such secret");
    if (!json_node_text(json_node_get(values, r->key)))
        return lacks_key(r, values, err);
    r->written = in->again && r->vault.written_ms != TIME_NONE &&
                 r->vault.written_ms >= in->at_ms - CLOCKS_MS;
    r->before = r->vault.version - r->written;
    return true;
}

static bool read_state(struct target *t, const struct answers *in, struct plan *p,
                       struct rotation *r, struct err *err)
{
    struct secret_source made = {0};
    if (!secrets_answer(in, &made.length, &made.characters, err) ||
        !mysql_read_server(t, r->at, &r->server, err) ||
        !mysql_answer_account(t, p, r->at, in, &r->account, err) ||
        !check_plugin(&r->account, err) || !read_vault(t, in, p, r, err))
        return false;
    define_read(t, p, r, FORMER, r->before);
    if (r->written)
        define_read(t, p, r, NEW, r->vault.version);
    else
        secrets_define(t, NEW, &made);
    if (r->written && !try_login(t, r, NEW, &r->changed, err))
        return false;
    r->lets_in = r->changed;
    return r->changed || try_login(t, r, FORMER, &r->lets_in, err);
}

/* ---- Steps. */

static bool add_write(struct target *t, struct plan *p, const struct rotation *r, struct err *err)
{
    struct step *s =
        plan_step(p, r->written ? '=' : '~',
                  plan_text(p, "Write a new %s of %s into Vault", r->key, r->vault.name));
    if (r->written)
        return true;
    const char *method = vault_patch_method(t, p, &r->vault, err);
    if (!method)
        return false;
    s->deed =
        vault_deed(p, &r->vault, method, "data",
                   plan_text(p, "{\"options\":{\"cas\":%lld},\"data\":{\"%s\":\"${" NEW "}\"}}",
                             (long long)r->before, r->key));
    s->deed.secrets = true;
    vault_undo_write(p, &r->vault, s);
    return true;
}

/* secret: how a secret stands in the statement. How they log in stays what it is. */
static const char *alter(struct plan *p, const struct rotation *r, const char *secret,
                         const char *more)
{
    const char *plugin = r->account.plugin;
    if (r->server.maria && strcmp(plugin, "ed25519") == 0)
        return plan_text(p, "ALTER USER %s IDENTIFIED VIA ed25519 USING PASSWORD('${%s}')",
                         r->account.quoted, secret);
    if (!r->server.maria && plugin[0])
        return plan_text(p, "ALTER USER %s IDENTIFIED WITH %s BY '${%s}'%s", r->account.quoted,
                         plugin, secret, more);
    return plan_text(p, "ALTER USER %s IDENTIFIED BY '${%s}'%s", r->account.quoted, secret, more);
}

static enum awaiting let_in(BN_UNUSED struct target *t, BN_UNUSED const struct step *step,
                            BN_UNUSED const struct json_node *answer, BN_UNUSED struct strbuf *says)
{
    return AWAIT_DONE;
}

static void await_login(const struct rotation *r, struct step *s)
{
    s->look = mysql_statement(r->at, "SELECT 1");
    s->look.as = r->account.user;
    s->look.with = NEW;
    s->await = let_in;
    s->await_s = LOGIN_S;
}

static void add_alter(struct plan *p, const struct rotation *r)
{
    struct step *s = plan_step(p, r->changed ? '=' : '~',
                               plan_text(p, "Give %s the new password%s", r->account.quoted,
                                         r->server.dual ? ", the old one stays good" : ""));
    if (r->lets_in)
        await_login(r, s);
    if (r->changed)
        return;
    s->deed =
        mysql_statement(r->at, alter(p, r, NEW, r->server.dual ? " RETAIN CURRENT PASSWORD" : ""));
    s->deed.secrets = true;
    const char *former =
        plan_text(p, "vault:%s:%s:%s", r->vault.at, version_path(p, r, r->before), r->key);
    /* A second password outlives the first one's change: it would be good for ever. */
    const char *discard =
        r->server.dual ? plan_text(p, ", %s DISCARD OLD PASSWORD", r->account.quoted) : "";
    s->undo = mysql_statement(r->at, alter(p, r, former, discard));
    s->undo.secrets = true;
    s->undo_title =
        plan_text(p, "give them the former one, of version %lld in Vault", (long long)r->before);
}

static bool is_discarded(struct target *t, struct plan *p, const struct rotation *r, bool *out,
                         struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, r->at,
                    plan_text(p,
                              "SELECT User_attributes AS it FROM mysql.user WHERE User = %s AND "
                              "Host = %s",
                              mysql_quote_text(p, r->account.user),
                              mysql_quote_text(p, r->account.host)),
                    &doc, &row, err))
        return false;
    *out = strstr(mysql_cell(row, "it"), "\"additional_password\"") == NULL;
    json_doc_free_wiped(doc); /* it is a password's hash */
    return true;
}

static bool add_discard(struct target *t, struct plan *p, const struct rotation *r, struct err *err)
{
    bool gone = false;
    if (!r->server.dual)
        return true;
    if (!is_discarded(t, p, r, &gone, err))
        return false;
    if (!gone && !r->changed)
        plan_warn(p,
                  "it has a second password already, of an earlier rotation: that one is lost now");
    bool done = gone && r->changed;
    struct step *s = plan_step(p, done ? '=' : '-',
                               plan_text(p, "Discard the old password of %s", r->account.quoted));
    s->undo_title = "none: the old password lets nobody in any more";
    if (!done)
        s->deed = mysql_statement(
            r->at, plan_text(p, "ALTER USER %s DISCARD OLD PASSWORD", r->account.quoted));
    return true;
}

/* ---- Who reads it. */

static const struct kube_resource externals = {"external-secrets.io", "v1", "externalsecrets"};

/* What was refreshed reads the former password again by itself, once Vault has it. */
static bool add_refreshes(struct target *t, const struct answers *in, struct plan *p,
                          const struct rotation *r, struct err *err)
{
    size_t first = p->count;
    if (!vault_note_readers(t, p, in, &r->vault, true, err))
        return false;
    for (size_t i = first; i < p->count; i++)
        if (p->steps[i].deed.method) {
            p->steps[i].undo = p->steps[i].deed;
            p->steps[i].undo_title =
                "nothing is needed: it reads the former one at its next turn, or by refresh-secret";
        }
    return true;
}

static bool find_all(struct target *t, struct plan *p, const struct rotation *r,
                     struct related_workloads *w, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *e;
    bool ok = target_list(t, &externals, NULL, NULL, &doc, &e, err);
    for (; ok && e; e = json_node_next(e)) {
        const char *name = json_node_path_text(e, "metadata.name", "");
        const struct kube_object secret = {.kind = "Secret",
                                           .ns = json_node_path_text(e, "metadata.namespace", ""),
                                           .name =
                                               json_node_path_text(e, "spec.target.name", name)};
        if (vault_is_read_by(t, &r->vault, e))
            ok = related_workloads_add(t, p, &secret, w, err);
    }
    json_doc_free(doc);
    return ok;
}

static bool add_restarts(struct target *t, const struct answers *in, struct plan *p,
                         const struct rotation *r, struct err *err)
{
    struct related_workloads w = {0};
    if (!find_all(t, p, r, &w, err))
        return false;
    for (size_t i = 0; i < w.count; i++) {
        struct kube_object o = {.ns = w.ns[i], .name = w.name[i]};
        struct err why;
        o.resource = kube_workload_of(w.word[i], &o.kind);
        if (strcmp(answers_get(in, "restart"), "no") == 0) {
            plan_warn(p, plan_text(p, "%s goes on with the old password until it is restarted",
                                   kube_name(p, &o)));
            continue;
        }
        if (!kube_read(t, p, &o, err))
            return false;
        if (!restart_step(t, in, p, w.word[i], &o, &why))
            plan_warn(p, plan_text(p, "%s; it has the old password until then", why.msg));
        kube_object_clear(&o);
    }
    plan_note(p, "Jobs and CronJobs have the new one from their next pod on");
    return true;
}

/* ---- */

static void warn(struct plan *p, const struct rotation *r)
{
    if (!r->lets_in)
        plan_warn(p,
                  plan_text(p,
                            "what Vault has now does not let %s in from here: is %s of %s theirs? "
                            "The new password is not tried either",
                            r->account.user, r->key, r->vault.name));
    if (!r->server.dual && !r->changed)
        plan_warn(p, "this server keeps one password for a user: logins with the old one fail from "
                     "that step on, until the workloads have been restarted");
}

static bool plan(struct target *t, const struct answers *in, struct plan *p, struct err *err)
{
    struct rotation r = {.key = answers_get(in, "key")};
    bool restart = strcmp(answers_get(in, "restart"), "yes") == 0;
    r.at = mysql_at(t, p, answers_get(in, "cluster"), "", err);
    bool ok = r.at && check_key(r.key, err) && read_state(t, in, p, &r, err) &&
              pxc_whole(t, p, in, r.at, err) && add_write(t, p, &r, err);
    if (ok) {
        add_alter(p, &r);
        warn(p, &r);
        ok = add_refreshes(t, in, p, &r, err) && add_restarts(t, in, p, &r, err) &&
             (!restart || add_discard(t, p, &r, err));
    }
    vault_secret_clear(&r.vault);
    return ok;
}

const struct action action_password_rotate = {
    .name = "rotate-password",
    .title = "Rotate a user's password",
    .help =
        "a new password of a MySQL user: Vault, server, Secrets, and the workloads that read it",
    .risk = RISK_CHANGE,
    .kind = "mysql-user",
    .fields = fields,
    .plan = plan,
};
