/* What is there already of a database, its user, and their secret: the same, or what differs. */
#include <config.h>

#include "actions/database.h"
#include "actions/secrets.h"

#include <string.h>

#define TEXT_MAX 16384

/* ---- Statements. */

const char *database_create(struct plan *p, const struct database_wish *w)
{
    return plan_text(p, "CREATE DATABASE %s CHARACTER SET %s%s%s", w->quoted, w->charset,
                     w->collation[0] ? " COLLATE " : "", w->collation);
}

const char *database_create_user(struct plan *p, const struct database_wish *w)
{
    return plan_text(
        p, "CREATE USER %s IDENTIFIED BY '${" PASSWORD "}' REQUIRE %s WITH MAX_USER_CONNECTIONS %s",
        w->account, w->tls ? "SSL" : "NONE", w->connections);
}

const char *database_grant(struct plan *p, const struct database_wish *w)
{
    return plan_text(p, "GRANT %s ON %s.* TO %s", w->rights, w->pattern, w->account);
}

/* ---- Vault. */

/* Its values are nobody's to read in a sentence: what differs is named. */
static bool is_wanted(const struct json_node *data, const struct database_wish *w, struct err *err)
{
    const char *const wanted[][2] = {
        {"host", w->address}, {"port", w->port}, {"database", w->name}, {"username", w->user}};
    const char *password = json_node_text(json_node_get(data, PASSWORD));
    for (size_t i = 0; i < BN_COUNT(wanted); i++) {
        const char *has = json_node_text(json_node_get(data, wanted[i][0]));
        if (!has || strcmp(has, wanted[i][1]) != 0)
            return err_set(err, ERR_CONFLICT,
                           "Vault's %s is there and differs: its %s is %s, not %s", w->vault.name,
                           wanted[i][0], has ? "another" : "not there", wanted[i][1]);
    }
    return (password && *password) ||
           err_set(err, ERR_CONFLICT, "Vault's %s is there and differs: it has no password",
                   w->vault.name);
}

static bool read_vault(struct target *t, struct plan *p, const struct database_wish *w,
                       struct database_state *out, struct err *err)
{
    const struct deed of_data = vault_deed(p, &w->vault, "GET", "data", "");
    struct json_doc *doc;
    if (!vault_ask(t, w->vault.at, vault_url(p, &w->vault, "metadata"), &doc, err))
        return err_wrap(err, "Vault's %s", w->vault.name);
    if (!json_node_int(json_node_path(json_doc_root(doc), "data.current_version"), &out->cas))
        out->cas = 0;
    const bool live = vault_version_state(t, json_doc_root(doc), out->cas) == VAULT_LIVE;
    json_doc_free(doc);
    if (!live)
        return true;
    if (!target_look(t, &of_data, &doc, err))
        return err_wrap(err, "Vault's %s", w->vault.name);
    out->written = is_wanted(json_node_path(json_doc_root(doc), "data.data"), w, err);
    json_doc_free_wiped(doc);
    if (out->written)
        secrets_define(t, PASSWORD,
                       &(struct secret_source){.read = of_data, .member = "data.data." PASSWORD});
    return out->written;
}

/* ---- MySQL. */

static bool read_database(struct target *t, struct plan *p, const struct database_wish *w,
                          struct database_state *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    bool ok = true;
    if (!mysql_rows(t, w->at,
                    plan_text(p,
                              "SELECT SCHEMA_NAME AS name, DEFAULT_CHARACTER_SET_NAME AS cs, "
                              "DEFAULT_COLLATION_NAME AS co FROM information_schema.SCHEMATA WHERE "
                              "SCHEMA_NAME = %s",
                              mysql_quote_text(p, w->name)),
                    &doc, &row, err))
        return false;
    while (row && strcmp(mysql_cell(row, "name"), w->name) != 0) /* by letters, not by collation */
        row = json_node_next(row);
    out->database = row != NULL;
    if (row && strcmp(mysql_cell(row, "cs"), w->charset) != 0)
        ok = err_set(err, ERR_CONFLICT,
                     "database %s is there and differs: its character set is %s, not %s", w->name,
                     mysql_cell(row, "cs"), w->charset);
    else if (row && w->collation[0] && strcmp(mysql_cell(row, "co"), w->collation) != 0)
        ok = err_set(err, ERR_CONFLICT,
                     "database %s is there and differs: its collation is %s, not %s", w->name,
                     mysql_cell(row, "co"), w->collation);
    json_doc_free(doc);
    return ok;
}

static bool is_like_wanted(const struct json_node *row, const struct database_wish *w,
                           struct err *err)
{
    const char *tls = mysql_cell(row, "tls"), *most = mysql_cell(row, "most");
    if (strcmp(tls, w->tls ? "ANY" : "") != 0)
        return err_set(err, ERR_CONFLICT, "user %s is there and differs: it is %s", w->account,
                       !tls[0]                   ? "let in without TLS"
                       : strcmp(tls, "ANY") == 0 ? "let in by TLS alone"
                                                 : "let in with certain certificates alone");
    return strcmp(most, w->connections) == 0 ||
           err_set(err, ERR_CONFLICT,
                   "user %s is there and differs: its MAX_USER_CONNECTIONS is %s, not %s",
                   w->account, most, w->connections);
}

static bool read_user(struct target *t, struct plan *p, const struct database_wish *w,
                      struct database_state *out, struct err *err)
{
    struct json_doc *doc;
    const struct json_node *row;
    if (!mysql_rows(t, w->at,
                    plan_text(p,
                              "SELECT User AS user, Host AS host, ssl_type AS tls, "
                              "max_user_connections AS most FROM mysql.user WHERE User = %s AND "
                              "Host = %s",
                              mysql_quote_text(p, w->user), mysql_quote_text(p, w->host)),
                    &doc, &row, err))
        return false;
    while (row && (strcmp(mysql_cell(row, "user"), w->user) != 0 ||
                   strcmp(mysql_cell(row, "host"), w->host) != 0))
        row = json_node_next(row);
    out->user = row != NULL;
    bool ok = !row || is_like_wanted(row, w, err);
    json_doc_free(doc);
    return ok;
}

/* Nothing but what is wanted. */
static bool read_rights(struct target *t, struct plan *p, const struct database_wish *w,
                        struct database_state *out, struct err *err)
{
    const struct mysql_account account = {.quoted = w->account};
    struct mysql_grants grants;
    bool ok = true;
    if (!mysql_read_grants(t, p, w->at, &account, &grants, err))
        return false;
    const struct mysql_grant *on = mysql_grant_on(&grants, w->name);
    for (size_t i = 0; ok && i < grants.count; i++) {
        const struct mysql_grant *g = &grants.grants[i];
        const bool none = strcmp(g->rights, "USAGE") == 0;
        if (g != on && !none)
            ok = err_set(err, ERR_CONFLICT, "user %s is there and differs: it has %s%s%s too",
                         w->account, g->rights, g->what[0] ? " on " : "", g->what);
    }
    if (ok && on && (!mysql_same_rights(on->rights, w->rights) || on->option))
        ok = err_set(err, ERR_CONFLICT, "user %s is there and differs: it has %s%s on %s, not %s",
                     w->account, on->rights, on->option ? " WITH GRANT OPTION" : "", on->what,
                     w->rights);
    out->granted = on != NULL;
    mysql_grants_clear(&grants);
    return ok;
}

/* What Vault has is the user's, or it is not. */
static bool knows_password(struct target *t, const struct database_wish *w,
                           const struct database_state *s, struct err *err)
{
    const struct deed login = {.system = MYSQL_SYSTEM,
                               .at = w->at,
                               .as = w->user,
                               .with = PASSWORD,
                               .method = "SQL",
                               .path = s->database && s->granted ? w->name : "",
                               .media = "",
                               .body = "SELECT 1",
                               .generation = -1};
    struct err why;
    if (!s->written)
        return err_set(err, ERR_CONFLICT,
                       "user %s is there, and its password is not in Vault: %s is not there",
                       w->account, w->vault.name);
    if (target_do(t, &login, false, NULL, &why))
        return true;
    if (why.kind != ERR_AUTH && why.kind != ERR_DENIED)
        return err_code(err, why.kind, why.code, "whether Vault's password is the user's: %s",
                        why.msg);
    return err_set(err, ERR_CONFLICT,
                   "user %s is there and differs: it is not let in with the password of Vault's "
                   "%s: %s",
                   w->account, w->vault.name, why.msg);
}

bool database_read_state(struct target *t, struct plan *p, const struct database_wish *w,
                         struct database_state *out, struct err *err)
{
    *out = (struct database_state){0};
    return read_vault(t, p, w, out, err) && read_database(t, p, w, out, err) &&
           read_user(t, p, w, out, err) &&
           (!out->user || (read_rights(t, p, w, out, err) && knows_password(t, w, out, err)));
}
